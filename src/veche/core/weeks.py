"""The last week against a usual one before it: the change that tables show beside a count.

It describes and claims nothing: what comes more often than chance explains is told by
`veche.themes.following.bursts`.
"""

from dataclasses import dataclass

import numpy as np

#: The days that count as the last week, and the weeks before that make a usual one.
RECENT_DAYS = 7
WEEKS_BEFORE = 4
_LEAST_WEEKS = 2

#: Below so many appeals in the last and a usual week together, no change is shown.
_LEAST_COUNTED = 10

#: The weeks before are usual ones only with this share of what the whole period makes likely: many
#: sources are filled in batches, with weeks of nothing between them.
_LEAST_USUAL = 0.1


@dataclass(frozen=True)
class LastWeek:
    """How many came in the last week (`recent`), and in an average week before (`usual`)."""

    recent: int
    usual: float

    @property
    def change(self) -> float | None:
        """The relative change, 0.5 for half as many again; None where there was nothing before."""
        return self.recent / self.usual - 1 if self.usual else None

    @property
    def is_counted(self) -> bool:
        """Whether there are enough appeals for a change to mean anything."""
        return self.recent + self.usual >= _LEAST_COUNTED


def weeks_before(by_day: np.ndarray) -> int:
    """Return how many whole weeks there are to compare the last one with; 0 where too few or too empty.

    `by_day` counts all appeals by local day, without gaps, up to the last day.
    """
    weeks = min((len(by_day) - RECENT_DAYS) // 7, WEEKS_BEFORE)
    if weeks < _LEAST_WEEKS:
        return 0
    before = by_day[-RECENT_DAYS - 7 * weeks : -RECENT_DAYS]
    return weeks if before.mean() >= _LEAST_USUAL * by_day.mean() else 0


def last_week(ages: np.ndarray, *, weeks: int, counts: np.ndarray | None = None) -> LastWeek:
    """Return the last week of appeals against the `weeks` (at least 1) before.

    `ages` int64: days before the last day of all appeals; `counts` int64: how many each stands for, one if
    None.
    """
    week = ages // RECENT_DAYS
    many = np.ones(len(ages), np.int64) if counts is None else counts
    before = int(many[(week >= 1) & (week <= weeks)].sum())
    return LastWeek(int(many[week == 0].sum()), before / weeks)
