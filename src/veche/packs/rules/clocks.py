"""Legal deadlines: which clocks run, and when they end.

A day is a local day of the place; instants are UTC. A deadline in days or months ends with its last day,
so its instant is the last microsecond of that day: shown in local time, it has the right date.
"""

import calendar as months
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from veche.packs.model import Pack
from veche.packs.rules.calendars import Calendar
from veche.packs.rules.conditions import evaluate
from veche.packs.rules.dates import valid_on
from veche.packs.rules.model import Clock, Facts


@dataclass(frozen=True)
class Term:
    """So much time of one unit, and where an end on a day off moves ("none", "next" or "previous")."""

    length: int
    unit: str
    day_off: str = "none"


def clocks_for(pack: Pack, facts: Facts, day: date) -> list[Clock]:
    """Return the clocks that are in force on `day` and whose condition holds, in the order of the file."""
    return [clock for clock, holds in _in_force(pack, facts, day) if holds]


def clocks_in_doubt(pack: Pack, facts: Facts, day: date) -> list[Clock]:
    """Return the clocks in force on `day` of which it is unknown whether they are for these facts."""
    return [clock for clock, holds in _in_force(pack, facts, day) if holds is None]


def _in_force(pack: Pack, facts: Facts, day: date) -> Iterator[tuple[Clock, bool | None]]:
    for clock in pack.clocks.values():
        if valid_on(clock, day):
            yield clock, clock.when is None or evaluate(clock.when, facts, pack=pack).value


def due(clock: Clock, start: datetime, *, calendar: Calendar, timezone: str) -> datetime:
    """Return when `clock` ends that its event started at `start`, as an instant in UTC.

    Hours are exact. Days and months end with the last day in `timezone`; with `first_day` "same" they are
    counted from the day before. A month ends on the day of the same number, or on the last day of a month
    that has no such day (Civil Code of the Russian Federation, art. 192 (3)).

    Raises:
        ValueError: `start` has no time zone.
    """
    term = Term(clock.length, clock.unit, clock.day_off)
    return _end(term, start, same=clock.first_day == "same", calendar=calendar, timezone=timezone)


def extended(
    clock: Clock, due_at: datetime, *, calendar: Calendar, timezone: str, by: int | None = None
) -> datetime:
    """Return when `clock` ends once it is extended: `by` units of its extension after `due_at`, or all of it.

    Raises:
        ValueError: the clock cannot be extended by so much; `due_at` has no time zone.
    """
    length = clock.extension if by is None else by
    if not 0 < length <= clock.extension:
        raise ValueError(f"clock {clock.code} is extended by 1 to {clock.extension}, not by {length}")
    term = Term(length, clock.extension_unit, clock.day_off)
    return _end(term, due_at, same=False, calendar=calendar, timezone=timezone)


def _end(term: Term, start: datetime, *, same: bool, calendar: Calendar, timezone: str) -> datetime:
    if start.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    zone = ZoneInfo(timezone)
    if term.unit == "hour":
        end = start.astimezone(UTC) + timedelta(hours=term.length)
        local = end.astimezone(zone)
        moved = _moved(local.date(), term.day_off, calendar)
        return end if moved == local.date() else _end_of(moved, zone)
    first = start.astimezone(zone).date()
    base = first - timedelta(days=1) if same else first
    # A term of no days ends with the day on which it began; an end is never moved before that.
    last = max(_moved(max(_plus(base, term, calendar), first), term.day_off, calendar), first)
    return _end_of(last, zone)


def _plus(day: date, term: Term, calendar: Calendar) -> date:
    if term.unit == "working_day":
        return calendar.add_working_days(day, term.length)
    if term.unit == "month":
        return _plus_months(day, term.length)
    return day + timedelta(days=term.length)


def _plus_months(day: date, n: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    return date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))


def _moved(day: date, day_off: str, calendar: Calendar) -> date:
    if day_off == "next":
        return calendar.next_working(day)
    return calendar.previous_working(day) if day_off == "previous" else day


def _end_of(day: date, zone: ZoneInfo) -> datetime:
    # From the next midnight backwards: the last hour of a day may be missing or come twice.
    midnight = datetime.combine(day + timedelta(days=1), time.min, zone)
    return midnight.astimezone(UTC) - timedelta(microseconds=1)
