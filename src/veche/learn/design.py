"""Appeals as rows of numbers: features of the words, the sentence vector, and where, when and how they came.

Age, sex and language are never read: a decision must not follow from who writes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from veche.learn.circumstances import CELL, PERIOD
from veche.learn.examples import Inputs
from veche.learn.features import Lexicon, learn_lexicon, matrix_of, words_of

#: The traits that may be read; circumstances may be read beside them.
READ_TRAITS = ("territory", "channel")

#: A code "ru-75-014" is read as "ru", "ru-75" and "ru-75-014", a quarter "2024-3" as its year too.
_IN_STEPS = (*READ_TRAITS, PERIOD)

#: What each block of features weighs: words, pairs of words, letter sequences, stems, pairs of stems.
#: Chosen in decision 9.
BLOCK_WEIGHTS = (0.7, 0.7, 1.0, 0.7, 0.7)
VECTOR_WEIGHT = 1.0
TRAIT_WEIGHT = 0.5

_LEAST_TEXTS = 2

#: A square kilometre with fewer appeals could be somebody's.
_LEAST_IN_CELL = 5


@dataclass(frozen=True)
class Columns:
    """What the columns of a design mean: features of `lexicon`, then 512 of the vector, then `traits`, each
    written as "territory=ru-75"."""

    lexicon: Lexicon
    traits: tuple[str, ...]

    def with_traits(self, kept: np.ndarray) -> "Columns":
        """Return the columns with the traits of the numbers `kept` alone."""
        return replace(self, traits=tuple(self.traits[i] for i in kept.tolist()))

    def read(self) -> tuple[str, ...]:
        """Return the names of the traits and circumstances that are read, in order."""
        found = dict.fromkeys(name.partition("=")[0] for name in self.traits)
        return (*READ_TRAITS, *(name for name in found if name not in READ_TRAITS))


@dataclass(frozen=True)
class Design:
    """n appeals: `words` float32 CSR [n, features], `vectors` float32 [n, 512], `traits` float32 CSR
    [n, traits]; all weighed."""

    words: sparse.csr_matrix
    vectors: np.ndarray
    traits: sparse.csr_matrix

    def __len__(self) -> int:
        return len(self.vectors)

    def take(self, rows: np.ndarray) -> "Design":
        """Return the appeals of `rows`, in that order."""
        return Design(self.words[rows], self.vectors[rows], self.traits[rows])

    def with_traits(self, kept: np.ndarray) -> "Design":
        """Return the appeals with the traits of the numbers `kept` alone."""
        return replace(self, traits=sparse.csr_matrix(self.traits[:, kept]))

    def scaled(self, by: np.ndarray) -> "Design":
        """Return the appeals with all numbers of row i times `by[i]` (float32 [n])."""
        times = sparse.diags_array(by).tocsr()
        return Design(
            sparse.csr_matrix(times @ self.words),
            by[:, None] * self.vectors,
            sparse.csr_matrix(times @ self.traits),
        )


def learn_columns(inputs: Inputs, *, circumstances: Sequence[str] = ()) -> Columns:
    """Return the features, traits and `circumstances` that at least two of the appeals have."""
    names, counts = np.unique(_traits(inputs, (*READ_TRAITS, *circumstances))[1], return_counts=True)
    least = np.array([_LEAST_IN_CELL if name.startswith(f"{CELL}=") else _LEAST_TEXTS for name in names])
    return Columns(
        learn_lexicon(words_of(inputs.texts), least_texts=_LEAST_TEXTS),
        tuple(str(name) for name in names[counts >= least]),
    )


def design_of(inputs: Inputs, columns: Columns) -> Design:
    """Return the numbers that `inputs` have in `columns`."""
    blocks = matrix_of(words_of(inputs.texts), columns.lexicon)
    vectors = np.float32(VECTOR_WEIGHT) * inputs.vectors.astype(np.float32, copy=False)
    return Design(_side_by_side(blocks), vectors, _trait_matrix(inputs, columns))


def _side_by_side(blocks: list[sparse.csr_matrix]) -> sparse.csr_matrix:
    """Return the sum of the weighed blocks, which have no column in common."""
    bounds: np.ndarray = np.stack([block.indptr for block in blocks]).sum(axis=0, dtype=np.int64)
    free = bounds[:-1].copy()
    data, column = np.empty(bounds[-1], np.float32), np.empty(bounds[-1], np.int32)
    for weight, block in zip(BLOCK_WEIGHTS, blocks, strict=True):
        size = np.diff(block.indptr)
        at = np.arange(len(block.data)) + np.repeat(free - block.indptr[:-1], size)
        data[at], column[at] = np.float32(weight) * block.data, block.indices
        free += size
    return sparse.csr_matrix((data, column, bounds), shape=blocks[0].shape)


def _trait_matrix(inputs: Inputs, columns: Columns) -> sparse.csr_matrix:
    known = columns.traits
    rows, names = _traits(_within_known_time(inputs, known), columns.read())
    names_known = np.array(known, dtype=object)
    at = np.minimum(np.searchsorted(names_known, names), max(len(known) - 1, 0)) if len(known) else None
    kept = names_known[at] == names if at is not None else np.zeros(len(names), bool)
    column = at[kept] if at is not None else np.empty(0, np.int64)
    data = np.full(int(kept.sum()), TRAIT_WEIGHT, np.float32)
    return sparse.csr_matrix((data, (rows[kept], column)), shape=(len(inputs), len(known)))


def _within_known_time(inputs: Inputs, known: tuple[str, ...]) -> Inputs:
    """Return the appeals with those later than any that was learnt from taken as of the last quarter: what
    people decide now is most like what they decided last."""
    quarters = [name.partition("=")[2] for name in known if name.startswith(f"{PERIOD}=") and "-" in name]
    if not quarters or PERIOD not in inputs.circumstances:
        return inputs
    period = inputs.circumstances[PERIOD]
    bounded = pc.min_element_wise(pc.max_element_wise(period, min(quarters)), max(quarters))
    bounded = pc.if_else(pc.is_valid(period), bounded, period)
    return replace(inputs, circumstances={**inputs.circumstances, PERIOD: bounded})


def _traits(inputs: Inputs, read: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return the row and the name (object) of each trait and circumstance of each appeal, of those `read`."""
    rows: list[np.ndarray] = [np.empty(0, np.int64)]
    names: list[np.ndarray] = [np.empty(0, object)]
    known = {**inputs.traits, **inputs.circumstances}
    for trait in read:
        if trait not in known:
            continue
        encoded = _dictionary(known[trait])
        indices = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False)
        parts = [_above(trait, value) for value in encoded.dictionary.to_pylist()]
        sizes = np.array([len(p) for p in parts] + [0])[indices]
        starts = np.concatenate([[0], np.cumsum([len(p) for p in parts])])[indices]
        flat = np.array([name for p in parts for name in p], dtype=object)
        inside = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        rows.append(np.repeat(np.arange(len(inputs)), sizes))
        names.append(flat[np.repeat(starts, sizes) + inside] if len(inside) else np.empty(0, object))
    return np.concatenate(rows), np.concatenate(names)


def _dictionary(column: pa.Array | pa.ChunkedArray) -> pa.DictionaryArray:
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return whole.cast(pa.string()).dictionary_encode()


def _above(trait: str, value: str) -> list[str]:
    steps = value.split("-") if trait in _IN_STEPS else [value]
    return [f"{trait}={'-'.join(steps[: i + 1])}" for i in range(len(steps))]
