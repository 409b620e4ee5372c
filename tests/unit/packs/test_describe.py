"""What a pack says about itself, as a whole and entry by entry."""

import json
from pathlib import Path

import pytest

from veche.core import i18n
from veche.packs import Pack, describe, load_pack
from veche.packs.rules.wording import condition_lines
from veche.packs.showing.describe import (
    answering,
    describe_entry,
    find_entries,
    measures_for,
    overseeing,
    protocols_for,
)

FACTS = """\
[[fact]]
code = "children"
type = "number"
title.ru = "Детей"
title.en = "Children"
question.ru = "Сколько у вас детей?"
question.en = "How many children do you have?"
unit.en = "children"
unit.ru = "детей"

[[fact]]
code = "wage"
type = "number"
title.ru = "Доход"
title.en = "Income"
question.ru = "Какой у вас доход?"
question.en = "What is your income?"
"""

MEASURE = """\
[[measure]]
code = "ride"
title.ru = "Проезд"
title.en = "Rides"
gives.en = "A pass"
gives.ru = "Билет"
legal = ["Law 1"]
body = "town"
topics = ["roads"]

[measure.entitled]
all = [
  { fact = "children", op = ">=", value = 3 },
  { any = [
      { fact = "children", op = "<=", value = { fact = "wage", times = 1.5 } },
      { fact = "topic", op = "under", value = "roads" },
  ] },
  { not = { fact = "kind", op = "in", value = ["spam", "threat"] } },
]

[[measure.example]]
facts = { children = 2 }
entitled = false
"""

PROTOCOL = """\
+++
code = "snow"
title.ru = "Снег"
title.en = "Snow"
checked = 2026-01-31

[when]
all = [{ fact = "topic", op = "WORD", value = "roads" }, { fact = "kind", op = "=", value = "complaint" }]
+++

# ru

Убрано: {done}.

# en

Cleared: {done}.
"""


@pytest.fixture
def pack(folder: Path) -> Pack:
    """The small pack with a measure, a response and a body that oversees."""
    (folder / "facts.toml").write_text(FACTS, "utf-8")
    (folder / "measures").mkdir()
    (folder / "measures/m.toml").write_text(MEASURE, "utf-8")
    (folder / "protocols").mkdir()
    (folder / "protocols/snow.md").write_text(PROTOCOL.replace("WORD", "under"), "utf-8")
    with (folder / "bodies.toml").open("a", encoding="utf-8") as f:
        f.write('\n[[body]]\ncode = "guard"\ntitle.ru = "Надзор"\ntitle.en = "Guard"\nlevel = "regional"\n')
        f.write('topics = []\noversees = ["roads.snow"]\n')
    return load_pack(str(folder))


def test_counts_tell_how_much_was_checked(pack: Pack) -> None:
    told = describe(pack)
    assert told["protocols"] == {"all": 1, "checked": 1}
    assert told["measures"] == {"all": 1, "checked": 0}
    assert told["facts"] == ["children", "wage"]
    json.dumps(told)


def test_a_topic_knows_who_answers_and_who_oversees(pack: Pack) -> None:
    assert answering(pack, "roads.snow") == ["town"]
    assert overseeing(pack, "roads.snow") == ["guard"]
    assert overseeing(pack, "roads.potholes") == []


def test_a_response_to_a_branch_is_one_to_all_below(pack: Pack) -> None:
    assert protocols_for(pack, "roads.snow") == ["snow"]
    assert measures_for(pack, "roads.snow") == ["ride"]


@pytest.mark.usefixtures("pack")
def test_a_response_to_one_topic_is_not_one_to_those_below(folder: Path) -> None:
    (folder / "protocols/snow.md").write_text(PROTOCOL.replace("WORD", "="), "utf-8")
    narrow = load_pack(str(folder))
    assert protocols_for(narrow, "roads") == ["snow"]
    assert protocols_for(narrow, "roads.snow") == []


def test_an_entry_of_any_part_is_found_by_its_code(pack: Pack) -> None:
    for code, part in (("roads.snow", "topic"), ("town", "body"), ("ride", "measure"), ("snow", "protocol")):
        (found,) = find_entries(pack, code)
        assert found.part == part
        json.dumps(describe_entry(pack, found))
    assert find_entries(pack, "nothing") == []


def test_a_topic_is_described_with_all_that_points_to_it(pack: Pack) -> None:
    told = describe_entry(pack, find_entries(pack, "roads")[0])
    assert told["subtopics"] == ["roads.potholes", "roads.snow"]
    assert told["answers"] == ["town"]
    assert told["measures"] == ["ride"]


def test_a_condition_is_put_into_words(pack: Pack) -> None:
    assert condition_lines(pack.measures["ride"].entitled, pack, named=lambda _fact, word: word.upper()) == [
        "all of these:",
        "  Children: at least 3 children",
        "  at least one of these:",
        "    Children: at most 1.5 × “Income”",
        "    Topic: Roads (roads) or what lies below it",
        "  not this:",
        "    Kind of appeal: one of SPAM, THREAT",
    ]


def test_a_condition_names_its_facts_in_the_readers_language(pack: Pack) -> None:
    i18n.set_language("ru")
    try:
        told = condition_lines(pack.measures["ride"].entitled, pack)
    finally:
        i18n.set_language("en")
    assert "Детей" in told[1]
    assert "детей" in told[1]
    assert "Дороги (roads)" in told[4]
