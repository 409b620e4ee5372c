"""A second look at the texts: by the words of these appeals, beside the vectors of whole sentences.

A sentence vector knows what sentences mean anywhere, and is full of tone and length; which words matter
*here*, and which go together here, it cannot know. So every text also gets a vector from its words: how
they keep company in these appeals (positive pointwise mutual information, factorised: Levy and Goldberg
2014), and what they mean, rare ones counting more (Arora, Liang and Ma 2017). The views lie side by side,
each of equal length, and are reduced together.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from scipy import sparse
from sklearn.decomposition import TruncatedSVD

from veche.stages.repeats import normal_form
from veche.stages.vectors import encode
from veche.themes.batches import Blocks
from veche.themes.features import LEARN_FROM, READ_CHARACTERS, main_directions, unit_rows
from veche.themes.material import Material

#: From fewer texts nothing is learnt about words.
LEAST_TEXTS = 200

#: Words that are looked at, the most frequent ones; a word stands in at least `LEAST_SEEN` texts.
MOST_WORDS = 8_000
LEAST_SEEN = 3

#: Directions of the words' company.
COMPANY = 100

#: How much each of the two views of words counts against the sentence vector: both together about as much.
WEIGHT = 0.7

#: A word as frequent as this (share of all words) counts half as much as a very rare one.
_FREQUENT = 1e-3

_LETTERS = r"^\pL{2,}$"


class _Words(NamedTuple):
    """What the words looked at mean, row by row: `meaning` float32 [words, d], weighted by rarity, and
    `company` float32 [words, k], weighted likewise."""

    meaning: np.ndarray
    company: np.ndarray


def joined(
    material: Material, units: np.ndarray, base: np.ndarray, *, seed: int, blocks: Blocks
) -> np.ndarray:
    """Return float32 unit rows [len(units), up to `DIMENSIONS`] that join `base` with the words of the texts.

    `base` are the unit rows of `features` for the same `units`; it comes back as it is where there are
    too few texts or no words to learn from.
    """
    if len(units) < LEAST_TEXTS:
        return base
    firsts = material.first[units]
    sample = np.arange(0, len(units), -(-len(units) // LEARN_FROM))
    texts = pa.array(material.texts(firsts[sample]), pa.string())
    words = _vocabulary(texts)
    if len(words) < 3:
        return base
    counts = _counts(texts, words)
    learnt = _learn(words, counts, seed=seed)
    rows = _side_by_side(base[sample], counts, learnt)
    mean = rows.mean(axis=0)
    rows -= mean
    directions = main_directions((rows.T @ rows).astype(np.float64) / len(rows))
    out = np.empty((len(units), directions.shape[1]), np.float32)

    for part, inside, at in material.parts_of(firsts):
        column = pq.read_table(part, columns=["masked_text"]).column(0).take(pa.array(inside))

        def work(rows: slice, column: pa.ChunkedArray = column, at: np.ndarray = at) -> None:
            part_texts = pc.fill_null(column.slice(rows.start, rows.stop - rows.start), "")
            beside = _side_by_side(base[at[rows]], _counts(part_texts, words), learnt) - mean
            out[at[rows]] = unit_rows(beside @ directions)

        for _ in blocks.map(work, len(at)):
            pass
    return out


def _side_by_side(base: np.ndarray, counts: sparse.csr_matrix, learnt: _Words) -> np.ndarray:
    """The views next to each other (float32); a text without known words has zeros in theirs."""
    meaning = unit_rows(np.asarray(counts @ learnt.meaning, np.float32))
    company = unit_rows(np.asarray(counts @ learnt.company, np.float32))
    return np.concatenate([base, WEIGHT * meaning, WEIGHT * company], axis=1)


def _learn(words: pa.Array, counts: sparse.csr_matrix, *, seed: int) -> _Words:
    present = sparse.csr_matrix(
        (np.ones(counts.nnz, np.float32), counts.indices, counts.indptr), counts.shape
    )
    seen = np.asarray(present.sum(axis=0)).ravel().astype(np.float64)
    company = _company(present, seen, seed) * np.log(len(counts.indptr[1:]) / seen)[:, None]
    meaning = encode(words.to_pylist())
    share = seen / seen.sum()
    meaning -= share @ meaning
    meaning *= (_FREQUENT / (_FREQUENT + share))[:, None]
    return _Words(meaning.astype(np.float32), company.astype(np.float32))


def _company(present: sparse.csr_matrix, seen: np.ndarray, seed: int) -> np.ndarray:
    """Vectors of words (float64 [words, k]) that are alike where words stand beside the same words."""
    n_texts = len(present.indptr) - 1
    together = sparse.coo_matrix(present.T @ present)
    row, column = np.asarray(together.row), np.asarray(together.col)
    more = np.log(np.asarray(together.data, np.float64) * n_texts / (seen[row] * seen[column]))
    keep = (more > 0) & (row != column)
    matrix = sparse.csr_matrix((more[keep], (row[keep], column[keep])), together.shape)
    if matrix.nnz == 0:
        return np.zeros((len(seen), 1))
    svd = TruncatedSVD(min(COMPANY, len(seen) - 1), n_iter=5, random_state=seed)
    left = svd.fit_transform(matrix)
    # All directions of equal spread: the strongest hold how people write, not about what.
    vectors = left / np.maximum(svd.singular_values_, 1e-9)
    return vectors - vectors.mean(axis=0)


def _vocabulary(texts: pa.Array) -> pa.Array:
    """The words that stand in enough of `texts`, the most frequent first, equal ones by the alphabet."""
    lists = _words(texts)
    pairs = pa.table({"row": pc.list_parent_indices(lists), "word": lists.flatten()})
    letters = pc.match_substring_regex(pairs.column("word"), _LETTERS)
    found = (
        pairs.filter(letters)
        .group_by(["row", "word"])
        .aggregate([])
        .group_by("word")
        .aggregate([("row", "count")])
    )
    found = found.filter(pc.greater_equal(found.column("row_count"), LEAST_SEEN))
    found = found.sort_by([("row_count", "descending"), ("word", "ascending")])
    return found.column("word").combine_chunks().slice(0, MOST_WORDS)


def _words(texts: pa.Array | pa.ChunkedArray) -> pa.ListArray:
    lists = pc.split_pattern(normal_form(pc.utf8_slice_codeunits(texts, 0, READ_CHARACTERS)), " ")
    return lists.combine_chunks() if isinstance(lists, pa.ChunkedArray) else lists


def _counts(texts: pa.Array | pa.ChunkedArray, words: pa.Array) -> sparse.csr_matrix:
    """How often each of `words` stands in each text, damped (1 + the logarithm)."""
    lists = _words(texts)
    known = pc.call_function("index_in", [lists.flatten()], pc.SetLookupOptions(words))
    row = pc.list_parent_indices(lists).to_numpy()
    column = pc.fill_null(known, -1).to_numpy()
    keep = column >= 0
    ones = np.ones(int(keep.sum()), np.float32)
    counts = sparse.csr_matrix((ones, (row[keep], column[keep])), (len(texts), len(words)))
    counts.sum_duplicates()
    counts.data = 1 + np.log(counts.data)
    return counts
