"""Reasons in the reader's words: nothing is left out of the sum."""

import re

import pytest
from tests.unit.learn.conftest import inputs_of
from tests.unit.learn.test_ask import _facet

from veche.core.formats import formats
from veche.learn.explain_words import explained, sentences


@pytest.fixture(scope="module")
def said():
    inputs = inputs_of(["a hole in the road, no water in the tap"], territory=["us-boston"])
    facet = _facet()
    return explained(facet, inputs, n=2), facet.head.scores(inputs)[0]


def test_reasons_sum_to_the_score_of_the_model(said):
    found, scores = said
    assert sorted(one.score for one in found) == pytest.approx(sorted(scores.tolist()), abs=1e-3)
    assert found[0].chance >= found[1].chance


def test_what_is_told_adds_up(said, boston):
    for one in said[0]:
        lines = sentences(one, formats("en"), pack=boston, language="en")
        numbers = [float(n.replace("−", "-")) for n in re.findall(r"[+−]\d+\.\d+", " ".join(lines))]
        assert sum(numbers[:-1]) == pytest.approx(numbers[-1], abs=0.06)


def test_words_for_and_against_are_named(said, boston):
    text = " ".join(sentences(said[0][0], formats("en"), pack=boston, language="en"))
    assert "for:" in text
    assert "“road”" in text or "“water”" in text
