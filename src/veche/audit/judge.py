"""From scores to an audit: what differs from chance, for whom, and who is left out.

A group counts as left out if a random sample would treat it so badly by chance in at most one audit of
twenty, all groups of the audit taken together (the distribution of the worst group under random samples;
Westfall and Young 1993, "Resampling-based multiple testing"). So a hundred small groups give no false
alarm by their number.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from veche.audit.measure import Scores

#: Chance of naming any group wrongly in one audit.
ALPHA = 0.05

#: A group of this share of the voices must not be worse off than under the median random sample.
LARGE_GROUP = 0.02

#: What holds more than this share of the voices is no group beside others: it is nearly everybody.
NEARLY_ALL = 0.9

#: The overall mark to reach: this part of the random samples must do no better.
PERCENTILE = 0.95


@dataclass(frozen=True)
class Compared:
    """One measure of one set of voices beside the same under random samples.

    `median` is that of the random samples; `difference` is the digest's value minus theirs, in the mean,
    with the interval `low` to `high` that holds it for 95 % of them; `beats` is the share of random
    samples that do no better than the digest (half of those that do equally well).
    """

    value: float
    median: float
    difference: float
    low: float
    high: float
    beats: float


@dataclass(frozen=True)
class Group:
    """How one group of `size` voices fares; `share` is of all voices. `chance` is how often the worst-off
    group of a random sample looks as bad as this one; `left_out` where that is rarer than
    `ALPHA` and the group is not nearly everybody."""

    dimension: str
    value: str
    size: int
    share: float
    standing: Compared
    heard: Compared
    worse_off: float
    chance: float
    left_out: bool

    @property
    def below_median(self) -> bool:
        """Whether it fares worse than under half of the random samples."""
        return self.standing.value < self.standing.median - _ROUNDING


@dataclass(frozen=True)
class Audit:
    """The audit of one digest.

    `k` is how many different quotations it has, `quoted` how many of them could be compared. `voices` is
    how many were measured, `of_voices` out of how many, `silent` how many of those measured had nothing
    in their text to compare. `standing` is the mean share of other voices less like a voice than its best
    quotation; `heard` the share of voices with a quotation among the n / k nearest to them; `worse_off`
    the share worse represented than under the median random sample (half is what chance gives).
    `measuring_error` is the half width of the 95 % interval that comes from measuring a part of the voices.
    """

    k: int
    quoted: int
    voices: int
    of_voices: int
    silent: int
    samples: int
    standing: Compared
    heard: Compared
    worse_off: Compared
    measuring_error: float
    groups: list[Group]

    @property
    def passes_overall(self) -> bool:
        """Whether the digest is at least as good as the random samples' 95th percentile."""
        return self.standing.beats >= PERCENTILE

    @property
    def failing_groups(self) -> list[Group]:
        """The large groups that fare worse than under the median random sample."""
        return [g for g in self.groups if g.share >= LARGE_GROUP and g.below_median]

    @property
    def left_out(self) -> list[Group]:
        """The groups that are left out, the largest first."""
        return sorted((g for g in self.groups if g.left_out), key=lambda g: (-g.size, g.dimension, g.value))

    def to_json(self) -> dict[str, Any]:
        """Return the audit as plain values."""
        return {
            **_rounded(asdict(self)),
            "passes_overall": self.passes_overall,
            "failing_groups": [[g.dimension, g.value] for g in self.failing_groups],
            "left_out": [[g.dimension, g.value] for g in self.left_out],
        }


def judge(scores: Scores, *, k: int, quoted: int, of_voices: int, n_voices: int) -> Audit:
    """Return the audit that `scores` amount to; `n_voices` were measured out of `of_voices`."""
    chance = _chances(scores)
    total = max(1, int(scores.size[0]))
    groups = [
        Group(
            dimension=dimension,
            value=value,
            size=int(scores.size[i]),
            share=float(scores.size[i] / total),
            standing=_compared(scores.digest[i], scores.drawn[i]),
            heard=_compared(scores.heard[i], scores.drawn_heard[i]),
            worse_off=float(scores.worse[i]),
            chance=float(chance[i]),
            left_out=bool(chance[i] <= ALPHA and scores.size[i] <= NEARLY_ALL * total),
        )
        for i, (dimension, value) in enumerate(scores.groups, start=1)
        if scores.size[i]
    ]
    part = 1 - n_voices / max(n_voices, of_voices)
    return Audit(
        k=k,
        quoted=quoted,
        voices=n_voices,
        of_voices=of_voices,
        silent=n_voices - int(scores.size[0]),
        samples=scores.drawn.shape[1],
        standing=_compared(scores.digest[0], scores.drawn[0]),
        heard=_compared(scores.heard[0], scores.drawn_heard[0]),
        worse_off=_compared(scores.worse[0], scores.drawn_worse[0]),
        measuring_error=float(1.96 * scores.gap_error[0] * np.sqrt(part)),
        groups=groups,
    )


#: Means over the same numbers in another order differ by as much.
_ROUNDING = 1e-9


def _compared(value: float, drawn: np.ndarray) -> Compared:
    below = float((drawn < value - _ROUNDING).mean() + (drawn <= value + _ROUNDING).mean()) / 2
    low, high = value - np.quantile(drawn, [0.975, 0.025])
    return Compared(
        value=float(value),
        median=float(np.median(drawn)),
        difference=float(value - drawn.mean()),
        low=float(low),
        high=float(high),
        beats=below,
    )


def _chances(scores: Scores) -> np.ndarray:
    """Per row, how often the worst group of a random sample is as far below its own mean as this one.

    Far is counted in standard deviations under random samples. Row 0, everybody, is not a group.
    """
    known = scores.size > 0
    known[0] = False
    chance = np.ones(len(known))
    if known.any():
        drawn = scores.drawn[known]
        mean = drawn.mean(axis=1)
        spread = np.maximum(drawn.std(axis=1), _ROUNDING)
        worst = ((drawn - mean[:, None]) / spread[:, None]).min(axis=0)
        own = (scores.digest[known] - mean) / spread
        chance[known] = (1 + (worst[None] <= own[:, None]).sum(axis=1)) / (1 + len(worst))
    return chance


def _rounded(value: Any) -> Any:
    """Plain values with numbers cut to 6 decimals: finer is noise."""
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, dict):
        return {k: _rounded(v) for k, v in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_rounded(v) for v in value]
    return value
