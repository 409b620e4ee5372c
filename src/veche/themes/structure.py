"""Which texts belong to one theme: average linkage over small clusters, a cut that follows the data.

The rule: two groups are one theme as long as the average pair across them is closer than 85 in a
hundred pairs of texts drawn at random. So the number of themes comes from how varied the texts are,
hardly from how many they are, and texts without any structure give no theme at all. After the cut
every text goes to its nearest theme (spherical k-means from the tree's groups, a few rounds), which
makes the result steady between samples. A text belongs there by the same measure: it is closer to
the theme's texts, on average, than nine in ten random pairs are; if not, it is left as rare.

Average linkage: Sokal and Michener 1958. Spherical k-means: Dhillon and Modha 2001.
"""

from dataclasses import dataclass

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage

from veche.themes.batches import Blocks
from veche.themes.clusters import MOST, mean_rows, micro_clusters, nearest
from veche.themes.features import unit_rows

#: Share of random pairs that are less alike than two groups that are merged. 0.85 gave steadier themes
#: than 0.90 or 0.93, and nearer to those that people made (docs/decisions/0005-themes.md).
MERGE_ABOVE = 0.85

#: Share of random pairs that are less alike than a text and the theme that it belongs to.
BELONG_ABOVE = 0.90

#: Where a number of themes is asked for they may be broader; then the bar for belonging is lowered until
#: no more than this share of the texts is rare.
MOST_RARE = 0.08

#: Groups and texts with an average cosine over this are alike, whatever the random pairs are: where
#: there are only two or three themes, many random pairs lie within one of them. Below `UNLIKE` they
#: are not, even where most pairs have nothing in common at all.
ALIKE = 0.25
UNLIKE = 0.05

#: A group stands if it is this much tighter than the tightest group of its size that a search among as
#: many texts without structure would find. On random vectors the largest ratio seen was 1.11, on five
#: real sets the smallest 1.8.
TIGHTER = 1.15

#: Pairs drawn to learn how alike random pairs are.
PAIRS = 50_000

#: A theme has at least this many distinct texts, or a quarter of the square root of all, if that is more.
LEAST_TEXTS = 5

ROUNDS = 8

#: More themes than this are never made, whatever the data.
MOST_THEMES = 300


@dataclass(frozen=True)
class Groups:
    """`label` int32 [rows], -1 for rare; `fit` float32 [rows], the cosine to the nearest centroid;
    `centroids` float32 [groups, d], unit rows."""

    label: np.ndarray
    fit: np.ndarray
    centroids: np.ndarray


@dataclass(frozen=True)
class Limits:
    """How far to cut: groups of at least `least` rows, at most `most` of them, about `wanted` if given;
    at most `micro` small clusters below them."""

    least: int
    most: int = MOST_THEMES
    wanted: int | None = None
    micro: int = MOST


def least_texts(n_texts: int) -> int:
    """Return how many distinct texts make a theme among `n_texts`."""
    return max(LEAST_TEXTS, round(n_texts**0.5 / 4))


def groups(features: np.ndarray, limits: Limits, *, seed: int, blocks: Blocks) -> Groups:
    """Group the rows of `features` (unit rows, or zeros, which are rare)."""
    known = np.flatnonzero(features.any(axis=1))
    if len(known) < limits.least:
        return _nothing(features)
    inside = features if len(known) == len(features) else features[known]
    label = _cut(inside, limits, seed=seed, blocks=blocks)
    if label.max(initial=-1) < 0:
        return _nothing(features)
    belong = _alike(_random_cosines(inside, seed), BELONG_ABOVE)
    bar = _Bar(belong, 1.0 if limits.wanted is None else MOST_RARE)
    found = _settle(inside, label, limits.least, bar, blocks)
    found = _tight_only(inside, found, spread=_noise(_random_cosines(inside, seed)), blocks=blocks)
    return _spread(found, known, features)


def _nothing(features: np.ndarray) -> Groups:
    n, d = features.shape
    return Groups(np.full(n, -1, np.int32), np.zeros(n, np.float32), np.zeros((0, d), np.float32))


def _spread(found: Groups, known: np.ndarray, features: np.ndarray) -> Groups:
    label = np.full(len(features), -1, np.int32)
    fit = np.zeros(len(features), np.float32)
    label[known], fit[known] = found.label, found.fit
    return Groups(label, fit, found.centroids)


def _cut(features: np.ndarray, limits: Limits, *, seed: int, blocks: Blocks) -> np.ndarray:
    """The group of each row by the tree alone, -1 where the group is too small to be a theme."""
    micro = micro_clusters(features, most=limits.micro, seed=seed, blocks=blocks)
    n_micro = int(micro.max()) + 1
    if n_micro == 1:
        return np.zeros(len(features), np.int32)
    size = np.bincount(micro, minlength=n_micro)
    # The product of two means is the average cosine of all pairs across, so nothing is lost here.
    means = mean_rows(features, micro, n_micro, blocks=blocks).astype(np.float64)
    distance = np.maximum(1 - means @ means.T, 0)
    tree = linkage(distance[np.triu_indices(n_micro, 1)], "average")
    if limits.wanted is None:
        group = fcluster(tree, 1 - _alike(_random_cosines(features, seed), MERGE_ABOVE), "distance")
        if _n_large(group, size, limits.least) > limits.most:
            group = _cut_to(tree, size, limits.least, limits.most)
    else:
        group = _cut_to(tree, size, limits.least, limits.wanted)
    return _large_only(group, size, limits.least)[micro]


def _random_cosines(features: np.ndarray, seed: int) -> np.ndarray:
    """Cosines of random pairs of rows, at least one of them (of a row alone: 0)."""
    a, b = np.random.default_rng(seed + 2).integers(0, len(features), (2, PAIRS))
    apart = a != b
    cosines = np.einsum("ij,ij->i", features[a[apart]], features[b[apart]])
    return cosines if len(cosines) else np.zeros(1, np.float32)


def _alike(cosines: np.ndarray, quantile: float) -> float:
    return float(np.clip(np.quantile(cosines, quantile), UNLIKE, ALIKE))


def _noise(cosines: np.ndarray) -> float:
    """The spread of cosines without the pairs that are alike: one deviation on the lower side."""
    middle, low = np.quantile(cosines, [0.5, 0.16])
    return float(middle - low)


def _tight_only(features: np.ndarray, found: Groups, *, spread: float, blocks: Blocks) -> Groups:
    """Leave out groups that a search would also find where there is no structure.

    The average of the s(s-1)/2 cosines of s unrelated texts spreads by `spread` / sqrt(s(s-1)/2); the
    largest over all (n over s) choices stays below about 2 `spread` sqrt(ln(e n / s) / s) (union bound).
    """
    n_groups = len(found.centroids)
    if n_groups == 0:
        return found
    size = np.bincount(found.label[found.label >= 0], minlength=n_groups)
    means = mean_rows(features, found.label, n_groups, blocks=blocks)
    within = (size * (means.astype(np.float64) ** 2).sum(axis=1) - 1) / np.maximum(size - 1, 1)
    by_chance = 2 * spread * np.sqrt(np.log(np.e * len(features) / size) / size)
    keep = np.flatnonzero(within >= TIGHTER * by_chance)
    number = np.full(n_groups + 1, -1, np.int32)
    number[keep] = np.arange(len(keep))
    return Groups(number[found.label], found.fit, found.centroids[keep])


def _n_large(group: np.ndarray, size: np.ndarray, least: int) -> int:
    return int((np.bincount(group, weights=size) >= least).sum())


def _cut_to(tree: np.ndarray, size: np.ndarray, least: int, wanted: int) -> np.ndarray:
    """The cut that leaves the number of large groups nearest to `wanted`, the coarsest if several do."""
    n = len(size)
    best, best_off = np.ones(n, np.int32), n + 1
    tried = np.unique(np.geomspace(1, n, 120).astype(int))
    for count in np.unique(np.concatenate([tried, np.arange(1, min(n, 2 * wanted) + 1)])):
        group = fcluster(tree, count, "maxclust")
        off = abs(_n_large(group, size, least) - wanted)
        if off < best_off:
            best, best_off = group, off
    return best


def _large_only(group: np.ndarray, size: np.ndarray, least: int) -> np.ndarray:
    large = np.flatnonzero(np.bincount(group, weights=size) >= least)
    number = np.full(int(group.max()) + 1, -1, np.int32)
    number[large] = np.arange(len(large))
    return number[group]


@dataclass(frozen=True)
class _Bar:
    """What a row's average cosine to its group must reach, and the share of rows that may stay below."""

    belong: float
    most_rare: float


def _settle(features: np.ndarray, label: np.ndarray, least: int, bar: _Bar, blocks: Blocks) -> Groups:
    """Move rows to their nearest group until the groups hold; leave out rows that belong to none."""
    means = mean_rows(features, label, int(label.max()) + 1, blocks=blocks)
    for _ in range(ROUNDS):
        label = _place(features, means, bar, blocks)[0]
        means = mean_rows(features, *_large(label, least), blocks=blocks)
        if len(means) == 0:
            return _nothing(features)
    label, fit = _place(features, means, bar, blocks)
    label, n_groups = _large(label, least)
    kept = mean_rows(features, label, n_groups, blocks=blocks)
    return Groups(label, fit, unit_rows(kept)) if n_groups else _nothing(features)


def _place(
    features: np.ndarray, means: np.ndarray, bar: _Bar, blocks: Blocks
) -> tuple[np.ndarray, np.ndarray]:
    """Nearest group and cosine per row; -1 where the average cosine to its texts is under `bar`."""
    label, fit = nearest(features, unit_rows(means), blocks=blocks)
    # A row's product with the mean is its average cosine with the group's rows.
    average = fit * np.linalg.norm(means, axis=1)[label]
    least = min(bar.belong, float(np.quantile(average, bar.most_rare)))
    return np.where(average >= least, label, -1).astype(np.int32), fit


def _large(label: np.ndarray, least: int) -> tuple[np.ndarray, int]:
    """Renumber the groups of at least `least` rows from 0, -1 for the others; and their number."""
    count = np.bincount(label[label >= 0])
    large = np.flatnonzero(count >= least)
    number = np.full(len(count) + 1, -1, np.int32)
    number[large] = np.arange(len(large))
    return number[label], len(large)
