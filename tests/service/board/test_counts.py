"""The live picture: every number is that of the database, and leads to its appeals."""

from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import QueryDict

TODAY = date(2026, 11, 22)


@pytest.fixture(autouse=True)
def today(monkeypatch, installed):  # noqa: ARG001
    """Let it be one day."""
    from django.utils import timezone

    monkeypatch.setattr(timezone, "localdate", lambda *_args: TODAY)


@pytest.fixture
def picture(cast):
    """Make the picture of an address as a person sees it, within `acting` of them until the test ends."""
    from contextlib import ExitStack

    from veche.service.accounts.acting import acting

    with ExitStack() as stack:

        def make(address="", name="editor"):
            from veche.service.board.counts import picture_of
            from veche.service.search.filters import Filters

            user = getattr(cast.people, name)
            stack.close()
            stack.enter_context(acting(user))
            return picture_of(user, Filters.read(QueryDict(address), user))

        yield make


def several(n, **row):
    return [row] * n


def test_every_number_leads_to_its_appeals(cast, filled, picture):
    from veche.service.board.counts import DIMENSIONS
    from veche.service.board.scopes import cube_of
    from veche.service.search.filters import Filters

    filled(
        *several(3, day="2026-11-02", topic="roads.potholes", territory="ru/ru-16", groups=["age:65+"]),
        *several(2, day="2026-11-20", topic="roads", territory="ru/ru-16/ru-16-000-001", urgency="life"),
        *several(4, day="2026-10-01", language="tt", body="water@ru-16", topic_confidence=0.4),
        *several(2, state="received"),
        {"state": "aside"},
    )
    shown = picture("kind=complaint")
    rows = [shown.total, *(row for key in DIMENSIONS for row in shown.rows(key)), *shown.points("day")]
    rows += [*shown.points("week"), shown.waiting, shown.aside]
    user = cast.people.editor
    cube = cube_of(user)
    for row in rows:
        found = Filters.read(QueryDict(urlsplit(row.url).query), user)
        assert not found.errors
        assert cube.rows(found).sum() == row.n, row
    assert (shown.total.n, shown.waiting.n, shown.aside.n) == (9, 2, 1)


@pytest.mark.parametrize(
    "address",
    [
        "topic=roads.potholes",
        "topic=roads.potholes&topic=roads.signs&topic=water",
        "territory=ru/ru-16/ru-16-000-001",
        "territory=ru-16-000-001&territory=ru-54",
        "group=age:65%2B",
    ],
)
def test_in_a_narrowed_picture_too_a_number_leads_to_what_it_counts(cast, filled, picture, address):
    from veche.service.board.counts import DIMENSIONS
    from veche.service.board.scopes import cube_of
    from veche.service.search.filters import Filters

    both = ["age:65+", "status:pensioner"]
    filled(
        *several(
            3, day="2026-11-02", topic="roads.potholes", territory="ru/ru-16/ru-16-000-001", groups=both
        ),
        *several(2, day="2026-11-02", topic="roads.signs", territory="ru/ru-54", groups=["age:65+"]),
        *several(4, day="2026-11-02", topic="roads.potholes", territory="ru/ru-16", groups=both[1:]),
        *several(5, day="2026-11-02", topic="water", territory="ru/ru-01"),
        *several(6, day="2026-11-02", topic="roads"),
    )
    rows = [row for key in DIMENSIONS for row in picture(address).rows(key)]
    user = cast.people.editor
    cube = cube_of(user)
    nowhere = [row for row in rows if not row.url]
    for row in (row for row in rows if row.url):
        assert cube.rows(Filters.read(QueryDict(urlsplit(row.url).query), user)).sum() == row.n, row
    pensioners_of_65 = [("group", "status:pensioner")] if "group" in address else []
    assert [(row.key, row.value) for row in nowhere] == pensioners_of_65


def test_a_tree_stands_in_order_and_counts_what_lies_below(filled, picture):
    filled(
        *several(2, day="2026-11-02", topic="roads.potholes"),
        *several(3, day="2026-11-02", topic="roads.signs"),
        *several(4, day="2026-11-02", topic="water"),
        {"day": "2026-11-02"},
    )
    rows = [(row.value, row.n, row.depth, row.parent) for row in picture().rows("topic")]
    assert rows == [
        ("roads", 5, 0, ""),
        ("roads.signs", 3, 1, "roads"),
        ("roads.potholes", 2, 1, "roads"),
        ("water", 4, 0, ""),
        ("-", 1, 0, ""),
    ]


def test_rates_are_told_where_the_inhabitants_are_counted(filled, picture):
    from veche.packs import load_pack

    code = "ru-01-000-001"
    filled(*several(5, day="2026-11-02", territory=f"ru/ru-01/{code}"))
    rows = {row.value: row for row in picture().rows("territory")}
    people = load_pack("ru").territories[code].population
    assert rows[code].per_10000 == pytest.approx(50_000 / people)
    assert rows["ru-01"].population is None
    assert rows["ru-01"].per_10000 is None


def test_a_line_has_no_gaps_and_goes_on_to_today(filled, picture):
    filled(*several(2, day="2026-11-02"), *several(1, day="2026-11-05"))
    line = picture().line()
    assert line.step == "day"
    assert line.starts == [date(2026, 11, 2) + timedelta(days=i) for i in range(21)]
    assert line.counts == [2, 0, 0, 1] + [0] * 17
    weeks = picture().line("week")
    assert (weeks.starts[0], weeks.counts) == (date(2026, 11, 2), [3, 0, 0])
    assert picture("until=2026-11-04").line().counts == [2, 0, 0]
    assert picture("topic=nothing").line() is None


def test_the_last_week_that_is_over_is_told_against_usual_ones(filled, picture):
    last = TODAY - timedelta(days=1)
    before = [
        {"day": (last - timedelta(days=7 * week + 1)).isoformat(), "topic": "water"} for week in range(1, 5)
    ]
    filled(
        *before * 5,
        *several(20, day=last.isoformat(), topic="water"),
        *several(50, day=TODAY.isoformat(), topic="water"),
    )
    [water] = [row for row in picture().rows("topic") if row.value == "water"]
    assert (water.change.recent, water.change.usual) == (20, 5)


def test_a_burst_is_told_with_the_way_to_it(filled, picture):
    last = TODAY - timedelta(days=1)
    usual = [{"day": (last - timedelta(days=i)).isoformat(), "topic": "water"} for i in range(60)]
    other = [{"day": (last - timedelta(days=i)).isoformat(), "topic": "roads"} for i in range(60)]
    filled(*usual, *other * 10, *several(60, day=last.isoformat(), topic="water"))
    [burst] = [b for b in picture().bursts if (b.key, b.value) == ("topic", "water")]
    assert burst.alert.until == last
    assert burst.alert.seen >= 60
    assert parse_qs(urlsplit(burst.url).query)["topic"] == ["water"]
    assert picture("topic=roads").bursts == []


def test_an_address_with_a_mistake_counts_nothing(filled, picture):
    filled({"day": "2026-11-02"})
    shown = picture("since=yesterday")
    assert (shown.total.n, shown.rows("topic"), shown.bursts, shown.line()) == (0, [], [], None)
    assert shown.filters.errors


def test_what_was_lent_is_listed_and_not_counted(cast, filled, picture, as_owner):
    from datetime import UTC, datetime

    from veche.service.accounts.models import Delegation

    [lent] = filled({"day": "2026-11-02"})
    filled({"day": "2026-11-02"}, to="other")
    with as_owner():
        Delegation.objects.create(
            tenant=cast.tenants.region,
            to_tenant=cast.tenants.other,
            appeal_id=lent,
            valid_from=datetime(2020, 1, 1, tzinfo=UTC),
        )
    total = picture(name="stranger").total
    assert (total.n, total.url) == (1, "/appeals/?tenant=other&state=counted")
