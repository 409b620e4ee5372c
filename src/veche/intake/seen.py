"""Remembers which ids were taken, in sixteen bytes each.

Sixty-four bits of BLAKE2b stand for an id: among ten million, the chance that any two differ and
look alike is about 3 in a million.
"""

import hashlib
import zlib
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def id_hashes(ids: pa.Array) -> np.ndarray:
    """Return a uint64 for each string; null counts as empty."""
    raw = b"".join([hashlib.blake2b(i, digest_size=8).digest() for i in _slices(ids)])
    return np.frombuffer(raw, "<u8")


def checksums(texts: pa.Array) -> np.ndarray:
    """Return a uint32 (CRC-32) for each string; null counts as empty."""
    return np.array([zlib.crc32(t) for t in _slices(texts)], np.uint32)


def _slices(strings: pa.Array) -> list[memoryview]:
    """The bytes of each string, without making Python strings of them."""
    filled = pc.fill_null(strings, "")
    _, offsets, data = filled.buffers()
    view = memoryview(data or b"").cast("B")
    ends = np.frombuffer(offsets, np.int32)[filled.offset : filled.offset + len(filled) + 1].tolist()
    return [view[a:b] for a, b in pairwise(ends)]


def with_content(hashes: np.ndarray, sums: np.ndarray) -> np.ndarray:
    """Return a uint64 for each pair of an id and its content."""
    return hashes ^ (sums.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15))


class SeenIds:
    """A set of ids with a checksum of the content that each stood for.

    Sorted runs that double in length, as in a log-structured merge tree (O'Neil et al., 1996).
    """

    def __init__(self) -> None:
        self._runs: list[tuple[np.ndarray, np.ndarray]] = []

    def add(self, hashes: np.ndarray, sums: np.ndarray) -> list[bool | None]:
        """Take ids by their `id_hashes` (uint64), with checksums of their content (uint32).

        Returns for each None where it is new, else whether its content is what it was before. Ids count
        in their order: of two equal ones in one call, the second is not new.
        """
        distinct, first, back = np.unique(hashes, return_index=True, return_inverse=True)
        known = np.zeros(len(distinct), bool)
        expected = sums[first]
        for run_hashes, run_sums in self._runs:
            at = np.minimum(np.searchsorted(run_hashes, distinct), len(run_hashes) - 1)
            hit = run_hashes[at] == distinct
            known |= hit
            expected = np.where(hit, run_sums[at], expected)
        self._insert(distinct[~known], sums[first][~known])
        repeated = known[back] | (first[back] != np.arange(len(hashes)))
        same = expected[back] == sums
        return [bool(s) if r else None for r, s in zip(repeated, same, strict=True)]

    def _insert(self, hashes: np.ndarray, sums: np.ndarray) -> None:
        if not len(hashes):
            return
        while self._runs and len(self._runs[-1][0]) <= 2 * len(hashes):
            other_hashes, other_sums = self._runs.pop()
            hashes, sums = np.concatenate([hashes, other_hashes]), np.concatenate([sums, other_sums])
            order = np.argsort(hashes, kind="stable")
            hashes, sums = hashes[order], sums[order]
        self._runs.append((hashes, sums))
