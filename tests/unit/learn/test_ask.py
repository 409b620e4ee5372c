"""Which appeals are worth asking a person about."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.learn.conftest import inputs_of, labels_of

from veche.learn.ask import ask, unsureness
from veche.learn.calibrate import fit_calibration
from veche.learn.heads import fit
from veche.learn.model import FacetModel
from veche.learn.saying import learn_saying
from veche.learn.train import seen_of

ROADS = [f"a hole in the road near house {i}" for i in range(30)]
WATER = [f"no water in the tap of flat {i}" for i in range(30)]


def _facet():
    inputs, labels = inputs_of([*ROADS, *WATER]), labels_of([[0]] * 30 + [[1]] * 30, ["Roads", "Water"])
    head = fit(inputs, labels, seed=7)
    scores = head.scores(inputs)
    calibration = fit_calibration(scores, labels)
    chances = calibration.chances(scores)
    seen = seen_of(chances, labels, np.arange(60))
    return FacetModel(labels.set, head, calibration, learn_saying(chances, labels), seen)


def test_what_the_model_knows_is_not_asked_first():
    texts = [*ROADS[:10], "the tap in the road has a hole", "something else altogether here", *WATER[:10]]
    first = ask([_facet()], inputs_of(texts), n=1)
    assert set(first.tolist()) <= {10, 11}


def test_every_group_that_is_large_enough_is_heard():
    languages = ["en"] * 50 + ["es"] * 10
    texts = [f"a tap and a road {i} with holes" for i in range(50)] + WATER[:10]
    rows = ask([_facet()], inputs_of(texts, language=languages), n=6)
    assert {"en", "es"} == {languages[row] for row in rows.tolist()}


def test_a_text_that_came_twice_is_asked_once_and_an_empty_one_never():
    rows = ask([_facet()], inputs_of(["no heating", "No heating!", "", "  ", "a broken swing"]), n=5)
    assert sorted(rows.tolist()) == [0, 4]


@given(st.lists(st.lists(st.floats(0.0, 1.0, width=32), min_size=3, max_size=3), min_size=1, max_size=8))
def test_unsureness_lies_between_nothing_and_one(rows):
    chances = np.array(rows, np.float32)
    for multi in (False, True):
        found = unsureness(chances, multi=multi)
        assert ((found >= 0) & (found <= 1)).all()
