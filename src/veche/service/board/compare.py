"""Two pictures side by side: two periods, two territories, any two filters, and how sure a difference is.

Counts are compared as rates, because periods differ in length and territories in people. The ratio of two
rates has an interval that takes in that appeals do not come one by one: they come in waves, so counts vary
more than chance alone would let them. How much more is taken from the counts by day of both sides (a
quasi-Poisson model: P. McCullagh and J. A. Nelder, Generalized Linear Models, 2nd ed. 1989, 6.2; the interval
is that of a log rate ratio, with half an appeal added to each side as in A. Agresti, Biometrics 55, 1999).
Numbers that are protected bring the variance of their rounding with them. A difference is called clear where
it holds against the number of rows that are looked at (Y. Benjamini and Y. Hochberg, J. R. Stat. Soc. B 57,
1995).
"""

import datetime as dt
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypedDict
from uuid import UUID

import numpy as np
from django.utils import timezone
from scipy.stats import false_discovery_control, norm

from veche.service.accounts.models import User
from veche.service.board.counting import Counter
from veche.service.board.counts import counter_of
from veche.service.board.cube import date_of
from veche.service.board.places import places
from veche.service.board.small_cells import BASE
from veche.service.search.filters import Filters
from veche.service.search.wording import NONE

#: An interval holds the ratio with this probability; so sure is a clear difference, over all rows.
SURE = 0.95
#: The largest variance that rounding to a multiple of `BASE` brings.
_ROUNDING = BASE**2 / 4
#: A row's own spread counts as much as that of all after about so many days.
_PRIOR_DAYS = 14
#: Days at the end of a period that its spread is taken from.
_MOST_DAYS = 730
_TREES = ("topic", "territory")

#: The appeals that a search found; None where nothing is searched for.
Found = Collection[UUID] | None


class _Days(TypedDict):
    since: dt.date
    days: int


@dataclass(frozen=True)
class Side:
    """One of two pictures."""

    filters: Filters
    total: int
    since: dt.date
    until: dt.date
    #: Of the territory that it is narrowed to; None where that is not known, or it is of several.
    population: int | None

    @property
    def days(self) -> int:
        """How many days it is of."""
        return (self.until - self.since).days + 1


@dataclass(frozen=True)
class Difference:
    """How a count differs between two sides."""

    value: str
    words: str
    left: int
    right: int
    #: Appeals per `Comparison.unit`.
    left_rate: float
    right_rate: float
    #: The right rate for one of the left, and the interval it lies in; None where one side has nothing.
    ratio: float | None
    low: float
    high: float
    #: Whether it is larger than chance and waves explain, over all rows that are shown.
    clear: bool


class Comparison:
    """Two pictures and their differences. Get one from `compare`."""

    def __init__(self, left: Side, right: Side, counters: tuple[Counter, Counter]) -> None:
        self.left, self.right = left, right
        self._counters = counters

    @property
    def per_people(self) -> bool:
        """Whether rates are per 10,000 inhabitants and day; else they are per day."""
        return bool(self.left.population and self.right.population)

    @cached_property
    def _exposure(self) -> tuple[float, float]:
        sides = (self.left, self.right)
        return tuple(
            s.days * (s.population / 10_000 if self.per_people and s.population else 1) for s in sides
        )  # pyright: ignore[reportReturnType]

    @cached_property
    def total(self) -> Difference:
        """All appeals of both sides."""
        tables = [c.days("state", **_latest(s))[1].sum(axis=0) for c, s in self._both]
        counts = np.array([[self.left.total], [self.right.total]])
        return self._differences([""], counts, [table[None, :] for table in tables])[0]

    @property
    def _both(self) -> list[tuple[Counter, Side]]:
        return list(zip(self._counters, (self.left, self.right), strict=True))

    def rows(self, dimension: str) -> list[Difference]:
        """Return the differences of the values of a dimension, the largest sum of both sides first."""
        rolled = dimension in _TREES
        counts = [counter.by(dimension, rolled=rolled) for counter in self._counters]
        values = sorted(counts[0].keys() | counts[1].keys(), key=lambda v: _order(v, counts))
        if not values:
            return []
        tables = [
            _lined_up(values, *counter.days(dimension, **_latest(side))) for counter, side in self._both
        ]
        table = np.array([[of.get(value, 0) for value in values] for of in counts])
        said = self.left.filters.wording
        return [
            replace(d, words=said.said(dimension, d.value)) for d in self._differences(values, table, tables)
        ]

    def _differences(
        self, values: Sequence[str], counts: np.ndarray, by_day: Sequence[np.ndarray]
    ) -> list[Difference]:
        spread = _spreads(by_day)
        exposure = np.array(self._exposure)[:, None]
        eased = counts + 0.5
        rounding = _ROUNDING if self._counters[0].protected else 0.0
        variance = ((spread * eased + rounding) / eased**2).sum(axis=0)
        log = np.log(eased[1] / exposure[1]) - np.log(eased[0] / exposure[0])
        error = np.sqrt(variance)
        wide = norm.ppf((1 + SURE) / 2) * error
        chance = false_discovery_control(np.clip(2 * norm.sf(np.abs(log) / error), 0, 1))
        rates = counts / exposure
        return [
            Difference(
                value=value,
                words="",
                left=int(counts[0, i]),
                right=int(counts[1, i]),
                left_rate=float(rates[0, i]),
                right_rate=float(rates[1, i]),
                ratio=float(rates[1, i] / rates[0, i]) if counts[:, i].all() else None,
                low=math.exp(log[i] - wide[i]),
                high=math.exp(log[i] + wide[i]),
                clear=bool(chance[i] <= 1 - SURE),
            )
            for i, value in enumerate(values)
        ]


def compare(
    user: User, left: Filters, right: Filters, *, only: tuple[Found, Found] = (None, None)
) -> Comparison:
    """Return two pictures side by side, within `acting` of who asks.

    Args:
        user: Who asks.
        left: What is compared with.
        right: What is compared.
        only: For each side the appeals that a search found, None where nothing is searched for.
    """
    counters = counter_of(user, left, only=only[0]), counter_of(user, right, only=only[1])
    return Comparison(_side(left, counters[0]), _side(right, counters[1]), counters)


def earlier(filters: Filters, today: dt.date) -> Filters:
    """Return the same filters for the period before, as long; without a period, for the week before last."""
    until = filters.until or today
    since = filters.since or until - dt.timedelta(days=6)
    length = until - since + dt.timedelta(days=1)
    return replace(filters, since=since - length, until=since - dt.timedelta(days=1))


def _side(filters: Filters, counter: Counter) -> Side:
    today = timezone.localdate()
    first, last = counter.span or (today, today)
    # Before the first appeal of all nothing could be counted, whatever the period.
    begun = counter.cube.day[counter.cube.open]
    since = max(filters.since or first, date_of(int(begun.min())) if len(begun) else today)
    until = max(min(filters.until or max(last, today), max(last, today)), since)
    population = None
    if len(filters.territory) == 1:
        code = filters.territory[0].rsplit("/", 1)[-1]
        known = places(filters.wording.packs).get(code)
        population = known.population if known else None
    return Side(filters, counter.total, since, until, population)


def _latest(side: Side) -> _Days:
    """Return the days that the spread of a side's counts is taken from: its last, if it has very many."""
    days = min(side.days, _MOST_DAYS)
    return {"since": side.until - dt.timedelta(days=days - 1), "days": days}


def _order(value: str, counts: Sequence[Mapping[str, int]]) -> tuple[bool, int, str]:
    return value == NONE, -sum(of.get(value, 0) for of in counts), value


def _lined_up(values: Sequence[str], labels: Sequence[str], table: np.ndarray) -> np.ndarray:
    """Return the rows of a table by day in the order of values; nothing for those it does not have."""
    place = {label: i for i, label in enumerate(labels)}
    found = np.zeros((len(values), table.shape[1]), np.int64)
    for i, value in enumerate(values):
        if value in place:
            found[i] = table[place[value]]
    return found


def _spreads(by_day: Sequence[np.ndarray]) -> np.ndarray:
    """Return by how much the counts of each row vary more than those of chance alone: 1 or more.

    A row with few days is drawn towards the spread of all rows.
    """
    off, free = np.zeros(len(by_day[0])), 0
    for table in by_day:
        mean = table.mean(axis=1, keepdims=True)
        off += ((table - mean) ** 2 / np.maximum(mean, 1e-9)).sum(axis=1)
        free += table.shape[1] - 1
    some = np.sum([table.sum(axis=1) for table in by_day], axis=0) > 0
    in_all = float(off[some].mean()) / max(free, 1) if some.any() else 1.0
    return np.maximum(1.0, (off + _PRIOR_DAYS * max(in_all, 1.0)) / (free + _PRIOR_DAYS))
