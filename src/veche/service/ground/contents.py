"""What a database of the service holds, in figures that a backup is held against when it is restored."""

from collections.abc import Iterable, Iterator
from typing import Any

import psycopg
from psycopg import sql

from veche.core.errors import RowsHidden
from veche.core.i18n import _
from veche.ledger.place import State, follows
from veche.ledger.seals import Seal, SealKind, read_seal
from veche.service.ledger.rows import entries_after

Connection = psycopg.Connection[Any]

_TABLES = """
SELECT c.relname FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' ORDER BY 1
"""
#: A table with walls, whose owner no policy lets see everything.
_HIDDEN = """
SELECT c.relname FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relrowsecurity AND c.relforcerowsecurity
  AND NOT EXISTS (
    SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polcmd IN ('*', 'r') AND p.polpermissive
      AND pg_get_expr(p.polqual, p.polrelid) = 'true'
      AND (c.relowner = ANY (p.polroles) OR 0 = ANY (p.polroles)))
ORDER BY 1 LIMIT 1
"""
_NARROWED = """
SELECT c.relname FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
WHERE c.relnamespace = 'public'::regnamespace AND NOT p.polpermissive
  AND (c.relowner = ANY (p.polroles) OR 0 = ANY (p.polroles)) LIMIT 1
"""


def has_tables(connection: Connection) -> bool:
    """Return whether the schema holds any table."""
    return bool(connection.execute(f"SELECT EXISTS ({_TABLES})").fetchone()[0])  # pyright: ignore[reportOptionalSubscript]


def check_all_seen(connection: Connection) -> None:
    """Make sure that the owner, whose connection it is, sees all rows of all tables.

    Raises:
        RowsHidden: a policy was taken away or narrowed.
    """
    found = connection.execute(_HIDDEN).fetchone() or connection.execute(_NARROWED).fetchone()
    if found:
        raise RowsHidden(table=found[0])


def row_counts(connection: Connection) -> dict[str, int]:
    """Return how many rows each table has; partitions are counted one by one."""
    names = [name for (name,) in connection.execute(_TABLES).fetchall()]
    counts = {}
    for name in names:
        row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))).fetchone()
        counts[name] = row[0] if row else 0
    return counts


def chain_ends(connection: Connection) -> dict[str, tuple[int, str]]:
    """Return number and hash of the last entry of each chain of the ledger, by tenant."""
    ends = connection.execute("SELECT tenant_id::text, seq, hash FROM veche_ledger_ends()").fetchall()
    return {tenant: (seq, hash) for tenant, seq, hash in ends}


def migrations(connection: Connection) -> list[str]:
    """Return the migrations that were applied, as "app.name"."""
    rows = connection.execute("SELECT app || '.' || name FROM django_migrations ORDER BY 1").fetchall()
    return [name for (name,) in rows]


def vault_keys(connection: Connection) -> list[str]:
    """Return the names of the master keys that lock keys of persons."""
    return [name for (name,) in connection.execute("SELECT DISTINCT master FROM vault_personkey ORDER BY 1")]


def attachments(connection: Connection) -> list[str]:
    """Return the files that came along, by their path below the folder of attachments."""
    rows = connection.execute("SELECT tenant_id, id FROM inbox_attachment ORDER BY 1, 2").fetchall()
    return [f"{tenant}/{id.hex[-2:]}/{id}" for tenant, id in rows]


def broken_chain(connection: Connection, ends: dict[str, tuple[int, str]], seals: Iterable[Seal]) -> str:
    """Follow each chain from its first entry; return what is not as it was, empty where all is.

    Each chain has to lead to its end in `ends`, and by way of each of the seals.
    """
    signed: dict[str, dict[int, str]] = {}
    for seal in seals:
        signed.setdefault(seal.tenant, {})[seal.seq] = seal.hash
    for tenant in sorted(signed.keys() | ends.keys()):
        state = State(tenant)
        last = ends.get(tenant, (0, state.hash))
        held = signed.get(tenant, {})
        for entry in entries_after(connection, tenant, 0, to=last[0]):
            if not follows(state, entry) or held.pop(entry.seq, entry.hash) != entry.hash:
                return _("the ledger of {tenant}, entry {seq}").format(tenant=tenant, seq=state.seq + 1)
            state = State(tenant, entry.seq, entry.hash, entry.at)
        held.pop(0, None)
        if (state.seq, state.hash) != last or held:
            return _("the end of the ledger of {tenant}").format(tenant=tenant)
    return ""


def standing_seals(lines: Iterable[bytes]) -> Iterator[Seal]:
    """Yield the heads that hold for the chains as they are; what a later seal set back no longer does."""
    heads: dict[str, list[Seal]] = {}
    for line in lines:
        seal = read_seal(line)
        if seal is None or seal.kind is SealKind.STATEMENT:
            continue
        held = heads.setdefault(seal.tenant, [])
        if seal.kind is SealKind.SET_BACK:
            held[:] = [head for head in held if head.seq <= seal.seq]
        held.append(seal)
    for held in heads.values():
        yield from held


def missing_seal(connection: Connection, seals: Iterable[Seal]) -> str:
    """Return the first sealed entry that the ledger does not contain as it was sealed, empty where none."""
    wanted = [(seal.tenant, seal.seq, seal.hash) for seal in seals if seal.seq]
    tenants, seqs, hashes = ([row[part] for row in wanted] for part in range(3))
    found = connection.execute(
        """
        SELECT s.tenant::text, s.seq FROM unnest(%s::uuid[], %s::bigint[], %s::text[]) AS s(tenant, seq, hash)
        LEFT JOIN ledger_entry l ON l.tenant_id = s.tenant AND l.seq = s.seq
        WHERE l.hash IS DISTINCT FROM s.hash ORDER BY s.tenant, s.seq LIMIT 1
        """,
        [tenants, seqs, hashes],
    ).fetchone()
    return _("the ledger of {tenant}, entry {seq}").format(tenant=found[0], seq=found[1]) if found else ""
