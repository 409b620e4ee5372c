"""Quotations are people's own sentences, safe to show, and speak for the whole theme."""

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from planted import HEATING, PITS, around, say, themes_of, write

from veche.themes import nothing
from veche.themes.passages import LONGEST, passages, quotable, words


def passage(text):
    return passages([text])[0]


def test_a_short_text_is_quoted_whole():
    assert passage("Лифт не работает. Когда починят?") == "Лифт не работает. Когда починят?"


def test_a_long_text_is_cut_at_the_end_of_a_sentence():
    text = "Во дворе нет света уже третий месяц. " * 30
    quoted = passage(text)
    assert quoted.endswith("месяц.")
    assert LONGEST - 40 < len(quoted) <= LONGEST


@pytest.mark.parametrize(
    "sentence",
    [
        "Позвоните мне, [имя], вечером.",
        "Мой лицевой счёт 40817 810 5 0001, проверьте.",
        "СРОЧНО ПРИМИТЕ МЕРЫ ПО НАШЕМУ ДОМУ!",
        "Я говорил об этом с участковым Крокодиловым вчера.",
        "Подпись: Чебурашкин Г. К., житель дома.",
        "Officer Crocodile told me to wait at home.",
        "12345 !!!",
        "",
    ],
)
def test_what_may_name_a_person_or_is_shouted_is_not_quoted(sentence):
    assert not quotable(sentence)


def test_a_sentence_that_may_not_be_quoted_is_left_out_and_not_patched():
    quoted = passage("Меня зовут [имя] из дома пять. В подъезде не горит свет. Помогите нам наконец.")
    assert quoted == "В подъезде не горит свет. Помогите нам наконец."


def test_of_a_form_the_fullest_cell_is_quoted():
    assert (
        passage("FORD | blue | Stands here for weeks without moving | no")
        == "Stands here for weeks without moving"
    )


@given(st.text(max_size=600))
def test_a_passage_is_short_and_made_of_the_text(text):
    quoted = passage(text)
    if quoted is not None:
        assert len(quoted) <= LONGEST
        assert quoted in " ".join(text.split())


def test_a_full_stop_after_an_abbreviation_does_not_cut_a_quotation():
    text = "На ул. Ленина, д. 5 не горит свет. " + "Ждём уже третий месяц подряд. " * 12
    assert passage(text).startswith("На ул. Ленина, д. 5 не горит свет. Ждём")


def test_a_long_stretch_of_blanks_costs_no_more_than_other_text():
    assert passage("Во дворе нет света." + " " * 150_000 + "Почините фонарь") == (
        "Во дворе нет света. Почините фонарь"
    )


@pytest.fixture(scope="module")
def themes(tmp_path_factory):
    work = tmp_path_factory.mktemp("run") / "work"
    texts = say(HEATING, 80) + say(PITS, 80)
    vectors = np.concatenate([around(c, 80, seed=c) for c in range(2)])
    days = [*np.linspace(0, 100, 80), *np.linspace(90, 100, 80)]
    place = [["a", "b"][i % 2] for i in range(160)]
    return themes_of(
        write(work, texts, vectors=vectors, days=days, topic=["h"] * 80 + [None] * 80, place=place)
    ), texts


def test_each_quotation_cites_an_appeal_of_its_theme(themes):
    found, texts = themes
    place = dict(
        zip(found.assignments["appeal_id"].to_pylist(), found.assignments["theme"].to_pylist(), strict=True)
    )
    for theme in found.digests["themes"]:
        assert 1 <= len(theme["quotations"]) <= 5
        for quotation in theme["quotations"]:
            assert place[quotation["appeal_id"]] == theme["theme"]
            assert quotation["text"] in texts[int(quotation["appeal_id"][1:])]
            assert quotation["language"] == "ru"
            assert quotation["received_at"].startswith("2024-")
        bags = [words(q["text"]) for q in theme["quotations"]]
        assert len(set(bags)) == len(bags)


def test_a_theme_that_began_late_is_new_and_has_grown(themes):
    by_name = {t["name"]: t for t in themes[0].digests["themes"]}
    pits, heating = by_name["Ямы на дорогах"], by_name["Отсутствие отопления"]
    assert pits["is_new"]
    assert pits["change"] > 1
    assert pits["first_seen"] == "2024-03-31"
    assert not heating["is_new"]
    assert abs(heating["change"]) < 0.5


def test_a_theme_lies_under_the_topic_of_most_of_its_appeals(themes):
    by_name = {t["name"]: t for t in themes[0].digests["themes"]}
    assert by_name["Отсутствие отопления"]["topic"] == "h"
    assert by_name["Ямы на дорогах"]["topic"] is None


def test_trends_and_places_add_up(themes):
    for theme in themes[0].digests["themes"]:
        assert sum(point["count"] for point in theme["trend"]) == theme["size"]
        assert sum(count for _, count in theme["places"]) == theme["size"]
        assert theme["languages"] == {"ru": theme["size"]}


NO_ANSWER = (
    "",
    "  ",
    "...",
    "[имя] [телефон]",
    "[home address]",
    "123",
    "Did not answer",
    "n/a",
    "нет ответа",
    "Test",
)
NOTHING = (
    "Nothing.",
    "NOTHING AT ALL!",
    "Don't know",
    "Can't think of anything",
    "Спасибо",
    "нет",
    "Не знаю",
    "Nada",
)
SOMETHING = (
    "Potholes",
    "ямы",
    "No heating",
    "нет воды",
    "Nothing works since May",
    "Спасибо врачам",
    "staff",
)


@pytest.mark.parametrize("text", NO_ANSWER)
def test_no_answer_is_no_answer(text):
    assert nothing.judge(text) == nothing.NO_ANSWER


@pytest.mark.parametrize("text", NOTHING)
def test_a_word_or_two_without_content_say_nothing(text):
    assert nothing.judge(text) == nothing.SAYS_NOTHING


@pytest.mark.parametrize("text", SOMETHING)
def test_a_short_text_that_names_something_says_something(text):
    assert nothing.judge(text) == nothing.SAYS_SOMETHING


def test_those_who_say_nothing_go_together_and_last(tmp_path):
    texts = say(HEATING, 60) + ["Did not answer", "", "n/a"] * 30 + ["Nothing", "не знаю"] * 20
    found = themes_of(write(tmp_path / "work", texts))
    quiet = [row for row in found.table.to_pylist() if row["says_nothing"]]
    assert [(row["name"], row["size"]) for row in quiet] == [("Did not answer", 90), ("Nothing", 40)]
    assert [row["theme"] for row in quiet] == sorted(found.table["theme"].to_pylist())[-2:]


def test_the_digest_of_the_run_quotes_every_theme_and_those_who_say_nothing(tmp_path):
    texts = say(HEATING, 80) + say(PITS, 40) + ["Did not answer", "", "n/a"] * 20
    found = themes_of(write(tmp_path / "work", texts))
    assert found.digest is not None
    quoted = {entry["appeal_id"]: entry for entry in found.digest}
    full_share = len(texts) / len(found.digest)
    large = [row for row in found.table.to_pylist() if row["parent"] is None and row["size"] > full_share]
    assert {row["theme"] for row in large} <= {entry["theme"] for entry in found.digest}
    assert any(row["says_nothing"] for row in large)
    assert set(found.digest[0]) == {"text", "appeal_id", "theme", "subtheme", "position"}
    for appeal, entry in quoted.items():
        assert entry["text"].strip(".") in texts[int(appeal[1:])]
    assert 3 <= len(found.digest) <= 13


def test_the_run_writes_its_digest_as_a_list(tmp_path):
    themes_of(write(tmp_path / "work", say(HEATING, 40))).write(tmp_path)
    assert isinstance(orjson.loads((tmp_path / "digest.json").read_bytes()), list)
