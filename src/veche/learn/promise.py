"""The promise: of what is decided without a person, at least such a share is right.

An appeal is decided alone where the chance of its first label reaches a threshold. Which thresholds keep the
promise is tested on appeals that the model had not seen, from few to many decided appeals, until one fails;
the last that passed holds (fixed sequence testing as in "Learn then Test": Angelopoulos, Bates, Candès,
Jordan, Lei 2021). A threshold passes where so few were wrong that, if the promise were broken, fewer than
one history in twenty (`confidence` 0.95) would look so good:

- in the long run, by the exact binomial tail (Clopper and Pearson 1934);
- in the next appeals, a quarter as many as those tested, by the hypergeometric tail, which is exact for
  appeals drawn from the same stream (Thatcher 1964): what comes next has luck of its own.

The promise is for all labels together; where groups of labels are told apart, those with enough examples have
a threshold of their own. A label that is clearly worse than the rest goes to people. Copies are one
observation. It is assumed that later appeals come from the same stream, and that the final head, which saw
all examples, is no worse than the heads out of fold, which saw four fifths of them.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import binom, hypergeom

from veche.core.i18n import _
from veche.learn.model import Seen

#: A group of labels with so many distinct appeals has a threshold of its own.
LEAST_EXAMPLES = 500

#: The next appeals for which the promise is to hold, as a share of those tested.
AHEAD = 0.25

#: Testing begins with the surest such share of the appeals, and again with the second should the first fail;
#: each has its share of the risk.
_BEGINNINGS = ((0.25, 0.75), (0.6, 0.25))

#: Nothing can be promised from fewer appeals.
_FEWEST = 80

#: Thresholds that are tried: one for each so many steps from none to all appeals.
_STEPS = 100

#: A label goes to people where it is wrong more than so many times as often as promised, bar such luck.
_WORSE, _CLEARLY = 2.0, 0.01


@dataclass(frozen=True)
class Promise:
    """What may be decided without a person.

    `threshold` is the common one, `thresholds` (float64, by number of label) what holds for each label, of
    which the last stands for all beyond; infinite where people decide. `coverage` is the share of what the
    model said about its own history, out of fold, that it would have decided alone; `achieved` the share of
    that which was right (copies as one; 1 where there is none), `tested` from how many distinct appeals.
    """

    precision: float
    confidence: float
    threshold: float
    thresholds: np.ndarray
    coverage: float
    achieved: float
    tested: int

    @property
    def held(self) -> bool:
        """False where there are too few examples, or too poor ones: then nothing is decided alone."""
        return bool(np.isfinite(self.thresholds).any())

    def decides(self, chance: np.ndarray, label: np.ndarray) -> np.ndarray:
        """Return bool [n]: whether `label` (int [n]) with `chance` (float32 [n]) is decided alone."""
        place = np.minimum(np.asarray(label, np.int64), len(self.thresholds) - 1)
        return np.asarray(chance, np.float32) >= self.thresholds[place]

    def told(self) -> str:
        """Return what is promised, in a sentence for people."""
        if not self.held:
            return _("So much cannot be promised from these examples: people decide everything.")
        return _(
            "With {confidence} confidence at least {precision} of what is decided without a person is right: "
            "{coverage} of the appeals; the others go to people."
        ).format(
            confidence=_percent(self.confidence),
            precision=_percent(self.precision),
            coverage=_percent(np.floor(self.coverage * 1000) / 1000),
        )


def _percent(share: float) -> str:
    return f"{100 * share:.6g} %"


def keep_promise(
    seen: Seen,
    *,
    precision: float,
    confidence: float = 0.95,
    groups: np.ndarray | None = None,
    ahead: float = AHEAD,
) -> Promise:
    """Return the lowest thresholds under which `precision` (0 to 1) can be promised with `confidence`.

    `groups` (int64 [c]) says which labels share a threshold where they have `LEAST_EXAMPLES` distinct appeals
    together, -1 for the common one; without it all share one. `ahead` is how many appeals are
    to be decided next, as a share of those seen. A higher precision never has a lower threshold, and the
    order of the rows changes nothing.

    Raises:
        ValueError: precision or confidence is not between 0 and 1.
    """
    if not (0 < precision < 1 and 0 < confidence < 1):
        raise ValueError("precision and confidence lie between 0 and 1")
    n_labels = int(seen.label.max(initial=-1)) + 1
    group_of = np.full(n_labels, -1) if groups is None else np.asarray(groups, np.int64)[:n_labels]
    group = group_of[seen.label] if len(seen.label) else np.zeros(0, np.int64)
    own = [int(g) for g in np.unique(group[group >= 0]) if _distinct(seen, group == g) >= LEAST_EXAMPLES]
    rule = (precision, 1 - confidence, ahead)
    common = _rows(seen, ~np.isin(group, own))
    threshold = _lowest(common, *rule)
    thresholds = np.full(n_labels + 1, threshold)
    for g in own:
        thresholds[:-1][group_of == g] = _lowest(_rows(seen, group == g), *rule)
    _leave_the_worst(common, thresholds, precision)
    return _promise(seen, thresholds, precision, confidence)


def _promise(seen: Seen, thresholds: np.ndarray, precision: float, confidence: float) -> Promise:
    decided = seen.chance >= thresholds[seen.label]
    alone = _rows(seen, decided)
    counts, wrong = _counted(alone)
    total = float(counts[-1]) if len(counts) else 0.0
    return Promise(
        precision=precision,
        confidence=confidence,
        threshold=float(thresholds[-1]),
        thresholds=thresholds,
        coverage=float(decided.mean()) if len(decided) else 0.0,
        achieved=1.0 - float(wrong[-1]) / total if total else 1.0,
        tested=int(total),
    )


def _rows(seen: Seen, kept: np.ndarray) -> Seen:
    """Return the rows that are kept, the surest first; ties in an order that follows from what they are."""
    rows = np.flatnonzero(kept)
    order = np.lexsort((seen.right[rows], seen.label[rows], seen.copies[rows], -seen.chance[rows]))
    at = rows[order]
    return Seen(seen.chance[at], seen.label[at], seen.right[at], seen.copies[at])


def _distinct(seen: Seen, kept: np.ndarray) -> int:
    return len(np.unique(seen.copies[kept]))


def _counted(rows: Seen) -> tuple[np.ndarray, np.ndarray]:
    """Return how many distinct appeals the first 1, 2, ... rows hold, and how many of them are wrong.

    Copies are one appeal, wrong by the share of its rows that are wrong.
    """
    n = len(rows.chance)
    if not n:
        return np.zeros(0, np.int64), np.zeros(0)
    order = np.argsort(rows.copies, kind="stable")
    begins = np.append(True, rows.copies[order][1:] != rows.copies[order][:-1])
    first = np.flatnonzero(begins)
    member = np.arange(n) - np.repeat(first, np.diff(np.append(first, n)))
    bad = np.cumsum(~rows.right[order])
    before = np.repeat(bad[first] - ~rows.right[order][first], np.diff(np.append(first, n)))
    share = (bad - before) / (member + 1)
    gained = np.where(begins, share, share - np.append(0, share[:-1]))
    new, wrong = np.empty(n, np.int64), np.empty(n)
    new[order], wrong[order] = begins, gained
    return np.cumsum(new), np.cumsum(wrong)


def _lowest(rows: Seen, precision: float, risk: float, ahead: float) -> float:
    """Return the lowest threshold that passes, infinite for none."""
    counts, wrong = _counted(rows)
    total = int(counts[-1]) if len(counts) else 0
    if total < _FEWEST:
        return float("inf")
    sizes = np.unique(np.ceil(np.linspace(0, total, _STEPS + 1)[1:])).astype(np.int64)
    # Rows of one chance are decided together.
    cut = rows.chance[np.searchsorted(counts, sizes)]
    last = np.searchsorted(-rows.chance, -cut, side="right") - 1
    broken = luck(counts[last], wrong[last], precision, ahead=ahead)
    passed = [
        _walk(broken, sizes >= min(total, max(_FEWEST, share * total)), risk * part)
        for share, part in _BEGINNINGS
    ]
    best = max(passed)
    return float(cut[best]) if best >= 0 else float("inf")


def _walk(broken: np.ndarray, begun: np.ndarray, risk: float) -> int:
    """Return the last of the tests that pass one after another from the first `begun`; -1 for none."""
    start = int(begun.argmax())
    passed = int(np.logical_and.accumulate(broken[start:] <= risk).sum())
    return start + passed - 1 if passed else -1


def luck(counts: np.ndarray, wrong: np.ndarray, precision: float, *, ahead: float = AHEAD) -> np.ndarray:
    """Return the chance (float64) of so few wrong among `counts` (int) though the promise is broken.

    The greater of two: that the share right in the long run is below `precision`; that it is so among the
    next `ahead` times as many, exactly for appeals in random order. Shares of `wrong` (float) are rounded up.
    """
    counts = np.asarray(counts, np.int64)
    found = np.ceil(np.asarray(wrong, np.float64) - 1e-9).astype(np.int64)
    long_run = binom.cdf(found, counts, 1 - precision)
    following = np.maximum(1, np.round(ahead * counts)).astype(np.int64)
    too_many = np.floor((1 - precision) * following + 1e-9).astype(np.int64) + 1
    soon = hypergeom.cdf(found, counts + following, np.minimum(found + too_many, counts + following), counts)
    return np.maximum(long_run, soon)


def _leave_the_worst(common: Seen, thresholds: np.ndarray, precision: float) -> None:
    """Send labels to people that are clearly worse than promised where the common threshold decides."""
    decided = _rows(common, common.chance >= thresholds[-1])
    for label in np.unique(decided.label).tolist():
        counts, wrong = _counted(_rows(decided, decided.label == label))
        worst = min(1.0, _WORSE * (1 - precision))
        if binom.sf(np.floor(wrong[-1]) - 1, counts[-1], worst) < _CLEARLY:
            thresholds[label] = np.inf
