"""Findings: what was decided about an appeal, in one shape for all facets.

A facet stage adds one column named after its facet. Each row of it is a list of decisions, so one
column holds several matters of an appeal and several ranks of a matter. The wide table of appeals
shows the first rank of matter 0; the long table has every decision.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

#: A stretch of the original text, in code points, end exclusive.
SPAN = pa.struct([pa.field("start", pa.int32()), pa.field("end", pa.int32())])

#: One decision. `confidence` is a probability; `evidence` points into the original text.
DECISION = pa.struct(
    [
        pa.field("matter", pa.int16()),
        pa.field("rank", pa.int8()),
        pa.field("value", pa.string()),
        pa.field("confidence", pa.float32()),
        pa.field("evidence", pa.list_(SPAN)),
    ]
)

#: The type of every facet column.
DECISIONS = pa.list_(DECISION)

#: The long table: one row per appeal, matter, facet and rank.
FINDING = pa.schema(
    [
        pa.field("appeal_id", pa.string()),
        pa.field("matter", pa.int16()),
        pa.field("facet", pa.string()),
        pa.field("rank", pa.int8()),
        pa.field("value", pa.string()),
        pa.field("confidence", pa.float32()),
        pa.field("evidence", pa.list_(SPAN)),
        pa.field("maker", pa.string()),
        pa.field("maker_version", pa.string()),
        pa.field("pack_version", pa.string()),
    ]
)

Evidence = Sequence[Sequence[tuple[int, int]]]


def facet_field(facet: str) -> pa.Field:
    """Return the field of a facet column."""
    return pa.field(facet, DECISIONS)


def decisions(
    n_rows: int,
    rows: np.ndarray | Sequence[int],
    values: Sequence[str | None] | pa.Array,
    confidences: np.ndarray | Sequence[float],
    *,
    matters: np.ndarray | Sequence[int] | None = None,
    ranks: np.ndarray | Sequence[int] | None = None,
    evidence: Evidence | None = None,
) -> pa.Array:
    """Build a facet column of `n_rows` rows from flat decisions in any order.

    `rows` gives the batch row of each decision; all arguments after `n_rows` have one entry per
    decision. Within a row, decisions are sorted by matter and rank; both are 0 unless given.
    """
    row = np.asarray(rows, dtype=np.int64)
    n = len(row)
    matter = np.zeros(n, np.int16) if matters is None else np.asarray(matters, np.int16)
    rank = np.zeros(n, np.int8) if ranks is None else np.asarray(ranks, np.int8)
    order = np.lexsort((rank, matter, row))
    value: pa.Array = values if isinstance(values, pa.Array) else pa.array(list(values), pa.string())
    counts = np.bincount(row, minlength=n_rows) if n else np.zeros(n_rows, np.int64)
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    if evidence is None:
        spans = pa.ListArray.from_arrays(pa.array(np.zeros(n + 1, np.int32)), pa.array([], SPAN))
    else:
        spans = _spans([evidence[i] for i in order])
    items = pa.StructArray.from_arrays(
        [
            pa.array(matter[order]),
            pa.array(rank[order]),
            pc.take(value, pa.array(order)).cast(pa.string()),
            pa.array(np.asarray(confidences, np.float32)[order]),
            spans,
        ],
        fields=list(DECISION),
    )
    return pa.ListArray.from_arrays(pa.array(offsets), items)


def _spans(evidence: Evidence) -> pa.Array:
    lengths = np.fromiter((len(e) for e in evidence), np.int32, count=len(evidence))
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    flat = np.array([s for e in evidence for s in e], np.int32).reshape(-1, 2)
    items = pa.StructArray.from_arrays([pa.array(flat[:, 0]), pa.array(flat[:, 1])], fields=list(SPAN))
    return pa.ListArray.from_arrays(pa.array(offsets), items)


def first(column: pa.Array | pa.ChunkedArray, *, matter: int = 0) -> pa.StructArray:
    """Return, per row of a facet column, the first-ranked decision of `matter`, or null."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    items = array.flatten()
    parents = pc.list_parent_indices(array).to_numpy(zero_copy_only=False)
    keep = (items.field("matter").to_numpy(zero_copy_only=False) == matter) & (
        items.field("rank").to_numpy(zero_copy_only=False) == 0
    )
    where = np.full(len(array), -1, np.int64)
    where[parents[keep]] = np.flatnonzero(keep)
    return items.take(pa.array(where, mask=where < 0))


def first_values(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return the first-ranked value of matter 0 per row (string, null where nothing was decided)."""
    return pc.struct_field(first(column), "value")


def long_table(
    appeal_ids: pa.Array | pa.ChunkedArray,
    facets: dict[str, pa.Array | pa.ChunkedArray],
    makers: dict[str, tuple[str, str]],
    pack_version: str,
) -> pa.Table:
    """Return the findings of facet columns as a table in the `FINDING` schema.

    `makers` gives the name and version of the stage that made each facet. Rows are ordered by
    facet, then as the appeals are.
    """
    ids = appeal_ids.combine_chunks() if isinstance(appeal_ids, pa.ChunkedArray) else appeal_ids
    parts = []
    for facet, column in facets.items():
        array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        items = array.flatten()
        n = len(items)
        maker, version = makers[facet]
        parts.append(
            pa.table(
                [
                    ids.take(pc.list_parent_indices(array)),
                    items.field("matter"),
                    pa.repeat(pa.scalar(facet), n),
                    items.field("rank"),
                    items.field("value"),
                    items.field("confidence"),
                    items.field("evidence"),
                    pa.repeat(pa.scalar(maker), n),
                    pa.repeat(pa.scalar(version), n),
                    pa.repeat(pa.scalar(pack_version), n),
                ],
                schema=FINDING,
            )
        )
    return pa.concat_tables(parts) if parts else FINDING.empty_table()
