"""What more labelled appeals would bring: the error at a quarter, a half and all of the data, and the power
law through it (Hestness et al. 2017: error falls with a power of the amount of data)."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from veche.learn.calibrate import fit_calibration
from veche.learn.copies import same_text, settle
from veche.learn.evaluate.intervals import Figure, interval
from veche.learn.evaluate.judged import Judged
from veche.learn.examples import Examples
from veche.learn.heads import cross_scores
from veche.learn.saying import learn_saying

#: Parts into which the data is cut; each is learnt from by itself, and the parts together test every appeal.
_CUTS = (4, 2)

#: So many more appeals are asked about.
MORE = 1000

#: With fewer appeals in a part there is nothing to see.
_LEAST_ROWS = 40


@dataclass(frozen=True)
class Growth:
    """Share right (all that was said of an appeal) by how many appeals were learnt from, and what `MORE`
    would add by the power law (points of share); `sizes` are the appeals learnt from."""

    sizes: tuple[int, ...]
    right: tuple[Figure, ...]
    more: Figure


def grow(
    tested: Judged,
    examples: Examples,
    facet: str,
    *,
    folds: int,
    seed: int,
    threads: int,
    weights: np.ndarray,
) -> Growth | None:
    """Return the learning curve of a facet that was tested by folds; None where there is too little data."""
    n, learnt = len(tested), (folds - 1) / folds
    if n // max(_CUTS) < _LEAST_ROWS:
        return None
    sizes, rights = [], []
    for cuts in _CUTS:
        right = np.zeros(n, bool)
        part = _parts(tested.copies, cuts, seed)
        for number in range(cuts):
            rows = np.flatnonzero(part == number)
            piece = examples.take(tested.rows[rows])
            right[rows] = _right(piece, facet, folds=folds, seed=seed, threads=threads)
        sizes.append(round(n / cuts * learnt))
        rights.append(right)
    sizes.append(round(n * learnt))
    rights.append(tested.right())
    return _fitted(np.array(sizes), np.stack(rights), weights, n)


def growth_json(growth: Growth) -> dict[str, Any]:
    """Return the curve as JSON."""
    return {
        "points": [
            {
                "learnt_from": size,
                "right": round(r.value, 4),
                "right_interval": [round(r.low, 4), round(r.high, 4)],
            }
            for size, r in zip(growth.sizes, growth.right, strict=True)
        ],
        "more": MORE,
        "gain": round(growth.more.value, 4),
        "gain_interval": [round(growth.more.low, 4), round(growth.more.high, 4)],
    }


def _right(examples: Examples, facet: str, *, folds: int, seed: int, threads: int) -> np.ndarray:
    """Return for each appeal whether all that is said of it out of fold is right (bool [n])."""
    given = examples.labels[facet]
    same = same_text(examples.inputs.texts)
    settled, _changed = settle(given, same=same, received=examples.received)
    scores = cross_scores(examples.inputs, settled, examples.copies, folds=folds, seed=seed, threads=threads)
    chances = fit_calibration(scores, given, examples.copies).chances(scores)
    said = learn_saying(chances, given).said(chances)
    return (said == given.given.toarray()).all(axis=1)


def _parts(copies: np.ndarray, cuts: int, seed: int) -> np.ndarray:
    """Return a part for each row by chance, copies together (int64 [n])."""
    _, group = np.unique(copies, return_inverse=True)
    n_groups = int(group.max(initial=-1)) + 1
    dealt = np.random.default_rng(seed).permutation(n_groups) % cuts
    return dealt[group]


def _fitted(sizes: np.ndarray, rights: np.ndarray, weights: np.ndarray, n: int) -> Growth:
    drawn = (weights @ rights.T.astype(np.float64)) / np.maximum(weights.sum(axis=1), 1)[:, None]
    values = rights.mean(axis=1)
    points = [interval(float(v), drawn[:, i]) for i, v in enumerate(values)]
    gain = interval(float(_gain(sizes, values[None], n)[0]), _gain(sizes, drawn, n), least=-1.0)
    return Growth(tuple(int(s) for s in sizes), tuple(points), gain)


def _gain(sizes: np.ndarray, right: np.ndarray, n: int) -> np.ndarray:
    """Return what `MORE` appeals add to a model of all n, for each row of `right` [b, 3]."""
    error = np.log(np.maximum(1 - right, 0.5 / n))
    x = np.log(sizes)
    slope = ((x - x.mean()) * (error - error.mean(axis=1, keepdims=True))).sum(axis=1) / (
        (x - x.mean()) ** 2
    ).sum()
    start = error.mean(axis=1) - slope * x.mean()
    return np.exp(start + slope * np.log(n)) - np.exp(start + slope * np.log(n + MORE))
