"""Intervals for figures: the bootstrap over groups of copies (Efron 1979; Field and Welsh 2007).

Copies of a text are drawn together, as they are one observation. An interval is the middle 95 % of the
replicates, moved so that their median is the figure itself: replicates lack the rarest classes, which
would move figures such as the macro F1 to one side.
"""

from dataclasses import dataclass

import numpy as np

#: 95 intervals of 100 hold what they are about.
CONFIDENCE = 0.95

REPLICATES = 500

_Z = 1.959964  # of the normal distribution, for CONFIDENCE


@dataclass(frozen=True)
class Figure:
    """A measured value and the ends of its interval."""

    value: float
    low: float
    high: float


def replicates(copies: np.ndarray, *, seed: int, count: int = REPLICATES) -> np.ndarray:
    """Return how often each row is drawn in each replicate, uint16 [count, n]."""
    _, group = np.unique(copies, return_inverse=True)
    n_groups = int(group.max(initial=-1)) + 1
    rng = np.random.default_rng(seed)
    out = np.empty((count, len(copies)), np.uint16)
    for i in range(count):
        drawn = np.bincount(rng.integers(0, max(1, n_groups), n_groups), minlength=n_groups)
        out[i] = np.minimum(drawn, np.iinfo(np.uint16).max)[group]
    return out


def interval(value: float, drawn: np.ndarray, *, least: float = 0.0, most: float = 1.0) -> Figure:
    """Return the figure with the interval of its replicates `drawn`; NaN among these does not count."""
    known = drawn[np.isfinite(drawn)]
    if not len(known) or not np.isfinite(value):
        return Figure(value, least, most)
    tail = (1 - CONFIDENCE) / 2
    low, middle, high = np.quantile(known, [tail, 0.5, 1 - tail])
    return Figure(
        float(value),
        float(np.clip(value + low - middle, least, value)),
        float(np.clip(value + high - middle, value, most)),
    )


def share(hits: np.ndarray, counted: np.ndarray, weights: np.ndarray) -> Figure:
    """Return the share of `hits` (bool [n]) among the rows `counted` (bool [n]) with its interval.

    Where all or none are hits, replicates show no spread, and the interval is Wilson's (1927).
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        drawn = (weights @ (hits & counted).astype(np.float64)) / (weights @ counted.astype(np.float64))
    return share_of(float((hits & counted).sum()), float(counted.sum()), drawn)


def share_of(found: float, total: float, drawn: np.ndarray) -> Figure:
    """Return the share `found` / `total` with the interval of its replicates `drawn`, or Wilson's; NaN for
    none of none."""
    return wilson(found, total) if found in (0, total) else interval(found / total, drawn)


def wilson(found: float, total: float) -> Figure:
    """Return a share of independent rows with the interval of Wilson (1927)."""
    if not total:
        return Figure(float("nan"), 0.0, 1.0)
    p, z2 = found / total, _Z * _Z
    middle = (p + z2 / (2 * total)) / (1 + z2 / total)
    half = _Z * np.sqrt(p * (1 - p) / total + z2 / (4 * total * total)) / (1 + z2 / total)
    return Figure(p, float(max(0.0, min(middle - half, p))), float(min(1.0, max(middle + half, p))))
