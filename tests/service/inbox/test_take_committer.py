"""Group commit: neighbours do not fail with one another, and nothing is acknowledged that is not durable."""

import time
from datetime import UTC, datetime

import psycopg
import pytest

from veche.core.errors import RowsRefused, ServiceAway, TooBusy

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


@pytest.fixture
def handed(cast):
    """Make a request of the region, or of another tenant of the cast."""

    def made(*texts, tenant="region", **fields):
        from veche.service.inbox.committer import Handed
        from veche.service.inbox.incoming import Incoming
        from veche.service.inbox.take import arriving

        batch = [Incoming(text=text, **fields) for text in texts]
        of, channel = getattr(cast.tenants, tenant).pk, getattr(cast.channels, tenant).pk
        return Handed(arriving(of, channel, batch, actor="process:test", now=NOW))

    return made


@pytest.fixture
def held(urls, cast):
    """Hold the contact held@mail.example in a transaction of another process until the test releases it."""
    from veche.core.ids import uuid7
    from veche.service.vault.keys import contact_hash

    tenant = cast.tenants.region.pk
    with psycopg.connect(urls.owner) as other:
        other.execute(
            "INSERT INTO inbox_person (id, tenant_id, contact_hash, created_at) VALUES (%s, %s, %s, now())",
            [uuid7(), tenant, contact_hash(tenant, "held@mail.example")],
        )
        yield other
        other.rollback()


def until(condition, seconds=20):
    """Wait for a condition."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


def numbers(cast, tenant="region"):
    from veche.service.accounts.acting import working
    from veche.service.inbox.models import Appeal

    with working(getattr(cast.tenants, tenant).pk):
        return list(Appeal.objects.order_by("number").values_list("number", flat=True))


def test_a_group_of_several_tenants_is_durable_together(handed, cast):
    from veche.service.inbox.committer import commit

    group = [handed("a", "b"), handed("c", tenant="other"), handed("d", tenant="city")]
    commit(group)
    results = [h.result.result(0) for h in group]
    assert [len(r.taken) for r in results] == [2, 1, 1]
    assert sorted(t.number for t in results[0].taken) == numbers(cast)
    assert [t.number for t in results[1].taken] == numbers(cast, "other")


def test_one_bad_request_does_not_fail_its_neighbours(handed, cast):
    from django.db import DataError

    from veche.service.inbox.committer import commit

    group = [handed("good"), handed("bad", received_zone="x" * 61), handed("good too")]
    commit(group)
    assert [t.number for i in (0, 2) for t in group[i].result.result(0).taken] == numbers(cast)
    with pytest.raises(DataError):
        group[1].result.result(0)


def test_the_same_id_with_two_texts_in_one_group_is_taken_once_and_told(handed, cast):
    from veche.service.inbox.committer import commit

    group = [handed("one", foreign_id="7"), handed("other", foreign_id="7"), handed("neighbour")]
    commit(group)
    assert group[0].result.result(0).taken[0].new
    with pytest.raises(RowsRefused) as refused:
        group[1].result.result(0)
    assert {i: e.code for i, e in refused.value.facts["rows"].items()} == {0: "VECHE-I020"}
    assert group[2].result.result(0).taken[0].new
    assert len(numbers(cast)) == 2


def test_an_id_that_came_before_with_another_text_refuses_its_request_alone(handed, cast):
    from veche.service.inbox.committer import commit

    commit([handed("one", foreign_id="7")])
    group = [handed("other", foreign_id="7"), handed("neighbour")]
    commit(group)
    with pytest.raises(RowsRefused):
        group[0].result.result(0)
    assert group[1].result.result(0).taken[0].new
    assert len(numbers(cast)) == 2


def test_where_the_database_is_away_each_is_told_and_none_is_acknowledged(handed, cast):
    from tests.service.conftest import connected

    from veche.service.inbox.committer import commit

    group = [handed("a"), handed("b")]
    with connected("postgresql://veche_web@127.0.0.1:1/veche"):
        commit(group)
    for one in group:
        with pytest.raises(ServiceAway):
            one.result.result(0)
    assert numbers(cast) == []


def test_a_connection_that_is_cut_while_writing_takes_nothing_and_the_repeat_takes_all(
    handed, cast, held, superuser
):
    from veche.service.inbox.committer import Committer

    first = handed("a", contacts=["held@mail.example"], foreign_id="7")
    committer = Committer()
    committer.put(first)
    with psycopg.connect(superuser, autocommit=True) as root:
        cut = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND datname = %s AND query LIKE '%%inbox_person%%'"
        )
        until(lambda: root.execute(cut, [held.info.dbname]).fetchall())
    with pytest.raises(ServiceAway):
        first.result.result(10)
    held.rollback()
    assert numbers(cast) == []
    again = handed("a", contacts=["held@mail.example"], foreign_id="7")
    committer.put(again)
    assert again.result.result(10).taken[0].new
    assert len(numbers(cast)) == 1


def test_a_full_queue_tells_to_come_back_and_loses_nothing_of_what_it_holds(handed, cast, held):
    from veche.service.inbox.committer import Committer

    committer = Committer(max_queued=3)
    first, second = handed("a", contacts=["held@mail.example"]), handed("b", "c", "d")
    committer.put(first)
    until(lambda: not committer.queued)
    committer.put(second)
    with pytest.raises(TooBusy):
        committer.put(handed("e"))
    held.rollback()
    assert len(first.result.result(10).taken) == 1
    assert len(second.result.result(10).taken) == 3
    assert len(numbers(cast)) == 4


def test_the_author_who_is_erased_meanwhile_is_a_new_person(handed, cast, as_owner):
    from veche.service.accounts.acting import working
    from veche.service.inbox.committer import commit
    from veche.service.inbox.models import Appeal, Person

    first = handed("a", contacts=["ann@mail.example"])
    commit([first])
    with as_owner():
        Person.objects.update(erased_at=NOW, contact_hash=None)
    number = first.result.result(0).taken[0].number
    second = handed("b", contacts=["ann@mail.example"], answers=number)
    commit([second])
    assert second.result.result(0).taken[0].new
    with working(cast.tenants.region.pk):
        assert len(set(Appeal.objects.values_list("person_id", flat=True))) == 2


def test_many_threads_share_few_transactions(cast, handed):
    from concurrent.futures import ThreadPoolExecutor

    from veche.service.inbox.committer import submit

    requests = [handed(f"appeal {i}").rows for i in range(60)]
    with ThreadPoolExecutor(16) as pool:
        results = list(pool.map(submit, requests))
    assert sorted(r.taken[0].number for r in results) == numbers(cast)
    from veche.service.accounts.acting import working
    from veche.service.inbox.models import Appeal

    with working(cast.tenants.region.pk):
        moments = set(Appeal.objects.values_list("taken_at", flat=True))
    assert len(moments) < 40


def test_who_waits_holds_no_connection_that_the_thread_which_commits_wants(cast, handed):
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection
    from tests.service.conftest import small_pool

    from veche.service.accounts.models import Tenant
    from veche.service.inbox.committer import submit

    requests = [handed(f"appeal {i}").rows for i in range(12)]

    def ask(rows):
        try:
            assert Tenant.objects.exists()  # as a request that looks its token up
            return submit(rows)
        finally:
            connection.close()

    with small_pool(4, timeout=1.0), ThreadPoolExecutor(12) as threads:
        results = list(threads.map(ask, requests))
    assert sorted(r.taken[0].number for r in results) == numbers(cast)
