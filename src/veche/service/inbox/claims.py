"""What waits to be understood, and who holds it. A worker claims rows across tenants: it sees ids and times.

A claim is committed by itself before the work begins, so that a crash counts as a try.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from veche.service.accounts.acting import working
from veche.service.ledger.append import append

#: Seconds for which a claim of up to `BATCH` appeals holds; more appeals, more time.
HOLD_SECONDS = 60.0
BATCH = 200

#: The first try is in the worker, the next ones are in a process apart. One that was claimed so often without
#: an outcome, because its worker was lost each time, is set aside.
MOST_TRIES = 5
LOST = "worker_lost"

_WAITING = """
SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(since)), 0)::float8 FROM (
    SELECT since FROM inbox_pending WHERE tries = 0 AND held_until IS NULL ORDER BY since LIMIT %s
) AS first
"""
# The rows are chosen once and for all: joined as they are, the choice could be made again for each.
_CLAIM = """
WITH chosen AS MATERIALIZED (
    SELECT appeal_id FROM inbox_pending WHERE {which} ORDER BY bulk, since LIMIT %s FOR UPDATE SKIP LOCKED
)
UPDATE inbox_pending p SET tries = p.tries + 1, holder = %s,
    held_until = clock_timestamp() + make_interval(secs => %s)
FROM chosen WHERE p.appeal_id = chosen.appeal_id
RETURNING p.appeal_id, p.tenant_id, p.tries
"""
_FRESH = _CLAIM.format(which="tries = 0 AND held_until IS NULL")
_AGAIN = _CLAIM.format(which="tries > 0 AND held_until < clock_timestamp()")
_RELEASE = """
UPDATE inbox_pending p SET held_until = clock_timestamp() - interval '1 ms'
FROM unnest(%s::uuid[], %s::smallint[]) AS c (id, tries) WHERE p.appeal_id = c.id AND p.tries = c.tries
"""
# Sessions that ended left their locks: a lock of two halves of 32 bits, as `pg_locks` shows one of 64.
_FREE_LOST = """
UPDATE inbox_pending SET held_until = clock_timestamp() - interval '1 ms'
WHERE held_until > clock_timestamp() AND holder IS NOT NULL AND holder NOT IN (
    SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 1 AND granted
)
"""
_GIVE_BACK = """
UPDATE inbox_pending p SET tries = p.tries - 1,
    held_until = CASE WHEN p.tries > 1 THEN clock_timestamp() - interval '1 ms' END
FROM unnest(%s::uuid[], %s::smallint[]) AS c (id, tries) WHERE p.appeal_id = c.id AND p.tries = c.tries
"""
_TAKE_OUT = "DELETE FROM inbox_pending WHERE appeal_id = %s AND tries = %s"
_ASIDE = """
UPDATE inbox_appeal SET state = 'aside', aside_reason = %s WHERE id = %s AND state = 'received' RETURNING id
"""
_RETRY = """
WITH again AS (
    UPDATE inbox_appeal SET state = 'received', aside_reason = ''
    WHERE tenant_id = %s AND state = 'aside' AND (%s::uuid[] IS NULL OR id = ANY(%s)) RETURNING id, tenant_id
)
INSERT INTO inbox_pending (appeal_id, tenant_id, since, tries)
SELECT id, tenant_id, clock_timestamp(), 0 FROM again RETURNING appeal_id
"""


class Claim(NamedTuple):
    """An appeal that this worker holds; `tries` counts this claim."""

    appeal_id: UUID
    tenant_id: UUID
    tries: int


def waiting(up_to: int) -> tuple[int, float]:
    """Return how many new appeals wait, counted no further than `up_to`, and the oldest's age in seconds."""
    return _fetch(_WAITING, [up_to])[0]


def claim_new(most: int, *, holder: int | None = None, hold_seconds: float = HOLD_SECONDS) -> list[Claim]:
    """Claim up to `most` appeals that nobody has tried yet: the oldest first, those of files last.

    `holder` is the advisory lock that the worker's session has for as long as it lives.
    """
    return _claimed(_FRESH, most, holder, hold_seconds)


def claim_again(most: int, *, holder: int | None = None, hold_seconds: float = HOLD_SECONDS) -> list[Claim]:
    """Claim up to `most` appeals that were tried before, in vain, and that no worker holds any more."""
    return _claimed(_AGAIN, most, holder, hold_seconds)


def free_lost() -> int:
    """End the claims of workers that are lost, without waiting out their hold; return how many those were."""
    with connection.cursor() as cursor:
        cursor.execute(_FREE_LOST)
        return cursor.rowcount


def release(claims: Sequence[Claim]) -> None:
    """End claims that came to nothing: the appeals are tried again."""
    _execute(_RELEASE, claims)


def give_back(claims: Sequence[Claim]) -> None:
    """Undo claims whose failure says nothing about the appeals, such as a lost connection."""
    _execute(_GIVE_BACK, claims)


def set_aside(claim: Claim, reason: str) -> None:
    """Set an appeal aside with the code of the reason; it stays visible and can be tried again."""
    with working(claim.tenant_id), connection.cursor() as cursor:
        cursor.execute(_TAKE_OUT, [claim.appeal_id, claim.tries])
        if not cursor.rowcount:
            return
        cursor.execute(_ASIDE, [reason, claim.appeal_id])
        if cursor.fetchall():
            facts = {"reason": reason}
            object = f"appeal:{claim.appeal_id}"
            append(claim.tenant_id, "appeal.aside", actor="worker", object=object, facts=facts)


def retry_aside(tenant_id: UUID, *, actor: str, appeals: Sequence[UUID] | None = None) -> int:
    """Let appeals that were set aside wait again, all of a tenant or those named; return how many.

    Within a transaction that may write to the tenant. `actor` is who asks, as the ledger names it.
    """
    named = None if appeals is None else list(appeals)
    again = _fetch(_RETRY, [tenant_id, named, named])
    if again:
        facts = {"appeals": len(again)}
        append(tenant_id, "appeal.retried", actor=actor, object=f"tenant:{tenant_id}", facts=facts)
    return len(again)


def _claimed(statement: str, most: int, holder: int | None, hold_seconds: float) -> list[Claim]:
    seconds = hold_seconds * -(-most // BATCH)
    return [Claim(*row) for row in _fetch(statement, [most, holder, seconds])]


def _fetch(statement: str, values: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def _execute(statement: str, claims: Sequence[Claim]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [[c.appeal_id for c in claims], [c.tries for c in claims]])
