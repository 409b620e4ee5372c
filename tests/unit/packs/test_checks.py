"""What `check` finds beyond what keeps a pack from loading; none of it is serious."""

import json
from datetime import date
from pathlib import Path

import pytest

from veche.packs import check, load_pack


def replace(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text("utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), "utf-8")


def only(folder: Path) -> tuple[str, int, str]:
    (problem,) = check(str(folder))
    assert not problem.serious
    assert problem.hint
    load_pack(str(folder))
    return problem.file, problem.line, problem.message


def test_a_topic_that_no_body_answers_for_is_found(folder: Path) -> None:
    replace(folder, "bodies.toml", '"roads"', '"roads.snow"')
    file, line, message = only(folder)
    assert (file, line) == ("topics/roads.toml", 6)
    assert "roads.potholes" in message


def test_a_missing_translation_is_found(folder: Path) -> None:
    replace(folder, "topics/roads.toml", 'title.en = "Snow"\n', "")
    file, line, message = only(folder)
    assert (file, line) == ("topics/roads.toml", 15)
    assert message.endswith("en.")


def test_a_territory_without_a_translation_is_found_at_its_line(folder: Path) -> None:
    replace(folder, "territories.csv", "Ёлкинск,Yolkinsk", "Ёлкинск,")
    file, line, _ = only(folder)
    assert (file, line) == ("territories.csv", 4)


def test_too_few_examples_are_counted(folder: Path) -> None:
    replace(folder, "topics/roads.toml", '"Сугроб", ', "")
    assert "7 examples" in only(folder)[2]


def test_a_keyword_of_two_topics_is_found_with_the_count(folder: Path) -> None:
    replace(folder, "topics/roads.toml", '["снег"]', '["Снег", "выбоин*"]')
    _, line, message = only(folder)
    assert line == 15
    assert "2 topics: roads.potholes, roads.snow" in message


def test_a_parent_may_share_a_keyword_with_its_topic(folder: Path) -> None:
    replace(folder, "topics/roads.toml", 'title.en = "Roads"', 'title.en = "Roads"\nkeywords.ru = ["снег"]')
    assert check(str(folder)) == []


def test_a_missing_part_is_named(folder: Path) -> None:
    (folder / "groups.toml").unlink()
    assert only(folder)[0] == "groups.toml"


def shapes(folder: Path, *codes: str) -> None:
    features = [{"type": "Feature", "properties": {"code": c}, "geometry": None} for c in codes]
    (folder / "shapes.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))


def test_shapes_that_join_raise_no_problem(folder: Path) -> None:
    shapes(folder, "x-1")
    assert check(str(folder)) == []


def test_a_shape_that_joins_nothing_is_found(folder: Path) -> None:
    shapes(folder, "x-1", "y-1")
    assert "y-1" in only(folder)[2]


def test_a_territory_without_a_shape_is_found_unless_declared(folder: Path) -> None:
    with (folder / "territories.csv").open("a", encoding="utf-8") as f:
        f.write("x-2,x,region,Берёзовская область,Beryozovsk Oblast,,,,,,\n")
    shapes(folder, "x-1")
    assert only(folder)[:2] == ("territories.csv", 5)
    replace(folder, "pack.toml", 'version = "1"', 'version = "1"\nshapes_missing = ["x-2"]')
    assert check(str(folder)) == []


@pytest.mark.parametrize("text", ["{", "[]", '{"features": [{"properties": {}}]}'])
def test_what_is_not_geojson_with_codes_is_found(folder: Path, text: str) -> None:
    (folder / "shapes.geojson").write_text(text)
    (problem,) = check(str(folder))
    assert problem.file == "shapes.geojson"


def test_a_check_shows_everything_at_once(folder: Path) -> None:
    replace(folder, "topics/roads.toml", 'keywords.ru = ["снег"]', 'kind = "moan"')
    replace(folder, "bodies.toml", 'level = "municipal"', 'level = "village"')
    replace(folder, "territories.csv", "12000", "many")
    assert [p.file for p in check(str(folder))] == ["bodies.toml", "territories.csv", "topics/roads.toml"]


OTHER_BODY = """
[[body]]
code = "works"
title.ru = "Служба дорог"
title.en = "Road works"
level = "{level}"
topics = ["roads"]
{more}
"""


def add_body(folder: Path, *, level: str = "municipal", more: str = "") -> None:
    with (folder / "bodies.toml").open("a", encoding="utf-8") as f:
        f.write(OTHER_BODY.format(level=level, more=more))


def test_bodies_of_one_level_that_answer_for_the_same_overlap(folder: Path) -> None:
    add_body(folder)
    file, line, message = only(folder)
    assert (file, line) == ("bodies.toml", 9)
    assert "“town” and “works”" in message


def test_a_city_is_as_near_as_a_municipality(folder: Path) -> None:
    replace(folder, "bodies.toml", "{municipality}", "")
    replace(folder, "bodies.toml", "{municipality}", "")
    replace(folder, "bodies.toml", '"municipal"', '"city"')
    add_body(folder, level="city")
    assert only(folder)[0] == "bodies.toml"


@pytest.mark.parametrize(
    ("level", "more"),
    [
        ("regional", ""),
        ("municipal", "valid_to = 2019-12-31"),
        ("municipal", 'territory = "x-1-1"'),
    ],
    ids=["another level", "another time", "the exception of one territory"],
)
def test_bodies_that_cannot_be_confused_do_not_overlap(folder: Path, level: str, more: str) -> None:
    add_body(folder, level=level, more=more)
    assert check(str(folder)) == []


def test_a_body_of_a_region_overlaps_with_one_of_its_town(folder: Path) -> None:
    replace(folder, "bodies.toml", "valid_from", 'territory = "x-1"\nvalid_from')
    add_body(folder, more='territory = "x-1-1"')
    assert "“town” and “works”" in only(folder)[2]


def test_all_that_two_bodies_share_is_told_at_once(folder: Path) -> None:
    replace(folder, "bodies.toml", '["roads"]', '["roads", "roads.snow"]')
    add_body(folder)
    replace(folder, "bodies.toml", 'topics = ["roads"]', 'topics = ["roads.snow", "roads"]')
    assert only(folder)[2].endswith("roads, roads.snow.")


def test_what_a_file_that_cannot_be_read_may_hold_is_not_called_missing(folder: Path) -> None:
    replace(folder, "bodies.toml", 'code = "town"', 'code = "town')
    assert [(p.file, p.line) for p in check(str(folder))] == [("bodies.toml", 2)]


def test_clashes_of_keywords_are_counted(folder: Path) -> None:
    replace(folder, "topics/roads.toml", '["снег"]', '["ям*", "выбоин*"]')
    messages = [p.message for p in check(str(folder))]
    assert len(messages) == 2
    assert all(any(f"(clash {n} of 2 in this pack)" in m for m in messages) for n in (1, 2))


@pytest.mark.parametrize("keyword", ["яма во льду", "ям-яма", "бояма"])
def test_longer_phrases_are_surer_than_the_word_that_they_begin_with(folder: Path, keyword: str) -> None:
    replace(folder, "topics/roads.toml", '["снег"]', f'["{keyword}"]')
    assert check(str(folder)) == []


PROTOCOL = """\
+++
code = "snow"
title.ru = "Снег"
title.en = "Snow"
valid_to = 2026-05-31
when = { fact = "topic", op = "under", value = "roads.snow" }
+++

# ru

Снег убран.

# en

The snow is cleared.
"""


def test_a_protocol_is_over_on_the_day_after_its_last(folder: Path) -> None:
    (folder / "protocols").mkdir()
    (folder / "protocols/snow.md").write_text(PROTOCOL, "utf-8")
    assert check(str(folder), today=date(2026, 5, 31)) == []
    (problem,) = check(str(folder), today=date(2026, 6, 1))
    assert (problem.file, problem.serious) == ("protocols/snow.md", False)


CLOCK = """\
[[clock]]
code = "answer"
title.ru = "Ответ"
title.en = "Answer"
starts = "received"
length = {length}
unit = "{unit}"
{more}
legal = "Appeals Act, section 1"
source = "https://example.org"
"""


@pytest.mark.parametrize(
    ("length", "unit", "more", "words"),
    [
        (3651, "calendar_day", "", ""),
        (3661, "calendar_day", "", "more than 10 years"),
        (121, "month", "", "more than 10 years"),
        (60, "month", 'extension = 61\nextension_unit = "month"', "more than 10 years"),
        (0, "calendar_day", "", "ends as it starts"),
        (8, "calendar_day", 'extension_notice.ru = "Письмо"\nextension_notice.en = "Letter"', "no extension"),
        (5, "working_day", "", "no calendar.toml"),
        (5, "calendar_day", 'day_off = "next"', "no calendar.toml"),
    ],
)
def test_clocks_run_for_a_time_that_people_wait_for(
    folder: Path, length: int, unit: str, more: str, words: str
) -> None:
    (folder / "clocks.toml").write_text(CLOCK.format(length=length, unit=unit, more=more), "utf-8")
    assert [words in p.message for p in check(str(folder))] == ([True] if words else [])


MEASURE = """\
[[measure]]
code = "pass"
title.ru = "Проездной"
title.en = "Bus pass"
gives.ru = "Проезд"
gives.en = "Free rides"
documents.ru = ["Паспорт"]
documents.en = ["Passport"]
legal = ["Bus Act, section 2"]
source = "https://example.org"
body = "town"
topics = ["roads"]

[measure.entitled]
any = [
  {{ not = {{ fact = "age", op = "<", value = 65 }} }},
  {{ fact = "groups", op = "has", value = "age:65+" }},
]

[[measure.example]]
facts = {{ age = 70, groups = [] }}
entitled = true

[[measure.example]]
facts = {{ age = 20, groups = [] }}
entitled = {young}

[[measure.example]]
facts = {{ age = 20 }}
entitled = "unknown"
"""


def test_a_wrong_example_is_told_with_the_comparisons_that_decide(folder: Path) -> None:
    (folder / "measures").mkdir()
    (folder / "measures/pass.toml").write_text(MEASURE.format(young="false"), "utf-8")
    assert check(str(folder)) == []
    (folder / "measures/pass.toml").write_text(MEASURE.format(young="true"), "utf-8")
    by_line = {p.line: p.message for p in check(str(folder))}
    assert set(by_line) == {1, 24}
    assert "entitled = false" in by_line[1]
    assert by_line[24].endswith("age (20) < 65: yes; groups (nothing) has age:65+: no.")
