"""Writes the chain of a tenant into a file that anybody with the public key can check."""

import os
import time
from pathlib import Path
from uuid import UUID

import psycopg

from veche.core.errors import LedgerContradicted, LedgerUnreadable, NoSuchTenant, SealerSilent
from veche.core.library_words import reason
from veche.ledger.entry import PLATFORM, header_line
from veche.ledger.seals import read_seal
from veche.service.ledger.entries import APPEND, New, as_json
from veche.service.ledger.rows import entries_after

#: What the chain of the platform is called on the command line.
PLATFORM_SLUG = "platform"
_WAIT_SECONDS = 30
_LOOK_SECONDS = 0.1


def export(
    connection: psycopg.Connection, slug: str, file: Path, *, wait_seconds: float = _WAIT_SECONDS
) -> int:
    """Write the chain of a tenant as it stands into `file`, whole or not at all; return how many entries.

    The connection is one of the application, in autocommit. That the ledger was exported is itself
    an entry, the last of the export or near it.

    Raises:
        NoSuchTenant: there is none of that name.
        SealerSilent: the closing statement was not signed in time.
        LedgerContradicted: the sealer refuses, because the chain is not what it signed before.
        LedgerUnreadable: the file cannot be written.
    """
    tenant = _tenant(connection, slug)
    with connection.transaction():
        _enter(connection, tenant)
        new = New(UUID(tenant), "ledger.exported", "cli", "ledger", {})
        connection.execute(APPEND, [as_json([new])])
        row = connection.execute("SELECT veche_ledger_ask(%s)", [tenant]).fetchone()
        assert row is not None
    statement = _statement(connection, tenant, row[0], slug, wait_seconds).encode()
    seal = read_seal(statement)
    assert seal is not None
    try:
        with connection.transaction():
            _enter(connection, tenant)
            _write(connection, tenant, file, statement, seal.seq)
    except OSError as error:
        raise LedgerUnreadable(path=file, reason=reason(error)) from None
    return seal.seq


def _write(connection: psycopg.Connection, tenant: str, file: Path, statement: bytes, to: int) -> None:
    part = file.with_name(file.name + ".part")
    with part.open("wb") as f:
        f.write(header_line(tenant))
        f.writelines(entry.line() for entry in entries_after(connection, tenant, 0, to=to))
        f.write(statement)
        f.flush()
        os.fsync(f.fileno())
    part.replace(file)


def _statement(
    connection: psycopg.Connection, tenant: str, asked: UUID, slug: str, wait_seconds: float
) -> str:
    until = time.monotonic() + wait_seconds
    while time.monotonic() < until:
        with connection.transaction():
            _enter(connection, tenant)
            row = connection.execute(
                "SELECT line, refused_seq FROM ledger_statement WHERE id = %s", [asked]
            ).fetchone()
        line, refused = row or (None, None)
        if line:
            return line
        if refused:
            raise LedgerContradicted(tenant=slug, seq=refused)
        time.sleep(_LOOK_SECONDS)
    raise SealerSilent(seconds=round(wait_seconds))


def _tenant(connection: psycopg.Connection, slug: str) -> str:
    if slug == PLATFORM_SLUG:
        return PLATFORM
    rows = connection.execute("SELECT slug, id::text FROM accounts_tenant ORDER BY slug").fetchall()
    tenants: dict[str, str] = dict(rows)
    if slug not in tenants:
        raise NoSuchTenant(tenant=slug, known=", ".join([*tenants, PLATFORM_SLUG]))
    return tenants[slug]


def _enter(connection: psycopg.Connection, tenant: str) -> None:
    connection.execute("SELECT veche_enter_machine(%s::uuid[])", [[tenant]])
