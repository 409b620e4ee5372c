"""What was answered to a request with an `Idempotency-Key`, so that a repeat is answered alike.

Follows draft-ietf-httpapi-idempotency-key-header-06. The record is written in the transaction that takes the
appeals: either both are there or neither is. It holds ids and numbers; secrets of tracking links follow from
the token and the appeal's id (see `veche.service.api.secret`) and are stored nowhere.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import orjson
from django.db import connection

from veche.core.ids import uuid7
from veche.service.inbox.take import Taken

#: How long an answer is kept.
LIFETIME = timedelta(hours=24)
#: Characters of a key.
MAX_KEY = 255


@dataclass(frozen=True, slots=True)
class Key:
    """The key of a request, and what tells its body from another."""

    tenant_id: UUID
    token_id: UUID
    key: str
    #: 32 bytes, keyed.
    request_hash: bytes

    @property
    def name(self) -> tuple[UUID, str]:
        """What is unique."""
        return self.token_id, self.key


@dataclass(frozen=True, slots=True)
class Stored:
    """What was answered before."""

    request_hash: bytes
    taken: list[Taken]


_CLAIM = """
INSERT INTO inbox_idempotencykey AS k
    (id, tenant_id, token_id, key, request_hash, status, response, created_at, expires_at)
SELECT i.id, i.tenant, i.token, i.key, i.hash, 0, '[]', %s::timestamptz, %s::timestamptz
FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::bytea[]) AS i (id, tenant, token, key, hash)
ORDER BY i.token, i.key
ON CONFLICT (token_id, key) DO UPDATE
SET id = excluded.id, request_hash = excluded.request_hash, status = 0, response = '[]',
    created_at = excluded.created_at, expires_at = excluded.expires_at
WHERE k.expires_at <= excluded.created_at
RETURNING token_id, key
"""
_STORED = """
SELECT k.token_id, k.key, k.request_hash, k.response
FROM unnest(%s::uuid[], %s::text[]) AS i (token, key)
JOIN inbox_idempotencykey k ON k.token_id = i.token AND k.key = i.key
"""
_ANSWER = """
UPDATE inbox_idempotencykey k SET status = i.status, response = i.response::jsonb
FROM unnest(%s::uuid[], %s::text[], %s::int[], %s::text[]) AS i (token, key, status, response)
WHERE k.token_id = i.token AND k.key = i.key
"""
_RELEASE = """
DELETE FROM inbox_idempotencykey k USING unnest(%s::uuid[], %s::text[]) AS i (token, key)
WHERE k.token_id = i.token AND k.key = i.key
"""


def claim(keys: Sequence[Key], *, now: datetime) -> dict[tuple[UUID, str], Stored]:
    """Take the keys for this transaction; return the answers of those that were answered before.

    Waits for another transaction that holds one of them, as long as `lock_timeout` allows. A key that is past
    its lifetime is taken anew.
    """
    columns = [
        [uuid7() for _ in keys],
        [k.tenant_id for k in keys],
        [k.token_id for k in keys],
        [k.key for k in keys],
        [k.request_hash for k in keys],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [now, now + LIFETIME, *columns])
        ours = set(cursor.fetchall())
        others = [k for k in keys if k.name not in ours]
        if not others:
            return {}
        cursor.execute(_STORED, [[k.token_id for k in others], [k.key for k in others]])
        return {
            (token, key): Stored(bytes(request_hash), _taken(response))
            for token, key, request_hash, response in cursor.fetchall()
        }


def answer(answers: Mapping[tuple[UUID, str], Sequence[Taken]]) -> None:
    """Store what is answered to keys that were claimed in this transaction."""
    columns = [
        [token for token, _ in answers],
        [key for _, key in answers],
        [status_of(taken) for taken in answers.values()],
        [_response(taken) for taken in answers.values()],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_ANSWER, columns)


def release(names: Collection[tuple[UUID, str]]) -> None:
    """Give up keys whose requests are refused; the same key may come with a mended body."""
    with connection.cursor() as cursor:
        cursor.execute(_RELEASE, [[token for token, _ in names], [key for _, key in names]])


def purge(*, now: datetime) -> int:
    """Remove answers past their lifetime in the tenants of this transaction; return how many."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM inbox_idempotencykey WHERE expires_at <= %s", [now])
        return cursor.rowcount


def status_of(taken: Sequence[Taken]) -> int:
    """Return the HTTP status of an answer: 201 where something is new, 200 where all came before."""
    return 201 if any(t.new for t in taken) else 200


def _response(taken: Sequence[Taken]) -> str:
    return orjson.dumps([[str(t.appeal_id), t.number, t.new] for t in taken]).decode()


def _taken(response: str | list[tuple[str, int, bool]]) -> list[Taken]:
    rows = orjson.loads(response) if isinstance(response, str) else response
    return [Taken(UUID(id), number, None, new=new) for id, number, new in rows]
