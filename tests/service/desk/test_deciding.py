"""One answer serves all appeals of a card; it is a person's finding, and can be taken back."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from tests.service.desk.waiting import BODIES, PLACES, TOPICS, make_appeals, make_card, standing, version

DOGS, VETS, PESTS, HOUSE = TOPICS


@pytest.fixture
def region(cast):
    return cast.tenants.region


@pytest.fixture
def editor(cast):
    return cast.people.editor


@pytest.fixture
def waiting(cast, region, as_owner):
    """Make appeals, and a card of them; return both."""

    def call(n=4, *, exceptions=(), **given):
        with as_owner():
            appeals = make_appeals(region, cast.channels.region, n, **given)
            return make_card(region, appeals, exceptions=[appeals[i] for i in exceptions]), appeals

    return call


@pytest.fixture
def acting_editor(editor):
    from veche.service.accounts.acting import acting

    return lambda: acting(editor)


def test_one_answer_decides_all_appeals_of_a_card(waiting, editor, acting_editor):
    from veche.service.desk.deciding import decide
    from veche.service.desk.models import Act, Card

    card, appeals = waiting(4, topics=[DOGS, VETS])
    with acting_editor():
        decision = decide(editor, card, version(card), VETS)
    assert (decision.act, decision.appeals, decision.facet, decision.value) == (
        Act.CORRECTED,
        4,
        "topic",
        VETS,
    )
    with acting_editor():
        columns, findings = standing(appeals)
        assert {row[:2] for row in columns.values()} == {(VETS, 1.0)}
        assert all(("topic", 0, VETS, "person") in held for held in findings.values())
        assert Card.objects.get(pk=card).state == "decided"


def test_to_accept_is_to_decide_what_is_proposed(waiting, editor, acting_editor):
    from veche.service.desk.deciding import accept
    from veche.service.desk.models import Act

    card, appeals = waiting(3)
    with acting_editor():
        decision = accept(editor, card, version(card))
        assert (decision.act, decision.value) == (Act.ACCEPTED, DOGS)
        assert standing(appeals)[0][appeals[0]][1] == 1.0


def test_exceptions_are_left_and_answered_otherwise(waiting, editor, acting_editor):
    from veche.service.desk.deciding import accept, decide
    from veche.service.desk.models import Card

    card, appeals = waiting(5, exceptions=[1])
    with acting_editor():
        accept(editor, card, version(card), without=[appeals[1]])
        held = Card.objects.get(pk=card)
        assert (held.state, held.size) == ("open", 1)
        decide(editor, card, version(card), PESTS, only=[appeals[1]])
        assert Card.objects.get(pk=card).state == "decided"
        columns, _ = standing(appeals)
    assert [columns[a][0] for a in appeals] == [DOGS, PESTS, DOGS, DOGS, DOGS]


def test_the_body_follows_the_topic_where_no_person_chose_it(waiting, editor, acting_editor):
    from veche.service.desk.deciding import decide, decide_appeal

    card, appeals = waiting(2)
    with acting_editor():
        decide_appeal(editor, appeals[0], "mvd", facet="body", seen=BODIES[0])
        decide(editor, card, version(card), VETS)
        columns, findings = standing(appeals)
    assert columns[appeals[0]][2] == "mvd"
    assert columns[appeals[1]][2].partition("@")[0] == "region_vet"
    assert ("body", 0, columns[appeals[1]][2], "stage") in findings[appeals[1]]
    assert ("body", 0, "mvd", "person") in findings[appeals[0]]


def test_what_was_decided_and_undone_is_as_it_was(waiting, editor, acting_editor):
    from veche.service.desk.deciding import decide, undo
    from veche.service.desk.models import Card, Changed, Member

    card, appeals = waiting(6, topics=[DOGS, VETS, ""], bodies=[*BODIES, ""], sure=[0.3, None])
    with acting_editor():
        before = standing(appeals)
        decision = decide(editor, card, version(card), PESTS)
        assert standing(appeals) != before
    with acting_editor():
        undone = undo(editor, decision.pk)
        assert standing(appeals) == before
        assert undone.undone_at is not None
        assert Card.objects.get(pk=card).state == "open"
        assert Member.objects.filter(card=card, answer=None).count() == 6
        assert not Changed.objects.exists()


def test_undoing_an_earlier_decision_leaves_the_later_one_in_force(waiting, editor, acting_editor):
    from veche.service.desk.deciding import decide, decide_appeal, undo

    card, appeals = waiting(2)
    with acting_editor():
        before = standing(appeals)
        first = decide(editor, card, version(card), VETS)
        second = decide_appeal(editor, appeals[0], PESTS, facet="topic", seen=VETS)
        undo(editor, first.pk)
        columns, _ = standing(appeals)
        assert [columns[a][0] for a in appeals] == [PESTS, DOGS]
        undo(editor, second.pk)
        assert standing(appeals) == before


def test_nothing_is_undone_twice_or_for_another(waiting, cast, editor, acting_editor):
    from veche.core.errors import CannotUndo, NotYours
    from veche.service.accounts.acting import acting
    from veche.service.desk.deciding import accept, undo

    card, _ = waiting(2)
    with acting_editor():
        decision = accept(editor, card, version(card))
    with acting(cast.people.controller), pytest.raises(NotYours):
        undo(cast.people.controller, decision.pk)
    with acting_editor():
        undo(editor, decision.pk)
        with pytest.raises(CannotUndo):
            undo(editor, decision.pk)
        with pytest.raises(NotYours):
            undo(editor, uuid4())


def test_who_saw_an_older_card_decides_nothing(waiting, cast, editor, acting_editor):
    from veche.core.errors import CardClosed, CardStale
    from veche.service.accounts.acting import acting
    from veche.service.desk.deciding import accept, decide

    card, appeals = waiting(4)
    with acting_editor():
        seen = version(card)
        accept(editor, card, seen, without=appeals[2:])
    colleague = cast.people.controller
    with acting(colleague):
        with pytest.raises(CardStale) as stale:
            decide(colleague, card, seen, VETS)
        assert stale.value.code == "VECHE-V601"
        assert standing(appeals)[0][appeals[3]][0] == DOGS
        decide(colleague, card, version(card), DOGS)
        with pytest.raises(CardClosed):
            decide(colleague, card, version(card), VETS)


def test_of_two_who_decide_at_once_one_decides(waiting, cast):
    from django.db import connections

    from veche.core.errors import CardClosed, CardStale
    from veche.service.accounts.acting import acting
    from veche.service.desk.deciding import decide
    from veche.service.desk.models import Decision

    card, appeals = waiting(20)
    people = [cast.people.editor, cast.people.controller]
    with acting(people[0]):
        seen = version(card)

    def decided(user, value):
        try:
            with acting(user):
                return decide(user, card, seen, value).value
        except (CardStale, CardClosed):
            return None
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as both:
        said = list(both.map(decided, people, [VETS, PESTS]))
    with acting(people[0]):
        assert Decision.objects.count() == 1
        assert {row[0] for row in standing(appeals)[0].values()} == {next(filter(None, said))}
    assert said.count(None) == 1


def test_what_the_pack_does_not_know_cannot_be_decided(waiting, editor, acting_editor):
    from veche.core.errors import FacetNotDecided, NothingChosen, ValueUnknown
    from veche.service.desk.deciding import decide, decide_appeal

    card, appeals = waiting(2)
    with acting_editor():
        for value in ("", "city.none", "'; DROP TABLE desk_card; --"):
            with pytest.raises(ValueUnknown):
                decide(editor, card, version(card), value)
        with pytest.raises(FacetNotDecided):
            decide(editor, card, version(card), "ru", facet="language")
        with pytest.raises(FacetNotDecided):
            decide_appeal(editor, appeals[0], "x", facet="theme", seen="")
        with pytest.raises(NothingChosen):
            decide(editor, card, version(card), DOGS, only=[])
        assert version(card) == 1


@pytest.mark.parametrize(
    ("facet", "value", "column", "shown"),
    [
        ("kind", "request", 4, "request"),
        ("body", "mvd", 2, "mvd"),
        ("place", "ru-02-006", 3, "ru/ru-02/ru-02-006"),
        ("urgency", "deadline", 5, "deadline"),
    ],
)
def test_every_facet_that_people_decide_can_be_decided_and_undone(
    waiting, editor, acting_editor, facet, value, column, shown
):
    from veche.service.desk.deciding import decide_appeal, undo
    from veche.service.desk.values import COLUMN
    from veche.service.inbox.models import Appeal

    _, [appeal] = waiting(1, places=PLACES)
    with acting_editor():
        before = standing([appeal])
        seen = getattr(Appeal.objects.get(pk=appeal), COLUMN[facet])
        decision = decide_appeal(editor, appeal, value, facet=facet, seen=seen)
        columns, findings = standing([appeal])
        assert columns[appeal][column] == shown
        assert (facet, 0, value, "person") in findings[appeal]
        undo(editor, decision.pk)
        assert standing([appeal]) == before


def test_an_appeal_that_moved_since_it_was_seen_is_not_decided(waiting, editor, acting_editor):
    from veche.core.errors import AppealMoved, NotYours
    from veche.service.desk.deciding import decide_appeal

    _, [appeal] = waiting(1)
    with acting_editor():
        decide_appeal(editor, appeal, VETS, facet="topic", seen=DOGS)
        with pytest.raises(AppealMoved):
            decide_appeal(editor, appeal, PESTS, facet="topic", seen=DOGS)
        with pytest.raises(NotYours):
            decide_appeal(editor, uuid4(), PESTS, facet="topic", seen=DOGS)


def test_an_appeal_decided_on_its_page_waits_on_no_card(waiting, editor, acting_editor):
    from veche.service.desk.deciding import decide_appeal, undo
    from veche.service.desk.models import Card

    card, appeals = waiting(3)
    with acting_editor():
        decision = decide_appeal(editor, appeals[0], VETS, facet="topic", seen=DOGS)
        assert Card.objects.get(pk=card).size == 2
        undo(editor, decision.pk)
        assert Card.objects.get(pk=card).size == 3


def test_a_group_decision_is_equal_to_single_ones(waiting, editor, acting_editor):
    from veche.service.desk.deciding import decide, decide_appeal

    given = {"topics": [DOGS, VETS, PESTS], "places": PLACES, "bodies": BODIES}
    card, together = waiting(6, **given)
    _, one_by_one = waiting(6, **given)
    with acting_editor():
        decide(editor, card, version(card), HOUSE)
        before = standing(one_by_one)[0]
        for appeal in one_by_one:
            decide_appeal(editor, appeal, HOUSE, facet="topic", seen=before[appeal][0])
        (columns, findings), (others, other_findings) = standing(together), standing(one_by_one)
    assert [columns[a] for a in together] == [others[a] for a in one_by_one]
    assert [findings[a] for a in together] == [other_findings[a] for a in one_by_one]


def test_each_act_is_one_entry_of_the_ledger_without_words(waiting, editor, acting_editor):
    from veche.service.desk.deciding import accept, undo
    from veche.service.ledger.models import LedgerEntry

    card, appeals = waiting(3)
    with acting_editor():
        decision = accept(editor, card, version(card))
        undo(editor, decision.pk)
    with acting_editor():
        entries = list(LedgerEntry.objects.filter(actor=f"user:{editor.pk}").order_by("seq"))
    assert [(e.act, e.object, e.object_id) for e in entries] == [
        ("finding.decided", "decision", str(decision.pk)),
        ("decision.undone", "decision", str(decision.pk)),
    ]
    assert entries[0].facts["appeals"] == len(appeals)
    assert entries[0].facts["value"] == DOGS


def test_who_may_not_decide_decides_nothing(waiting, cast):
    from veche.core.errors import NotYours
    from veche.service.accounts.acting import acting
    from veche.service.desk.deciding import accept, decide_appeal, mark_urgent, split, take

    card, appeals = waiting(2)
    for name in ("analyst", "auditor", "administrator", "stranger", "head", "mayor"):
        user = getattr(cast.people, name)
        with acting(user):
            for act in (
                lambda u: accept(u, card, 1),
                lambda u: take(u, card),
                lambda u: mark_urgent(u, card, 1),
                lambda u: split(u, card, 1, appeals[:1]),
                lambda u: decide_appeal(u, appeals[0], VETS, facet="topic", seen=DOGS),
            ):
                with pytest.raises(NotYours):
                    act(user)


def test_an_official_of_a_body_decides_the_part_of_a_card_that_is_theirs(waiting, cast, acting_editor):
    from veche.service.accounts.acting import acting
    from veche.service.desk.deciding import decide, undo
    from veche.service.desk.models import Card

    card, appeals = waiting(6, bodies=["roads", *BODIES])
    official = cast.people.roads
    with acting(official):
        decision = decide(official, card, version(card), VETS)
        assert decision.appeals == 2
    with acting_editor():
        columns, _ = standing(appeals)
        assert [columns[a][0] for a in appeals] == [VETS, DOGS, DOGS] * 2
        assert columns[appeals[0]][2].startswith("region_vet"), "it went to another body"
        assert Card.objects.get(pk=card).size == 4
    with acting(official):
        undo(official, decision.pk)
    with acting_editor():
        columns, _ = standing(appeals)
        assert {row[0] for row in columns.values()} == {DOGS}
        assert columns[appeals[0]][2] == "roads"
        assert Card.objects.get(pk=card).size == 6


def test_an_appeal_of_no_topic_is_decided_too(waiting, editor, acting_editor, region, as_worker):
    from veche.service.accounts.acting import working
    from veche.service.desk.deciding import decide
    from veche.service.desk.said import value_of
    from veche.service.desk.undecided import taught, undecided_among
    from veche.service.desk.undoing import undo
    from veche.service.desk.values import NO_TOPIC

    card, appeals = waiting(2)
    with acting_editor():
        decision = decide(editor, card, version(card), NO_TOPIC)
        columns, findings = standing(appeals)
        assert value_of(decision) == "None of these topics"
    assert {row[0] for row in columns.values()} == {""}
    assert all(("topic", 0, "", "person") in held for held in findings.values())
    with as_worker(), working(region.pk):
        assert undecided_among(appeals, threshold=0.9) == []
        assert len(taught(region.pk).values) == 0
    with acting_editor():
        undo(editor, decision.pk)
        columns, _ = standing(appeals)
    assert {row[0] for row in columns.values()} == {DOGS}
