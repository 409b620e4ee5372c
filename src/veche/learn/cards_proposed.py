"""What people decided so far, said of the appeals that still wait: the queue learns while it is worked on.

One ridge regression over all appeals of the queue: what the stages propose counts a little, so that texts
that say the same are proposed the same; what a person decided counts in full. Its scores become chances by
one slope, the likeliest for decisions that it did not see.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import scipy.linalg
from scipy import sparse
from scipy.special import softmax

from veche.learn.cards import Waiting
from veche.learn.cards_numbers import numbers_of

#: What a proposal of the stages counts against a decision.
_STAGE = 0.05

_RIDGE = 1.0

#: The members of a decision count together as so many appeals as the power of their number.
_SIZE = 0.5

#: Parts of the decisions, each foretold from the others; slopes that are tried; the fewest decisions.
_PARTS, _FEWEST = 4, 20
_JUDGED, _UNHEARD = 2_000, 0.5
_SLOPES = np.geomspace(1.0, 40.0, 24)


@dataclass(frozen=True)
class Decided:
    """m appeals that people decided: `vectors` [m, d] and `texts` as in `Waiting`, `values` str (object)
    [m], and `decisions`: those decided by one act share a number, int64 [m]."""

    vectors: np.ndarray
    values: np.ndarray
    decisions: np.ndarray
    texts: pa.Array | None = None


def propose(
    waiting: Waiting, decided: Decided, *, numbers: tuple[np.ndarray, np.ndarray] | None = None
) -> Waiting:
    """Return the appeals with proposals that also know what people decided, up to three each.

    `waiting` holds what the stages propose. `numbers` are those of the waiting and of the decided, where the
    caller keeps what `veche.learn.cards_numbers.numbers_of` made of all of them together.
    """
    names = np.unique(np.concatenate([decided.values.astype(str), waiting.values.ravel().astype(str)]))
    names = names[names != ""]
    if not len(waiting) or not len(names):
        return waiting
    new, old = numbers or _numbers(waiting, decided)
    label = np.searchsorted(names, decided.values.astype(str))
    head = _Head(new, waiting, names)
    weights = head.weights(old, label, decided.decisions)
    slope = head.slope(old, label, decided.decisions)
    chances = softmax(slope * head.scores(new, weights), axis=1)
    best = np.argsort(-chances, axis=1, kind="stable")[:, :3]
    found = np.take_along_axis(chances, best, axis=1).astype(np.float32)
    return waiting.proposing(names[best].astype(object), found)


def _numbers(waiting: Waiting, decided: Decided) -> tuple[np.ndarray, np.ndarray]:
    vectors = np.concatenate([waiting.vectors, decided.vectors])
    texts = None
    if waiting.texts is not None and decided.texts is not None:
        texts = pa.concat_arrays([waiting.texts, decided.texts])
    both = numbers_of(vectors, texts)
    return both[: len(waiting)], both[len(waiting) :]


class _Head:
    """The regression: what the stages say is counted once, decisions are added."""

    def __init__(self, new: np.ndarray, waiting: Waiting, names: np.ndarray) -> None:
        self._n_names = len(names)
        rows = _with_start(new)
        column = np.searchsorted(names, waiting.values.astype(str))
        given = (waiting.values != "") & (waiting.chances > 0)
        row = np.repeat(np.arange(len(rows)), given.sum(axis=1))
        shape = (len(rows), len(names))
        said = sparse.csr_matrix((waiting.chances[given], (row, column[given])), shape=shape)
        heard = np.flatnonzero(given.any(axis=1))
        judged = heard[:_JUDGED] if len(heard) else np.arange(min(len(new), _JUDGED))
        self._heard = new[judged]
        self._sure = float(waiting.chances[judged, 0].mean()) if len(heard) else _UNHEARD
        self._alike = np.float32(_STAGE) * (rows[heard].T @ rows[heard])
        self._wanted = np.float32(_STAGE) * np.asarray((said.T @ rows).T, np.float32)

    def weights(self, old: np.ndarray, label: np.ndarray, decisions: np.ndarray) -> np.ndarray:
        """Return the weights of all numbers, float32 [numbers + 1, names]."""
        rows, counts = _with_start(old), _counts(label, decisions)
        alike = self._alike + (rows * counts[:, None]).T @ rows
        wanted = self._wanted.copy()
        given = sparse.csr_matrix((counts, (np.arange(len(rows)), label)), shape=(len(rows), self._n_names))
        wanted += np.asarray((given.T @ rows).T, np.float32)
        alike[np.diag_indices(len(alike))] += _RIDGE
        return scipy.linalg.solve(alike, wanted, assume_a="pos", overwrite_a=True, check_finite=False)

    def scores(self, rows: np.ndarray, weights: np.ndarray) -> np.ndarray:
        return rows @ weights[:-1] + weights[-1]

    def slope(self, old: np.ndarray, label: np.ndarray, decisions: np.ndarray) -> float:
        """Return the slope under which decisions are likeliest that the scores did not see."""
        _, number = np.unique(decisions, return_inverse=True)
        if number.max(initial=-1) + 1 < _FEWEST:
            return self._slope_of_stages(self.weights(old, label, decisions))
        part = number.ravel() % _PARTS
        loss = np.zeros(len(_SLOPES))
        count = _counts(label, decisions)
        for fold in range(_PARTS):
            seen, unseen = part != fold, part == fold
            weights = self.weights(old[seen], label[seen], decisions[seen])
            scores = self.scores(old[unseen], weights)
            for i, slope in enumerate(_SLOPES):
                line = slope * scores
                top = line.max(axis=1)
                whole = top + np.log(np.exp(line - top[:, None]).sum(axis=1))
                own = line[np.arange(len(line)), label[unseen]]
                loss[i] += float((count[unseen] * (whole - own)).sum())
        return float(_SLOPES[loss.argmin()])

    def _slope_of_stages(self, weights: np.ndarray) -> float:
        """Return the slope under which the first chances are on average as high as the stages say."""
        scores = self.scores(self._heard, weights)
        means = [float(softmax(slope * scores, axis=1).max(axis=1).mean()) for slope in _SLOPES]
        return float(_SLOPES[np.abs(np.array(means) - self._sure).argmin()])


def _counts(label: np.ndarray, decisions: np.ndarray) -> np.ndarray:
    """Return how much each decided appeal counts (float32): all labels alike, large decisions for less."""
    _, number, size = np.unique(decisions, return_inverse=True, return_counts=True)
    count = size[number.ravel()].astype(np.float32) ** np.float32(_SIZE - 1)
    if not len(label):
        return count
    whole = np.bincount(label, weights=count)
    share = count.sum() / max(int((whole > 0).sum()), 1) / np.maximum(whole[label], 1e-9)
    return (count * share).astype(np.float32)


def _with_start(rows: np.ndarray) -> np.ndarray:
    return np.hstack([rows, np.ones((len(rows), 1), np.float32)])
