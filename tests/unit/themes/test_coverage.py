"""The quotations of a whole run cover every group of people, and never the same thing twice."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planted import around

from veche.themes.coverage import cover
from veche.themes.quotations import Passages, People, near_identical, seats

LETTERS = "абвгдежзиклмнопрстуф"


def plain(n):
    """Return `n` passages' texts without a common word."""
    return [f"{LETTERS[i % 20] * (3 + i // 20)} {LETTERS[i % 20] * (9 + i // 20)}." for i in range(n)]


def chosen_of(vectors, group, *, count, dimensions=(), weight=None, wanted=None):
    weight = np.ones(len(vectors)) if weight is None else weight
    size = np.bincount(group, weights=weight)
    return cover(
        Passages(plain(len(vectors)), vectors, group),
        People(vectors, weight, group),
        [group, *dimensions],
        seats(size, count) if wanted is None else wanted,
        count=count,
        good_length=90,
    )


def crowd(sizes, spread=0.5):
    vectors = [around(c, n, seed=c, spread=spread) for c, n in enumerate(sizes)]
    return np.concatenate(vectors).astype(np.float32), np.repeat(np.arange(len(sizes)), sizes)


def test_each_theme_of_a_full_share_is_quoted():
    vectors, group = crowd([40, 20, 10, 10])
    chosen = chosen_of(vectors, group, count=8)
    assert (np.bincount(group[chosen], minlength=4) >= [4, 2, 1, 1]).all()


def test_a_seat_is_filled_even_if_nobody_is_near():
    vectors, group = crowd([60, 1])
    assert 60 in chosen_of(vectors, group, count=3, wanted=np.array([0, 1]))


def test_a_group_across_themes_is_not_left_to_chance():
    """Those who write in another way inside one theme are a group of another dimension."""
    vectors, theme = crowd([40, 40, 40])
    language = np.zeros(120, int)
    language[[*range(0, 12)]] = 1
    vectors[:12] = around(7, 12, seed=7, spread=0.5)
    chosen = chosen_of(vectors, theme, count=6, dimensions=[language])
    assert language[chosen].any()


def test_two_quotations_never_say_the_same():
    vectors = around(0, 12, seed=1, spread=0.05).astype(np.float32)
    assert len(chosen_of(vectors, np.zeros(12, int), count=5)) == 1


def test_there_is_nothing_to_choose_from_nothing():
    nothing = np.zeros((0, 3), np.float32)
    none = np.zeros(0, int)
    people = People(np.eye(3, dtype=np.float32), np.ones(3), np.zeros(3, int))
    assert cover(Passages([], nothing, none), people, [], np.zeros(1), count=5, good_length=90) == []


def test_passages_with_the_same_words_or_meaning_are_one():
    vectors = np.eye(3, dtype=np.float32)
    same = near_identical(
        Passages(["no heating at home", "no heating at home now", "other"], vectors, vectors[0])
    )
    assert same.tolist() == [[True, True, False], [True, True, False], [False, False, True]]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 6))
def test_the_choice_is_as_many_as_asked_once_each_and_always_the_same(seed, count):
    draw = np.random.default_rng(seed)
    vectors = draw.normal(size=(30, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    group = draw.integers(0, 3, 30)
    chosen = chosen_of(vectors, group, count=count)
    assert len(set(chosen)) == count
    assert chosen == chosen_of(vectors, group, count=count)


@pytest.mark.parametrize("seed", range(5))
def test_a_choice_is_better_than_lots_for_most_people(seed):
    vectors, group = crowd([30, 30, 30], spread=0.8)
    order = np.random.default_rng(seed).permutation(90)
    vectors, group = vectors[order], group[order]
    likeness = vectors @ vectors.T
    chosen = chosen_of(vectors, group, count=6)
    lots = [np.random.default_rng(i).choice(90, 6, replace=False) for i in range(100)]
    drawn = np.array([likeness[:, lot].max(axis=1).mean() for lot in lots])
    assert likeness[:, chosen].max(axis=1).mean() > np.quantile(drawn, 0.9)
