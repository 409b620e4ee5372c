"""How near a text lies to groups of sample texts, by sentence vectors: the groups are topics or kinds.

Vectors are compared after the mean of all groups was taken away: what all samples share ("dear sirs, please
do something") tells none of them apart. It gives a score per text and group and does not decide.
"""

from collections.abc import Sequence

import numpy as np
from threadpoolctl import threadpool_limits

from veche.stages.remembered import remembered
from veche.stages.vectors import encode

#: Share of the round form in the shape of a group. The few samples of a group cannot tell in which
#: directions its texts vary, all groups together can; 0.4 to 0.8 did equally well on the packs.
_ROUND = 0.6

#: Variance of a group whose samples show none (each group has one), as packs with many samples have it.
_USUAL_VARIANCE = 0.7


class Prototypes:
    """Groups of sample texts as normal distributions of one common shape around the group's centre.

    This is linear discriminant analysis with a covariance shrunk towards a multiple of the identity
    (Friedman 1989, "Regularized Discriminant Analysis"). `groups` holds the unit vectors of each group's
    texts (float32 [texts, 512]), at least one in each.
    """

    def __init__(self, groups: Sequence[np.ndarray]) -> None:
        sizes = np.array([len(group) for group in groups], np.int64)
        group = np.repeat(np.arange(len(groups)), sizes)
        vectors = np.concatenate(groups)
        with threadpool_limits(1, user_api="blas"):
            self._mean = _centres(vectors, sizes).mean(axis=0)
            samples = self._centred(vectors)
            centres = _centres(samples, sizes)
            inner = samples - centres[group]
            shape = inner.T @ inner / max(1, len(inner) - len(groups))
            variance = float(np.trace(shape)) or _USUAL_VARIANCE
            centres *= _trust(centres, sizes, variance)[:, None]
            shape = (1 - _ROUND) * shape + _ROUND * variance / len(shape) * np.eye(len(shape))
            self._slopes = np.linalg.solve(shape, centres.T)
            self._offsets = -0.5 * np.einsum("gi,ig->g", centres, self._slopes)

    def score(self, vectors: np.ndarray) -> np.ndarray:
        """Return log-likelihoods up to a constant per row (float64 [texts, groups]) of unit vectors.

        `vectors` is float32 [texts, 512]. The texts of real people vary more than samples do, so the
        differences between groups overstate the odds: multiply them by a weight below 1.
        """
        with threadpool_limits(1, user_api="blas"):
            return self._centred(vectors) @ self._slopes + self._offsets

    def _centred(self, vectors: np.ndarray) -> np.ndarray:
        return _unit(vectors.astype(np.float64) - self._mean)


def encode_groups(groups: Sequence[Sequence[str]], *, threads: int = 1) -> list[np.ndarray]:
    """Return the vectors of each group of texts, all encoded in one go, or remembered."""
    texts = [text for texts in groups for text in texts]
    vectors = remembered(texts, lambda: encode(texts, threads=threads))
    return np.split(vectors, np.cumsum([len(group) for group in groups])[:-1])


def _trust(centres: np.ndarray, sizes: np.ndarray, variance: float) -> np.ndarray:
    """Return by how much each centre is to be believed: the mean of few samples lies too far out.

    The share of the distance between centres that chance does not explain (James and Stein 1961).
    """
    apart = float(np.mean(np.einsum("gi,gi->g", centres, centres)))
    true = max(apart - variance * float(np.mean(1.0 / sizes)), 0.1 * apart)
    return true / np.maximum(true + variance / sizes, 1e-9)


def _centres(vectors: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    return np.add.reduceat(vectors.astype(np.float64), np.cumsum(sizes) - sizes, axis=0) / sizes[:, None]


def _unit(vectors: np.ndarray) -> np.ndarray:
    norms = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    return vectors / np.maximum(norms, 1e-9)[:, None]
