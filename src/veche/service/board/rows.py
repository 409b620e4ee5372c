"""Where the rows of cubes lie: columns with room behind them, to which later versions of appeals are added.

What was written once is never written again, so cubes of earlier moments go on reading it.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np

from veche.service.board.columns import CODED, Column, Dictionary
from veche.service.board.cube import ID, Cube

#: The columns without a dictionary, and their types.
PLAIN: Mapping[str, np.dtype] = {
    "id": ID,
    "received": np.dtype(np.int64),
    "day": np.dtype(np.int32),
    "sure": np.dtype(np.uint8),
    "counted": np.dtype(bool),
    "number": np.dtype(np.int64),
}

#: Rows behind those that lie in order before all are put in order again.
_MOST_LATE = 50_000
#: Values that the narrow type of codes can tell apart.
_NARROW = 1 << 16


class Rows(NamedTuple):
    """Appeals as they were read: each column of `PLAIN` and `CODED`, of one length."""

    columns: Mapping[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.columns["id"])


class Log:
    """The columns of one scope. One thread at a time writes."""

    def __init__(self) -> None:
        self.dictionaries = {key: Dictionary(key) for key in CODED}
        self._columns: dict[str, np.ndarray] = {}

    def filled(self, parts: Iterable[Rows]) -> Cube:
        """Return the first cube, of all rows that were read."""
        read = list(parts)
        columns = {
            name: np.concatenate([part.columns[name] for part in read])
            if read
            else np.zeros(0, PLAIN.get(name, np.dtype(np.uint32)))
            for name in (*PLAIN, *CODED)
        }
        order = np.argsort(columns["id"], kind="stable")
        return self._laid(columns, order)

    def renewed(self, cube: Cube, gone: np.ndarray, rows: Rows, *, apart: bool) -> Cube:
        """Return the cube that follows: without the rows `gone` (positions), with others.

        Args:
            cube: The last that was made here.
            gone: Where the versions lie that are no longer those of their appeals.
            rows: What they are now; an appeal that is not there has left the scope.
            apart: The cube is for one transaction alone: nothing is written to the common columns.
        """
        n, k = len(cube), len(rows)
        alive = np.concatenate([cube.alive, np.ones(k, bool)])
        alive[gone] = False
        fits = n + k <= len(self._columns["id"]) and n + k - len(cube.order) <= _MOST_LATE
        if apart:
            return _packed(Log.sharing(self), cube, alive, rows)
        if not fits:
            return _packed(self, cube, alive, rows)
        self._widen()
        for name, column in self._columns.items():
            column[n : n + k] = rows.columns[name]
        return self._cube(n + k, alive, cube.order)

    @classmethod
    def sharing(cls, other: "Log") -> "Log":
        """Return columns of their own with the dictionaries of others."""
        log = cls()
        log.dictionaries = other.dictionaries
        return log

    def _laid(self, columns: Mapping[str, np.ndarray], order: np.ndarray) -> Cube:
        """Lay columns down with room behind them."""
        n = len(order)
        self._columns = {}
        for name, column in columns.items():
            kind = PLAIN.get(name) or self._code_type(name)
            room = np.zeros(n + n // 8 + 4096, kind)
            room[:n] = column
            self._columns[name] = room
        return self._cube(n, np.ones(n, bool), order)

    def _code_type(self, name: str) -> np.dtype:
        return np.dtype(np.uint16 if len(self.dictionaries[name].values) <= _NARROW else np.uint32)

    def _widen(self) -> None:
        """Give wider columns to dictionaries that have outgrown theirs."""
        for name in CODED:
            wanted = self._code_type(name)
            if self._columns[name].dtype.itemsize < wanted.itemsize:
                self._columns[name] = self._columns[name].astype(wanted)

    def _cube(self, n: int, alive: np.ndarray, order: np.ndarray) -> Cube:
        plain = {name: self._columns[name][:n] for name in PLAIN}
        coded = {name: Column(self._columns[name][:n], self.dictionaries[name]) for name in CODED}
        return Cube(columns=coded, alive=alive, open=alive, order=order, **plain)


def _packed(log: Log, cube: Cube, alive: np.ndarray, rows: Rows) -> Cube:
    """Return a cube of the living rows alone, in new columns of a log, all of them in order of their ids."""
    n = len(cube)
    kept = np.flatnonzero(alive[:n])
    columns = {
        name: np.concatenate([_column(cube, name)[kept], rows.columns[name]]) for name in (*PLAIN, *CODED)
    }
    place = np.cumsum(alive) - 1
    early = cube.order[alive[cube.order]]
    late = np.flatnonzero(alive[len(cube.order) :]) + len(cube.order)
    ids = np.concatenate([cube.id, rows.columns["id"]])
    late = late[np.argsort(ids[late], kind="stable")]
    order = np.insert(early, np.searchsorted(ids[early], ids[late]), late)
    return log._laid(columns, place[order])


def _column(cube: Cube, name: str) -> np.ndarray:
    return cube.columns[name].codes if name in cube.columns else getattr(cube, name)
