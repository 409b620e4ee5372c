"""Workers lose nothing, double nothing, and one appeal that ends a process does not hold up the others."""

import signal
import time
from collections import Counter
from contextlib import contextmanager

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from tests.service.inbox.understanding import opened, start_worker, worker_here

#: A stage of a third party, found through its entry point, that ends the process on a word.
POISON = """
import os, signal
import pyarrow as pa
import pyarrow.compute as pc

class Poison:
    name, version, fallbacks = "poison", "1", {}
    reads = (pa.field("text", pa.string()),)
    adds = (pa.field("swallowed", pa.bool_()),)

    def open(self, context):
        pass

    def __call__(self, batch):
        if pc.any(pc.match_substring(batch["text"], "arsenic")).as_py():
            os.kill(os.getpid(), signal.SIGKILL)
        return batch.append_column("swallowed", pa.array([False] * len(batch)))
"""


def wait_for(condition, *, seconds=90):
    """Wait until something holds, and return what it returned."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError("it never came to hold")


@pytest.fixture
def worker(urls):
    """Start workers in processes of their own; they are ended with the test."""
    started = []

    def start(**options):
        started.append(start_worker(urls.worker, **options))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def poison(tmp_path):
    """A folder with an installed package that brings the stage."""
    (tmp_path / "poison_stage.py").write_text(POISON)
    info = tmp_path / "poison_stage-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: poison-stage\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[veche.stages]\npoison = poison_stage:Poison\n")
    return tmp_path


def texts(n):
    return [
        f"Dear sirs, the street lamp number {i} at Newbury Street has been dark for days." for i in range(n)
    ]


def test_a_worker_killed_in_the_middle_of_a_chunk_loses_and_doubles_nothing(
    worker, handed_in, understood, rows_of
):
    first = worker()
    wait_for(lambda: rows_of("SELECT 1 FROM inbox_worker"))
    appeals = handed_in(*texts(150), to="city")
    wait_for(lambda: rows_of("SELECT 1 FROM inbox_pending WHERE tries = 1"))
    first.send_signal(signal.SIGKILL)
    assert first.wait() == -signal.SIGKILL
    wait_for(lambda: not rows_of("SELECT 1 FROM inbox_pending WHERE held_until > clock_timestamp()"))
    understood()
    assert rows_of("SELECT count(*) FROM inbox_appealtext") == [(len(appeals),)]
    assert rows_of("SELECT count(*) FROM inbox_appeal WHERE state <> 'understood'") == [(0,)]
    assert rows_of("SELECT count(*) FROM inbox_appeal WHERE veche_counted(state, day)") == [(len(appeals),)]
    doubled = "SELECT appeal_id FROM inbox_finding WHERE facet = 'language' GROUP BY 1 HAVING count(*) > 1"
    assert rows_of(doubled) == []


def test_an_appeal_that_ends_a_process_is_set_aside_and_the_others_go_on(worker, poison, handed_in, rows_of):
    *good, bad = handed_in(*texts(5), "There is arsenic in the well, I say.", to="city")
    assert worker(path=[poison]).wait(timeout=90) == -signal.SIGKILL
    second = worker(path=[poison])
    wait_for(lambda: not rows_of("SELECT 1 FROM inbox_pending"))
    assert second.poll() is None
    states = dict(rows_of("SELECT id, state FROM inbox_appeal"))
    assert states == {**dict.fromkeys(good, "understood"), bad: "aside"}
    assert rows_of("SELECT aside_reason FROM inbox_appeal WHERE id = %s", bad) == [("stage_crashed",)]
    assert rows_of("SELECT count(*) FROM ledger_entry WHERE act = 'appeal.aside'") == [(1,)]


def test_a_database_that_goes_away_is_no_try_of_the_appeals(worker, superuser, urls, handed_in, rows_of):
    worker()
    wait_for(lambda: rows_of("SELECT 1 FROM inbox_worker"))
    held = "SELECT DISTINCT holder, tries FROM inbox_pending WHERE holder IS NOT NULL"
    with psycopg.connect(urls.owner) as blocking:
        blocking.execute("LOCK inbox_appealtext")
        handed_in(*texts(20), to="city")
        ((holder, tries),) = wait_for(lambda: rows_of(held))
        with away(superuser, blocking.info.dbname):
            time.sleep(1.5)
        ((later, again),) = wait_for(lambda: [row for row in rows_of(held) if row[0] != holder])
    assert (tries, again) == (1, 1)
    assert later != holder
    wait_for(lambda: not rows_of("SELECT 1 FROM inbox_pending"))
    assert rows_of("SELECT state, count(*) FROM inbox_appeal GROUP BY 1") == [("understood", 20)]


@contextmanager
def away(superuser, database):
    """End the sessions of workers and let nobody connect to the database meanwhile."""
    allow = SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute(allow.format(Identifier(database), False))
        try:
            ended = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = %s AND usename = 'veche_worker'"""
            assert connection.execute(ended, [database]).fetchall()
            yield
        finally:
            connection.execute(allow.format(Identifier(database), True))


def test_what_was_set_aside_can_be_tried_again(cast, worker, poison, handed_in, understood, rows_of):
    from veche.service.accounts.acting import working
    from veche.service.inbox.claims import retry_aside

    (bad,) = handed_in("There is arsenic in the well, I say.", to="city")
    worker(path=[poison]).wait(timeout=90)
    second = worker(path=[poison])
    wait_for(lambda: rows_of("SELECT 1 FROM inbox_appeal WHERE state = 'aside'"))
    second.terminate()
    second.wait()
    city = cast.tenants.city.pk
    with working(city):
        assert retry_aside(city, actor="process:test") == 1
        assert retry_aside(city, actor="process:test") == 0
    understood()
    assert rows_of("SELECT id, state, aside_reason FROM inbox_appeal") == [(bad, "understood", "")]


def test_a_worker_that_is_told_to_end_finishes_its_chunk(worker, handed_in, rows_of):
    process = worker()
    wait_for(lambda: rows_of("SELECT 1 FROM inbox_worker"))
    handed_in(*texts(60), to="city")
    wait_for(lambda: rows_of("SELECT 1 FROM inbox_pending WHERE tries = 1"))
    process.terminate()
    assert process.wait(timeout=60) == 0
    assert rows_of("SELECT state, count(*) FROM inbox_appeal GROUP BY 1") == [("understood", 60)]
    assert rows_of("SELECT 1 FROM inbox_worker") == []


def test_several_workers_share_what_waits(worker, handed_in, rows_of):
    for _ in range(2):
        worker()
    wait_for(lambda: len(rows_of("SELECT 1 FROM inbox_worker")) == 2)
    for i in range(4):
        handed_in(*(f"{text} Report {i}." for text in texts(100)), to="city")
    wait_for(lambda: not rows_of("SELECT 1 FROM inbox_pending"))
    assert rows_of("SELECT count(*) FROM inbox_appeal WHERE veche_counted(state, day)") == [(400,)]
    found = Counter(
        row[0] for row in rows_of("SELECT appeal_id FROM inbox_finding WHERE facet = 'kind' AND rank = 0")
    )
    assert len(found) == 400
    assert set(found.values()) == {1}


def test_what_a_lost_worker_held_is_understood_together(urls, as_worker, handed_in, rows_of):
    from veche.service.inbox import claims

    handed_in(*texts(30), to="city")
    sizes = []
    with as_worker():
        claims.release(claims.claim_new(30))
        worker = worker_here(urls.worker)
        apart = worker._alone.understand
        worker._alone.understand = lambda means, originals: (
            sizes.append(originals.num_rows) or apart(means, originals)
        )
        while worker.step():
            pass
        worker._alone.close()
    assert sizes == [30]
    assert rows_of("SELECT state, count(*) FROM inbox_appeal GROUP BY 1") == [("understood", 30)]


def test_after_too_many_lost_workers_appeals_are_set_aside(urls, as_worker, handed_in, rows_of):
    from veche.service.inbox import claims

    handed_in(*texts(3), to="city")
    with as_worker():
        claims.release(claims.claim_new(3))
        for _ in range(claims.MOST_TRIES - 1):
            claims.release(claims.claim_again(3))
        worker = worker_here(urls.worker)
        assert worker.step() == 3
    assert rows_of("SELECT aside_reason, count(*) FROM inbox_appeal GROUP BY 1") == [(claims.LOST, 3)]


def test_a_chunk_that_fails_is_tried_one_by_one(urls, as_worker, handed_in, rows_of, monkeypatch):
    from veche.service.inbox import loop

    class Failing:
        def __init__(self, understanding):
            self.inner = understanding

        def __getattr__(self, name):
            return getattr(self.inner, name)

        def __call__(self, originals):
            if any("arsenic" in text for text in originals["text"].to_pylist()):
                raise ValueError("a stage cannot bear it")
            return self.inner(originals)

    *good, bad = handed_in(*texts(3), "There is arsenic in the well, I say.", to="city")
    with as_worker():
        worker = worker_here(urls.worker)
        monkeypatch.setattr(loop, "opened", lambda means: Failing(opened(means.pack)))
        worker._alone.understand = lambda means, original: Failing(opened(means.pack))(original)
        while worker.step():
            pass
    states = dict(rows_of("SELECT id, state FROM inbox_appeal"))
    assert states == {**dict.fromkeys(good, "understood"), bad: "aside"}
    assert rows_of("SELECT aside_reason FROM inbox_appeal WHERE id = %s", bad) == [("stage_failed",)]


def test_an_original_that_was_changed_is_set_aside_with_its_code(handed_in, understood, rows_of):
    good, bad = handed_in(*texts(2), to="city")
    rows_of(
        "UPDATE vault_sealed SET ciphertext = '\\x00' || ciphertext WHERE appeal_id = %s RETURNING 1", bad
    )
    understood()
    reasons = dict(rows_of("SELECT id, aside_reason FROM inbox_appeal"))
    assert reasons[good] == ""
    assert reasons[bad].startswith("VECHE-")


def test_a_claim_that_ran_out_is_not_written_by_the_worker_that_lost_it(urls, as_worker, handed_in, rows_of):
    from veche.service.inbox import claims

    handed_in(*texts(2), to="city")
    with as_worker():
        slow = worker_here(urls.worker)
        claimed = claims.claim_new(10)
        parts = slow._parts(claimed)
        claims.release(claimed)
        again = claims.claim_again(2)
        assert slow._save(parts) == 0
        assert rows_of("SELECT count(*) FROM inbox_appealtext") == [(0,)]
        assert worker_here(urls.worker)._save(slow._parts(again)) == 2
    assert rows_of("SELECT count(*) FROM inbox_appealtext") == [(2,)]


def test_what_a_lost_worker_held_waits_no_longer(urls, as_worker, handed_in):
    from veche.service.inbox import claims

    handed_in(*texts(3), to="city")
    with as_worker(), psycopg.connect(urls.worker, autocommit=True) as living:
        living.execute("SELECT pg_advisory_lock(%s)", [2**62 + 7])
        claimed = claims.claim_new(2, holder=2**62 + 7)
        lost = claims.claim_new(2, holder=2**62 + 9)
        assert (len(claimed), len(lost)) == (2, 1)
        assert claims.claim_again(2) == []
        assert claims.free_lost() == 1
        assert [claim.appeal_id for claim in claims.claim_again(2)] == [lost[0].appeal_id]
        assert claims.free_lost() == 0
