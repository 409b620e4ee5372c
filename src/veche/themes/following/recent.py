"""The latest distinct appeals of a stream, and in how many texts each term stood, lately and before.

Memory is bounded: little more than `MOST` appeals are held, and counts fill tables of one size. Appeals
that a new theme has claimed are counted nowhere, so that its other words are no further news.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from veche.themes.following.chunk import NO_TIME
from veche.themes.following.growing import Growing
from veche.themes.following.terms import BUCKETS, Terms

#: Distinct appeals that are held, and the spans of latest appeals in which something new is looked for.
MOST = 32_768
WINDOWS = (2_000, 8_000, MOST)

#: Earlier counts are halved when they come from so many terms (about a million texts), so that long ago
#: weighs less.
FORGET_AT = 40_000_000

#: `theme` of an appeal that waits.
WAITING = -1

#: Appeals are dropped in lots: moving the others down costs little then.
_LOT = 4_096

_COLUMNS = {
    "vector": np.float16,
    "text_hash": np.uint64,
    "theme": np.int32,
    "received": np.int64,
    "territory": np.int32,
    "author": np.uint64,
    "copies": np.int32,
    "claimed": np.bool_,
}


class Recent:
    """Appeals by row number, the latest last; `dropped` says how many there were before row 0.

    `counts` float32 [windows + 1, BUCKETS]: texts with each term in each window, and in all texts ever;
    `size` float64 [windows + 1]: how many terms these texts have in all. Sizes are compared by terms, as
    texts that come for the first time are longer than usual where short ones are often copies.
    """

    def __init__(self, size: int) -> None:
        self.ids: list[str] = []
        self.dropped = 0
        self.counts = np.zeros((len(WINDOWS) + 1, BUCKETS), np.float32)
        self.size = np.zeros(len(WINDOWS) + 1)
        empty = {
            name: np.zeros((0, size) if name == "vector" else 0, kind) for name, kind in _COLUMNS.items()
        }
        self._columns = {name: Growing(column) for name, column in empty.items()}
        self._flat = Growing(np.zeros(0, np.int32))
        self._offsets = Growing(np.zeros(1, np.int64))

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def terms(self) -> Terms:
        """The terms of the appeals."""
        return Terms(self._flat.rows, self._offsets.rows)

    def column(self, name: str) -> np.ndarray:
        """Return a column: vector, text_hash, theme, received, territory, author, copies or claimed."""
        return self._columns[name].rows

    def arrays(self) -> dict[str, np.ndarray]:
        """Return all that is to be saved, beside `ids` and `dropped`."""
        own = {name: self.column(name) for name in _COLUMNS}
        return own | {
            "flat": self._flat.rows,
            "offsets": self._offsets.rows,
            "counts": self.counts,
            "counted": self.size,
        }

    @classmethod
    def of(cls, arrays: Mapping[str, np.ndarray], *, ids: list[str], dropped: int) -> "Recent":
        """Return what was saved."""
        out = cls(arrays["vector"].shape[1])
        out.ids, out.dropped = ids, dropped
        out.counts, out.size = arrays["counts"].copy(), arrays["counted"].copy()
        out._columns = {name: Growing(arrays[name]) for name in _COLUMNS}
        out._flat, out._offsets = Growing(arrays["flat"]), Growing(arrays["offsets"])
        return out

    def add(self, ids: Sequence[str], terms: Terms, columns: dict[str, np.ndarray]) -> None:
        """Take appeals that have a text of their own; the oldest go out of the windows.

        Those with `claimed` set are counted nowhere.
        """
        old = len(self)
        self.ids += ids
        self._offsets.add(terms.offsets[1:] + self._offsets.rows[-1])
        self._flat.add(terms.flat)
        for name, rows in self._columns.items():
            rows.add(columns[name])
        counted = np.flatnonzero(~columns["claimed"])
        self._count(slice(None), terms.take(counted).flat, len(counted))
        for window, size in enumerate(WINDOWS):
            gone = np.arange(max(0, old - size), max(0, len(self) - size))
            gone = gone[~self.column("claimed")[gone]]
            self._count(window, self.terms.take(gone).flat, -len(gone))
        if self.size[-1] > FORGET_AT:
            self._forget()

    def drop_oldest(self) -> int:
        """Let go what is in no window any more, from time to time; return how many that were."""
        if len(self) < MOST + _LOT:
            return 0
        first = len(self) - MOST
        start = int(self._offsets.rows[first])
        self._flat.drop(start)
        self._offsets.drop(first)
        self._offsets.rows[:] -= start
        for rows in self._columns.values():
            rows.drop(first)
        self.ids = self.ids[first:]
        self.dropped += first
        return first

    def add_history(self, terms: Terms) -> None:
        """Count texts of the time before the stream began."""
        self._count(-1, terms.flat, len(terms))

    def claim(self, rows: np.ndarray, theme: int) -> None:
        """Give appeals to a new theme: from now on they are counted nowhere."""
        claimed = self.column("claimed")
        for window, size in [*enumerate(WINDOWS), (-1, len(self))]:
            inside = rows[(rows >= len(self) - size) & ~claimed[rows]]
            self._count(window, self.terms.take(inside).flat, -len(inside))
        claimed[rows] = True
        self.column("theme")[rows] = theme

    def forget(self, rows: np.ndarray) -> None:
        """Leave nothing of appeals but an empty place, so that the windows stay where they are."""
        self.claim(rows, WAITING)
        kept = ~np.isin(self.terms.rows(), rows)
        size = np.diff(self._offsets.rows)
        size[rows] = 0
        flat = self._flat.rows[kept]
        self._flat, self._offsets = Growing(flat), Growing(np.concatenate([[0], np.cumsum(size)]))
        blank = {"vector": 0, "text_hash": 0, "received": NO_TIME, "territory": -1, "author": 0, "copies": 0}
        for name, value in blank.items():
            self.column(name)[rows] = value
        for row in rows.tolist():
            self.ids[row] = ""

    def with_terms(self, terms: Sequence[int]) -> list[np.ndarray]:
        """Return for each of `terms` the appeals (row numbers, sorted) whose texts have it."""
        if not terms:
            return []
        is_asked = np.zeros(BUCKETS, bool)
        is_asked[list(terms)] = True
        at = np.flatnonzero(is_asked[self._flat.rows])
        found = self._flat.rows[at]
        rows = np.searchsorted(self._offsets.rows, at, side="right") - 1
        order = np.argsort(found, kind="stable")
        first, end = (np.searchsorted(found[order], terms, side=side) for side in ("left", "right"))
        return [rows[order[a:b]] for a, b in zip(first, end, strict=True)]

    def _count(self, where: int | slice, flat: np.ndarray, texts: int) -> None:
        if texts == 0:
            return
        sign = 1 if texts > 0 else -1
        seen, times = np.unique(flat, return_counts=True)
        self.counts[where, seen] += sign * times.astype(np.float32)
        self.size[where] += sign * len(flat)

    def _forget(self) -> None:
        held = len(WINDOWS) - 1
        self.counts[-1] -= (self.counts[-1] - self.counts[held]) / 2
        self.size[-1] -= (self.size[-1] - self.size[held]) / 2
