"""A new master key: every person's key is wrapped anew, in batches that can be interrupted.

The key file names the new key and the earlier ones before the first row changes, so that at every moment
each row opens with a key of the file; the service goes on meanwhile. Earlier keys stay in the file, because
backups of their time need them, until `forget` drops them. Hashes do not change.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.db import connection

from veche.core.errors import KeyStillNeeded, OtherVaultKey
from veche.service.accounts.acting import working
from veche.service.accounts.models import Tenant
from veche.service.ledger.append import append
from veche.service.vault.keyfile import MasterKey, read_key_file, write_key_file
from veche.service.vault.keys import MAKING_KEYS

#: How the ledger names who did it.
ACTOR = "vault.rotate"
#: Keys of one transaction.
BATCH = 5000

_COUNTS = "SELECT master, count(*) FROM vault_personkey GROUP BY master"
_AFTER = """
SELECT person_id, wrapped, master FROM vault_personkey
WHERE tenant_id = %s AND person_id > %s AND master <> %s
ORDER BY person_id LIMIT %s FOR NO KEY UPDATE
"""
_WRAP = """
UPDATE vault_personkey k SET wrapped = n.wrapped, master = %s
FROM unnest(%s::uuid[], %s::bytea[]) AS n (person, wrapped) WHERE k.person_id = n.person
"""
_FIRST = UUID(int=0)


@dataclass(frozen=True)
class KeyUse:
    """A master key of the file, or one that rows name and the file lacks: how many keys it wraps."""

    name: str
    persons: int
    in_force: bool
    in_file: bool


def rotate(path: Path, *, progress: Callable[[int], None] = lambda _done: None) -> int:
    """Make a new master key and wrap all keys of persons with it; return how many were wrapped.

    A rotation that was interrupted is finished instead: no further key is made then. Outside of a
    transaction. `progress` is told how many were wrapped so far.

    Raises:
        VaultKeyUnusable: the key file cannot be read or written.
        OtherVaultKey: rows were wrapped with a key that is not in the file; nothing was changed.
    """
    held = read_key_file(path)
    used = key_uses(held)
    for use in used:
        if use.persons and not use.in_file:
            raise OtherVaultKey(name=use.name)
    if not any(use.persons for use in used if not use.in_force):
        held = held.rotated()
        write_key_file(path, held)
    # Whoever makes keys right now read the file before it was replaced; theirs are waited for.
    _wait_for_makers()
    done = 0
    for tenant in _tenants():
        done = _wrap_tenant(tenant, held, done, progress)
    return done


def key_uses(held: MasterKey) -> list[KeyUse]:
    """Return the master keys of the file and how many keys of persons each wraps, the one in force first."""
    with working(*_tenants()), connection.cursor() as cursor:
        cursor.execute(_COUNTS)
        counts = dict(cursor.fetchall())
    names = [*held.names, *sorted(set(counts) - set(held.names))]
    return [KeyUse(n, counts.get(n, 0), in_force=n == held.name, in_file=held.knows(n)) for n in names]


def forget(path: Path) -> int:
    """Drop the earlier master keys from the file; return how many.

    Backups made before the last rotation cannot be opened any more, except with a recovery copy of their
    time.

    Raises:
        KeyStillNeeded: keys of persons are wrapped with one of them still.
    """
    held = read_key_file(path)
    with working(*_tenants()), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [MAKING_KEYS])
        cursor.execute("SELECT count(*) FROM vault_personkey WHERE master <> %s", [held.name])
        [(needed,)] = cursor.fetchall()
        if needed:
            raise KeyStillNeeded(count=needed)
        write_key_file(path, held.without_previous())
    return len(held.previous)


def _wait_for_makers() -> None:
    with working(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [MAKING_KEYS])


def _wrap_tenant(tenant: UUID, held: MasterKey, done: int, progress: Callable[[int], None]) -> int:
    last, before = _FIRST, done
    while True:
        with working(tenant), connection.cursor() as cursor:
            cursor.execute(_AFTER, [tenant, last, held.name, BATCH])
            rows = cursor.fetchall()
            if not rows:
                if done > before:
                    _note(tenant, held, done - before)
                return done
            persons = [person for person, _wrapped, _name in rows]
            cursor.execute(_WRAP, [held.name, persons, _wrapped_anew(tenant, held, rows)])
        last = persons[-1]
        done += len(rows)
        progress(done)


def _wrapped_anew(tenant: UUID, held: MasterKey, rows: Sequence[tuple[UUID, bytes, str]]) -> list[bytes]:
    return [
        held.wrap(
            held.unwrap(bytes(wrapped), name=name, person=person, tenant=tenant), person=person, tenant=tenant
        )
        for person, wrapped, name in rows
    ]


def _note(tenant: UUID, held: MasterKey, persons: int) -> None:
    facts = {"persons": persons, "key": f"key-{held.name}"}
    append(tenant, "vault.rotated", actor=ACTOR, object=f"tenant:{tenant}", facts=facts)


def _tenants() -> list[UUID]:
    return list(Tenant.objects.order_by("pk").values_list("pk", flat=True))
