"""Which passages speak for a set of people: few, unlike one another, nobody's share forgotten.

A person is represented by the chosen passage most like what he or she wrote; how well is the share of the
other people's texts that are less like it than that passage is. So the mean likeness of a vague crowd
does not drown a small group that says something of its own. The choice maximises the mean over people
(facility location) plus a reward for every group that is heard, which counts as many people as it has
(Lin and Bilmes 2011, "A class of submodular functions for document summarization").

Both parts are monotone and submodular, so taking the best next passage reaches at least 1 - 1/e = 63 % of
the best possible value (Nemhauser, Wolsey and Fisher 1978); as any passage within `NEARLY` of the best
gain may be taken, for one that reads better, 1 - e^-0.8 = 55 % are sure. Where groups have seats that they
would not get otherwise, a choice within quotas reaches at least half (Fisher, Nemhauser and Wolsey 1978).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from veche.themes.passages import complete, words

#: Weight of the reward for groups against the representation of people (both from 0 to 1).
DIVERSITY = 1.0

#: Of the passages whose gain is at least this part of the best, the one that reads best is taken.
NEARLY = 0.8

#: Two passages that share this part of their words, or are this close in meaning, are one.
SAME_WORDS = 0.6
SAME_MEANING = 0.93

#: Passages of this length (code points) read best; far shorter ones say little.
GOOD_LENGTH = 90

_BLOCK = 256


@dataclass(frozen=True)
class People:
    """Who is to be represented: unit rows `vectors` float32 [texts, d]; `weight` float64 [texts], how many
    people stand behind each; `group` int [texts], the number of the group each belongs to, -1 for none."""

    vectors: np.ndarray
    weight: np.ndarray
    group: np.ndarray


@dataclass(frozen=True)
class Passages:
    """What may be quoted: `texts`, unit rows `vectors` float32 [passages, d], and `group` int [passages],
    the number of the group (theme, subtheme, position) that each speaks for, -1 for none."""

    texts: Sequence[str]
    vectors: np.ndarray
    group: np.ndarray


@dataclass(frozen=True)
class Groups:
    """`share` float64 [groups]: each group's share of the people; `seats` int64 [groups]: how many
    passages each must have, where it has that many."""

    share: np.ndarray
    seats: np.ndarray


def choose(
    passages: Passages, people: People, groups: Groups, *, count: int, good_length: int = GOOD_LENGTH
) -> list[int]:
    """Return the numbers of at most `count` passages, the most telling first; of passages that tell alike
    those of `good_length` code points are taken."""
    n = len(passages.texts)
    if n == 0 or count <= 0 or len(people.weight) == 0:
        return []
    represented = standing(people, passages.vectors)
    share = (people.weight / people.weight.sum()).astype(np.float32)
    reads = np.array([quality(text, good_length) for text in passages.texts])
    bags = _bags(passages.texts)
    best_so_far = np.zeros(len(share), np.float32)
    heard, said = np.zeros(len(groups.share) + 1), np.zeros(len(groups.share) + 1)
    typical = _typical(represented, share, people.group, passages.group)
    wants = np.append(groups.seats, 0)
    worth = np.append(groups.share, 0.0)
    allowed = np.ones(n, bool)
    chosen: list[int] = []
    while len(chosen) < count and allowed.any():
        gain = share @ np.maximum(represented - best_so_far[:, None], 0)
        gain = gain + DIVERSITY * worth[passages.group] * 0.5 ** said[passages.group] * (1 - 0.5**typical)
        open_seats = np.maximum(wants - heard, 0)
        can = allowed
        if open_seats.sum() >= count - len(chosen):
            seated = allowed & (open_seats[passages.group] > 0)
            can = seated if seated.any() else allowed
        near = can & (gain >= NEARLY * gain[can].max())
        best = int(np.where(near, gain * reads, -1.0).argmax())
        chosen.append(best)
        best_so_far = np.maximum(best_so_far, represented[:, best])
        heard[passages.group[best]] += 1
        said[passages.group[best]] += typical[best]
        allowed &= (passages.vectors @ passages.vectors[best]) < SAME_MEANING
        allowed &= _apart(bags, best)
        allowed[best] = False
    return chosen


def _typical(
    represented: np.ndarray, share: np.ndarray, of_people: np.ndarray, of_passages: np.ndarray
) -> np.ndarray:
    """How well each passage represents the people of its own group, from 0 to 1; 0 without a group."""
    out = np.zeros(len(of_passages))
    for group in np.unique(of_passages[of_passages >= 0]):
        inside, own = of_people == group, of_passages == group
        total = share[inside].sum()
        if total > 0:
            out[own] = share[inside] @ represented[np.ix_(inside, own)] / total
    return out


def seats(people: np.ndarray, count: int) -> np.ndarray:
    """Return how many of `count` quotations each group is sure of: its share of them, rounded down.

    The lower quota of proportional representation: a group of one in `count` people has a quotation.
    """
    total = float(people.sum())
    return np.floor(count * people / total + 1e-9).astype(np.int64) if total else people.astype(np.int64) * 0


def standing(people: People, quoted: np.ndarray) -> np.ndarray:
    """Return float32 [texts, quoted]: the share of other people whose texts are less like a text than each
    of `quoted` (unit rows [quoted, d]) is; those just as like count half."""
    out = np.empty((len(people.vectors), len(quoted)), np.float32)
    for start in range(0, len(out), _BLOCK):
        block = people.vectors[start : start + _BLOCK]
        likeness, others = block @ quoted.T, block @ people.vectors.T
        order = np.argsort(others, axis=1)
        ranked = np.take_along_axis(others, order, axis=1)
        weight = people.weight[order]
        weight[order == np.arange(start, start + len(block))[:, None]] -= 1
        below = np.zeros((len(block), len(people.weight) + 1))
        np.cumsum(weight, axis=1, out=below[:, 1:])
        asked = np.argsort(likeness, axis=1)  # sought in order they are found three times as fast
        sought = np.take_along_axis(likeness, asked, axis=1)
        for i in range(len(block)):
            left = below[i, np.searchsorted(ranked[i], sought[i] - _SAME, side="left")]
            right = below[i, np.searchsorted(ranked[i], sought[i] + _SAME, side="right")]
            out[start + i, asked[i]] = (left + right) / (2 * below[i, -1]) if below[i, -1] > 0 else 1.0
    return out


#: Two cosines this close are equal: products of the same vectors differ by as much.
_SAME = 1e-6


def quality(passage: str, good_length: float) -> float:
    """Return how well a passage reads, from 0 to 1: whole sentences of `good_length` read best."""
    length = min(1.0, len(passage) / good_length)
    return (0.5 + 0.5 * length) * (1.0 if complete(passage) else 0.85)


def near_identical(passages: Passages) -> np.ndarray:
    """Return bool [passages, passages]: which say the same, in words or in meaning; each with itself."""
    bags = _bags(passages.texts)
    size = np.diff(np.asarray(bags.indptr))
    shared = (bags @ bags.T).toarray()
    same = shared > SAME_WORDS * np.maximum(1, np.minimum(size[:, None], size[None]))
    same |= (passages.vectors @ passages.vectors.T) >= SAME_MEANING
    np.fill_diagonal(same, True)
    return same


def _bags(texts: Sequence[str]) -> sparse.csr_matrix:
    """Which words stand in each text (int32 [texts, words])."""
    bags = [words(text) for text in texts]
    number: dict[str, int] = {}
    column = [number.setdefault(word, len(number)) for bag in bags for word in bag]
    offsets = np.cumsum([0, *map(len, bags)])
    return sparse.csr_matrix((np.ones(len(column), np.int32), column, offsets), (len(bags), len(number)))


def _apart(bags: sparse.csr_matrix, one: int) -> np.ndarray:
    """Whether each text shares few enough words with text number `one`."""
    size = np.diff(np.asarray(bags.indptr))
    shared = (bags @ bags[one].T).toarray().ravel()
    return shared <= SAME_WORDS * np.maximum(1, np.minimum(size, size[one]))
