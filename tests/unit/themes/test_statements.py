"""Where people voted, each opinion group is quoted a statement that it supports."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from veche.core.errors import UsageError
from veche.themes.statements import LARGE_GROUP, SUPPORT, choose_statements, groups_heard

#: Eight of ten agree with statements 0 to 2, which the other two reject; they have statement 3.
TWO_SIDES = np.array([[1, 1, 1, -1]] * 8 + [[-1, -1, -1, 1]] * 2, float)
SIDE = np.array([0] * 8 + [1] * 2)


def test_a_small_group_that_dissents_is_heard_before_the_majority_is_heard_twice():
    chosen = choose_statements(TWO_SIDES, SIDE, 2)
    assert 3 in chosen
    assert groups_heard(TWO_SIDES, SIDE, chosen) == {0: True, 1: True}


def test_the_statements_of_the_majority_alone_leave_the_others_unheard():
    assert groups_heard(TWO_SIDES, SIDE, [0, 1, 2]) == {0: True, 1: False}


def test_what_both_sides_agree_on_comes_first_and_what_parts_them_next():
    votes = np.column_stack([TWO_SIDES, np.ones(10)])
    chosen = choose_statements(votes, SIDE, 3)
    assert chosen[0] == 4
    assert 3 in chosen
    assert set(chosen) & {0, 1, 2}


def test_nobody_is_asked_and_nothing_breaks():
    votes = np.full((4, 3), np.nan)
    assert len(choose_statements(votes, np.zeros(4, int), 2)) == 2
    assert choose_statements(np.zeros((4, 0)), np.zeros(4, int), 2) == []


def test_a_group_for_each_participant_is_asked_for():
    with pytest.raises(UsageError):
        choose_statements(TWO_SIDES, SIDE[:5], 2)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 100_000), st.integers(1, 4))
def test_every_large_group_that_supports_anything_is_heard(seed, n_groups):
    draw = np.random.default_rng(seed)
    groups = draw.integers(0, n_groups, 60)
    lean = draw.uniform(size=(n_groups, 12))
    votes = np.where(draw.uniform(size=(60, 12)) < lean[groups], 1.0, -1.0)
    chosen = choose_statements(votes, groups, n_groups)
    assert len(set(chosen)) == len(chosen) == min(n_groups, 12)
    for group, heard in groups_heard(votes, groups, chosen).items():
        own = votes[groups == group]
        assert len(own) >= LARGE_GROUP * 60
        assert heard == ((own == 1).mean(axis=0) >= SUPPORT).any()
