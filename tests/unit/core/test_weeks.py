"""The last week is compared with usual weeks, where there are any."""

import numpy as np
import pytest

from veche.core.weeks import LastWeek, last_week, weeks_before


def test_two_weeks_are_too_few_to_tell_a_change() -> None:
    assert weeks_before(np.full(20, 5)) == 0
    assert weeks_before(np.full(21, 5)) == 2


def test_weeks_of_nothing_are_no_usual_weeks() -> None:
    assert weeks_before(np.array([30] * 60 + [0] * 28 + [5] * 7)) == 0
    assert weeks_before(np.array([30] * 60 + [20] * 28 + [5] * 7)) == 4


def test_appeals_count_by_their_age_in_days() -> None:
    ages = np.array([0, 6, 7, 8, 34, 35, 400])
    assert last_week(ages, weeks=4) == LastWeek(2, 0.75)
    assert last_week(ages, weeks=4, counts=np.arange(7)) == LastWeek(1, (2 + 3 + 4) / 4)


@pytest.mark.parametrize(("recent", "usual", "counted"), [(9, 0.5, False), (10, 0.0, True), (0, 10.0, True)])
def test_few_appeals_show_no_change(recent: int, usual: float, counted: bool) -> None:
    assert LastWeek(recent, usual).is_counted is counted


def test_after_nothing_there_is_no_relative_change() -> None:
    assert LastWeek(30, 0.0).change is None
