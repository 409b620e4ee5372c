"""What people decided so far, said of the appeals that still wait: the queue learns while it is worked on.

One ridge regression with a row for each decision, the mean of its appeals: a decision about three hundred
copies teaches little more than one about three. The root of the chance that the stages gave is added to its
scores. How much that counts, and the slope by which scores become chances, are the likeliest for decisions
left out one by one (the closed form of Allen 1974's PRESS).
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import scipy.linalg
from scipy import sparse
from scipy.special import logsumexp, softmax

from veche.learn.cards import Waiting
from veche.learn.cards_numbers import numbers_of, shortened, unit_rows

_RIDGE = 1.0

#: What the stages proposed counts so much while too little was decided, then one of these; one of the last
#: while too little was drawn at random: where cards are asked about the stages are at their worst, which
#: tells nothing about where they are good. Where it is not known what they said of the decided, they count
#: as one decision about each value, within bounds.
_STAGES = 0.5
_TRIED = (0.05, 0.1, 0.2, 0.35, 0.5, 1.0, 2.0)
_AT_LEAST = 1.0

#: A decision counts as this power of the number of its appeals.
_SIZE = 0.5

#: Slopes that are tried, and the fewest decisions to choose by.
_SLOPES = np.geomspace(1.0, 60.0, 14)
_FEWEST = 20

#: Cards are asked about because the system is unsure of them. Where enough was drawn at random, what was
#: asked counts so much beside it.
_ASKED = 0.1

_JUDGED = 2_000
_UNHEARD = 0.5
_BLOCK = 4_096


@dataclass(frozen=True)
class Decided:
    """m appeals that people decided: `vectors` [m, d] and `texts` as in `Waiting`, `values` str (object)
    [m], and `decisions`: those decided by one act share a number, int64 [m]. What the stages had proposed
    of them, `proposed` (object [m, k]) with `chances` (float32 [m, k]), makes chances truer where known, and
    so does which were `checked`: drawn at random, and not because the system was unsure (bool [m])."""

    vectors: np.ndarray
    values: np.ndarray
    decisions: np.ndarray
    texts: pa.Array | None = None
    proposed: np.ndarray | None = None
    chances: np.ndarray | None = None
    checked: np.ndarray | None = None


def propose(
    waiting: Waiting, decided: Decided, *, numbers: tuple[np.ndarray, np.ndarray] | None = None
) -> Waiting:
    """Return the appeals with proposals that also know what people decided, up to three each.

    `waiting` holds what the stages propose. `numbers` are those of the waiting and of the decided, where the
    caller keeps what `veche.learn.cards_numbers.numbers_of` made of all of them together. Nothing decided,
    nothing changes.
    """
    if not len(decided.values) or not len(waiting):
        return waiting
    names = np.unique(np.concatenate([decided.values.astype(str), waiting.values.ravel().astype(str)]))
    names = names[names != ""]
    new, old = numbers or _numbers(waiting, decided)
    taught = _taught(old, decided, names)
    weights, unseen = _learn(taught, len(names))
    scores = _scores(new, weights, taught)
    said = _said(waiting.values, waiting.chances, names)
    stages, slope = _likeliest(unseen, taught)
    scores += np.float32(stages) * said
    chances = softmax((slope or _as_sure(scores, waiting)) * scores, axis=1)
    best = np.argsort(-chances, axis=1, kind="stable")[:, :3]
    found = np.take_along_axis(chances, best, axis=1).astype(np.float32)
    knows = len(taught.label) >= max(_FEWEST, len(np.unique(taught.label)))
    fit = scores - scores.mean(axis=0)
    read = np.hstack([unit_rows(shortened(new)), unit_rows(fit)]) if knows else shortened(new)
    return replace(waiting, values=names[best].astype(object), chances=found, read=read)


class _Taught(NamedTuple):
    """Decisions: `rows` float32 [k, d], `label` int64 [k], `weight` float32 [k], `said` float32 [k, c],
    `counts` float32 [k]: how much each counts where chances are made, `at_random` whether enough was drawn
    so."""

    rows: np.ndarray
    label: np.ndarray
    weight: np.ndarray
    said: np.ndarray
    counts: np.ndarray
    at_random: bool


def _taught(old: np.ndarray, decided: Decided, names: np.ndarray) -> _Taught:
    label = np.searchsorted(names, decided.values.astype(str))
    keys = decided.decisions * (len(names) + 1) + label
    _, first, number, size = np.unique(keys, return_index=True, return_inverse=True, return_counts=True)
    share = (1.0 / size)[number.ravel()].astype(np.float32)
    mean = sparse.csr_matrix((share, (number.ravel(), np.arange(len(old)))), shape=(len(size), len(old)))
    said = np.zeros((len(size), len(names)), np.float32)
    if decided.proposed is not None and decided.chances is not None:
        said = np.asarray(mean @ _said(decided.proposed, decided.chances, names))
    label = label[first]
    weight = size.astype(np.float64) ** _SIZE
    whole = np.bincount(label, weights=weight)
    # All values weigh alike, as in `veche.learn.ridge`.
    weight *= weight.sum() / (whole > 0).sum() / whole[label]
    weight /= weight.mean()
    counts = np.ones(len(size), np.float32)
    at_random = decided.checked is not None and bool(decided.checked[first].sum() >= _FEWEST)
    if decided.checked is not None and at_random:
        counts[~decided.checked[first]] = _ASKED
    rows = np.asarray(mean @ old, np.float32)
    return _Taught(rows, label, weight.astype(np.float32), said, counts, at_random)


def _said(values: np.ndarray, chances: np.ndarray, names: np.ndarray) -> np.ndarray:
    """Return the roots of the chances of all values, float32 [n, c]."""
    out = np.zeros((len(values), len(names)), np.float32)
    told = values.astype(str)
    column = np.minimum(np.searchsorted(names, told), len(names) - 1)
    row, place = np.nonzero((names[column] == told) & (chances > 0))
    out[row, column[row, place]] = np.sqrt(chances[row, place])
    return out


def _learn(taught: _Taught, n_names: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the weights of all numbers (float32 [d + 1, c]) and the scores (float32 [k, c]) that each
    decision would have had from the others."""
    rows = np.hstack([taught.rows, np.ones((len(taught.rows), 1), np.float32)])
    alike = rows @ rows.T
    alike[np.diag_indices(len(alike))] += _RIDGE / taught.weight
    inverse = scipy.linalg.inv(alike, overwrite_a=True, check_finite=False)
    wanted = np.zeros((len(rows), n_names), np.float32)
    wanted[np.arange(len(rows)), taught.label] = 1.0
    shares = inverse @ wanted
    unseen = wanted - shares / np.diag(inverse)[:, None]
    return rows.T @ shares, _with_unsaid(unseen, taught)


def _scores(rows: np.ndarray, weights: np.ndarray, taught: _Taught) -> np.ndarray:
    out = np.empty((len(rows), weights.shape[1]), np.float32)
    for at in range(0, len(rows), _BLOCK):
        out[at : at + _BLOCK] = rows[at : at + _BLOCK] @ weights[:-1] + weights[-1]
    return _with_unsaid(out, taught)


def _with_unsaid(scores: np.ndarray, taught: _Taught) -> np.ndarray:
    """Let the values that nobody said yet score as the least likely of those that were said: nothing speaks
    against them but what speaks for the others."""
    said = np.bincount(taught.label, minlength=scores.shape[1]) > 0
    scores[:, ~said] = scores[:, said].min(axis=1, keepdims=True)
    return scores


def _likeliest(unseen: np.ndarray, taught: _Taught) -> tuple[float, float]:
    """Return what the stages count and what scores are multiplied by; 0 where too little was decided."""
    if len(taught.label) < _FEWEST:
        return _STAGES, 0.0
    one_each = taught.said.shape[1] / len(taught.label)
    tried = [float(np.clip(one_each, _TRIED[1], _STAGES))]
    if taught.said.any():
        least = _TRIED[0] if taught.at_random else _AT_LEAST
        tried = [stages for stages in _TRIED if stages >= least]
    losses = {
        (stages, float(slope)): _loss(slope * (unseen + np.float32(stages) * taught.said), taught)
        for stages in tried
        for slope in _SLOPES
    }
    return min(losses, key=lambda both: losses[both])


def _loss(lines: np.ndarray, taught: _Taught) -> float:
    own = lines[np.arange(len(lines)), taught.label]
    return float(taught.counts @ (logsumexp(lines, axis=1) - own))


def _as_sure(scores: np.ndarray, waiting: Waiting) -> float:
    """Return the slope under which the first chances are on average as high as the stages say."""
    heard = np.flatnonzero(waiting.chances[:, 0] > 0)[:_JUDGED]
    sure = float(waiting.chances[heard, 0].mean()) if len(heard) else _UNHEARD
    some = scores[heard] if len(heard) else scores[:_JUDGED]
    means = [float(softmax(s * some, axis=1).max(axis=1).mean()) for s in _SLOPES]
    return float(_SLOPES[int(np.abs(np.array(means) - sure).argmin())])


def _numbers(waiting: Waiting, decided: Decided) -> tuple[np.ndarray, np.ndarray]:
    vectors = np.concatenate([waiting.vectors, decided.vectors])
    texts = None
    if waiting.texts is not None and decided.texts is not None:
        texts = pa.concat_arrays([_array(waiting.texts), _array(decided.texts)])
    both = numbers_of(vectors, texts)
    return both[: len(waiting)], both[len(waiting) :]


def _array(texts: pa.Array | pa.ChunkedArray) -> pa.Array:
    return texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
