"""Bursts: what comes much more often than was to be expected, by theme or topic and territory.

What is usual on a weekday, on a day off and on a day that is worked out of turn is learnt from all
appeals and taken out. The expected number follows the weeks before; a window of one to fourteen days
that ends with the last day is a burst if its number is too large for chance. After Farrington et al.
(J. R. Stat. Soc. A 159, 1996) and Kulldorff's prospective scan (J. R. Stat. Soc. A 164, 2001); the rate
before is uncertain too, so the number now is negative binomial (a Poisson whose rate is gamma). False
alarms are held by the procedure of Benjamini and Hochberg (J. R. Stat. Soc. B 57, 1995) over all cells.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.special import betainc

#: Lengths in days of what may be a burst, and the days before that the expected number comes from;
#: the `GUARD` days before a window are left out, as a burst may have begun slowly.
WINDOWS = (1, 2, 3, 5, 7, 10, 14)
BASELINE_DAYS = 56
LEAST_BASELINE = 14
GUARD = 2

#: Share of alerts that may be false, least number of appeals and least ratio that are told.
FALSE_SHARE = 0.01
LEAST_SEEN = 8
LEAST_RATIO = 1.5

#: The rhythm is learnt from this many days at most. Days off and days worked out of turn that were seen
#: fewer times are like Sundays and Mondays.
_RHYTHM_DAYS = 366
_LEAST_DAYS_OFF = 3

#: Kinds of day: the weekdays from Monday, a weekday that is off, a weekend day that is worked.
_OFF, _WORKED = 7, 8

#: Variance over mean of a cell is taken to be its own after about so many days more.
_PRIOR_DAYS = 28


@dataclass(frozen=True)
class Alert:
    """A burst. `what` is a code ("t004", or of a topic), `where` a territory's code; None for all.

    `since` and `until` are the first and last local day of the burst, `seen` how many appeals came in it,
    `expected` how many were to be expected. `chance` is the probability of so many if nothing had changed,
    corrected for the number of cells and windows: below it at most that share of alerts is false.
    """

    what: str | None
    where: str | None
    since: dt.date
    until: dt.date
    seen: int
    expected: float
    chance: float


@dataclass(frozen=True)
class Cells:
    """Dated appeals by cell: `day` int64 (days since 1970, local), `what` and `where` int32 codes (-1 for
    none) into `whats` and `wheres`; all of one length. Copies are left in: many people are a burst."""

    day: np.ndarray
    what: np.ndarray
    where: np.ndarray
    whats: Sequence[str]
    wheres: Sequence[str]


def alerts(
    cells: Cells, *, is_working: Callable[[dt.date], bool], until: dt.date | None = None
) -> list[Alert]:
    """Return the bursts that end on `until` (the last day with an appeal if None), the surest first.

    `is_working` is that of the pack's calendar (`veche.packs.rules.calendars.calendar_of`). Days after
    `until` are not looked at. Fewer than `LEAST_BASELINE` days before give no alert.
    """
    if len(cells.day) == 0:
        return []
    last = int(cells.day.max()) if until is None else _number(until)
    first = max(int(cells.day.min()), last - _RHYTHM_DAYS + 1)
    inside = (cells.day >= first) & (cells.day <= last)
    if last - first < LEAST_BASELINE or not inside.any():
        return []
    keys, table = _table(cells, inside, first, last)
    return bursts_of(keys, table, until=_date(last), is_working=is_working)


def bursts_of(
    keys: Sequence[tuple[str | None, str | None]],
    table: np.ndarray,
    *,
    until: dt.date,
    is_working: Callable[[dt.date], bool],
) -> list[Alert]:
    """Return the bursts in counts by day, as `alerts` does.

    `table` is int64 [cells, days], the last day being `until`; its first row counts all appeals. `keys` says
    for each row `what` and `where`.
    """
    days = table.shape[1]
    if days <= LEAST_BASELINE:
        return []
    weight = _day_weights(table[0], _number(until) - days + 1, is_working)
    chance, window = _scan(table, weight)
    found = []
    corrected = _benjamini_hochberg(chance)
    for cell in np.flatnonzero(corrected <= FALSE_SHARE).tolist():
        length = WINDOWS[window[cell]]
        expected = float(_expected(table[[cell]], weight, length)[0][0])
        seen = int(table[cell, -length:].sum())
        if seen >= LEAST_SEEN and seen >= LEAST_RATIO * expected:
            what, where = keys[cell]
            since = until - dt.timedelta(days=length - 1)
            found.append(Alert(what, where, since, until, seen, round(expected, 2), float(corrected[cell])))
    return sorted(found, key=lambda a: (a.chance, -(a.seen - a.expected), a.what or "", a.where or ""))


def _table(
    cells: Cells, inside: np.ndarray, first: int, last: int
) -> tuple[list[tuple[str | None, str | None]], np.ndarray]:
    """Counts per cell and day, all appeals first; only cells with enough appeals lately to be told."""
    day, what, where = cells.day[inside] - first, cells.what[inside], cells.where[inside]
    days, all_what, all_where = last - first + 1, len(cells.whats), len(cells.wheres)
    keys: list[tuple[str | None, str | None]] = [(None, None)]
    rows = [np.bincount(day, minlength=days)]
    whole_what, whole_where = np.full_like(what, all_what), np.full_like(where, all_where)
    for a, b in ((what, whole_where), (whole_what, where), (what, where)):
        code = np.where((a >= 0) & (b >= 0), a * np.int64(all_where + 1) + b, -1)
        order = np.argsort(code, kind="stable")
        order = order[code[order] >= 0]
        cuts = np.concatenate([[0], np.flatnonzero(np.diff(code[order])) + 1, [len(order)]])
        for own in (order[start:end] for start, end in pairwise(cuts) if end > start):
            if np.count_nonzero(day[own] >= days - WINDOWS[-1]) >= LEAST_SEEN:
                keys.append((_named(cells.whats, int(a[own[0]])), _named(cells.wheres, int(b[own[0]]))))
                rows.append(np.bincount(day[own], minlength=days))
    return keys, np.stack(rows)


def _named(codes: Sequence[str], number: int) -> str | None:
    return codes[number] if number < len(codes) else None


def _day_weights(counts: np.ndarray, first: int, is_working: Callable[[dt.date], bool]) -> np.ndarray:
    """How many appeals each day brings by its kind alone, in usual days (float64, mean 1 over the baseline).

    Medians, so that a burst does not change what is usual.
    """
    kinds = np.array([_kind(_date(first + i), is_working) for i in range(len(counts))])
    usual = np.ones(9)
    before = len(counts) - WINDOWS[-1] if len(counts) >= 2 * WINDOWS[-1] + 7 else len(counts)
    level = max(float(np.mean(counts[:before])), 1e-9)
    for kind in range(9):
        own = counts[:before][kinds[:before] == kind]
        if len(own):
            usual[kind] = max(float(np.median(own)) / level, 0.02)
    for kind, like in ((_OFF, 6), (_WORKED, 0)):
        if np.count_nonzero(kinds[:before] == kind) < _LEAST_DAYS_OFF:
            usual[kind] = usual[like]
    return usual[kinds]


def _kind(day: dt.date, is_working: Callable[[dt.date], bool]) -> int:
    weekday = day.weekday()
    if is_working(day) == (weekday < 5):
        return weekday
    return _OFF if weekday < 5 else _WORKED


def _baseline(n_days: int, length: int) -> slice:
    end = n_days - length - GUARD
    return slice(max(0, end - BASELINE_DAYS), max(0, end))


def _expected(table: np.ndarray, weight: np.ndarray, length: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Per cell what is expected in the last `length` days and what came in the days before; and the ratio
    of their weights."""
    before = _baseline(table.shape[1], length)
    seen, size = table[:, before].sum(axis=1).astype(np.float64), float(weight[before].sum())
    ratio = float(weight[-length:].sum()) / max(size, 1e-9)
    return seen * ratio, seen, ratio


def _scan(table: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Per cell the least probability of its windows, times their number, and the window it belongs to."""
    possible = [w for w, length in enumerate(WINDOWS) if _usable(table.shape[1], length)]
    chance, best = np.ones(len(table)), np.zeros(len(table), np.int64)
    spread = _spreads(table, weight)
    for window in possible:
        length = WINDOWS[window]
        _, before, ratio = _expected(table, weight, length)
        seen = table[:, -length:].sum(axis=1).astype(np.float64)
        # The variance now and that of the expected number; half an appeal before (Jeffreys' prior).
        wide = spread * (1 + ratio)
        shape = (before + 0.5) * ratio / (wide - 1)
        p = np.minimum(betainc(np.maximum(seen, 1), shape, 1 - 1 / wide) * len(possible), 1.0)
        less = (seen >= LEAST_SEEN) & (p < chance)
        chance[less], best[less] = p[less], window
    return chance, best


def _usable(n_days: int, length: int) -> bool:
    before = _baseline(n_days, length)
    return before.stop - before.start >= max(LEAST_BASELINE, 2 * length)


def _spreads(table: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Per cell, variance over mean of the days before, drawn towards that of all cells; at least 1."""
    before = _baseline(table.shape[1], WINDOWS[0])
    own, size = table[:, before].astype(np.float64), weight[before]
    usual = own.sum(axis=1, keepdims=True) / max(float(size.sum()), 1e-9) * size
    # A burst that is over would hide the next one: what goes beyond five deviations is cut.
    off = np.minimum((own - usual) ** 2 / np.maximum(usual, 1e-9), 25.0).sum(axis=1)
    days = own.shape[1]
    some = usual.sum(axis=1) > 0
    in_all = float(off[some].mean()) / days if some.any() else 1.0
    return np.maximum(1.0, (off + _PRIOR_DAYS * in_all) / (days + _PRIOR_DAYS))


def _benjamini_hochberg(chance: np.ndarray) -> np.ndarray:
    order = np.argsort(chance, kind="stable")
    scaled = chance[order] * len(chance) / np.arange(1, len(chance) + 1)
    out = np.empty_like(chance)
    out[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return out


def _date(day: int) -> dt.date:
    return dt.date(1970, 1, 1) + dt.timedelta(days=int(day))


def _number(day: dt.date) -> int:
    return (day - dt.date(1970, 1, 1)).days
