"""Which labels are said of an appeal: the most likely one, or in a multi facet all that are likely enough.

One threshold for all labels does better on appeals that were not seen than one for each: those of rare
labels rest on a handful of appeals (decision 9). The chances must be calibrated for each label.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from veche.learn.examples import Labels

#: Where people gave at least this share of appeals a label, the most likely label is said of every appeal.
_NEARLY_ALL = 0.98

_TRIED = np.linspace(0.1, 0.7, 61)


@dataclass(frozen=True)
class Saying:
    """`multi`: labels with a chance above `threshold` are said, and with `at_least_one` the most likely in
    any case. Not multi: the most likely alone."""

    multi: bool
    threshold: float
    at_least_one: bool

    def said(self, chances: np.ndarray) -> np.ndarray:
        """Return what is said, bool [n, c], of chances float [n, c]."""
        out = (chances > self.threshold) if self.multi else np.zeros(chances.shape, bool)
        if (self.at_least_one or not self.multi) and chances.size:
            out[np.arange(len(chances)), chances.argmax(axis=1)] = True
        return out

    def settings(self) -> dict[str, Any]:
        """Return what is to be stored, as JSON."""
        return asdict(self)

    @staticmethod
    def of(settings: Mapping[str, Any]) -> "Saying":
        """Return what was stored; KeyError or TypeError if it is none."""
        return Saying(bool(settings["multi"]), float(settings["threshold"]), bool(settings["at_least_one"]))


def learn_saying(chances: np.ndarray, labels: Labels) -> Saying:
    """Return the rule that agrees best (micro F1) with people on the known rows; `chances` out of fold."""
    if not labels.set.multi:
        return Saying(multi=False, threshold=0.0, at_least_one=True)
    truth = labels.given[np.flatnonzero(labels.known)].toarray().astype(bool)
    seen = chances[labels.known]
    labelled = truth.any(axis=1).mean() if len(truth) else 0.0
    at_least_one = bool(labelled >= _NEARLY_ALL)
    rules = [Saying(multi=True, threshold=float(t), at_least_one=at_least_one) for t in _TRIED]
    agreement = [_micro_f1(rule.said(seen), truth) for rule in rules]
    return rules[int(np.argmax(agreement))]


def _micro_f1(said: np.ndarray, truth: np.ndarray) -> float:
    return 2 * float((said & truth).sum()) / max(float(said.sum() + truth.sum()), 1.0)
