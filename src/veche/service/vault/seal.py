"""Originals of appeals, sealed: what the citizen sent, encrypted under the key of the person.

AES-256-GCM with a random 96-bit nonce (NIST SP 800-38D); the appeal and its tenant are bound to the bytes, so
that an original moved to another appeal does not open. Nothing here asks whether somebody may look: that is
`look`.
"""

import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connection

from veche.core.errors import OriginalDamaged, OriginalGone
from veche.service.vault.keys import keys_for, unwrapped

_NONCE = 12

_SELECT = """
SELECT s.appeal_id, s.tenant_id, s.person_id, s.nonce, s.ciphertext, k.wrapped, k.master
FROM vault_sealed s LEFT JOIN vault_personkey k USING (person_id)
WHERE s.appeal_id = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class Original:
    """What a citizen sent, as it came. Shown to nobody but through `look`."""

    text: str
    #: How the author can be reached, in the order they were given.
    contacts: list[str] = field(default_factory=list)
    author: str | None = None
    address: str | None = None
    #: Columns of a file, or fields of a form, that were kept beside the text.
    kept: dict[str, str] = field(default_factory=dict)
    declared_language: str | None = None
    declared_territory: str | None = None
    lat: float | None = None
    lon: float | None = None
    age: int | None = None
    sex: str | None = None
    occupation: str | None = None
    foreign_id: str | None = None
    #: Names of the files that came along, by the id of the attachment.
    attachments: dict[str, str] = field(default_factory=dict)


class ToSeal(NamedTuple):
    """An original and whose it is."""

    appeal_id: UUID
    tenant_id: UUID
    person_id: UUID
    original: Original


def seal_appeals(rows: Sequence[ToSeal]) -> list[tuple[UUID, bytes, bytes]]:
    """Return appeal, nonce and ciphertext of each row, in order; makes the keys that persons lack.

    The persons must be there already; the rows of `vault_sealed` are the caller's to write, in the same
    transaction.

    Raises:
        PersonErased: an author was erased meanwhile.
    """
    persons: dict[UUID, list[UUID]] = defaultdict(list)
    for row in rows:
        persons[row.tenant_id].append(row.person_id)
    keys = {t: keys_for(persons_of, t) for t, persons_of in sorted(persons.items())}
    return [(row.appeal_id, *sealed(row, keys[row.tenant_id][row.person_id])) for row in rows]


def open_appeals(appeal_ids: Iterable[UUID]) -> dict[UUID, Original | None]:
    """Return the originals of those appeals that the transaction may see and that are sealed.

    None stands where the author's key is destroyed. For machines; people go through `look`.

    Raises:
        OriginalDamaged: sealed bytes or a key were changed.
        OtherVaultKey: a person's key was wrapped by a master key that is not in the key file.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SELECT, [list(appeal_ids)])
        rows = cursor.fetchall()
    keys = unwrapped({(row[2], row[1], bytes(row[5]), row[6]) for row in rows if row[5] is not None})
    return {
        appeal: opened(bytes(nonce), bytes(ciphertext), keys[person], appeal_id=appeal, tenant_id=tenant)
        if person in keys
        else None
        for appeal, tenant, person, nonce, ciphertext, _wrapped, _name in rows
    }


def open_appeal(appeal_id: UUID) -> Original:
    """Return the original of one appeal.

    Raises:
        OriginalGone: it or its author's key was erased, or the transaction may not see it.
    """
    original = open_appeals([appeal_id]).get(appeal_id)
    if original is None:
        raise OriginalGone
    return original


def sealed(row: ToSeal, key: bytes) -> tuple[bytes, bytes]:
    """Return nonce and ciphertext of one original under its author's key."""
    nonce = os.urandom(_NONCE)
    return nonce, AESGCM(key).encrypt(nonce, _packed(row.original), _bound(row.appeal_id, row.tenant_id))


def opened(nonce: bytes, ciphertext: bytes, key: bytes, *, appeal_id: UUID, tenant_id: UUID) -> Original:
    """Return what `sealed` sealed.

    Raises:
        OriginalDamaged: another key, appeal or tenant, or changed bytes.
    """
    try:
        packed = AESGCM(key).decrypt(nonce, ciphertext, _bound(appeal_id, tenant_id))
    except InvalidTag:
        raise OriginalDamaged(name=appeal_id) from None
    fields: dict[str, Any] = orjson.loads(packed)
    return Original(**fields)


def _packed(original: Original) -> bytes:
    return orjson.dumps(original)


def _bound(appeal_id: UUID, tenant_id: UUID) -> bytes:
    return b"veche original" + tenant_id.bytes + appeal_id.bytes
