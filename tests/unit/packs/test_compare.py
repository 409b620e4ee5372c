"""What differs between two packs, by part, code and field."""

import shutil
from pathlib import Path

import pytest

from veche.packs import load_pack
from veche.packs.showing.compare import PARTS, Change, compare

MEASURES = """\
[[measure]]
code = "ride"
title.ru = "Проезд"
title.en = "Rides"
legal = ["Law 1"]
body = "town"
topics = ["roads"]

[measure.entitled]
all = [{ fact = "age", op = ">=", value = 60 }]
"""


@pytest.fixture
def other(folder: Path) -> Path:
    """A copy of the small pack, to be changed."""
    return Path(shutil.copytree(folder, folder.parent / "other"))


def replace(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text("utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), "utf-8")


def changes(old: Path, new: Path) -> list[Change]:
    return compare(load_pack(str(old)), load_pack(str(new)))


def test_a_copy_does_not_differ(folder: Path, other: Path) -> None:
    assert changes(folder, other) == []


def test_a_changed_title_is_told_with_old_and_new(folder: Path, other: Path) -> None:
    replace(other, "topics/roads.toml", 'title.ru = "Снег"', 'title.ru = "Снег и лёд"')
    (change,) = changes(folder, other)
    assert (change.part, change.code, change.how) == ("topic", "roads.snow", "changed")
    assert change.fields == {"title.ru": ("Снег", "Снег и лёд")}


def test_a_field_that_is_new_had_no_value(folder: Path, other: Path) -> None:
    replace(other, "bodies.toml", "valid_from", 'contact = "https://example.org"\nvalid_from')
    (change,) = changes(folder, other)
    assert change.fields == {"contact": (None, "https://example.org")}


def test_what_comes_one_way_goes_the_other(folder: Path, other: Path) -> None:
    with (other / "territories.csv").open("a", encoding="utf-8") as f:
        f.write("x-2,x,region,Дальняя область,Far Oblast,,,,,,\n")
    (there,), (back,) = changes(folder, other), changes(other, folder)
    assert (there.part, there.code, there.how, there.title["en"]) == (
        "territory",
        "x-2",
        "added",
        "Far Oblast",
    )
    assert (back.code, back.how) == ("x-2", "removed")


def test_the_order_of_entries_is_no_difference(folder: Path, other: Path) -> None:
    parts = (other / "topics/roads.toml").read_text("utf-8").split("\n\n")
    (other / "topics/roads.toml").write_text("\n\n".join(reversed(parts)), "utf-8")
    assert changes(folder, other) == []


def test_a_line_that_moves_is_no_difference(folder: Path, other: Path) -> None:
    for pack in (folder, other):
        (pack / "measures").mkdir()
        (pack / "measures/m.toml").write_text(MEASURES, "utf-8")
    replace(other, "measures/m.toml", "[[measure]]", "# a remark\n\n[[measure]]")
    assert changes(folder, other) == []


def test_a_changed_condition_is_told_as_it_is_written(folder: Path, other: Path) -> None:
    for pack in (folder, other):
        (pack / "measures").mkdir()
        (pack / "measures/m.toml").write_text(MEASURES, "utf-8")
    replace(other, "measures/m.toml", "60", "65")
    (change,) = changes(folder, other)
    ((old, new),) = change.fields.values()
    assert old == {"all": [{"fact": "age", "op": ">=", "value": 60}]}
    assert new == {"all": [{"fact": "age", "op": ">=", "value": 65}]}


def test_words_lists_and_the_head_are_compared_too(folder: Path, other: Path) -> None:
    replace(other, "urgency.toml", '"нет"', '"ни"')
    replace(other, "pack.toml", 'version = "1"', 'version = "2"')
    (other / "names/first.txt").write_text("фёкла\n", "utf-8")
    (other / "masks.toml").unlink()
    found = [(c.part, c.code, c.how) for c in changes(folder, other)]
    assert found == [
        ("pack", "pack.toml", "changed"),
        ("recogniser", "phone", "removed"),
        ("negations", "ru", "changed"),
        ("names", "first", "changed"),
    ]


def test_a_pack_that_extends_another_adds_to_it(folder: Path) -> None:
    child = folder.parent / "child"
    (child / "topics").mkdir(parents=True)
    head = (folder / "pack.toml").read_text("utf-8").partition("[[source]]")[0]
    head = head.replace('"small"', '"child"') + '\nextends = "small"\n'
    (child / "pack.toml").write_text(head, "utf-8")
    (child / "topics/own.toml").write_text(
        '[[topic]]\ncode = "roads.ice"\ntitle.ru = "Лёд"\ntitle.en = "Ice"\n', "utf-8"
    )
    found = [(c.part, c.code, c.how) for c in changes(folder, child)]
    assert ("pack", "pack.toml", "changed") in found
    assert [key for key in found if key[0] not in ("pack", "source")] == [("topic", "roads.ice", "added")]


def test_our_own_packs_differ_in_the_order_of_the_parts() -> None:
    found = compare(load_pack("ru"), load_pack("boston"))
    keys = [(PARTS.index(c.part), c.code) for c in found]
    assert keys == sorted(keys)
    assert len(found) > 300
