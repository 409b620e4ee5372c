"""Working calendars: which days are worked, and arithmetic over them.

Public holidays come from the `holidays` package, moved days from it and from the pack. The package is
loaded only where a calendar is asked for.
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from veche.packs.model import Pack
from veche.packs.rules.model import CalendarRules

if TYPE_CHECKING:
    from holidays import HolidayBase

#: The furthest a count of working days goes: a clock longer than this is a mistake.
_MOST_YEARS = 100

#: A code of ISO 3166-1.
_COUNTRY = re.compile("[A-Z]{2}")


@lru_cache(maxsize=64)
def supported(country: str, subdivision: str = "") -> bool:
    """Whether the `holidays` package knows the country, and the part of it where one is named."""
    import holidays

    # The package takes any name in its module for a country; its list of countries takes half a second.
    if not _COUNTRY.fullmatch(country):
        return False
    try:
        holidays.country_holidays(country, subdiv=subdivision or None)
    except NotImplementedError:
        return False
    return True


def calendar_of(pack: Pack) -> "Calendar":
    """Return the calendar of `pack`; without rules of its own only Saturdays and Sundays are off."""
    return Calendar(pack.calendar or CalendarRules(country=""))


class Calendar:
    """Which days are worked by `rules`. Each year is worked out once; equal rules give equal answers."""

    def __init__(self, rules: CalendarRules) -> None:
        self.rules = rules
        self._years: dict[int, frozenset[date]] = {}

    @property
    def checked(self) -> str:
        """The day on which a person compared the pack's rules with their source, "" for not yet."""
        return self.rules.checked

    @property
    def known_until(self) -> int | None:
        """The last year whose moved days are known; None where the country moves none by decree.

        Later years have their public holidays, but a government may still move days off in them.
        """
        own = {*self.rules.days_off, *self.rules.working_days, *self.rules.moved_from}
        years = [*_decreed_years(self.rules.country), *(day.year for day in own)]
        return max(years, default=None)

    def is_working(self, day: date) -> bool:
        """Whether `day` is worked."""
        worked = self._years.get(day.year)
        if worked is None:
            worked = self._years[day.year] = _working_days(self.rules, day.year)
        return day in worked

    def add_working_days(self, start: date, n: int) -> date:
        """Return the `n`-th working day after `start` (before it for a negative `n`); `start` for none.

        Raises:
            OverflowError: the day would lie beyond a century.
        """
        step, left, day = timedelta(days=1 if n > 0 else -1), abs(n), start
        while left:
            day += step
            left -= self.is_working(day)
            if abs(day.year - start.year) > _MOST_YEARS:
                raise OverflowError("more working days than a century has")
        return day

    def next_working(self, day: date) -> date:
        """Return `day` itself where it is worked, else the first working day after it."""
        return day if self.is_working(day) else self.add_working_days(day, 1)

    def previous_working(self, day: date) -> date:
        """Return `day` itself where it is worked, else the last working day before it."""
        return day if self.is_working(day) else self.add_working_days(day, -1)

    def working_days_between(self, start: date, end: date) -> int:
        """Return how many working days come after `start` up to and with `end`; negative backwards."""
        if end < start:
            return -self.working_days_between(end, start)
        days = (start + timedelta(days=i) for i in range(1, (end - start).days + 1))
        return sum(map(self.is_working, days))


def _working_days(rules: CalendarRules, year: int) -> frozenset[date]:
    public, weekend_worked = _of_package(rules.country, rules.subdivision, year)
    # A day off that was moved away from a public holiday leaves that holiday off: Russia's decrees move the
    # weekend that falls together with the holiday, not the holiday itself.
    worked = (weekend_worked | (rules.moved_from - public) | rules.working_days) - rules.days_off.keys()
    first, days = date(year, 1, 1), (date(year, 12, 31) - date(year, 1, 1)).days + 1
    return frozenset(
        day
        for day in (first + timedelta(days=i) for i in range(days))
        if day in worked or not (day.weekday() in rules.weekend or day in public or day in rules.days_off)
    )


@lru_cache(maxsize=256)
def _of_package(country: str, subdivision: str, year: int) -> tuple[frozenset[date], frozenset[date]]:
    """Return public holidays with the days off moved to, and the weekend days that are worked instead."""
    if not country:
        return frozenset(), frozenset()
    found = _holidays(country, subdivision, years=year)
    return frozenset(day for day in found if day.year == year), frozenset(found.weekend_workdays)


@lru_cache(maxsize=64)
def _decreed_years(country: str) -> frozenset[int]:
    """Return the years for which the package knows days that the government moved."""
    if not country:
        return frozenset()
    found = _holidays(country, "", years=None)
    special: Mapping[int, object] = getattr(found, "special_public_holidays", {})
    return frozenset(special) if found.has_substituted_holidays else frozenset()


def _holidays(country: str, subdivision: str, *, years: int | None) -> "HolidayBase":
    import holidays

    if not supported(country, subdivision):
        raise ValueError(f"no holidays of {country} {subdivision}".rstrip())
    return holidays.country_holidays(country, subdiv=subdivision or None, years=years)
