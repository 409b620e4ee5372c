"""Least squares with a ridge, where every label weighs as much as any other.

Rows of a rare label count for more, in inverse proportion to how many the label has. On real sets of texts
this does better than support vectors or logistic regression with rare labels (decision 9), and all labels
are solved for at once. Works with a matrix of how alike the rows are ("gram"), so the number of features
does not matter.
"""

import numpy as np
import scipy.linalg
from scipy import sparse

from veche.learn.design import Design
from veche.learn.examples import Labels

#: The ridge.
RIDGE = 1.0

#: How much of a row's label goes to the other labels of its group.
KINSHIP = 0.25

#: Every row is alike to every other by so much more: the constant term.
CONSTANT = 1.0


def gram(a: Design, b: Design) -> np.ndarray:
    """Return how alike the rows are, float32 [len(a), len(b)]: the products of all their numbers."""
    out = np.asarray((a.words @ b.words.T).todense(), np.float32)
    out += np.asarray((a.traits @ b.traits.T).todense(), np.float32)
    out += a.vectors @ b.vectors.T
    return out + np.float32(CONSTANT)


def row_weights(labels: Labels) -> np.ndarray:
    """Return how much each row counts (float32 [n], mean 1): the mean over its labels of 1 / their size.

    The square root of that in a multi facet, where a row of a rare label has common ones too.
    """
    given = labels.given.astype(np.float64).tocsr()
    sizes = np.maximum(np.asarray(given.sum(axis=0)).ravel(), 1)
    n_labels = np.diff(given.indptr)
    sums = np.asarray(given @ (1 / sizes)).ravel()
    weights = np.where(n_labels > 0, sums / np.maximum(n_labels, 1), 1 / sizes.max(initial=1))
    weights = np.sqrt(weights) if labels.set.multi else weights
    return (weights / weights.mean()).astype(np.float32)


def targets(labels: Labels) -> np.ndarray:
    """Return what the scores of each row should be, float32 [n, c]: 1 for its labels, 0 else, and for labels
    of one group with them `KINSHIP`."""
    out = np.asarray(labels.given.todense(), np.float32)
    groups = labels.set.groups
    grouped = np.flatnonzero(groups >= 0)
    if len(grouped):
        ones = np.ones(len(grouped), np.float32)
        shape = (len(groups), int(groups.max()) + 1)
        member = sparse.csr_matrix((ones, (grouped, groups[grouped])), shape=shape)
        out += np.float32(KINSHIP) * np.asarray(
            (labels.given.astype(np.float32) @ member @ member.T).todense()
        )
    return out


def solve(alike: np.ndarray, wanted: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the share of each row in each label's scores (float32 [n, c]), so that the scores
    `gram(new, old) @ shares` of the old are about `wanted` (float32 [n, c])."""
    system = alike.copy()
    system[np.diag_indices(len(system))] += RIDGE / weights
    return scipy.linalg.solve(system, wanted, assume_a="pos", overwrite_a=True, check_finite=False)
