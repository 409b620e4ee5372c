"""The values that the pack knows and a model has no word for: how they compete with the model's labels.

A model knows no "none of these": whatever it is shown, its chances add up to one. How sure it is tells
whether an appeal is of the kind that it was taught.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from veche.learn.examples import LabelSet
from veche.stages.documents import Documents

#: Nothing is surer than this.
_SUREST = 0.99


class Rivals(NamedTuple):
    """What the pack's stage says that the model cannot: r decisions, each of a `document` (int64 [r])."""

    document: np.ndarray
    value: pa.Array
    chance: np.ndarray
    evidence: list[list[tuple[int, int]]]


def rivals_of(column: pa.ChunkedArray | None, documents: Documents, labels: LabelSet) -> Rivals:
    """Return the decisions of a facet column whose values are no labels of the model.

    A value "code@territory" is the model's where the model has "code".
    """
    if column is None:
        nothing = np.zeros(0, np.int64)
        return Rivals(nothing, pa.array([], pa.string()), np.zeros(0), [])
    lists = column.combine_chunks()
    items = lists.flatten()
    row = pc.list_parent_indices(lists).to_numpy(zero_copy_only=False).astype(np.int64)
    matter = items.field("matter").to_numpy(zero_copy_only=False).astype(np.int64)
    document, there = _documents_of(row, matter, documents)
    values = items.field("value")
    names = pa.array(labels.names, pa.string())
    kind = pc.list_element(pc.split_pattern(values, "@"), 0) if len(values) else values
    known = pc.or_(pc.is_in(values, names), pc.is_in(kind, names)).to_numpy(zero_copy_only=False)
    kept = np.flatnonzero(there & ~known.astype(bool))
    taken = items.take(pa.array(kept))
    spans = taken.field("evidence").to_pylist()
    return Rivals(
        document[kept],
        taken.field("value"),
        taken.field("confidence").to_numpy(zero_copy_only=False).astype(np.float64),
        [[(span["start"], span["end"]) for span in own or ()] for own in spans],
    )


def share_of(rivals: Rivals, first: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Return, for each document, the chance that one of its rivals is right and no label of the model.

    `first`: the chance of the model's first label, float [d]; `seen`: those of the first labels of appeals
    that are certainly of the model's kind, out of fold. The odds are those that the pack's stage gives,
    times those that so low a chance is not met among what was seen: its conformal p-value p (Vovk,
    Gammerman, Shafer 2005) against 1 - p.
    """
    said = np.bincount(rivals.document, weights=rivals.chance, minlength=len(first)).clip(0.0, _SUREST)
    usual = (np.searchsorted(np.sort(seen), first, side="right") + 1) / (len(seen) + 1)
    strange = 1.0 - usual
    new = said * strange
    return np.divide(new, new + (1.0 - said) * usual, out=np.zeros(len(first)), where=new > 0)


def part_of(rivals: Rivals) -> np.ndarray:
    """Return the part that each rival has of all the chance of its document's rivals (float64 [r])."""
    sums = np.bincount(rivals.document, weights=rivals.chance)
    return rivals.chance / np.maximum(sums[rivals.document], 1e-9)


def _documents_of(row: np.ndarray, matter: np.ndarray, documents: Documents) -> tuple[np.ndarray, np.ndarray]:
    """Return the document of each row and matter (int64), and whether there is one (bool)."""
    width = int(max(documents.matter.max(initial=0), matter.max(initial=0))) + 1
    keys = documents.row * width + documents.matter
    order = np.argsort(keys, kind="stable")
    wanted = row * width + matter
    at = np.minimum(np.searchsorted(keys[order], wanted), max(len(keys) - 1, 0))
    found = order[at] if len(keys) else at
    return found, (keys[found] == wanted) if len(keys) else np.zeros(len(row), bool)
