"""Pairs of labels that are most often mixed up, and what a person can do about each."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from veche.learn.evaluate.judged import Judged

#: What helps: examples of the rarer label, a rule that parts the two (or one label for both), or a look
#: through the appeals, as their labels may be wrong.
MORE_EXAMPLES, RULE, LOOK = "more_examples", "rule", "look"

#: Pairs that are listed.
_MOST_PAIRS = 20

#: A label with fewer examples is hardly learnt.
_FEW = 20

#: Mixed up both ways when the rarer way has at least such a share.
_BOTH_WAYS = 0.25


@dataclass(frozen=True)
class Pair:
    """Labels `a` and `b` (numbers), how many appeals of `a` were said to be `b` and the other way, how many
    appeals have each, and what may help."""

    a: int
    b: int
    a_said_b: int
    b_said_a: int
    a_given: int
    b_given: int
    remedy: str


def confusions(tested: Judged) -> list[Pair]:
    """Return the pairs that are mixed up most often; in a multi facet a label that is missing is mixed up
    with each that was said and not given."""
    truth = sparse.csr_matrix(tested.labels.given, dtype=np.int32)
    said = sparse.csr_matrix(tested.said, dtype=np.int32)
    hits = truth.multiply(said)
    missed = sparse.csr_matrix(truth != hits, dtype=np.int32)
    wrong = sparse.csr_matrix(said != hits, dtype=np.int32)
    mixed = sparse.csr_matrix(missed.T @ wrong)
    both = sparse.triu(mixed + mixed.T, k=1).tocoo()
    given = np.asarray(truth.sum(axis=0)).ravel()
    order = np.lexsort((both.col, both.row, np.negative(both.data)))[:_MOST_PAIRS]
    made = []
    for at in order.tolist():
        a, b = int(both.row[at]), int(both.col[at])
        if mixed[a, b] < mixed[b, a]:
            a, b = b, a
        one, other = int(mixed[a, b]), int(mixed[b, a])
        if one + other < 2:
            continue
        remedy = _remedy(one, other, int(given[a]), int(given[b]))
        made.append(Pair(a, b, one, other, int(given[a]), int(given[b]), remedy))
    return made


def _remedy(a_said_b: int, b_said_a: int, a_given: int, b_given: int) -> str:
    if min(a_given, b_given) < _FEW:
        return MORE_EXAMPLES
    if b_said_a >= _BOTH_WAYS * a_said_b:
        return RULE
    return LOOK
