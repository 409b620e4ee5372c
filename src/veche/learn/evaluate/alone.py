"""What the model decides alone, how often that is right, and how much is left for people."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from veche.learn.evaluate.intervals import Figure, interval, share, wilson
from veche.learn.evaluate.judged import Judged

#: Bins of the reliability diagram, with as many sayings each.
_BINS = 15

#: Points of the curve of coverage against precision.
_POINTS = 60


@dataclass(frozen=True)
class Alone:
    """The promise, kept or not: `coverage` is the share of the appeals that need no person, `precision` the
    share of what was said alone that is right (NaN where nothing was)."""

    coverage: Figure
    precision: Figure
    decided: int


@dataclass(frozen=True)
class Point:
    """With everything from `chance` on decided alone: the share decided and the share of it that is right."""

    chance: float
    coverage: float
    precision: Figure


@dataclass(frozen=True)
class Bin:
    """Sayings of about the same chance: their mean, and how many of them were right."""

    chance: float
    right: Figure
    count: int


@dataclass(frozen=True)
class Human:
    """Decisions of people for 1,000 appeals where a group is decided once, and the share of all appeals that
    then have what people gave them."""

    per_thousand: Figure
    right: float


def alone_of(tested: Judged, weights: np.ndarray) -> Alone:
    """Return what the promise brought."""
    s = tested.sayings
    every = np.ones(len(tested), bool)
    return Alone(
        coverage=share(tested.alone, every, weights),
        precision=share(s.right, s.alone, weights[:, s.row]),
        decided=int(tested.alone.sum()),
    )


def curve(tested: Judged) -> list[Point]:
    """Return coverage (share of what could be said) against precision, from the surest on."""
    s = tested.sayings
    order = np.argsort(-s.chance, kind="stable")
    right, chance = np.cumsum(s.right[order]), s.chance[order]
    n = len(order)
    ends = np.unique(np.linspace(1, n, min(n, _POINTS)).astype(np.int64)) if n else np.zeros(0, np.int64)
    return [Point(float(chance[e - 1]), e / n, wilson(float(right[e - 1]), float(e))) for e in ends.tolist()]


def reliability(tested: Judged) -> list[Bin]:
    """Return the bins, from the least sure."""
    s = tested.sayings
    order = np.argsort(s.chance, kind="stable")
    bins = [rows for rows in np.array_split(order, min(_BINS, max(1, len(order)))) if len(rows)]
    return [
        Bin(float(s.chance[rows].mean()), wilson(float(s.right[rows].sum()), len(rows)), len(rows))
        for rows in bins
    ]


def human_decisions(
    tested: Judged, weights: np.ndarray, groupings: Mapping[str, np.ndarray]
) -> dict[str, Human]:
    """Return the decisions left for people, by the name of the grouping; `""` is without one.

    A grouping has a number for each tested appeal (int64 [n]), negative for an appeal that is in no group.
    Of a group that holds appeals left for people, one is decided and the rest follow it; that they all
    deserve the decision of the one is measured, not assumed: it is what most of them were given.
    """
    every = np.arange(len(tested))
    found = {"": _decided_once(tested, weights, every)}
    for name, group in groupings.items():
        found[name] = _decided_once(
            tested, weights, np.where(group < 0, group.max(initial=-1) + 1 + every, group)
        )
    return found


def _decided_once(tested: Judged, weights: np.ndarray, group: np.ndarray) -> Human:
    left = ~tested.alone
    n = max(1, len(tested))
    _, number = np.unique(group[left], return_inverse=True)
    size = np.bincount(number)
    # What is drawn is appeals; each carries its part of the one decision of its group.
    burden = np.zeros(len(tested))
    burden[left] = 1 / size[number] if len(size) else 0.0
    drawn = (weights @ burden) / np.maximum(weights.sum(axis=1), 1) * 1000
    value = 1000 * len(size) / n
    right = (int(tested.right()[tested.alone].sum()) + _followed(tested, left, number)) / n
    return Human(interval(value, drawn, most=1000.0), right)


def _followed(tested: Judged, left: np.ndarray, number: np.ndarray) -> int:
    """Return how many of the appeals left have what most of their group were given."""
    given = tested.labels.given[np.flatnonzero(left)].tocsr()
    given.sort_indices()
    if not given.shape[0]:
        return 0
    sets: dict[bytes, int] = {}
    said = [
        sets.setdefault(given.indices[a:b].tobytes(), len(sets))
        for a, b in zip(given.indptr[:-1].tolist(), given.indptr[1:].tolist(), strict=True)
    ]
    _, votes = np.unique(number * np.int64(len(sets)) + np.array(said), return_counts=True)
    pair = np.unique(number * np.int64(len(sets)) + np.array(said)) // len(sets)
    return int(np.maximum.reduceat(votes, np.flatnonzero(np.append(True, pair[1:] != pair[:-1]))).sum())
