"""What speaks for a later appeal being about the same matter as an earlier one, as numbers.

Place, time and words are told in steps between which a weight changes evenly, so that a linear model can
bend. Beside what a pair is by itself stands how it compares with the other candidates of the same appeal:
another report of one kind in one street is no news where there are forty.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from veche.learn.features import PAIRS, SEQUENCES, WORDS, Words, learn_lexicon, matrix_of, words_of
from veche.learn.matching_facts import Facts, facts_of, holdings
from veche.learn.matching_near import MOST_CANDIDATES, Pairs, Told, slots

#: Steps of the time between two appeals (powers of ten of minutes) and of the distance (metres).
TIME_STEPS = (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.4, 4.7)
PLACE_STEPS = (0.0, 1.0, 40.0, 82.0, 111.0, 139.0, 165.0, 225.0, 300.0)

#: Steps of how much more alike a candidate is than the best other, and of a rank (its logarithm).
LEAD_STEPS = (-0.5, -0.3, -0.1, 0.0, 0.1, 0.3, 0.5)
RANK_STEPS = (0.0, 0.7, 1.1, 1.6, 2.3, 3.5)

_PAIRS_AT_ONCE = 20_000
_GROUPS_AT_ONCE = 2_000
_SOON = 2.0
_MUCH = 5.0


def traits_of(told: Told, pairs: Pairs) -> np.ndarray:
    """Return the traits of `pairs`, float32 [pairs, k]; k depends on nothing but this version."""
    lately = np.log10(pairs.seconds / 60 + 1)
    time, place = steps(lately, TIME_STEPS), steps(pairs.metres, PLACE_STEPS)
    alike, facts = _said(told, pairs)
    here, soon = (pairs.metres < 1)[:, None], (lately < _SOON)[:, None]
    later = (lately / TIME_STEPS[-1])[:, None]
    bends = [alike * here, alike * soon, alike * later, time * here]
    others = _among_others(told, pairs, alike)
    return np.concatenate([time, place, alike, facts, *bends, *others], axis=1).astype(np.float32)


def steps(values: np.ndarray, at: tuple[float, ...]) -> np.ndarray:
    """Return `values` as shares of the two steps around them, float64 [n, steps]; rows sum to 1."""
    points = np.array(at)
    inside = np.clip(values, points[0], points[-1])
    low = np.clip(np.searchsorted(points, inside, side="right") - 1, 0, len(points) - 2)
    share = (inside - points[low]) / (points[low + 1] - points[low])
    out = np.zeros((len(values), len(points)))
    rows = np.arange(len(values))
    out[rows, low], out[rows, low + 1] = 1 - share, share
    return out


def _said(told: Told, pairs: Pairs) -> tuple[np.ndarray, np.ndarray]:
    """Return how alike the texts are, and what the facts in them say, float64 [pairs, ...]."""
    rows, where = np.unique(np.concatenate([pairs.later, pairs.earlier]), return_inverse=True)
    first, second = where[: len(pairs)], where[len(pairs) :]
    texts = told.texts.take(pa.array(rows))
    words = words_of(texts)
    holds = holdings(words)
    rarity = np.log((1 + len(rows)) / (1 + np.bincount(holds.indices, minlength=len(words.hashes)))) + 1
    vectors = told.vectors[rows]
    meaning = np.einsum("ij,ij->i", vectors[first], vectors[second], dtype=np.float64)
    alike = [*_cosines(words, first, second), meaning, *_rare_words(holds, rarity, first, second)]
    facts = facts_of(texts, words, holds)
    told_alike = [*_numbers(words, holds, first, second), *_facts_alike(facts, first, second)]
    return np.stack(alike, axis=1), np.concatenate(
        [_columns(told_alike), _layout(facts, first, second)], axis=1
    )


def _cosines(words: Words, first: np.ndarray, second: np.ndarray) -> list[np.ndarray]:
    """Return cosines of words, pairs of words and letters, and whether the words are all the same."""
    matrices = matrix_of(words, learn_lexicon(words, least_texts=2))
    found = [_shared(matrices[block], matrices[block], first, second) for block in (WORDS, PAIRS, SEQUENCES)]
    return [*found, (found[0] > 1 - 1e-6).astype(float)]


def _rare_words(
    holds: sparse.csr_matrix, rarity: np.ndarray, first: np.ndarray, second: np.ndarray
) -> list[np.ndarray]:
    """Return which share of either's rare words the other has, and how much that is rare they share."""
    weighed = sparse.csr_matrix(holds.multiply(rarity))
    both = _shared(weighed, holds, first, second)
    whole = np.maximum(np.asarray(weighed.sum(axis=1)).ravel(), 1.0)
    much = np.log1p(_shared(weighed, weighed, first, second)) / _MUCH
    return [both / whole[first], both / whole[second], much]


def _numbers(
    words: Words, holds: sparse.csr_matrix, first: np.ndarray, second: np.ndarray
) -> list[np.ndarray]:
    """Return whether both texts name a number in common, and whether both name numbers but none in common."""
    digits = pc.match_substring_regex(words.distinct, r"\d").to_numpy(zero_copy_only=False)
    held = sparse.csr_matrix(holds[:, np.flatnonzero(digits)])
    names = np.diff(held.indptr) > 0
    shared = _shared(held, held, first, second) > 0
    return [shared, names[first] & names[second] & ~shared]


def _facts_alike(facts: Facts, first: np.ndarray, second: np.ndarray) -> list[np.ndarray]:
    """Return for how many questions both give the same answer, how rare that is, and for how many others."""
    n, n_choices = facts.chosen.get_shape()
    rarity = np.log((1 + n) / (1 + np.bincount(facts.chosen.indices, minlength=n_choices)))
    same = _shared(facts.chosen, facts.chosen, first, second)
    rare = _shared(sparse.csr_matrix(facts.chosen.multiply(rarity)), facts.chosen, first, second)
    both = _shared(facts.asked, facts.asked, first, second)
    return [np.minimum(same, 3), rare / _MUCH, np.clip(both - same, 0, 3)]


def _layout(facts: Facts, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return one column for each case: neither, the later, the earlier or both were written in a form."""
    return np.eye(4)[facts.laid_out[first] + 2 * facts.laid_out[second]]


def _columns(values: list[np.ndarray]) -> np.ndarray:
    return np.stack([np.asarray(one, np.float64) for one in values], axis=1)


def _shared(a: sparse.csr_matrix, b: sparse.csr_matrix, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    out = np.zeros(len(first))
    for at in range(0, len(first), _PAIRS_AT_ONCE):
        some = slice(at, at + _PAIRS_AT_ONCE)
        out[some] = np.asarray(a[first[some]].multiply(b[second[some]]).sum(axis=1)).ravel()
    return out


@dataclass(frozen=True)
class _Table:
    """Candidates side by side: a row for each later appeal, a column for each of its candidates."""

    group: np.ndarray
    slot: np.ndarray
    n: int

    def laid(self, values: np.ndarray) -> np.ndarray:
        out = np.full((self.n, MOST_CANDIDATES), -np.inf)
        out[self.group, self.slot] = values
        return out

    def rank(self, values: np.ndarray) -> np.ndarray:
        """Return how many candidates stand before each by `values`, the larger first, ties as they come."""
        order = np.argsort(-self.laid(values), axis=1, kind="stable")
        return np.argsort(order, axis=1, kind="stable")[self.group, self.slot].astype(float)

    def lead(self, values: np.ndarray) -> np.ndarray:
        """Return by how much each value exceeds the best other, 0 where there is no other."""
        best = np.sort(self.laid(values), axis=1)[:, ::-1]
        top, other = best[self.group, 0], best[self.group, 1]
        return np.where(np.isneginf(other), 0.0, values - np.where(values >= top, other, top))

    def nearer(self, metres: np.ndarray, seconds: np.ndarray) -> np.ndarray:
        """Return how many candidates are at most as far in place and in time, itself included."""
        far, old = self.laid(-metres), self.laid(-seconds)
        out = np.zeros((self.n, MOST_CANDIDATES))
        for at in range(0, self.n, _GROUPS_AT_ONCE):
            f, o = far[at : at + _GROUPS_AT_ONCE], old[at : at + _GROUPS_AT_ONCE]
            both = (f[:, None, :] >= f[:, :, None]) & (o[:, None, :] >= o[:, :, None])
            out[at : at + len(f)] = both.sum(axis=2)
        return out[self.group, self.slot]


def _among_others(told: Told, pairs: Pairs, alike: np.ndarray) -> list[np.ndarray]:
    group, slot = slots(pairs.later)
    table = _Table(group, slot, int(group.max(initial=-1)) + 1)
    words, letters, meaning, told_before = alike[:, 0], alike[:, 2], alike[:, 4], alike[:, 5]
    out = [steps(table.lead(v), LEAD_STEPS) for v in (words, letters, meaning, told_before)]
    by_place = -pairs.metres - pairs.seconds / 8.64e6
    open_still = _open_still(told, pairs)
    known_open = np.where(open_still, 0.0, -1e9)
    ranked = [words, letters, -pairs.seconds, by_place, words + known_open, known_open - pairs.seconds]
    out += [steps(np.log1p(table.rank(values)), RANK_STEPS) for values in ranked]
    out.append(steps(np.log(table.nearer(pairs.metres, pairs.seconds)), RANK_STEPS))
    return [*out, open_still[:, None].astype(float)]


def _open_still(told: Told, pairs: Pairs) -> np.ndarray:
    """Return whether the earlier matter was not known to be closed when the later appeal came."""
    if told.closed is None:
        return np.ones(len(pairs), bool)
    closed = told.closed.astype("datetime64[s]")[pairs.earlier]
    return ~(closed < told.received.astype("datetime64[s]")[pairs.later])
