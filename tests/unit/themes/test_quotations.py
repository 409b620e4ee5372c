"""Quotations are chosen so that people are represented, and no group of a full share is forgotten."""

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from planted import around

from veche.themes.quotations import (
    DIVERSITY,
    Groups,
    Passages,
    People,
    choose,
    seats,
    standing,
)

LETTERS = "абвгдежзиклмнопрстуф"


def plain(n):
    """Return `n` passages' texts without a common word."""
    return [f"{LETTERS[i % 20] * (3 + i // 20)} {LETTERS[i % 20] * (9 + i // 20)}." for i in range(n)]


def passages(vectors, group=None):
    n = len(vectors)
    return Passages(plain(n), vectors, np.full(n, -1) if group is None else group)


def people(vectors, group=None, weight=None):
    n = len(vectors)
    return People(
        vectors,
        np.ones(n) if weight is None else weight,
        np.full(n, -1) if group is None else group,
    )


NO_GROUPS = Groups(np.zeros(0), np.zeros(0, np.int64))


def test_two_quotations_never_say_the_same():
    same = around(0, 6, seed=1, spread=0.05).astype(np.float32)
    texts = [f"Во дворе не работает фонарь номер {w}." for w in ("раз", "два", "три", "пять", "семь", "сто")]
    chosen = choose(Passages(texts, same, np.full(6, -1)), people(same), NO_GROUPS, count=5)
    assert len(chosen) == 1


def test_quotations_cover_the_subthemes():
    vectors = np.concatenate([around(c, 20, seed=c) for c in range(4)]).astype(np.float32)
    group = np.repeat(np.arange(4), 20)
    groups = Groups(np.full(4, 0.25), np.zeros(4, np.int64))
    chosen = choose(passages(vectors, group), people(vectors, group), groups, count=4)
    assert sorted(group[chosen]) == [0, 1, 2, 3]


def test_there_is_nothing_to_choose_from_nothing():
    nothing = np.zeros((0, 3), np.float32)
    assert choose(passages(nothing), people(np.zeros((5, 3), np.float32)), NO_GROUPS, count=5) == []
    assert choose(passages(np.eye(3, dtype=np.float32)), people(nothing), NO_GROUPS, count=5) == []


def test_a_group_with_a_seat_is_quoted_whatever_the_others_say():
    vectors = np.concatenate([around(0, 30, seed=0), around(1, 2, seed=1)]).astype(np.float32)
    group = np.repeat([0, 1], [30, 2])
    nobody_there = people(vectors[:30], group[:30])
    groups = Groups(np.array([1.0, 0.0]), np.array([0, 1]))
    chosen = choose(passages(vectors, group), nobody_there, groups, count=2)
    assert 1 in group[chosen]


def test_who_stands_for_more_people_is_represented_first():
    vectors = np.concatenate([around(c, 5, seed=c, spread=0.1) for c in range(2)]).astype(np.float32)
    weight = np.repeat([1.0, 50.0], 5)
    assert choose(passages(vectors), people(vectors, weight=weight), NO_GROUPS, count=1)[0] >= 5


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=12), st.integers(1, 40))
def test_seats_never_exceed_the_quotations_and_a_full_share_has_one(sizes, count):
    given_seats = seats(np.array(sizes, float), count)
    assert given_seats.sum() <= count
    for size, own in zip(sizes, given_seats, strict=True):
        if sum(sizes) and size * count >= sum(sizes):
            assert own >= 1


def test_standing_is_the_share_of_others_less_alike():
    vectors = np.array([[1, 0], [0.8, 0.6], [0, 1], [-1, 0]], np.float32)
    found = standing(people(vectors), vectors)
    assert np.allclose(found[0], [1, 5 / 6, 1 / 2, 1 / 6])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_the_choice_is_worth_at_least_55_percent_of_the_best(seed):
    draw = np.random.default_rng(seed)
    vectors = draw.normal(size=(9, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    group = draw.integers(0, 3, 9)
    share = np.bincount(group, minlength=3) / 9
    chosen = choose(passages(vectors, group), people(vectors, group), Groups(share, seats(share, 0)), count=3)
    represented = standing(people(vectors), vectors)

    def value(picked):
        return represented[:, list(picked)].max(axis=1).mean()

    # The reward for groups is at most DIVERSITY and only adds to what is guaranteed.
    assert value(chosen) + DIVERSITY >= 0.55 * max(value(p) for p in combinations(range(9), 3))
    assert value(chosen) >= 0.55 * max(value(p) for p in combinations(range(9), 3))
