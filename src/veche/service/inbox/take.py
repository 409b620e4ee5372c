"""The one way in: web form, API, files and calls all hand their messages to `take`.

A handful of set-based statements whatever the size of the batch, inside one transaction: persons, appeals,
threads, sealed originals, what waits to be understood, and one entry in the ledger for each channel. An
appeal that came before is found by its identity and answered with its number. Rows are always inserted in
the order of their keys, so that two transactions never wait for each other in a circle.
"""

import secrets
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from veche.core.errors import RowsRefused
from veche.core.ids import uuid7
from veche.ledger.values import digest_of
from veche.service.inbox.attachments import store
from veche.service.inbox.incoming import Incoming, check, foreign_identity
from veche.service.inbox.place import Placed, place
from veche.service.ledger.append import New, append_many
from veche.service.vault.keys import identity_hash, keys_for, secret_hash
from veche.service.vault.seal import Original, ToSeal, seal_appeals

#: Bits of the secret of a tracking link, over eight: nobody guesses one.
SECRET_BYTES = 16


@dataclass(frozen=True, slots=True)
class Arriving:
    """A message about to be taken: whose, through which channel, and what it will be if it is new."""

    tenant_id: UUID
    channel_id: UUID
    actor: str
    incoming: Incoming
    #: `received_at` of the message, or the moment of taking.
    received_at: datetime
    identity: bytes
    content_hash: bytes
    appeal_id: UUID
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one message."""

    appeal_id: UUID
    number: int
    #: Opens the tracking page; None where the appeal came before, because only a hash of it is kept.
    secret: str | None = field(repr=False)
    new: bool
    #: False where its foreign id came before with another text; then nothing was taken, and this is that one.
    same: bool = True


_KNOWN = """
SELECT i.id, a.id, a.number, a.content_hash = i.content_hash
FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::bytea[], %s::bytea[])
    AS i (id, tenant, channel, identity, content_hash)
JOIN inbox_appeal a ON a.tenant_id = i.tenant AND a.channel_id = i.channel AND a.identity = i.identity
"""
_APPEALS = """
INSERT INTO inbox_appeal (id, tenant_id, channel_id, person_id, thread_id, identity, content_hash,
    secret_hash, state, received_at, received_zone, taken_at, aside_reason, language, kind, topic, body,
    territory, urgency, groups)
SELECT i.id, i.tenant, i.channel, i.person, i.thread, i.identity, i.content_hash, i.secret_hash,
    'received', i.received_at, i.zone, %s, '', '', '', '', '', '', '', '{}'
FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::bytea[], %s::bytea[], %s::bytea[],
    %s::timestamptz[], %s::text[])
    AS i (id, tenant, channel, person, thread, identity, content_hash, secret_hash, received_at, zone)
ORDER BY i.tenant, i.channel, i.identity
ON CONFLICT (tenant_id, channel_id, identity) DO NOTHING
RETURNING id, number
"""
_PERSONS = """
INSERT INTO inbox_person (id, tenant_id, created_at)
SELECT DISTINCT i.id, i.tenant, %s::timestamptz FROM unnest(%s::uuid[], %s::uuid[]) AS i (id, tenant)
"""
_THREADS = """
INSERT INTO inbox_thread AS t (id, tenant_id, person_id, opened_at, last_at)
SELECT i.id, i.tenant, (array_agg(i.person))[1], min(i.at), max(i.at)
FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::timestamptz[]) AS i (id, tenant, person, at)
GROUP BY i.id, i.tenant ORDER BY i.id
ON CONFLICT (id) DO UPDATE
SET opened_at = least(t.opened_at, excluded.opened_at), last_at = greatest(t.last_at, excluded.last_at)
"""
_SEALED = """
INSERT INTO vault_sealed (appeal_id, tenant_id, person_id, nonce, ciphertext)
SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::bytea[], %s::bytea[])
"""
_PENDING = """
INSERT INTO inbox_pending (appeal_id, tenant_id, since, tries, bulk)
SELECT i.appeal, i.tenant, %s::timestamptz, 0, %s FROM unnest(%s::uuid[], %s::uuid[]) AS i (appeal, tenant)
"""


def take(
    tenant_id: UUID,
    channel_id: UUID,
    batch: Sequence[Incoming],
    *,
    actor: str,
    now: datetime | None = None,
) -> list[Taken]:
    """Take messages of one channel, within `working(tenant_id)`; they are durable when that is left.

    Args:
        tenant_id: The authority that the channel belongs to.
        channel_id: The channel.
        batch: The messages. Those of equal content within it are as many appeals; sent again, the same.
        actor: By whom, as the ledger names it: "user:ID", "token:ID" ...
        now: The moment of taking.

    Returns:
        What became of each, in order.

    Raises:
        RowsRefused: one of them cannot be taken; its fact `rows` says which and why, as `check` does.
            None was taken.
    """
    moment = now or datetime.now(UTC)
    refused = check(batch, now=moment)
    if refused:
        raise RowsRefused(refused=len(refused), handed=len(batch), rows=refused)
    rows = arriving(tenant_id, channel_id, batch, actor=actor, now=moment)
    return take_arriving(rows, now=moment)


def arriving(
    tenant_id: UUID,
    channel_id: UUID,
    batch: Sequence[Incoming],
    *,
    actor: str,
    now: datetime,
    secret_of: Callable[[UUID], str] = lambda _appeal_id: secrets.token_urlsafe(SECRET_BYTES),
) -> list[Arriving]:
    """Return messages of one channel with what they will be; each was checked before.

    Without a foreign id or another identity, a message is known by what was written, by whom and when, and
    by how many of the same stand before it in the batch; where no time is given, the day counts (UTC). So a
    batch that is sent again is taken once, and "No hot water", sent without a name in January and in March,
    is two appeals.
    """
    seen: Counter[bytes] = Counter()
    rows = []
    for incoming in batch:
        written = _written(incoming, now)
        identity = _identity(incoming, written, seen[written])
        seen[written] += 1
        appeal_id = uuid7()
        rows.append(
            Arriving(
                tenant_id,
                channel_id,
                actor,
                incoming,
                incoming.received_at or now,
                identity_hash(tenant_id, identity),
                identity_hash(tenant_id, f"text\x00{incoming.text}"),
                appeal_id,
                secret_of(appeal_id),
            )
        )
    return rows


def take_arriving(
    rows: Sequence[Arriving],
    *,
    now: datetime,
    known: Mapping[UUID, Taken] | None = None,
    bulk: bool = False,
) -> list[Taken]:
    """Take messages of several channels and tenants that the transaction works in.

    `known` is what `known_of` said of them before, in the same transaction. What comes in `bulk`, by a file,
    is understood after what comes in one by one.
    """
    results = dict(known_of(rows) if known is None else known)
    fresh = [row for row in rows if row.appeal_id not in results]
    if fresh:
        results |= _insert(fresh, now, bulk=bulk)
    # What another transaction, or an earlier row of this one, took in the meantime.
    late = [row for row in fresh if row.appeal_id not in results]
    if late:
        results |= known_of(late)
    return [results[row.appeal_id] for row in rows]


def known_of(rows: Sequence[Arriving]) -> dict[UUID, Taken]:
    """Return what those are that came before, by the id that each would have had."""
    columns = [
        [r.appeal_id for r in rows],
        [r.tenant_id for r in rows],
        [r.channel_id for r in rows],
        [r.identity for r in rows],
        [r.content_hash for r in rows],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, columns)
        return {
            own: Taken(id, number, None, new=False, same=same) for own, id, number, same in cursor.fetchall()
        }


def _insert(rows: Sequence[Arriving], now: datetime, *, bulk: bool) -> dict[UUID, Taken]:
    placed = place(rows, now)
    numbers = _insert_appeals(placed, now)
    new = [p for p in placed if p.row.appeal_id in numbers]
    if not new:
        return {}
    _insert_surroundings(new, now)
    _seal(new)
    _execute(_PENDING, now, bulk, [p.row.appeal_id for p in new], [p.row.tenant_id for p in new])
    _append(new)
    return {
        p.row.appeal_id: Taken(p.row.appeal_id, numbers[p.row.appeal_id], p.row.secret, new=True) for p in new
    }


def _insert_appeals(placed: Sequence[Placed], now: datetime) -> dict[UUID, int]:
    rows = [p.row for p in placed]
    columns = [
        [r.appeal_id for r in rows],
        [r.tenant_id for r in rows],
        [r.channel_id for r in rows],
        [p.person_id for p in placed],
        [p.thread_id for p in placed],
        [r.identity for r in rows],
        [r.content_hash for r in rows],
        [secret_hash(r.secret) for r in rows],
        [r.received_at for r in rows],
        [r.incoming.received_zone for r in rows],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_APPEALS, [now, *columns])
        return dict(cursor.fetchall())


def _insert_surroundings(new: Sequence[Placed], now: datetime) -> None:
    """Foreign keys are checked when the transaction ends, so only what was taken gets its surroundings."""
    alone = [p for p in new if p.new_person]
    _execute(_PERSONS, now, [p.person_id for p in alone], [p.row.tenant_id for p in alone])
    _execute(
        _THREADS,
        [p.thread_id for p in new],
        [p.row.tenant_id for p in new],
        [p.person_id for p in new],
        [p.row.received_at for p in new],
    )


def _seal(new: Sequence[Placed]) -> None:
    to_seal = [ToSeal(p.row.appeal_id, p.row.tenant_id, p.person_id, _original(p.row.incoming)) for p in new]
    sealed = seal_appeals(to_seal)
    _execute(
        _SEALED,
        [appeal for appeal, _nonce, _bytes in sealed],
        [s.tenant_id for s in to_seal],
        [s.person_id for s in to_seal],
        [nonce for _appeal, nonce, _bytes in sealed],
        [ciphertext for _appeal, _nonce, ciphertext in sealed],
    )
    for p in new:
        files = p.row.incoming.attachments
        if files:
            key = keys_for([p.person_id], p.row.tenant_id)[p.person_id]
            store(p.row.appeal_id, files, tenant_id=p.row.tenant_id, key=key)


def _append(new: Sequence[Placed]) -> None:
    groups: dict[tuple[UUID, UUID, str], list[UUID]] = defaultdict(list)
    for p in new:
        groups[p.row.tenant_id, p.row.channel_id, p.row.actor].append(p.row.appeal_id)
    append_many(
        New(
            tenant,
            "appeal.taken",
            actor,
            f"channel:{channel}",
            {"count": len(ids), "appeals": digest_of(ids)},
        )
        for (tenant, channel, actor), ids in sorted(groups.items())
    )


def _original(incoming: Incoming) -> Original:
    return Original(
        text=incoming.text,
        contacts=list(incoming.contacts),
        author=incoming.author,
        address=incoming.address,
        kept=dict(incoming.kept),
        declared_language=incoming.declared_language,
        declared_territory=incoming.declared_territory,
        lat=incoming.lat,
        lon=incoming.lon,
        age=incoming.age,
        sex=incoming.sex,
        occupation=incoming.occupation,
        foreign_id=incoming.foreign_id,
        attachments={str(file.id): file.name for file in incoming.attachments},
    )


def _written(incoming: Incoming, now: datetime) -> bytes:
    return orjson.dumps(
        [
            incoming.text,
            list(incoming.contacts),
            [incoming.author, incoming.address, incoming.lat, incoming.lon],
            [incoming.thread, incoming.answers],
            incoming.received_at or now.astimezone(UTC).date(),
        ]
    )


def _identity(incoming: Incoming, written: bytes, before: int) -> str:
    if incoming.foreign_id:
        return foreign_identity(incoming.foreign_id)
    if incoming.identity:
        return f"given\x00{incoming.identity}"
    return f"written\x00{before}\x00{written.decode()}"


def _execute(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
