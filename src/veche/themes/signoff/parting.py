"""Parts a theme by examples: the texts that are near an example leave the others.

One sentence is a noisy guide, so it is first drawn towards the texts nearest to it. How near is near
follows from the theme's own texts: the cut that leaves the two sides most alike within themselves
(Otsu 1979, "A threshold selection method from gray-level histograms").
"""

import numpy as np

from veche.themes.features import unit_rows

#: Part of the texts, and at least so many of them, that an example is drawn towards.
GUIDES = 0.02
LEAST_GUIDES = 3

#: The number of a text that stays.
STAYS = -1

_STEPS = 256


def part(vectors: np.ndarray, examples: np.ndarray) -> np.ndarray:
    """Return, per row of `vectors` [texts, d], the number of the example it goes with, or `STAYS`.

    `examples` is [examples, d]; rows are unit length. A text that is near several goes with the nearest.
    """
    if len(vectors) < 2:
        return np.full(len(vectors), STAYS, np.int32)
    # What all texts of the theme share says nothing about how they differ.
    shared = vectors.mean(axis=0)
    inside, guides = unit_rows(vectors - shared), unit_rows(examples - shared)
    near = inside @ np.stack([_drawn(inside, guide) for guide in guides]).T
    cuts = np.array([_cut(column) for column in near.T])
    best = near.argmax(axis=1)
    reaches = near[np.arange(len(near)), best] > cuts[best]
    return np.where(reaches, best, STAYS).astype(np.int32)


def _drawn(inside: np.ndarray, guide: np.ndarray) -> np.ndarray:
    count = min(len(inside), max(LEAST_GUIDES, round(GUIDES * len(inside))))
    nearest = np.argsort(-(inside @ guide), kind="stable")[:count]
    return unit_rows((guide + inside[nearest].mean(axis=0))[None])[0]


def _cut(values: np.ndarray) -> float:
    """The value that parts `values` in two with the least variance inside; all stay where all are equal."""
    low, high = float(values.min()), float(values.max())
    if high - low < 1e-6:
        return high
    edges = np.linspace(low, high, _STEPS + 1)
    count = np.histogram(values, edges)[0].astype(float)
    middle = (edges[1:] + edges[:-1]) / 2
    below, total = np.cumsum(count), count.sum()
    sums = np.cumsum(count * middle)
    above = total - below
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = (sums / below - (sums[-1] - sums) / above) ** 2 * below * above
    return float(edges[1:][int(np.nanargmax(np.where((below > 0) & (above > 0), apart, np.nan)))])
