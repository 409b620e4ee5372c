"""Which passages speak for all the people of a run, whoever judges: none of its groups worse than by lot.

That a passage is near to what a person wrote is one encoder's word: of those that it counts among the
nearest, another reader would miss half. So a passage speaks for a person with a chance that falls with
the share of other people's texts between them, and a person is covered by several passages as by
independent witnesses, 1 - (1 - p)(1 - q)... (El-Arini, Veda, Shahaf and Guestrin 2009, "Turning down the
noise in the blogosphere"). One passage that seems perfect does not end the care for a person.

How well everybody and each group (a theme, a territory, a language, a channel, a kind of writer) is covered
is counted in standard deviations from passages drawn by lot; a group counts the more the less it is above
them (a smooth form of the truncated sums of Krause, McMahan, Guestrin and Gupta 2008, "Robust submodular
observation selection"). Concave functions of monotone submodular ones, and their sum, are monotone and
submodular, so taking the best next passage reaches at least 63 % of the best value; then passages are
exchanged as long as the value grows, so it is never less. Seats of themes hold throughout.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from veche.themes.quotations import Passages, People, near_identical, quality, standing

#: The chance that a passage speaks for a person is one half where this many of n/k texts, of n people and
#: k passages, lie between them; odds fall as the inverse of their number. Within a theme they are half as
#: much again, across themes a fifth less: compared with an encoder that knows nothing of the one here,
#: on patients' comments and proposals of citizens, odds fell so (a half between 0.2 and 0.5).
NEAR = 0.3
WITHIN, ACROSS = 1.5, 0.8

#: Groups below this share of the people are left to chance, those above `_NEARLY_ALL` are everybody.
LEAST_GROUP = 0.015
_NEARLY_ALL = 0.95

#: Standard deviations above the mean by lot from which a group counts less and less.
MARGIN = 1.0

#: What a passage that reads best is worth against one of the worst, in standard deviations of everybody.
READING = 3.0

_SAMPLES = 100
_SWEEPS = 3
_CLOSEST = 1e-4
_SURE = 0.999


def cover(
    passages: Passages,
    people: People,
    dimensions: Sequence[np.ndarray],
    seats: np.ndarray,
    *,
    count: int,
    good_length: float,
) -> list[int]:
    """Return the numbers of at most `count` passages, the most telling first.

    `dimensions` are ways to tell people apart, each int [texts of the people] with -1 for not known;
    `seats` int64 [groups of the passages] are the passages that each group must have, where it has so many.
    """
    if not len(passages.texts) or count <= 0 or not len(people.weight):
        return []
    chance = _chances(passages, people, count)
    members = _members(people, dimensions)
    lots = _by_lot(chance, members, _drawn_like(passages, people), count)
    reading = READING * np.array([quality(text, good_length) for text in passages.texts])
    aim = _Aim(chance, members, lots.mean(axis=0), np.maximum(lots.std(axis=0), _CLOSEST), reading)
    same = near_identical(passages)
    chosen = _greedy(aim, same, passages.group, seats, count)
    for _ in range(_SWEEPS):
        if not _exchange(aim, same, passages.group, seats, chosen):
            break
    return [chosen[i] for i in _order(aim, chosen)]


@dataclass(frozen=True)
class _Aim:
    """`chance` float32 [people, passages]; `members` float32 [groups, people], rows of sum 1, the first
    everybody; mean and spread [groups] by lot; what each passage is worth to read."""

    chance: np.ndarray
    members: np.ndarray
    mean: np.ndarray
    spread: np.ndarray
    reading: np.ndarray

    def missed(self, chosen: Sequence[int]) -> np.ndarray:
        """The chance that none of `chosen` speaks for a person (float32 [people])."""
        return np.prod(1 - self.chance[:, list(chosen)], axis=1)

    def with_each(self, missed: np.ndarray) -> np.ndarray:
        """The value with each passage on top of those that leave `missed`, without their reading."""
        covered = 1 - self.members @ missed
        added = (self.members * missed) @ self.chance
        return self._value(covered[:, None] + added) + self.reading

    def of(self, chosen: Sequence[int]) -> float:
        """The value of a choice."""
        covered = 1 - self.members @ self.missed(chosen)
        return float(self._value(covered[:, None])[0] + self.reading[list(chosen)].sum())

    def _value(self, covered: np.ndarray) -> np.ndarray:
        above = (covered - self.mean[:, None]) / self.spread[:, None]
        return above[0] - np.logaddexp(0, MARGIN - above[1:]).sum(axis=0)


def _chances(passages: Passages, people: People, count: int) -> np.ndarray:
    further = np.maximum(1 - standing(people, passages.vectors), _CLOSEST)
    odds = (NEAR / count) / further
    odds *= np.where(people.group[:, None] == passages.group[None], WITHIN, ACROSS)
    return np.minimum(odds / (1 + odds), _SURE).astype(np.float32)


def _members(people: People, dimensions: Sequence[np.ndarray]) -> np.ndarray:
    share = people.weight / people.weight.sum()
    rows = [share]
    for code in dimensions:
        for group in np.unique(code[code >= 0]).tolist():
            own = share * (code == group)
            size = float(own.sum())
            if LEAST_GROUP <= size <= _NEARLY_ALL:
                rows.append(own / size)
    return np.array(rows, np.float32)


def _drawn_like(passages: Passages, people: People) -> np.ndarray:
    """The chance of each passage to be drawn by lot, so that its group has as many as its people have."""
    n_groups = int(max(passages.group.max(), people.group.max())) + 1
    of_people = np.bincount(people.group + 1, weights=people.weight, minlength=n_groups + 1)
    of_passages = np.bincount(passages.group + 1, minlength=n_groups + 1)
    chance = of_people[passages.group + 1] / of_passages[passages.group + 1]
    return chance / chance.sum() if chance.any() else np.full(len(chance), 1 / len(chance))


def _by_lot(chance: np.ndarray, members: np.ndarray, weight: np.ndarray, count: int) -> np.ndarray:
    """How well each group is covered by each of `_SAMPLES` random choices (float64 [samples, groups])."""
    draw = np.random.default_rng(0)
    size = min(count, int((weight > 0).sum()))
    picks = [draw.choice(len(weight), size, replace=False, p=weight) for _ in range(_SAMPLES)]
    return np.array([1 - members @ np.prod(1 - chance[:, pick], axis=1) for pick in picks], np.float64)


def _greedy(aim: _Aim, same: np.ndarray, group: np.ndarray, seats: np.ndarray, count: int) -> list[int]:
    chosen: list[int] = []
    allowed = np.ones(len(group), bool)
    missed = np.ones(len(aim.chance), np.float32)
    while len(chosen) < count and allowed.any():
        empty = np.maximum(seats - np.bincount(group[chosen], minlength=len(seats)), 0)
        can = allowed
        if empty.sum() >= count - len(chosen):
            seated = allowed & (empty[group] > 0)
            can = seated if seated.any() else allowed
        best = int(np.where(can, aim.with_each(missed), -np.inf).argmax())
        chosen.append(best)
        missed *= 1 - aim.chance[:, best]
        allowed &= ~same[best]
        allowed[best] = False
    return chosen


def _exchange(aim: _Aim, same: np.ndarray, group: np.ndarray, seats: np.ndarray, chosen: list[int]) -> bool:
    """Put a better passage in the place of each of `chosen`, if there is one; return whether any changed."""
    changed = False
    now = aim.of(chosen)
    for place in range(len(chosen)):
        rest = [*chosen[:place], *chosen[place + 1 :]]
        own = group[chosen[place]]
        can = np.asarray(~same[rest].any(axis=0))
        can[rest] = False
        if np.count_nonzero(group[rest] == own) < seats[own]:
            can &= group == own
        value = aim.with_each(aim.missed(rest)) + aim.reading[rest].sum()
        best = int(np.where(can, value, -np.inf).argmax())
        if value[best] > now + _GAIN:
            chosen[place], now, changed = best, float(value[best]), True
    return changed


#: A smaller gain is rounding.
_GAIN = 1e-4


def _order(aim: _Aim, chosen: Sequence[int]) -> list[int]:
    """The places of `chosen`, each the best after those before it."""
    left = list(range(len(chosen)))
    order: list[int] = []
    missed = np.ones(len(aim.chance), np.float32)
    while left:
        value = aim.with_each(missed)
        best = max(left, key=lambda place: (value[chosen[place]], -place))
        order.append(best)
        left.remove(best)
        missed *= 1 - aim.chance[:, chosen[best]]
    return order
