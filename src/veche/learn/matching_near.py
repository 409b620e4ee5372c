"""Which earlier appeals lie near a later one: of the same kind, within 300 metres and the 30 days before.

Appeals are sorted into squares and, within a square, by time, so that every look-up is a search in sorted
numbers. Nothing here looks at a text.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

#: City staff mark a second report as a duplicate of one within this distance and time of it (three in four
#: of the pairs of the City of Boston lie so; most others were marked against a later report).
NEAR_METRES = 300.0
NEAR_SECONDS = 30 * 86_400

#: Of more candidates than this the nearest in place and time are looked at.
MOST_CANDIDATES = 48

_METRES_PER_DEGREE = 111_320.0
_NO_TIME = np.iinfo(np.int64).min
_TIME_BITS = 40
_ROWS_AT_ONCE = 8_192


@dataclass(frozen=True)
class Told:
    """What is known of n appeals when they come in.

    `texts`: masked texts, string, never null. `vectors`: unit sentence vectors, float32 [n, d], zeros where
    there is none. `kind`: what the appeal is about (a topic, a service), string, null where unknown: only
    appeals of one kind are matched. `received`: datetime64[s], NaT where unknown. `lat`, `lon`: degrees, NaN
    where unknown. `closed`: datetime64[s], when the matter was closed, NaT where that is unknown or has not
    happened; it counts only for those that come after it. None where nothing is known of closing.
    """

    texts: pa.Array
    vectors: np.ndarray
    kind: pa.Array
    received: np.ndarray
    lat: np.ndarray
    lon: np.ndarray
    closed: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.texts)

    def seconds(self) -> np.ndarray:
        """Return when each was received, in seconds since 1970 (int64), the least number where unknown."""
        return self.received.astype("datetime64[s]").astype(np.int64)

    def metres(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """Return the distance of pairs of rows (flat, fine below 100 km)."""
        north = self.lat[first] - self.lat[second]
        east = (self.lon[first] - self.lon[second]) * np.cos(np.radians(self.lat[first]))
        return np.hypot(north, east) * _METRES_PER_DEGREE


@dataclass(frozen=True)
class Pairs:
    """Candidates: `later` and `earlier` rows (int64), sorted by `later`, each one's earliest first;
    `metres` and `seconds` between them (float64)."""

    later: np.ndarray
    earlier: np.ndarray
    metres: np.ndarray
    seconds: np.ndarray

    def __len__(self) -> int:
        return len(self.later)

    def take(self, chosen: np.ndarray) -> "Pairs":
        """Return the pairs of `chosen` (a mask, or positions in ascending order)."""
        return Pairs(self.later[chosen], self.earlier[chosen], self.metres[chosen], self.seconds[chosen])


def candidates(told: Told, rows: np.ndarray) -> Pairs:
    """Return, for each of `rows` (int64), the appeals that came before it near its place.

    Of two received in one second the one that stands first in `told` is the earlier. Appeals without place,
    time or kind have no candidates and are none.
    """
    lines, order = _sorted_squares(told)
    later, earlier = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    asked = np.unique(rows)
    asked = asked[lines.known[asked]]
    for begin in range(0, len(asked), _ROWS_AT_ONCE):
        some = asked[begin : begin + _ROWS_AT_ONCE]
        found = _around(told, lines, order, some)
        later.append(found.later)
        earlier.append(found.earlier)
    first, second = np.concatenate(later), np.concatenate(earlier)
    seconds = told.seconds()
    return Pairs(first, second, told.metres(first, second), (seconds[first] - seconds[second]).astype(float))


@dataclass(frozen=True)
class _Squares:
    """`known`: which rows have all that is needed (bool [n]); `square` their place in the grid (int64 [n, 3]:
    kind, north, east); `codes` the distinct squares as one number each, ascending; `line` the sorted numbers
    that order known rows by square and time."""

    known: np.ndarray
    square: np.ndarray
    codes: np.ndarray
    line: np.ndarray
    began: int


def _sorted_squares(told: Told) -> tuple[_Squares, np.ndarray]:
    seconds = told.seconds()
    kind = pc.fill_null(pc.dictionary_encode(told.kind).indices, -1).to_numpy(zero_copy_only=False)
    known = np.isfinite(told.lat) & np.isfinite(told.lon) & (seconds != _NO_TIME) & (kind >= 0)
    lat, lon = np.where(known, told.lat, 0.0), np.where(known, told.lon, 0.0)
    # Squares are as wide as at the northern edge of their row, so that neighbours reach far enough.
    north = np.floor(lat * _METRES_PER_DEGREE / NEAR_METRES)
    edge = np.maximum(np.abs(north), np.abs(north + 1)) + 1
    narrow = np.maximum(np.cos(np.radians(np.minimum(edge * NEAR_METRES / _METRES_PER_DEGREE, 89.9))), 1e-3)
    width = NEAR_METRES / _METRES_PER_DEGREE / narrow.min(initial=1.0, where=known)
    square = np.stack([kind, north, np.floor(lon / width)], axis=1).astype(np.int64)
    code = _code(square)
    codes = np.unique(code[known])
    began = int(seconds[known].min(initial=0)) - NEAR_SECONDS if known.any() else 0
    rows = np.flatnonzero(known)
    key = (np.searchsorted(codes, code[rows]) << _TIME_BITS) + (seconds[rows] - began)
    order = np.argsort(key, kind="stable")
    return _Squares(known, square, codes, key[order], began), rows[order]


def _code(square: np.ndarray) -> np.ndarray:
    kind, north, east = square.T
    return (kind << 44) + ((north + (1 << 21)) << 22) + (east + (1 << 21))


def _around(told: Told, squares: _Squares, order: np.ndarray, rows: np.ndarray) -> Pairs:
    seconds = told.seconds()
    parts = []
    for step in _NEIGHBOURS:
        code = _code(squares.square[rows] + step)
        at = np.minimum(np.searchsorted(squares.codes, code), len(squares.codes) - 1)
        there = squares.codes[at] == code
        until = (at << _TIME_BITS) + (seconds[rows] - squares.began)
        low = np.searchsorted(squares.line, until - NEAR_SECONDS, side="left")
        high = np.where(there, np.searchsorted(squares.line, until, side="right"), low)
        count = high - low
        inside = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        parts.append((np.repeat(rows, count), order[np.repeat(low, count) + inside]))
    later, earlier = (np.concatenate(column) for column in zip(*parts, strict=True))
    gap = (seconds[later] - seconds[earlier]).astype(float)
    metres = told.metres(later, earlier)
    kept = (metres <= NEAR_METRES) & ((gap > 0) | (earlier < later))
    return _nearest(Pairs(later[kept], earlier[kept], metres[kept], gap[kept]))


_NEIGHBOURS: Sequence[tuple[int, int, int]] = [(0, i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)]


def _nearest(pairs: Pairs) -> Pairs:
    far = pairs.metres / NEAR_METRES + 0.6 * np.log10(pairs.seconds / 60 + 1)
    by_nearness = np.lexsort((pairs.earlier, far, pairs.later))
    later = pairs.later[by_nearness]
    place = np.arange(len(later)) - np.searchsorted(later, later, side="left")
    kept = pairs.take(by_nearness[place < MOST_CANDIDATES])
    return kept.take(np.lexsort((kept.earlier, -kept.seconds, kept.later)))


def slots(later: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return, for pairs sorted by `later`, the number of each one's group and its place in it (int64)."""
    _, first, group = np.unique(later, return_index=True, return_inverse=True)
    return group, np.arange(len(later)) - first[group] if len(later) else group
