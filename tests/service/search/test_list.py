"""The list of appeals: filters, counts, pages, tables, and what people type into addresses."""

import csv
import io
import re

import pytest
from tests.service.search.conftest import NOW, number_of, numbers_in, page, timedelta

KEYS = "tenant body topic territory group channel language kind urgency state theme sure since until q by"
KEYS = KEYS.split()
LAMP = "Во дворе не горит ни один фонарь."
ATTACK = '<script>alert("x")</script><img src=x onerror=alert(1)>'


def pages_of(browser, path, rel):
    """Turn pages until there is none; yield the numbers on each."""
    while path:
        shown = page(browser, path)
        yield numbers_in(shown)
        turn = re.search(rf'rel="{rel}" href="([^"]+)"', shown)
        path = "/appeals/" + turn[1].replace("&amp;", "&") if turn else ""


@pytest.mark.parametrize("query", ["", "q=фонарь", "q=фонарь&order=best"])
def test_each_appeal_stands_on_one_page_forwards_and_backwards(appeal, enter, monkeypatch, query):
    from veche.service.search import views

    monkeypatch.setattr(views, "PAGE", 3)
    made = [number_of(appeal(LAMP, at=NOW + timedelta(minutes=i // 2))) for i in range(8)]
    editor = enter("editor")
    forwards = list(pages_of(editor, f"/appeals/?{query}", "next"))
    listed = [number for shown in forwards for number in shown]
    assert sorted(listed) == sorted(made)
    if "best" not in query:
        assert listed[-1] in made[:2]
    last = "/appeals/?" + query
    while turn := re.search(r'rel="next" href="([^"]+)"', page(editor, last)):
        last = "/appeals/" + turn[1].replace("&amp;", "&")
    assert list(pages_of(editor, last, "prev"))[::-1] == forwards


def test_a_page_that_begins_behind_an_appeal_that_is_gone_is_the_first(appeal, enter):
    made = appeal(LAMP)
    for turn in ("after=x", "after=00000000-0000-0000-0000-000000000000", "before=2026", "after=&before="):
        assert numbers_in(page(enter("editor"), f"/appeals/?{turn}")) == [number_of(made)]


def test_counts_by_facet_say_what_a_click_would_show(appeal, enter):
    for topic, place in (("roads", "RU/RU-TA"), ("roads", "RU/RU-TA/kazan"), ("housing", "RU/RU-TA")):
        appeal(LAMP, topic=topic, territory=place)
    editor = enter("editor")
    shown = page(editor, "/appeals/?q=фонарь")
    options = re.findall(
        r'class="option" href="([^"]+)"><bdi>([^<]+)</bdi> <span class="number">(\d+)<', shown
    )
    assert {(words, n) for _, words, n in options} >= {("Roads", "2")} or options
    assert options
    for url, words, n in options:
        narrowed = page(editor, "/appeals/" + url.replace("&amp;", "&"))
        assert len(numbers_in(narrowed)) == int(n), words
        assert 'aria-current="true"' in narrowed


def test_a_second_value_of_a_facet_is_added_to_the_first(appeal, enter):
    made = [
        appeal(LAMP, kind=kind, topic=topic)
        for kind, topic in (("complaint", "roads"), ("request", "roads"), ("thanks", "housing"))
    ]
    editor = enter("editor")
    also = r'class="also-this" href="([^"]+)" aria-label="Also: ([^"]+)"'
    assert not re.findall(also, page(editor, "/appeals/")), "there is nothing that it would add to"
    for searched in ("", "q=фонарь&"):
        shown = page(editor, f"/appeals/?{searched}kind=complaint")
        found = {words: url.replace("&amp;", "&") for url, words in re.findall(also, shown)}
        assert set(found) == {"Request", "Thanks"}
        both = page(editor, "/appeals/" + found["Request"])
        assert set(numbers_in(both)) == {number_of(one) for one in made[:2]}
        assert both.count('class="option on"') == 2
    shown = page(editor, "/appeals/?kind=complaint&topic=roads")
    found = {words: url.replace("&amp;", "&") for url, words in re.findall(also, shown)}
    assert set(found) == {"Request"}, "each facet is counted within the others"
    meant = page(editor, "/appeals/?q=фонарь&by=meaning&kind=complaint")
    assert not re.findall(also, meant), "what is nearest depends on what it is looked for among"


def test_filters_are_chips_and_each_can_be_taken_away(appeal, enter):
    roads = appeal(LAMP, topic="roads", kind="complaint")
    other = appeal(LAMP, topic="housing", kind="complaint")
    editor = enter("editor")
    shown = page(editor, "/appeals/?topic=roads&kind=complaint&q=фонарь")
    assert numbers_in(shown) == [number_of(roads)]
    away = re.findall(r'<a href="(\?[^"]*)" aria-label="Take away', shown)
    assert len(away) == 3
    without = [numbers_in(page(editor, "/appeals/" + url.replace("&amp;", "&"))) for url in away]
    assert [number_of(other), number_of(roads)] in [sorted(one, reverse=True) for one in without]


def test_zero_results_say_what_to_do(appeal, enter):
    appeal(LAMP, topic="roads")
    shown = page(enter("editor"), "/appeals/?q=слон&topic=roads")
    assert "No appeal fits." in shown
    assert "Search without" in shown
    assert "by=meaning" in shown
    assert "0 appeals" in shown


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("since=yesterday", "This is no day"),
        ("since=2026-02-30", "This is no day"),
        ("until=2026-01-01&since=2026-02-01", "lies before the first"),
        ("state=none-such", "no such value"),
        ("tenant=other", "no such value"),
        ("sure=very", "no such value"),
    ],
)
def test_what_cannot_be_is_told_and_nothing_is_shown(appeal, enter, query, words):
    appeal(LAMP)
    shown = page(enter("editor"), f"/appeals/?{query}")
    assert words in shown
    assert numbers_in(shown) == []


def test_no_sql_and_no_script_goes_through_any_key(appeal, enter):
    made = appeal(LAMP)
    editor = enter("editor")
    for key in (*KEYS, "after", "before", "order"):
        for typed in (
            "x'); DELETE FROM inbox_appeal; --" + ATTACK,
            "' OR '1'='1",
            "\u202e\u0000" + "a" * 10_000,
        ):
            answer = editor.get("/appeals/", {key: typed})
            assert answer.status_code == 200, (key, typed)
            assert "<script>alert" not in answer.content.decode()
            assert "<img src=x" not in answer.content.decode()
        assert editor.get("/appeals.csv", {key: "' OR '1'='1"}).status_code == 200
        assert editor.get(f"/appeals/{number_of(made)}/", {key: "' OR '1'='1"}).status_code == 200
    assert numbers_in(page(editor, "/appeals/")) == [number_of(made)]


def test_an_attack_in_a_text_is_shown_as_text_also_where_words_are_marked(appeal, enter):
    appeal(ATTACK + " фонарь " + ATTACK)
    for path in ("/appeals/", "/appeals/?q=фонарь"):
        shown = page(enter("editor"), path)
        assert "<script>alert" not in shown
        assert "<img src=x" not in shown
    assert "<mark>фонарь</mark>" in shown


def test_marks_that_a_text_brings_along_are_no_marks(appeal, enter):
    appeal("\ue000ложь\ue001 и фонарь")
    shown = page(enter("editor"), "/appeals/?q=фонарь")
    assert "<mark>фонарь</mark>" in shown
    assert "<mark>ложь</mark>" not in shown


def test_text_from_right_to_left_keeps_to_its_cell(appeal, enter):
    appeal("رجاءً أصلحوا الإنارة في الشارع", language="ar")
    shown = page(enter("editor"), "/appeals/?q=الشارع")
    assert 'class="glimpse" dir="auto"' in shown
    assert len(numbers_in(shown)) == 1


def table_of(browser, query=""):
    answer = browser.get("/appeals.csv?" + query)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="appeals.csv"'
    text = answer.content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def test_a_table_has_what_was_found_and_no_formula(appeal, enter):
    appeal('=HYPERLINK("http://example.org";"x") фонарь', topic="roads")
    appeal("Дорога разбита.")
    rows = table_of(enter("analyst"), "q=фонарь")
    assert len(rows) == 2
    assert rows[1][-1] == '\'=HYPERLINK("http://example.org";"x") фонарь'
    assert len(table_of(enter("analyst"))) == 3


def test_a_table_with_texts_is_in_the_ledger_and_among_what_is_made_anew(appeal, enter, rows_of, cast):
    appeal(LAMP)
    appeal(LAMP, to="city")
    table_of(enter("analyst"))
    said = rows_of("SELECT tenant_id, facts->>'appeals' FROM ledger_entry WHERE act = 'appeal.exported'")
    tenants = {cast.tenants.region.pk, cast.tenants.city.pk}
    assert {row[0] for row in said} == tenants
    assert {row[1] for row in said} == {"1"}
    assert {row[0] for row in rows_of("SELECT tenant_id FROM vault_derived WHERE kind = 'export'")} == tenants


def test_nobody_takes_out_what_they_do_not_see(appeal, enter, narrowed):  # noqa: ARG001
    appeal(LAMP, territory="RU/RU-TA/kazan")
    appeal(LAMP, territory="RU/RU-TA")
    assert len(table_of(enter("narrowed"))) == 2
    assert enter("administrator").get("/appeals.csv").status_code == 404


def test_a_very_long_table_has_the_first_rows_and_says_so(appeal, enter, monkeypatch):
    from veche.service.search import export, views

    for module, name in ((export, "MOST"), (views, "MOST_TAKEN_OUT")):
        monkeypatch.setattr(module, name, 2)
    for _ in range(3):
        appeal(LAMP)
    assert len(table_of(enter("editor"))) == 3
    assert "the first 2" in page(enter("editor"), "/appeals/")


def test_only_who_decides_chooses_appeals_to_decide_at_once(appeal, enter):
    appeal(LAMP)
    assert 'name="ids"' not in page(enter("analyst"), "/appeals/")
