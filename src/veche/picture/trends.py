"""Trends: the line of time, the rhythm of the week, and the last week against a usual one.

No forecast is made, and no rise is claimed here: bursts come from `veche.themes.following`.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from veche.core import weeks
from veche.core.weeks import LastWeek

#: A day stands out with at least so many appeals.
_LEAST_AT_PEAK = 10

#: How many points a line may have before it goes by weeks and then by months.
_MOST_DAYS = 400
_MOST_WEEKS = 260


@dataclass(frozen=True)
class Series:
    """Appeals per local day, without gaps: `counts[i]` fell on `first` plus i days."""

    first: dt.date
    counts: np.ndarray

    @property
    def last(self) -> dt.date:
        """The last day."""
        return self.first + dt.timedelta(days=len(self.counts) - 1)

    def days(self) -> list[dt.date]:
        """Return the days in order."""
        return [self.first + dt.timedelta(days=i) for i in range(len(self.counts))]


@dataclass(frozen=True)
class Line:
    """A line of time by `step` ("day", "week", "month"): the first day of each step, and its count."""

    step: str
    starts: Sequence[dt.date]
    counts: Sequence[int]


def series(by_day: Mapping[dt.date, int]) -> Series | None:
    """Return counts by day without gaps, None where there is no day."""
    if not by_day:
        return None
    first, last = min(by_day), max(by_day)
    counts = np.zeros((last - first).days + 1, np.int64)
    for day, n in by_day.items():
        counts[(day - first).days] = n
    return Series(first, counts)


def line(days: Series) -> Line:
    """Return the line of time, by days, or by weeks or months where there are many."""
    dates = days.days()
    if len(dates) <= _MOST_DAYS:
        return Line("day", dates, days.counts.tolist())
    if len(dates) <= _MOST_WEEKS * 7:
        return _stepped("week", [d - dt.timedelta(days=d.weekday()) for d in dates], days.counts)
    return _stepped("month", [d.replace(day=1) for d in dates], days.counts)


def _stepped(step: str, starts: Sequence[dt.date], counts: np.ndarray) -> Line:
    ordinals, where = np.unique([d.toordinal() for d in starts], return_inverse=True)
    sums = np.zeros(len(ordinals), np.int64)
    np.add.at(sums, where, counts)
    return Line(step, [dt.date.fromordinal(int(o)) for o in ordinals], sums.tolist())


def rhythm(days: Series) -> list[float] | None:
    """Return the mean of each weekday from Monday on; None below two whole weeks."""
    if len(days.counts) < 14:
        return None
    weekday = (np.arange(len(days.counts)) + days.first.weekday()) % 7
    return [float(days.counts[weekday == d].mean()) for d in range(7)]


def smoothed(counts: Sequence[int], *, window: int = 7) -> list[float | None]:
    """Return the mean of each value and the `window` - 1 before it; None where there are too few."""
    sums = np.cumsum(np.concatenate([[0], np.asarray(counts, np.float64)]))
    means = (sums[window:] - sums[:-window]) / window
    return [None] * min(window - 1, len(counts)) + [round(float(m), 1) for m in means]


def changes(by_key: Mapping[str, Mapping[dt.date, int]], days: Series) -> dict[str, LastWeek]:
    """Return the last week of each key (counts by day); empty where there are too few weeks before."""
    before = weeks.weeks_before(days.counts)
    if not before:
        return {}
    last = days.last.toordinal()
    result = {}
    for key, counts in by_key.items():
        ages = last - np.array([day.toordinal() for day in counts], np.int64)
        many = np.array(list(counts.values()), np.int64)
        result[key] = weeks.last_week(ages, weeks=before, counts=many)
    return result


def peak(days: Series) -> tuple[dt.date, int, float] | None:
    """Return the day that stands out most: day, count, and the usual count of its weekday.

    The usual count is the median, or the mean where half of the days have nothing.

    None where no day has twice the usual count and is unlikely by chance.
    """
    if len(days.counts) < 21:
        return None
    weekday = (np.arange(len(days.counts)) + days.first.weekday()) % 7
    own = [days.counts[weekday == d] for d in range(7)]
    medians = np.array([np.median(counts) for counts in own])
    usual = np.where(medians < 1, [counts.mean() for counts in own], medians)[weekday]
    excess = (days.counts - usual) / np.sqrt(np.maximum(usual, 1))
    at = int(np.argmax(excess))
    count = int(days.counts[at])
    if count < max(2 * usual[at], _LEAST_AT_PEAK) or excess[at] < 5:
        return None
    return days.first + dt.timedelta(days=at), count, float(usual[at])
