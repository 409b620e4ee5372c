"""Changes compare whole weeks, and weeks and months add up to the days."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from veche.picture import trends

_START = dt.date(2025, 1, 6)


def _days(counts: list[int]) -> dict[dt.date, int]:
    return {_START + dt.timedelta(days=i): n for i, n in enumerate(counts)}


def _series(counts: list[int]) -> trends.Series:
    found = trends.series(_days(counts))
    assert found is not None
    return found


@given(st.lists(st.integers(0, 50), min_size=1, max_size=4000))
def test_whatever_the_step_the_line_adds_up_to_all_appeals(counts: list[int]) -> None:
    line = trends.line(_series(counts))
    assert sum(line.counts) == sum(counts)
    assert list(line.starts) == sorted(line.starts)
    assert len(line.counts) <= 400


def test_a_gap_in_the_days_counts_as_zero() -> None:
    days = trends.series({_START: 3, _START + dt.timedelta(days=3): 4})
    assert days is not None
    assert days.counts.tolist() == [3, 0, 0, 4]


def test_the_last_week_is_compared_with_a_usual_one() -> None:
    counts = [10] * 28 + [25] * 7
    week = trends.changes({"x": _days(counts)}, _series(counts))["x"]
    assert (week.recent, week.usual, week.change) == (175, 70.0, 1.5)


def test_a_day_without_the_key_counts_as_none() -> None:
    week = trends.changes({"x": {_START: 500, _START + dt.timedelta(days=8): 4}}, _series([10] * 36))["x"]
    assert (week.recent, week.usual) == (0, 1.0)


def test_the_week_has_its_rhythm() -> None:
    found = trends.rhythm(_series([10, 9, 8, 7, 6, 1, 0] * 3))
    assert found == [10, 9, 8, 7, 6, 1, 0]


def test_a_day_far_above_its_weekday_is_the_peak() -> None:
    counts = [20] * 40
    counts[17] = 120
    assert trends.peak(_series(counts)) == (_START + dt.timedelta(days=17), 120, 20.0)
    assert trends.peak(_series([20] * 40)) is None


def test_a_smoothed_line_is_as_long_as_the_line() -> None:
    assert trends.smoothed([7] * 9) == [None] * 6 + [7.0] * 3
    assert trends.smoothed([7] * 3) == [None] * 3


def test_a_day_among_empty_ones_is_measured_by_the_mean() -> None:
    found = trends.peak(_series([0] * 20 + [140] + [0] * 49))
    assert found == (_START + dt.timedelta(days=20), 140, 14.0)
