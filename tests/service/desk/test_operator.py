"""The operator's form: somebody speaks, an operator types, and it is an appeal, once."""

import html
import re
from types import SimpleNamespace

import pytest

CALL = "В Новосибирске на улице Лесной, 5 со вчерашнего дня нет горячей воды."
PHONE = "+7 913 555-01-01"


@pytest.fixture
def open_calls(cast, as_owner):
    """The region takes calls."""
    from veche.service.inbox.models import Channel

    with as_owner():
        return Channel.objects.create(tenant=cast.tenants.region, code="call", title="Calls")


@pytest.fixture
def enter(cast):
    """Return a browser in which a person of the cast is signed in."""
    from django.test import Client

    def client(name):
        browser = Client()
        browser.force_login(getattr(cast.people, name))
        return browser

    return client


@pytest.fixture
def operator(enter, open_calls):  # noqa: ARG001
    """An editor of the region at the form."""
    return enter("editor")


def form_of(browser):
    """Return the hidden fields of an empty form."""
    page = browser.get("/operator/").content.decode()
    found = dict(re.findall(r'<input type="hidden" name="(mark|answers|tenant)"(?: value="([^"]*)")?', page))
    return {name: html.unescape(value) for name, value in found.items()}


def hand_in(browser, text=CALL, **more):
    return browser.post("/operator/", {**form_of(browser), "text": text, **more})


def taken(answer):
    assert answer.status_code == 302, answer.content.decode()
    return answer.url.partition("taken=")[2]


def appeals(cast):
    from veche.service.accounts.acting import working
    from veche.service.inbox.models import Appeal

    with working(cast.tenants.region.pk):
        return list(Appeal.objects.order_by("number").select_related("channel"))


def test_a_call_is_an_appeal_and_its_number_is_read_out(operator, cast):
    answer = hand_in(operator, contact=PHONE, name="Анна Ручкина")
    [appeal] = appeals(cast)
    assert appeal.channel.code == "call"
    page = operator.get(answer.url).content.decode()
    assert f'<strong class="read-out">{taken(answer)}</strong>' in page
    assert CALL not in page


def test_a_call_that_is_sent_twice_is_taken_once(operator, cast):
    form = {**form_of(operator), "text": CALL}
    assert taken(operator.post("/operator/", form)) == taken(operator.post("/operator/", form))
    assert len(appeals(cast)) == 1


def test_the_same_form_with_another_text_is_refused_and_keeps_what_was_typed(operator, cast):
    form = {**form_of(operator), "text": CALL}
    operator.post("/operator/", form)
    answer = operator.post("/operator/", {**form, "text": "Совсем другое дело."})
    assert answer.status_code == 422
    assert "Совсем другое дело." in answer.content.decode()
    assert len(appeals(cast)) == 1


def test_what_was_taken_is_kept_sealed_with_the_caller_and_the_ledger_names_the_operator(operator, cast):
    from veche.service.accounts.acting import working
    from veche.service.ledger.models import LedgerEntry
    from veche.service.vault.seal import open_appeal

    hand_in(operator, contact=PHONE, name="Анна Ручкина", address="улица Лесная, 5")
    [appeal] = appeals(cast)
    with working(cast.tenants.region.pk):
        original = open_appeal(appeal.pk)
        entry = LedgerEntry.objects.filter(actor__startswith="user:").latest("seq")
    assert (original.text, original.author, original.address) == (CALL, "Анна Ручкина", "улица Лесная, 5")
    assert entry.actor == f"user:{cast.people.editor.pk}"


@pytest.mark.parametrize(
    ("typed", "says"),
    [({"text": ""}, "Write what the caller says."), ({"contact": "нет"}, "e-mail"), ({"text": "\x00a"}, "")],
)
def test_what_cannot_be_taken_is_said_and_nothing_is_lost(operator, cast, typed, says):
    answer = operator.post("/operator/", {**form_of(operator), "text": CALL, "name": "Анна", **typed})
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert 'value="Анна"' in answer.content.decode()
    assert appeals(cast) == []


def test_a_form_that_is_none_of_ours_gets_a_new_mark(operator, cast):
    form = {**form_of(operator), "text": CALL, "mark": "stolen"}
    taken(operator.post("/operator/", form))
    assert len(appeals(cast)) == 1


def test_where_calls_are_not_open_it_is_said_and_the_text_stays(enter, cast):
    browser = enter("editor")
    assert "Calls cannot be handed in" in browser.get("/operator/").content.decode()
    answer = hand_in(browser)
    assert answer.status_code == 422
    assert "An administrator can open it" in answer.content.decode()
    assert CALL in answer.content.decode()
    assert appeals(cast) == []


@pytest.mark.parametrize("name", ["analyst", "auditor", "administrator", "controller", "roads"])
def test_who_hands_in_nothing_finds_no_form(enter, open_calls, name):  # noqa: ARG001
    browser = enter(name)
    assert browser.get("/operator/").status_code == 404
    assert browser.post("/operator/", {"text": CALL}).status_code == 404
    assert browser.post("/operator/glance/", {"tenant": "region", "text": CALL}).status_code == 404


def test_nobody_hands_in_to_an_authority_where_they_do_not_work(enter, cast, open_calls):  # noqa: ARG001
    stranger = enter("stranger")
    assert stranger.post("/operator/glance/", {"tenant": "region", "text": CALL}).status_code == 404
    form = {**form_of(stranger), "text": CALL, "tenant": "region"}
    assert stranger.post("/operator/", form).status_code == 422
    assert appeals(cast) == []


@pytest.mark.parametrize("written", [PHONE, "8 (913) 555 01 01", "79135550101"])
def test_what_the_caller_wrote_before_is_there_however_the_number_is_written(operator, written):
    before = taken(hand_in(operator, contact=PHONE))
    answer = operator.post("/operator/glance/", {"tenant": "region", "contact": written})
    assert before in answer.content.decode()


@pytest.mark.parametrize("typed", ["", "+7 913", "+7 913 555-01-02", "нет", "anna@"])
def test_a_number_that_is_not_complete_or_anothers_shows_nothing(operator, typed):
    before = taken(hand_in(operator, contact=PHONE))
    assert (
        before
        not in operator.post("/operator/glance/", {"tenant": "region", "contact": typed}).content.decode()
    )


def test_a_call_about_an_earlier_matter_joins_it_and_another_does_not(operator, cast):
    before = taken(hand_in(operator, contact=PHONE))
    taken(hand_in(operator, "Воды всё ещё нет, уже неделю.", contact=PHONE, answers=before))
    taken(hand_in(operator, "А ещё у нас яма на дороге.", contact=PHONE))
    first, second, third = appeals(cast)
    assert first.thread_id == second.thread_id != third.thread_id
    assert first.person_id == second.person_id == third.person_id


def test_nobody_joins_an_appeal_that_they_may_not_see(operator, cast, enter, as_owner):
    from veche.service.inbox.models import Channel

    with as_owner():
        Channel.objects.create(tenant=cast.tenants.other, code="call", title="Calls")
    foreign = taken(hand_in(enter("stranger")))
    answer = hand_in(operator, answers=foreign)
    assert answer.status_code == 404
    assert appeals(cast) == []


def glance(browser, text, **more):
    return browser.post("/operator/glance/", {"tenant": "region", "text": text, **more}).content.decode()


@pytest.fixture
def patient(monkeypatch):
    """The stages are opened while the test waits."""
    from veche.service.desk import operator_look

    monkeypatch.setattr(operator_look, "PATIENCE_SECONDS", 60.0)


def test_topic_place_and_body_appear_while_the_operator_types(operator, patient):  # noqa: ARG001
    page = html.unescape(glance(operator, CALL))
    assert "Not clear yet" not in page
    assert "Novosibirsk" in page
    assert re.search(r"\d+ %", page)


def test_danger_to_life_is_told_at_once_with_the_number_to_ring(operator, patient):  # noqa: ARG001
    page = glance(operator, "В подъезде сильно пахнет газом, ребёнку плохо!")
    assert 'role="alert"' in page
    assert "<strong>112</strong>" in page
    assert 'role="alert"' not in glance(operator, CALL)


@pytest.mark.parametrize("text", ["", "Добрый", "\x00" * 50, "<script>alert(1)</script>" * 10, "ы" * 10_000])
def test_whatever_is_typed_the_answer_is_sound(operator, patient, text):  # noqa: ARG001
    answer = operator.post("/operator/glance/", {"tenant": "region", "text": text})
    assert answer.status_code == 200
    assert b"<script>alert" not in answer.content


def test_appeals_that_say_the_same_are_shown_and_those_of_others_are_not(operator, cast, patient):  # noqa: ARG001
    from datetime import UTC, datetime

    import numpy as np
    from tests.service.accounts.test_screens import number_of, one_appeal

    from veche.service.desk import operator_look
    from veche.service.inbox.means import Means

    seen = operator_look.glance(Means("ru"), CALL, address="", home="", now=datetime.now(UTC))
    topic, vector = seen.topics[0].code, seen.vector.astype(np.float16).tobytes()
    far = np.roll(seen.vector, 7).astype(np.float16).tobytes()
    made = SimpleNamespace()
    for name, tenant, kept in (
        ("near", "region", vector),
        ("far", "region", far),
        ("foreign", "other", vector),
    ):
        appeal = one_appeal(
            getattr(cast.tenants, tenant),
            getattr(cast.channels, tenant),
            f"{name} text",
            topic=topic,
            number=5000 + len(vars(made)),
        )
        from veche.service.accounts.acting import working
        from veche.service.inbox.models import AppealText

        with working(getattr(cast.tenants, tenant).pk):
            AppealText.objects.filter(pk=appeal.pk).update(vector=kept)
        setattr(made, name, number_of(appeal))
    page = glance(operator, CALL)
    assert made.near in page
    assert made.far not in page
    assert made.foreign not in page


def test_an_address_alone_claims_no_number(operator):
    assert "read-out" not in operator.get("/operator/?taken=1234567-4").content.decode()


def test_an_operator_of_one_town_hands_in_what_has_no_place_yet(cast, open_calls, as_owner, enter):  # noqa: ARG001
    from veche.service.accounts.models import Role

    with as_owner():
        Role.objects.filter(user=cast.people.editor).update(territory="ru/ru-54/ru-54-000-001")
    browser = enter("editor")
    answer = hand_in(browser)
    page = browser.get(answer.url).content.decode()
    assert taken(answer) in page
    assert "Open it" not in page
