"""Counts that describe each theme: when, where, in which languages, under which topic, and what is new.

Everything is counted over appeals, copies included; only `distinct` leaves copies out.
"""

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from veche.core import weeks
from veche.themes.discovery import Discovery
from veche.themes.material import Codes, Material

#: A theme lies under a topic of the pack if more than this share of its appeals do.
TOPIC_SHARE = 0.5

#: A theme is new if it has this many dated appeals and all but a few of them (5 %) came after three
#: quarters of all other dated appeals had come. With 20 appeals spread like the others, chance makes
#: a theme look new less than once in 10^9 times.
NEW_LEAST = 20
NEW_AFTER = 0.75
NEW_STRAYS = 0.05

#: Line of time: by day up to so many days, by week (from Monday) up to so many, else by month.
BY_DAY_UP_TO = 120
BY_WEEK_UP_TO = 3 * 366

#: So many places are listed.
MOST_PLACES = 10

_DAY_US = 86_400_000_000


@dataclass(frozen=True)
class ThemeFacts:
    """What is known of one theme or subtheme (see the module). Dates are local days of the pack's zone.

    `trend` has the steps with an appeal in them, by their first day. `change` is that of
    `veche.core.weeks`, None where too few to tell.
    """

    size: int
    distinct: int
    share: float
    topic: str | None
    topic_share: float | None
    first_seen: dt.date | None
    last_seen: dt.date | None
    trend: list[tuple[dt.date, int]]
    change: float | None
    is_new: bool
    languages: list[tuple[str, int]]
    places: list[tuple[str, int]]


class Counter:
    """Counts facts of sets of appeals; holds a local day and a place in time per appeal."""

    def __init__(self, material: Material, *, timezone: str) -> None:
        self._material = material
        self._day = _local_days(material.received, timezone)
        dated = np.flatnonzero(self._day > _NO_DAY)
        self._before = np.full(len(material), -1)
        order = dated[np.argsort(material.received[dated], kind="stable")]
        # Equal instants share a place, so that a file with dates alone is not ranked by its rows.
        instants = material.received[order]
        self._before[order] = np.searchsorted(instants, instants)
        self._dated = len(order)
        self._first = int(self._day[dated].min()) if len(dated) else 0
        self._last = int(self._day[dated].max()) if len(dated) else 0
        self._weeks = weeks.weeks_before(np.bincount(self._day[dated] - self._first))
        self.unit, self._bucket_starts = _buckets(self._first, self._last)

    def facts(self, appeals: np.ndarray) -> ThemeFacts:
        """Return the facts of `appeals` (row numbers)."""
        m = self._material
        days = self._day[appeals]
        days = days[days > _NO_DAY]
        topics = _counts(m.facets["topic"], appeals, most=1)
        topic_share = topics[0][1] / len(appeals) if topics and len(appeals) else 0.0
        under = topic_share > TOPIC_SHARE
        return ThemeFacts(
            size=len(appeals),
            distinct=int(m.original[appeals].sum()),
            share=len(appeals) / max(1, len(m)),
            topic=topics[0][0] if under else None,
            topic_share=topic_share if under else None,
            first_seen=_date(days.min()) if len(days) else None,
            last_seen=_date(days.max()) if len(days) else None,
            trend=self._trend(days),
            change=self._change(days),
            is_new=self._is_new(appeals),
            languages=_counts(m.facets["language"], appeals),
            places=_counts(m.facets["place"], appeals, most=MOST_PLACES),
        )

    def _trend(self, days: np.ndarray) -> list[tuple[dt.date, int]]:
        if len(days) == 0:
            return []
        starts = self._bucket_starts
        counts = np.bincount(np.searchsorted(starts, days, side="right") - 1, minlength=len(starts))
        return [(_date(starts[i]), int(counts[i])) for i in np.flatnonzero(counts)]

    def _change(self, days: np.ndarray) -> float | None:
        if not self._weeks:
            return None
        week = weeks.last_week(self._last - days, weeks=self._weeks)
        return week.change if week.is_counted else None

    def _is_new(self, appeals: np.ndarray) -> bool:
        before = np.sort(self._before[appeals])
        before = before[before >= 0]
        others = self._dated - len(before)
        if len(before) < NEW_LEAST or others == 0:
            return False
        strays = int(NEW_STRAYS * len(before))
        others_before = before[strays] - np.searchsorted(before, before[strays])
        return bool(others_before / others >= NEW_AFTER)


def members(discovery: Discovery) -> list[np.ndarray]:
    """Return the appeals of each theme (sorted row numbers), in the order of the themes."""
    order = np.argsort(discovery.theme, kind="stable")
    cuts = np.searchsorted(discovery.theme[order], np.arange(discovery.n_themes + 1))
    return [order[a:b] for a, b in pairwise(cuts)]


_NO_DAY = -(1 << 40)


def _local_days(received: np.ndarray, timezone: str) -> np.ndarray:
    """Days since 1970 in the zone; `_NO_DAY` where the time is unknown."""
    if len(received) == 0:
        return np.zeros(0, np.int64)
    unknown = received == Material.NO_TIME
    instants = pa.array(np.where(unknown, 0, received)).cast(pa.timestamp("us", timezone or "UTC"))
    local = pc.call_function("local_timestamp", [instants]).cast(pa.int64()).to_numpy()
    return np.where(unknown, _NO_DAY, local // _DAY_US)


def _buckets(first: int, last: int) -> tuple[str, np.ndarray]:
    """The unit of the line of time and the first day of each of its steps."""
    if last - first < BY_DAY_UP_TO:
        return "day", np.arange(first, last + 1)
    if last - first < BY_WEEK_UP_TO:
        return "week", np.arange(first - _date(first).weekday(), last + 1, 7)
    begin = _date(first)
    months = np.arange(
        np.datetime64(f"{begin.year:04d}-{begin.month:02d}", "M"), np.datetime64(_date(last), "M") + 1
    )
    return "month", months.astype("datetime64[D]").astype(np.int64)


def _date(day: int | np.integer) -> dt.date:
    return dt.date(1970, 1, 1) + dt.timedelta(days=int(day))


def _counts(codes: Codes, appeals: np.ndarray, *, most: int | None = None) -> list[tuple[str, int]]:
    """Values and how often they stand there, the most frequent first, equal ones by value."""
    code = codes.code[appeals]
    count = np.bincount(code[code >= 0], minlength=len(codes.values))
    found = sorted(
        ((codes.values[i], int(count[i])) for i in np.flatnonzero(count)), key=lambda c: (-c[1], c[0])
    )
    return found[:most]


def local_instant(received: int, timezone: str) -> str | None:
    """Return an instant (microseconds since 1970) as ISO 8601 with the zone's offset, None if unknown."""
    if received == Material.NO_TIME:
        return None
    instant = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=received)
    return instant.astimezone(ZoneInfo(timezone or "UTC")).isoformat(timespec="seconds")
