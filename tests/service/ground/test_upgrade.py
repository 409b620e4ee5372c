import json
from pathlib import Path

import psycopg
import pytest
from tests.service.ground.keeping import FILL, READ, folder, manage, remove, shell, veche

from veche.service.ground.binaries import find_binaries, major
from veche.service.ground.layout import Home
from veche.service.ground.managing import reached
from veche.service.ground.opened import open_existing

_OLD = Path("/usr/lib/postgresql/15/bin")
old = pytest.mark.skipif(
    not (_OLD / "initdb").exists(), reason="PostgreSQL 15 is not in /usr/lib/postgresql/15"
)


@pytest.fixture
def data():
    path = folder()
    (path / "data" / "keys").mkdir(parents=True)
    yield path / "data"
    remove(path)


def _filled(data):
    with reached(open_existing(data)):
        manage(data, "migrate", "--verbosity", "0")
        shell(data, FILL)
        return json.loads(shell(data, READ))


def _acts(data):
    with reached(open_existing(data)) as urls, psycopg.connect(urls.owner) as connection:
        rows = connection.execute("SELECT act FROM ledger_entry WHERE actor = 'upkeep' ORDER BY seq")
        return [act for (act,) in rows.fetchall()]


def test_a_service_that_runs_is_not_upgraded_and_one_that_stands_still_gets_its_missing_tables(data):
    read = _filled(data)
    manage(data, "migrate", "--verbosity", "0", "usersessions", "zero")
    with reached(open_existing(data)):
        assert "VECHE-V012" in veche("upgrade", "--data", data, status=1)
    said = veche("upgrade", "--data", data, "--no-backup")
    assert "Bringing the tables up to date" in said
    assert not (data / "backups").exists()
    assert json.loads(shell(data, READ)) == read
    assert _acts(data) == ["service.upgraded"]


@old
def test_a_new_postgresql_gets_the_data_and_the_old_cluster_is_kept(data, monkeypatch):
    monkeypatch.setenv("VECHE_POSTGRES_BIN", str(_OLD))
    variables = {"VECHE_POSTGRES_BIN": str(_OLD)}
    with reached(open_existing(data)):
        manage(data, "migrate", "--verbosity", "0", **variables)
        shell(data, FILL, **variables)
        read = json.loads(shell(data, READ, **variables))
    monkeypatch.delenv("VECHE_POSTGRES_BIN")

    assert "veche upgrade" in veche("doctor", "--data", data, status=1)
    said = veche("upgrade", "--data", data)
    assert "The old cluster is kept" in said
    made = Home(data).postgres / "PG_VERSION"
    assert made.read_text().strip() == str(major(find_binaries()))
    assert [path.read_text().strip() for path in data.glob("postgres-15-*/PG_VERSION")] == ["15"]
    assert len(list((data / "backups").glob("before-upgrade-*.tar"))) == 1
    assert json.loads(shell(data, READ)) == read
    assert _acts(data) == ["backup.made", "service.upgraded"]


@old
def test_without_the_programs_that_made_the_cluster_nothing_is_touched(data, monkeypatch):
    monkeypatch.setenv("VECHE_POSTGRES_BIN", str(_OLD))
    with reached(open_existing(data)):
        pass
    monkeypatch.delenv("VECHE_POSTGRES_BIN")
    made = Home(data).postgres / "PG_VERSION"
    made.write_text("14\n")
    assert "VECHE-V410" in veche("upgrade", "--data", data, status=1)
    assert made.read_text() == "14\n"
    assert sorted(path.name for path in data.glob("postgres*")) == ["postgres"]
