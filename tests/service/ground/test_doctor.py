import json

import psycopg
import pytest
from tests.service.ground.keeping import FILL, folder, manage, remove, shell, veche
from tests.service.ground.test_up import Service

from veche.service.ground import checks_running
from veche.service.ground.layout import Home
from veche.service.ground.managing import reached
from veche.service.ground.opened import open_existing


@pytest.fixture(scope="module")
def data():
    path = folder()
    (path / "data" / "keys").mkdir(parents=True)
    with reached(open_existing(path / "data")):
        manage(path / "data", "migrate", "--verbosity", "0")
        shell(path / "data", FILL)
        yield path / "data"
    remove(path)


@pytest.fixture
def owner(data):
    """A connection of the owner of the tables."""
    with psycopg.connect(open_existing(data).prepare_database().owner, autocommit=True) as connection:
        yield connection


def _doctor(data, status):
    found = json.loads(veche("doctor", "--data", data, "--json", status=status))
    return {one["name"]: one for one in found}


def _unsound(found):
    return {name for name, one in found.items() if not one["sound"]}


def test_a_service_that_stands_still_lacks_its_processes_and_a_backup_and_nothing_else(data):
    found = _doctor(data, 1)
    assert _unsound(found) == {"processes", "backup"}
    assert {"python", "postgresql", "folder", "keys", "recovery copy", "disk", "memory", "clock"} <= set(
        found
    )
    assert {"roles", "walls", "migrations", "partitions", "waiting", "jobs", "ledger", "packs"} <= set(found)


def test_each_line_that_is_to_be_mended_says_how(data):
    lines = veche("doctor", "--data", data, status=1).splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("mend  processes"))
    assert "veche up" in lines[at + 1]


def test_what_is_broken_in_the_database_is_found(data, owner):
    owner.execute("ALTER TABLE inbox_person NO FORCE ROW LEVEL SECURITY")
    owner.execute("DELETE FROM django_migrations WHERE name = '0003_erasure'")
    owner.execute("UPDATE accounts_tenant SET pack = 'nowhere' WHERE slug = 'city'")
    job = owner.execute(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, status)"
        " VALUES ('q', 't', 'failed') RETURNING id"
    ).fetchone()[0]
    owner.execute("INSERT INTO procrastinate_events (job_id, type) VALUES (%s, 'failed')", [job])
    owner.execute(
        "UPDATE inbox_appeal SET state = 'aside' WHERE id = (SELECT min(id::text)::uuid FROM inbox_appeal)"
    )
    try:
        found = _doctor(data, 1)
        assert {"walls", "migrations", "packs", "jobs", "set aside"} <= _unsound(found)
        assert found["walls"]["said"] == "inbox_person"
        assert found["migrations"]["said"] == "vault.0003_erasure"
    finally:
        owner.execute("ALTER TABLE inbox_person FORCE ROW LEVEL SECURITY")
        owner.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('vault', '0003_erasure', now())"
        )
        owner.execute("UPDATE accounts_tenant SET pack = 'boston' WHERE slug = 'city'")
        owner.execute("UPDATE inbox_appeal SET state = 'understood'")
        owner.execute("DELETE FROM procrastinate_events WHERE job_id = %s", [job])
        owner.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [job])


def test_a_policy_that_hides_rows_from_the_owner_is_found_and_no_backup_is_made(data, owner):
    owner.execute("ALTER POLICY owner_all ON inbox_appeal USING (state = 'received')")
    try:
        assert "inbox_appeal" in _doctor(data, 1)["walls"]["said"]
        said = veche("backup", "--data", data, "--out", data.parent / "less.tar", status=1)
        assert "VECHE-V409" in said
        assert not (data.parent / "less.tar").exists()
    finally:
        owner.execute("ALTER POLICY owner_all ON inbox_appeal USING (true)")


def test_a_head_that_the_ledger_does_not_contain_is_found(data):
    heads = Home(data).ledger / "heads.jsonl"
    tenant = "00000000-0000-0000-0000-000000000000"
    head = {"kind": "head", "tenant": tenant, "seq": 7, "hash": "a" * 64, "at": "2026-11-22T10:00:00.000000Z"}
    heads.write_text(
        json.dumps(head | {"key": "b" * 16, "signature": "c" * 128}, separators=(",", ":")) + "\n"
    )
    try:
        found = _doctor(data, 1)
    finally:
        heads.unlink()
    assert "ledger" in _unsound(found)


def test_a_key_that_others_can_read_is_found(data):
    key = Home(data).keys / "ledger.key"
    key.chmod(0o644)
    try:
        assert "ledger.key" in _doctor(data, 1)["keys"]["said"]
    finally:
        key.chmod(0o600)


def test_a_key_that_is_gone_is_found_and_no_other_is_made_in_its_place(data):
    key = Home(data).keys / "vault.key"
    kept = key.with_name("aside")
    key.rename(kept)
    try:
        found = _doctor(data, 1)
        assert {"keys", "database"} <= _unsound(found)
        assert not key.exists()
    finally:
        kept.rename(key)


def test_a_folder_that_others_can_read_is_found(data):
    Home(data).attachments.chmod(0o755)
    assert "attachments" in _doctor(data, 1)["folder"]["said"]


def test_a_public_address_without_https_is_found():
    (found,) = checks_running.address({"address": "http://appeals.example"})
    assert not found.sound
    (near,) = checks_running.address({"address": "http://127.0.0.1:8000"})
    assert near.sound


def test_a_provider_of_identities_that_does_not_answer_is_found(monkeypatch):
    monkeypatch.setenv("VECHE_OIDC_ISSUER", "http://127.0.0.1:9")
    (found,) = checks_running.provider()
    assert not found.sound


def test_a_folder_without_a_service_is_told(data):
    assert "VECHE-V016" in veche("doctor", "--data", data.parent, status=2)


def test_a_service_that_runs_and_has_a_backup_is_sound():
    path = folder()
    service = Service(path / "data").start()
    try:
        veche("backup", "--data", path / "data", "--out", path / "backup.tar", "--no-verify")
        found = _doctor(path / "data", 0)
        assert {"heartbeats", "sealer", "https"} <= set(found)
    finally:
        service.stop()
        remove(path)
