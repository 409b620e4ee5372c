"""To which person and thread an arriving message belongs. Persons with a contact are made here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from django.db import connection

from veche.core.ids import uuid7
from veche.service.inbox.incoming import foreign_identity
from veche.service.vault.keys import contact_hash, identity_hash

if TYPE_CHECKING:
    from veche.service.inbox.take import Arriving


@dataclass(frozen=True, slots=True)
class Placed:
    """An arriving message with its person and thread."""

    row: "Arriving"
    person_id: UUID
    #: A person of this one appeal, who is still to be inserted.
    new_person: bool
    thread_id: UUID


class _Earlier(NamedTuple):
    thread_id: UUID
    #: None where the person was erased.
    person_id: UUID | None


_INSERT = """
INSERT INTO inbox_person (id, tenant_id, contact_hash, created_at)
SELECT i.id, i.tenant, i.hash, %s FROM unnest(%s::uuid[], %s::uuid[], %s::bytea[]) AS i (id, tenant, hash)
ORDER BY i.tenant, i.hash
ON CONFLICT (tenant_id, contact_hash) DO NOTHING
"""
_SELECT = """
SELECT p.tenant_id, p.contact_hash, p.id
FROM unnest(%s::uuid[], %s::bytea[]) AS i (tenant, hash)
JOIN inbox_person p ON p.tenant_id = i.tenant AND p.contact_hash = i.hash
"""
_ANSWERED = """
SELECT a.tenant_id, a.number, a.thread_id, p.id
FROM unnest(%s::uuid[], %s::bigint[]) AS i (tenant, number)
JOIN inbox_appeal a ON a.tenant_id = i.tenant AND a.number = i.number
LEFT JOIN inbox_person p ON p.id = a.person_id AND p.erased_at IS NULL
"""
_NAMED = """
SELECT a.tenant_id, a.channel_id, a.identity, a.thread_id
FROM unnest(%s::uuid[], %s::uuid[], %s::bytea[]) AS i (tenant, channel, identity)
JOIN inbox_appeal a ON a.tenant_id = i.tenant AND a.channel_id = i.channel AND a.identity = i.identity
"""


def place(rows: Sequence["Arriving"], now: datetime) -> list[Placed]:
    """Return each message with its person and its thread.

    The person is the one with the same contact; without a contact, the author of the appeal that is
    answered, else somebody who wrote once. The thread is that of the appeal that is answered, or of the
    message that is named, or the one of that name; else a new one.
    """
    persons = _persons(rows, now)
    answered = _answered(rows)
    threads = _threads(rows)
    placed = []
    for i, row in enumerate(rows):
        earlier = answered.get((row.tenant_id, row.incoming.answers))
        person = persons.get(i) or (earlier and earlier.person_id)
        thread = earlier.thread_id if earlier else threads[i]
        placed.append(Placed(row, person or uuid7(), not person, thread))
    return placed


def _persons(rows: Sequence["Arriving"], now: datetime) -> dict[int, UUID]:
    wanted = {
        i: (row.tenant_id, contact_hash(row.tenant_id, row.incoming.contacts[0]))
        for i, row in enumerate(rows)
        if row.incoming.contacts
    }
    if not wanted:
        return {}
    keys = sorted(set(wanted.values()))
    tenants, hashes = [tenant for tenant, _ in keys], [h for _, h in keys]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [now, [uuid7() for _ in keys], tenants, hashes])
        cursor.execute(_SELECT, [tenants, hashes])
        found = {(tenant, bytes(h)): id for tenant, h, id in cursor.fetchall()}
    return {i: found[key] for i, key in wanted.items()}


def _answered(rows: Sequence["Arriving"]) -> dict[tuple[UUID, int | None], _Earlier]:
    wanted = sorted({(r.tenant_id, r.incoming.answers) for r in rows if r.incoming.answers is not None})
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_ANSWERED, [[tenant for tenant, _ in wanted], [number for _, number in wanted]])
        return {(tenant, number): _Earlier(thread, p) for tenant, number, thread, p in cursor.fetchall()}


def _threads(rows: Sequence["Arriving"]) -> list[UUID]:
    """A message that comes before the one it names opens the thread that the other will find.

    For that, the id of a thread that has a name follows from the name: that of the thread itself, or the
    foreign id of its first message.
    """
    earlier = _named(rows)
    threads = []
    for row in rows:
        name = row.incoming.thread or row.incoming.foreign_id
        asked = _message(row, row.incoming.thread) if row.incoming.thread else None
        thread = (asked and earlier.get(asked)) or (_thread_id(row, name) if name else uuid7())
        earlier[row.tenant_id, row.channel_id, row.identity] = thread
        threads.append(thread)
    return threads


def _named(rows: Sequence["Arriving"]) -> dict[tuple[UUID, UUID, bytes], UUID]:
    wanted = sorted({_message(row, row.incoming.thread) for row in rows if row.incoming.thread})
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_NAMED, [list(column) for column in zip(*wanted, strict=True)])
        return {(tenant, channel, bytes(h)): thread for tenant, channel, h, thread in cursor.fetchall()}


def _message(row: "Arriving", foreign_id: str) -> tuple[UUID, UUID, bytes]:
    return row.tenant_id, row.channel_id, identity_hash(row.tenant_id, foreign_identity(foreign_id))


def _thread_id(row: "Arriving", name: str) -> UUID:
    return UUID(bytes=identity_hash(row.tenant_id, f"thread\x00{row.channel_id}\x00{name}")[:16])
