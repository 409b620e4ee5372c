"""Disclosure control: which cells of a table about people are withheld before it is published.

Primary suppression withholds cells of 1 to 4 people (threshold rule; Hundepool et al., Statistical
Disclosure Control, Wiley 2012, ch. 4.2). Secondary suppression withholds further cells, so that no
small one can be had by subtracting what is published from its totals: along a line by the cheapest
partner, in a table by rectangles (the hypercube method; Giessing and Repsilber, LNCS 2316, 2002).
What is withheld is decided here; what the table counts and how it is shown is decided elsewhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

#: The smallest count of people that is shown. Zero is shown: it describes nobody.
THRESHOLD = 5

#: How many rows, and how many parts of a row that is itself a sum, are tried as corners of a rectangle.
_ROWS_TRIED = 256
_PARTS_TRIED = 4


@dataclass(frozen=True)
class Rows:
    """The rows of a table, which may form a tree: a node's row is the sum of the leaves below it.

    `ancestors[leaf]` lists the nodes that contain a leaf, itself first, then upwards, padded with -1
    (int64 [leaves, depth]). Every leaf is a node of the same number; `n_nodes` counts all nodes.
    """

    ancestors: np.ndarray
    n_nodes: int

    @classmethod
    def flat(cls, n_rows: int) -> "Rows":
        """Return rows of which none is part of another."""
        return cls(np.arange(n_rows, dtype=np.int64)[:, None], n_rows)

    def membership(self) -> np.ndarray:
        """Return which leaves each node contains (bool [nodes, leaves])."""
        inside = np.zeros((self.n_nodes, len(self.ancestors)), bool)
        leaf, depth = np.nonzero(self.ancestors >= 0)
        inside[self.ancestors[leaf, depth], leaf] = True
        return inside


def protect_line(counts: np.ndarray, *, threshold: int = THRESHOLD) -> np.ndarray:
    """Return which counts of a one-dimensional table with a published total are withheld (bool).

    Those withheld number at least `threshold` together and are at least two, wherever the line has
    that many, so each of them can be anything from 0 to their sum.
    """
    counts = np.asarray(counts, np.int64)
    withheld = (counts > 0) & (counts < threshold)
    if not withheld.any():
        return withheld
    for partner in np.argsort(counts, kind="stable"):
        if withheld.sum() >= 2 and counts[withheld].sum() >= threshold:
            break
        if counts[partner] > 0:
            withheld[partner] = True
    return withheld


def protect_table(
    counts: np.ndarray,
    *,
    hidden_columns: np.ndarray | None = None,
    rows: Rows | None = None,
    threshold: int = THRESHOLD,
) -> np.ndarray:
    """Return which cells of a two-dimensional table with published margins are withheld.

    Args:
        counts: people per leaf row and column (int [leaves, columns]).
        hidden_columns: columns whose own total `protect_line` withheld; they are withheld throughout,
            which keeps every value that their totals could have possible in every table at once.
        rows: the tree of rows; flat unless given.
        threshold: the smallest count that is shown.

    Returns:
        bool [nodes, columns]. For each small cell of a node, or of all hidden columns together,
        another filling of the table gives the same published cells and margins. The values that it
        can take span at least `threshold` where any rectangle allows that, else as much as one
        allows; a cell is only fixed where the margins alone fix it.
    """
    counts = np.asarray(counts, np.int64)
    rows = rows or Rows.flat(len(counts))
    hidden = np.zeros(counts.shape[1], bool) if hidden_columns is None else hidden_columns
    visible = np.flatnonzero(~hidden)
    merged = counts[:, visible]
    if hidden.any():
        merged = np.column_stack([merged, counts[:, hidden].sum(axis=1)])
    withheld = _Rectangles(merged, rows, threshold).cover()
    result = np.repeat(hidden[None, :], rows.n_nodes, axis=0)
    result[:, visible] = withheld[:, : len(visible)]
    return result


class _Rectangles:
    """Withholds, for each small cell, the cheapest rectangle of cells that hides it.

    Two leaves a, b and two columns k, h: moving t people from (a, h) and (b, k) to (a, k) and (b, h)
    changes no margin, and no cell of a node that contains both a and b. With the corners and their
    nodes withheld, nobody can tell the table from the moved one.
    """

    def __init__(self, counts: np.ndarray, rows: Rows, threshold: int) -> None:
        self.counts = counts
        self.threshold = threshold
        self.ancestors = rows.ancestors
        self.inside = rows.membership()
        self.nodes = self.inside.astype(np.int64) @ counts
        self.withheld = np.zeros(self.nodes.shape, bool)
        self.size = counts.sum(axis=1)

    def cover(self) -> np.ndarray:
        """Return the withheld cells (bool [nodes, columns])."""
        small = (self.nodes > 0) & (self.nodes < self.threshold)
        for node, column in np.argwhere(small):
            self._hide(node, column)
        return self.withheld

    def _hide(self, node: int, column: int) -> None:
        self.withheld[node, column] = True
        best = min(self._candidates(node, column, self._partners(node, column)), default=None)
        if best is None or best[0][0] == 0:
            best = min(self._candidates(node, column, np.flatnonzero(~self.inside[node])), default=None)
        if best is not None and best[0][0] < 0:
            _, a, b, other = best
            for leaf, opposite in ((a, b), (b, a)):
                path = [p for p in self.ancestors[leaf] if p >= 0 and not self.inside[p, opposite]]
                self.withheld[np.ix_(path, [column, other])] = True

    def _candidates(
        self, node: int, column: int, partners: np.ndarray
    ) -> Iterator[tuple[tuple[int, int], int, int, int]]:
        """Yield per leaf of the node its best ((minus the width, cost), leaf, partner, column)."""
        leaves = np.flatnonzero(self.inside[node])
        if len(leaves) > _PARTS_TRIED:
            leaves = leaves[np.argsort(-self.size[leaves], kind="stable")[:_PARTS_TRIED]]
        if not len(partners):
            return
        x = self.counts
        for a in leaves.tolist():
            up = np.minimum(x[a][None, :], x[partners, column][:, None])
            down = np.minimum(x[a, column], x[partners])
            width = np.minimum(up + down, self.threshold)
            width[:, column] = 0
            cost = self._cost(a, partners, column)
            # Width first, then cost: one number that orders both.
            scale = int(cost.max()) + 1
            at = int(np.argmin(-width * scale + cost))
            b, h = divmod(at, x.shape[1])
            yield (-int(width[b, h]), int(cost[b, h])), a, int(partners[b]), h

    def _partners(self, node: int, column: int) -> np.ndarray:
        """Return the leaves outside the node that are worth trying."""
        outside = np.flatnonzero(~self.inside[node])
        if len(outside) <= _ROWS_TRIED:
            return outside
        fresh = ~self.withheld[outside, column]
        order = np.lexsort((-self.size[outside], fresh))
        half = _ROWS_TRIED // 2
        tried = np.concatenate([order[:half], np.argsort(-self.size[outside], kind="stable")[:half]])
        return outside[np.unique(tried)]

    def _cost(self, a: int, partners: np.ndarray, column: int) -> np.ndarray:
        """Return how many people the cells newly withheld count (int64 [partners, columns])."""
        price = np.where(self.withheld, 0, self.nodes + 1)
        both = price + price[:, [column]]
        cost = np.zeros((len(partners), price.shape[1]), np.int64)
        for p in self.ancestors[a]:
            if p >= 0:
                cost += np.where(self.inside[p, partners][:, None], 0, both[p])
        for level in self.ancestors[partners].T:
            counts = (level >= 0) & ~self.inside[level, a]
            cost += np.where(counts[:, None], both[level], 0)
        return cost
