"""Small, tight clusters of texts (k-means on the sphere), the grains that themes are made of.

Time is linear in the number of texts: centroids are learnt from a sample of bounded size, then every
text is placed once. Says nothing about which clusters belong together.
"""

import numpy as np
from scipy import sparse

from veche.themes.batches import Blocks
from veche.themes.features import unit_rows

#: Up to so many texts each text is a cluster of its own.
SINGLES = 1024

#: At most so many clusters, whatever the number of texts.
MOST = 2048

#: Texts per cluster wanted before the number of clusters goes over `SINGLES`.
TEXTS_EACH = 16

#: Centroids are learnt from at most so many texts per cluster; more move them very little.
LEARN_EACH = 48

ROUNDS = 8


def micro_clusters(features: np.ndarray, *, most: int = MOST, seed: int, blocks: Blocks) -> np.ndarray:
    """Return the cluster of each row (int32), numbered from 0; rows are unit vectors or zeros."""
    n = len(features)
    singles = min(SINGLES, most)
    if n <= singles:
        return np.arange(n, dtype=np.int32)
    k = min(most, max(singles, n // TEXTS_EACH))
    shuffled = np.random.default_rng(seed).permutation(n)
    learn = np.sort(shuffled[: k * LEARN_EACH])
    sample = features[learn]
    centroids = sample[np.sort(np.random.default_rng(seed + 1).permutation(len(sample))[:k])]
    for _ in range(ROUNDS):
        label, similarity = nearest(sample, centroids, blocks=blocks)
        centroids = _moved(sample, label, similarity, k, blocks)
    label, _ = nearest(features, centroids, blocks=blocks)
    return np.unique(label, return_inverse=True)[1].astype(np.int32)


def nearest(
    features: np.ndarray, centroids: np.ndarray, *, blocks: Blocks, pull: np.ndarray | float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Return, per row, the number of the nearest of `centroids` (int32) and the product with it (float32).

    `pull` float32 [centroids] is added to the products; they are cosines where both sides are unit rows.
    """
    turned = np.ascontiguousarray(centroids.T)

    def work(rows: slice) -> tuple[np.ndarray, np.ndarray]:
        similarity = features[rows] @ turned + pull
        best = similarity.argmax(axis=1)
        return best.astype(np.int32), similarity[np.arange(len(best)), best]

    found = list(blocks.map(work, len(features)))
    if not found:
        return np.zeros(0, np.int32), np.zeros(0, np.float32)
    return np.concatenate([f[0] for f in found]), np.concatenate([f[1] for f in found])


def mean_rows(features: np.ndarray, label: np.ndarray, n_labels: int, *, blocks: Blocks) -> np.ndarray:
    """Return the mean of the rows of each label (float32 [n_labels, d]); labels below 0 are left out."""

    def work(rows: slice) -> np.ndarray:
        part = label[rows]
        inside = np.flatnonzero(part >= 0)
        ones = np.ones(len(inside), np.float32)
        return sparse.csr_matrix((ones, (part[inside], inside)), (n_labels, len(part))) @ features[rows]

    total = np.zeros((n_labels, features.shape[1]))
    for part in blocks.map(work, len(features)):
        total += part
    count = np.bincount(label[label >= 0], minlength=n_labels)
    return (total / np.maximum(count, 1)[:, None]).astype(np.float32)


def _moved(
    features: np.ndarray, label: np.ndarray, similarity: np.ndarray, k: int, blocks: Blocks
) -> np.ndarray:
    """The new unit centroids; those that lost all their rows start again at the worst placed rows."""
    centroids = unit_rows(mean_rows(features, label, k, blocks=blocks))
    lost = np.flatnonzero(np.bincount(label, minlength=k) == 0)
    if len(lost):
        worst = np.argsort(similarity, kind="stable")[: len(lost)]
        centroids[lost] = features[worst]
    return centroids
