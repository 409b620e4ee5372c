"""A head takes in a few more examples without the old ones.

Its weights move as little as the new examples need: each weight is held where it is as strongly as the old
examples bore on it, which their number and how many of them had the feature tell (a Laplace approximation
with a diagonal; Kirkpatrick and others 2017, "elastic weight consolidation"). So what many old appeals taught
stays, and what few had, or none, is free to be learnt. Solved exactly, in the size of the new examples.
"""

from dataclasses import replace

import numpy as np
import scipy.linalg
from scipy import sparse
from threadpoolctl import threadpool_limits

from veche.learn.design import Columns, Design, design_of, learn_columns
from veche.learn.examples import Inputs, Labels
from veche.learn.features import Lexicon
from veche.learn.heads import SCALE, Head
from veche.learn.ridge import CONSTANT, MULTI_BALANCE, RIDGE, targets

#: How strongly a weight is held by each old example that had its feature. A diagonal forgets that features
#: come together; 3 did better than 0.1 to 1 on two sets of 5 and 246 labels.
HOLD = 3.0

#: Share of the old examples that are taken to have a trait.
_TRAIT_SHARE = 0.2


def update(head: Head, inputs: Inputs, labels: Labels, *, learnt: np.ndarray) -> Head:
    """Return a head that also knows what people said of `inputs`.

    `labels` are all known; their set begins with the labels of `head` and may have more. `learnt`: how many
    appeals the head has seen of each label of that set (int64 [c]), 0 for the new ones.
    """
    columns = _with_new_features(head.columns, inputs)
    wide = _widened(head, columns, len(labels.set))
    with threadpool_limits(1, user_api="blas"):
        design = design_of(inputs, columns)
        wanted = np.float32(SCALE) * targets(labels) - wide.scores(inputs, threads=1)
        room = _room(design, columns, old=float(learnt.sum()))
        free = _scaled(design, room)
        alike = np.asarray((free.words @ design.words.T).todense(), np.float64)
        alike += np.asarray((free.traits @ design.traits.T).todense())
        alike += free.vectors @ design.vectors.T + room.start * CONSTANT
        alike[np.diag_indices(len(alike))] += RIDGE / _weights(labels, learnt)
        shares = scipy.linalg.solve(alike, wanted.astype(np.float64), assume_a="pos").astype(np.float32)
        return _moved(wide, free, shares, start=room.start)


class _Room:
    """How far each weight may move, 1 for one that no old example bore on: words float32 [f], the same
    number for all of the vector, for all traits, and for the start."""

    def __init__(self, words: np.ndarray, vector: float, traits: float, start: float) -> None:
        self.words, self.vector, self.traits, self.start = words, vector, traits, start


def _room(design: Design, columns: Columns, *, old: float) -> _Room:
    lexicon = columns.lexicon
    texts = np.clip((1 + old) / np.exp(lexicon.rarity.astype(np.float64) - 1) - 1, 0, old)
    texts[np.isclose(lexicon.rarity, lexicon.unseen)] = 0.0
    square = np.zeros(int(lexicon.block.max(initial=0)) + 1)
    block = lexicon.block[design.words.indices]
    counts = np.maximum(np.bincount(block, minlength=len(square)), 1)
    square[:] = np.bincount(block, weights=design.words.data.astype(np.float64) ** 2, minlength=len(square))
    words = RIDGE / (RIDGE + HOLD * texts * (square / counts)[lexicon.block])
    per_number = float((design.vectors**2).sum(axis=1).mean()) / design.vectors.shape[1]
    trait = float((design.traits.data**2).mean()) if design.traits.nnz else 0.0
    return _Room(
        words.astype(np.float32),
        RIDGE / (RIDGE + HOLD * old * per_number),
        RIDGE / (RIDGE + HOLD * old * _TRAIT_SHARE * trait),
        RIDGE / (RIDGE + HOLD * old * CONSTANT),
    )


def _scaled(design: Design, room: _Room) -> Design:
    words = sparse.csr_matrix(design.words @ sparse.diags(room.words), dtype=np.float32)
    return Design(words, design.vectors * np.float32(room.vector), design.traits * np.float32(room.traits))


def _moved(head: Head, free: Design, shares: np.ndarray, *, start: float) -> Head:
    n_labels = shares.shape[1]
    vector = head.vector + free.vectors.T @ shares
    traits = head.traits + free.traits.T @ shares
    begin = head.start + np.float32(start * CONSTANT) * shares.sum(axis=0)
    if head.out is None:
        words = (head.words.astype(np.float32) + free.words.T @ shares).astype(np.float16)
        return replace(head, words=words, vector=vector, traits=traits, start=begin)
    directions = np.hstack([head.words.astype(np.float32), free.words.T.toarray()])
    out = np.vstack([head.out, shares])
    if n_labels <= directions.shape[1]:
        directions, out = directions @ out, None
    return replace(
        head, words=directions.astype(np.float16), out=out, vector=vector, traits=traits, start=begin
    )


def _weights(labels: Labels, learnt: np.ndarray) -> np.ndarray:
    """Return how much each row counts, as `veche.learn.ridge.row_weights` of old and new rows together."""
    given = labels.given.astype(np.float64).tocsr()
    sizes = np.maximum(learnt + np.asarray(given.sum(axis=0)).ravel(), 1)
    n_labels = np.maximum(np.diff(given.indptr), 1)
    sums = np.asarray(given @ (1 / sizes)).ravel() / n_labels
    sums = np.where(np.diff(given.indptr) > 0, sums, 1 / sizes.max(initial=1))
    if labels.set.multi:
        return sums**MULTI_BALANCE / np.average((1 / sizes) ** MULTI_BALANCE, weights=sizes)
    return sums * sizes.sum() / (learnt + np.asarray(given.sum(axis=0)).ravel() > 0).sum()


def _with_new_features(columns: Columns, inputs: Inputs) -> Columns:
    """Return the columns with the features that at least two new texts have, as rare as any new one."""
    lexicon, more = columns.lexicon, learn_columns(inputs).lexicon
    new = ~np.isin(more.hashes, lexicon.hashes)
    hashes = np.concatenate([lexicon.hashes, more.hashes[new]])
    block = np.concatenate([lexicon.block, more.block[new]])
    rarity = np.concatenate([lexicon.rarity, np.full(int(new.sum()), lexicon.unseen, np.float32)])
    order = np.argsort(hashes, kind="stable")
    return Columns(Lexicon(hashes[order], block[order], rarity[order], lexicon.unseen), columns.traits)


def _widened(head: Head, columns: Columns, n_labels: int) -> Head:
    """Return the head with weights of 0 for what it does not know yet; its scores stay what they were."""
    at = np.searchsorted(columns.lexicon.hashes, head.columns.lexicon.hashes)
    words = np.zeros((len(columns.lexicon), head.words.shape[1]), np.float16)
    words[at] = head.words
    more = n_labels - len(head.start)

    def wider(weights: np.ndarray) -> np.ndarray:
        return np.pad(weights, [(0, 0)] * (weights.ndim - 1) + [(0, more)])

    out = None if head.out is None else wider(head.out)
    words = words if head.out is not None else wider(words)
    return Head(columns, words, out, wider(head.vector), wider(head.traits), wider(head.start))
