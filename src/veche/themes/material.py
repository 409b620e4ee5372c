"""What theme discovery works on: every appeal of a run, and the distinct texts among them.

Reads the parts that the workers wrote. Holds one number per appeal and column; texts and vectors are
read part by part when they are needed, so memory does not grow with the length of the texts.
Deciding what is a copy is the business of the repeats step; here copies only follow their original.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from veche.core.finding import first_values
from veche.stages.repeats import text_hash

#: Facets that a theme is described by, besides its texts, and by which people are told apart in digests.
FACETS = ("language", "topic", "place", "channel", "group")


@dataclass(frozen=True)
class Codes:
    """A column of values as numbers: `code` int32 [appeals], -1 where null, into `values`."""

    code: np.ndarray
    values: list[str]


@dataclass(frozen=True)
class Material:
    """All appeals of a run in part order, and their distinct texts (units).

    `unit` int32 [appeals]: the distinct text of each appeal. Per unit: `first` int64, the appeal whose
    text and vector stand for it; `weight` int64, how many appeals have it; `leader` int32, the unit
    that it is a near copy of, or itself. Only leaders have a say in what is a theme.
    `received` int64 [appeals]: microseconds since 1970 (UTC), `NO_TIME` where unknown.
    `original` bool [appeals]: not a copy of another appeal.
    """

    parts: tuple[Path, ...]
    offsets: np.ndarray
    appeal_ids: pa.ChunkedArray
    unit: np.ndarray
    first: np.ndarray
    weight: np.ndarray
    leader: np.ndarray
    received: np.ndarray
    original: np.ndarray
    facets: dict[str, Codes]

    #: Stands for an unknown time in `received`.
    NO_TIME = np.iinfo(np.int64).min

    def __len__(self) -> int:
        return len(self.unit)

    def texts(self, appeals: np.ndarray) -> list[str]:
        """Return the masked texts of `appeals` (row numbers in any order), "" where there is none."""
        order = np.argsort(appeals, kind="stable")
        out: list[str] = [""] * len(appeals)
        for part, rows, at in self.parts_of(appeals[order]):
            column = pq.read_table(part, columns=["masked_text"]).column(0)
            for place, text in zip(order[at], column.take(rows).to_pylist(), strict=True):
                out[place] = text or ""
        return out

    def parts_of(self, appeals: np.ndarray) -> Iterator[tuple[Path, np.ndarray, np.ndarray]]:
        """Yield, per part that holds some of the sorted `appeals`: path, rows in it, places in `appeals`."""
        cuts = np.searchsorted(appeals, self.offsets)
        for i, part in enumerate(self.parts):
            if cuts[i + 1] > cuts[i]:
                yield part, appeals[cuts[i] : cuts[i + 1]] - self.offsets[i], np.arange(cuts[i], cuts[i + 1])


def read(work: Path, repeats: pa.Table) -> Material:
    """Read the appeals of the run in `work`; `repeats` is aligned with them (columns as in `repeats.py`)."""
    return of_parts(tuple(sorted((work / "map").glob("part-*.parquet"))), repeats)


def of_parts(parts: tuple[Path, ...], repeats: pa.Table) -> Material:
    """Read the appeals in `parts`, which are those of a work folder or of a finished run's wide table."""
    ids, hashes, received, sizes = [], [], [], [0]
    facets: dict[str, list[pa.Array]] = {f: [] for f in FACETS}
    for part in parts:
        table = _read_columns(part)
        sizes.append(table.num_rows)
        ids.append(table.column("appeal_id").combine_chunks())
        hashes.append(_hashes(table))
        received.append(_instants(table))
        for facet in FACETS:
            facets[facet].append(_facet(table, facet))
    offsets = np.cumsum(sizes).astype(np.int64)
    appeal_ids = pa.chunked_array(ids, pa.string())
    content = np.concatenate(hashes) if hashes else np.zeros(0, np.uint64)
    _, first, unit, weight = np.unique(content, return_index=True, return_inverse=True, return_counts=True)
    copy_of = _copy_of(appeal_ids, repeats)
    return Material(
        parts=parts,
        offsets=offsets,
        appeal_ids=appeal_ids,
        unit=unit.astype(np.int32),
        first=first,
        weight=weight,
        leader=_leaders(unit.astype(np.int32), first, copy_of),
        received=np.concatenate(received) if received else np.zeros(0, np.int64),
        original=copy_of < 0,
        facets={facet: _codes(columns) for facet, columns in facets.items()},
    )


def _read_columns(part: Path) -> pa.Table:
    names = set(pq.read_schema(part).names)
    wanted = [n for n in ("appeal_id", "content_hash", "received_at", *FACETS) if n in names]
    table = pq.read_table(part, columns=wanted)
    if "content_hash" not in names or table.column("content_hash").null_count:
        table = table.append_column("masked_text", pq.read_table(part, columns=["masked_text"]).column(0))
    return table


def _hashes(table: pa.Table) -> np.ndarray:
    """The content hashes; where the repeats stage left none, a hash of the text as it stands."""
    if "masked_text" not in table.column_names:
        return table.column("content_hash").to_numpy()
    own = np.fromiter(
        (
            text_hash(" ".join((text or "").casefold().split()))
            for text in table.column("masked_text").to_pylist()
        ),
        np.uint64,
        table.num_rows,
    )
    if "content_hash" not in table.column_names:
        return own
    column = table.column("content_hash")
    known = column.is_valid().to_numpy()
    given = pc.fill_null(column, 0).to_numpy()
    return np.where(known, given, own)


def _instants(table: pa.Table) -> np.ndarray:
    if "received_at" not in table.column_names:
        return np.full(table.num_rows, Material.NO_TIME)
    return pc.fill_null(table.column("received_at").cast(pa.int64()), Material.NO_TIME).to_numpy()


def _facet(table: pa.Table, facet: str) -> pa.Array:
    if facet not in table.column_names:
        return pa.nulls(table.num_rows, pa.string())
    column = table.column(facet)
    if pa.types.is_string(column.type):
        return column.combine_chunks()
    return first_values(column).cast(pa.string())


def _codes(columns: list[pa.Array]) -> Codes:
    if not columns:
        return Codes(np.zeros(0, np.int32), [])
    encoded = pa.chunked_array(columns, pa.string()).dictionary_encode().combine_chunks()
    array = encoded.chunk(0) if isinstance(encoded, pa.ChunkedArray) else encoded
    code = pc.fill_null(array.indices, -1).to_numpy(zero_copy_only=False).astype(np.int32)
    return Codes(code, array.dictionary.to_pylist())


def _copy_of(appeal_ids: pa.ChunkedArray, repeats: pa.Table) -> np.ndarray:
    """Per appeal, the row number of the appeal that it copies, or -1."""
    n = len(appeal_ids)
    if "copy_of" not in repeats.column_names or repeats.num_rows != n or n == 0:
        return np.full(n, -1, np.int64)
    copies = repeats.column("copy_of").cast(pa.string())
    found = pc.call_function("index_in", [copies], pc.SetLookupOptions(appeal_ids.combine_chunks()))
    rows = pc.fill_null(found, -1).to_numpy().astype(np.int64)
    return np.where(rows == np.arange(n), -1, rows)


def _leaders(unit: np.ndarray, first: np.ndarray, copy_of: np.ndarray) -> np.ndarray:
    """Per distinct text, the earliest of the distinct texts that near copies tie it to (or itself)."""
    n = len(first)
    copies = np.flatnonzero(copy_of >= 0)
    tied = (np.ones(len(copies), np.int8), (unit[copies], unit[copy_of[copies]]))
    n_groups, group = connected_components(coo_matrix(tied, (n, n)), directed=False)
    order = np.lexsort((first, group))
    earliest = order[np.searchsorted(group[order], np.arange(n_groups))]
    return earliest[group].astype(np.int32)
