"""Two pictures side by side: rates, and differences that are told only where they are clear."""

from datetime import date, timedelta

import numpy as np
import pytest
from django.http import QueryDict

TODAY = date(2026, 11, 22)
DAYS = [(TODAY - timedelta(days=i)).isoformat() for i in range(28)]


@pytest.fixture
def compared(cast, installed, monkeypatch):  # noqa: ARG001
    """Compare two addresses as the editor sees them."""
    from contextlib import ExitStack

    from django.utils import timezone

    from veche.service.accounts.acting import acting

    monkeypatch.setattr(timezone, "localdate", lambda *_args: TODAY)
    with ExitStack() as stack:

        def make(left, right, name="editor"):
            from veche.service.board.compare import compare
            from veche.service.search.filters import Filters

            user = getattr(cast.people, name)
            stack.close()
            stack.enter_context(acting(user))
            return compare(user, *(Filters.read(QueryDict(one), user) for one in (left, right)))

        yield make


LEFT, RIGHT = f"since={DAYS[27]}&until={DAYS[14]}", f"since={DAYS[13]}&until={DAYS[0]}"


def test_a_rise_is_clear_and_what_stays_is_not(filled, compared):
    rise = [{"day": day, "topic": "water"} for day in DAYS[:14] for _ in range(9)]
    before = [{"day": day, "topic": "water"} for day in DAYS[14:] for _ in range(3)]
    same = [{"day": day, "topic": "roads"} for day in DAYS for _ in range(5)]
    filled(*rise, *before, *same)
    found = {row.value: row for row in compared(LEFT, RIGHT).rows("topic")}
    water, roads = found["water"], found["roads"]
    assert (water.left, water.right, water.ratio, water.clear) == (42, 126, 3.0, True)
    assert 1 < water.low < 3 < water.high < 6
    assert (roads.ratio, roads.clear) == (1.0, False)
    assert roads.low < 1 < roads.high


def test_one_wave_of_copies_is_no_clear_difference(filled, compared):
    """The same number more, all on one day, says less than a rise on every day."""
    steady = [{"day": day, "topic": "roads"} for day in DAYS for _ in range(2)]
    filled(*steady, *[{"day": DAYS[3], "topic": "roads"}] * 28)
    [wave] = compared(LEFT, RIGHT).rows("topic")
    assert (wave.left, wave.right, wave.clear) == (28, 56, False)


def test_periods_of_different_length_are_compared_by_the_day(filled, compared):
    filled(*[{"day": day} for day in DAYS for _ in range(4)])
    found = compared(f"since={DAYS[27]}&until={DAYS[7]}", f"since={DAYS[6]}&until={DAYS[0]}")
    assert (found.left.days, found.right.days) == (21, 7)
    assert (found.total.left_rate, found.total.right_rate, found.total.ratio) == (4, 4, 1)
    assert not found.total.clear


def test_territories_are_compared_by_their_inhabitants(filled, compared):
    from veche.packs import load_pack

    big, small = "ru-01-000-001", "ru-01-000-002"
    filled(*[{"day": day, "territory": f"ru/ru-01/{code}"} for day in DAYS for code in (big, small)])
    found = compared(f"territory={big}", f"territory={small}")
    known = load_pack("ru").territories
    assert found.per_people
    assert found.total.ratio == pytest.approx(known[big].population / known[small].population)
    assert found.total.clear


def test_what_one_side_lacks_has_no_ratio(filled, compared):
    filled(*[{"day": day, "topic": "water"} for day in DAYS[:14]], {"day": DAYS[27], "topic": "roads"})
    [water] = [row for row in compared(LEFT, RIGHT).rows("topic") if row.value == "water"]
    assert (water.left, water.right, water.ratio) == (0, 14, None)
    assert water.low > 1
    assert compared("topic=nothing", "topic=none").rows("topic") == []


def test_chance_alone_is_seldom_called_clear(installed):  # noqa: ARG001
    """Of rows that differ by chance alone, about one comparison in twenty has any that is called clear."""
    from veche.service.board.compare import Comparison, Side
    from veche.service.search.filters import Filters

    class Counted:
        protected = False

    drawn = np.random.default_rng(3)
    side = Side(Filters(), 0, date(2026, 1, 1), date(2026, 2, 11), None)
    called = 0
    for _ in range(300):
        tables = [drawn.poisson(4.0, (20, 42)) for _ in range(2)]
        compared = Comparison(side, side, (Counted(), Counted()))
        values = [str(i) for i in range(20)]
        found = compared._differences(values, np.array([t.sum(axis=1) for t in tables]), tables)
        called += any(row.clear for row in found)
    assert called / 300 < 0.08


def test_the_period_before_is_as_long(installed):  # noqa: ARG001
    from veche.service.board.compare import earlier
    from veche.service.search.filters import Filters

    now = Filters(since=date(2026, 11, 1), until=date(2026, 11, 10), topic=("roads",))
    before = earlier(now, TODAY)
    assert (before.since, before.until, before.topic) == (date(2026, 10, 22), date(2026, 10, 31), ("roads",))


def test_a_picture_without_any_appeal_compares_too(filled, compared):
    filled({"day": DAYS[0], "topic": "roads"})
    found = compared("topic=nothing", "topic=nothing")
    assert (found.total.left, found.total.right, found.total.clear) == (0, 0, False)
