"""What has grown is signed outside the database; what was signed cannot be taken back unseen."""

import os
import signal
import stat
import subprocess
import sys
import threading
import time

import psycopg
import pytest

from veche.core.errors import LedgerContradicted, LedgerUnreadable, NoSuchTenant, SealerSilent
from veche.ledger.findings import Finding, Flaw
from veche.ledger.seals import SealKind, load_public_keys, read_seal
from veche.ledger.verify import Whole, read_heads, verify

CUT = "DELETE FROM ledger_entry WHERE seq > 10"
CHANGED = "UPDATE ledger_entry SET actor = 'nobody' WHERE seq = 7"
REWRITTEN = "UPDATE ledger_entry SET hash = md5(hash) || md5(hash) WHERE seq = 20"


def seals(sealer):
    return [read_seal(line) for line in sealer.outside.path.read_bytes().splitlines(keepends=True)]


def keys(sealer):
    return load_public_keys([sealer.outside.path.with_name("public.pem")])


def checked(sealer, file, tenant):
    lines = sealer.outside.path.read_bytes().splitlines(keepends=True)
    heads = read_heads(lines, keys(sealer), str(tenant.pk))
    assert not isinstance(heads, Finding)
    return verify(lambda: iter(file.read_bytes().splitlines(keepends=True)), keys(sealer), heads)


@pytest.fixture
def exported(urls, sealer, seal, tmp_path):
    """Export a chain while the sealer does its rounds."""
    from veche.service.ledger.export import export

    def call(slug, *, sealing=True):
        file, over = tmp_path / f"{slug}.jsonl", threading.Event()

        def rounds():
            while not over.is_set():
                seal(sealer)

        thread = threading.Thread(target=rounds if sealing else over.wait)
        thread.start()
        try:
            with psycopg.connect(urls.worker, autocommit=True) as connection:
                export(connection, slug, file, wait_seconds=10 if sealing else 0.3)
        finally:
            over.set()
            thread.join()
        return file

    return call


def test_chains_that_grew_are_signed_and_others_are_not(cast, done, sealer, seal):
    done(cast.tenants.region, 3)
    done(cast.tenants.city)
    assert seal(sealer) == 2
    assert seal(sealer) == 0
    done(cast.tenants.region)
    assert seal(sealer) == 1
    assert [(s.tenant, s.seq, s.kind) for s in seals(sealer)[2:]] == [
        (str(cast.tenants.region.pk), 4, SealKind.HEAD)
    ]


def test_an_export_is_whole_and_agrees_with_what_lies_outside(cast, done, sealer, seal, exported):
    for _ in range(3):
        done(cast.tenants.region, 20)
        seal(sealer)
    whole = checked(sealer, exported("region"), cast.tenants.region)
    assert isinstance(whole, Whole)
    assert whole.statement.seq == 61, "that it was exported is an entry too"
    assert whole.heads >= 4
    assert isinstance(checked(sealer, exported("city"), cast.tenants.city), Whole)


def test_a_sealer_that_starts_again_goes_on_where_it_was(cast, done, sealer, seal, tmp_path):
    from veche.service.ledger.sealer import make_sealer

    done(cast.tenants.region, 3)
    seal(sealer)
    with sealer.outside.path.open("ab") as f:
        f.write(b'{"kind":"head","tenant":"cut off by a cra')
    again = make_sealer(tmp_path / "ledger.key", sealer.outside.path.parent)
    assert seal(again) == 0
    done(cast.tenants.region)
    assert seal(again) == 1
    assert None not in seals(again)


def test_seals_never_go_back_in_time_when_the_clock_is_set_back(cast, done, sealer, seal, set_clock):
    set_clock(sealer, "2030-01-01T00:00:00+00:00")
    done(cast.tenants.region)
    seal(sealer)
    set_clock(sealer, "2020-01-01T00:00:00+00:00")
    done(cast.tenants.region)
    done(cast.tenants.city)
    seal(sealer)
    times = [s.at for s in seals(sealer)]
    assert times == sorted(set(times))


def test_a_database_that_was_cut_off_is_told_by_what_lies_outside(
    cast, done, sealer, seal, tampered, exported, caplog
):
    done(cast.tenants.region, 30)
    seal(sealer)
    tampered(CUT)
    done(cast.tenants.region, 40)
    seal(sealer)
    assert "lost entries" in caplog.text
    assert [(s.kind, s.seq) for s in seals(sealer)[1:]] == [(SealKind.SET_BACK, 0), (SealKind.HEAD, 50)]
    finding = checked(sealer, exported("region"), cast.tenants.region)
    assert isinstance(finding, Finding)
    assert (finding.flaw, finding.first) == (Flaw.REWRITTEN, 1)


def test_a_backup_that_was_restored_is_marked_and_signed_from_there_on(
    cast, done, sealer, seal, tampered, exported, caplog
):
    done(cast.tenants.region, 10)
    seal(sealer)
    done(cast.tenants.region, 20)
    seal(sealer)
    tampered(CUT)
    assert seal(sealer) == 1
    assert (seals(sealer)[-1].kind, seals(sealer)[-1].seq) == (SealKind.SET_BACK, 10)
    assert "lost entries" in caplog.text
    assert seal(sealer) == 0
    finding = checked(sealer, exported("region"), cast.tenants.region)
    assert isinstance(finding, Finding)
    assert (finding.flaw, finding.first, finding.last) == (Flaw.CUT_OFF, 12, 30)


@pytest.mark.parametrize("change", [CHANGED, REWRITTEN])
def test_what_was_changed_before_it_was_signed_is_not_signed(
    cast, done, sealer, seal, tampered, exported, caplog, change
):
    done(cast.tenants.region, 20)
    tampered(change)
    assert seal(sealer) == 0
    assert "broken" in caplog.text
    with pytest.raises(LedgerContradicted):
        exported("region")


def test_a_last_entry_that_was_changed_after_it_was_signed_is_not_signed_again(
    cast, done, sealer, seal, tampered, exported
):
    done(cast.tenants.region, 20)
    seal(sealer)
    tampered(REWRITTEN)
    done(cast.tenants.region)
    assert seal(sealer) == 0
    with pytest.raises(LedgerContradicted) as error:
        exported("region")
    assert error.value.facts == {"tenant": "region", "seq": 20}


def test_an_entry_that_was_changed_after_it_was_signed_is_found_in_the_export(
    cast, done, sealer, seal, tampered, exported
):
    done(cast.tenants.region, 20)
    seal(sealer)
    tampered(CHANGED)
    finding = checked(sealer, exported("region"), cast.tenants.region)
    assert isinstance(finding, Finding)
    assert (finding.flaw, finding.line, finding.first) == (Flaw.CHANGED, 8, 7)


def test_an_export_that_cannot_be_had_says_why(cast, sealer, exported, urls, tmp_path):  # noqa: ARG001
    from veche.service.ledger.export import export

    with pytest.raises(NoSuchTenant, match="nowhere"):
        exported("nowhere")
    with pytest.raises(SealerSilent):
        exported("region", sealing=False)
    (tmp_path / "city.jsonl.part").mkdir()
    with pytest.raises(LedgerUnreadable):
        exported("city")
    assert callable(export)


def test_the_key_is_private_and_its_public_half_is_not(sealer, tmp_path):
    assert stat.S_IMODE((tmp_path / "ledger.key").stat().st_mode) == 0o600
    assert stat.S_IMODE(sealer.outside.path.with_name("public.pem").stat().st_mode) == 0o644


def test_the_process_seals_answers_and_seals_once_more_when_it_is_stopped(cast, done, urls, tmp_path):
    from veche.service.ledger.export import export

    (tmp_path / "ledger").mkdir()
    heads = tmp_path / "ledger" / "heads.jsonl"
    env = os.environ | {
        "VECHE_HOME": str(tmp_path),
        "VECHE_DATABASE_URL": urls.sealer,
        "VECHE_LEDGER_KEY_FILE": str(tmp_path / "ledger.key"),
    }
    done(cast.tenants.city)
    process = subprocess.Popen([sys.executable, "-m", "veche.service.ledger.sealer"], env=env)
    try:
        with psycopg.connect(urls.worker, autocommit=True) as connection:
            assert export(connection, "region", tmp_path / "region.jsonl") == 1
        done(cast.tenants.other)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    sealed = {s.tenant for s in map(read_seal, heads.read_bytes().splitlines(keepends=True))}
    assert sealed == {str(t.pk) for t in (cast.tenants.city, cast.tenants.region, cast.tenants.other)}


def test_the_process_outlives_a_database_that_goes_away(cast, done, urls, superuser, tmp_path):
    (tmp_path / "ledger").mkdir()
    heads = tmp_path / "ledger" / "heads.jsonl"
    env = os.environ | {
        "VECHE_HOME": str(tmp_path),
        "VECHE_DATABASE_URL": urls.sealer,
        "VECHE_LEDGER_KEY_FILE": str(tmp_path / "ledger.key"),
    }
    command = [sys.executable, "-m", "veche.service.ledger.sealer"]
    gone = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'veche_sealer'"
    with subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True) as process:
        try:
            with psycopg.connect(superuser, autocommit=True) as connection:
                until = time.monotonic() + 20
                while not connection.execute(gone).fetchall() and time.monotonic() < until:
                    pass
            assert process.stderr is not None
            assert "away" in process.stderr.readline()
            done(cast.tenants.region)
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert len(heads.read_bytes().splitlines()) in (0, 1)
