"""Numbers for those who may not see small ones: one set has one number, and no difference tells of a few."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

ids = st.lists(st.binary(min_size=16, max_size=16), min_size=1, max_size=60, unique=True)


def shown(some):
    from veche.service.board.cube import ID
    from veche.service.board.small_cells import keys_of_ids, published

    keys = keys_of_ids(np.array(some, ID)) if some else np.zeros(0, np.int64)
    return int(published(np.array([len(some)]), np.array([keys.sum()]))[0])


@pytest.fixture(autouse=True)
def set_up(installed):
    """The secret of the installation is needed."""


@settings(deadline=None)
@given(ids, st.data())
def test_no_difference_of_two_numbers_tells_of_one_to_four(some, data):
    """Whatever two sets are compared: so many as two numbers differ by, from none to nine may lie between."""
    part = [one for one in some if data.draw(st.booleans())]
    whole, less = shown(some), shown(part)
    assert whole % 5 == less % 5 == 0
    possible = {w - p for w in range(whole - 4, whole + 5) for p in range(less - 4, less + 5) if w >= p >= 0}
    assert not possible <= {1, 2, 3, 4}


@settings(deadline=None)
@given(ids, st.randoms())
def test_a_set_has_one_number_however_it_is_asked_for(some, random):
    other = list(some)
    random.shuffle(other)
    assert shown(other) == shown(some)


@settings(deadline=None)
@given(ids)
def test_a_number_is_less_than_five_away(some):
    assert abs(shown(some) - len(some)) < 5
    assert shown([]) == 0


def test_numbers_are_right_on_average():
    drawn = np.random.default_rng(7)
    for n in (1, 3, 7):
        numbers = [shown([drawn.bytes(16) for _ in range(n)]) for _ in range(3000)]
        assert abs(np.mean(numbers) - n) < 0.15


def test_who_may_not_list_appeals_sees_no_small_number(cast, filled, asked):
    from veche.service.accounts.acting import acting
    from veche.service.board.counts import picture_of

    filled(
        *[{"day": f"2026-11-{day:02}", "topic": f"t{topic}"} for day in range(1, 20) for topic in range(3)]
    )
    people = cast.people
    with acting(people.editor):
        exact = picture_of(people.editor, asked("editor"))
        assert (exact.protected, exact.total.n) == (False, 57)
        assert exact.total.url == "/appeals/?state=counted"
    with acting(people.administrator):
        hidden = picture_of(people.administrator, asked("administrator"))
        assert hidden.protected
        assert hidden.total.url == ""
        numbers = [hidden.total.n, *hidden.line("day").counts, *hidden.line("month").counts]
        numbers += [row.n for key in ("topic", "channel", "kind") for row in hidden.rows(key)]
        numbers += [row.change.recent for row in hidden.rows("topic") if row.change]
        assert all(n % 5 == 0 for n in numbers)


def test_a_number_is_the_same_by_every_way_to_its_appeals(cast, filled, asked):
    from veche.service.accounts.acting import acting
    from veche.service.board.counts import picture_of

    filled(*[{"day": "2026-11-02", "topic": "water", "language": "tt"}] * 7, *[{"day": "2026-11-03"}] * 30)
    user = cast.people.administrator
    with acting(user):
        ways = [
            {"topic": "water"},
            {"language": "tt"},
            {"until": "2026-11-02"},
            {"topic": "water", "language": "tt"},
        ]
        numbers = {picture_of(user, asked("administrator", **keys)).total.n for keys in ways}
        whole = picture_of(user, asked("administrator"))
        numbers |= {row.n for row in whole.rows("topic") if row.value == "water"}
        numbers |= {n for start, n in zip(*_days(whole), strict=True) if start.day == 2}
        assert len(numbers) == 1


def _days(picture):
    line = picture.line("day")
    return line.starts, line.counts
