"""Which appeals say so nearly the same that one answer serves them.

Copies are one text. Texts with the same proposal go together while they are alike enough (leader clustering:
Hartigan 1975, "Clustering Algorithms", ch. 3), the densest first. Time grows with texts times groups of one
proposal, in blocks of rows.
"""

import numpy as np

#: Texts go together from this cosine on.
ALIKE = 0.62

#: Rounds in which texts move to the nearest of the leaders.
_ROUNDS = 2


def groups_of(
    vectors: np.ndarray,
    values: np.ndarray,
    same: np.ndarray,
    *,
    alike: float = ALIKE,
) -> np.ndarray:
    """Return a number for each appeal (int64 [n]), the same for those that go on one card.

    Arguments are those of `veche.learn.cards.Waiting`.
    """
    _, first, copy_of = np.unique(same, return_index=True, return_inverse=True)
    rows = vectors[first].astype(np.float32)
    proposal = values[first, 0].astype(str) if values.shape[1] else np.full(len(first), "")
    _, part = np.unique(proposal, return_inverse=True)
    group = np.zeros(len(first), np.int64)
    used = 0
    for number in range(int(part.max(initial=-1)) + 1):
        own = np.flatnonzero(part == number)
        found = _leaders(rows[own], alike)
        group[own] = found + used
        used += int(found.max(initial=-1)) + 1
    return group[copy_of.ravel()]


def _leaders(rows: np.ndarray, alike: float) -> np.ndarray:
    """Return the number of the leader of each row."""
    leader = np.full(len(rows), -1, np.int64)
    leaders: list[int] = []
    mean = rows.mean(axis=0) if len(rows) else np.zeros(rows.shape[1], np.float32)
    for at in np.argsort(-(rows @ mean), kind="stable").tolist():
        if leader[at] >= 0:
            continue
        near = (rows @ rows[at] >= alike) & (leader < 0)
        near[at] = True
        leader[near] = len(leaders)
        leaders.append(at)
    return leader
