"""Entries are appended by everybody who works here, and changed by nobody."""

import threading
from contextlib import contextmanager
from uuid import UUID

import orjson
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import errors

from veche.core.errors import NotForTheLedger, UnknownAct
from veche.core.ids import uuid7
from veche.ledger.entry import PLATFORM, Entry, hashed_facts
from veche.ledger.place import State, follows
from veche.ledger.values import LARGEST, digest_of

TABLES = ("ledger_entry", "ledger_head", "ledger_statement")


@contextmanager
def working(*tenants):
    from veche.service.accounts.acting import working as enter

    with enter(*(t.pk for t in tenants)):
        yield


def append(tenant, act="appeal.understood", *, actor="inbox.worker", object="chunk", facts=None):
    from veche.service.ledger.append import append as really

    return really(getattr(tenant, "pk", tenant), act, actor=actor, object=object, facts=facts or {})


def chain_of(url, tenant):
    from veche.service.ledger.rows import entries_after

    with psycopg.connect(url) as connection:
        return list(entries_after(connection, str(getattr(tenant, "pk", tenant)), 0, to=10**9))


def assert_whole(entries):
    state = State(entries[0].tenant)
    for entry in entries:
        assert follows(state, entry)
        state = State(entry.tenant, entry.seq, entry.hash, entry.at)


def test_entries_are_chained_by_the_hash_that_the_verifier_computes(cast, urls):
    region = cast.tenants.region
    facts = {
        "b_2": True,
        "b10": 7,
        "a": "v.1",
        "id": uuid7(),
        "of": digest_of([uuid7()]),
        "none": "",
        "n": -3,
    }
    with working(region):
        first = append(region, object=f"appeal:{uuid7()}", facts=facts)
        second = append(region, "appeal.taken", actor=f"token:{uuid7()}")
    entries = chain_of(urls.owner, region)
    assert [(e.seq, e.hash) for e in entries] == [first, second]
    assert_whole(entries)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.from_regex(r"\A[a-z][a-z0-9_]{0,39}\Z"),
        st.booleans()
        | st.integers(-LARGEST, LARGEST)
        | st.uuids().map(str)
        | st.from_regex(r"\A[a-z]{1,9}\Z"),
        max_size=8,
    )
)
def test_facts_have_the_same_bytes_in_the_database_and_here(facts_):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT veche_ledger_facts(%s::jsonb)", [orjson.dumps(facts_).decode()])
        assert cursor.fetchone() == (hashed_facts(facts_),)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(alphabet="aZ09f.-_/: \n'é", max_size=12) | st.sampled_from(["2026-11-22", "1.2.3.4", "1234567-4"])
)
def test_the_database_takes_and_refuses_the_same_values_as_we_do(text):
    from django.db import connection

    from veche.ledger.values import value

    with connection.cursor() as cursor:
        cursor.execute("SELECT veche_ledger_takes(%s)", [text])
        taken = cursor.fetchone()[0]
    try:
        assert (value("x", text) == text) is taken
    except NotForTheLedger:
        assert not taken


@pytest.mark.parametrize(
    "text",
    ["Ivan Petrov", "+79161234567", "79161234567", "a@example.org", "10.0.0.1", "Яма", "x" * 201, "a\n"],
)
def test_words_and_contacts_are_refused(cast, text):
    with pytest.raises(NotForTheLedger), working(cast.tenants.region):
        append(cast.tenants.region, facts={"said": text})
    with pytest.raises(NotForTheLedger), working(cast.tenants.region):
        append(cast.tenants.region, object=f"appeal:{text}")


@pytest.mark.parametrize(
    "facts", [{"n": 79161234567}, {"n": 1.5}, {"n": None}, {"n": [1]}, {"Name": 1}, {"n": {}}]
)
def test_facts_of_other_kinds_are_refused_here_and_by_the_database(cast, facts):
    from django.db import connection

    with pytest.raises(NotForTheLedger), working(cast.tenants.region):
        append(cast.tenants.region, facts=facts)
    with connection.cursor() as cursor:
        cursor.execute("SELECT veche_ledger_takes_facts(%s::jsonb)", [orjson.dumps(facts).decode()])
        assert cursor.fetchone() == (False,)


def test_an_act_without_words_is_refused(cast):
    with pytest.raises(UnknownAct), working(cast.tenants.region):
        append(cast.tenants.region, "appeal.eaten")


def test_what_a_transaction_that_fails_appended_is_not_there(cast, urls):
    region = cast.tenants.region
    with pytest.raises(ZeroDivisionError), working(region):
        assert 1 / (append(region).seq - 1)
    with working(region):
        assert append(region).seq == 1
    assert len(chain_of(urls.owner, region)) == 1


def test_entries_of_several_tenants_keep_their_order_and_their_chains(cast, urls):
    from veche.service.ledger.append import append_many
    from veche.service.ledger.entries import New

    region, city = cast.tenants.region, cast.tenants.city
    with working(region, city):
        new = [
            New(t.pk, "appeal.taken", "form", "channel", {"n": n}) for n, t in enumerate([city, region, city])
        ]
        assert [a.seq for a in append_many(new)] == [1, 1, 2]
    assert [e.facts["n"] for e in chain_of(urls.owner, city)] == [0, 2]
    assert_whole(chain_of(urls.owner, city))


def test_many_at_once_make_one_whole_chain(cast, urls):
    """Two tenants in both orders: whoever waits for a chain never holds one that the other waits for."""
    from django.db import connection

    from veche.service.ledger.append import append_many
    from veche.service.ledger.entries import New

    tenants = [cast.tenants.region, cast.tenants.city]
    failed = []

    def work(order):
        try:
            for _ in range(20):
                with working(*tenants):
                    append_many(New(t.pk, "appeal.taken", "form", "channel", {}) for t in order)
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(tenants[:: 1 - 2 * (n % 2)],)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    for tenant in tenants:
        entries = chain_of(urls.owner, tenant)
        assert len(entries) == 120
        assert_whole(entries)


def test_time_never_goes_back_when_the_clock_is_set_back(cast, urls):
    """The last entry has a time that the clock has not reached: what follows takes that time."""
    region = cast.tenants.region
    ahead = Entry(
        str(region.pk),
        1,
        "2126-01-01T00:00:00.000000Z",
        "form",
        "appeal.taken",
        "channel",
        "",
        {},
        "0" * 64,
        "",
    )
    with psycopg.connect(urls.owner) as connection:
        connection.execute(
            "INSERT INTO ledger_entry VALUES (%s, 1, %s, 'form', 'appeal.taken', 'channel', '', '{}',"
            " %s, %s)",
            [ahead.tenant, ahead.at, ahead.previous, ahead.digest()],
        )
    with working(region):
        append(region)
    entries = chain_of(urls.owner, region)
    assert [e.at for e in entries] == [ahead.at, ahead.at]
    assert_whole(entries)


def test_a_chain_is_written_only_by_who_acts_there(cast):
    from django.db.utils import DatabaseError

    from veche.service.accounts.acting import acting

    with pytest.raises(DatabaseError, match="does not act"), working(cast.tenants.other):
        append(cast.tenants.region)
    with pytest.raises(DatabaseError, match="does not act"), acting(cast.people.stranger):
        append(cast.tenants.region)
    with acting(cast.people.head):
        append(cast.tenants.city, actor=f"user:{cast.people.head.pk}")
    append(UUID(PLATFORM), "login.refused", object="login")


def test_nobody_appends_in_the_name_of_another(cast):
    from django.db.utils import DatabaseError

    from veche.service.accounts.acting import acting

    with pytest.raises(DatabaseError, match="another person"), acting(cast.people.editor):
        append(cast.tenants.region, actor=f"user:{cast.people.mayor.pk}")


def test_who_was_lent_an_appeal_writes_what_was_done_to_it_into_the_lenders_chain(cast, as_owner, urls):
    from datetime import UTC, datetime, timedelta

    from veche.service.accounts.acting import acting
    from veche.service.accounts.models import Delegation

    region, other = cast.tenants.region, cast.tenants.other
    with as_owner():
        appeal = _appeal(cast).pk
        since = datetime.now(UTC) - timedelta(hours=1)
        Delegation.objects.create(tenant=region, to_tenant=other, appeal_id=appeal, valid_from=since)
    with acting(cast.people.stranger):
        append(region, "original.seen", actor=f"user:{cast.people.stranger.pk}", object=f"appeal:{appeal}")
    assert len(chain_of(urls.owner, region)) == 1


def _appeal(cast):
    import os
    from datetime import UTC, datetime

    from veche.service.inbox.models import Appeal, Person, Thread

    now, region = datetime.now(UTC), cast.tenants.region
    person = Person.objects.create(tenant=region)
    thread = Thread.objects.create(tenant=region, person=person, opened_at=now, last_at=now)
    return Appeal.objects.create(
        tenant=region, channel=cast.channels.region, person=person, thread=thread, number=1000001,
        identity=os.urandom(32), secret_hash=os.urandom(32), received_at=now, taken_at=now,
    )  # fmt: skip


@pytest.mark.parametrize("role", ["web", "worker", "sealer", "owner"])
@pytest.mark.parametrize("change", ["UPDATE {} SET tenant_id = tenant_id", "DELETE FROM {}", "TRUNCATE {}"])
@pytest.mark.parametrize("table", TABLES[:2])
def test_nobody_changes_or_removes_what_stands_there(cast, urls, role, change, table):
    with working(cast.tenants.region):
        append(cast.tenants.region)
    with psycopg.connect(getattr(urls, role)) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute(change.format(table))


@pytest.mark.parametrize(
    ("role", "table"),
    [(role, table) for role in ("web", "worker") for table in TABLES]
    + [("sealer", "ledger_entry"), ("sealer", "ledger_statement")],
)
def test_nobody_inserts_past_the_function(cast, urls, role, table):
    region = cast.tenants.region.pk
    with psycopg.connect(getattr(urls, role)) as connection:
        if role != "sealer":
            connection.execute("SELECT veche_enter_machine(%s)", [[region]])
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute(f"INSERT INTO {table} (tenant_id) VALUES (%s)", [region])


def test_a_chain_is_seen_by_its_own_and_by_those_above_and_without_a_tenant_by_nobody(cast):
    from veche.service.accounts.acting import acting
    from veche.service.ledger.models import LedgerEntry

    with working(cast.tenants.city):
        append(cast.tenants.city)
    people = cast.people
    for person, seen in ((people.mayor, 1), (people.auditor, 1), (people.head, 1), (people.stranger, 0)):
        with acting(person):
            assert LedgerEntry.objects.count() == seen
    assert LedgerEntry.objects.count() == 0
