"""Which appeals would teach a model most, were a person to label them.

An appeal is worth asking about where the model is unsure between labels, where many others are like it
("information density": Settles and Craven 2008, "An Analysis of Active Learning Strategies for Sequence
Labeling Tasks"), and where neither an appeal like it nor one of its groups was asked about yet: a learner
that only asks where it is unsure forgets those of whom it has seen few.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from veche.learn.copies import same_text
from veche.learn.examples import Inputs
from veche.learn.model import FacetModel

#: The groups that are all to be heard, beside the model's own first labels.
GROUPS = ("language", "territory", "channel")

#: So many of the most telling appeals are compared with one another.
_COMPARED = 5_000

#: How much being like the others counts, against being unsure.
_DENSITY = 0.5

#: A group with less than this share of one place among those asked about may have none.
_LEAST_PLACE = 0.5


def ask(facets: Sequence[FacetModel], inputs: Inputs, *, n: int) -> np.ndarray:
    """Return the rows (int64, at most `n`) that are worth asking about, the most telling first.

    Of the same text one row is taken. The same inputs give the same rows.
    """
    chances = [facet.chances(inputs) for facet in facets]
    unsure = np.mean(
        [unsureness(c, multi=f.labels.multi) for c, f in zip(chances, facets, strict=True)], axis=0
    )
    _, firsts = np.unique(same_text(inputs.texts), return_index=True)
    there = np.flatnonzero([bool(text and text.strip()) for text in inputs.texts.to_pylist()])
    rows = np.intersect1d(firsts, there)
    worth = unsure * (_DENSITY + (1 - _DENSITY) * _density(inputs.vectors))
    rows = rows[np.argsort(-worth[rows], kind="stable")]
    groups = {trait: inputs.traits[trait] for trait in GROUPS}
    groups |= {str(i): pa.array(c.argmax(axis=1)) for i, c in enumerate(chances) if c.shape[1]}
    kept = _with_all_groups(rows, groups, n)
    numbers = [_numbers(column.take(pa.array(kept))) for column in groups.values()]
    return kept[_greedy(worth[kept], inputs.vectors[kept], numbers, n)]


def unsureness(chances: np.ndarray, *, multi: bool) -> np.ndarray:
    """Return how unsure a model is of each row, 0 to 1: how near the first two labels are to one another; in
    a multi facet how near any label is to a chance of one half."""
    if not chances.shape[1]:
        return np.zeros(len(chances))
    if multi:
        return 1.0 - 2.0 * np.abs(chances - 0.5).min(axis=1)
    if chances.shape[1] < 2:
        return 1.0 - chances[:, 0]
    top = np.partition(chances, -2, axis=1)[:, -2:]
    return 1.0 - (top[:, 1] - top[:, 0])


def _density(vectors: np.ndarray) -> np.ndarray:
    """Return how like the others each row is on average, 0 to 1."""
    like = vectors @ vectors.mean(axis=0) if len(vectors) else np.zeros(0)
    return (like - like.min(initial=0.0)) / max(float(np.ptp(like)) if len(like) else 0.0, 1e-9)


def _with_all_groups(rows: np.ndarray, groups: Mapping[str, pa.Array], n: int) -> np.ndarray:
    """Return the most telling of `rows`, and of each group enough to choose from."""
    chosen = np.zeros(len(rows), bool)
    chosen[:_COMPARED] = True
    for column in groups.values():
        number = _numbers(column.take(pa.array(rows)))
        order = np.argsort(number, kind="stable")
        rank = np.empty(len(rows), np.int64)
        rank[order] = np.arange(len(rows)) - np.searchsorted(number[order], number[order], side="left")
        chosen |= rank < max(1, n // 10)
    return rows[chosen]


def _greedy(worth: np.ndarray, vectors: np.ndarray, groups: Sequence[np.ndarray], n: int) -> np.ndarray:
    """Take one row after the other: worth most, least like those taken, of the groups most wanting."""
    taken: list[int] = []
    nearest = np.zeros(len(worth))
    wanted = [np.bincount(number) * (n / max(1, len(worth))) for number in groups]
    got = [np.zeros(len(share)) for share in wanted]
    free = np.ones(len(worth), bool)
    while len(taken) < n and free.any():
        open_rows = free
        if 2 * len(taken) >= n:  # the second half of the places is for groups that have none
            unheard = np.any(
                [_unheard(w, g)[own] for w, g, own in zip(wanted, got, groups, strict=True)], axis=0
            )
            open_rows = free & unheard if (free & unheard).any() else free
        need = np.mean([_need(w, g)[own] for w, g, own in zip(wanted, got, groups, strict=True)], axis=0)
        gain = np.where(open_rows, (worth + 1e-6) * (1.0 - nearest).clip(1e-3) * need, -1.0)
        best = int(gain.argmax())
        taken.append(best)
        free[best] = False
        nearest = np.maximum(nearest, vectors @ vectors[best])
        for count, number in zip(got, groups, strict=True):
            count[number[best]] += 1
    return np.array(taken, np.int64)


def _unheard(wanted: np.ndarray, got: np.ndarray) -> np.ndarray:
    """Return which groups should have a place and have none (bool)."""
    return (got == 0) & (wanted >= _LEAST_PLACE)


def _need(wanted: np.ndarray, got: np.ndarray) -> np.ndarray:
    """Return how much each group wants another place, about 1 while it has its share."""
    return np.sqrt((wanted + 1.0) / (got + 1.0))


def _numbers(column: pa.Array) -> np.ndarray:
    """Return a number for each value, unknown ones as one of their own."""
    coded = column.dictionary_encode()
    return coded.indices.fill_null(len(coded.dictionary)).to_numpy(zero_copy_only=False).astype(np.int64)
