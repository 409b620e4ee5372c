"""Counts of some rows of a cube, as they are or protected; whatever a board shows is worked out from these.

So a reader from whom small numbers are hidden sees changes, rates and bursts of numbers that are protected,
and nothing else can leak.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from veche.core.weeks import LastWeek, weeks_before
from veche.picture.trends import Line
from veche.service.board.cube import Cube, date_of, number_of
from veche.service.board.small_cells import keys_of, published

STEPS = ("day", "week", "month")

#: How many points a line may have before it goes by weeks, and then by months.
_MOST_DAYS = 400
_MOST_WEEKS = 260
#: A line goes on to today over so many days without an appeal; behind more the series has ended.
_QUIET_DAYS = 92
#: The weeks that changes are worked out from: the last and four before.
_WEEKS = 5


@dataclass(frozen=True, eq=False)
class Counter:
    """Counts the rows of a mask."""

    cube: Cube
    rows: np.ndarray
    #: Whether small numbers are hidden.
    protected: bool

    @cached_property
    def _keys(self) -> np.ndarray | None:
        return keys_of(self.cube) if self.protected else None

    @cached_property
    def total(self) -> int:
        """How many rows there are."""
        counts = np.array([np.count_nonzero(self.rows)])
        return int(self._shown(counts, self._sum(self.rows))[0])

    def _sum(self, rows: np.ndarray) -> np.ndarray | None:
        return None if self._keys is None else np.array([self._keys[rows].sum()])

    def _shown(self, counts: np.ndarray, keys: np.ndarray | None) -> np.ndarray:
        return counts if keys is None else published(counts, keys)

    def by(self, dimension: str, *, rolled: bool = False) -> Mapping[str, int]:
        """Return how many rows each value has; those with none are left out.

        `rolled` counts a topic or a territory for all above it, too.
        """
        found = self._by.get((dimension, rolled))
        if found is None:
            found = self._by[dimension, rolled] = self._counted(dimension, rolled=rolled)
        return found

    @cached_property
    def _by(self) -> dict[tuple[str, bool], Mapping[str, int]]:
        return {}

    def _counted(self, dimension: str, *, rolled: bool) -> Mapping[str, int]:
        labels, counts = self.cube.sums(self.rows, dimension, rolled=rolled)
        keys = None
        if self._keys is not None:
            keys = self.cube.sums(self.rows, dimension, rolled=rolled, weights=self._keys)[1]
        shown = self._shown(counts, keys)
        return {label: n for label, n in zip(labels, shown.tolist(), strict=True) if n}

    @cached_property
    def span(self) -> tuple[dt.date, dt.date] | None:
        """The first and the last day with a row that is shown; None where there is none."""
        if self.protected:
            days = sorted(self.by("day"))
            return (dt.date.fromisoformat(days[0]), dt.date.fromisoformat(days[-1])) if days else None
        days = self.cube.day[self.rows]
        return (date_of(int(days.min())), date_of(int(days.max()))) if len(days) else None

    def line(self, *, until: dt.date, step: str | None = None) -> Line | None:
        """Return the rows along time, without gaps, None where there is none.

        Args:
            until: The day that it goes on to, unless it has ended long before.
            step: "day", "week" or "month"; None for days, or longer steps where there are very many.
        """
        key = (until, step)
        if key not in self._lines:
            self._lines[key] = self._along(until, step)
        return self._lines[key]

    @cached_property
    def _lines(self) -> dict[tuple[dt.date, str | None], Line | None]:
        return {}

    def _along(self, until: dt.date, step: str | None) -> Line | None:
        if self.span is None:
            return None
        first, last = self.span
        if dt.timedelta(0) < until - last <= dt.timedelta(days=_QUIET_DAYS):
            last = until
        days = (last - first).days + 1
        step = step or ("day" if days <= _MOST_DAYS else "week" if days <= _MOST_WEEKS * 7 else "month")
        starts, place = _steps(first, days, step)
        inside = self.rows & (self.cube.day >= number_of(first)) & (self.cube.day <= number_of(last))
        at = place[self.cube.day[inside] - number_of(first)]
        counts = np.bincount(at, minlength=len(starts))
        keys = None
        if self._keys is not None:
            keys = np.bincount(at, self._keys[inside], len(starts)).astype(np.int64)
        return Line(step, starts, self._shown(counts, keys).tolist())

    def days(
        self, dimension: str, *, since: dt.date, days: int, width: int = 1
    ) -> tuple[Sequence[str], np.ndarray]:
        """Return values, and how many rows each has in periods of `width` days from `since` on.

        The counts are int64 [values, days / width]; topics and territories count for all above them.
        """
        rolled = dimension in ("topic", "territory")
        labels, counts = self.cube.by_day(self.rows, dimension, since=since, days=days, rolled=rolled)
        counts = _wider(counts, width)
        if self._keys is None:
            return labels, counts
        keys = self.cube.by_day(
            self.rows, dimension, since=since, days=days, rolled=rolled, weights=self._keys
        )[1]
        return labels, published(counts, _wider(keys, width))

    def changes(self, dimension: str, *, until: dt.date) -> Mapping[str, LastWeek]:
        """Return the week that ends with `until` against those before, by value; empty where they are few."""
        weeks = self._usual_weeks(until)
        if not weeks:
            return {}
        since = until - dt.timedelta(days=7 * _WEEKS - 1)
        labels, table = self.days(dimension, since=since, days=7 * _WEEKS, width=7)
        usual = table[:, _WEEKS - 1 - weeks : _WEEKS - 1].mean(axis=1)
        pairs = zip(labels, table[:, -1].tolist(), usual.tolist(), strict=True)
        return {label: LastWeek(recent, mean) for label, recent, mean in pairs if recent or mean}

    def _usual_weeks(self, until: dt.date) -> int:
        line = self.line(until=until, step="day")
        if line is None or line.starts[0] > until:
            return 0
        return weeks_before(np.array(line.counts[: (until - line.starts[0]).days + 1]))


def _wider(table: np.ndarray, width: int) -> np.ndarray:
    return table.reshape(len(table), table.shape[1] // width, width).sum(axis=2)


def _steps(first: dt.date, days: int, step: str) -> tuple[list[dt.date], np.ndarray]:
    """Return the first day of each step, and in which step each day lies."""
    dates = [first + dt.timedelta(days=i) for i in range(days)]
    if step == "week":
        begins = [d - dt.timedelta(days=d.weekday()) for d in dates]
    else:
        begins = [d.replace(day=1) for d in dates] if step == "month" else dates
    starts = sorted(set(begins))
    number = {start: i for i, start in enumerate(starts)}
    return starts, np.array([number[start] for start in begins], np.int64)


def last_of(start: dt.date, step: str) -> dt.date:
    """Return the last day of the step that begins on a day."""
    if step == "week":
        return start + dt.timedelta(days=6)
    if step == "month":
        return (start + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)
    return start
