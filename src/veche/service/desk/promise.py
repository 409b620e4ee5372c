"""What is decided alone: from which confidence on, and what checks by people say of it.

The threshold begins where the lists begin to say "sure", or where a model proved what it promises. Samples
are drawn at random from what was decided alone; when people find more errors in them than was promised, the
threshold rises to what the checks bear, and when they prove more than was promised it falls
(`veche.learn.promise`).
"""

from dataclasses import dataclass
from uuid import UUID

import numpy as np
from scipy.stats import binom

from veche.learn.model import Seen
from veche.learn.promise import keep_promise
from veche.service.desk.models import Promise

#: The threshold before anything was checked, and the share that is to be right.
START, PRECISION = 0.9, 0.95

#: A threshold that nothing reaches: people decide everything.
NOTHING = 2.0

#: What moves a threshold: its beginning, a model that is put in use, errors found, more that was proved.
BEGUN, MODEL, ERRORS, PROVED = "begun", "model", "errors", "proved"

#: Bar so much luck, the promise is broken.
_RISK = 0.05


@dataclass(frozen=True)
class Verdict:
    """What is to hold from now on, and why; `reason` is "" where all stays as it is."""

    threshold: float
    reason: str
    tested: int
    wrong: int


def promise_of(tenant_id: UUID, facet: str) -> Promise:
    """Return what holds for a facet of an authority now; not saved where nothing was ever moved."""
    held = Promise.objects.filter(tenant=tenant_id, facet=facet).order_by("-at", "-pk").first()
    return held or Promise(
        tenant_id=tenant_id, facet=facet, threshold=START, precision=PRECISION, reason=BEGUN
    )


def threshold_of(tenant_id: UUID, facet: str) -> float:
    """Return from which confidence on a facet is decided alone; above 1 for never."""
    return promise_of(tenant_id, facet).threshold


def judge(seen: Seen, *, threshold: float, precision: float = PRECISION) -> Verdict:
    """Return what follows from verdicts on a random sample of what was decided.

    Where the checked ones at or above `threshold` are clearly worse than `precision`, it rises: to what can
    be proved from the sample, else to the lowest one of which the sample does not speak clearly against, else
    beyond all. Where the sample proves a lower one, it falls to that.
    """
    alone = seen.chance >= threshold
    tested, wrong = _count(seen, alone)
    proved = keep_promise(seen, precision=precision).threshold
    if _broken(tested, wrong, precision):
        bearable = (
            proved if np.isfinite(proved) and proved > threshold else _bearable(seen, threshold, precision)
        )
        return Verdict(bearable, ERRORS, tested, wrong)
    if proved < threshold:
        return Verdict(float(proved), PROVED, tested, wrong)
    return Verdict(threshold, "", tested, wrong)


def _bearable(seen: Seen, threshold: float, precision: float) -> float:
    """Return the lowest threshold above the one in force that the sample does not clearly speak against."""
    for cut in np.unique(seen.chance[seen.chance > threshold]):
        if not _broken(*_count(seen, seen.chance >= cut), precision):
            return float(cut)
    return NOTHING


def _broken(tested: int, wrong: int, precision: float) -> bool:
    return tested > 0 and bool(binom.sf(wrong - 1, tested, 1 - precision) < _RISK)


def _count(seen: Seen, rows: np.ndarray) -> tuple[int, int]:
    """Return how many distinct appeals there are, and how many are wrong; copies are wrong together."""
    copies = seen.copies[rows]
    wrong = np.unique(copies[~seen.right[rows]])
    return len(np.unique(copies)), len(wrong)
