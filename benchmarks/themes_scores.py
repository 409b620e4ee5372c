"""How well groups of texts agree with labels that people gave, and with other groupings."""

import numpy as np
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

_BLOCK = 1000


def mutual_information(label: np.ndarray, group: np.ndarray) -> float:
    """Return the adjusted mutual information of two groupings (arithmetic mean, as in scikit-learn)."""
    return float(adjusted_mutual_info_score(label, group))


def extended_bcubed(labels: np.ndarray, groups: np.ndarray) -> float:
    """Return the extended B-cubed F of groups against labels, both 0/1 [texts, kinds], several to a text.

    Amigó, Gonzalo, Artiles and Verdejo 2009: a pair of texts counts by how many groups and how many
    labels both share; every text is compared with all that share a group (precision) or a label
    (recall) with it, itself included.
    """
    precision = recall = 0.0
    groups, labels = groups.astype(np.float32), labels.astype(np.float32)
    for at in range(0, len(groups), _BLOCK):
        grouped = groups[at : at + _BLOCK] @ groups.T
        labelled = labels[at : at + _BLOCK] @ labels.T
        both = np.minimum(grouped, labelled)
        precision += _mean_of_rows(both, grouped)
        recall += _mean_of_rows(both, labelled)
    precision, recall = precision / len(groups), recall / len(groups)
    return 2 * precision * recall / (precision + recall)


def _mean_of_rows(both: np.ndarray, shared: np.ndarray) -> float:
    """The sum over rows of the mean of both / shared where something is shared."""
    pairs = shared > 0
    part = np.divide(both, shared, out=np.zeros_like(both), where=pairs).sum(axis=1)
    return float((part / np.maximum(pairs.sum(axis=1), 1)).sum())


def one_hot(group: np.ndarray) -> np.ndarray:
    """Return 0/1 [texts, groups] of one group per text; any number stands for a group, also -1."""
    _, place = np.unique(group, return_inverse=True)
    out = np.zeros((len(group), int(place.max()) + 1), np.int8)
    out[np.arange(len(group)), place] = 1
    return out


def agreement_of_samples(labels: list[np.ndarray], samples: list[np.ndarray]) -> float:
    """Return the mean adjusted Rand index over all pairs of samples, on the texts that both hold.

    `samples` are sorted text numbers, `labels` the group of each text of its sample.
    """
    found = []
    for i, first in enumerate(samples):
        for j in range(i):
            _, a, b = np.intersect1d(first, samples[j], assume_unique=True, return_indices=True)
            found.append(adjusted_rand_score(labels[i][a], labels[j][b]))
    return float(np.mean(found))
