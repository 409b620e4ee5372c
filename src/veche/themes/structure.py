"""Which texts belong to one theme: average linkage over small clusters, a cut that follows the data.

Texts are first drawn towards their neighbours (`neighbours.py`); then two groups are one theme as long
as the average pair across them is closer than 90 in a hundred pairs of texts drawn at random. So the
number of themes comes from how varied the texts are, hardly from how many they are. After the cut every
text goes to its nearest theme (spherical k-means from the tree's groups, a few rounds), of two that are
as near to the larger one; this makes the result steady between samples. Who is left as rare, and what is
no theme at all, `belonging.py` decides.

Average linkage: Sokal and Michener 1958. Spherical k-means: Dhillon and Modha 2001; with the sizes of the
groups, mixtures of von Mises-Fisher distributions: Banerjee, Dhillon, Ghosh and Sra 2005.
"""

from dataclasses import dataclass

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage

from veche.themes.batches import Blocks
from veche.themes.belonging import alike, members, random_cosines, tight_only
from veche.themes.clusters import MOST, mean_rows, micro_clusters, nearest
from veche.themes.features import unit_rows
from veche.themes.neighbours import drawn_together

#: Share of random pairs that are less alike than two groups that are merged. From 0.85 to 0.90 themes agree
#: as well with those that people made; 0.90 leaves fewer out (docs/decisions/0005-themes.md).
MERGE_ABOVE = 0.90

#: A theme has at least this many distinct texts, or a quarter of the square root of all, if that is more.
LEAST_TEXTS = 5

ROUNDS = 8

#: A theme e times as large as another draws texts from this much farther away (cosine): without it all
#: themes come out alike in size, as what people say never is, and differ more between samples.
PULL = 0.05

#: More themes than this are never made, whatever the data.
MOST_THEMES = 300


@dataclass(frozen=True)
class Groups:
    """`label` int32 [rows], -1 for rare; `fit` float32 [rows], the cosine to the group's centroid;
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


def groups(
    features: np.ndarray, limits: Limits, *, seed: int, blocks: Blocks, witness: np.ndarray | None = None
) -> Groups:
    """Group the rows of `features` (unit rows, or zeros, which are rare).

    `witness` are unit rows of the same texts by which a group has to be one, where `features` were
    learnt from these very texts and find company in anything; without them `features` have to do.
    """
    known = np.flatnonzero(features.any(axis=1))
    if len(known) < limits.least:
        return _nothing(features)
    inside = features if len(known) == len(features) else features[known]
    drawn = drawn_together(inside, limits.least - 1, seed=seed, blocks=blocks)
    label = _settled(drawn, _cut(drawn, limits, seed=seed, blocks=blocks), limits.least, blocks)
    del drawn  # as large as all vectors
    cosines = random_cosines(inside, seed)
    label = members(inside, label, cosines, all_but_few=limits.wanted is not None, blocks=blocks)
    label = large(label, limits.least)
    if witness is None:
        label = tight_only(inside, label, cosines, blocks=blocks)
    else:
        seen = witness if len(known) == len(features) else witness[known]
        label = tight_only(seen, label, random_cosines(seen, seed), blocks=blocks)
    out = np.full(len(features), -1, np.int32)
    out[known] = label
    return _described(features, out, blocks)


def _nothing(features: np.ndarray) -> Groups:
    n, d = features.shape
    return Groups(np.full(n, -1, np.int32), np.zeros(n, np.float32), np.zeros((0, d), np.float32))


def _described(features: np.ndarray, label: np.ndarray, blocks: Blocks) -> Groups:
    n_groups = int(label.max(initial=-1)) + 1
    if n_groups == 0:
        return _nothing(features)
    centroids = unit_rows(mean_rows(features, label, n_groups, blocks=blocks))
    fit = np.zeros(len(label), np.float32)
    placed = np.flatnonzero(label >= 0)
    fit[placed] = np.einsum("ij,ij->i", features[placed], centroids[label[placed]])
    return Groups(label, fit, centroids)


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
        group = fcluster(tree, 1 - alike(random_cosines(features, seed), MERGE_ABOVE), "distance")
        if _n_large(group, size, limits.least) > limits.most:
            group = _cut_to(tree, size, limits.least, limits.most)
    else:
        group = _cut_to(tree, size, limits.least, limits.wanted)
    return _large_only(group, size, limits.least)[micro]


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


def _settled(features: np.ndarray, label: np.ndarray, least: int, blocks: Blocks) -> np.ndarray:
    """Move rows to their nearest group, large ones drawing from farther away, until the groups hold; -1 for
    all if none is large enough."""
    for _ in range(ROUNDS):
        n_groups = int(label.max(initial=-1)) + 1
        if n_groups == 0:
            break
        centroids = unit_rows(mean_rows(features, label, n_groups, blocks=blocks))
        share = np.bincount(label[label >= 0], minlength=n_groups) / len(label)
        pull = (PULL * np.log(share)).astype(np.float32)
        label = large(nearest(features, centroids, blocks=blocks, pull=pull)[0], least)
    return label


def large(label: np.ndarray, least: int) -> np.ndarray:
    """Renumber the groups of at least `least` rows from 0, -1 for the others."""
    count = np.bincount(label[label >= 0])
    kept = np.flatnonzero(count >= least)
    number = np.full(len(count) + 1, -1, np.int32)
    number[kept] = np.arange(len(kept))
    return number[label]
