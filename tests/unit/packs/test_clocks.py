"""Deadlines worked out by hand, with the law or the calendar that they follow."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from veche.packs import load_pack
from veche.packs.rules.calendars import Calendar
from veche.packs.rules.clocks import clocks_for, clocks_in_doubt, due, extended
from veche.packs.rules.model import CalendarRules, Clock

MOSCOW = "Europe/Moscow"
RUSSIA = Calendar(CalendarRules(country="RU"))
US = Calendar(CalendarRules(country="US", subdivision="MA"))


def clock(length: int, unit: str, **more: object) -> Clock:
    plain = Clock(
        code="c", title={}, starts="registered", length=length, unit=unit, legal="law", source="source"
    )
    return replace(plain, **more)  # pyright: ignore[reportArgumentType]


def local(
    year: int, month: int, day: int, hour: int = 12, minute: int = 0, *, zone: str = MOSCOW
) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=ZoneInfo(zone))


def last_day(found: datetime, zone: str = MOSCOW) -> date:
    """The local day that `found` is the last microsecond of."""
    assert found.tzinfo is UTC
    day = found.astimezone(ZoneInfo(zone)).date()
    assert (found + timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date() > day
    return day


@pytest.mark.parametrize(
    ("clock", "start", "end"),
    [
        # 59-FZ, art. 12 (1): 30 days from registration; registration on Monday 12 January 2026.
        (clock(30, "calendar_day"), local(2026, 1, 12), date(2026, 2, 11)),
        # 59-FZ, art. 8 (3): forwarded within seven days of registration.
        (clock(7, "calendar_day"), local(2026, 1, 12), date(2026, 1, 19)),
        # 59-FZ, art. 8 (2): registered within three days of receipt; received on Friday 30 January.
        (clock(3, "calendar_day"), local(2026, 1, 30), date(2026, 2, 2)),
        # The day itself counts.
        (clock(30, "calendar_day", first_day="same"), local(2026, 1, 12), date(2026, 2, 10)),
        (clock(1, "calendar_day", first_day="same"), local(2026, 1, 12), date(2026, 1, 12)),
        (clock(0, "calendar_day"), local(2026, 1, 12), date(2026, 1, 12)),
        (clock(0, "calendar_day", first_day="same"), local(2026, 1, 12), date(2026, 1, 12)),
        # 7 + 14 = 21 February 2026 is a Saturday, Monday the 23rd a holiday.
        (clock(14, "calendar_day", day_off="none"), local(2026, 2, 7), date(2026, 2, 21)),
        (clock(14, "calendar_day", day_off="next"), local(2026, 2, 7), date(2026, 2, 24)),
        (clock(14, "calendar_day", day_off="previous"), local(2026, 2, 7), date(2026, 2, 20)),
        # Nothing ends before it began: 3 January 2026, with no working day since 30 December.
        (clock(1, "calendar_day", day_off="previous"), local(2026, 1, 3), date(2026, 1, 3)),
        # Working days over the long holidays of January, and over a Saturday that is worked.
        (clock(1, "working_day"), local(2025, 12, 30), date(2026, 1, 12)),
        (clock(3, "working_day"), local(2025, 10, 30), date(2025, 11, 5)),
        (clock(3, "working_day", first_day="same"), local(2025, 10, 30), date(2025, 11, 1)),
        (clock(1, "working_day", first_day="same"), local(2026, 1, 3), date(2026, 1, 12)),
        # Months: the same number, else the last day of the month.
        (clock(1, "month"), local(2026, 1, 12), date(2026, 2, 12)),
        (clock(1, "month"), local(2026, 1, 31), date(2026, 2, 28)),
        (clock(1, "month"), local(2024, 1, 31), date(2024, 2, 29)),
        (clock(1, "month"), local(2026, 2, 28), date(2026, 3, 28)),
        (clock(3, "month"), local(2025, 11, 30), date(2026, 2, 28)),
        (clock(12, "month"), local(2025, 12, 31), date(2026, 12, 31)),
        (clock(1, "month", day_off="next"), local(2026, 1, 7), date(2026, 2, 9)),
        (clock(1, "month", first_day="same"), local(2026, 1, 12), date(2026, 2, 11)),
    ],
)
def test_a_clock_ends_with_its_last_day(clock: Clock, start: datetime, end: date) -> None:
    assert last_day(due(clock, start, calendar=RUSSIA, timezone=MOSCOW)) == end


def test_the_day_of_the_start_is_the_local_one() -> None:
    late = datetime(2026, 1, 11, 22, 30, tzinfo=UTC)  # 01:30 on the 12th in Moscow, 08:30 in Vladivostok
    found = due(clock(30, "calendar_day"), late, calendar=RUSSIA, timezone=MOSCOW)
    assert found == datetime(2026, 2, 11, 20, 59, 59, 999999, tzinfo=UTC)
    east = due(clock(30, "calendar_day"), late, calendar=RUSSIA, timezone="Asia/Vladivostok")
    assert east == datetime(2026, 2, 11, 13, 59, 59, 999999, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        (local(2026, 1, 12, 21, 15), 4, local(2026, 1, 13, 1, 15)),
        # Boston sets its clocks forward at 02:00 on 8 March 2026 and back at 02:00 on 1 November.
        (local(2026, 3, 7, 20, zone="America/New_York"), 8, local(2026, 3, 8, 5, zone="America/New_York")),
        (local(2026, 10, 31, 20, zone="America/New_York"), 8, local(2026, 11, 1, 3, zone="America/New_York")),
    ],
)
def test_hours_are_exact_over_midnight_and_changes_of_the_clock(
    start: datetime, hours: int, end: datetime
) -> None:
    found = due(clock(hours, "hour"), start, calendar=US, timezone=str(start.tzinfo))
    assert found == end
    assert found - start.astimezone(UTC) == timedelta(hours=hours)


def test_hours_that_end_on_a_day_off_may_move_to_a_working_day() -> None:
    friday = local(2026, 1, 16, 18)
    assert due(clock(8, "hour"), friday, calendar=RUSSIA, timezone=MOSCOW) == local(2026, 1, 17, 2)
    moved = due(clock(8, "hour", day_off="next"), friday, calendar=RUSSIA, timezone=MOSCOW)
    assert last_day(moved) == date(2026, 1, 19)


@pytest.mark.parametrize(
    ("zone", "start", "end"),
    [
        ("America/New_York", local(2026, 3, 5, zone="America/New_York"), date(2026, 3, 8)),
        ("America/New_York", local(2026, 10, 29, zone="America/New_York"), date(2026, 11, 1)),
        # Cuba changes its clocks at midnight: 8 March 2026 begins at 01:00.
        ("America/Havana", local(2026, 3, 4, zone="America/Havana"), date(2026, 3, 7)),
        # Greenland's 28 March 2026 ends an hour early.
        ("America/Nuuk", local(2026, 3, 25, zone="America/Nuuk"), date(2026, 3, 28)),
        ("America/Nuuk", local(2026, 10, 21, zone="America/Nuuk"), date(2026, 10, 24)),
    ],
)
def test_a_day_that_is_longer_or_shorter_ends_at_its_own_midnight(
    zone: str, start: datetime, end: date
) -> None:
    found = due(clock(3, "calendar_day"), start, calendar=US, timezone=zone)
    assert last_day(found, zone) == end


def test_an_extension_is_counted_from_the_end() -> None:
    consideration = clock(30, "calendar_day", extension=30)
    end = due(consideration, local(2026, 1, 12), calendar=RUSSIA, timezone=MOSCOW)
    longest = extended(consideration, end, calendar=RUSSIA, timezone=MOSCOW)
    assert last_day(longest) == date(2026, 3, 13)
    some = extended(consideration, end, calendar=RUSSIA, timezone=MOSCOW, by=10)
    assert last_day(some) == date(2026, 2, 21)
    working = replace(consideration, extension=2, extension_unit="working_day")
    assert last_day(extended(working, end, calendar=RUSSIA, timezone=MOSCOW)) == date(2026, 2, 13)
    hours = replace(consideration, extension=2, extension_unit="hour")
    assert extended(hours, end, calendar=RUSSIA, timezone=MOSCOW) == end + timedelta(hours=2)


@pytest.mark.parametrize(("extension", "by"), [(0, None), (30, 31), (30, 0), (30, -1)])
def test_a_clock_is_not_extended_by_more_than_the_law_allows(extension: int, by: int | None) -> None:
    with pytest.raises(ValueError, match="extended"):
        extended(
            clock(30, "calendar_day", extension=extension),
            datetime(2026, 2, 11, tzinfo=UTC),
            calendar=RUSSIA,
            timezone=MOSCOW,
            by=by,
        )


def test_a_start_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        due(clock(1, "hour"), datetime(2026, 1, 12), calendar=RUSSIA, timezone=MOSCOW)


def test_clocks_run_while_they_are_in_force_and_their_condition_holds(ruled: Path) -> None:
    pack = load_pack(str(ruled))
    day = date(2026, 1, 12)
    assert [c.code for c in clocks_for(pack, {"kind": "complaint"}, day)] == ["consideration"]
    assert clocks_for(pack, {"kind": "spam"}, day) == []
    assert clocks_for(pack, {"kind": "complaint"}, date(2006, 11, 1)) == []
    assert [c.code for c in clocks_for(pack, {"kind": "complaint"}, date(2006, 11, 2))] == ["consideration"]
    assert clocks_for(pack, {}, day) == []
    assert [c.code for c in clocks_in_doubt(pack, {}, day)] == ["consideration"]
    assert clocks_in_doubt(pack, {"kind": "spam"}, day) == []


ZONES = st.sampled_from([MOSCOW, "America/New_York", "America/Havana", "Asia/Kathmandu", "Pacific/Apia"])
CLOCKS = st.builds(
    lambda length, unit, first_day, day_off: clock(length, unit, first_day=first_day, day_off=day_off),
    st.integers(0, 40),
    st.sampled_from(["hour", "calendar_day", "working_day", "month"]),
    st.sampled_from(["same", "next"]),
    st.sampled_from(["none", "next"]),
)
INSTANTS = st.datetimes(datetime(2012, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC))


@settings(deadline=None)
@given(CLOCKS, INSTANTS, ZONES)
def test_no_clock_ends_before_it_begins_and_a_longer_one_never_sooner(
    clock: Clock, start: datetime, zone: str
) -> None:
    end = due(clock, start, calendar=RUSSIA, timezone=zone)
    longer = due(replace(clock, length=clock.length + 1), start, calendar=RUSSIA, timezone=zone)
    assert start <= end
    if clock.unit == "hour" and clock.day_off == "next":
        # Hours that end on a day off run to the end of the next working day; one hour more may end that
        # day's first minute.
        assert end.astimezone(ZoneInfo(zone)).date() <= longer.astimezone(ZoneInfo(zone)).date()
    else:
        assert end <= longer
    if clock.day_off == "next" and end > start + timedelta(days=60):
        assert RUSSIA.is_working(end.astimezone(ZoneInfo(zone)).date())
