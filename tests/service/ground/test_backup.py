import json
import signal
import stat
import subprocess
import sys
import tarfile
from pathlib import Path

import psycopg
import pytest
from tests.service.ground.keeping import (
    FILL,
    READ,
    VECHE,
    WORDS,
    environment,
    folder,
    manage,
    remove,
    shell,
    veche,
)
from tests.service.ground.schema import schema
from tests.service.ground.test_up import Service

from veche.core.errors import BackupDamaged, NotABackup
from veche.core.ids import uuid7
from veche.service.ground.archive import HEADS, MANIFEST, check_members, open_backup
from veche.service.ground.binaries import find_binaries, major
from veche.service.ground.layout import Home
from veche.service.ground.managing import reached
from veche.service.ground.opened import open_existing
from veche.service.vault.keyfile import make_key_file

_OLD = Path("/usr/lib/postgresql/15/bin")
_VERSIONS = [
    pytest.param(find_binaries(), id="at hand"),
    pytest.param(
        _OLD,
        id="15",
        marks=pytest.mark.skipif(
            not (_OLD / "initdb").exists(), reason="PostgreSQL 15 is not in /usr/lib/postgresql/15"
        ),
    ),
]
#: A model that an authority decides with, by its digest.
MODEL = f"{'5' * 64}.model"

_SEAL = """
import os
from pathlib import Path
import psycopg
from veche.service.ledger.sealer import make_sealer, one_round
with psycopg.connect(os.environ["SEALER"], autocommit=True) as connection:
    one_round(connection, make_sealer(Path(os.environ["KEY"]), Path(os.environ["FOLDER"])))
"""


class Kept:
    """A service whose database runs, its backup, the copy of its key, and what its appeals say."""

    def __init__(self, path):
        self.path, self.data = path, path / "data"
        self.backup, self.key = path / "backup.tar", path / "safe.key"

    def seal(self, urls):
        home = Home(self.data)
        variables = {"SEALER": urls.sealer, "KEY": str(home.keys / "ledger.key"), "FOLDER": str(home.ledger)}
        command = [sys.executable, "-c", _SEAL]
        subprocess.run(command, env=environment(**variables), check=True)


@pytest.fixture(scope="module")
def kept():
    kept = Kept(folder())
    (kept.data / "keys").mkdir(parents=True)
    with reached(open_existing(kept.data)) as urls:
        kept.urls = urls
        manage(kept.data, "migrate", "--verbosity", "0")
        shell(kept.data, FILL)
        kept.seal(urls)
        (Home(kept.data).models / MODEL).write_bytes(b"learnt")
        veche("vault", "copy", "--data", kept.data, "--out", kept.key)
        kept.said = veche("backup", "--data", kept.data, "--out", kept.backup)
        kept.read = json.loads(shell(kept.data, READ))
        yield kept
    remove(kept.path)


@pytest.fixture
def place():
    path = folder()
    yield path
    remove(path)


def test_a_backup_is_made_while_the_service_runs_and_says_where_the_key_has_to_be(kept):
    assert "Restoring it on trial" in kept.said
    assert "veche vault copy" in kept.said
    assert stat.S_IMODE(kept.backup.stat().st_mode) == 0o600
    assert not list(kept.path.glob("*.part"))
    assert not (kept.data / "trial").exists()


def test_the_ledger_has_the_backup(kept):
    with psycopg.connect(kept.urls.owner) as connection:
        facts = connection.execute("SELECT facts FROM ledger_entry WHERE act = 'backup.made'").fetchone()[0]
    assert facts["checked"] is True
    assert len(facts["backup"]) == 64


def test_no_key_and_no_password_is_in_a_backup(kept):
    content = kept.backup.read_bytes()
    keys = Home(kept.data).keys
    secrets = [
        *json.loads((keys / "passwords.json").read_text()).values(),
        *(
            word
            for name in ("vault.key", "ledger.key", "secret")
            for word in (keys / name).read_text().split()
        ),
    ]
    assert not [s for s in secrets if len(s) > 20 and s.encode() in content]
    with tarfile.open(kept.backup) as tar:
        assert not [name for name in tar.getnames() if "key" in name]


def test_any_tar_program_opens_it_and_its_manifest_tells_what_is_inside(kept):
    listed = subprocess.run(["tar", "-tf", kept.backup], capture_output=True, text=True, check=True).stdout
    names = listed.split()
    assert {"database.dump", HEADS, MANIFEST, "ledger/public.pem"} <= set(names)
    assert sum(name.startswith("attachments/") for name in names) == 1
    manifest = open_backup(kept.backup).manifest
    assert manifest.rows["inbox_appeal"] == 6
    assert manifest.owner == "veche_owner"
    assert len(manifest.chains) >= 1


@pytest.fixture(scope="module", params=_VERSIONS)
def restored(request, kept):
    """A data folder restored by one version of PostgreSQL, and the variable that names that version."""
    version, path = {"VECHE_POSTGRES_BIN": str(request.param)}, folder()
    veche("restore", kept.backup, "--data", path / "data", "--keys", kept.key, **version)
    yield path / "data", version
    remove(path)


def test_owners_walls_and_rights_come_out_as_they_went_in(kept, restored, monkeypatch):
    data, version = restored
    monkeypatch.setenv(*next(iter(version.items())))
    with reached(open_existing(data)) as urls:
        came, went = schema(urls.owner), schema(kept.urls.owner)
        originals = json.loads(shell(data, READ, **version))
    assert major(Path(version["VECHE_POSTGRES_BIN"])) == int((data / "postgres" / "PG_VERSION").read_text())
    for kind, rows in went.items():
        assert set(map(repr, came[kind])) ^ set(map(repr, rows)) == set(), kind
    assert originals == kept.read
    assert set(kept.read[0].values()) == {WORDS}
    assert kept.read[1] == ["A dark lamp."]


def test_models_come_back_to_those_who_read_them(restored):
    data, _ = restored
    models = Home(data).models
    assert (models / MODEL).read_bytes() == b"learnt"
    assert (models / MODEL).stat().st_uid == models.stat().st_uid


def test_a_restored_service_starts(restored, monkeypatch):
    data, version = restored
    monkeypatch.setenv(*next(iter(version.items())))
    service = Service(data).start()
    assert service.ready()
    service.stop()


def test_a_database_of_another_owner_takes_it_and_the_policies_are_theirs(kept, place):
    password = json.loads((Home(kept.data).keys / "passwords.json").read_text())["postgres"]
    server = open_existing(kept.data).cluster
    ours = "veche_app, veche_web, veche_worker, veche_sealer"
    with psycopg.connect(server.url("postgres", password, "postgres"), autocommit=True) as connection:
        connection.execute("CREATE ROLE \"city-owner\" LOGIN PASSWORD 'known' CREATEROLE")
        connection.execute('CREATE DATABASE appeals OWNER "city-owner"')
        connection.execute(f'GRANT {ours} TO "city-owner" WITH ADMIN OPTION')
    url, data = server.url("city-owner", "known", "appeals"), place / "data"
    veche("restore", kept.backup, "--data", data, "--keys", kept.key, "--database", url)
    with psycopg.connect(url) as connection:
        owners = connection.execute(
            "SELECT DISTINCT roles::text FROM pg_policies WHERE policyname = 'owner_all'"
        ).fetchall()
    assert owners == [("{city-owner}",)]
    assert json.loads(shell(data, READ)) == kept.read

    again = veche("restore", kept.backup, "--data", place / "other", "--database", url, status=2)
    assert "VECHE-V406" in again
    assert not (place / "other").exists()
    # One of a database of others is made and tried like any.
    veche("backup", "--data", data, "--out", place / "moved.tar")
    assert open_backup(place / "moved.tar").manifest.owner == "city-owner"
    # Roles are of the whole server: give them back their passwords.
    open_existing(kept.data).prepare_database()


def test_nothing_is_restored_over_something(kept, place):
    (place / "data").mkdir()
    (place / "data" / "letter").write_text("kept")
    said = veche("restore", kept.backup, "--data", place / "data", status=2)
    assert "VECHE-V406" in said
    assert (place / "data" / "letter").read_text() == "kept"


def test_a_backup_is_not_written_over_a_file(kept):
    before = kept.backup.read_bytes()
    assert "there already" in veche("backup", "--data", kept.data, "--out", kept.backup, status=2)
    assert kept.backup.read_bytes() == before


def test_the_key_of_another_service_is_refused_before_anything_is_made(kept, place):
    make_key_file(place / "other.key")
    said = veche("restore", kept.backup, "--data", place / "data", "--keys", place / "other.key", status=1)
    assert "VECHE-W003" in said
    assert not (place / "data").exists()


@pytest.mark.parametrize("part", ["database.dump", HEADS, MANIFEST])
def test_a_changed_byte_shows(kept, place, part):
    backup, copy = open_backup(kept.backup), place / "copy.tar"
    offset, size = backup.places[part]
    content = bytearray(kept.backup.read_bytes())
    content[offset + size // 2] ^= 1
    copy.write_bytes(content)
    with pytest.raises((BackupDamaged, NotABackup)):
        check_members(open_backup(copy))


@pytest.mark.parametrize("left", [0, 100, 0.5, 0.99])
def test_a_copy_that_was_cut_off_is_no_backup(kept, place, left):
    content = kept.backup.read_bytes()
    (place / "copy.tar").write_bytes(content[: left if left > 1 else int(len(content) * left)])
    assert "VECHE-V402" in veche("restore", place / "copy.tar", "--data", place / "data", status=2)
    assert not (place / "data").exists()


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "attachments/../../evil", "keys/vault.key"])
def test_a_file_that_leads_elsewhere_is_no_backup(place, name):
    with tarfile.open(place / "evil.tar", "w") as tar:
        tar.addfile(tarfile.TarInfo(name))
    with pytest.raises(NotABackup):
        open_backup(place / "evil.tar")


def test_a_full_disk_leaves_nothing_under_the_name(kept, place):
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)); "
        f"import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); {VECHE}"
    )
    words = ["backup", "--data", str(kept.data), "--out", str(place / "full.tar"), "--no-verify"]
    done = subprocess.run(
        [sys.executable, "-c", code, *words], env=environment(), capture_output=True, text=True, check=False
    )
    assert "VECHE-V401" in done.stderr
    assert list(place.iterdir()) == []


def test_an_interrupted_backup_leaves_nothing_under_the_name(kept, place):
    process = subprocess.Popen(
        [sys.executable, "-c", VECHE, "backup", "--data", str(kept.data), "--out", str(place / "half.tar")],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        # A process that was started in the background hears no SIGINT, and its children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdout
    assert "Reading the database" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode != 0
    assert not (place / "half.tar").exists()


def test_who_was_erased_after_the_backup_is_erased_again(kept, place):
    with psycopg.connect(kept.urls.owner) as connection:
        tenant, person = connection.execute(
            "SELECT tenant_id, person_id FROM inbox_appeal GROUP BY 1, 2 HAVING count(*) = 3"
        ).fetchone()
    line = {"erasure": str(uuid7()), "tenant": str(tenant), "person": str(person)}
    line |= {"at": "2026-11-22T10:00:00+00:00", "ledger": "0" * 64}
    (place / "newer.jsonl").write_text(json.dumps(line) + "\n")
    data = place / "data"
    words = ["--keys", kept.key, "--erasures", place / "newer.jsonl"]
    assert "erased again: 1" in veche("restore", kept.backup, "--data", data, *words)
    texts = list(json.loads(shell(data, READ))[0].values())
    assert texts == [WORDS] * 3
    assert json.loads((data / "ledger" / "erasures.jsonl").read_text()) == line
