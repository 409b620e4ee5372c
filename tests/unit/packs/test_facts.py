"""The built-in facts are those of the format, and every type says which values it takes."""

import re
from datetime import date, datetime
from pathlib import Path

import pytest

from veche.packs.rules.facts import BUILT_IN, DECISIONS, OPERATORS, comparable, fits
from veche.packs.rules.model import FACT_TYPES, Fact

PAGE = (Path(__file__).parents[3] / "docs/reference/pack-format.md").read_text("utf-8")


def test_the_format_lists_every_built_in_fact_with_its_type() -> None:
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| (\w+) \|", PAGE.partition("## Facts")[2], re.MULTILINE)
    listed = {code: kind for codes, kind in rows for code in re.findall(r"\w+", codes)}
    assert listed == {code: fact.type for code, fact in BUILT_IN.items()}


def test_the_format_lists_every_decision() -> None:
    assert all(f"`{decision}`" in PAGE for decision in DECISIONS)


def test_built_in_facts_have_titles_in_both_languages_of_the_program() -> None:
    assert all(fact.title["ru"] and fact.title["en"] for fact in BUILT_IN.values())


def test_every_type_has_operators() -> None:
    assert set(OPERATORS) == set(FACT_TYPES)


@pytest.mark.parametrize(
    ("fact", "value", "answer"),
    [
        (Fact("f", "number", {}), 3, True),
        (Fact("f", "number", {}), 3.5, True),
        (Fact("f", "number", {}), True, False),
        (Fact("f", "number", {}), "3", False),
        (Fact("f", "number", {}), float("nan"), False),
        (Fact("f", "number", {}), float("inf"), False),
        (Fact("f", "number", {}), 10**400, False),
        (Fact("f", "number", {}, least=0, most=30), 30, True),
        (Fact("f", "number", {}, least=0, most=30), 31, False),
        (Fact("f", "number", {}, least=0, most=30), -1, False),
        (Fact("f", "boolean", {}), False, True),
        (Fact("f", "boolean", {}), 0, False),
        (Fact("f", "date", {}), date(2026, 1, 1), True),
        (Fact("f", "date", {}), datetime(2026, 1, 1), False),
        (Fact("f", "word", {}), "a", True),
        (Fact("f", "word", {}, values=("a",)), "b", False),
        (Fact("f", "words", {}), ("a", "b"), True),
        (Fact("f", "words", {}), "a", False),
        (Fact("f", "words", {}, values=("a",)), frozenset(("a", "b")), False),
        (Fact("f", "topic", {}), "roads", True),
        (Fact("f", "body", {}), None, False),
    ],
)
def test_a_fact_takes_values_of_its_type_within_its_bounds(fact: Fact, value: object, answer: bool) -> None:
    assert fits(fact, value) is answer


def test_a_bound_of_a_fact_does_not_bound_what_it_is_compared_with() -> None:
    assert comparable(Fact("f", "number", {}, least=0, most=30), 31)
