"""An array that rows are added to and dropped from, without moving all the others each time."""

import numpy as np


class Growing:
    """Rows of one type; `rows` are those that are held, as a view that the next call may make stale."""

    def __init__(self, first: np.ndarray) -> None:
        self._buffer = first.copy()
        self._n = len(first)

    @property
    def rows(self) -> np.ndarray:
        """The rows that are held."""
        return self._buffer[: self._n]

    def add(self, rows: np.ndarray) -> None:
        """Take `rows` behind the others."""
        end = self._n + len(rows)
        if end > len(self._buffer):
            larger = np.empty((max(end, 2 * self._n), *self._buffer.shape[1:]), self._buffer.dtype)
            larger[: self._n] = self.rows
            self._buffer = larger
        self._buffer[self._n : end] = rows
        self._n = end

    def drop(self, first: int) -> None:
        """Forget the `first` rows."""
        left = self._n - first
        self._buffer[:left] = self._buffer[first : self._n].copy()
        self._n = left
