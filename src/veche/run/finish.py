"""The last pass of a run: parts of the work folder, joined with what the reduce steps found, become
the wide table of appeals and the long table of findings."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from veche.core.finding import DECISIONS, decisions, first, long_table
from veche.run.understand import Layout

#: The facets of reduce steps, beside those of the stages.
REPEAT = "repeat"
THEME = "theme"

#: The order of facets in the files; facets of third parties follow by name.
FACETS = ("language", "kind", "topic", "place", "body", "urgency", "group", REPEAT, THEME, "error")


def write_appeals(
    out: Path,
    *,
    layout: Layout,
    parts: int,
    repeats: pa.Table,
    assignments: pa.Table,
    makers: dict[str, tuple[str, str]],
    pack_version: str,
) -> None:
    """Write `appeals/` and `findings/` of a run, one file of each per part.

    `repeats` and `assignments` are aligned with the appeals in the order of the parts; `makers`
    names the stage or step, and its version, that made each facet.
    """
    for folder in (out / "appeals", out / "findings"):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
    at = 0
    for number in range(parts):
        table = pq.read_table(layout.part(number))
        n = len(table)
        table = _with_reduced(table, repeats=repeats.slice(at, n), assignments=assignments.slice(at, n))
        facets = _facets(table)
        name = layout.part(number).name
        _save(_wide(table, facets, makers), out / "appeals" / name)
        columns = {facet: table[facet] for facet in facets}
        _save(long_table(table["appeal_id"], columns, makers, pack_version), out / "findings" / name)
        at += n


def _with_reduced(table: pa.Table, *, repeats: pa.Table, assignments: pa.Table) -> pa.Table:
    for column in ("repeat_size", "copy_of", "campaign"):
        table = table.append_column(column, repeats[column])
    table = table.append_column("subtheme", assignments["subtheme"])
    table = table.append_column(REPEAT, _single(repeats["repeat"], repeats["similarity"]))
    return table.append_column(THEME, _single(assignments["theme"], assignments["strength"]))


def _single(values: pa.ChunkedArray, confidences: pa.ChunkedArray) -> pa.Array:
    """Return a facet column with one decision wherever there is a value."""
    rows = np.flatnonzero(pc.is_valid(values).to_numpy())
    taken = pa.array(rows)
    confidence = pc.fill_null(confidences.take(taken), 0).to_numpy()
    return decisions(len(values), rows, values.take(taken).combine_chunks(), confidence)


def _facets(table: pa.Table) -> list[str]:
    found = [field.name for field in table.schema if field.type == DECISIONS]
    known = [facet for facet in FACETS if facet in found]
    return known + sorted(set(found) - set(known))


def _wide(table: pa.Table, facets: Sequence[str], makers: dict[str, tuple[str, str]]) -> pa.Table:
    """Return one row per appeal with the first-ranked finding of each facet in five columns."""
    hidden = {*facets, "signature", "content_hash"}
    columns = {name: table[name] for name in table.column_names if name not in hidden}
    for facet in facets:
        best = first(table[facet])
        there = pc.is_valid(best)
        maker, version = makers[facet]
        columns[facet] = pc.struct_field(best, "value")
        columns[f"{facet}_confidence"] = pc.struct_field(best, "confidence")
        columns[f"{facet}_evidence"] = pc.struct_field(best, "evidence")
        columns[f"{facet}_maker"] = pc.if_else(there, maker, None).cast(pa.string())
        columns[f"{facet}_version"] = pc.if_else(there, version, None).cast(pa.string())
    return pa.table(columns)


def _save(table: pa.Table, path: Path) -> None:
    pq.write_table(table, path, compression="zstd")
