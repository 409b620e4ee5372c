"""Fills a service that runs with very many appeals: some understood by its own workers, the others their kin.

Kin have ids, numbers and days of their own, in the order of time as the service gives them, and the masked
text, findings and vector of the appeal that they are made from. They are put in past triggers and foreign
keys, which is quick and lawful here: every row points where its original does.
"""

import asyncio
import time
from typing import Any

import psycopg

from service import Service, _as_fast_as, _sample

#: Days over which the appeals spread.
DAYS = 700

_KIN = "CREATE UNLOGGED TABLE bench_kin (old uuid, new uuid PRIMARY KEY, back integer)"
#: Ids that begin with the milliseconds since 1970, as those of the service do (RFC 9562, version 7).
_MAKE_KIN = """
INSERT INTO bench_kin
SELECT id, (lpad(to_hex((extract(epoch FROM taken_at - make_interval(days => back)) * 1000)::bigint), 12, '0')
    || '7' || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid, back
FROM (
    SELECT id, taken_at, 1 + floor(random() * {days})::integer AS back
    FROM inbox_appeal CROSS JOIN generate_series(1, %s) WHERE state = 'understood' LIMIT %s
) AS t
"""
#: Whether the desk is still dealing what was understood.
_AT_WORK = """
SELECT EXISTS (SELECT FROM procrastinate_jobs
    WHERE status IN ('todo', 'doing') AND starts_with(task_name, 'desk.')
    AND coalesce(scheduled_at, now()) <= now())
"""
_COLUMNS = """
SELECT column_name FROM information_schema.columns
WHERE table_name = %s AND table_schema = 'public' AND is_generated = 'NEVER' ORDER BY ordinal_position
"""
#: Findings of an appeal as a whole, of the first rank.
_FIRST = """
WHERE t.matter = 0 AND t.rank = 0
    AND t.facet IN ('topic', 'kind', 'place', 'body', 'urgency', 'language')
"""
#: What differs between an appeal and its kin, by table and column; the other columns are the same.
_CHANGED = {
    "inbox_appeal": {
        "id": "k.new",
        "number": "nextval('inbox_appeal_number')",
        "identity": "decode(md5(k.new::text), 'hex')",
        "received_at": "t.received_at - make_interval(days => k.back)",
        "taken_at": "t.taken_at - make_interval(days => k.back)",
        "day": "t.day - k.back",
        "changed": "pg_current_xact_id()",
        "copy_of_id": "NULL",
    },
    "inbox_appealtext": {"appeal_id": "k.new"},
    "inbox_finding": {"id": "gen_random_uuid()", "appeal_id": "k.new"},
}


def hand_in(running: Service, n: int) -> float:
    """Hand in sample appeals and wait until they are understood and lie on cards; return the seconds."""
    began = time.perf_counter()
    texts = _sample(n)
    batches = [texts[i : i + 100] for i in range(0, n, 100)]
    asyncio.run(_as_fast_as(running, batches, at_once=4))
    running.drained()
    while running.ask(_AT_WORK)[0]:
        time.sleep(0.5)
    return time.perf_counter() - began


def multiply(superuser: str, n: int) -> float:
    """Put kin beside the appeals that are understood until there are `n`; return the seconds."""
    began = time.perf_counter()
    with psycopg.connect(superuser) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET synchronous_commit = off")
        there = _one(connection, "SELECT count(*) FROM inbox_appeal WHERE state = 'understood'")
        connection.execute(_KIN)
        connection.execute(_MAKE_KIN.format(days=DAYS).encode(), [n // there + 1, max(n - there, 0)])
        for table, changed in _CHANGED.items():
            _copy(connection, table, changed)
            connection.commit()
        connection.execute("DROP TABLE bench_kin")
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE, PARALLEL 0)")
        # Else the database writes gigabytes for minutes beside what is measured.
        connection.execute("CHECKPOINT")
    return time.perf_counter() - began


def _copy(connection: psycopg.Connection, table: str, changed: dict[str, str]) -> None:
    rows = connection.execute(_COLUMNS, [table]).fetchall()
    names = [row[0] for row in rows]
    key = "id" if table == "inbox_appeal" else "appeal_id"
    values = ", ".join(changed.get(name, f't."{name}"') for name in names)
    only = _FIRST if table == "inbox_finding" else ""
    query = f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM {table} t JOIN bench_kin k"
    connection.execute(f"{query} ON k.old = t.{key} {only} ORDER BY k.new".encode())


def _one(connection: psycopg.Connection, query: str) -> Any:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]
