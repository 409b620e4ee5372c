"""Kept searches: whose they are, what is new in them."""

import re

import pytest
from tests.service.search.conftest import NOW, page, timedelta

LAMP = "Во дворе не горит ни один фонарь."


def keep(browser, name="Lamps", query="q=фонарь", **more):
    return browser.post("/searches/", {"name": name, "query": query, **more}, follow=True).content.decode()


def kept_by(browser):
    return re.findall(r'/searches/([\w-]+)/"><bdi>([^<]+)</bdi>', page(browser, "/appeals/"))


def test_a_search_is_kept_opened_and_dropped(appeal, enter):
    appeal(LAMP)
    editor = enter("editor")
    assert "Kept as" in keep(editor)
    [(key, name)] = kept_by(editor)
    assert name == "Lamps"
    answer = editor.get(f"/searches/{key}/")
    assert answer.headers["Location"] == "/appeals/?q=%D1%84%D0%BE%D0%BD%D0%B0%D1%80%D1%8C"
    editor.post(f"/searches/{key}/drop/")
    assert kept_by(editor) == []


def test_a_search_of_the_same_name_is_replaced(enter):
    editor = enter("editor")
    keep(editor, query="q=one")
    keep(editor, query="q=two")
    [(key, _)] = kept_by(editor)
    assert editor.get(f"/searches/{key}/").headers["Location"] == "/appeals/?q=two"


def test_it_is_told_how_much_is_new_since_the_last_look(appeal, enter):
    appeal(LAMP)
    editor = enter("editor")
    keep(editor)
    keep(editor, name="Roads", query="topic=roads")
    assert " new<" not in page(editor, "/appeals/")
    later = NOW.replace(year=2030)
    appeal(LAMP, at=later, topic="roads")
    appeal("Дорога разбита.", at=later + timedelta(minutes=1), topic="roads")
    shown = page(editor, "/appeals/")
    assert re.findall(r"(\d+) new<", shown) == ["1", "2"]


def test_a_kept_search_is_its_owners_until_it_is_shared(enter):
    editor, analyst, stranger = enter("editor"), enter("analyst"), enter("stranger")
    keep(editor, name="Mine")
    keep(editor, name="Ours", shared="on")
    assert [name for _, name in kept_by(analyst)] == ["Ours"]
    assert kept_by(stranger) == []
    keys = {name: key for key, name in kept_by(editor)}
    assert analyst.get(f"/searches/{keys['Ours']}/").status_code == 302
    assert analyst.get(f"/searches/{keys['Mine']}/").status_code == 404
    assert analyst.post(f"/searches/{keys['Ours']}/drop/").status_code == 404
    for key in keys.values():
        assert stranger.get(f"/searches/{key}/").status_code == 404
    assert len(kept_by(editor)) == 2


def test_the_database_alone_keeps_searches_apart(enter, cast):
    from veche.service.accounts.acting import acting
    from veche.service.search.models import Saved, Seen

    keep(enter("editor"), name="Mine")
    keep(enter("editor"), name="Ours", shared="on")
    with acting(cast.people.analyst):
        assert [one.name for one in Saved.objects.all()] == ["Ours"]
        assert Saved.objects.update(name="Stolen") == 0
        assert Saved.objects.all().delete()[0] == 0
        assert not Seen.objects.exists()
    for name in ("stranger", "head", "mayor"):
        with acting(getattr(cast.people, name)):
            assert not Saved.objects.exists()
    assert not Saved.objects.exists()


@pytest.mark.parametrize(
    "given",
    [
        {"name": "", "query": "q=x"},
        {"name": "   ", "query": "q=x"},
        {"name": "x", "query": ""},
        {"name": "x", "query": "since=never"},
        {"name": "x", "query": "q=" + "x" * 9000},
    ],
)
def test_what_is_no_search_or_has_no_name_is_not_kept(enter, given):
    editor = enter("editor")
    assert "This was not kept" in keep(editor, **given)
    assert kept_by(editor) == []


def test_a_name_is_shown_as_text_and_cut(enter):
    editor = enter("editor")
    keep(editor, name="<b>" + "я" * 500)
    [(_, name)] = kept_by(editor)
    assert name.startswith("&lt;b&gt;я")
    assert len(name) < 100


def test_nobody_keeps_searches_without_end(enter, monkeypatch):
    from veche.service.search import saved

    monkeypatch.setattr(saved, "MOST_KEPT", 2)
    editor = enter("editor")
    for i in range(3):
        keep(editor, name=f"n{i}")
    assert len(kept_by(editor)) == 2
