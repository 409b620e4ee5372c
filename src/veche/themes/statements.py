"""Which statements of a conversation with votes are quoted: every opinion group finds one it agrees with.

Where people voted on each other's statements, their votes say who is represented, not the likeness of
words. A group is heard by a statement that most of its voters support; an approval election with many
winners (budgeted maximum coverage; Skowron, Faliszewski and Lang 2016, "Finding a collective set of
items"). Opinion groups come from elsewhere.
"""

import math

import numpy as np

from veche.core.errors import UsageError
from veche.core.i18n import _

#: A statement speaks for a group that it is supported in by this share of those who voted there.
SUPPORT = 0.6

#: A group of this share of the participants must be heard.
LARGE_GROUP = 0.1

#: A statement sets a group apart where every other large group supports it by less than this share.
_NOT_SHARED = 0.5

#: Votes of a group on a statement before its support there is believed, as a share of the group and at least.
_VOTED_SHARE, _VOTED_LEAST = 0.1, 5

#: Standard deviations by which support is taken lower than counted: few votes could have gone otherwise.
_CAUTION = 1.0


def choose_statements(votes: np.ndarray, groups: np.ndarray, k: int) -> list[int]:
    """Return the columns of at most `k` statements, the most telling first.

    `votes` float [participants, statements] holds 1 for agreement, -1 for disagreement, 0 for a pass and
    NaN where a participant was not asked. `groups` int [participants] is the opinion group, -1 for none.

    First every group of at least `LARGE_GROUP` of the participants gets a statement that it supports,
    one statement for several groups where there is one: as few as a greedy cover finds (with two groups
    never more than needed). Then each large group gets the statement that sets it apart: supported there
    and by less than half of every other large group, if there is one. The rest go to the participants who
    are heard least: each counts
    1, 1/2, 1/3 ... for the statements that he or she agreed with (proportional approval voting, Thiele
    1895), a monotone submodular sum, so that taking the best next one reaches at least 1 - 1/e of the
    best (Nemhauser, Wolsey and Fisher 1978).

    Raises:
        UsageError: `groups` does not hold one number per participant.
    """
    if votes.ndim != 2 or groups.shape != votes.shape[:1]:
        raise UsageError(problem=_("There must be one opinion group for each participant who voted."))
    agreed = votes == 1
    support, large = cautious_support(votes, groups)
    chosen: list[int] = []
    open_groups = set(large.tolist())
    apart = _apart(support, large)
    n_heard = np.zeros(len(votes))
    while len(chosen) < min(k, votes.shape[1]):
        worth = (1.0 / (1.0 + n_heard)) @ agreed
        free = np.ones(votes.shape[1], bool)
        free[chosen] = False
        hears = support[sorted(open_groups)] >= SUPPORT if open_groups else np.zeros((0, len(free)), bool)
        reach = np.where(free, hears.sum(axis=0), -1)
        if reach.max(initial=-1) > 0:
            best = int(np.where(reach == reach.max(), worth + 1, 0).argmax())
        elif apart:
            open_groups.clear()
            best = apart.pop(0)
            if not free[best]:
                continue
        else:
            open_groups.clear()
            best = int(np.where(free, worth, -1.0).argmax())
        chosen.append(best)
        open_groups -= {g for g in open_groups if support[g, best] >= SUPPORT}
        n_heard += agreed[:, best]
    return chosen


def _apart(support: np.ndarray, large: np.ndarray) -> list[int]:
    """For each large group, the statement that it supports most beyond all others who mostly do not."""
    found = []
    for group in large.tolist():
        elsewhere = support[[g for g in large.tolist() if g != group]].max(axis=0, initial=0)
        own = (support[group] >= SUPPORT) & (elsewhere < _NOT_SHARED)
        if own.any():
            found.append(int(np.where(own, support[group] - elsewhere, -1.0).argmax()))
    return found


def groups_heard(votes: np.ndarray, groups: np.ndarray, chosen: list[int]) -> dict[int, bool]:
    """Return, for each group of at least `LARGE_GROUP` of the participants, whether one of the `chosen`
    statements is supported by `SUPPORT` of those in it who voted on it."""
    heard = {}
    for group in _large(groups).tolist():
        own = votes[groups == group]
        asked = np.isfinite(own).sum(axis=0)
        share = (own == 1).sum(axis=0) / np.maximum(asked, 1)
        heard[group] = any(asked[i] > 0 and share[i] >= SUPPORT for i in chosen)
    return heard


def cautious_support(votes: np.ndarray, groups: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return float64 [groups, statements], the support of each group for each statement, and the numbers
    of the large groups.

    The support is the lower bound of a one-deviation Wilson interval (1927), 0 where too few voted; where
    a group has no statement above `SUPPORT` even so, its counted support stands.
    """
    n_groups = int(groups.max(initial=-1)) + 1
    support = np.zeros((n_groups, votes.shape[1]))
    for group in range(n_groups):
        own = votes[groups == group]
        asked = np.isfinite(own).sum(axis=0).astype(float)
        counted = (own == 1).sum(axis=0) / np.maximum(asked, 1)
        enough = asked >= max(_VOTED_LEAST, math.ceil(_VOTED_SHARE * len(own)))
        low = np.where(enough, _wilson(counted, asked), 0.0)
        support[group] = low if low.max(initial=0) >= SUPPORT else np.where(asked > 0, counted, 0.0)
    return support, _large(groups)


def _large(groups: np.ndarray) -> np.ndarray:
    size = np.bincount(groups[groups >= 0])
    return np.flatnonzero(size >= LARGE_GROUP * len(groups))


def _wilson(share: np.ndarray, asked: np.ndarray) -> np.ndarray:
    z2 = _CAUTION**2
    n = np.maximum(asked, 1)
    middle = share + z2 / (2 * n)
    spread = _CAUTION * np.sqrt(share * (1 - share) / n + z2 / (4 * n**2))
    return (middle - spread) / (1 + z2 / n)
