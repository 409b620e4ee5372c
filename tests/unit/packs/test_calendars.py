"""Working days of real calendars; the Russian ones by the government's decrees on moved days off."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from veche.packs import load_pack
from veche.packs.rules.calendars import Calendar, calendar_of, supported
from veche.packs.rules.model import CalendarRules

RUSSIA = Calendar(CalendarRules(country="RU"))
BOSTON = Calendar(CalendarRules(country="US", subdivision="MA"))


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2026, 1, 1), False),
        (date(2026, 1, 8), False),
        (date(2026, 1, 9), False),  # moved from Saturday 3 January, a holiday itself
        (date(2026, 1, 10), False),
        (date(2026, 1, 12), True),
        (date(2026, 2, 23), False),
        (date(2026, 3, 9), False),  # 8 March is a Sunday
        (date(2026, 12, 31), False),  # moved from Sunday 4 January
        (date(2025, 11, 1), True),  # a Saturday worked for Monday 3 November
        (date(2025, 11, 3), False),
        (date(2024, 4, 27), True),
        (date(2024, 12, 28), True),
        (date(2024, 12, 30), False),
    ],
)
def test_days_of_russia(day: date, worked: bool) -> None:
    assert RUSSIA.is_working(day) is worked


@pytest.mark.parametrize(("year", "days"), [(2024, 248), (2025, 247), (2026, 247)])
def test_a_year_of_russia_has_as_many_working_days_as_its_production_calendar(year: int, days: int) -> None:
    assert RUSSIA.working_days_between(date(year - 1, 12, 31), date(year, 12, 31)) == days


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2026, 4, 20), False),  # Patriots' Day, a holiday of Massachusetts
        (date(2026, 7, 3), True),
        (date(2026, 11, 26), False),
        (date(2026, 11, 27), True),
    ],
)
def test_days_of_boston(day: date, worked: bool) -> None:
    assert BOSTON.is_working(day) is worked


def test_the_pack_has_the_last_word() -> None:
    rules = CalendarRules(
        country="RU",
        days_off={date(2026, 2, 2): "Городской праздник", date(2026, 6, 15): ""},
        working_days=frozenset((date(2026, 2, 7), date(2026, 2, 23))),
        moved_from=frozenset((date(2026, 6, 13), date(2026, 1, 3))),
    )
    own = Calendar(rules)
    assert not own.is_working(date(2026, 2, 2))
    assert not own.is_working(date(2026, 6, 15))
    assert own.is_working(date(2026, 2, 7))
    assert own.is_working(date(2026, 2, 23))
    assert own.is_working(date(2026, 6, 13)), "a plain Saturday that a day off was moved from is worked"
    assert not own.is_working(date(2026, 1, 3)), "a holiday that a day off was moved from stays off"


def test_a_weekend_may_be_other_days() -> None:
    own = Calendar(CalendarRules(country="", weekend=frozenset((4, 5))))
    assert [own.is_working(date(2026, 6, d)) for d in (4, 5, 6, 7)] == [True, False, False, True]


def test_working_days_are_added_over_holidays() -> None:
    assert RUSSIA.add_working_days(date(2025, 12, 30), 1) == date(2026, 1, 12)
    assert RUSSIA.add_working_days(date(2026, 1, 12), -1) == date(2025, 12, 30)
    assert RUSSIA.add_working_days(date(2026, 1, 5), 0) == date(2026, 1, 5)
    assert RUSSIA.next_working(date(2026, 1, 5)) == date(2026, 1, 12)
    assert RUSSIA.previous_working(date(2026, 1, 5)) == date(2025, 12, 30)


def test_a_calendar_says_how_far_it_knows_moved_days() -> None:
    assert RUSSIA.known_until is not None
    assert RUSSIA.known_until >= 2026
    assert BOSTON.known_until is None
    later = Calendar(CalendarRules(country="RU", working_days=frozenset((date(2041, 1, 5),))))
    assert later.known_until == 2041


def test_a_calendar_is_unchecked_until_somebody_says_so() -> None:
    assert RUSSIA.checked == ""
    assert Calendar(CalendarRules(country="RU", checked="2026-01-20")).checked == "2026-01-20"


def test_countries_that_nobody_knows_are_not_supported() -> None:
    assert supported("RU")
    assert supported("US", "MA")
    assert not supported("US", "QQ")
    assert not supported("XX")
    assert not supported("list_supported_countries")
    with pytest.raises(ValueError, match="XX"):
        Calendar(CalendarRules(country="XX")).is_working(date(2026, 1, 1))


def test_a_pack_without_a_calendar_has_only_weekends_off(folder: Path) -> None:
    own = calendar_of(load_pack(str(folder)))
    assert own.is_working(date(2026, 1, 1))
    assert not own.is_working(date(2026, 1, 3))
    assert own.known_until is None


def test_the_calendar_of_a_pack_follows_its_rules(ruled: Path) -> None:
    own = calendar_of(load_pack(str(ruled)))
    assert not own.is_working(date(2026, 2, 2))
    assert own.is_working(date(2026, 2, 7))
    assert not own.is_working(date(2026, 1, 3))


def test_a_count_beyond_a_century_is_refused() -> None:
    with pytest.raises(OverflowError):
        BOSTON.add_working_days(date(2026, 1, 1), 40_000)


DAYS = st.dates(date(2015, 1, 1), date(2027, 12, 31))


@settings(deadline=None)
@given(DAYS, st.integers(-40, 40))
def test_adding_and_counting_agree(start: date, n: int) -> None:
    end = RUSSIA.add_working_days(start, n)
    if n > 0:
        assert RUSSIA.is_working(end)
        assert RUSSIA.working_days_between(start, end) == n
    if n < 0:
        assert RUSSIA.is_working(end)
        assert RUSSIA.working_days_between(end - timedelta(days=1), start - timedelta(days=1)) == -n


@settings(deadline=None)
@given(DAYS, DAYS, DAYS)
def test_counts_add_up(a: date, b: date, c: date) -> None:
    between = RUSSIA.working_days_between
    assert between(a, b) + between(b, c) == between(a, c)
