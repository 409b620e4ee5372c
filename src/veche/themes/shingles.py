"""Sets of shingles of texts, weighted by how rare each shingle is, and their likeness.

The fixed phrases of a web form ("Make of the abandoned car: ...") stand in thousands of different
texts; weighted by rarity they hardly count, and what the author filled in decides.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from scipy.sparse import csr_array

from veche.stages import repeats
from veche.themes.linking import distinct

#: Shingles are numbered by hash; two of one text rarely meet in so many numbers.
BUCKETS = 1 << 22

#: Longer texts are compared by their first words.
MOST_WORDS = 400

#: A shingle counts between the logarithm's floor, so that copies of a text that fills the whole
#: file are still alike, and its cap, so that one rare name does not outweigh a page.
LEAST_WEIGHT, MOST_WEIGHT = 1.0, 7.0

#: What a shingle weighs that belongs to a form or to everyday speech.
COMMON_WEIGHT = np.float32(0.1)

#: Added to the number of texts: in a small file nothing can be told about what is rare.
PRIOR_TEXTS = 5_000

_PAIRS_AT_ONCE = 50_000


@dataclass(frozen=True)
class ShingleSets:
    """One set per text: `table` is a matrix [texts, BUCKETS] of ones, `weights` float32 [BUCKETS]."""

    table: csr_array
    weights: np.ndarray

    def totals(self) -> np.ndarray:
        """Return the weight of each text's whole set (float64)."""
        return _sums(self.weights[self.table.indices], self.table.indptr)

    def without(self, common: np.ndarray) -> "ShingleSets":
        """Return the same sets where `common` shingles (bool [BUCKETS]) hardly weigh."""
        return ShingleSets(self.table, np.where(common, COMMON_WEIGHT, self.weights))

    def likeness(self, first: np.ndarray, second: np.ndarray, *, totals: np.ndarray) -> np.ndarray:
        """Return the weighted Jaccard similarity of each pair of texts (float64).

        Source: Ioffe, Improved consistent sampling, weighted minhash and L1 sketching (2010), for
        sets whose weights belong to the elements.
        """
        out = np.zeros(len(first))
        for at in range(0, len(first), _PAIRS_AT_ONCE):
            i, j = first[at : at + _PAIRS_AT_ONCE], second[at : at + _PAIRS_AT_ONCE]
            both = self.table[i].multiply(self.table[j]).tocsr()
            shared = _sums(self.weights[both.indices], both.indptr)
            union = totals[i] + totals[j] - shared
            np.divide(shared, union, out=out[at : at + len(i)], where=union > 0)
        return out

    def frequencies(self, texts: np.ndarray) -> np.ndarray:
        """Return in how many of `texts` (their numbers) each shingle occurs (int64 [BUCKETS])."""
        return np.bincount(self.table[texts].indices, minlength=BUCKETS)

    def count(self, chosen: np.ndarray) -> np.ndarray:
        """Return how many of the `chosen` shingles (bool [BUCKETS]) each text has (float64)."""
        return _sums(chosen[self.table.indices], self.table.indptr)


def shingle_sets(texts: Iterable[pa.Array], *, n_texts: int) -> ShingleSets:
    """Return the sets of words and pairs of words of `texts` (chunks of masked texts, in order).

    `n_texts` is the number of texts in all, those that are compared with nothing included.
    """
    indices, lengths = [], [np.zeros(1, np.int64)]
    for chunk in texts:
        for at in range(0, len(chunk), 4096):
            row, bucket = bucketed(chunk.slice(at, 4096))
            indices.append(bucket)
            lengths.append(np.bincount(row, minlength=min(4096, len(chunk) - at)))
    indptr = np.cumsum(np.concatenate(lengths))
    flat = np.concatenate(indices) if indices else np.zeros(0, np.int32)
    small = indptr.astype(np.int32) if indptr[-1] < 2**31 else indptr
    table = csr_array((np.ones(len(flat), np.int8), flat, small), shape=(len(indptr) - 1, BUCKETS))
    counts = np.bincount(flat, minlength=BUCKETS)
    weights = np.log((n_texts + PRIOR_TEXTS) / np.maximum(counts, 1))
    return ShingleSets(table, np.clip(weights, LEAST_WEIGHT, MOST_WEIGHT).astype(np.float32))


def bucketed(chunk: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Return, for each shingle of each text of a chunk, the text and the shingle's number below `BUCKETS`."""
    flat, offsets = repeats.words(repeats.normal_form(chunk))
    length = np.minimum(np.diff(offsets), MOST_WORDS)
    kept = np.arange(len(flat)) - np.repeat(offsets[:-1], np.diff(offsets)) < MOST_WORDS
    flat, offsets = flat[kept], np.concatenate([[0], np.cumsum(length)])
    rows, hashes = [], []
    for size in (1, 2):
        made, starts = repeats.shingles(flat, offsets, size=size)
        rows.append(np.repeat(np.arange(len(chunk)), np.diff(starts)))
        hashes.append(made % np.uint64(BUCKETS))
    codes = distinct(np.concatenate(rows) * BUCKETS + np.concatenate(hashes).astype(np.int64))
    return codes // BUCKETS, (codes % BUCKETS).astype(np.int32)


def _sums(values: np.ndarray, indptr: np.ndarray) -> np.ndarray:
    running = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    return running[indptr[1:]] - running[indptr[:-1]]
