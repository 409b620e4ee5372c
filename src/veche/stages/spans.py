"""Stretches of text that hits lie in: masks and matters. Offsets count code points of the original text."""

import numpy as np
import pyarrow as pa

from veche.stages.columns import MASKS, MATTERS
from veche.stages.cues import CueHits, overlaps

#: More than any text is long, so that row * _ROW + offset orders offsets of all rows.
_ROW = 1 << 32


def inside_masks(hits: CueHits, masks: pa.Array | pa.ChunkedArray) -> np.ndarray:
    """Return a boolean mask of the hits that touch masked personal data (`masks` as the column of masks)."""
    column = _plain(masks, MASKS)
    spans = column.flatten()
    row = _owners(column) * _ROW
    start = row + spans.field("start").to_numpy(zero_copy_only=False)
    end = row + spans.field("end").to_numpy(zero_copy_only=False)
    base = hits.row * _ROW
    if len(start) == 0:
        return np.zeros(len(base), bool)
    return overlaps(base + hits.start, base + hits.end, start, end)


def inside_matters(
    hits: CueHits, matters: pa.Array | pa.ChunkedArray, *, document: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return (index of the hit, document) of each hit that begins in a matter of an appeal with several.

    `document` gives, per matter of the flat column of matters, the number of its document, or -1.
    """
    column = _plain(matters, MATTERS)
    per_matter = column.flatten()
    spans = per_matter.flatten()
    matter = _owners(per_matter)
    base = _owners(column)[matter] * _ROW
    keys = hits.row * _ROW + hits.start
    low = np.searchsorted(keys, base + spans.field("start").to_numpy(zero_copy_only=False), side="left")
    high = np.searchsorted(keys, base + spans.field("end").to_numpy(zero_copy_only=False), side="left")
    counts = np.where(document[matter] >= 0, high - low, 0)
    ends = np.cumsum(counts)
    within = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - counts, counts)
    return np.repeat(low, counts) + within, np.repeat(document[matter], counts)


def counts_of(lists: pa.Array) -> np.ndarray:
    """Return the number of items of each list (int64), 0 for null."""
    valid = lists.is_valid().to_numpy(zero_copy_only=False)
    return np.where(valid, np.diff(lists.offsets.to_numpy()), 0).astype(np.int64)


def array_of(batch: pa.Table, field: pa.Field) -> pa.Array:
    """Return a column of `batch` in one piece, of the type that `field` states (all nulls take it on)."""
    return _plain(batch.column(field.name), field)


def _plain(column: pa.Array | pa.ChunkedArray, field: pa.Field) -> pa.Array:
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return array if array.type == field.type else array.cast(field.type)


def _owners(lists: pa.Array) -> np.ndarray:
    return np.repeat(np.arange(len(lists)), counts_of(lists))
