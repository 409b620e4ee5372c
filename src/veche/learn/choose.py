"""Which circumstances a head reads: those with which more appeals get their label from the others.

A season that tells nothing would only add noise, and a history need not have times or points at all.
"""

import numpy as np

from veche.learn.circumstances import GROUPS, PERIOD
from veche.learn.design import Columns, Design
from veche.learn.examples import Labels
from veche.learn.ridge import (
    RIDGE,
    Judge,
    better,
    gram,
    row_weights,
    rows_to_judge,
    solve,
    targets,
    unlike_any,
)

#: All circumstances together are read only where they are better by so many standard errors.
_ERRORS = 2.0

#: The share of the rows whose labels are foretold, the last ones, to see that the quarter does no harm.
_LATER = 0.3


def choose_circumstances(design: Design, columns: Columns, labels: Labels, n: int) -> np.ndarray:
    """Return the numbers (int64) of the traits in `columns` without the circumstances that do not help.

    The first `n` rows are appeals, the others titles. What people decided by quarter is read only where it
    does no harm to those of the last quarters, foretold from the ones before.
    """
    names = [name.partition("=")[0] for name in columns.traits]
    group = {name: np.isin(names, members) for name, members in GROUPS.items()}
    group = {name: inside for name, inside in group.items() if inside.any()}
    if not group:
        return np.arange(len(names))
    kept = _helpful(design, columns, group, labels, n) if n > 1 else []
    left_out = np.isin(names, [m for name, members in GROUPS.items() if name not in kept for m in members])
    return np.flatnonzero(~left_out)


def _helpful(
    design: Design, columns: Columns, group: dict[str, np.ndarray], labels: Labels, n: int
) -> list[str]:
    rows, judged = rows_to_judge(labels, n)
    part, held = design.take(rows), labels.take(rows)
    always = ~np.any(list(group.values()), axis=0)
    bare = part.with_traits(np.flatnonzero(always))
    plain = gram(bare, bare)
    judge = Judge(held, unlike_any(plain[:judged, :judged]))
    added = {name: _products(part, inside) for name, inside in group.items()}
    kept = [*group]
    best = judge.right(plain + sum(added.values()), RIDGE)
    if not better(best, judge.right(plain, RIDGE), errors=_ERRORS):
        return []
    for name in group:
        rest = [added[other] for other in kept if other != name]
        without = judge.right(plain + sum(rest), RIDGE)
        if without.sum() >= best.sum():
            kept.remove(name)
            best = without
    if PERIOD in kept:
        others = plain + sum((added[name] for name in kept if name != PERIOD), np.float32(0))
        if not _foretells(part, columns, others, added[PERIOD], held, judged):
            kept.remove(PERIOD)
    return kept


def _products(design: Design, inside: np.ndarray) -> np.ndarray:
    traits = design.with_traits(np.flatnonzero(inside)).traits
    return np.asarray((traits @ traits.T).todense(), np.float32)


def _foretells(
    part: Design, columns: Columns, others: np.ndarray, by_period: np.ndarray, labels: Labels, judged: int
) -> bool:
    """Return whether the last rows in time are told no worse when all are taken as of the last quarter
    before them."""
    quarter = _quarters(part, columns)
    dated = np.flatnonzero(quarter[:judged] >= 0)
    last = int(np.quantile(quarter[dated], 1 - _LATER, method="lower"))
    new = dated[quarter[dated] > last]
    old = np.setdiff1d(np.arange(len(part)), new)
    like_last = dated[quarter[dated] == last][0]
    if not len(new):
        return False
    given = labels.take(old)
    truth = np.asarray(labels.given[new].todense(), np.int64)

    def right(alike: np.ndarray, across: np.ndarray) -> np.ndarray:
        shares = solve(alike[np.ix_(old, old)], targets(given), row_weights(given), RIDGE)
        return truth[np.arange(len(new)), (across @ shares).argmax(axis=1)]

    across = others[np.ix_(new, old)]
    before = right(others, across)
    now = right(others + by_period, across + by_period[like_last, old])
    return not better(before, now, errors=1.0)


def _quarters(design: Design, columns: Columns) -> np.ndarray:
    """Return the number of each row's quarter in order of time, -1 where it is not known (int64 [n])."""
    at = [i for i, name in enumerate(columns.traits) if name.startswith(f"{PERIOD}=") and name.count("-")]
    own = design.traits[:, at].tocsr()
    out = np.full(len(design), -1, np.int64)
    rows, numbers = own.nonzero()
    out[rows] = numbers
    return out
