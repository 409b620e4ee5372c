"""What waits for a person comes on cards, and leaves them when it waits no more."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.service.desk.waiting import PLACES, TOPICS, alike, make_appeals, standing, version

DOGS, VETS, PESTS, HOUSE = TOPICS


@pytest.fixture
def region(cast):
    return cast.tenants.region


@pytest.fixture
def made(cast, region, as_owner):
    """Make appeals of the region."""

    def call(n, **given):
        with as_owner():
            return make_appeals(region, cast.channels.region, n, **given)

    return call


def cards(user):
    """Return the open cards: what each proposes, of which kind, and its members."""
    from veche.service.accounts.acting import acting
    from veche.service.desk.models import Card, Member

    with acting(user):
        members = {}
        for card, appeal in Member.objects.filter(answer=None).values_list("card_id", "appeal_id"):
            members.setdefault(card, set()).add(appeal)
        found = Card.objects.filter(state="open")
        assert {c.pk: c.size for c in found} == {key: len(of) for key, of in members.items()}
        return [(c.proposal, c.kind, members[c.pk]) for c in found.order_by("-priority", "pk")]


def far_apart(n):
    """Return texts and unit vectors of which no two say the same."""
    words = ["street", "tree", "lamp", "water", "smoke", "bus", "noise", "snow", "bench", "river"]
    return {
        "vectors": [alike(1, seed=i)[0] for i in range(n)],
        "texts": [f"{word} {word}s {word}ing" for word in words[:n]],
    }


def test_what_is_not_sure_waits_on_cards_and_the_rest_is_decided_alone(made, cast, region, as_worker):
    from veche.service.desk.dealing import deal_new

    dogs = made(3, topics=[DOGS], sure=0.5)
    made(2, topics=[DOGS], sure=0.95)
    nothing = made(1, topics=[""], sure=None, vectors=alike(1, seed=5))
    with as_worker():
        assert deal_new(region.pk) == 4
    found = cards(cast.people.editor)
    assert (DOGS, "likeness", set(dogs)) in found
    assert ("", "single", set(nothing)) in found
    assert len(found) == 2


def test_copies_of_one_text_are_one_card(made, cast, region, as_worker):
    from veche.service.desk.dealing import deal_new

    copies = made(3, leaders=lambda ids: [None, ids[0], ids[0]])
    with as_worker():
        deal_new(region.pk)
    assert cards(cast.people.editor) == [(DOGS, "repeat", set(copies))]


def test_a_later_appeal_joins_the_card_that_it_is_like(made, cast, region, as_worker):
    from veche.service.desk.dealing import deal_new

    first = made(3)
    with as_worker():
        deal_new(region.pk)
    later = made(1, vectors=alike(4)[3:])
    other = made(1, vectors=alike(1, seed=9))
    with as_worker():
        assert deal_new(region.pk) == 2
        assert deal_new(region.pk) == 0, "nothing has changed since"
    assert {frozenset(of) for _value, _kind, of in cards(cast.people.editor)} == {
        frozenset([*first, *later]),
        frozenset(other),
    }


def test_a_later_appeal_from_elsewhere_or_in_another_language_is_an_exception(
    made, cast, region, as_worker, as_owner
):
    from veche.service.accounts.acting import acting
    from veche.service.desk.dealing import deal_new
    from veche.service.desk.models import Member
    from veche.service.inbox.models import Appeal

    vectors = alike(9)
    made(6, vectors=vectors[:6])
    with as_worker():
        deal_new(region.pk)
    usual, foreign = made(2, vectors=vectors[6:8])
    [elsewhere] = made(1, vectors=vectors[8:], places=PLACES[1:])
    with as_owner():
        Appeal.objects.filter(pk=foreign).update(language="en")
    with as_worker():
        assert deal_new(region.pk) == 3
    assert len(cards(cast.people.editor)) == 1
    with acting(cast.people.editor):
        why = dict(Member.objects.exclude(exception="").values_list("appeal_id", "exception"))
        assert why == {foreign: "language", elsewhere: "place"}
        assert Member.objects.get(appeal=usual).exception == ""


def test_who_is_in_danger_among_others_comes_first_on_their_card(made, cast, region, as_worker):
    from veche.service.accounts.acting import acting
    from veche.service.desk.dealing import deal_new
    from veche.service.desk.models import Member
    from veche.service.desk.queue import card as show

    vectors = alike(9)
    urgency = ["none"] * 6 + ["life"]
    *_usual, early = made(7, vectors=vectors[:7], urgency=urgency, places=PLACES[:1] * 6 + PLACES[1:2])
    with as_worker():
        deal_new(region.pk)
    [elsewhere] = made(1, vectors=vectors[7:8], places=PLACES[1:])
    [late] = made(1, vectors=vectors[8:], urgency=["life"])
    with as_worker():
        deal_new(region.pk)
    [(_value, _kind, of)] = cards(cast.people.editor)
    assert len(of) == 9
    with acting(cast.people.editor):
        card = Member.objects.get(appeal=late).card_id
        shown = show(cast.people.editor, card).members
    assert {m.appeal_id for m in shown[:2]} == {early, late}
    assert [m.exception for m in shown[:4]] == ["danger", "danger", "place", ""]
    assert shown[2].appeal_id == elsewhere


def test_what_waits_no_more_leaves_its_card(made, cast, region, as_worker, as_owner):
    from veche.service.desk.dealing import deal_new
    from veche.service.inbox.models import Appeal

    appeals = made(4)
    with as_worker():
        deal_new(region.pk)
    with as_owner():
        Appeal.objects.filter(pk=appeals[0]).update(state="withdrawn")
        Appeal.objects.filter(pk=appeals[1]).update(topic_confidence=0.99)
    with as_worker():
        deal_new(region.pk)
    assert [of for _value, _kind, of in cards(cast.people.editor)] == [set(appeals[2:])]


def test_what_a_person_decided_waits_no_more_until_it_is_undone(made, cast, region, as_worker):
    from veche.service.accounts.acting import acting
    from veche.service.desk.dealing import deal_all, deal_new
    from veche.service.desk.deciding import decide_appeal, undo

    [appeal] = made(1)
    editor = cast.people.editor
    with acting(editor):
        decision = decide_appeal(editor, appeal, VETS, facet="topic", seen=DOGS)
    with as_worker():
        assert deal_new(region.pk) == 0
    with acting(editor):
        undo(editor, decision.pk)
    with as_worker():
        assert deal_new(region.pk) == 1
        assert deal_all(region.pk) == 1
    assert [of for _value, _kind, of in cards(editor)] == [{appeal}]


def test_a_copy_that_says_otherwise_than_a_person_said_is_asked_about(made, cast, region, as_worker):
    from veche.service.accounts.acting import acting
    from veche.service.desk.dealing import deal_all
    from veche.service.desk.deciding import decide_appeal

    first, copy = made(2, sure=0.97, leaders=lambda ids: [None, ids[0]])
    editor = cast.people.editor
    with as_worker():
        assert deal_all(region.pk) == 0
    with acting(editor):
        decide_appeal(editor, first, VETS, facet="topic", seen=DOGS)
    with as_worker():
        assert deal_all(region.pk) == 1
    assert [of for _value, _kind, of in cards(editor)] == [{copy}]


def test_cards_in_somebodys_hands_are_not_dealt_anew(made, cast, region, as_worker):
    from veche.service.accounts.acting import acting
    from veche.service.desk.dealing import deal_all, deal_best, deal_new
    from veche.service.desk.deciding import ask_second, decide, take
    from veche.service.desk.models import Card, Member

    made(8, **far_apart(8))
    editor = cast.people.editor
    with as_worker():
        deal_new(region.pk)
    with acting(editor):
        keys = list(Card.objects.order_by("pk").values_list("pk", flat=True))
        assert len(keys) == 8
        take(editor, keys[0])
        ask_second(editor, keys[1], version(keys[1]), VETS)
        decide(editor, keys[2], version(keys[2]), VETS)
    with as_worker():
        assert deal_best(region.pk) == 5
        assert deal_all(region.pk) == 5
    with acting(editor):
        held = dict(Card.objects.values_list("pk", "state"))
        assert [held[key] for key in keys[:3]] == ["open", "open", "decided"]
        assert {held[key] for key in keys[3:]} == {"gone"}
        assert Member.objects.filter(answer=None).count() == 7


def test_what_people_decide_is_proposed_for_what_waits(made, cast, region, as_worker):
    from veche.service.accounts.acting import acting
    from veche.service.desk.dealing import deal_best, deal_new, decided_since
    from veche.service.desk.deciding import decide
    from veche.service.desk.models import Card

    kinds = [alike(12, seed=seed) for seed in (1, 2)]
    words = [["Dogs bark at night near the school."], ["The clinic has no vet and no medicine."]]
    editor = cast.people.editor
    for vectors, texts in zip(kinds, words, strict=True):
        made(8, topics=[HOUSE], vectors=vectors[:8], texts=texts)
    with as_worker():
        deal_new(region.pk)
    with acting(editor):
        for card in Card.objects.filter(state="open"):
            first = card.members.first().appeal_id
            right = DOGS if "Dogs" in glimpse(first) else VETS
            decide(editor, card.pk, card.version, right)
    for vectors, texts in zip(kinds, words, strict=True):
        made(4, topics=[HOUSE], vectors=vectors[8:], texts=texts)
    with as_worker():
        deal_new(region.pk)
        assert decided_since(region.pk) >= 2
        deal_best(region.pk)
        assert decided_since(region.pk) == 0
    assert {value for value, _kind, _of in cards(editor)} == {DOGS, VETS}


def glimpse(appeal):
    from veche.service.inbox.models import AppealText

    return AppealText.objects.get(pk=appeal).text


def test_a_card_forgets_an_author_who_is_erased(made, cast, region, as_worker):
    from veche.service.accounts.acting import acting
    from veche.service.desk.dealing import deal_new
    from veche.service.desk.models import Card, Member
    from veche.service.vault.strip import strip_appeals

    appeals = made(3)
    with as_worker():
        deal_new(region.pk)
        from veche.service.accounts.acting import working

        with working(region.pk):
            strip_appeals(region.pk, appeals[:1])
    with acting(cast.people.editor):
        [card] = Card.objects.all()
        assert (card.size, bytes(card.centre)) == (2, b"")
        assert set(Member.objects.values_list("appeal_id", flat=True)) == set(appeals[1:])


def test_a_card_is_worth_the_root_of_its_size_and_danger_comes_before_all(made, cast, region, as_worker):
    from veche.service.accounts.acting import acting
    from veche.service.desk.dealing import deal_new
    from veche.service.desk.models import Card

    made(9, **far_apart(9), urgency=["none", "deadline", "life"], sure=[0.1, 0.4, 0.7])
    made(4, vectors=alike(4, seed=20), texts=["Broken swing on the playground."])
    with as_worker():
        deal_new(region.pk)
    with acting(cast.people.editor):
        cards = list(Card.objects.order_by("-priority"))
        assert {c.urgency for c in cards} == {0, 1, 2}
        assert sorted((c.urgency == 2 for c in cards), reverse=True) == [c.urgency == 2 for c in cards]
        for c in cards:
            worth = c.size**0.5 * (1 - c.confidence) * (3 if c.urgency else 1)
            assert c.priority == pytest.approx(worth + (1e6 if c.urgency == 2 else 0))


one_act = st.tuples(st.sampled_from(["decide", "undo", "appeal"]), st.integers(0, 3), st.integers(0, 5))


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)
@given(st.lists(one_act, max_size=8))
def test_when_all_is_undone_all_is_as_it_was(made, cast, region, as_worker, played):
    from veche.service.accounts.acting import acting
    from veche.service.desk.dealing import deal_all
    from veche.service.desk.deciding import decide, decide_appeal, undo
    from veche.service.desk.models import Card
    from veche.service.inbox.models import Appeal

    appeals = made(
        6, topics=[DOGS, VETS, PESTS], vectors=np.concatenate([alike(3, seed=1), alike(3, seed=2)])
    )
    editor = cast.people.editor
    with as_worker():
        deal_all(region.pk)
    with acting(editor):
        before = standing(appeals)
        done = []
        for act, value, at in played:
            open_cards = list(Card.objects.filter(state="open").order_by("pk"))
            if act == "decide" and open_cards:
                card = open_cards[at % len(open_cards)]
                done.append(decide(editor, card.pk, card.version, TOPICS[value]))
            elif act == "appeal":
                seen = Appeal.objects.get(pk=appeals[at]).topic
                done.append(decide_appeal(editor, appeals[at], TOPICS[value], facet="topic", seen=seen))
            elif done:
                undo(editor, done.pop(at % len(done)).pk)
        for decision in done:
            undo(editor, decision.pk)
        assert standing(appeals) == before
        Card.objects.filter(state="open").update(state="gone")
