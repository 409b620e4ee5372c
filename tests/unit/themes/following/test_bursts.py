"""What stands out against the rhythm of the week is told; what does not is not."""

import datetime as dt

import numpy as np
import pytest

from veche.packs.model import CalendarRules
from veche.packs.rules.calendars import Calendar
from veche.themes.following import Cells, alerts
from veche.themes.following.bursts import FALSE_SHARE

MONDAY = dt.date(2025, 9, 1)
WEEK = np.array([1.3, 1.2, 1.1, 1.0, 0.9, 0.4, 0.3])
WHATS, WHERES = [f"t{i:03d}" for i in range(20)], [f"r{i}" for i in range(10)]


def weekends(day):
    return day.weekday() < 5


def appeals(random, *, days=70, daily=4.0, start=MONDAY, extra=None, weight=None):
    """Poisson appeals by cell and day; `extra` are (what, where, day of the period, how many)."""
    first = (start - dt.date(1970, 1, 1)).days
    weight = WEEK[np.arange(days) % 7] if weight is None else weight
    counts = random.poisson(daily * weight, (len(WHATS), len(WHERES), days))
    for what, where, day, many in extra or ():
        counts[what, where, day] += many
    what, where, day = np.nonzero(counts)
    times = counts[what, where, day]
    what, where, day = (np.repeat(a, times) for a in (what, where, day))
    return Cells(day + first, what.astype(np.int32), where.astype(np.int32), WHATS, WHERES)


def test_a_burst_is_told_with_theme_place_and_beginning():
    cells = appeals(np.random.default_rng(1), extra=[(4, 7, day, 14) for day in (67, 68, 69)])
    first = alerts(cells, is_working=weekends)[0]
    assert (first.what, first.where) == ("t004", "r7")
    assert first.since in {MONDAY + dt.timedelta(days=d) for d in (66, 67, 68)}
    assert first.until == MONDAY + dt.timedelta(days=69)
    assert first.seen > 2 * first.expected
    assert first.chance < 1e-4


def test_a_usual_monday_is_no_burst():
    cells = appeals(np.random.default_rng(2), days=71)  # the last day is a Monday, after a quiet Sunday
    assert alerts(cells, is_working=weekends) == []


def test_quiet_streams_hardly_ever_raise_an_alarm():
    alarms = sum(bool(alerts(appeals(np.random.default_rng(s)), is_working=weekends)) for s in range(60))
    assert alarms <= max(3, 60 * 3 * FALSE_SHARE)


def test_the_first_day_after_a_holiday_is_no_burst():
    calendar = Calendar(CalendarRules(country="RU"))
    start = dt.date(2025, 11, 3)
    days = [start + dt.timedelta(days=i) for i in range(71)]  # to 12 January, the first working day
    weight = np.array([1.2 if calendar.is_working(d) else 0.3 for d in days])
    cells = appeals(np.random.default_rng(3), days=71, start=start, weight=weight)
    assert alerts(cells, is_working=calendar.is_working) == []


def test_a_drop_is_no_burst():
    weight = np.ones(70)
    weight[-7:] = 0.1
    assert alerts(appeals(np.random.default_rng(4), weight=weight), is_working=weekends) == []


def test_too_few_days_before_give_no_alert():
    cells = appeals(np.random.default_rng(5), days=10, extra=[(4, 7, 9, 500)])
    assert alerts(cells, is_working=weekends) == []


def test_no_appeals_give_no_alert():
    none = np.zeros(0, np.int64)
    assert (
        alerts(Cells(none, none.astype(np.int32), none.astype(np.int32), [], []), is_working=weekends) == []
    )


def test_days_after_the_end_are_not_looked_at():
    cells = appeals(np.random.default_rng(6), extra=[(4, 7, 69, 90)])
    before = alerts(cells, is_working=weekends, until=MONDAY + dt.timedelta(days=68))
    assert before == []


def test_appeals_without_a_place_count_for_their_theme():
    cells = appeals(np.random.default_rng(7), extra=[(4, 7, 69, 120)])
    nowhere = Cells(cells.day, cells.what, np.full_like(cells.where, -1), WHATS, WHERES)
    assert [(a.what, a.where) for a in alerts(nowhere, is_working=weekends)][:1] == [("t004", None)]


@pytest.mark.parametrize("spread", [1.0, 9.0])
def test_a_restless_theme_needs_more_to_stand_out(spread):
    random = np.random.default_rng(8)
    days, daily = 70, 40.0
    counts = (
        random.negative_binomial(daily / spread, 1 / (1 + spread), days)
        if spread > 1
        else random.poisson(daily, days)
    )
    counts[-1] = 85
    first = (MONDAY - dt.date(1970, 1, 1)).days
    day = np.repeat(np.arange(days) + first, counts)
    zeros = np.zeros(len(day), np.int32)
    found = alerts(Cells(day, zeros, zeros - 1, ["t001"], []), is_working=weekends)
    assert bool(found) == (spread == 1.0)
