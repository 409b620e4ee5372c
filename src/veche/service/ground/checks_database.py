"""Checks of the database, for `veche doctor`: walls, tables, what waits, the ledger. Its owner asks."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from veche.core.errors import VecheError
from veche.core.i18n import _, ngettext
from veche.packs import load_pack
from veche.service.ground import contents
from veche.service.ground.found import Found
from veche.service.ground.layout import Home

#: A clock that is so far off, or was set back so far, makes times of the ledger wrong.
_CLOCK_SECONDS = 30
#: What waits longer to be understood has been forgotten by the workers.
_WAITING_SECONDS = 300
#: A process that has not been heard of for so long does not work any more.
_SILENT_SECONDS = 60
#: A backup is due every day; half a day is for the machine that makes it.
_BACKUP_HOURS = 36
#: A job that is due and was not begun for so long.
_DUE_SECONDS = 3600
_FAILED_DAYS = 7
_SEALED_SECONDS = 60

_ROLES = """
SELECT rolname FROM pg_roles WHERE (rolsuper OR rolbypassrls)
  AND rolname IN (current_user, 'veche_app', 'veche_web', 'veche_worker', 'veche_sealer') LIMIT 1
"""
_OPEN = """
SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT a.attisdropped
  AND NOT (c.relrowsecurity AND c.relforcerowsecurity
           AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid)) ORDER BY 1
"""
_MONTHS = """
SELECT to_regclass('inbox_finding_' || to_char((now() + interval '1 month') AT TIME ZONE 'UTC', 'YYYY_MM')),
    has_function_privilege('veche_worker', 'veche_finding_month(timestamptz)', 'EXECUTE')
"""
_FAILED = """
SELECT count(*) FROM procrastinate_jobs j WHERE j.status = 'failed' AND EXISTS (
    SELECT FROM procrastinate_events e WHERE e.job_id = j.id AND e.at > now() - make_interval(days => %s))
"""
_STUCK = """
SELECT count(*) FROM procrastinate_jobs j LEFT JOIN procrastinate_workers w ON w.id = j.worker_id
WHERE (j.status = 'doing' AND coalesce(w.last_heartbeat, '-infinity') < now() - make_interval(secs => %s))
   OR (j.status = 'todo' AND coalesce(j.scheduled_at, (
        SELECT max(e.at) FROM procrastinate_events e WHERE e.job_id = j.id
       )) < now() - make_interval(secs => %s))
"""
_UNSEALED = """
SELECT count(*) FROM veche_ledger_ends() e
JOIN ledger_entry l ON l.tenant_id = e.tenant_id AND l.seq = e.seq
WHERE l.at < now() - make_interval(secs => %s)
  AND e.seq > coalesce((SELECT max(h.seq) FROM ledger_head h WHERE h.tenant_id = e.tenant_id), 0)
"""
_BACKUP = """
SELECT extract(epoch FROM now() - max(at)) / 3600 FROM ledger_entry
WHERE tenant_id = '00000000-0000-0000-0000-000000000000' AND act = 'backup.made'
"""


def walls(connection: contents.Connection) -> Iterator[Found]:
    """Check that no role passes the walls, and that they stand around every table of tenants."""
    strong = _one(connection, _ROLES)
    yield Found(
        "roles",
        strong is None,
        _("none passes the walls") if strong is None else _("{role} passes the walls").format(role=strong),
        "" if strong is None else f'ALTER ROLE "{strong}" NOSUPERUSER NOBYPASSRLS;',
    )
    open_tables = [name for (name,) in connection.execute(_OPEN)]
    yield Found(
        "walls",
        not open_tables,
        _("they stand around every table") if not open_tables else ", ".join(open_tables),
        _("Stop the service; somebody took the walls away. Compare with a backup."),
    )
    contents.check_all_seen(connection)


def tables(connection: contents.Connection, pending: list[str]) -> Iterator[Found]:
    """Check that migrations were applied, and that findings of the next month have a place."""
    yield Found(
        "migrations",
        not pending,
        _("all are applied") if not pending else ", ".join(pending),
        _("Stop the service and run veche upgrade."),
    )
    there, makes = _row(connection, _MONTHS)
    yield Found(
        "partitions",
        bool(there or makes),
        _("the next month has one") if there else _("the next month gets one when it begins"),
        _("Let the owner of the tables run: SELECT veche_finding_month(now() + interval '1 month');"),
    )


def clock(connection: contents.Connection) -> Iterator[Found]:
    """Check that the clock agrees with the database's, and was not set back behind the newest entry."""
    server, newest = _row(connection, "SELECT clock_timestamp(), (SELECT max(at) FROM ledger_entry)")
    apart = abs((dt.datetime.now(dt.UTC) - server).total_seconds())
    ahead = (newest - server).total_seconds() if newest else 0.0
    worst = max(apart, ahead)
    yield Found(
        "clock",
        worst < _CLOCK_SECONDS,
        _("it goes right") if worst < _CLOCK_SECONDS else _("off by {n} seconds").format(n=round(worst)),
        _("Set the clock (systemd-timesyncd or chrony does it by itself)."),
    )


def waiting(connection: contents.Connection, *, running: bool) -> Iterator[Found]:
    """Check what waits to be understood, what was set aside, and jobs."""
    n, seconds, aside = _row(connection, "SELECT pending, oldest_seconds, aside FROM veche_standing()")
    yield Found(
        "waiting",
        not running or seconds < _WAITING_SECONDS,
        _("{n} appeals, the oldest for {seconds} s").format(n=int(n), seconds=int(seconds)),
        _("See logs/worker-1.log; start with more workers if they cannot keep up."),
    )
    yield Found(
        "set aside",
        not aside,
        ngettext("{n} appeal", "{n} appeals", int(aside)).format(n=int(aside)),
        _("An administrator of the authority looks at them and tries them again, on the page “Set aside”."),
    )
    failed = _one(connection, _FAILED, _FAILED_DAYS)
    stuck = _one(connection, _STUCK, _SILENT_SECONDS, _DUE_SECONDS) if running else 0
    yield Found(
        "jobs",
        not failed and not stuck,
        _("failed within a week: {failed}, stuck: {stuck}").format(failed=failed, stuck=stuck),
        _("See logs/jobs.log."),
    )


def heard_of(connection: contents.Connection) -> Iterator[Found]:
    """Check that workers are connected, and that the process of jobs was heard of a moment ago."""
    workers, seconds = _row(
        connection,
        "SELECT (SELECT count(*) FROM pg_stat_activity WHERE usename = 'veche_worker'),"
        " (SELECT extract(epoch FROM now() - max(last_heartbeat)) FROM procrastinate_workers)",
    )
    alive = bool(workers) and seconds is not None and seconds < _SILENT_SECONDS
    yield Found(
        "heartbeats",
        alive,
        _("workers are connected, jobs were heard of")
        if alive
        else _("workers or jobs were not heard of for a minute"),
        _("See logs/worker-1.log and logs/jobs.log; restart the service."),
    )


def ledger(connection: contents.Connection, home: Home, *, running: bool) -> Iterator[Found]:
    """Check that the ledger contains every head outside the database, and is sealed as it grows."""
    path = home.ledger / "heads.jsonl"
    lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
    wrong = contents.missing_seal(connection, contents.standing_seals(lines))
    yield Found(
        "ledger",
        not wrong,
        wrong or _("it contains every head of heads.jsonl"),
        _("Entries that were signed are gone or others: keep everything as it is and ask an auditor."),
    )
    if running:
        unsealed = _one(connection, _UNSEALED, _SEALED_SECONDS)
        yield Found(
            "sealer",
            not unsealed,
            _("chains that are not sealed: {n}").format(n=unsealed),
            _("See logs/sealer.log."),
        )


def last_backup(connection: contents.Connection) -> Iterator[Found]:
    """Check how old the last backup is."""
    hours = _one(connection, _BACKUP)
    yield Found(
        "backup",
        hours is not None and hours < _BACKUP_HOURS,
        _("none was made yet") if hours is None else _("made {n} hours ago").format(n=int(hours)),
        _("Make one each day: veche backup --data FOLDER --out FILE"),
    )


def packs(connection: contents.Connection) -> Iterator[Found]:
    """Check that the pack of each authority loads."""
    names = [n for (n,) in connection.execute("SELECT DISTINCT pack FROM accounts_tenant ORDER BY 1")]
    for name in names:
        try:
            load_pack(name)
        except VecheError as error:
            yield Found("packs", False, error.text(), error.advice())
            return
    yield Found("packs", True, ", ".join(names) or _("no authority is there yet"))


def _row(connection: contents.Connection, query: str, *values: object) -> Any:
    row = connection.execute(query.encode(), values or None).fetchone()
    assert row is not None
    return row


def _one(connection: contents.Connection, query: str, *values: object) -> Any:
    row = connection.execute(query.encode(), values or None).fetchone()
    return row[0] if row else None
