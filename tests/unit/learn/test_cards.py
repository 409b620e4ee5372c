"""Appeals that wait are dealt into cards: nothing is lost, copies stay together, odd ones are told."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from veche.learn.cards import DANGER, LANGUAGE, PLACE, UNLIKE, Waiting, deal, exceptions_of

SIZE = 64


def directions(numbers, *, seed=0, noise=0.15):
    """Return unit vectors near the direction of each number; zeros for None."""
    rng = np.random.default_rng(seed)
    middle = np.random.default_rng(1).normal(size=(50, SIZE))
    middle /= np.linalg.norm(middle, axis=1, keepdims=True)
    rows = np.array([np.zeros(SIZE) if i is None else middle[i] for i in numbers]).reshape(-1, SIZE)
    told = np.array([i is not None for i in numbers], bool)[:, None]
    rows = rows + told * noise * rng.normal(size=rows.shape) / np.sqrt(SIZE)
    return (rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)).astype(np.float32)


def waiting_of(about, *, values=None, chances=None, others=None, stray=(), **columns):
    """Return appeals that say what the numbers of `about` stand for; those of `stray` say it oddly."""
    n = len(about)
    vectors = directions(about)
    for row in stray:
        vectors[row] = directions([about[row]], noise=1.0)[0]
    proposed = np.full((n, 3), "", object)
    proposed[:, 0] = values or ["roads"] * n
    sure = np.zeros((n, 3), np.float32)
    sure[:, 0] = chances or [0.5] * n
    if others:
        proposed[:, 1:] = others
        sure[:, 1:] = np.where(proposed[:, 1:] == "", 0.0, 0.2)
    none = [""] * n
    return Waiting(
        vectors=vectors,
        values=proposed,
        chances=sure,
        same=np.array(columns.get("same", range(n)), np.int64),
        urgency=np.array(columns.get("urgency", [0] * n), np.int64),
        places=np.array(columns.get("places", none), object),
        languages=np.array(columns.get("languages", none), object),
        themes=np.array(none, object),
    )


def test_what_says_the_same_is_one_card_and_the_odd_one_is_its_own():
    waiting = waiting_of([0] * 6 + [1] * 4 + [2])
    assert [sorted(card.members) for card in deal(waiting)] == [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9], [10]]


def test_what_is_sure_waits_for_nobody():
    waiting = waiting_of([0] * 4, chances=[0.95, 0.5, 0.9, 0.5])
    assert sorted(deal(waiting)[0].members) == [1, 3]
    assert not deal(waiting, sure=0.4)
    assert sorted(deal(waiting, sure=np.array([1.0, 0.4, 1.0, 0.4]))[0].members) == [0, 2]


def test_another_proposal_is_another_card():
    waiting = waiting_of([0] * 4, values=["roads", "water", "roads", "water"])
    assert {(card.value, *sorted(card.members)) for card in deal(waiting)} == {
        ("roads", 0, 2),
        ("water", 1, 3),
    }


def test_copies_are_on_one_card_whatever_was_proposed():
    waiting = waiting_of([0, 1, 2, 0], values=["roads", "water", "light", "roads"], same=[7, 7, 7, 8])
    assert any(sorted(card.members)[:3] == [0, 1, 2] for card in deal(waiting))


def test_a_card_is_never_larger_than_asked():
    cards = deal(waiting_of([0] * 10), most=4)
    assert sorted(len(card) for card in cards) == [2, 4, 4]
    with pytest.raises(ValueError, match="at least one"):
        deal(waiting_of([0]), most=0)


def test_danger_comes_first_then_what_mends_most():
    waiting = waiting_of([0] * 5 + [1] * 3 + [2], urgency=[0] * 8 + [2])
    assert [len(card) for card in deal(waiting)] == [1, 5, 3]
    assert [card.urgency for card in deal(waiting)] == [2, 0, 0]


def test_the_less_sure_of_two_cards_is_asked_first():
    waiting = waiting_of([0] * 5 + [1] * 5, chances=[0.85] * 5 + [0.3] * 5)
    assert [round(card.confidence, 2) for card in deal(waiting)] == [0.3, 0.85]


def test_exceptions_come_first_with_their_reason():
    waiting = waiting_of(
        [0] * 12,
        places=["RU/kazan"] * 10 + ["RU/ufa", "RU/kazan"],
        languages=["ru"] * 11 + ["tt"],
        stray=[3],
    )
    (card,) = deal(waiting, alike=-1.0)
    assert card.members[:3].tolist() == [3, 10, 11] or set(card.members[:3].tolist()) == {3, 10, 11}
    told = dict(zip(card.members.tolist(), card.why.tolist(), strict=True))
    assert (told[3], told[10], told[11]) == (UNLIKE, PLACE, LANGUAGE)
    assert card.exceptions == 3
    assert set(card.why[3:].tolist()) == {""}


def test_who_joins_a_card_is_measured_as_those_it_was_dealt_of():
    likeness = np.array([0.9] * 8 + [0.4])
    places = np.array(["n"] * 7 + ["s", "n"], object)
    languages = np.array(["ru"] * 6 + ["en", "", "ru"], object)
    danger = np.array([True] + [False] * 8)
    why = exceptions_of(likeness, places=places, languages=languages, danger=danger)
    assert why.tolist() == [DANGER] + [""] * 5 + [LANGUAGE, PLACE, UNLIKE]
    two = exceptions_of(likeness[-2:], places=places[-2:], languages=languages[-2:], danger=danger[:2])
    assert two.tolist() == ["", ""]


def test_danger_is_an_exception_where_most_are_in_none():
    few, most = (waiting_of([0] * 8, urgency=[2] * n + [1] * (8 - n)) for n in (2, 6))
    (card,) = deal(few)
    assert (sorted(card.members[:2].tolist()), card.why.tolist()) == ([0, 1], [DANGER] * 2 + [""] * 6)
    assert [card.exceptions for card in deal(most)] == [0]


def test_where_places_differ_anyway_none_is_an_exception():
    waiting = waiting_of([0] * 8, places=[f"RU/{i}" for i in range(8)])
    (card,) = deal(waiting)
    assert card.exceptions == 0


def test_the_best_three_of_a_card_are_those_of_all_its_members():
    waiting = waiting_of([0, 0], values=["roads", "roads"], others=[["water", ""], ["water", "light"]])
    (card,) = deal(waiting)
    assert [name for name, _ in card.best] == ["roads", "water", "light"]
    assert card.value == "roads"
    assert sum(chance for _, chance in card.best) <= 1.0


def test_no_appeals_make_no_cards():
    assert deal(waiting_of([])) == []


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 9), max_size=60), st.integers(1, 20), st.randoms(use_true_random=False))
def test_each_appeal_that_waits_is_on_one_card_in_any_order(topics, most, random):
    waiting = waiting_of(topics)
    cards = deal(waiting, most=most)
    assert sorted(row for card in cards for row in card.members.tolist()) == list(range(len(topics)))
    assert all(len(card) <= most for card in cards)
    order = np.array(random.sample(range(len(topics)), len(topics)), np.int64)
    again = deal(waiting.take(order))
    whole = {tuple(sorted(card.members.tolist())) for card in deal(waiting)}
    assert {tuple(sorted(order[card.members].tolist())) for card in again} == whole


def test_the_same_appeals_make_the_same_cards():
    waiting = waiting_of([i % 40 for i in range(400)])
    one, two = deal(waiting), deal(waiting)
    assert [card.members.tolist() for card in one] == [card.members.tolist() for card in two]
    assert [card.priority for card in one] == [card.priority for card in two]


def test_appeals_without_a_vector_or_a_word_are_dealt_too():
    waiting = waiting_of([0, 0, None, None])
    assert sorted(row for card in deal(waiting) for row in card.members.tolist()) == [0, 1, 2, 3]
