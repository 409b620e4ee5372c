"""Trends: the line of time, the rhythm of the week, and what rose or fell in the last week.

A change counts as an alert only where chance hardly explains it: given both counts, the recent one is
binomial if nothing changed (Przyborowski and Wilenski, Biometrika 31, 1940). No forecast is made.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import bdtrc

#: The window that counts as recent, and the weeks before that it is compared with.
RECENT_DAYS = 7
WEEKS_BEFORE = 4
_LEAST_WEEKS = 2

#: When a rise is told: at least this many appeals, this ratio, and this unlikely by chance.
_LEAST_RECENT = 10
_LEAST_RATIO = 1.5
_CHANCE = 0.001

#: Below so many appeals in the last and a usual week together, no change is shown.
_LEAST_COUNTED = 10

#: The weeks before are usual ones only with this share of what the whole period makes likely: many
#: sources are filled in batches, with weeks of nothing between them.
_LEAST_USUAL = 0.1

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


@dataclass(frozen=True)
class Change:
    """The last week against an average week before: `ratio` - 1 is the relative change.

    `chance` is the probability of a recent count at least as high if nothing had changed.
    """

    key: str
    recent: int
    expected: float
    chance: float

    @property
    def relative(self) -> float | None:
        """The relative change, None where there was nothing before."""
        return self.recent / self.expected - 1 if self.expected else None

    @property
    def is_counted(self) -> bool:
        """Whether there are enough appeals for a change to mean anything."""
        return self.recent + self.expected >= _LEAST_COUNTED

    @property
    def is_rise(self) -> bool:
        """Whether this is a rise worth telling."""
        return (
            self.recent >= _LEAST_RECENT
            and self.recent >= _LEAST_RATIO * self.expected
            and self.chance < _CHANCE
        )


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


def weeks_before(days: Series) -> int:
    """Return how many whole weeks there are to compare the last one with; 0 where too few or too empty."""
    weeks = min((len(days.counts) - RECENT_DAYS) // 7, WEEKS_BEFORE)
    if weeks < _LEAST_WEEKS:
        return 0
    before = days.counts[-RECENT_DAYS - 7 * weeks : -RECENT_DAYS]
    return weeks if before.mean() >= _LEAST_USUAL * days.counts.mean() else 0


def changes(by_key: Mapping[str, Mapping[dt.date, int]], days: Series) -> dict[str, Change]:
    """Return the change of each key (counts by day); empty where there are too few weeks."""
    weeks = weeks_before(days)
    if not weeks:
        return {}
    border = days.last - dt.timedelta(days=RECENT_DAYS - 1)
    start = border - dt.timedelta(days=7 * weeks)
    result = {}
    for key, counts in by_key.items():
        recent = sum(n for day, n in counts.items() if day >= border)
        before = sum(n for day, n in counts.items() if start <= day < border)
        chance = float(bdtrc(recent - 1, recent + before, 1 / (1 + weeks)))
        result[key] = Change(key, recent, before / weeks, chance)
    return result


def rises(found: Mapping[str, Change], *, most: int) -> list[Change]:
    """Return the rises worth telling, those that brought most appeals first."""
    told = [c for c in found.values() if c.is_rise]
    return sorted(told, key=lambda c: (-(c.recent - c.expected), c.key))[:most]


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
    if count < max(2 * usual[at], _LEAST_RECENT) or excess[at] < 5:
        return None
    return days.first + dt.timedelta(days=at), count, float(usual[at])
