"""Which appeals say so nearly the same that one answer serves them.

Copies are one text. Texts with one proposal are joined, the nearest first, while the mean cosine between two
groups is high enough (average linkage: Sokal and Michener 1958). Where more texts have one proposal than can
be compared with one another they are cut into cells first, so that time grows in proportion to the texts.
"""

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage

from veche.learn.cards_numbers import unit_rows

#: Groups are joined down to this mean cosine between them.
ALIKE = 0.45

#: At most so many texts are compared with one another.
_CELL = 1_500

_ROUNDS = 6


def groups_of(read: np.ndarray, values: np.ndarray, same: np.ndarray, *, alike: float = ALIKE) -> np.ndarray:
    """Return a number for each appeal (int64 [n]), the same for those that go on one card.

    `read`: float32 [n, r], what tells which are alike; `values`: the first proposal of each (object [n]);
    `same`: int64 [n], copies share a number.
    """
    _, first, copy_of = np.unique(same, return_index=True, return_inverse=True)
    rows = unit_rows(read[first])
    _, part = np.unique(values[first].astype(str), return_inverse=True)
    group = np.zeros(len(first), np.int64)
    used = 0
    for own in _by_number(part.ravel()):
        for cell in _cells(rows, own):
            found = _linked(rows[cell], alike)
            group[cell] = found + used
            used += int(found.max()) + 1
    return group[copy_of.ravel()]


def _linked(rows: np.ndarray, alike: float) -> np.ndarray:
    if len(rows) < 2:
        return np.zeros(len(rows), np.int64)
    apart = np.maximum(1.0 - rows @ rows.T, 0.0)
    condensed = apart[np.triu_indices(len(rows), 1)].astype(np.float64)
    tree = linkage(condensed, method="average")
    return fcluster(tree, 1.0 - alike, criterion="distance").astype(np.int64) - 1


def _cells(rows: np.ndarray, own: np.ndarray) -> list[np.ndarray]:
    """Cut `own` (numbers of rows) into cells of neighbours, small enough to be compared."""
    if len(own) <= _CELL:
        return [own]
    k = -(-2 * len(own) // _CELL)
    middle = rows[own[np.linspace(0, len(own) - 1, k).astype(np.int64)]]
    near = (rows[own] @ middle.T).argmax(axis=1)
    for _ in range(_ROUNDS):
        sums = np.stack([rows[own[near == i]].sum(axis=0) for i in range(k)])
        near = (rows[own] @ unit_rows(sums).T).argmax(axis=1)
    parts = [own[near == i] for i in range(k)]
    # Texts that are all alike stay in one cell; they are cut by their order.
    return [part[at : at + _CELL] for part in parts for at in range(0, len(part), _CELL)]


def _by_number(number: np.ndarray) -> list[np.ndarray]:
    order = np.argsort(number, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(number[order])) + 1)
