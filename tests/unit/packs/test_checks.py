"""What `check` finds beyond what keeps a pack from loading; none of it is serious."""

import json
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
