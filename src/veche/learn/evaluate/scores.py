"""How often what is said is right: over all appeals, and for each label, with intervals."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from veche.learn.evaluate.intervals import REPLICATES, Figure, interval, share, share_of
from veche.learn.evaluate.judged import Judged
from veche.learn.figures import TOP

#: Numbers that a table of replicates may hold, by label and by row; with more there are fewer replicates.
_MOST_CELLS = 4_000_000
_MOST_DRAWN = 20_000_000
_FEWEST_REPLICATES = 100


@dataclass(frozen=True)
class Counts:
    """Weighted counts by label, float64 [..., c]: hits, how often people gave it, how often it was said."""

    hits: np.ndarray
    given: np.ndarray
    told: np.ndarray

    def f1(self) -> np.ndarray:
        """Return F1 by label, 0 where it is neither given nor said."""
        return 2 * self.hits / np.maximum(self.given + self.told, 1e-12)

    def counted(self) -> np.ndarray:
        """Return which labels are given or said."""
        return (self.given + self.told) > 0


@dataclass(frozen=True)
class ClassFigures:
    """Figures of one label: its number, how many appeals have it, and how often it was said."""

    label: int
    given: int
    told: int
    precision: Figure
    recall: Figure
    f1: Figure


def replicates_for(tested: Judged) -> int:
    """Return the number of replicates that there is room for."""
    room = min(_MOST_CELLS // max(1, len(tested.labels.set)), _MOST_DRAWN // max(1, len(tested)))
    return int(np.clip(room, _FEWEST_REPLICATES, REPLICATES))


def whole_figures(tested: Judged, weights: np.ndarray) -> dict[str, Figure]:
    """Return the figures over all appeals: for one label `accuracy`, `weighted_f1`, `macro_f1`, `micro_f1`,
    `top3_accuracy`; for several `micro_f1`, `macro_f1`, `weighted_f1`, `exact_match`, `top3_accuracy` (one
    of the first three is given). F1 of a label that is neither given nor said does not count."""
    counts, drawn = counts_of(tested, None), counts_of(tested, weights)
    counted = counts.counted()
    every = np.ones(len(tested), bool)
    first = "exact_match" if tested.labels.set.multi else "accuracy"
    found = {first: share(tested.right(), every, weights)}
    for name, average in (("weighted_f1", _weighted), ("macro_f1", _macro), ("micro_f1", _micro)):
        value = float(average(counts, counted))
        found[name] = interval(value, average(drawn, counted))
    found[f"top{TOP}_accuracy"] = share(_among_first(tested), _has_label(tested), weights)
    return found


def class_figures(tested: Judged, weights: np.ndarray) -> list[ClassFigures]:
    """Return the figures of each label that is given or said, those with the most appeals first."""
    counts, drawn = counts_of(tested, None), counts_of(tested, weights)
    drawn_f1 = drawn.f1()
    with np.errstate(invalid="ignore", divide="ignore"):
        drawn_precision, drawn_recall = drawn.hits / drawn.told, drawn.hits / drawn.given
        drawn_f1 = np.where(drawn.counted(), drawn_f1, np.nan)
    made = []
    for label in np.flatnonzero(counts.counted()).tolist():
        hits, given, told = (float(part[label]) for part in (counts.hits, counts.given, counts.told))
        made.append(
            ClassFigures(
                label=label,
                given=int(given),
                told=int(told),
                precision=share_of(hits, told, drawn_precision[:, label]),
                recall=share_of(hits, given, drawn_recall[:, label]),
                f1=share_of(2 * hits, given + told, drawn_f1[:, label]),
            )
        )
    return sorted(made, key=lambda one: (-one.given, -one.told, one.label))


def counts_of(tested: Judged, weights: np.ndarray | None) -> Counts:
    """Return the counts of the rows, [c], or of each replicate of `weights` [b, n], [b, c]."""
    truth = sparse.csr_matrix(tested.labels.given, dtype=np.float32)
    said = sparse.csr_matrix(tested.said, dtype=np.float32)
    hits = sparse.csr_matrix(truth.multiply(said))
    if weights is None:
        return Counts(*(np.asarray(m.sum(axis=0)).ravel().astype(np.float64) for m in (hits, truth, said)))
    by_row = weights.T.astype(np.float32)
    return Counts(*(np.ascontiguousarray((m.T @ by_row).T).astype(np.float64) for m in (hits, truth, said)))


def _weighted(counts: Counts, _counted: np.ndarray) -> np.ndarray:
    return (counts.f1() * counts.given).sum(axis=-1) / np.maximum(counts.given.sum(axis=-1), 1e-12)


def _macro(counts: Counts, counted: np.ndarray) -> np.ndarray:
    present = counts.counted() & counted
    return (counts.f1() * present).sum(axis=-1) / np.maximum(present.sum(axis=-1), 1)


def _micro(counts: Counts, _counted: np.ndarray) -> np.ndarray:
    total = (counts.given + counts.told).sum(axis=-1)
    return 2 * counts.hits.sum(axis=-1) / np.maximum(total, 1e-12)


def _has_label(tested: Judged) -> np.ndarray:
    return np.diff(tested.labels.given.tocsr().indptr) > 0


def _among_first(tested: Judged) -> np.ndarray:
    """Return whether one of the labels given is among the three with the best chances (bool [n])."""
    chances = tested.chances
    best = np.where(tested.truth(), chances, -1).max(axis=1, initial=-1)
    return (best >= 0) & ((chances > best[:, None]).sum(axis=1) < TOP)
