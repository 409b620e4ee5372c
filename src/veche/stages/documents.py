"""The texts that are decided on: each appeal as a whole, and its matters where it has several."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from veche.stages.columns import MASKED_TEXT, MASKS, MATTERS, TEXT, VECTOR_SIZE, VECTORS
from veche.stages.cues import CueHits
from veche.stages.spans import array_of, counts_of, inside_matters
from veche.stages.vectors import matter_texts_of


class Documents(NamedTuple):
    """The wholes in batch order, then the matters of appeals with several, d in all.

    `row` and `matter`: int64 [d]; `texts`: masked texts, string [d], null where the appeal's is; `vectors`:
    float32 [d, 512], zeros where `has_vector` (bool [d]) is false.
    """

    row: np.ndarray
    matter: np.ndarray
    texts: pa.Array
    vectors: np.ndarray
    has_vector: np.ndarray

    @property
    def matter_texts(self) -> pa.Array:
        """The texts of the matters alone."""
        return self.texts.slice(int((self.matter == 0).sum()))


def documents(batch: pa.Table) -> Documents:
    """Return the documents of a batch with the columns text, masked text, masks, matters and vectors."""
    n = batch.num_rows
    whole = array_of(batch, MASKED_TEXT)
    matters, masks = array_of(batch, MATTERS), array_of(batch, MASKS)
    owners, texts = matter_texts_of(array_of(batch, TEXT), matters=matters, masks=masks)
    if texts:
        whole = pa.concat_arrays([whole, pa.array(texts, pa.string())])
    row = np.concatenate([np.arange(n), owners])
    first = np.searchsorted(owners, owners, side="left")
    matter = np.concatenate([np.zeros(n, np.int64), np.arange(len(owners)) - first + 1])
    vectors, has_vector = _vectors_of(array_of(batch, VECTORS), row, matter)
    return Documents(row, matter, whole, vectors, has_vector)


def per_document(hits: CueHits, matters: pa.ChunkedArray, documents: Documents) -> tuple[CueHits, np.ndarray]:
    """Return the hits, once for the whole and once more for each matter they stand in, and their document."""
    counts = counts_of(matters.combine_chunks())
    several = np.repeat(counts >= 2, counts)
    n_rows = int((documents.matter == 0).sum())
    number = np.where(several, n_rows + np.cumsum(several) - 1, -1)
    if not several.any():
        return hits, hits.row
    index, document = inside_matters(hits, matters, document=number)
    everywhere = np.concatenate([np.arange(len(hits.row)), index])
    return hits.where(everywhere), np.concatenate([hits.row, document])


def _vectors_of(column: pa.Array, row: np.ndarray, matter: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return one vector per document, zeros where there is none, and a mask of those there are."""
    has_vector = counts_of(column)[row] > matter
    out = np.zeros((len(row), VECTOR_SIZE), np.float32)
    flat = column.values.flatten().to_numpy(zero_copy_only=False).reshape(-1, VECTOR_SIZE)
    out[has_vector] = flat[(column.offsets.to_numpy()[row] + matter)[has_vector]]
    return out, has_vector
