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

#: The ridge.
RIDGE = 1.0

#: Every row is alike to every other by so much more: the constant term.
CONSTANT = 1.0


def gram(a: Design, b: Design) -> np.ndarray:
    """Return how alike the rows are, float32 [len(a), len(b)]: the products of all their numbers."""
    out = np.asarray((a.words @ b.words.T).todense(), np.float32)
    out += np.asarray((a.traits @ b.traits.T).todense(), np.float32)
    out += a.vectors @ b.vectors.T
    return out + np.float32(CONSTANT)


def row_weights(given: sparse.csr_matrix) -> np.ndarray:
    """Return how much each row counts (float32 [n], mean 1): the mean over its labels of 1 / their size."""
    sizes = np.maximum(np.asarray(given.sum(axis=0), np.float64).ravel(), 1)
    n_labels = np.diff(given.indptr)
    sums = np.asarray(given.astype(np.float64) @ (1 / sizes)).ravel()
    weights = np.where(n_labels > 0, sums / np.maximum(n_labels, 1), 1 / sizes.max(initial=1))
    return (weights / weights.mean()).astype(np.float32)


def solve(alike: np.ndarray, given: sparse.csr_matrix, weights: np.ndarray) -> np.ndarray:
    """Return the share of each row in each label's scores (float32 [n, c]), so that scores are
    `gram(new, old) @ shares`; about 1 for a label that holds, about 0 else."""
    system = alike.copy()
    system[np.diag_indices(len(system))] += RIDGE / weights
    target = np.asarray(given.todense(), np.float32)
    return scipy.linalg.solve(system, target, assume_a="pos", overwrite_a=True, check_finite=False)
