"""Danger to life rings until somebody takes it, whoever or whatever found it."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.service.desk.waiting import TOPICS, make_appeals, make_card, version

DOGS, VETS, PESTS, HOUSE = TOPICS


@pytest.fixture
def ringing(cast, as_owner):
    """Make appeals that are found to be urgent."""

    def call(n, **given):
        from veche.service.inbox.models import Appeal

        with as_owner():
            appeals = make_appeals(cast.tenants.region, cast.channels.region, n, **given)
            Appeal.objects.filter(pk__in=appeals).update(urgency="life")
        return appeals

    return call


def test_an_urgent_appeal_rings_for_those_who_may_decide_until_one_takes_it(ringing, cast):
    from veche.core.errors import NotYours
    from veche.service.accounts.acting import acting
    from veche.service.desk import urgent
    from veche.service.ledger.models import LedgerEntry

    first, second = ringing(2, bodies=["roads", "mvd"])
    people = cast.people
    for user, rings in ((people.editor, 2), (people.roads, 1), (people.analyst, 0), (people.stranger, 0)):
        with acting(user):
            assert urgent.count(user) == len(urgent.waiting(user)) == rings
    with acting(people.roads):
        taken = urgent.take(people.roads, first)
        assert taken.mine
        with pytest.raises(NotYours):
            urgent.take(people.roads, second)
    with acting(people.editor):
        assert [one.appeal_id for one in urgent.waiting(people.editor)] == [second]
        taken = urgent.take(people.editor, first)
        assert (taken.mine, taken.by) == (False, "Roads")
        assert LedgerEntry.objects.filter(act="urgent.taken").count() == 1


def test_what_came_long_ago_does_not_ring(cast, as_owner):
    from veche.service.accounts.acting import acting
    from veche.service.desk import urgent
    from veche.service.inbox.models import Appeal

    with as_owner():
        [old] = make_appeals(cast.tenants.region, cast.channels.region, 1)
        Appeal.objects.filter(pk=old).update(received_at=datetime.now(UTC) - timedelta(days=60))
        Appeal.objects.filter(pk=old).update(urgency="life")
    with acting(cast.people.editor):
        assert urgent.count(cast.people.editor) == 0


def test_who_marks_a_card_as_urgent_lets_its_appeals_ring_until_it_is_undone(cast, as_owner):
    from veche.service.accounts.acting import acting
    from veche.service.desk import urgent
    from veche.service.desk.deciding import mark_urgent, undo
    from veche.service.desk.models import Card

    with as_owner():
        appeals = make_appeals(cast.tenants.region, cast.channels.region, 3)
        card = make_card(cast.tenants.region, appeals)
    editor = cast.people.editor
    with acting(editor):
        marked = mark_urgent(editor, card, version(card), only=appeals[:2])
        assert {one.appeal_id for one in urgent.waiting(editor)} == set(appeals[:2])
        held = Card.objects.get(pk=card)
        assert (held.state, held.size, held.urgency) == ("open", 3, 2)
        undo(editor, marked.pk)
        assert urgent.count(editor) == 0
        assert Card.objects.get(pk=card).urgency == 0


def test_a_false_alarm_is_silent(ringing, cast):
    from veche.service.accounts.acting import acting
    from veche.service.desk import urgent
    from veche.service.desk.deciding import decide_appeal

    [appeal] = ringing(1)
    editor = cast.people.editor
    with acting(editor):
        decide_appeal(editor, appeal, "none", facet="urgency", seen="life")
        assert urgent.count(editor) == 0
