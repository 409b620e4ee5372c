from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from tests.service.ground.conftest import discard, make_cluster, superuser

from veche.core.errors import (
    DatabaseNotOurs,
    DatabaseUnreachable,
    MayNotMakeRoles,
    PostgresVersion,
    RoleTooStrong,
)
from veche.service.ground.binaries import NEWEST, OLDEST, check_version, find_binaries
from veche.service.ground.database import place as place_of
from veche.service.ground.database import prepare
from veche.service.ground.keys import LOGINS, passwords

_SYSTEM = [Path(f"/usr/lib/postgresql/{version}/bin") for version in range(OLDEST, NEWEST + 1)]
_SERVERS = [find_binaries(), *(path for path in _SYSTEM if (path / "initdb").exists())]


@pytest.fixture(scope="module", params=_SERVERS, ids=str)
def server(request, place):
    """A server of each version that this machine has."""
    cluster = make_cluster(place / str(_SERVERS.index(request.param)), request.param)
    # Nothing is killed here, so nobody has to wait for the disk.
    with (cluster.home.postgres / "postgresql.conf").open("a") as f:
        f.write("fsync = off\n")
    cluster.start()
    yield cluster
    discard(cluster)


def _admin(server, statement, *names, database="postgres"):
    with psycopg.connect(superuser(server, database), autocommit=True) as connection:
        statement = sql.SQL(statement).format(*map(sql.Identifier, names))
        return connection.execute(statement)


@pytest.fixture
def owner(server):
    """The URL of an owner's own empty database, on a server where someone else is superuser."""
    _admin(server, "DROP DATABASE IF EXISTS appeals WITH (FORCE)")
    _forget_roles(server)
    _admin(server, "DROP ROLE IF EXISTS city")
    _admin(server, "CREATE ROLE city LOGIN PASSWORD 'known' CREATEROLE")
    _admin(server, "CREATE DATABASE appeals OWNER city")
    return server.url("city", "known", "appeals")


def _forget_roles(server):
    _admin(server, "DROP DATABASE IF EXISTS veche WITH (FORCE)")
    for role in (*LOGINS[1:], "veche_app"):
        _admin(server, "DROP ROLE IF EXISTS {}", role)


def _who(url):
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT current_user, current_database()").fetchone()


def test_a_superuser_s_url_makes_owner_database_and_roles_as_often_as_wanted(server):
    first = prepare(superuser(server), passwords=passwords(server.home))
    assert prepare(superuser(server), passwords=passwords(server.home)) == first
    assert _who(first.owner) == ("veche_owner", "veche")
    assert _who(first.web) == ("veche_web", "veche")
    assert _who(first.worker) == ("veche_worker", "veche")
    assert _who(first.sealer) == ("veche_sealer", "veche")


def test_no_role_of_the_service_passes_the_walls(server):
    prepare(superuser(server), passwords=passwords(server.home))
    strong = _admin(
        server,
        "SELECT rolname FROM pg_roles WHERE rolname LIKE 'veche%'"
        " AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)",
    )
    assert strong.fetchall() == []


def test_web_and_workers_are_of_the_application_and_the_sealer_is_not(server):
    prepare(superuser(server), passwords=passwords(server.home))
    members = _admin(
        server, "SELECT member::regrole::text FROM pg_auth_members WHERE roleid = 'veche_app'::regrole"
    )
    assert {row[0] for row in members} >= {"veche_web", "veche_worker"}
    assert ("veche_sealer",) not in members.fetchall()


def test_a_role_that_was_made_too_strong_stops_the_start(server):
    prepare(superuser(server), passwords=passwords(server.home))
    _admin(server, "ALTER ROLE veche_web BYPASSRLS")
    with pytest.raises(RoleTooStrong) as told:
        prepare(superuser(server), passwords=passwords(server.home))
    _admin(server, told.value.facts["sql"])
    prepare(superuser(server), passwords=passwords(server.home))


def test_other_roles_of_the_server_do_not_enter_the_database(server):
    prepare(superuser(server), passwords=passwords(server.home))
    _admin(server, "DROP ROLE IF EXISTS stranger")
    _admin(server, "CREATE ROLE stranger LOGIN PASSWORD 'known'")
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(server.url("stranger", "known", "veche"))


def test_passwords_stand_in_no_log_and_no_catalogue(server):
    prepare(superuser(server), passwords=passwords(server.home))
    kept = [row[0] for row in _admin(server, "SELECT rolpassword FROM pg_authid WHERE rolname LIKE 'veche%'")]
    log = (server.home.logs / "postgres.log").read_text()
    assert all(word is None or word.startswith("SCRAM-SHA-256$") for word in kept)
    assert not any(word in log for word in passwords(server.home).values())


def test_an_owner_who_may_make_roles_needs_no_superuser(server, owner):
    urls = prepare(owner, passwords=passwords(server.home))
    assert prepare(owner, passwords=passwords(server.home)) == urls
    assert _who(urls.owner) == ("city", "appeals")
    assert _who(urls.web) == ("veche_web", "appeals")
    _forget_roles_of(server, "appeals")


def _forget_roles_of(server, database):
    _admin(server, "DROP DATABASE {} WITH (FORCE)", database)
    _forget_roles(server)


@pytest.mark.parametrize("made_by_others", [False, True])
def test_an_owner_who_may_not_is_told_what_an_administrator_has_to_run(server, owner, made_by_others):
    _admin(server, "ALTER ROLE city NOCREATEROLE")
    if made_by_others:
        prepare(superuser(server), passwords=passwords(server.home))
    with pytest.raises(MayNotMakeRoles) as told:
        prepare(owner, passwords=passwords(server.home))
    for statement in told.value.facts["sql"].split(";"):
        if statement.strip():
            _admin(server, statement)
    prepare(owner, passwords=passwords(server.home))
    _forget_roles_of(server, "appeals")


def test_a_database_with_tables_of_others_is_refused_and_left_alone(server, owner):
    _admin(server, "CREATE TABLE invoices ()", database="appeals")
    with pytest.raises(DatabaseNotOurs, match=r"public\.invoices"):
        prepare(owner, passwords=passwords(server.home))
    assert _admin(server, "SELECT count(*) FROM invoices", database="appeals").fetchone() == (0,)


def test_a_server_that_does_not_answer_is_named_without_the_password():
    with pytest.raises(DatabaseUnreachable) as told:
        prepare("postgresql://city:hidden@127.0.0.1:9/appeals", passwords={})
    assert "127.0.0.1:9/appeals" in told.value.text()
    assert "hidden" not in told.value.text() + told.value.advice()


def test_what_is_no_url_is_told_and_not_repeated():
    with pytest.raises(DatabaseUnreachable) as told:
        prepare("postgres//city:hidden@nowhere", passwords={})
    assert "hidden" not in told.value.text() + told.value.advice()


@pytest.mark.parametrize("version", [OLDEST - 1, NEWEST + 1])
def test_other_versions_are_refused(version):
    with pytest.raises(PostgresVersion):
        check_version(version, where="there")


def test_a_place_is_shown_without_secrets(server):
    assert passwords(server.home)["postgres"] not in place_of(superuser(server))
    assert conninfo_to_dict(superuser(server))["password"] == passwords(server.home)["postgres"]
