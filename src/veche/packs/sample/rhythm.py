"""When sample appeals arrive: the rhythm of day and week, and one burst.

Row i of n stands at the quantile i/n of the whole period, so that blocks made apart are in order of time.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

#: Length of the period, in days.
DAYS = 28

#: Relative numbers per weekday from Monday, and per hour of the local day.
_WEEK = (1.15, 1.1, 1.05, 1.0, 0.95, 0.6, 0.55)
_DAY = (2, 1, 1, 1, 1, 2, 4, 7, 11, 14, 15, 15, 13, 13, 13, 12, 12, 12, 13, 14, 13, 11, 7, 4)

#: A burst as after a broadcast: day of the period, first and last hour, and how many times more.
_BURST_DAY, _BURST_HOURS, _BURST = 17, range(12, 17), 6.0

_HOUR = 3_600_000_000


class Rhythm:
    """Moments of arrival over `DAYS` days from `start` in the time zone `zone`."""

    def __init__(self, start: date, *, zone: str) -> None:
        weights = np.array([[_WEEK[(start.weekday() + d) % 7] * h for h in _DAY] for d in range(DAYS)])
        weights[_BURST_DAY, list(_BURST_HOURS)] *= _BURST
        self._edges = np.concatenate([[0.0], np.cumsum(weights.ravel()) / weights.sum()])
        local = [
            datetime.combine(start + timedelta(days=d), time(h), ZoneInfo(zone))
            for d in range(DAYS)
            for h in range(24)
        ]
        self._hours = np.array([int(moment.timestamp()) for moment in local], np.int64) * 1_000_000

    def moments(self, quantiles: np.ndarray) -> np.ndarray:
        """Return instants (int64, microseconds since 1970 UTC) for `quantiles` in [0, 1)."""
        hour = np.searchsorted(self._edges, quantiles, side="right") - 1
        hour = np.clip(hour, 0, len(self._hours) - 1)
        share = (quantiles - self._edges[hour]) / (self._edges[hour + 1] - self._edges[hour])
        return self._hours[hour] + (share * _HOUR).astype(np.int64) // 1_000_000 * 1_000_000

    def quantile(self, day: float) -> float:
        """Return the share of appeals that arrive before the beginning of `day` (0 is the first)."""
        return float(self.quantiles(np.array(day)))

    def quantiles(self, days: np.ndarray) -> np.ndarray:
        """Return the shares of appeals that arrive before `days` (with their fractions)."""
        return np.interp(days * 24, np.arange(len(self._edges)), self._edges)

    def days(self, quantiles: np.ndarray) -> np.ndarray:
        """Return the days (with their fractions) on which `quantiles` of all appeals have arrived."""
        return np.interp(quantiles, self._edges, np.arange(len(self._edges))) / 24
