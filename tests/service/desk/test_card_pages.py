"""The pages of the desk: who sees which, what a form may say, and what is kept when it cannot be done."""

import gzip
import re
from dataclasses import replace
from uuid import uuid4

import pytest
from tests.service.desk.waiting import BODIES, PLACES, TOPICS, make_appeals, make_card, version

DOGS, VETS, PESTS, HOUSE = TOPICS
ATTACK = "<script>window.pwned=1</script>"


@pytest.fixture
def region(cast):
    return cast.tenants.region


@pytest.fixture
def waiting(cast, region, as_owner):
    """Make appeals, and a card of them; return both."""

    def call(n=4, *, exceptions=(), **given):
        with as_owner():
            appeals = make_appeals(region, cast.channels.region, n, **given)
            return make_card(region, appeals, exceptions=[appeals[i] for i in exceptions]), appeals

    return call


@pytest.fixture
def enter(cast):
    """A browser in which somebody of the cast is signed in."""
    from django.test import Client

    def call(name):
        client = Client()
        client.force_login(getattr(cast.people, name))
        return client

    return call


@pytest.fixture
def seen(region):
    """Read the version of a card, and the topics that appeals show."""
    from veche.service.accounts.acting import working
    from veche.service.inbox.models import Appeal

    def call(card, appeals=()):
        with working(region.pk):
            shown = Appeal.objects.filter(pk__in=appeals).values_list("topic", flat=True)
            return version(card), sorted(shown)

    return call


def page(client, address, status=200):
    answer = client.get(address, follow=True)
    assert answer.status_code == status, address
    return answer.content.decode()


def decide(client, card, seen, name="decide", **fields):
    return client.post(f"/desk/{card}/{name}/", {"version": seen(card)[0], **fields}, follow=True)


def test_only_who_may_decide_finds_the_desk_and_only_their_authority_s_cards(enter, waiting):
    card, _appeals = waiting()
    for name in ("editor", "official", "controller"):
        assert "One answer serves 4 appeals" in page(enter(name), "/desk/"), name
    for name in ("analyst", "administrator", "auditor"):
        page(enter(name), "/desk/", 404)
    assert "The queue is clear" in page(enter("stranger"), "/desk/")
    page(enter("stranger"), f"/desk/{card}/", 404)
    page(enter("editor"), f"/desk/{uuid4()}/", 404)


def test_an_auditor_reads_a_card_and_changes_nothing(enter, waiting, seen):
    card, appeals = waiting()
    auditor = enter("auditor")
    shown = page(auditor, f"/desk/{card}/")
    assert "One answer serves 4 appeals" in shown
    assert 'name="without"' not in shown
    assert "card-form" not in shown.replace('form="card-form"', "")
    assert decide(auditor, card, seen, value=VETS).status_code == 404
    assert auditor.post(f"/desk/{card}/take/").status_code == 404
    assert seen(card, appeals)[1] == [DOGS] * 4


def test_one_post_decides_and_leads_to_the_next_card(enter, waiting, seen):
    card, appeals = waiting()
    other, _appeals = waiting(2)
    answer = decide(enter("editor"), card, seen, value=VETS, next=str(other))
    assert answer.redirect_chain == [(f"/desk/{other}/", 302)]
    assert "You decided" in answer.content.decode()
    assert seen(card, appeals)[1] == [VETS] * 4


@pytest.mark.parametrize(
    "fields",
    [
        {"version": ""},
        {"version": "x"},
        {"version": "9" * 40},
        {"version": "-1"},
        {"value": ""},
        {"value": "no such topic"},
        {"value": ATTACK},
        {"value": "x" * 10_000},
        {"use": "other", "other": ""},
    ],
)
def test_what_no_page_sends_is_told_and_changes_nothing(enter, waiting, seen, fields):
    card, appeals = waiting()
    answer = decide(enter("editor"), card, seen, **{"value": VETS, **fields})
    assert answer.redirect_chain == [(f"/desk/{card}/", 302)]
    shown = answer.content.decode()
    assert 'class="error"' in shown
    assert ATTACK not in shown
    assert seen(card, appeals)[1] == [DOGS] * 4


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("split", {"without": "x"}),
        ("split", {}),
        ("merge", {"with": "x:y"}),
        ("merge", {"with": f"{uuid4()}"}),
        ("hand", {"to": "x"}),
        ("hand", {}),
        ("second", {"value": "no such topic"}),
    ],
)
def test_a_deed_that_cannot_be_is_told_on_the_card(enter, waiting, seen, name, fields):
    card, _appeals = waiting()
    answer = decide(enter("editor"), card, seen, name, **fields)
    assert answer.redirect_chain == [(f"/desk/{card}/", 302)]
    assert 'class="error"' in answer.content.decode()


def test_an_unknown_deed_is_none_and_an_address_alone_does_nothing(enter, waiting, seen):
    card, appeals = waiting()
    editor = enter("editor")
    assert decide(editor, card, seen, "explode").status_code == 404
    answer = editor.get(f"/desk/{card}/decide/?mine=1")
    assert answer.headers["Location"] == f"/desk/{card}/?mine=1"
    assert editor.get(f"/desk/{card}/take/").status_code == 405
    assert seen(card, appeals)[1] == [DOGS] * 4


def test_a_card_that_changed_is_told_and_what_was_chosen_waits_on_it(enter, waiting, seen):
    card, appeals = waiting(5)
    was = seen(card)[0]
    decide(enter("official"), card, seen, "split", without=str(appeals[0]))
    editor = enter("editor")
    fields = {"version": was, "value": VETS, "without": str(appeals[1]), "without_exceptions": "1"}
    answer = editor.post(f"/desk/{card}/decide/", fields, follow=True)
    shown = answer.content.decode()
    assert "has changed since you opened it" in shown
    assert "What you chose is kept" in shown
    assert f'id="out-{appeals[1]}"' in shown
    [box] = [part for part in shown.split("<input") if f'id="out-{appeals[1]}"' in part]
    assert "checked" in box.split(">")[0]
    assert seen(card, appeals)[1] == [DOGS] * 5
    # Once shown it is not shown again.
    assert "What you chose is kept" not in page(editor, f"/desk/{card}/")


def test_a_session_that_is_over_leads_to_sign_in_and_back_to_the_choice(cast, waiting, seen):
    from django.test import Client

    card, appeals = waiting()
    other, _appeals = waiting(2)
    for headers, where in (({}, "Location"), ({"HX-Request": "true"}, "HX-Redirect")):
        client = Client()
        fields = {"version": 1, "value": VETS, "without": [str(appeals[0]), "x"]}
        answer = client.post(f"/desk/{card}/decide/?mine=1", fields, headers=headers)
        assert answer.headers[where] == f"/account/login/?next=%2Fdesk%2F{card}%2F%3Fmine%3D1"
        client.force_login(cast.people.editor)
        assert "What you chose is kept" not in page(client, f"/desk/{other}/")
        shown = page(client, f"/desk/{card}/")
        assert "What you chose is kept" in shown
        assert "your choice" not in shown or VETS in shown
    assert seen(card, appeals)[1] == [DOGS] * 4


def test_what_a_page_asks_for_by_itself_neither_leads_to_sign_in_nor_forgets_the_choice(cast, waiting):
    from django.test import Client

    card, _appeals = waiting()
    client = Client()
    client.post(f"/desk/{card}/decide/", {"version": 1, "value": VETS})
    assert client.post(f"/desk/{card}/take/", headers={"HX-Request": "true"}).status_code == 204
    for address in (f"/desk/{card}/live/", "/desk/bell/"):
        assert client.get(address, headers={"HX-Request": "true"}).status_code == 204
    client.force_login(cast.people.editor)
    assert "What you chose is kept" in page(client, f"/desk/{card}/")


def test_a_choice_that_waits_is_shown_to_nobody_who_may_not_see_the_card(cast, waiting):
    from django.test import Client

    card, _appeals = waiting()
    client = Client()
    client.post(f"/desk/{card}/decide/", {"version": 1, "value": VETS})
    client.force_login(cast.people.stranger)
    page(client, f"/desk/{card}/", 404)


def test_who_is_in_danger_is_told_so_in_their_row_on_the_card(enter, waiting):
    card, appeals = waiting(4, urgency=["none", "deadline", "life", "none"])
    shown = page(enter("editor"), f"/desk/{card}/")
    rows = {
        str(appeal): "Danger to life" in row
        for row in shown.split("<li>")
        for appeal in appeals
        if f"out-{appeal}" in row
    }
    assert [rows[str(appeal)] for appeal in appeals[1:]] == [False, True, False]


def test_all_exceptions_are_left_out_also_those_that_the_page_does_not_show(enter, waiting, seen):
    card, appeals = waiting(80, exceptions=range(70))
    shown = page(enter("editor"), f"/desk/{card}/")
    assert "To look at first: 70" in shown
    assert "first 50 of 70" in shown
    assert 'data-exceptions="70"' in shown, "so many fewer does the answer serve then"
    assert shown.count('name="without"') < 80
    decide(enter("editor"), card, seen, value=VETS, without_exceptions="1")
    topics = seen(card, appeals)[1]
    assert (topics.count(VETS), topics.count(DOGS)) == (10, 70)


def test_the_exceptions_that_the_page_does_not_show_come_when_asked_for(enter, waiting):
    card, appeals = waiting(80, exceptions=range(70))
    editor = enter("editor")
    first = page(editor, f"/desk/{card}/")
    more, others = (f"/desk/{card}/members/?after={n}" for n in ("50&amp;odd=1", "1"))
    assert more in first
    assert others in first
    came = [
        editor.get(one.replace("&amp;", "&"), headers={"HX-Request": "true"}).content.decode()
        for one in (more, others)
    ]
    shown = [page.count('name="without" value') for page in (first, *came)]
    assert shown == [51, 20, 9]
    assert all(f'id="out-{key}"' in "".join([first, *came]) for key in appeals)


def test_members_come_in_pages_and_none_is_missed(enter, waiting):
    card, appeals = waiting(170)
    editor = enter("editor")
    first = page(editor, f"/desk/{card}/")
    held = [key for key in appeals if f'id="out-{key}"' in first]
    more = f"/desk/{card}/members/?after={len(held)}"
    assert more in first
    second = editor.get(more, headers={"HX-Request": "true"}).content.decode()
    last = f"/desk/{card}/members/?after={len(held) + 100}"
    assert last in second
    third = editor.get(last, headers={"HX-Request": "true"}).content.decode()
    shown = [key for key in appeals if f'id="out-{key}"' in first + second + third]
    assert len(shown) == 170
    assert editor.get(f"/desk/{card}/members/").headers["Location"] == f"/desk/{card}/"
    for odd in ("x", "-1", "9" * 30, ""):
        assert (
            editor.get(f"/desk/{card}/members/?after={odd}", headers={"HX-Request": "true"}).status_code
            == 200
        )


@pytest.mark.parametrize(
    "query",
    [
        "tenant=nowhere",
        "topic=%00",
        "topic=" + "x" * 3000,
        "urgency=none",
        "mine=%3Cscript%3E",
        "second=2",
        "card=x",
        "territory=ru/nowhere",
        "territory=%00",
        "body=nobody",
    ],
)
def test_a_filter_that_cannot_be_is_told_and_shows_nothing(enter, waiting, query):
    waiting()
    shown = page(enter("editor"), f"/desk/?{query}")
    assert "This filter cannot be used" in shown
    assert "One answer serves" not in shown
    assert "<script>" not in shown


def test_the_queue_is_narrowed_and_says_so(enter, waiting, cast, region, as_owner):
    waiting()
    with as_owner():
        lifts = make_appeals(region, cast.channels.region, 2, topics=[HOUSE])
        make_card(region, lifts, proposal=HOUSE)
    editor = enter("editor")
    shown = page(editor, f"/desk/?topic={HOUSE}")
    assert shown.count("data-card=") == 2
    assert "Take away:" in shown
    assert "No card fits" in page(editor, "/desk/?mine=1")


def test_the_queue_is_narrowed_to_a_place_a_body_and_a_kind_of_card(enter, waiting):
    here, _appeals = waiting(2, places=PLACES[:1], bodies=BODIES[:1])
    there, _appeals = waiting(1, places=PLACES[1:], bodies=BODIES[1:])
    editor = enter("editor")

    def found(query):
        shown = page(editor, f"/desk/?{query}")
        return {key for key in (here, there) if f'href="/desk/{key}/?' in shown}

    assert found(f"territory={PLACES[0]}") == {here}
    assert found("territory=ru/ru-02") == {there}
    assert found("territory=ru") == {here, there}
    assert found(f"territory=ru/ru-02&body={BODIES[1]}") == {there}
    assert found(f"territory=ru/ru-02&body={BODIES[0]}") == set()
    assert found("card=likeness") == {here, there}
    assert found("card=theme") == set()
    whole = page(editor, "/desk/")
    for choice in (*PLACES, "ru/ru-02", *BODIES):
        assert f'<option value="{choice}">' in whole
    assert f'<option value="{PLACES[1]}" selected>' in page(editor, f"/desk/?territory={PLACES[1]}")
    assert f'<option value="{PLACES[0]}">' not in page(enter("roads"), "/desk/"), "nothing of what is hidden"


def test_hostile_titles_and_texts_stay_text(enter, waiting, monkeypatch):
    from veche.service.desk import choices

    pack = choices.pack_of("ru")
    topic = replace(pack.topics[VETS], title={"en": ATTACK, "ru": ATTACK})
    hostile = replace(pack, topics={**pack.topics, VETS: topic})
    monkeypatch.setattr(choices, "pack_of", lambda _name: hostile)
    for cached in (choices._choices, choices._options):
        cached.cache_clear()
    card, _appeals = waiting(3, texts=[ATTACK, "\u202eright to left", "w" * 10_000])
    shown = page(enter("editor"), f"/desk/{card}/")
    for cached in (choices._choices, choices._options):
        cached.cache_clear()
    assert "&lt;script&gt;window.pwned=1&lt;/script&gt;" in shown
    assert "<script>window" not in shown


def test_a_page_of_the_desk_is_light_and_asks_as_much_of_few_cards_as_of_many(
    enter, waiting, cast, region, as_owner
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from veche.service.accounts.models import Role, User

    waiting()
    editor = enter("editor")
    page(editor, "/desk/")
    with CaptureQueriesContext(connection) as few:
        page(editor, "/desk/")
    with as_owner():
        for key in make_appeals(region, cast.channels.region, 40):
            make_card(region, [key])
        for n in range(10):
            user = User.objects.create_user(f"{n}@veche.example", f"Colleague {n}")
            Role.objects.create(tenant=region, user=user, role="editor", valid_from=timezone.now())
    with CaptureQueriesContext(connection) as many:
        shown = page(editor, "/desk/")
    assert "Colleague 9" in shown
    assert len(many) == len(few)
    assert len(gzip.compress(shown.encode())) < 40_000


def test_an_act_is_undone_by_its_maker_alone(enter, waiting, seen):
    from veche.service.desk.models import Decision

    card, appeals = waiting()
    editor = enter("editor")
    decide(editor, card, seen, value=VETS)
    page(editor, "/desk/decisions/")
    from veche.service.accounts.acting import working
    from veche.service.accounts.models import Tenant

    with working(Tenant.objects.get(slug="region").pk):
        decision = Decision.objects.get()
    assert enter("official").post(f"/desk/decisions/{decision.pk}/undo/").status_code == 404
    assert seen(card, appeals)[1] == [VETS] * 4
    answer = editor.post(f"/desk/decisions/{decision.pk}/undo/", follow=True)
    assert answer.redirect_chain == [(f"/desk/{card}/", 302)]
    assert seen(card, appeals)[1] == [DOGS] * 4
    again = editor.post(f"/desk/decisions/{decision.pk}/undo/", {"back": "decisions"}, follow=True)
    assert "can no longer be undone" in again.content.decode()


@pytest.mark.parametrize("query", ["act=explode", "by=x", "since=yesterday", "topic=%00", "before=x_y"])
def test_a_filter_of_decisions_that_cannot_be_shows_none(enter, waiting, seen, query):
    card, _appeals = waiting()
    editor = enter("editor")
    decide(editor, card, seen, value=VETS)
    answer = editor.get(f"/desk/decisions/?{query}")
    assert answer.status_code in (200, 404)
    assert "<tbody>" not in answer.content.decode()


def bulk(client, **fields):
    return client.post("/desk/bulk/", {"scope": "chosen", "facet": "topic", **fields}, follow=True)


def confirmed(shown):
    return shown.split('name="confirm" value="')[1].split('"')[0]


def test_many_are_decided_as_previewed_or_not_at_all(enter, waiting, seen):
    card, appeals = waiting(6, topics=[DOGS, PESTS])
    editor = enter("editor")
    fields = {"ids": [str(key) for key in appeals], "value": VETS}
    shown = bulk(editor, **fields).content.decode()
    assert "Decide 6 appeals" in shown
    assert seen(card, appeals)[1] == sorted([DOGS, PESTS] * 3)
    decide(enter("official"), card, seen, value=HOUSE, without=[str(key) for key in appeals[1:]])
    stale = bulk(editor, **fields, confirm=confirmed(shown)).content.decode()
    assert "have changed since the preview" in stale
    assert seen(card, appeals)[1].count(VETS) == 0
    spared = bulk(editor, **fields, spare="1", out=PESTS).content.decode()
    assert "Decide 2 appeals" in spared
    answer = bulk(editor, **fields, spare="1", out=PESTS, confirm=confirmed(spared))
    assert answer.redirect_chain == [("/desk/decisions/", 302)]
    assert seen(card, appeals)[1] == sorted([HOUSE, PESTS, PESTS, PESTS, VETS, VETS])


def test_all_of_a_list_are_decided_by_its_address(enter, waiting, seen):
    card, appeals = waiting(6, topics=[DOGS, PESTS])
    editor = enter("editor")
    shown = bulk(editor, scope="all", query=f"topic={PESTS}", value=VETS).content.decode()
    assert "Decide 3 appeals" in shown
    bulk(editor, scope="all", query=f"topic={PESTS}", value=VETS, confirm=confirmed(shown))
    assert seen(card, appeals)[1] == sorted([DOGS, VETS] * 3)


@pytest.mark.parametrize("fields", [{"ids": ["x"]}, {}, {"scope": "all", "query": "topic=none.such"}])
def test_of_no_appeals_nothing_is_asked(enter, waiting, fields):
    waiting()
    answer = bulk(enter("editor"), **fields)
    assert answer.redirect_chain[0][0].startswith("/appeals/")


def test_strangers_decide_none_of_many(enter, waiting, seen):
    card, appeals = waiting()
    shown = bulk(enter("stranger"), ids=[str(key) for key in appeals], value=VETS).content.decode()
    assert "No appeal was chosen." in shown
    assert bulk(enter("analyst"), ids=[str(key) for key in appeals], value=VETS).status_code == 404
    assert seen(card, appeals)[1] == [DOGS] * 4


def test_a_sample_is_checked_by_who_may_and_read_by_the_auditor(enter, cast, region, as_owner, as_worker):
    from datetime import UTC, datetime

    from veche.service.accounts.acting import working
    from veche.service.desk.checks import draw
    from veche.service.desk.models import Check

    with as_owner():
        appeals = make_appeals(region, cast.channels.region, 3, sure=0.97)
    with as_worker(), working(region.pk):
        draw(region.pk, datetime.now(UTC))
    with working(region.pk):
        samples = list(Check.objects.values_list("pk", flat=True))
    editor, auditor = enter("editor"), enter("auditor")
    assert "The dogs bite." in page(editor, "/desk/checks/?at=1")
    assert "The dogs bite." not in page(auditor, "/desk/checks/")
    assert auditor.post(f"/desk/checks/{samples[0]}/", {"verdict": "right"}).status_code == 404
    assert enter("stranger").post(f"/desk/checks/{samples[0]}/", {"verdict": "right"}).status_code == 404
    editor.post(f"/desk/checks/{samples[0]}/", {"verdict": "right"})
    editor.post(f"/desk/checks/{samples[1]}/", {"verdict": "wrong", "value": VETS})
    again = editor.post(f"/desk/checks/{samples[1]}/", {"verdict": "right", "at": "x"}, follow=True)
    assert "already been checked" in again.content.decode()
    with working(region.pk):
        from veche.service.inbox.models import Appeal

        assert Appeal.objects.filter(pk__in=appeals, topic=VETS).count() == 1


def test_what_was_decided_alone_is_listed_page_by_page(enter, waiting, monkeypatch):
    from veche.service.desk.views import checking

    monkeypatch.setattr(checking, "PAGE", 2)
    waiting(5, sure=0.95, texts=[f"The dogs bite {n} times." for n in range(5)])
    waiting(2, sure=0.5, texts=["Nobody is sure of this."])
    auditor = enter("auditor")
    assert "/desk/checks/alone/?tenant=region" in page(auditor, "/desk/checks/")
    listed, address = [], "/desk/checks/alone/?tenant=region"
    while address:
        shown = page(auditor, address)
        listed += re.findall(r'class="row" href="/appeals/([^/]+)/"', shown)
        older = re.findall(r'rel="next" href="([^"]+)"', shown)
        address = older[0].replace("&amp;", "&") if older else ""
        assert "Nobody is sure" not in shown
    assert len(listed) == len(set(listed)) == 5
    editor = enter("editor")
    assert "noted" in decide_one(editor, listed[0])
    assert listed[0] not in page(auditor, "/desk/checks/alone/?tenant=region"), "a person has decided it"
    page(enter("analyst"), "/desk/checks/alone/?tenant=region", 404)
    page(enter("stranger"), "/desk/checks/alone/?tenant=region", 404)
    page(auditor, "/desk/checks/alone/?tenant=nowhere", 404)
    page(auditor, "/desk/checks/alone/?before=x", 404)


def decide_one(client, number):
    fields = {"topic": VETS, "topic_now": DOGS}
    return client.post(f"/appeals/{number}/decide/", fields, follow=True).content.decode()


def test_danger_is_taken_once_and_the_other_is_told_by_whom(enter, waiting, as_owner):
    from veche.service.inbox.models import Appeal

    _card, appeals = waiting(1)
    with as_owner():
        Appeal.objects.filter(pk=appeals[0]).update(urgency="life")
    editor, official = enter("editor"), enter("official")
    assert "1 urgent appeal" in editor.get("/desk/bell/").content.decode()
    assert "1 urgent appeal" in page(editor, "/appeals/")
    assert "urgent appeal" not in page(enter("analyst"), "/appeals/")
    page(enter("analyst"), "/desk/urgent/", 404)
    address = f"/desk/urgent/{appeals[0]}/take/"
    assert enter("stranger").post(address).status_code == 404
    assert official.post(address).headers["Location"].startswith("/appeals/")
    told = editor.post(address, follow=True).content.decode()
    assert "Official took this appeal before you." in told
    assert "urgent appeal" not in editor.get("/desk/bell/").content.decode()


def test_the_bell_stops_counting_at_a_thousand_and_says_so(waiting, enter, as_owner):
    from veche.service.inbox.models import Appeal

    _card, appeals = waiting(1_001)
    with as_owner():
        Appeal.objects.filter(pk__in=appeals).update(urgency="life")
    editor = enter("editor")
    assert "More than 999 urgent appeals" in editor.get("/desk/bell/").content.decode()
    assert "The first 300 of more than 999." in page(editor, "/desk/urgent/")


def test_a_card_that_was_dealt_anew_says_so_and_leads_on(waiting, enter, as_owner):
    from veche.service.desk.models import Card, CardState

    card, _ = waiting()
    waiting(topics=[VETS])
    with as_owner():
        Card.objects.filter(pk=card).update(state=CardState.GONE, size=0)
    answer = enter("editor").get(f"/desk/{card}/")
    assert answer.status_code == 200
    html = answer.content.decode()
    assert "Its appeals were dealt anew" in html
    assert 'data-key="j" data-key-also="n"' in html
