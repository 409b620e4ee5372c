"""Two pictures side by side: rates, and differences that are told only where they are clear."""

import re
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


@pytest.fixture
def page(cast, compared):  # noqa: ARG001
    """Read the page of a comparison as a person of the cast."""
    from django.test import Client

    def read(name, more=""):
        client = Client()
        client.force_login(getattr(cast.people, name))
        other = f"with_since={DAYS[27]}&with_until={DAYS[14]}"
        answer = client.get(f"/board/compare/?{RIGHT}&{other}{more}")
        assert answer.status_code == 200
        return answer.content.decode().partition("<main")[2].replace("&amp;", "&")

    return read


def rise():
    """A topic that comes three times as often in the second half, and one that stays."""
    more = [{"day": day, "topic": "water", "territory": "ru/ru-54"} for day in DAYS[:14] for _ in range(9)]
    before = [{"day": day, "topic": "water", "territory": "ru/ru-54"} for day in DAYS[14:] for _ in range(3)]
    return [*more, *before, *({"day": day, "topic": "roads.signs"} for day in DAYS for _ in range(5))]


def test_every_number_of_a_comparison_leads_to_its_appeals(cast, filled, page):
    from veche.service.accounts.acting import acting
    from veche.service.board.scopes import cube_of
    from veche.service.search.filters import Filters

    filled(*rise())
    told = [page("editor"), page("editor", "&topic=roads.signs")]
    user = cast.people.editor
    with acting(user):
        cube = cube_of(user)

        def listed(query):
            return cube.rows(Filters.read(QueryDict(query), user)).sum()

        for one in told:
            numbers = re.findall(r'<a [^>]*href="/appeals/\?([^"]*)"[^>]*>(\d+)</a>', one)
            assert len(numbers) >= 2 + 2 * 4
            assert [listed(query) for query, _ in numbers] == [int(n) for _, n in numbers]
            assert not re.findall(r'<td class="number end">[1-9]\d*</td>', one), "a number leads nowhere"
        sentences = re.findall(r"<li>(.*?)</li>", told[0].partition('id="h-said"')[2])
        water = next(said for said in sentences if "126 against 42" in said)
        assert [listed(query) for query in re.findall(r'href="/appeals/\?([^"]*)"', water)] == [42, 126]


def test_who_may_not_list_appeals_compares_rounded_numbers_that_lead_nowhere(filled, page):
    filled(*rise())
    told = page("administrator")
    assert "rounded by chance" in told
    assert "/appeals/" not in told
    cells = [int(n) for n in re.findall(r'<td class="number end">(\d+)</td>', told)]
    assert cells
    assert all(n % 5 == 0 for n in cells)


_TEXT = """
INSERT INTO inbox_appealtext (appeal_id, tenant_id, text, masks, search, vector)
VALUES (%s, %s, %s, '[]', to_tsvector('pg_catalog.russian', %s), '')
"""


def test_a_search_narrows_both_sides(cast, filled, page, as_owner_sql):
    ids = filled(*[{"day": DAYS[day]} for day in (1, 2, 3, 15, 16)])
    texts = ["Яма на дороге", "Подтоплен подвал"]
    for i, id in enumerate(ids):
        as_owner_sql(_TEXT, id, cast.tenants.region.pk, texts[i % 2], texts[i % 2])
    told = page("editor", "&q=яма")
    assert re.findall(r'class="figure"><a href="[^"]*">(\d+)</a>', told) == ["1", "2"]
