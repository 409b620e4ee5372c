"""Parts of a labelled history for measuring out of sample: copies together, every label in every part."""

import numpy as np

from veche.learn.examples import Labels


def splits(copies: np.ndarray, labels: Labels, folds: int, seed: int) -> np.ndarray:
    """Return the part (int64 [n], 0 to `folds` - 1) of each row.

    Rows with one number in `copies` share a part. Groups of copies are dealt out by their rarest label, so
    that a label with at least `folds` groups is in every part; the order of the rows changes nothing but
    chance. With fewer groups than folds some parts are empty.
    """
    _, group = np.unique(copies, return_inverse=True)
    n_groups = int(group.max(initial=-1)) + 1
    key = _rarest_label(group, n_groups, labels)
    dealt = np.lexsort((np.random.default_rng(seed).permutation(n_groups), key))
    part = np.empty(n_groups, np.int64)
    part[dealt] = np.arange(n_groups) % folds
    return part[group]


def _rarest_label(group: np.ndarray, n_groups: int, labels: Labels) -> np.ndarray:
    """Return, for each group, its label that the fewest rows have, counted by rarity; the last for none."""
    n_labels = len(labels.set)
    rows, columns = labels.given.nonzero()
    rank = np.empty(n_labels, np.int64)
    rank[np.argsort(np.bincount(columns, minlength=n_labels), kind="stable")] = np.arange(n_labels)
    out = np.full(n_groups, n_labels)
    np.minimum.at(out, group[rows], rank[columns])
    return out
