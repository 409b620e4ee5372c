"""Least squares with a ridge, where every label weighs as much as any other.

Rows of a rare label count for more, in inverse proportion to how many the label has. On real sets of texts
this does better than support vectors or logistic regression with rare labels (decision 9), and all labels
are solved for at once. Works with a matrix of how alike the rows are ("gram"), so the number of features
does not matter.
"""

from collections.abc import Callable

import numpy as np
import scipy.linalg
from scipy import sparse

from veche.learn.design import Design
from veche.learn.examples import Labels

#: The ridge, and those that are tried in turn: larger, for where labels are uncertain, and smaller.
RIDGE = 1.0
_LARGER = (2.0, 4.0)
_SMALLER = (0.5, 0.25)

#: The ridge is chosen on so many rows, spread over all; of those that are as good as the same (by the cosine
#: of all their numbers) none is judged, as a row says nothing new about its copy.
_JUDGED = 3_000
_SAME = 0.95

#: The power of a row's weight in a multi facet.
MULTI_BALANCE = 0.25

#: How much of a row's label goes to the other labels of its group.
KINSHIP = 0.25

#: Every row is alike to every other by so much more: the constant term.
CONSTANT = 1.0

#: Steps of `solve_in_steps`, and the share of what is wanted below which no more is worth a step.
_STEPS = 80
_NEAR_ENOUGH = 1e-3
_TINY = np.float32(1e-30)


def gram(a: Design, b: Design) -> np.ndarray:
    """Return how alike the rows are, float32 [len(a), len(b)]: the products of all their numbers."""
    out = np.asarray((a.words @ b.words.T).todense(), np.float32)
    out += np.asarray((a.traits @ b.traits.T).todense(), np.float32)
    out += a.vectors @ b.vectors.T
    return out + np.float32(CONSTANT)


def row_weights(labels: Labels) -> np.ndarray:
    """Return how much each row counts (float32 [n], mean 1): the mean over its labels of 1 / their size.

    The fourth root of that in a multi facet, where a row of a rare label has common ones too.
    """
    given = labels.given.astype(np.float64).tocsr()
    sizes = np.maximum(np.asarray(given.sum(axis=0)).ravel(), 1)
    n_labels = np.diff(given.indptr)
    sums = np.asarray(given @ (1 / sizes)).ravel()
    weights = np.where(n_labels > 0, sums / np.maximum(n_labels, 1), 1 / sizes.max(initial=1))
    weights = weights**MULTI_BALANCE if labels.set.multi else weights
    return (weights / weights.mean()).astype(np.float32) if len(weights) else weights.astype(np.float32)


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


def choose_ridge(alike: Callable[[np.ndarray], np.ndarray], labels: Labels, n: int) -> float:
    """Return the ridge with which the most of the first `n` rows get a label of theirs from the others.

    `alike` returns the gram of the rows it is given. Another ridge than `RIDGE` is taken only where it does
    better by more than its standard error. In a multi facet, where thresholds read the scores, 2 is the most.
    """
    if n < 2:
        return RIDGE
    rows, judged = rows_to_judge(labels, n)
    system = alike(rows)
    judge = Judge(labels.take(rows), unlike_any(system[:judged, :judged]))
    usual = judge.right(system, RIDGE)
    for others in (_LARGER[:1] if labels.set.multi else _LARGER, _SMALLER):
        best, before = RIDGE, usual
        for ridge in others:
            now = judge.right(system, ridge)
            if not better(now, before, errors=1.0):
                break
            best, before = ridge, now
        if best != RIDGE:
            return best
    if n > judged:
        # Of more rows than were judged each counts for less against the chance in their labels.
        as_good = (r for r in reversed(_LARGER) if judge.right(system, r).sum() >= usual.sum())
        return RIDGE if labels.set.multi else next(as_good, RIDGE)
    return RIDGE


def rows_to_judge(labels: Labels, n: int) -> tuple[np.ndarray, int]:
    """Return rows (int64) on which something can be chosen, and how many of them are judged: some of the
    first `n`, spread over all, and after them all further rows, which are titles."""
    judged = np.unique(np.linspace(0, n - 1, min(n, _JUDGED)).astype(np.int64))
    return np.concatenate([judged, np.arange(n, len(labels.known))]), len(judged)


class Judge:
    """Tells which rows get a label of theirs from all other rows; `counted` (bool) are those it judges."""

    def __init__(self, labels: Labels, counted: np.ndarray) -> None:
        self._wanted, self._weights = targets(labels), row_weights(labels)
        self._counted = np.flatnonzero(counted)
        self._truth = np.asarray(labels.given[self._counted].todense(), np.int64)

    def right(self, alike: np.ndarray, ridge: float) -> np.ndarray:
        """Return 1 for each row counted that gets a label of its own, else 0 (int64)."""
        first = _scores_without(alike, self._wanted, self._weights, ridge)[self._counted].argmax(axis=1)
        return self._truth[np.arange(len(self._counted)), first]


def better(now: np.ndarray, before: np.ndarray, *, errors: float) -> bool:
    """Return whether more rows are right `now` than `before`, by more than so many standard errors."""
    gain = now - before
    return len(gain) > 0 and bool(gain.sum() > errors * gain.std() * np.sqrt(len(gain)))


def unlike_any(alike: np.ndarray) -> np.ndarray:
    """Return which rows have no copy among the others (bool [n])."""
    length = np.sqrt(np.diag(alike))
    cosine = alike / length[:, None] / length
    np.fill_diagonal(cosine, 0)
    return cosine.max(axis=1, initial=0) < _SAME


def _scores_without(alike: np.ndarray, wanted: np.ndarray, weights: np.ndarray, ridge: float) -> np.ndarray:
    """Return the scores that each row has by all rows but itself."""
    system = alike.copy()
    system[np.diag_indices(len(system))] += ridge / weights
    potrf, potri = scipy.linalg.get_lapack_funcs(("potrf", "potri"), (system,))
    factor, failed = potrf(system.T, lower=1, overwrite_a=1)
    if failed:
        raise scipy.linalg.LinAlgError(failed)
    solved = scipy.linalg.cho_solve((factor, True), wanted, check_finite=False)
    inverse, _ = potri(factor, lower=1, overwrite_c=1)
    return wanted - solved / np.diag(inverse)[:, None]


def solve(alike: np.ndarray, wanted: np.ndarray, weights: np.ndarray, ridge: float) -> np.ndarray:
    """Return the share of each row in each label's scores (float32 [n, c]), so that the scores
    `gram(new, old) @ shares` of the old are about `wanted` (float32 [n, c])."""
    system = alike.copy()
    system[np.diag_indices(len(system))] += ridge / weights
    return scipy.linalg.solve(system, wanted, assume_a="pos", overwrite_a=True, check_finite=False)


def solve_in_steps(design: Design, wanted: np.ndarray, weights: np.ndarray, ridge: float) -> np.ndarray:
    """Return what `solve` does, nearly, where the rows are too many to say how alike all of them are.

    Conjugate gradients, at most `_STEPS` of them: cost grows with the numbers of the rows times labels.
    """
    root = np.sqrt(weights).astype(np.float32)[:, None]
    scaled = design.scaled(root[:, 0])
    turned = scaled.words.T.tocsr(), scaled.traits.T.tocsr()

    def applied(step: np.ndarray) -> np.ndarray:
        out = scaled.words @ (turned[0] @ step) + scaled.traits @ (turned[1] @ step)
        out += scaled.vectors @ (scaled.vectors.T @ step)
        return out + np.float32(CONSTANT) * root * (root * step).sum(axis=0) + np.float32(ridge) * step

    rest = root * wanted
    step, solved = rest.copy(), np.zeros_like(rest)
    squares = (rest**2).sum(axis=0)
    enough = _NEAR_ENOUGH**2 * squares
    for _ in range(_STEPS):
        ahead = applied(step)
        length = squares / np.maximum((step * ahead).sum(axis=0), _TINY)
        solved += length * step
        rest -= length * ahead
        before, squares = squares, (rest**2).sum(axis=0)
        if (squares <= enough).all():
            break
        step = rest + squares / np.maximum(before, _TINY) * step
    return root * solved
