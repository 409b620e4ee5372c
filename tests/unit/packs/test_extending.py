"""A pack may extend another: the parent's parts come first, its own override them by code."""

from pathlib import Path

import pytest

from veche.core.errors import BrokenPack
from veche.packs import check, load_pack

CHILD = """\
code = "child"
version = "1"
title.ru = "Дочерний"
title.en = "Child"
languages = ["ru", "en"]
timezone = "Asia/Omsk"
licence = "CC0-1.0"
extends = "small"
"""


@pytest.fixture
def child(folder: Path) -> Path:
    """A pack beside the small one that extends it with one topic and one body."""
    pack = folder.parent / "child"
    (pack / "topics").mkdir(parents=True)
    (pack / "pack.toml").write_text(CHILD, "utf-8")
    (pack / "topics/own.toml").write_text(
        '[[topic]]\ncode = "roads.ice"\ntitle.ru = "Лёд"\ntitle.en = "Ice"\n'
        '[[topic]]\ncode = "roads.snow"\ntitle.ru = "Снега"\ntitle.en = "Snows"\n',
        "utf-8",
    )
    return pack


def test_the_child_has_its_parents_parts_and_its_own(child: Path) -> None:
    pack = load_pack(str(child))
    assert list(pack.topics) == ["roads", "roads.potholes", "roads.snow", "roads.ice"]
    assert pack.topics["roads.snow"].title["ru"] == "Снега"
    assert list(pack.bodies) == ["town"]
    assert pack.timezone == "Asia/Omsk"
    assert pack.extends == ("small",)
    assert pack.negations["ru"] == ("не", "нет")
    assert [r.type for r in pack.recognisers] == ["phone"]


def test_a_mistake_in_the_parent_is_named_there(child: Path) -> None:
    (child.parent / "small/bodies.toml").write_text("[[body]]\n", "utf-8")
    with pytest.raises(BrokenPack, match=r"\.\./small/bodies\.toml, line 1"):
        load_pack(str(child))


def test_packs_that_extend_each_other_in_a_circle_are_refused(child: Path) -> None:
    head = child.parent / "small/pack.toml"
    head.write_text('extends = "child"\n' + head.read_text("utf-8"), "utf-8")
    with pytest.raises(BrokenPack, match="circle"):
        load_pack(str(child))


def test_a_parent_outside_the_folder_beside_cannot_be_named(child: Path) -> None:
    text = (child / "pack.toml").read_text("utf-8").replace('"small"', '"../small"')
    (child / "pack.toml").write_text(text, "utf-8")
    with pytest.raises(BrokenPack, match="not a code"):
        load_pack(str(child))


def test_own_topics_are_checked_with_the_parents_bodies(child: Path) -> None:
    assert all("No body" not in p.message for p in check(str(child)))
