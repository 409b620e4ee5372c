"""What the workers left of a history becomes examples: one row per appeal, copies told apart."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from veche.core.appeal import AGE_GROUPS, AGE_STARTS
from veche.core.finding import first_values
from veche.learn.circumstances import circumstances
from veche.learn.copies import same_text, settle
from veche.learn.examples import Examples, Inputs, Labels
from veche.learn.leaks import find_leaks
from veche.learn.notes import FacetNotes, Notes
from veche.run.understand import Layout
from veche.stages.columns import MASKED_TEXT, VECTOR_SIZE
from veche.themes import material
from veche.themes.batches import blocks
from veche.themes.discovery import find_themes
from veche.themes.repeats import group_repeats

#: The columns of a part that are read.
_READ = (
    "appeal_id",
    MASKED_TEXT.name,
    "received_at",
    "channel",
    "lat",
    "lon",
    "age",
    "sex",
    "language",
    "place",
)


def assemble(layout: Layout, parts: int, *, timezone: str) -> tuple[Inputs, pa.Array, np.ndarray]:
    """Return the inputs of all parts, the ids of their appeals and when these were received.

    Hours and days of the inputs are those of `timezone`.
    """
    tables = []
    for number in range(parts):
        table = pq.read_table(layout.part(number), columns=list(_READ))
        for facet in ("language", "place"):
            at = table.column_names.index(facet)
            table = table.set_column(at, facet, first_values(table[facet]))
        tables.append(table)
    whole = pa.concat_tables(tables).combine_chunks()
    vectors = np.empty((len(whole), VECTOR_SIZE), np.float32)
    at = 0
    for number, table in enumerate(tables):
        vectors[at : at + len(table)] = np.load(layout.vectors(number), allow_pickle=False)
        at += len(table)
    traits = {
        "language": _array(whole["language"]),
        "territory": _array(whole["place"]),
        "channel": _array(whole["channel"]),
        "age": _age_groups(_array(whole["age"])),
        "sex": _array(whole["sex"]),
    }
    texts = pc.fill_null(_array(whole[MASKED_TEXT.name]), "")
    instants = _array(whole["received_at"])
    beside = circumstances(instants, _array(whole["lat"]), _array(whole["lon"]), timezone=timezone)
    received = instants.to_numpy(zero_copy_only=False).astype("datetime64[s]")
    return Inputs(texts, vectors, traits, beside), _array(whole["appeal_id"]), received


def _array(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)


def _age_groups(ages: pa.Array) -> pa.Array:
    known = ages.is_null().to_numpy(zero_copy_only=False)
    years = pc.fill_null(ages, 0).to_numpy(zero_copy_only=False)
    group = np.searchsorted(np.array(AGE_STARTS), years, side="right")
    return pa.array(AGE_GROUPS, pa.string()).take(pa.array(group, mask=known))


def examples_of(
    inputs: Inputs,
    ids: pa.Array,
    received: np.ndarray,
    near: pa.Table,
    made: Mapping[str, tuple[Labels, FacetNotes]],
    notes: Notes,
) -> Examples:
    """Return the examples; `near` holds the groups of near copies, `made` the labels and what was noticed."""
    same = same_text(inputs.texts)
    facets = {}
    for facet, (labels, noticed) in made.items():
        changed = settle(labels, same=same, received=received)[1]
        suspects = ids.filter(pa.array(changed)).to_pylist()
        facets[facet] = replace(noticed, contradicted=tuple(suspects), leaks=find_leaks(inputs, labels))
    return Examples(
        inputs=inputs,
        labels={facet: labels for facet, (labels, _noticed) in made.items()},
        ids=ids,
        received=received,
        copies=_together(same, near["repeat"]),
        notes=replace(notes, facets=facets),
    )


def _together(same: np.ndarray, repeat: pa.ChunkedArray) -> np.ndarray:
    """Return a number per row (int64), equal for rows of one text or of one group of near copies."""
    coded = repeat.combine_chunks().dictionary_encode()
    group = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    n = len(same)
    rows = np.arange(n)
    _, text = np.unique(same, return_inverse=True)
    grouped = np.flatnonzero(group >= 0)
    first = np.concatenate([rows, grouped])
    second = np.concatenate([n + text, 2 * n + group[grouped]])
    size = 3 * n
    graph = coo_array((np.ones(len(first), np.int8), (first, second)), shape=(size, size))
    return connected_components(graph, directed=False)[1][:n].astype(np.int64)


def decided_once(work: Path, copies: np.ndarray, *, seed: int, threads: int) -> np.ndarray:
    """Return a number for each appeal of a history (int64 [n]); those of one theme share it, and of the rare
    and singular those that are copies of each other.

    `work` is the folder that `read_history` left, `copies` those of its examples.
    """
    near = group_repeats(sorted((work / "map").glob("part-*.parquet")))
    with blocks(threads) as pool:
        found = find_themes(work, material.read(work, near), seed=seed, n_themes=None, blocks=pool)
    return np.where(found.theme < 0, len(found.says_nothing) + copies, found.theme).astype(np.int64)
