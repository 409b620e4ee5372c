"""Entries as they lie in the database, read in pieces with a plain connection."""

from collections.abc import Iterator

from psycopg import Connection

from veche.ledger.entry import Entry

_PIECE = 5_000
_AFTER = """
SELECT tenant_id::text, seq, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    actor, act, object, object_id, facts, previous, hash
FROM ledger_entry WHERE tenant_id = %s AND seq > %s AND seq <= %s ORDER BY seq LIMIT %s
"""


def entries_after(connection: Connection, tenant: str, seq: int, *, to: int) -> Iterator[Entry]:
    """Yield the entries of a chain after `seq` up to `to`, in order."""
    while seq < to:
        rows = connection.execute(_AFTER, [tenant, seq, to, _PIECE]).fetchall()
        if not rows:
            return
        yield from (Entry(*row) for row in rows)
        seq = rows[-1][1]
