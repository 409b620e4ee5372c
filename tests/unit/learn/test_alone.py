"""Which decisions need nobody, and the gravest reason for the others."""

import numpy as np
import pytest
from tests.unit.learn.conftest import inputs_of
from tests.unit.learn.test_ask import ROADS, WATER, _facet

from veche.learn.alone import ALONE, LANGUAGE, NEW, PROMISE, STRANGE, UNSURE, Doubts
from veche.learn.model import Model
from veche.learn.portrait import portrait


@pytest.fixture(scope="module")
def doubts():
    facet = _facet()
    taught = inputs_of([*ROADS, *WATER], language=["en"] * 60)
    return Doubts(Model({"topic": facet}, {"portrait": portrait(taught)}), facet, precision=0.95)


def _codes(doubts, texts, languages, *, decided=True, new=False, held=True):
    doubt = doubts.of(inputs_of(texts, language=languages))
    n = len(texts)
    return doubt.codes(np.full(n, decided), np.full(n, new), np.arange(n), held).to_pylist()


def test_what_is_sure_and_of_the_kind_it_was_taught_needs_nobody(doubts):
    assert _codes(doubts, [ROADS[0], ROADS[1], WATER[2]], ["en", None, "und"]) == [ALONE] * 3


def test_a_language_it_never_saw_is_for_people(doubts):
    assert _codes(doubts, [ROADS[0]], ["kk"]) == [LANGUAGE]


def test_a_text_of_unknown_words_is_for_people(doubts):
    said = "zebra xylophone quartz vortex jigsaw"
    assert _codes(doubts, [said], ["en"]) == [STRANGE]
    assert not doubts.of(inputs_of(["", "..."])).readable.any()


def test_each_other_reason_has_its_code(doubts):
    assert _codes(doubts, [ROADS[0]], ["en"], decided=False) == [UNSURE]
    assert _codes(doubts, [ROADS[0]], ["en"], decided=False, held=False) == [PROMISE]
    assert _codes(doubts, [ROADS[0]], ["en"], new=True) == [NEW]


def test_what_the_model_has_no_word_for_is_never_decided_alone(doubts):
    assert not doubts.decides(np.ones(2), np.full(2, -1)).any()
