"""The same matter told again: which earlier appeal a later one of the same place and kind is about.

Two neighbours report one car in different words, which no likeness of texts finds. From pairs that an
authority's staff marked a `Matcher` learns how much place, time and words count; then it ranks the appeals
that came before in the same place. It decides nothing and merges nothing: a share of 0.9 says that among
these candidates this one is nine times likelier than all others together *if* one of them is meant.

Source: conditional logit (McFadden, Conditional logit analysis of qualitative choice behavior, 1974).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.optimize import minimize
from threadpoolctl import threadpool_limits

from veche.learn.matching_near import Pairs, Told, candidates, slots
from veche.learn.matching_traits import traits_of

#: Part of every matcher; traits of another version do not fit its weights.
MATCHING_VERSION = 1

#: How strongly weights are held to zero, and a kind's own deviations with them.
HELD = 2.0

#: Kinds with fewer marked appeals have no weights of their own.
LEAST_OF_KIND = 50

_ROUNDS = 80
_ROWS_AT_ONCE = 8_192


@dataclass(frozen=True)
class Matches:
    """Candidates with the `share` of the belief in each (float32); shares of one later appeal sum to 1."""

    pairs: Pairs
    share: np.ndarray

    def best(self) -> "Matches":
        """Return the likeliest candidate of each later appeal, the earliest where two are as likely."""
        order = np.lexsort((np.arange(len(self.share)), -self.share, self.pairs.later))
        _, first = np.unique(self.pairs.later[order], return_index=True)
        chosen = order[first]
        return Matches(self.pairs.take(chosen), self.share[chosen])


@dataclass(frozen=True)
class Matcher:
    """Weights of the traits: `weights` float64 [1 + kinds, k], for all and beside it for each of `kinds`."""

    weights: np.ndarray
    kinds: tuple[str, ...]

    def propose(self, told: Told, rows: np.ndarray) -> Matches:
        """Return what each of `rows` (int64) may be about; rows that nothing near precedes are not in it."""
        pairs = candidates(told, rows)
        cuts = np.searchsorted(pairs.later, np.unique(pairs.later)[::_ROWS_AT_ONCE])
        share = [np.zeros(0, np.float32)]
        for begin, end in pairwise([*cuts.tolist(), len(pairs)]):
            some = pairs.take(np.arange(begin, end))
            share.append(self.shares(told, some, traits_of(told, some)))
        return Matches(pairs, np.concatenate(share))

    def shares(self, told: Told, pairs: Pairs, traits: np.ndarray) -> np.ndarray:
        """Return the share of belief in each of `pairs`, float32."""
        kind = _kind_of(told, pairs, self.kinds)
        with threadpool_limits(1):
            scores = traits.astype(np.float64) @ self.weights.T
        score = scores[:, 0]
        own = kind >= 0
        score[own] += scores[np.flatnonzero(own), kind[own] + 1]
        return _softmax(score, slots(pairs.later)[0]).astype(np.float32)

    def parts(self) -> dict[str, np.ndarray]:
        """Return what is kept as arrays."""
        return {"weights": self.weights}

    def settings(self) -> dict[str, Any]:
        """Return what is kept as JSON."""
        return {"version": MATCHING_VERSION, "kinds": list(self.kinds)}

    @staticmethod
    def of(parts: Mapping[str, np.ndarray], settings: Mapping[str, Any]) -> "Matcher":
        """Return the matcher that was kept. Raises ValueError if it is not whole or of another version."""
        kinds = tuple(map(str, settings["kinds"]))
        weights = parts["weights"]
        if settings["version"] != MATCHING_VERSION or weights.ndim != 2 or len(weights) != len(kinds) + 1:
            raise ValueError("matcher")
        return Matcher(weights.astype(np.float64), kinds)


def fit_matcher(told: Told, pairs: Pairs, traits: np.ndarray, *, meant: np.ndarray) -> Matcher:
    """Learn from `pairs`, of which those of `meant` (bool) are what staff marked.

    `pairs` and `traits` are those of `candidates` and `traits_of`; later appeals none of whose candidates is
    meant teach nothing. Deterministic, and independent of the number of threads.
    """
    group, _ = slots(pairs.later)
    taught = np.bincount(group, meant, minlength=1)[group] > 0
    used, right = pairs.take(taught), meant[taught].astype(np.float64)
    seen = traits[taught].astype(np.float64)
    group, place = slots(used.later)
    kinds = _kinds_worth(told, used, place)
    kind = _kind_of(told, used, kinds)
    wide = np.concatenate([seen, *(seen * (kind == i)[:, None] for i in range(len(kinds)))], axis=1)

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        share = _softmax(wide @ weights, group)
        hit = np.bincount(group, share * right)
        wanted = share * right / np.maximum(hit, 1e-300)[group]
        slope = wide.T @ (share - wanted)
        value = -np.log(np.maximum(hit, 1e-300)).sum() + HELD / 2 * weights @ weights
        return float(value), slope + HELD * weights

    with threadpool_limits(1):
        start = np.zeros(wide.shape[1])
        found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _ROUNDS})
    return Matcher(found.x.reshape(len(kinds) + 1, -1), kinds)


def _softmax(score: np.ndarray, group: np.ndarray) -> np.ndarray:
    if not len(score):
        return score
    begins = np.flatnonzero(np.diff(group, prepend=-1))
    raised = np.exp(score - np.maximum.reduceat(score, begins)[group])
    return raised / np.add.reduceat(raised, begins)[group]


def _kinds_worth(told: Told, pairs: Pairs, place: np.ndarray) -> tuple[str, ...]:
    of_later = told.kind.take(pa.array(pairs.later[place == 0]))
    counted = pc.value_counts(of_later).to_pylist()
    return tuple(sorted(one["values"] for one in counted if one["counts"] >= LEAST_OF_KIND))


def _kind_of(told: Told, pairs: Pairs, kinds: tuple[str, ...]) -> np.ndarray:
    """Return the number of each pair's kind in `kinds`, -1 for any other."""
    found = pc.index_in(told.kind.take(pa.array(pairs.later)), value_set=pa.array(kinds, pa.string()))
    return pc.fill_null(found, -1).to_numpy(zero_copy_only=False)
