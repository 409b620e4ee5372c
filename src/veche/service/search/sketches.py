"""Sketches of sentence vectors, kept in memory beside a cube: the sign of each of 512 numbers.

Two vectors that point the same way agree in most signs, so the number of signs that differ (the Hamming
distance) tells roughly how far apart they lie: the angle between them is about pi times the share of signs
that differ (M. Charikar, Similarity estimation techniques from rounding algorithms, STOC 2002). A sketch is a
sixteenth of a vector of half floats, and a million are compared within a few hundredths of a second. What
comes near is compared exactly by `meaning`, with vectors that are read through the walls: a sketch finds
nothing that the transaction may not see, and nothing that was erased.
"""

import threading
from weakref import WeakKeyDictionary

import numpy as np

from veche.service.board.columns import Dictionary
from veche.service.board.cube import ID, Cube
from veche.service.inbox.models import State
from veche.service.search.ids import binary_rows, copied
from veche.service.search.signs import SIZE, sketch

#: Words of 64 bits that a sketch is compared by.
_WORDS = SIZE // 8
#: More new rows than these are read with all others, in one sweep.
_ONE_BY_ONE = 20_000
#: A row of two columns, 16 and `SIZE` bytes, as COPY writes it (PostgreSQL, COPY, binary format).
_ROW = np.dtype([("n", ">i2"), ("a", ">i4"), ("id", ID), ("b", ">i4"), ("sketch", "u1", SIZE)])
_HEAD_BYTES, _TAIL_BYTES = 19, 2

_ALL = f"""
COPY (SELECT appeal_id, sketch FROM inbox_appealtext WHERE length(sketch) = {SIZE}) TO STDOUT (FORMAT BINARY)
"""
_SOME = f"""
SELECT uuid_send(appeal_id), sketch FROM inbox_appealtext
WHERE appeal_id = ANY(%s::uuid[]) AND length(sketch) = {SIZE}
"""


class Sketches:
    """The sketches of the rows of a cube and of the cubes that follow it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        #: uint64 [8, room]: a word of every sketch after another, so that each is compared in one sweep.
        self._bits = np.zeros((_WORDS, 0), np.uint64)
        #: The ids of the rows whose sketches are known, and how many of them lie in order.
        self._ids, self._in_order = np.empty(0, ID), 0

    def nearest(self, cube: Cube, wanted: np.ndarray, rows: np.ndarray, most: int) -> np.ndarray:
        """Return up to `most` rows of a cube (int64) whose sketches are nearest to that of a vector.

        `rows` is the mask of those that count.
        """
        bits = self._of(cube)
        at = np.flatnonzero(rows)
        every = len(at) > len(rows) // 4
        far = np.zeros(len(rows) if every else len(at), np.uint16)
        for mine, one in zip(bits, sketch(wanted[None]).view(np.uint64)[0], strict=True):
            far += np.bitwise_count((mine if every else mine[at]) ^ one)
        far = far[at] if every else far
        return at[np.argpartition(far, most)[:most]] if most < len(at) else at

    def _of(self, cube: Cube) -> np.ndarray:
        with self._lock:
            known = self._shared(cube)
            if known < len(cube):
                self._read(cube, known)
            return self._bits[:, : len(cube)]

    def _shared(self, cube: Cube) -> int:
        """Return how many first rows of a cube are known. Those in order are the same in all that follow."""
        both = min(len(self._ids), len(cube))
        first = self._in_order if self._in_order == len(cube.order) and self._in_order <= both else 0
        other = np.flatnonzero(self._ids[first:both] != cube.id[first:both])
        return first + int(other[0]) if len(other) else both

    def _read(self, cube: Cube, known: int) -> None:
        if len(cube) > self._bits.shape[1]:
            wider = np.zeros((_WORDS, len(cube) + len(cube) // 8 + 1000), np.uint64)
            wider[:, :known] = self._bits[:, :known]
            self._bits = wider
        self._bits[:, known : len(cube)] = 0
        self._ids, self._in_order = cube.id, len(cube.order)
        ids, sketches = _all() if len(cube) - known > _ONE_BY_ONE else _some(cube.id[known:])
        at = cube.find(ids, cube.alive)
        self._bits[:, at[at >= 0]] = sketches.view(np.uint64)[at >= 0].T
        self._forget(cube, known)

    def _forget(self, cube: Cube, known: int) -> None:
        """Let nothing be left of texts that are gone."""
        states = cube.columns["state"]
        gone = states.dictionary.fit((State.ERASED, State.WITHDRAWN))[states.codes[known : len(cube)]]
        if gone.any():
            self._bits[:, :known][:, np.isin(cube.id[:known], cube.id[known:][gone])] = 0


_known: WeakKeyDictionary[Dictionary, Sketches] = WeakKeyDictionary()
_knowing = threading.Lock()


def sketches_of(cube: Cube) -> Sketches:
    """Return the sketches that go with a cube; they are gone when it and those that follow it are."""
    with _knowing:
        return _known.setdefault(cube.columns["tenant"].dictionary, Sketches())


def _all() -> tuple[np.ndarray, np.ndarray]:
    """Return ids and sketches (uint8 [n, 64]) of all that the transaction may see."""
    packed = copied(_ALL)
    rows = np.frombuffer(packed, _ROW, offset=_HEAD_BYTES, count=(len(packed) - _HEAD_BYTES) // _ROW.itemsize)
    return np.ascontiguousarray(rows["id"]), np.ascontiguousarray(rows["sketch"])


def _some(ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    packed = np.ascontiguousarray(ids).tobytes()
    asked = [packed[i : i + 16].hex() for i in range(0, len(packed), 16)]
    rows = binary_rows(_SOME, [asked])
    found = np.frombuffer(b"".join(bytes(id) for id, _ in rows), ID)
    sketches = np.frombuffer(b"".join(bytes(s) for _, s in rows), np.uint8)
    return found, sketches.reshape(-1, SIZE)
