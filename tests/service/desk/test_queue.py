"""The queue shows what buys most first, to each reader what is theirs; several people handle cards."""

import pytest
from tests.service.desk.waiting import BODIES, PLACES, TOPICS, make_appeals, make_card, standing, version

DOGS, VETS, PESTS, HOUSE = TOPICS


@pytest.fixture
def region(cast):
    return cast.tenants.region


@pytest.fixture
def waiting(cast, region, as_owner):
    """Make appeals, and a card of them; return both."""

    def call(n=4, *, exceptions=(), proposal=DOGS, **given):
        with as_owner():
            appeals = make_appeals(region, cast.channels.region, n, **given)
            card = make_card(region, appeals, proposal=proposal, exceptions=[appeals[i] for i in exceptions])
            return card, appeals

    return call


def test_large_and_urgent_cards_come_first(waiting, cast):
    from veche.service.accounts.acting import acting
    from veche.service.desk.queue import next_cards
    from veche.service.desk.queue import waiting as how_much

    small, _ = waiting(1)
    large, _ = waiting(5)
    deadline, _ = waiting(2, urgency=["none", "deadline"])
    danger, _ = waiting(1, urgency=["life"])
    editor = cast.people.editor
    with acting(editor):
        assert [line.id for line in next_cards(editor)] == [danger, deadline, large, small]
        found = how_much(editor)
    assert (found.cards, found.appeals, found.urgent) == (4, 9, 1)


def test_the_queue_is_narrowed_by_what_one_looks_for(waiting, cast):
    from veche.service.accounts.acting import acting
    from veche.service.desk.cards import Wanted
    from veche.service.desk.queue import next_cards

    dogs, _ = waiting(2)
    house, _ = waiting(1, proposal=HOUSE, urgency=["life"])
    editor = cast.people.editor
    with acting(editor):

        def found(**wanted):
            return {line.id for line in next_cards(editor, Wanted(**wanted))}

        assert found(topic="city.animals") == {dogs}
        assert found(topic="housing") == {house}
        assert found(topic="hous") == set()
        assert found(urgent=True) == {house}
        assert found(tenant="region") == {dogs, house}
        assert found(tenant="other") == found(kind="repeat") == found(mine=True) == set()


def test_a_reader_of_a_part_sees_the_size_of_that_part(waiting, cast):
    from veche.service.accounts.acting import acting
    from veche.service.desk.models import Card, Decision, Member
    from veche.service.desk.queue import card as show
    from veche.service.desk.queue import next_cards
    from veche.service.desk.queue import waiting as how_much

    mixed, appeals = waiting(6, bodies=["roads", *BODIES], urgency=["none", "life", "none"])
    hidden, _ = waiting(3)
    roads, editor = cast.people.roads, cast.people.editor
    with acting(editor):
        assert {line.id: (line.size, line.urgency) for line in next_cards(editor)} == {
            mixed: (6, 2),
            hidden: (3, 0),
        }
    with acting(roads):
        [line] = next_cards(roads)
        assert (line.id, line.size, line.urgency) == (mixed, 2, 0)
        assert (how_much(roads).cards, how_much(roads).appeals, how_much(roads).urgent) == (1, 2, 0)
        shown = show(roads, mixed)
        assert {m.appeal_id for m in shown.members} == {appeals[0], appeals[3]}
        assert shown.line.size == 2
        assert list(Card.objects.values_list("pk", flat=True)) == [mixed], "the walls hide the other card"
        assert Member.objects.count() == 2
        assert not Decision.objects.exists()


def test_nobody_from_elsewhere_sees_a_card(waiting, cast):
    from veche.core.errors import NotYours
    from veche.service.accounts.acting import acting
    from veche.service.desk.models import Card
    from veche.service.desk.queue import card as show
    from veche.service.desk.queue import next_cards

    card, _ = waiting(2)
    for user in (cast.people.stranger, cast.people.mayor):
        with acting(user):
            assert next_cards(user) == []
            assert not Card.objects.exists()
            with pytest.raises(NotYours):
                show(user, card)
    with acting(cast.people.head):
        assert next_cards(cast.people.head) == [], "who supervises reads"
        assert not show(cast.people.head, card).line.may_decide


def test_a_card_shows_its_exceptions_first_and_a_typical_text(waiting, cast):
    from veche.service.accounts.acting import acting
    from veche.service.desk.queue import card as show
    from veche.service.desk.queue import more_members

    card, appeals = waiting(6, exceptions=[1, 4], texts=["The dogs bite.", "A vet is missing."])
    editor = cast.people.editor
    with acting(editor):
        shown = show(editor, card, most=4)
        assert [m.appeal_id for m in shown.members] == [appeals[4], appeals[1], appeals[0], appeals[2]]
        assert [m.exception for m in shown.members] == ["unlike", "unlike", "", ""]
        assert shown.exceptions == 2
        assert shown.sample is not None
        assert shown.sample.pk == appeals[0]
        assert shown.evidence == ((0, 5),)
        assert [c.value for c in shown.line.best] == [DOGS]
        more = [more_members(editor, card, odd=odd, after=1, most=50) for odd in (True, False)]
        assert [[m.appeal_id for m in part] for part in more] == [[appeals[1]], [*appeals[2:4], appeals[5]]]
        assert shown.line.glimpse == "The dogs bite."


def test_who_has_a_card_in_hand_is_seen_by_others(waiting, cast):
    from veche.service.accounts.acting import acting
    from veche.service.desk.deciding import release, take
    from veche.service.desk.queue import next_cards

    card, _ = waiting(2)
    editor, other = cast.people.editor, cast.people.controller
    with acting(editor):
        before = version(card)
        assert take(editor, card).mine
        assert version(card) == before, "to look at a card changes nothing"
    with acting(other):
        taken = take(other, card)
        assert (taken.mine, taken.by) == (False, editor)
        [line] = next_cards(other)
        assert (line.taken_by, line.taken_by_me) == (editor.name, False)
        release(other, card)
        assert not take(other, card).mine
    with acting(editor):
        release(editor, card)
    with acting(other):
        assert take(other, card).mine


def test_a_card_is_split_and_joined_again(waiting, cast):
    from veche.core.errors import NothingChosen
    from veche.service.accounts.acting import acting
    from veche.service.desk.deciding import accept, decide, split, undo
    from veche.service.desk.models import Card, Decision

    card, appeals = waiting(5)
    editor = cast.people.editor
    with acting(editor):
        for chosen in ([], appeals):
            with pytest.raises(NothingChosen):
                split(editor, card, version(card), chosen)
        new = split(editor, card, version(card), appeals[:2])
        assert (new.size, Card.objects.get(pk=card).size) == (2, 3)
        undo(editor, Decision.objects.get(act="split").pk)
        assert (Card.objects.get(pk=new.pk).state, Card.objects.get(pk=card).size) == ("gone", 5)
        new = split(editor, card, version(card), appeals[:2])
        decide(editor, new.pk, version(new.pk), VETS)
        accept(editor, card, version(card))
        columns, _ = standing(appeals)
    assert [columns[a][0] for a in appeals] == [VETS, VETS, DOGS, DOGS, DOGS]


def test_cards_are_merged_and_parted_again(waiting, cast):
    from veche.core.errors import CardStale, NothingChosen
    from veche.service.accounts.acting import acting
    from veche.service.desk.deciding import merge, undo
    from veche.service.desk.models import Card, Decision

    (first, _), (second, _) = waiting(2), waiting(3)
    editor = cast.people.editor
    with acting(editor):
        with pytest.raises(NothingChosen):
            merge(editor, {first: version(first)})
        with pytest.raises(CardStale):
            merge(editor, {first: version(first), second: version(second) - 1})
        merged = merge(editor, {first: version(first), second: version(second)})
        assert (merged.pk, merged.size, Card.objects.get(pk=second).state) == (first, 5, "gone")
        undo(editor, Decision.objects.get(act="merged").pk)
        sizes = dict(Card.objects.filter(state="open").values_list("pk", "size"))
    assert sizes == {first: 2, second: 3}


def test_a_card_handed_on_comes_first_to_that_colleague_and_not_to_others(waiting, cast):
    from veche.core.errors import NoSuchColleague
    from veche.service.accounts.acting import acting
    from veche.service.desk.deciding import colleagues, hand_on, undo
    from veche.service.desk.queue import next_cards

    card, _ = waiting(1)
    large, _ = waiting(5)
    editor, controller = cast.people.editor, cast.people.controller
    with acting(editor):
        assert {one.name for one in colleagues(editor, card)} == {"Official", "Controller"}
        for nobody in (editor.pk, cast.people.analyst.pk, cast.people.stranger.pk, cast.people.roads.pk):
            with pytest.raises(NoSuchColleague):
                hand_on(editor, card, version(card), nobody)
        handed = hand_on(editor, card, version(card), controller.pk)
        assert [line.id for line in next_cards(editor)] == [large]
    with acting(controller):
        lines = next_cards(controller)
        assert [(line.id, line.handed_to_me) for line in lines] == [(card, True), (large, False)]
    with acting(editor):
        undo(editor, handed.pk)
        assert [line.id for line in next_cards(editor)] == [large, card]


def test_a_second_opinion_that_agrees_decides(waiting, cast):
    from veche.core.errors import SecondIsAnother
    from veche.service.accounts.acting import acting
    from veche.service.desk.deciding import ask_second, decide
    from veche.service.desk.queue import card as show
    from veche.service.desk.queue import next_cards

    card, appeals = waiting(2)
    editor, controller = cast.people.editor, cast.people.controller
    with acting(editor):
        ask_second(editor, card, version(card), VETS)
        assert next_cards(editor) == []
        with pytest.raises(SecondIsAnother):
            decide(editor, card, version(card), VETS)
    with acting(controller):
        [line] = next_cards(controller)
        assert line.wants_second
        [opinion] = show(controller, card).opinions
        assert (opinion.by, opinion.value, opinion.mine) == (editor.name, VETS, False)
        decide(controller, card, version(card), VETS)
        assert standing(appeals)[0][appeals[0]][0] == VETS


def test_a_second_opinion_that_differs_goes_to_a_third_person(waiting, cast):
    from veche.core.errors import SecondIsAnother
    from veche.service.accounts.acting import acting
    from veche.service.desk.deciding import ask_second, decide, undo
    from veche.service.desk.queue import card as show

    card, appeals = waiting(2)
    editor, controller, official = cast.people.editor, cast.people.controller, cast.people.official
    with acting(editor):
        ask_second(editor, card, version(card), VETS)
    with acting(controller):
        said = decide(controller, card, version(card), PESTS)
        assert said.act == "opinion"
        assert standing(appeals)[0][appeals[0]][0] == DOGS, "nothing is decided yet"
        with pytest.raises(SecondIsAnother):
            decide(controller, card, version(card), PESTS)
        undo(controller, said.pk)
        assert decide(controller, card, version(card), PESTS).act == "opinion"
    with acting(official):
        assert [o.value for o in show(official, card).opinions] == [VETS, PESTS]
        decide(official, card, version(card), PESTS)
        assert standing(appeals)[0][appeals[0]][0] == PESTS


def test_what_many_appeals_would_become_is_told_before_and_done_just_so(waiting, cast):
    from veche.core.errors import BulkChanged, NothingChosen, TooManyAtOnce
    from veche.service.accounts.acting import acting
    from veche.service.desk import bulk
    from veche.service.desk.deciding import decide_appeal, decide_many, preview, undo

    _card, appeals = waiting(6, topics=[DOGS, DOGS, VETS], places=PLACES)
    editor = cast.people.editor
    with acting(editor):
        decide_appeal(editor, appeals[0], PESTS, facet="topic", seen=DOGS)
        before = standing(appeals)
        told = preview(editor, appeals, VETS, facet="topic")
        assert (told.asked, told.mine, told.changing) == (6, 6, 4)
        assert told.moves == ((DOGS, 3), (PESTS, 1))
        assert (told.decided_by_people, told.waiting) == (1, 5)
        assert sum(n for _body, n in told.bodies) == 4
        assert standing(appeals) == before, "nothing was changed"
        decide_appeal(editor, appeals[1], HOUSE, facet="topic", seen=DOGS)
        with pytest.raises(BulkChanged):
            decide_many(editor, appeals, VETS, facet="topic", digest=told.digest)
        before = standing(appeals)
        told = preview(editor, appeals, VETS, facet="topic")
        done = decide_many(editor, appeals, VETS, facet="topic", digest=told.digest)
        columns, _ = standing(appeals)
        assert {row[0] for row in columns.values()} == {VETS}
        undo(editor, done.pk)
        assert standing(appeals) == before
        with pytest.raises(TooManyAtOnce):
            preview(editor, appeals * (bulk.MOST // 6 + 1), VETS, facet="topic")
        with pytest.raises(NothingChosen):
            preview(editor, [], VETS, facet="topic")
    stranger = cast.people.stranger
    with acting(stranger), pytest.raises(NothingChosen):
        preview(stranger, appeals, VETS, facet="topic")


def test_the_auditor_reads_who_decided_what(waiting, cast):
    from veche.core.errors import NotYours
    from veche.service.accounts.acting import acting
    from veche.service.desk.deciding import accept, undo
    from veche.service.desk.decisions import Asked, decision, decisions_of, reached

    mixed, appeals = waiting(4, bodies=["roads", BODIES[0]])
    other, _ = waiting(2)
    editor, auditor, roads = cast.people.editor, cast.people.auditor, cast.people.roads
    with acting(editor):
        first = accept(editor, mixed, version(mixed))
        second = accept(editor, other, version(other))
        undo(editor, second.pk)
    with acting(auditor):
        lines = decisions_of(auditor)
        assert [(d.id, d.by, d.appeals, d.mine, d.may_undo) for d in lines] == [
            (second.pk, editor.name, 2, False, False),
            (first.pk, editor.name, 4, False, False),
        ]
        assert lines[0].undone_by == editor.name
        assert [d.id for d in decisions_of(auditor, before=second.pk)] == [first.pk]
        assert [d.id for d in decisions_of(auditor, Asked(undone=False, by=editor.pk))] == [first.pk]
        assert {a.pk for a in reached(auditor, first.pk)} == set(appeals)
    with acting(roads):
        assert [(d.id, d.appeals) for d in decisions_of(roads)] == [(first.pk, 2)]
        assert {a.pk for a in reached(roads, first.pk)} == {appeals[0], appeals[2]}
        with pytest.raises(NotYours):
            decision(roads, second.pk)
    for user in (cast.people.stranger, cast.people.analyst):
        with acting(user):
            assert decisions_of(user) == []
