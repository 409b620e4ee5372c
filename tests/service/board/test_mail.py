"""The picture by mail, sent through a real mail server of this machine."""

import json
import re
import socket
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from email import message_from_bytes, policy
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.controller import Controller
from hypothesis import given
from hypothesis import strategies as st
from tests.service.board.filling import sign_off

from veche.packs import load_pack

NOW = datetime(2026, 11, 23, 5, 30, tzinfo=UTC)  # a Monday, 08:30 in Moscow
TEXT = "Яма на улице Лесной, звоните мне."


class Kept:
    """What a mail server does with what it gets: keeps it, or refuses as it is told."""

    def __init__(self):
        self.mails = []
        self.answers = []

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: ARG002
        if self.answers:
            return self.answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: ARG002
        self.mails.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=policy.default)))
        return "250 OK"


def free_port():
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]


@contextmanager
def named(port):
    """This installation with a mail server at a port of this machine."""
    from django.test import override_settings

    backend = "django.core.mail.backends.smtp.EmailBackend"
    with override_settings(
        EMAIL_BACKEND=backend,
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=port,
        EMAIL_TIMEOUT=5,
        DEFAULT_FROM_EMAIL="veche@region.example",
        PUBLIC_URL="https://appeals.example",
    ):
        yield


@pytest.fixture
def server(installed):  # noqa: ARG001
    """A mail server, and this installation knows it."""
    kept = Kept()
    controller = Controller(kept, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        with named(controller.port):
            yield kept
    finally:
        controller.stop()


@pytest.fixture
def browser(cast):
    from django.test import Client

    def call(name):
        client = Client()
        client.force_login(getattr(cast.people, name))
        return client

    return call


@pytest.fixture(autouse=True)
def appeals(cast, as_owner):
    """Three appeals of last week in the region: two on roads, one on a clinic."""
    from veche.service.inbox.models import Appeal, AppealText, Person, Thread

    with as_owner():
        region = cast.tenants.region
        person = Person.objects.create(tenant=region)
        thread = Thread.objects.create(tenant=region, person=person, opened_at=NOW, last_at=NOW)
        for number, topic in enumerate(("housing.dwelling.queue", "housing.dwelling.queue", "city.burial")):
            at = NOW - timedelta(days=2 + number)
            appeal = Appeal.objects.create(
                tenant=region, channel=cast.channels.region, person=person, thread=thread,
                number=9_000_000 + number, identity=bytes([number]), secret_hash=b"0" * 32, received_at=at,
                taken_at=at, understood_at=at, day=at.date(), state="understood", topic=topic, language="ru",
            )  # fmt: skip
            AppealText.objects.create(appeal=appeal, tenant=region, text=TEXT)


def set_up(cast, as_owner, *, to="analyst", language="ru", query="", due=NOW):
    from veche.service.board.models import Mailing

    with as_owner():
        return Mailing.objects.create(
            tenant=cast.tenants.region, to=getattr(cast.people, to), query=query, weekday=0, time=time(8),
            language=language, next_at=due, by=cast.people.controller,
        )  # fmt: skip


def post(as_worker, cast, now=NOW):
    """Do what the jobs do: make what is due, and try to send all that waits; return when to try again."""
    from veche.service.accounts.acting import working
    from veche.service.board import mailing
    from veche.service.board.models import Sending

    tenant = cast.tenants.region.pk
    with as_worker():
        with working(tenant):
            mailing.take_due(tenant, now)
            waiting = list(Sending.objects.filter(state="waiting").values_list("pk", flat=True))
        return [mailing.send(tenant, key, now).again_at for key in waiting]


def sendings(as_owner):
    from veche.service.board.models import Sending

    with as_owner():
        return list(Sending.objects.order_by("due_at").values_list("state", "tries", "failure"))


def body(mail, kind):
    return mail.get_body((kind,)).get_content()


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_picture_is_sent_in_the_readers_language(server, cast, as_owner, as_worker, language):
    set_up(cast, as_owner, language=language)
    assert post(as_worker, cast) == [None]
    [(to, mail)] = server.mails
    assert to == ["analyst@veche.example"]
    assert mail["From"] == "veche@region.example"
    # What the packs and our own words are called in that language.
    housing = load_pack("ru").topics["housing"].title[language]
    for kind in ("plain", "html"):
        assert f"{housing}: 2" in body(mail, kind).replace(
            '</th><td style="text-align: right; padding: 2px 12px 2px 0">', ": "
        )
    if language == "en":
        assert mail["Subject"] == "The picture of Region: 3 appeals"
    assert "https://appeals.example/board/" in body(mail, "plain")
    assert TEXT not in body(mail, "plain") + body(mail, "html")
    assert sendings(as_owner) == [("sent", 1, "")]


def test_it_goes_out_once_and_again_a_week_later(server, cast, as_owner, as_worker):
    from veche.service.board.models import Mailing

    set_up(cast, as_owner)
    post(as_worker, cast)
    assert post(as_worker, cast, NOW + timedelta(days=1)) == []
    with as_owner():
        assert Mailing.objects.get().next_at == datetime(2026, 11, 30, 5, 0, tzinfo=UTC)
    post(as_worker, cast, NOW + timedelta(days=7))
    assert len(server.mails) == 2


def test_what_was_missed_for_weeks_is_sent_once(server, cast, as_owner, as_worker):
    set_up(cast, as_owner, due=NOW - timedelta(days=28))
    post(as_worker, cast)
    assert len(server.mails) == 1


def test_a_mail_that_is_refused_for_now_is_tried_again_and_sent(server, cast, as_owner, as_worker):
    set_up(cast, as_owner)
    server.answers = ["451 Later"]
    assert post(as_worker, cast) == [NOW + timedelta(minutes=1)]
    assert sendings(as_owner) == [("waiting", 1, "451")]
    assert post(as_worker, cast, NOW + timedelta(minutes=1)) == [None]
    assert sendings(as_owner) == [("sent", 2, "")]


def test_a_mail_that_is_refused_for_good_is_given_up_and_shown(server, cast, as_owner, as_worker, browser):
    set_up(cast, as_owner)
    server.answers = ["550 No such person analyst@veche.example"]
    assert post(as_worker, cast) == [None]
    assert sendings(as_owner) == [("failed", 1, "550")]
    page = browser("controller").get("/board/mailings/").content.decode()
    assert "Not sent" in page
    assert "the mail server refused it (550)" in page


def test_without_a_server_that_answers_a_mail_waits_and_is_given_up_at_last(cast, as_owner, as_worker):
    from veche.service.board.mailing import WAITS

    set_up(cast, as_owner)
    now = NOW
    with named(free_port()):
        for wait in WAITS:
            assert post(as_worker, cast, now) == [now + wait]
            now += wait
        assert post(as_worker, cast, now) == [None]
    assert sendings(as_owner) == [("failed", len(WAITS) + 1, "unreachable")]


def test_a_mail_is_counted_with_the_rights_of_its_reader(server, cast, as_owner, as_worker):
    set_up(cast, as_owner, to="roads", language="en")
    post(as_worker, cast)
    [(_to, mail)] = server.mails
    # The official of one body sees no appeal that is not of that body.
    assert "No appeals" in body(mail, "plain")


QUOTED = "Собаки каждое утро стоят у ворот школы."


@pytest.fixture
def signed(cast, filled, as_owner):
    """A theme that was signed off, of the appeals of last week, with a quotation and its audit."""
    from veche.service.inbox.models import Appeal
    from veche.service.themes.models import Quotation

    with as_owner():
        theme = sign_off(cast.tenants.region)
    filled(*[{"day": "2026-11-18", "theme": str(theme.pk)}] * 20)
    with as_owner():
        [appeal] = Appeal.objects.order_by("number")[:1]
        Quotation.objects.create(theme=theme, tenant=cast.tenants.region, appeal=appeal, text=QUOTED)
    return theme


_AUDITS = {
    "en": "These quotations represent people better than quotations drawn by lot. 4 quotations for 123"
    " people; 71% find one close to what they wrote. Left out: People with disabilities (8.0%).",
    "ru": "Эти цитаты представляют людей лучше, чем выбранные по жребию. 4 цитаты на 123 человека; 71\u00a0%"
    " находят среди них близкую к тому, что написали. Не услышаны: Люди с инвалидностью (8,0\u00a0%).",
}


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_quotation_comes_with_whom_the_quotations_leave_out(
    server, cast, signed, as_owner, as_worker, language
):
    set_up(cast, as_owner, language=language)
    post(as_worker, cast)
    [(_to, mail)] = server.mails
    for kind in ("plain", "html"):
        _before, quotation, behind = body(mail, kind).partition(QUOTED)
        assert quotation
        assert _AUDITS[language] in behind, behind
        assert str(signed) in body(mail, kind)


def test_who_may_not_see_small_numbers_gets_the_audit_without_them(server, cast, signed, as_owner, as_worker):
    set_up(cast, as_owner, to="administrator", language="en")
    post(as_worker, cast)
    [(_to, mail)] = server.mails
    text = body(mail, "plain").replace("\r", "")
    assert str(signed) in text
    assert "drawn by lot. Left out: People with disabilities.\n" in text
    assert not {"4", "123", "71%"} & set(re.split(r"[\s;(),]+", text))


def test_who_works_there_no_more_gets_nothing(server, cast, as_owner, as_worker):
    from veche.service.accounts.models import Role

    set_up(cast, as_owner)
    with as_owner():
        Role.objects.filter(user=cast.people.analyst).update(valid_to=NOW - timedelta(days=1))
    post(as_worker, cast)
    assert server.mails == []
    assert sendings(as_owner) == [("failed", 1, "not_wanted")]


def test_its_reader_ends_it_without_signing_in(server, cast, as_owner, as_worker):
    from django.test import Client

    set_up(cast, as_owner, language="en")
    post(as_worker, cast)
    [(_to, mail)] = server.mails
    address = mail["List-Unsubscribe"].strip(" <>").removeprefix("https://appeals.example")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert address in body(mail, "plain")
    client = Client(enforce_csrf_checks=True)
    assert "End this mail" in client.get(address).content.decode()
    post(as_worker, cast, NOW + timedelta(days=7))
    assert len(server.mails) == 2, "asking ends nothing"
    assert "not sent to you any more" in client.post(address).content.decode()
    assert client.post(address).status_code == 200, "once more does no harm"
    post(as_worker, cast, NOW + timedelta(days=14))
    assert len(server.mails) == 2
    assert client.get("/board/mailings/end/forged:token/").status_code == 404


def test_people_of_the_authority_alone_can_be_chosen(browser, cast, as_owner):
    from veche.service.board.models import Mailing

    client = browser("controller")
    page = client.get("/board/mailings/").content.decode()
    assert "analyst@veche.example" in page
    assert "stranger@veche.example" not in page
    assert "No mail server is named" in page
    wanted = {"weekday": "0", "time": "08:00", "language": "ru", "query": "topic=health&since=2026-11-01"}
    refused = client.post("/board/mailings/region/", {**wanted, "to": str(cast.people.stranger.pk)})
    assert refused.status_code == 422
    assert (
        client.post("/board/mailings/region/", {**wanted, "to": str(cast.people.analyst.pk)}).status_code
        == 302
    )
    with as_owner():
        made = Mailing.objects.get()
    # Days are those of the mail itself, every week other ones.
    assert made.query == "topic=health"
    assert client.post(f"/board/mailings/{made.pk}/end/").status_code == 302
    with as_owner():
        assert Mailing.objects.get().ended_at is not None


@pytest.mark.parametrize("name", ["editor", "official", "auditor", "stranger"])
def test_who_may_not_set_mails_up_finds_no_such_page(browser, cast, as_owner, name):
    made = set_up(cast, as_owner)
    client = browser(name)
    if name != "stranger":
        assert client.get("/board/mailings/").status_code == 404
    assert client.post("/board/mailings/region/", {}).status_code == 404
    assert client.post(f"/board/mailings/{made.pk}/end/").status_code == 404


@given(
    weekday=st.integers(0, 7),
    hour=st.integers(0, 23),
    minute=st.integers(0, 59),
    after=st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)),
    zone=st.sampled_from(["Europe/Moscow", "America/New_York", "Asia/Kamchatka"]),
)
def test_the_next_time_is_later_on_the_right_day_and_within_a_week(weekday, hour, minute, after, zone):
    from veche.service.board.mailing import next_time

    at, after = ZoneInfo(zone), after.replace(tzinfo=UTC)
    found = next_time(weekday, time(hour, minute), at, after=after)
    local = found.astimezone(at)
    assert after < found <= after + timedelta(days=1 if weekday == 7 else 7, hours=2)
    assert weekday in (7, local.weekday()) or local.hour != hour, "a clock was set forward over midnight"


def test_the_jobs_make_what_is_due_and_send_it(server, cast, as_owner, as_worker):
    from django.db import connection

    from veche.service.board import tasks

    set_up(cast, as_owner)
    with as_worker():
        tasks.due(int(NOW.timestamp()))
        tasks.due(int(NOW.timestamp()))
        with connection.cursor() as cursor:
            cursor.execute("SELECT args FROM procrastinate_jobs WHERE task_name = 'board.send'")
            jobs = [json.loads(row[0]) if isinstance(row[0], str) else row[0] for row in cursor.fetchall()]
        assert len(jobs) == 1, "one mail, however often it is looked"
        tasks.send(**jobs[0])
        tasks.send(**jobs[0])
    assert len(server.mails) == 1, "begun again, it is not sent again"
