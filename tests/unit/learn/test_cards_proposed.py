"""What people decided is said of the appeals that still wait."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.learn.test_cards import directions, waiting_of

from veche.learn.cards import deal
from veche.learn.cards_numbers import numbers_of, shortened
from veche.learn.cards_proposed import Decided, propose


def _decided(about, values, **more):
    decisions = np.array(more.pop("decisions", range(len(about))), np.int64)
    return Decided(directions(about, seed=5), np.array(values, object), decisions, **more)


def test_where_nothing_was_decided_the_proposals_stay():
    waiting = waiting_of([0, 1])
    assert propose(waiting, _decided([], [])) is waiting
    assert len(propose(waiting_of([]), _decided([0], ["roads"]))) == 0


def test_a_correction_reaches_those_who_say_the_same():
    waiting = waiting_of([0, 1, 0, 1], values=["light"] * 4, chances=[0.4] * 4)
    found = propose(waiting, _decided([0, 1], ["roads", "water"]))
    assert found.values[:, 0].tolist() == ["roads", "water", "roads", "water"]
    assert waiting.values[0, 0] == "light"


def test_a_value_that_no_stage_ever_proposed_is_proposed():
    found = propose(waiting_of([3] * 4, values=[""] * 4, chances=[0.0] * 4), _decided([3], ["new"]))
    assert found.values[:, 0].tolist() == ["new"] * 4


def test_a_first_answer_says_nothing_about_the_values_that_were_not_said_yet():
    values = ["roads", "water", "heat", "gas"] * 5
    waiting = waiting_of([i % 4 + 10 for i in range(20)], values=values, chances=[0.6] * 20)
    found = propose(waiting, _decided([0, 1, 2, 3], ["roads"] * 4))
    assert found.values[:, 0].tolist() == values


def test_a_single_that_was_odd_is_absorbed_once_its_like_was_decided():
    about = [0] * 5 + [1] * 5
    waiting = waiting_of(about, values=["light", "heat", "light", "heat", "gas"] * 2)
    before = deal(waiting)
    after = deal(propose(waiting, _decided([0, 0, 1, 1], ["roads", "roads", "water", "water"])))
    assert len(after) == 2 < len(before)
    assert sorted((card.value, len(card)) for card in after) == [("roads", 5), ("water", 5)]


def test_a_decision_about_many_teaches_little_more_than_one_about_one():
    many = _decided([0] * 300 + [1], ["roads"] * 300 + ["water"], decisions=[0] * 300 + [1])
    few = _decided([0, 1], ["roads", "water"])
    waiting = waiting_of([2] * 6, values=[""] * 6, chances=[0.0] * 6)
    shares = [propose(waiting, decided).chances[:, 0].mean() for decided in (many, few)]
    assert abs(shares[0] - shares[1]) < 0.1


def test_stages_that_were_wrong_of_what_was_drawn_at_random_count_for_less():
    waiting = waiting_of([0, 1] * 4, values=["light"] * 8, chances=[0.9] * 8)
    about = [i % 2 for i in range(60)]
    wrong = {
        "proposed": np.full((60, 1), "light", object),
        "chances": np.full((60, 1), 0.9, np.float32),
        "checked": np.ones(60, bool),
    }
    found = propose(waiting, _decided(about, [("roads", "water")[i] for i in about], **wrong))
    assert found.values[:, 0].tolist() == ["roads", "water"] * 4


def test_what_the_stages_know_well_is_not_given_up_for_a_few_cards():
    about = list(range(30))
    waiting = waiting_of([i % 10 + 30 for i in range(40)], values=["none"] * 40, chances=[0.9] * 40)
    said = {"proposed": np.full((30, 1), "none", object), "chances": np.full((30, 1), 0.5, np.float32)}
    found = propose(waiting, _decided(about, ["life"] * 25 + ["none"] * 5, **said))
    assert (found.values[:, 0] == "none").mean() > 0.9


def test_chances_come_true_of_what_was_drawn_at_random():
    rng = np.random.default_rng(3)
    about = rng.integers(0, 2, 400)
    noisy = np.where(rng.random(400) < 0.3, 1 - about, about)  # three in ten are labelled otherwise
    values = np.array(["roads", "water"], object)[noisy]
    decided = _decided(about.tolist(), values, checked=np.ones(400, bool))
    found = propose(waiting_of([0, 1] * 50, values=[""] * 100, chances=[0.0] * 100), decided)
    assert found.chances[:, 0].mean() == pytest.approx(0.7, abs=0.1)


def test_words_tell_what_vectors_do_not():
    texts = ["the lamp is dark", "the tap is dry"] * 4
    same = np.zeros((8, 16), np.float32)
    waiting = waiting_of([None] * 8, values=[""] * 8, chances=[0.0] * 8)
    waiting = type(waiting)(**{**vars(waiting), "vectors": same, "texts": pa.array(texts)})
    decided = Decided(
        np.zeros((2, 16), np.float32),
        np.array(["light", "water"], object),
        np.arange(2),
        texts=pa.array(["a dark lamp", "a dry tap"]),
    )
    assert propose(waiting, decided).values[:, 0].tolist() == ["light", "water"] * 4


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from("abc")), min_size=1, max_size=40))
def test_chances_are_chances_and_the_best_comes_first(told):
    waiting = waiting_of([0, 1, 2, None])
    found = propose(waiting, _decided([about for about, _ in told], [value for _, value in told]))
    assert np.isfinite(found.chances).all()
    assert (found.chances >= 0).all()
    assert (found.chances.sum(axis=1) <= 1 + 1e-5).all()
    assert (np.diff(found.chances, axis=1) <= 0).all()
    again = propose(waiting, _decided([about for about, _ in told], [value for _, value in told]))
    assert np.array_equal(found.chances, again.chances)


def test_texts_of_no_words_have_numbers_too():
    vectors = np.zeros((3, 16), np.float16)
    for texts in (["", "...", " "], ["a", "", ""], ["", "", None]):
        found = numbers_of(vectors, pa.array(texts, pa.string()))
        assert np.isfinite(found).all()
        assert shortened(found).shape[0] == 3
    assert shortened(numbers_of(vectors)).shape == (3, 16)
