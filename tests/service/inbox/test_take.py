"""Taking appeals in: once, whole, with person and thread, inside the walls."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from veche.core.errors import RowsRefused
from veche.intake.model import MAX_TEXT_CHARACTERS

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


@pytest.fixture
def take(cast):
    """Hand in messages to the region's channel, in a transaction of their own."""
    from veche.service.accounts.acting import working
    from veche.service.inbox.take import take

    def taken(*batch, tenant=cast.tenants.region, channel=cast.channels.region, now=NOW):
        with working(tenant.pk):
            return take(tenant.pk, channel.pk, batch, actor="process:test", now=now)

    return taken


@pytest.fixture
def message():
    from veche.service.inbox.incoming import Incoming

    def made(text="No hot water for five days.", **fields):
        return Incoming(text=text, **fields)

    return made


@pytest.fixture
def seen(cast):
    """Read something as a machine of the region."""
    from veche.service.accounts.acting import working

    def read(query):
        with working(cast.tenants.region.pk):
            return query()

    return read


def appeals():
    from veche.service.inbox.models import Appeal

    return list(Appeal.objects.order_by("number"))


def test_an_appeal_is_there_with_all_that_belongs_to_it(take, message, seen):
    from veche.service.inbox.models import Pending
    from veche.service.ledger.models import LedgerEntry
    from veche.service.vault.keys import secret_hash
    from veche.service.vault.seal import open_appeal

    (taken,) = take(message(author="Ann Example", contacts=["ann@mail.example"], lat=55.8, lon=49.1))
    (appeal,) = seen(appeals)
    assert (appeal.pk, appeal.number, appeal.state) == (taken.appeal_id, taken.number, "received")
    assert appeal.received_at == appeal.taken_at == NOW
    assert bytes(appeal.secret_hash) == secret_hash(taken.secret)
    original = seen(lambda: open_appeal(taken.appeal_id))
    assert original.text == "No hot water for five days."
    assert (original.author, original.contacts, original.lat) == ("Ann Example", ["ann@mail.example"], 55.8)
    assert seen(Pending.objects.get).appeal_id == taken.appeal_id
    entry = seen(lambda: LedgerEntry.objects.get(act="appeal.taken"))
    assert (entry.actor, entry.facts["count"]) == ("process:test", 1)


def test_an_appeal_sent_twice_is_taken_once_and_keeps_its_number(take, message, seen):
    first = take(message(foreign_id="7"))[0]
    second = take(message(foreign_id="7"), now=NOW + timedelta(days=400))[0]
    assert first.new
    assert not second.new
    assert second.same
    assert (second.appeal_id, second.number, second.secret) == (first.appeal_id, first.number, None)
    assert len(seen(appeals)) == 1


def test_another_text_under_the_same_id_is_told_and_not_taken(take, message, seen):
    first = take(message(foreign_id="7"))[0]
    other, new = take(message("Another matter.", foreign_id="7"), message("A third.", foreign_id="8"))
    assert (other.number, other.new, other.same) == (first.number, False, False)
    assert new.new
    assert len(seen(appeals)) == 2


def test_equal_texts_of_one_batch_are_as_many_appeals_however_often_it_is_sent(take, message, seen):
    batch = [message("Yes"), message("Yes"), message("No")]
    first, again = take(*batch), take(*batch)
    assert [t.new for t in first] == [True] * 3
    assert [t.number for t in again] == [t.number for t in first]
    assert len(seen(appeals)) == 3


def test_the_same_id_twice_in_one_batch_is_one_appeal(take, message, seen):
    one, two = take(message(foreign_id="7"), message(foreign_id="7"))
    assert (one.new, two.new) == (True, False)
    assert one.number == two.number
    assert len(seen(appeals)) == 1


def test_the_same_words_without_a_name_in_another_season_are_another_appeal(take, message):
    assert take(message())[0].number != take(message(), now=NOW + timedelta(days=60))[0].number


def test_the_same_words_of_two_people_are_two_appeals(take, message):
    ann, bob = (take(message(contacts=[c]))[0] for c in ("ann@mail.example", "bob@mail.example"))
    assert ann.number != bob.number


def test_what_a_channel_calls_the_same_is_the_same(take, message):
    one, again = (take(message(identity="nonce"), now=NOW + timedelta(days=d))[0] for d in (0, 9))
    assert one.number == again.number


def test_an_id_is_of_its_channel_and_tenant(take, message, cast):
    here = take(message(foreign_id="7"))[0]
    there = take(message(foreign_id="7"), tenant=cast.tenants.other, channel=cast.channels.other)[0]
    assert there.new
    assert there.number != here.number


def test_two_messages_of_one_contact_are_of_one_person_in_two_threads(take, message, seen):
    take(message("Roads", contacts=["+7 900 000-00-00"]), message("Pension", contacts=["8 (900) 000 00 00"]))
    take(message("Clinic", contacts=["ann@mail.example"]))
    road, pension, clinic = seen(appeals)
    assert road.person_id == pension.person_id != clinic.person_id
    assert len({road.thread_id, pension.thread_id, clinic.thread_id}) == 3


def test_people_without_a_contact_are_each_their_own(take, message, seen):
    from veche.service.inbox.models import Person

    take(message("One"), message("Two"))
    assert seen(Person.objects.count) == 2


def test_a_repeat_leaves_no_person_or_thread_behind(take, message, seen):
    from veche.service.inbox.models import Person, Thread

    for _ in range(2):
        take(message(foreign_id="7"), message(foreign_id="7"))
    assert seen(Person.objects.count) == seen(Thread.objects.count) == 1


def test_what_answers_a_number_joins_its_thread_and_is_of_its_author(take, message, seen):
    from veche.service.inbox.models import Thread

    first = take(message(received_at=NOW - timedelta(days=5)))[0]
    take(message("You did not answer.", answers=first.number))
    one, two = seen(appeals)
    assert one.thread_id == two.thread_id
    assert one.person_id == two.person_id
    thread = seen(Thread.objects.get)
    assert (thread.opened_at, thread.last_at) == (NOW - timedelta(days=5), NOW)


def test_another_tenants_number_joins_nothing(take, message, cast, seen):
    from veche.service.inbox.models import Thread

    first = take(message(), tenant=cast.tenants.other, channel=cast.channels.other)[0]
    (second,) = take(message("Again.", answers=first.number))
    (appeal,) = seen(appeals)
    assert appeal.number == second.number
    assert seen(Thread.objects.get).person_id == appeal.person_id


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("reply_first", [True, False])
def test_a_reply_finds_its_thread_whichever_comes_first(take, message, seen, together, reply_first):
    batch = [message("Pothole", foreign_id="m1"), message("Still there", foreign_id="m2", thread="m1")]
    batch = batch[::-1] if reply_first else batch
    if together:
        take(*batch)
    else:
        for one in batch:
            take(one)
    one, two = seen(appeals)
    assert one.thread_id == two.thread_id


def test_a_reply_to_a_reply_is_of_the_same_thread(take, message, seen):
    take(message("a", foreign_id="m1"))
    take(message("b", foreign_id="m2", thread="m1"))
    take(message("c", foreign_id="m3", thread="m2"))
    assert len({a.thread_id for a in seen(appeals)}) == 1


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"text": " \u200b\n"}, "VECHE-I014"),
        ({"text": "x" * (MAX_TEXT_CHARACTERS + 1)}, "VECHE-I015"),
        ({"text": "a\x00b"}, "VECHE-V202"),
        ({"author": "\ud800"}, "VECHE-V202"),
        ({"kept": {"a": "\x00"}}, "VECHE-V202"),
        ({"received_at": NOW + timedelta(days=2)}, "VECHE-V203"),
        ({"received_at": datetime(1989, 12, 31, tzinfo=UTC)}, "VECHE-V203"),
        ({"lat": 91.0, "lon": 0.0}, "VECHE-V204"),
        ({"lat": 1.0}, "VECHE-V204"),
        ({"lat": float("nan"), "lon": 0.0}, "VECHE-V204"),
        ({"age": 121}, "VECHE-V205"),
        ({"received_zone": "Mars/Olympus"}, "VECHE-V206"),
        ({"sex": "?"}, "VECHE-V207"),
    ],
)
def test_what_cannot_be_taken_is_named_and_nothing_of_the_batch_is_taken(take, message, seen, fields, code):
    with pytest.raises(RowsRefused) as refused:
        take(message("Good."), message(**fields))
    assert {i: e.code for i, e in refused.value.facts["rows"].items()} == {1: code}
    assert seen(appeals) == []


@pytest.mark.parametrize("zone", ["", "Europe/Moscow", "+03:00", "-0330", "UTC"])
def test_zones_are_kept(take, message, seen, zone):
    take(message(received_zone=zone))
    assert seen(appeals)[0].received_zone == zone


def test_nothing_is_taken_outside_the_walls(cast, message):
    from django.db import DatabaseError

    from veche.service.accounts.acting import working
    from veche.service.inbox.take import take

    with pytest.raises(DatabaseError), working(cast.tenants.other.pk):
        take(cast.tenants.region.pk, cast.channels.region.pk, [message()], actor="process:test")


def test_a_batch_takes_a_handful_of_statements_whatever_its_size(take, message):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for size in (2, 300):
        batch = [
            message(f"{size} {i}", contacts=[f"{size}-{i}@mail.example"], answers=1, thread="t")
            for i in range(size)
        ]
        with CaptureQueriesContext(connection) as queries:
            take(*batch)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 20


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.sampled_from("abcdef"), max_size=5), max_size=5))
def test_however_ids_are_repeated_each_has_one_number(take, message, seen, batches):
    numbers = {}
    for batch in batches:
        for name, taken in zip(batch, take(*(message(foreign_id=n) for n in batch)), strict=True):
            assert numbers.setdefault(name, taken.number) == taken.number
    assert len(set(numbers.values())) == len(numbers)
    assert set(numbers.values()) <= {a.number for a in seen(appeals)}
