"""Makes roles and database ready, on our own PostgreSQL or on one that runs already; as often as wanted.

Roles: the owner migrates; `veche_app` has what the application may do and never logs in; the web
server, the workers and the sealer log in. None of them passes through row-level security.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from veche.core.errors import DatabaseNotOurs, DatabaseUnreachable, MayNotMakeRoles, RoleTooStrong
from veche.core.i18n import _
from veche.service.ground.binaries import check_version

OWNER, APP, WEB, WORKER, SEALER = "veche_owner", "veche_app", "veche_web", "veche_worker", "veche_sealer"
DATABASE = "veche"

#: Two starts at once must not both make the roles; any number will do, as long as it stays the same.
_LOCK = 7_236_001

#: Attributes that a non-superuser may not name, and that are off unless named.
_NEW = sql.SQL("CREATE ROLE {} {}")


@dataclass(frozen=True)
class Urls:
    """How each part of the service reaches the database (libpq connection strings with passwords)."""

    owner: str
    web: str
    worker: str
    sealer: str


def prepare(url: str, *, passwords: Mapping[str, str], database: str = DATABASE) -> Urls:
    """Make the roles and the database; give the roles their `passwords`; return how to reach it.

    With a superuser's `url` the owner is `veche_owner`, made here as `database` is. With any
    other `url` its role is the owner and its database the one that is used, and must be empty or ours.

    Raises:
        DatabaseUnreachable: the server does not answer or does not let us in.
        PostgresVersion: it is too old or too new.
        MayNotMakeRoles: the role may not do this.
        RoleTooStrong: a role of ours has rights that the walls do not hold.
        DatabaseNotOurs: the database holds something else.
    """
    with _connect(url) as connection:
        check_version(connection.info.server_version // 10_000, where=place(url))
        strong = _one(connection, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if strong:
            owner = _with(url, user=OWNER, password=passwords[OWNER], dbname=database)
            _bootstrap(connection, passwords, database)
        else:
            owner = url
    with _connect(owner) as connection:
        _check_ours(connection)
        if not strong:
            _as_owner(connection, passwords)
        _check_walls(connection)
    return Urls(
        owner=owner,
        **{
            name: _with(owner, user=role, password=passwords[role])
            for name, role in (("web", WEB), ("worker", WORKER), ("sealer", SEALER))
        },
    )


def place(url: str) -> str:
    """Return where a database is, without its password: host, port and name."""
    parts = conninfo_to_dict(url)
    port = f":{parts['port']}" if parts.get("port") else ""
    return f"{parts.get('host', 'localhost')}{port}/{parts.get('dbname', '')}"


def _bootstrap(connection: psycopg.Connection, passwords: Mapping[str, str], database: str) -> None:
    with connection.transaction():
        _roles(connection, {OWNER: passwords[OWNER], **_logins(passwords)})
    if not _one(connection, "SELECT count(*) FROM pg_database WHERE datname = %s", database):
        # Not the server's template: an owner's server may have one of another encoding.
        statement = "CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0"
        connection.execute(sql.SQL(statement).format(sql.Identifier(database), sql.Identifier(OWNER)))
    _doors(connection, database)


def _as_owner(connection: psycopg.Connection, passwords: Mapping[str, str]) -> None:
    role, database = connection.info.user, connection.info.dbname
    try:
        with connection.transaction():
            _roles(connection, _logins(passwords))
            _doors(connection, database)
            connection.execute("CREATE TABLE veche_may_create ()")
            connection.execute("DROP TABLE veche_may_create")
    except psycopg.errors.InsufficientPrivilege:
        needed = _needed(connection, role, database)
        raise MayNotMakeRoles(role=role, database=database, sql=needed) from None


def _needed(connection: psycopg.Connection, role: str, database: str) -> str:
    """Return what an administrator has to run: the role makes roles, and decides who enters the database."""
    named = {"role": sql.Identifier(role), "database": sql.Identifier(database)}
    steps = [
        sql.SQL("ALTER ROLE {role} CREATEROLE; ALTER DATABASE {database} OWNER TO {role};").format(**named)
    ]
    if known := sorted(_known(connection)):
        # Since version 16 a role changes only those that it made or that were given into its care.
        listed = sql.SQL(", ").join(map(sql.Identifier, known))
        steps.append(sql.SQL("GRANT {known} TO {role} WITH ADMIN OPTION;").format(known=listed, **named))
    return sql.SQL(" ").join(steps).as_string(connection)


def _known(connection: psycopg.Connection) -> set[str]:
    rows = connection.execute(
        "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", [[APP, WEB, WORKER, SEALER, OWNER]]
    )
    return {row[0] for row in rows}


def _roles(connection: psycopg.Connection, logins: Mapping[str, str]) -> None:
    connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    known = _known(connection)
    if APP not in known:
        connection.execute(_NEW.format(sql.Identifier(APP), sql.SQL("NOLOGIN")))
    for role, password in logins.items():
        named = sql.Identifier(role)
        if role not in known:
            connection.execute(_NEW.format(named, sql.SQL("LOGIN")))
        connection.execute(
            sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(named, _scrambled(connection, role, password))
        )
    for role in (WEB, WORKER):
        if not _one(connection, "SELECT pg_has_role(%s, %s, 'MEMBER')", role, APP):
            connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(APP), sql.Identifier(role)))


def _scrambled(connection: psycopg.Connection, role: str, password: str) -> sql.Literal:
    """Return the password as the server keeps it, so that it stands in no log of the server."""
    scrambled = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
    return sql.Literal(scrambled.decode())


def _doors(connection: psycopg.Connection, database: str) -> None:
    for statement in (
        "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
        "GRANT CONNECT ON DATABASE {database} TO {app}, {sealer}",
    ):
        connection.execute(
            sql.SQL(statement).format(
                database=sql.Identifier(database), app=sql.Identifier(APP), sealer=sql.Identifier(SEALER)
            )
        )


def _check_ours(connection: psycopg.Connection) -> None:
    found = connection.execute(
        """
        SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
          AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%%'
          AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
          AND to_regclass('public.accounts_tenant') IS NULL
        ORDER BY 1 LIMIT 1
        """
    ).fetchone()
    # A first migration that was broken off leaves its list, which is ours as well.
    if found and not _one(connection, "SELECT to_regclass('public.django_migrations') IS NOT NULL"):
        raise DatabaseNotOurs(database=connection.info.dbname, table=found[0])


def _check_walls(connection: psycopg.Connection) -> None:
    found = connection.execute(
        "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s) AND (rolsuper OR rolbypassrls) LIMIT 1",
        [[connection.info.user, APP, WEB, WORKER, SEALER]],
    ).fetchone()
    if found:
        statement = sql.SQL("ALTER ROLE {} NOSUPERUSER NOBYPASSRLS;").format(sql.Identifier(found[0]))
        raise RoleTooStrong(role=found[0], sql=statement.as_string(connection))


def _logins(passwords: Mapping[str, str]) -> dict[str, str]:
    return {role: passwords[role] for role in (WEB, WORKER, SEALER)}


def _connect(url: str) -> psycopg.Connection:
    try:
        return psycopg.connect(url, autocommit=True, connect_timeout=10)
    except psycopg.ProgrammingError:
        # libpq repeats what it cannot read, and a password may be in it.
        raise DatabaseUnreachable(where="?", reason=_("it is no address of a PostgreSQL")) from None
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()
        raise DatabaseUnreachable(where=place(url), reason=reason[-1] if reason else "") from None


def _with(url: str, **changed: str) -> str:
    return make_conninfo(url, **changed)


def _one(connection: psycopg.Connection, statement: str, *values: object) -> object:
    row = connection.execute(statement.encode(), values or None).fetchone()
    return row[0] if row else None
