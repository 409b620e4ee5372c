"""What the system decided alone is checked by samples, and what they say moves how much it may decide."""

import time
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.service.desk.waiting import TOPICS, make_appeals, standing

DOGS, VETS, PESTS, HOUSE = TOPICS


@pytest.fixture
def region(cast):
    return cast.tenants.region


@pytest.fixture
def drawn(cast, region, as_owner, as_worker):
    """Make appeals that were decided alone, and draw samples of them."""

    def call(n=40, **given):
        from veche.service.accounts.acting import working
        from veche.service.desk import checks

        with as_owner():
            appeals = make_appeals(region, cast.channels.region, n, **{"sure": 0.95, **given})
        with as_worker(), working(region.pk):
            checks.draw(region.pk, datetime.now(UTC))
        return appeals

    return call


def of_region(standings):
    return next(one for one in standings if one.tenant.slug == "region")


def test_samples_are_of_what_was_decided_alone(drawn, cast, region, as_owner):
    from veche.service.accounts.acting import acting
    from veche.service.desk import checks

    with as_owner():
        unsure = make_appeals(region, cast.channels.region, 10, sure=0.5)
    alone = drawn(80)
    editor = cast.people.editor
    with acting(editor):
        found = checks.to_check(editor, most=100)
        assert len(found) == checks.OPEN
        assert {one.appeal.pk for one in found} <= set(alone) - set(unsure)
        assert found[0].text is not None
        standing_now = of_region(checks.standings(editor))
        assert (standing_now.threshold, standing_now.waiting, standing_now.checked) == (0.9, checks.OPEN, 0)


def test_what_a_check_says_is_a_decision_that_can_be_undone(drawn, cast):
    from veche.core.errors import CheckDone
    from veche.service.accounts.acting import acting
    from veche.service.desk import checks
    from veche.service.desk.deciding import undo

    appeals = drawn(3)
    editor = cast.people.editor
    with acting(editor):
        before = standing(appeals)
        right, wrong, unknown = checks.to_check(editor)
        agreed = checks.check(editor, right.id, right=True)
        corrected = checks.check(editor, wrong.id, right=False, value=VETS)
        odd = checks.check(editor, unknown.id, right=False)
        assert standing([wrong.appeal.pk])[0][wrong.appeal.pk][0] == VETS
        assert standing([unknown.appeal.pk])[0][unknown.appeal.pk][0] == DOGS
        with pytest.raises(CheckDone):
            checks.check(editor, right.id, right=False, value=VETS)
        held = of_region(checks.standings(editor))
        assert (held.waiting, held.checked, held.wrong) == (0, 3, 2)
        for decision in (agreed, corrected, odd):
            undo(editor, decision.pk)
        assert standing(appeals) == before
        assert len(checks.to_check(editor)) == 3


def test_errors_that_checks_find_lower_what_is_decided_alone(drawn, cast, region, as_worker):
    from veche.service.accounts.acting import acting
    from veche.service.desk import checks, tasks
    from veche.service.desk.models import Card, Promise
    from veche.service.ledger.models import LedgerEntry

    appeals = drawn(50, sure=[0.91, 0.99])
    surest = set(appeals[1::2])
    editor = cast.people.editor
    with acting(editor):
        for one in checks.to_check(editor, most=50):
            if one.appeal.pk in surest:
                checks.check(editor, one.id, right=True)
            elif one.appeal.pk in appeals[:20]:
                checks.check(editor, one.id, right=False)
    with as_worker():
        tasks.weigh(str(region.pk))
    with acting(editor):
        held = Promise.objects.get()
        assert (held.reason, held.tested, held.wrong) == ("errors", 35, 10)
        assert held.threshold == 0.99
        shown = of_region(checks.standings(editor))
        assert "35" in shown.reason
        assert checks.moves(editor, region)[0][0] == held
        assert {member.appeal_id for card in Card.objects.all() for member in card.members.all()} == set(
            appeals[::2]
        ), "what it may no longer decide waits for people"
        assert LedgerEntry.objects.filter(act="promise.moved").count() == 1


@pytest.mark.parametrize("job", ["weigh", "draw"], ids=["asked for", "though nobody was told"])
def test_what_a_check_found_wrong_waits_for_a_person(drawn, cast, region, as_worker, job):
    from veche.service.accounts.acting import acting
    from veche.service.desk import checks, tasks
    from veche.service.desk.models import Member

    drawn(30)
    editor = cast.people.editor
    with acting(editor):
        one = checks.to_check(editor)[0]
        checks.check(editor, one.id, right=False)
    with as_worker():
        tasks.weigh(str(region.pk)) if job == "weigh" else tasks.draw(int(time.time()))
    with acting(editor):
        assert [m.appeal_id for m in Member.objects.all()] == [one.appeal.pk]


def test_only_who_may_checks(drawn, cast):
    from veche.core.errors import NotYours
    from veche.service.accounts.acting import acting
    from veche.service.desk import checks

    drawn(4, bodies=["roads", "mvd"])
    with acting(cast.people.editor):
        keys = [one.id for one in checks.to_check(cast.people.editor)]
    for name in ("analyst", "auditor", "stranger", "administrator", "head"):
        user = getattr(cast.people, name)
        with acting(user):
            assert checks.to_check(user) == []
            for key in keys:
                with pytest.raises(NotYours):
                    checks.check(user, key, right=True)
    with acting(cast.people.roads):
        assert len(checks.to_check(cast.people.roads)) == 2
    with acting(cast.people.auditor):
        assert [s.tenant.slug for s in checks.standings(cast.people.auditor)] == ["city", "region"]


def seen(chances, right):
    from veche.learn.model import Seen

    n = len(chances)
    return Seen(np.array(chances, np.float32), np.zeros(n, np.int32), np.array(right, bool), np.arange(n))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0.5, 1.0), st.booleans()), max_size=120), st.floats(0.5, 0.99))
def test_more_errors_never_let_more_be_decided_alone(verdicts, threshold):
    from veche.service.desk.promise import judge

    chances, right = [c for c, _ in verdicts], [r for _, r in verdicts]
    now = judge(seen(chances, right), threshold=threshold)
    worse = judge(seen(chances, [False] * len(right)), threshold=threshold)
    assert worse.threshold >= threshold
    if now.reason == "errors":
        assert now.threshold > threshold
    elif now.reason == "proved":
        assert now.threshold < threshold
    else:
        assert now.threshold == threshold


def test_few_checks_without_errors_change_nothing_and_many_prove_more():
    from veche.service.desk.promise import judge

    assert judge(seen([0.95] * 20, [True] * 20), threshold=0.9).reason == ""
    many = list(np.linspace(0.6, 1.0, 600))
    assert judge(seen(many, [True] * 600), threshold=0.9).reason == "proved"
    bad = judge(seen([0.95] * 20, [False] * 20), threshold=0.9)
    assert (bad.reason, bad.threshold) == ("errors", 2.0)
