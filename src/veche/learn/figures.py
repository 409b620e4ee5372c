"""How often chances are right: the few figures that a model's card says, made from what was held back."""

import numpy as np

from veche.learn.examples import Labels

#: The right label is looked for among so many; with no more labels than that it is always there.
TOP = 3


def figures(chances: np.ndarray, labels: Labels, *, said: np.ndarray) -> dict[str, float]:
    """Return figures of `chances` (float32 [n, c]) against the labels of the same rows, all of them known.

    `said` (bool [n, c]) are the labels that are said.
    For one label: `accuracy`, `weighted_f1`, `macro_f1`, `top3_accuracy`; for several: `micro_f1`,
    `macro_f1`, `exact_match`. F1 of a class that is neither given nor said does not count.
    """
    made = _of_several(said, labels) if labels.set.multi else _of_one(chances, labels)
    return {name: round(float(value), 4) for name, value in made.items()}


def _of_one(chances: np.ndarray, labels: Labels) -> dict[str, float]:
    truth, n = labels.single(), max(1, len(chances))
    said = chances.argmax(axis=1)
    n_labels = chances.shape[1]
    hits = np.bincount(truth[said == truth], minlength=n_labels)
    given, told = np.bincount(truth, minlength=n_labels), np.bincount(said, minlength=n_labels)
    f1 = _f1(hits, given, told)
    own = chances[np.arange(len(truth)), truth]
    rank = (chances > own[:, None]).sum(axis=1)
    return {
        "accuracy": hits.sum() / n,
        "weighted_f1": float((f1 * given).sum()) / n,
        "macro_f1": float(f1[(given + told) > 0].mean()) if len(truth) else 0.0,
        f"top{TOP}_accuracy": float((rank < TOP).sum()) / n,
    }


def _of_several(said: np.ndarray, labels: Labels) -> dict[str, float]:
    truth = labels.given.toarray().astype(bool)
    hits, given, told = (truth & said).sum(axis=0), truth.sum(axis=0), said.sum(axis=0)
    counted = (given + told) > 0
    return {
        "micro_f1": float(_f1(hits.sum(), given.sum(), told.sum())),
        "macro_f1": float(_f1(hits, given, told)[counted].mean()) if counted.any() else 0.0,
        "exact_match": float((truth == said).all(axis=1).mean()) if len(truth) else 0.0,
    }


def _f1(hits: np.ndarray, given: np.ndarray, told: np.ndarray) -> np.ndarray:
    return 2 * hits / np.maximum(given + told, 1)
