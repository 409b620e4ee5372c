"""The appeals that a person may see, in columns in memory: what lists filter and boards count.

A cube is a moment's copy and never changes; `scopes` makes it from the database, through the walls, and keeps
it in step. Every row is one version of an appeal: a later version of an appeal is a row further down, and the
earlier one is no longer alive. So cubes of different moments share their columns.

Masks of rows are `bool [rows]`; days are counted from 1970-01-01.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from uuid import UUID

import numpy as np
from scipy.sparse import csr_array

from veche.service.board.columns import Column, Members
from veche.service.search.filters import SURE, Filters
from veche.service.search.wording import COUNTED, NONE, SURE_WORDS

#: The type of ids: 16 bytes.
ID = np.dtype("S16")
#: How many steps of confidence of the topic are told apart; `NOT_SURE` is that nothing was decided.
SURE_STEPS = 200
NOT_DECIDED = 255

_EPOCH = dt.date(1970, 1, 1)
_SURE_LEVELS = (*SURE_WORDS, NONE)


@dataclass(frozen=True, eq=False)
class Cube:
    """Appeals in columns. Get one from `scopes.cube_of`."""

    columns: Mapping[str, Column]
    #: Bytes of the ids (`ID`), as the database orders them.
    id: np.ndarray
    #: Microseconds since 1970 (int64).
    received: np.ndarray
    #: The local day of receipt (int32).
    day: np.ndarray
    #: Confidence of the topic in `SURE_STEPS` (uint8).
    sure: np.ndarray
    #: Its number, without the check digit (int64).
    number: np.ndarray
    #: Whether the picture counts it: understood, and not withdrawn.
    counted: np.ndarray
    #: Which rows are the present versions of appeals.
    alive: np.ndarray
    #: Which of these may be seen by whoever asks.
    open: np.ndarray
    #: Rows from the first to `sorted_to` by their ids (int64), all of different appeals.
    order: np.ndarray

    def __len__(self) -> int:
        return len(self.id)

    def rows(self, filters: Filters, only: Iterable[UUID] | None = None) -> np.ndarray:
        """Return which rows fit (a mask).

        Args:
            filters: What is asked for; nothing fits while it has errors.
            only: Where it is not None, only these appeals: what a search found.
        """
        if filters.errors:
            return np.zeros(len(self), bool)
        kept = self.open.copy()
        for key, value in _asked(filters).items():
            kept &= self._fitting(key, value)
        if filters.since:
            kept &= self.day >= number_of(filters.since)
        if filters.until:
            kept &= self.day <= number_of(filters.until)
        if only is not None:
            found = np.zeros(len(self), bool)
            at = self.at(only)
            found[at[at >= 0]] = True
            kept &= found
        return kept

    def _fitting(self, key: str, wanted: Sequence[str]) -> np.ndarray:
        if key == "sure":
            return np.isin(_LEVEL_OF_STEP, [_SURE_LEVELS.index(w) for w in wanted])[self.sure]
        column = self.columns[key]
        fit = column.dictionary.fit(wanted)[column.codes]
        return fit | self.counted if key == "state" and COUNTED in wanted else fit

    def count(self, rows: np.ndarray, dimension: str) -> dict[str, int]:
        """Return how many rows of a mask have each value; no value has none.

        `dimension` is a key of an address, or "day" (values as "2026-11-22"). An appeal of several groups
        counts for each. What is not known counts for "-".
        """
        return _named(*self.sums(rows, dimension))

    def rolled(self, rows: np.ndarray, dimension: str) -> dict[str, int]:
        """Return how many rows lie at each node of a tree ("topic", "territory") or anywhere below."""
        return _named(*self.sums(rows, dimension, rolled=True))

    def sums(
        self, rows: np.ndarray, dimension: str, *, rolled: bool = False, weights: np.ndarray | None = None
    ) -> tuple[Sequence[str], np.ndarray]:
        """Return values, and how many rows of a mask have each (int64), or the sum of their weights.

        `weights` has a whole number for each row of the cube; sums stay below 2**53.
        """
        if dimension == "day":
            at = np.flatnonzero(rows)
            return _by_day(self.day[at], None if weights is None else weights[at])
        codes, members = self._members(dimension, rolled=rolled)
        sums = self._sums(rows, dimension, codes, weights)
        return members.labels, (members.table @ _of_width(sums, members.width)).astype(np.int64)

    def _sums(
        self, rows: np.ndarray, dimension: str, codes: np.ndarray, weights: np.ndarray | None
    ) -> np.ndarray:
        if weights is None and 2 * np.count_nonzero(rows) > len(rows):
            # The few that are left out are counted, and taken off the count of all.
            left = np.bincount(codes[np.flatnonzero(~rows)])
            whole = self._whole.get(dimension)
            if whole is None:
                whole = self._whole[dimension] = np.bincount(codes)
            return whole - _of_width(left, len(whole))
        at = np.flatnonzero(rows)
        return np.bincount(codes[at], None if weights is None else weights[at])

    @cached_property
    def _whole(self) -> dict[str, np.ndarray]:
        """How many rows have each number, dead ones too, by dimension."""
        return {}

    def by_day(
        self,
        rows: np.ndarray,
        dimension: str,
        *,
        since: dt.date,
        days: int,
        rolled: bool = False,
        weights: np.ndarray | None = None,
    ) -> tuple[Sequence[str], np.ndarray]:
        """Return values, and how many rows of a mask have each on each day from `since` on.

        The sums are int64 [values, days]; for `weights` see `sums`.
        """
        first = number_of(since)
        at = np.flatnonzero(rows & (self.day >= first) & (self.day < first + days))
        codes, members = self._members(dimension, rolled=rolled)
        width = members.width
        cells = codes[at].astype(np.int64) * days + (self.day[at] - first)
        sums = np.bincount(cells, None if weights is None else weights[at], minlength=width * days)
        return members.labels, (members.table @ sums.reshape(-1, days)[:width]).astype(np.int64)

    def _members(self, dimension: str, *, rolled: bool) -> tuple[np.ndarray, Members]:
        if dimension == "sure":
            return _LEVEL_OF_STEP[self.sure], _LEVELS
        column = self.columns[dimension]
        return column.codes, column.dictionary.members(rolled=rolled)

    def days(self, rows: np.ndarray) -> dict[dt.date, int]:
        """Return how many rows of a mask fell on each local day."""
        labels, sums = _by_day(self.day[np.flatnonzero(rows)], None)
        return {dt.date.fromisoformat(d): n for d, n in zip(labels, sums.tolist(), strict=True)}

    def ids(
        self, rows: np.ndarray, most: int = 50, after: tuple[dt.datetime, UUID] | None = None
    ) -> list[UUID]:
        """Return the ids of the rows of a mask, those received last first, up to `most`.

        `after` is when the last one of the page before was received, and its id: the list goes on behind it.
        """
        at = np.flatnonzero(rows)
        if after is not None:
            moment, last = _micros(after[0]), np.array(after[1].bytes, ID)
            times = self.received[at]
            at = at[(times < moment) | ((times == moment) & (self.id[at] < last))]
        if len(at) > most:
            times = self.received[at]
            at = at[times >= np.partition(times, len(at) - most)[len(at) - most]]
        latest = np.lexsort((self.id[at], self.received[at]))[::-1][:most]
        return [UUID(bytes=one.ljust(16, b"\0")) for one in self.id[at[latest]].tolist()]

    def at(self, ids: Iterable[UUID]) -> np.ndarray:
        """Return the row of each appeal (int64), -1 for one that is not there or may not be seen."""
        return self.find(np.array([id.bytes for id in ids], ID), self.open)

    def find(self, ids: np.ndarray, among: np.ndarray) -> np.ndarray:
        """Return the row of each id (int64) among those of a mask of living rows, -1 for none."""
        early = _search(self.id[: len(self.order)], self.order, ids)
        behind = _search(self.id[self._late], np.arange(len(self._late)), ids)
        at = early.copy()
        at[behind >= 0] = self._late[behind[behind >= 0]]
        at[at >= 0] = np.where(among[at[at >= 0]], at[at >= 0], -1)
        return at

    @cached_property
    def _late(self) -> np.ndarray:
        """The living rows behind those that lie in order, by their ids."""
        late = np.flatnonzero(self.alive[len(self.order) :]) + len(self.order)
        return late[np.argsort(self.id[late], kind="stable")]

    def seen(self, mask: np.ndarray) -> "Cube":
        """Return the cube with no more rows open than those of a mask."""
        return replace(self, open=self.open & mask)

    @property
    def nbytes(self) -> int:
        """Bytes that the columns take."""
        own = (self.id, self.received, self.day, self.sure, self.counted, self.number, self.alive, self.order)
        return sum(a.nbytes for a in own) + sum(c.codes.nbytes for c in self.columns.values())


def number_of(day: dt.date) -> int:
    """Return a day as cubes count days."""
    return (day - _EPOCH).days


def date_of(number: int) -> dt.date:
    """Return the day of a number."""
    return _EPOCH + dt.timedelta(days=number)


def _asked(filters: Filters) -> dict[str, tuple[str, ...]]:
    keys = dict.fromkeys(key for key, _ in filters.pairs() if key not in ("since", "until", "q", "by"))
    return {key: filters.values(key) for key in keys}


def _of_width(sums: np.ndarray, width: int) -> np.ndarray:
    """Return sums by number, made as many as there are numbers."""
    return np.pad(sums[:width], (0, max(width - len(sums), 0)))


def _named(labels: Sequence[str], sums: np.ndarray) -> dict[str, int]:
    return {label: n for label, n in zip(labels, sums.tolist(), strict=True) if n}


def _by_day(days: np.ndarray, weights: np.ndarray | None) -> tuple[Sequence[str], np.ndarray]:
    if not len(days):
        return [], np.zeros(0, np.int64)
    first = int(days.min())
    sums = np.bincount(days - first, weights)
    there = np.flatnonzero(np.bincount(days - first))
    return [date_of(first + int(d)).isoformat() for d in there], sums[there].astype(np.int64)


def _search(ids: np.ndarray, order: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return where the ids wanted lie among all of `ids`, which `order` puts in order; -1 for none."""
    if not len(order) or not len(wanted):
        return np.full(len(wanted), -1, np.int64)
    place = np.minimum(np.searchsorted(ids, wanted, sorter=order), len(order) - 1)
    found = order[place]
    return np.where(ids[found] == wanted, found, -1)


def _micros(moment: dt.datetime) -> int:
    return (moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)


def _levels() -> np.ndarray:
    steps = np.arange(256)
    low, middle, high, none = range(4)
    level = np.where(
        steps >= SURE["high"] * SURE_STEPS, high, np.where(steps >= SURE["middle"] * SURE_STEPS, middle, low)
    )
    return np.where(steps == NOT_DECIDED, none, level).astype(np.int64)


#: The place in `_SURE_LEVELS` of each step.
_LEVEL_OF_STEP = _levels()
_LEVELS = Members(_SURE_LEVELS, csr_array(np.eye(len(_SURE_LEVELS))), len(_SURE_LEVELS))
