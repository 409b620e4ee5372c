"""Texts drawn towards their nearest neighbours, so that what many of them share stands out.

A short text says one thing in few of the words that others use for it; the average of its neighbours
has them all. One step of this is a step of mean shift (Fukunaga and Hostetler 1975), or of a random
walk on the graph of neighbours. It makes groups out of anything, so whether a group is one has to be
judged on the vectors as they were.
"""

import numpy as np

from veche.themes.batches import Blocks
from veche.themes.clusters import mean_rows
from veche.themes.features import unit_rows

#: Neighbours of a text, at most.
NEAREST = 20

#: Neighbours are looked for among at most so many texts, spread evenly over all: time stays linear.
LANDMARKS = 6_000


def drawn_to(features: np.ndarray, kind: np.ndarray, *, blocks: Blocks) -> np.ndarray:
    """Return unit rows, each halfway to the mean of its `kind` (int32 [rows], -1 for none: as it was)."""
    known = np.flatnonzero(kind >= 0)
    if len(known) == 0:
        return features
    means = unit_rows(mean_rows(features, kind, int(kind.max()) + 1, blocks=blocks))
    out = features.copy()
    out[known] = unit_rows(features[known] + means[kind[known]])
    return out


def drawn_together(features: np.ndarray, nearest: int, *, seed: int, blocks: Blocks) -> np.ndarray:
    """Return unit rows halfway between each of `features` (unit rows) and the mean of its `nearest`.

    `nearest` is less than the texts of the smallest theme, or two of them would be drawn into one.
    """
    n = len(features)
    among = features
    if n > LANDMARKS:
        among = features[np.sort(np.random.default_rng(seed + 3).permutation(n)[:LANDMARKS])]
    nearest = min(nearest, NEAREST, len(among) - 1)
    if nearest < 1:
        return features
    turned = np.ascontiguousarray(among.T)
    out = np.empty_like(features)

    def work(rows: slice) -> None:
        similarity = features[rows] @ turned
        # The text itself, and its copies in these numbers, are no neighbours.
        similarity[similarity > 1 - 1e-5] = -1
        found = np.argpartition(similarity, -nearest, axis=1)[:, -nearest:]
        weight = np.maximum(np.take_along_axis(similarity, found, axis=1), 0)
        mean = np.einsum("rk,rkd->rd", weight, among[found])
        out[rows] = unit_rows(features[rows] + unit_rows(mean))

    for _ in blocks.map(work, n):
        pass
    return out
