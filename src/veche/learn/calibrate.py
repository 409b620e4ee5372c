"""From scores to chances: of a hundred appeals said with a chance of 0.9, about ninety are right.

A chance is the logistic function of a curve in the score, one for all labels, made of straight pieces that
never fall (Platt 1999, bent where scores saturate). Where an appeal has one label, the curves compete
(softmax); where it may have several, how far a label is ahead of the others counts too. A label moves away
from the common curve as far as its own examples bear (vector scaling: Guo, Pleiss, Sun, Weinberger 2017),
so a label with two examples stays with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, softmax

from veche.learn.examples import Labels

#: Bins of equal mass in which chances are compared with what came true (Nixon et al. 2019).
BINS = 15

#: The curve bends at these quantiles of the highest score of each row, and of its lead over the next.
_BENDS = (0.1, 0.4, 0.7)
_LEAD_BENDS = (0.5,)

#: How strongly a label is held to the common curve, in examples: 3 and 300 predicted worse on real sets.
_HOLD = 30.0

#: The usual slope, unless so many examples say otherwise.
_DOUBT = 1.0

#: The curve rises at least so much.
_LEAST_SLOPE = 0.02

#: More scores than this say nothing more: examples are then thinned out evenly, though to no fewer rows.
_MOST_SCORES = 500_000
_LEAST_ROWS = 500

_ITERATIONS = 100


@dataclass(frozen=True)
class Calibration:
    """What makes chances of scores: the common curve, which rises by `rises` (float32 [k + 1]) between the
    `bends` (float32 [k]), and for each label what it adds to the slope and the height (float32 [c] each).

    In a multi facet, `lead_bends` and `lead_rises` say what the lead over the other labels adds; else they
    are none.
    """

    bends: np.ndarray
    rises: np.ndarray
    slope: np.ndarray
    start: np.ndarray
    lead_bends: np.ndarray | None = None
    lead_rises: np.ndarray | None = None

    def chances(self, scores: np.ndarray) -> np.ndarray:
        """Return probabilities (float32 [n, c]) of `scores` [n, c]; rows sum to 1 unless multi."""
        scores = scores.astype(np.float32)
        lines = scores * self.slope + self.start
        for rise, piece in zip(self.rises, _pieces(scores, self.bends), strict=True):
            lines += rise * piece
        if self.lead_bends is None or self.lead_rises is None:
            return softmax(lines, axis=1) if lines.size else lines
        for rise, piece in zip(self.lead_rises, _pieces(_lead(scores), self.lead_bends), strict=True):
            lines += rise * piece
        return expit(lines)

    def parts(self) -> dict[str, np.ndarray]:
        """Return the arrays to be stored."""
        named = {name: getattr(self, name) for name in _PARTS}
        return {name: array for name, array in named.items() if array is not None}

    def settings(self) -> dict[str, Any]:
        """Return what else is to be stored, as JSON."""
        return {"multi": self.lead_bends is not None}

    @staticmethod
    def of(parts: Mapping[str, np.ndarray], settings: Mapping[str, Any]) -> "Calibration":
        """Return the calibration that was stored; KeyError, TypeError or ValueError if it is none."""
        names = _PARTS if settings["multi"] else _PARTS[:4]
        made = Calibration(**{name: parts[name].astype(np.float32) for name in names})
        fits = made.slope.shape == made.start.shape and len(made.rises) == len(made.bends) + 1
        if made.lead_bends is not None and made.lead_rises is not None:
            fits = fits and len(made.lead_rises) == len(made.lead_bends) + 1
        if not fits or not all(part.ndim == 1 and np.isfinite(part).all() for part in made.parts().values()):
            raise ValueError("calibration")
        return made


_PARTS = ("bends", "rises", "slope", "start", "lead_bends", "lead_rises")


def fit_calibration(scores: np.ndarray, labels: Labels, copies: np.ndarray | None = None) -> Calibration:
    """Return the calibration under which `scores` (float32 [n, c]) predict `labels` best.

    `scores` are those of heads that did not see the row (out of fold); rows without a label do not count,
    and rows with one number in `copies` (int64 [n]) count as one. The order of the rows changes nothing but
    the last digits.
    """
    known = np.flatnonzero(labels.known)
    given = labels.given.tocsr()
    frequency = np.asarray(given[known].sum(axis=0), np.float64).ravel()
    odds = np.log((frequency + 0.5) / (len(known) - frequency + 0.5))
    rows = _rows_to_learn_from(scores, labels, known, copies)
    seen = scores[rows].astype(np.float64)
    return _fit(seen, given[rows].toarray().astype(np.float64), odds=odds, multi=labels.set.multi)


def expected_calibration_error(chances: np.ndarray, labels: Labels, *, bins: int = BINS) -> float:
    """Return by how much the chance of the first label is off on average (0 to 1).

    Rows are put in `bins` of equal mass by the chance of their likeliest label; the error is the mean over
    rows of the difference, within their bin, between the mean chance and the share that is right. In a multi
    facet the first label is right where it is one of those given.
    """
    rows = np.flatnonzero(labels.known)
    if not len(rows) or not chances.shape[1]:
        return 0.0
    first = chances[rows].argmax(axis=1)
    chance = chances[rows, first].astype(np.float64)
    right = np.asarray(labels.given.tocsr()[rows, first]).ravel()
    return binned_error(chance, right, bins=bins)


def binned_error(chance: np.ndarray, right: np.ndarray, *, bins: int = BINS) -> float:
    """Return the error of `expected_calibration_error` from each row's chance and whether it was right."""
    if not len(chance):
        return 0.0
    ordered = np.sort(chance)
    edges = ordered[[len(chance) * i // bins for i in range(1, bins)]]
    bin_of = np.searchsorted(edges, chance, side="right")  # equal chances share a bin
    off = np.bincount(bin_of, weights=chance - right.astype(np.float64), minlength=bins)
    return float(np.abs(off).sum() / len(chance))


def _rows_to_learn_from(
    scores: np.ndarray, labels: Labels, known: np.ndarray, copies: np.ndarray | None
) -> np.ndarray:
    """Return one of each set of copies, thinned out where there are more than are needed."""
    given = labels.given[known].tocsr()
    own = np.asarray(given.multiply(scores[known]).sum(axis=1)).ravel()
    first = np.zeros(len(known), np.int64)
    first[np.diff(given.indptr) > 0] = given.indices[given.indptr[:-1][np.diff(given.indptr) > 0]]
    order = known[np.lexsort((own, first))]
    if copies is not None:
        _, one = np.unique(copies[order], return_index=True)
        order = order[np.sort(one)]
    most = max(_LEAST_ROWS, _MOST_SCORES // max(1, scores.shape[1]))
    return order[:: max(1, -(-len(order) // most))]


def _lead(scores: np.ndarray) -> np.ndarray:
    """Return how far each label is ahead of the best of the others (below 0: behind)."""
    if scores.shape[1] < 2 or not len(scores):
        return np.zeros_like(scores)
    ordered = np.partition(scores, -2, axis=1)
    best, next_best = ordered[:, -1:], ordered[:, -2:-1]
    return scores - np.where(scores == best, next_best, best)


def _pieces(values: np.ndarray, bends: np.ndarray) -> list[np.ndarray]:
    """Return what of `values` lies between neighbouring bends; the pieces differ from them by a constant."""
    ends = [-np.inf, *bends.tolist(), np.inf]
    if not len(bends):
        return [values]
    first, *rest = pairwise(ends)
    return [np.minimum(values, first[1]) - first[1], *(np.clip(values, a, b) - a for a, b in rest)]


def _bends_of(scores: np.ndarray, *, multi: bool) -> tuple[np.ndarray, np.ndarray | None]:
    ordered = np.sort(scores, axis=1)
    if not ordered.size:
        return np.zeros(len(_BENDS), np.float32), np.zeros(
            1 + len(_LEAD_BENDS), np.float32
        ) if multi else None
    bends = np.quantile(ordered[:, -1], _BENDS).astype(np.float32)
    if not multi:
        return bends, None
    lead = ordered[:, -1] - ordered[:, -min(2, ordered.shape[1])]
    return bends, np.concatenate([[0], np.quantile(lead, _LEAD_BENDS)]).astype(np.float32)


@dataclass(frozen=True)
class _Curves:
    """The lines of all rows as a sum of known numbers times free ones: k rises of `pieces`, the weight of
    `odds`, a height, and for each label what it adds to the slope (times `away`) and to the height."""

    pieces: list[np.ndarray]
    odds: np.ndarray
    away: np.ndarray

    def lines(self, free: np.ndarray) -> np.ndarray:
        """Return the lines, float64 [n, c]."""
        k, c = len(self.pieces), len(self.odds)
        made = free[k] * self.odds + free[k + 1] + free[k + 2 + c :] + free[k + 2 : k + 2 + c] * self.away
        for value, piece in zip(free[:k], self.pieces, strict=True):
            made += value * piece
        return made

    def summed(self, by_line: np.ndarray, *, power: int = 1) -> np.ndarray:
        """Return, for each free number, the sum of `by_line` times what it is multiplied with."""
        by_label = by_line.sum(axis=0)
        common = [float((by_line * piece**power).sum()) for piece in self.pieces]
        shared = [float((by_label * self.odds**power).sum()), float(by_label.sum())]
        return np.concatenate([common, shared, (by_line * self.away**power).sum(axis=0), by_label])


def _fit(scores: np.ndarray, given: np.ndarray, *, odds: np.ndarray, multi: bool) -> Calibration:
    """Return the most likely calibration, given what is usual; `odds`: log odds of each label [c]."""
    bends, lead_bends = _bends_of(scores, multi=multi)
    pieces = _pieces(scores, bends)
    if lead_bends is not None:
        pieces += _pieces(_lead(scores), lead_bends)
    centre, spread = (float(scores.mean()), max(float(scores.var()), 1e-6)) if scores.size else (0.0, 1.0)
    free = _likeliest(_Curves(pieces, odds, scores - centre), given, spread=spread, multi=multi)
    k, c = len(pieces), len(odds)
    slope = free[k + 2 : k + 2 + c]
    start = free[k] * odds + free[k + 1] + free[k + 2 + c :] - slope * centre
    rises = free[:k].astype(np.float32)
    return Calibration(
        bends=bends,
        rises=rises[: len(bends) + 1],
        slope=slope.astype(np.float32),
        start=start.astype(np.float32),
        lead_bends=lead_bends,
        lead_rises=None if lead_bends is None else rises[len(bends) + 1 :],
    )


def _likeliest(curves: _Curves, given: np.ndarray, *, spread: float, multi: bool) -> np.ndarray:
    """Return the free numbers under which `given` is likeliest, held to what is usual."""
    k, c = len(curves.pieces), len(curves.odds)
    usual = np.concatenate([np.full(k, 0.5 if multi else 1.0), np.zeros(2 + 2 * c)])
    weight = np.concatenate([np.full(k + 2, _DOUBT), np.full(c, _HOLD * spread), np.full(c, _HOLD)])
    certain = expit(curves.lines(usual))
    # In these units all directions are about as steep, so that few steps lead down.
    unit = 1 / np.sqrt(curves.summed(certain * (1 - certain), power=2) + weight)

    def cost(moved: np.ndarray) -> tuple[float, np.ndarray]:
        step = moved * unit
        loss, error = _loss(curves.lines(usual + step), given, multi=multi)
        return loss + 0.5 * float((weight * step * step).sum()), (curves.summed(error) + weight * step) * unit

    least = [((_LEAST_SLOPE - usual[i]) / unit[i], None) for i in range(k)]
    bounds = [*least, *[(None, None)] * (2 + 2 * c)]
    options = {"maxiter": _ITERATIONS}
    found = minimize(cost, np.zeros(len(usual)), jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    return usual + found.x * unit


def _loss(lines: np.ndarray, given: np.ndarray, *, multi: bool) -> tuple[float, np.ndarray]:
    """Return the logarithmic loss of all rows, and how it changes with each line (float64 [n, c])."""
    if multi:
        return float((np.logaddexp(0, lines) - given * lines).sum()), expit(lines) - given
    top = lines.max(axis=1, keepdims=True)
    raised = np.exp(lines - top)
    total = raised.sum(axis=1, keepdims=True)
    loss = float((np.log(total) + top).sum() - (given * lines).sum())
    return loss, raised / total - given
