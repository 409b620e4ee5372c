"""Patterns of packs are searched in linear time and never run on into another text."""

import pyarrow as pa
import pytest

from veche.core.text import Texts, compile_pattern
from veche.packs.patterns import fault_of


@pytest.mark.parametrize(
    "pattern",
    [
        "[0-9]{6}",
        r"F-\d{6}",
        r"\bK-\d{3}\b",
        r"A\.[.\]^]{3}",
        "[]a]{2}",
        r"(?i)no\. ?[[:digit:]]+",
        r"\\S",
        "[[x]y",
    ],
)
def test_a_pattern_that_names_its_characters_may_be_used(pattern: str) -> None:
    assert fault_of(pattern) is None


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        (r"(\d)\1{5}", "linear time"),
        (r"F(?=\d)", "linear time"),
        (r"(?<!x)\d{6}", "linear time"),
        (r"(\d{1000}){1000}", "linear time"),
        ("(", "linear time"),
        (".", "leaves open"),
        (r"F-\S+", "leaves open"),
        ("F-[^ ]+", "leaves open"),
        (r"F-[\D]+", "leaves open"),
        ("F-[[:^digit:]]+", "leaves open"),
        (r"\P{L}{3}", "leaves open"),
        ("[0-9]*", "nothing at all"),
    ],
)
def test_other_patterns_are_refused_with_a_reason(pattern: str, reason: str) -> None:
    fault = fault_of(pattern)
    assert fault is not None
    message, hint = fault
    assert reason in message
    assert hint


def test_what_stands_at_the_end_of_a_text_is_found_there() -> None:
    texts = Texts(pa.array(["number F-123456", "654321"]))
    found = texts.search(compile_pattern(r"F-[0-9]{6,9}"))
    assert (found.row.tolist(), found.start.tolist(), found.end.tolist()) == ([0], [7], [15])
