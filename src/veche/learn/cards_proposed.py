"""What people decided so far, said of the appeals that still wait: the queue learns while it is worked on."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from veche.learn.cards import Waiting

#: Decided appeals that are asked about each that waits, and how fast what they say fades with the cosine.
_NEIGHBOURS, _FADE = 8, 12.0

#: A neighbour at this cosine is worth as much as a sure proposal of the stages.
_WORTH = 0.75

_BLOCK = 1024


@dataclass(frozen=True)
class Decided:
    """m appeals that people decided: `vectors` [m, d] and `texts` as in `Waiting`, `values` str (object)
    [m], and `decisions`: those decided by one act share a number, int64 [m]."""

    vectors: np.ndarray
    values: np.ndarray
    decisions: np.ndarray
    texts: pa.Array | None = None


def propose(waiting: Waiting, decided: Decided) -> Waiting:
    """Return the appeals with proposals that also know what people decided; three each, chances sum to at
    most 1. Where nothing near was decided the proposals stay what they were."""
    if not len(decided.values) or not len(waiting):
        return waiting
    names = np.unique(np.concatenate([decided.values.astype(str), waiting.values.ravel().astype(str)]))
    number = np.searchsorted(names, decided.values.astype(str))
    before = np.searchsorted(names, waiting.values.astype(str))
    old = decided.vectors.astype(np.float32)
    out = np.full((len(waiting), 3), "", object)
    chances = np.zeros((len(waiting), 3), np.float32)
    for at in range(0, len(waiting), _BLOCK):
        rows = slice(at, at + _BLOCK)
        votes = _votes(waiting.vectors[rows].astype(np.float32) @ old.T, number, len(names))
        np.add.at(votes, (np.arange(len(votes))[:, None], before[rows]), waiting.chances[rows])
        votes[:, names == ""] = 0
        votes /= np.maximum(votes.sum(axis=1, keepdims=True), 1.0)
        best = np.argsort(-votes, axis=1, kind="stable")[:, :3]
        found = np.take_along_axis(votes, best, axis=1)
        k = best.shape[1]
        out[rows, :k] = np.where(found > 0, names[best].astype(object), "")
        chances[rows, :k] = found
    return waiting.proposing(out, chances)


def _votes(likeness: np.ndarray, number: np.ndarray, n_names: int) -> np.ndarray:
    """Return what the nearest decided appeals say, float32 [rows, names]."""
    k = min(_NEIGHBOURS, likeness.shape[1])
    near = np.argpartition(likeness, -k, axis=1)[:, -k:]
    weight = np.exp(_FADE * (np.take_along_axis(likeness, near, axis=1) - _WORTH))
    votes = np.zeros((len(likeness), n_names), np.float32)
    np.add.at(votes, (np.arange(len(votes))[:, None], number[near]), weight)
    return votes
