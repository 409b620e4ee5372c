"""Keys of persons, and keyed hashes that tell whether two contacts or contents are the same.

Each person has a random key of their own; the database holds it wrapped by the master key. Whoever seals
holds a share lock on the person's key until the transaction ends, so that erasing waits for what is being
taken in and then erases that too.
"""

import hashlib
import hmac
import os
import re
import threading
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import connection

from veche.core.errors import PersonErased, VaultKeyUnusable
from veche.core.i18n import _
from veche.core.keys import derive
from veche.core.library_words import reason
from veche.service.vault.keyfile import MasterKey, read_key_file

#: Held shared by who makes keys, exclusively by who drops an earlier master key (an advisory lock).
MAKING_KEYS = 0x7665_6368_6501

_KEY_SIZE = 32
#: Letters and signs that people write telephone numbers with.
_PHONE = re.compile(r"\+?[\d\s().\-\u2010-\u2015/]{5,}")

_SELECT = (
    "SELECT person_id, wrapped, master FROM vault_personkey WHERE tenant_id = %s AND person_id = ANY(%s)"
)
_INSERT = """
INSERT INTO vault_personkey (person_id, tenant_id, wrapped, master)
SELECT made.person, p.tenant_id, made.wrapped, %s
FROM unnest(%s::uuid[], %s::bytea[]) AS made (person, wrapped)
JOIN inbox_person p ON p.id = made.person AND p.tenant_id = %s AND p.erased_at IS NULL
ORDER BY made.person
FOR SHARE OF p
ON CONFLICT (person_id) DO NOTHING
RETURNING person_id
"""

_lock = threading.Lock()
_read: tuple[tuple[int, int, int], MasterKey] | None = None


def master() -> MasterKey:
    """Return the vault's secrets. The file is read once, and again after it was replaced.

    Raises:
        VaultKeyUnusable: no file is named, or it cannot be used.
    """
    global _read
    path = _path()
    try:
        state = path.stat()
    except OSError as error:
        raise VaultKeyUnusable(path=path, reason=reason(error)) from None
    seen = (state.st_ino, state.st_mtime_ns, state.st_size)
    with _lock:
        if _read is None or _read[0] != seen:
            _read = (seen, read_key_file(path))
        return _read[1]


def contact_hash(tenant_id: UUID, contact: str) -> bytes:
    """Return 32 bytes that are equal for one contact of a tenant however it is written.

    Keyed (HMAC-SHA256, RFC 2104), so that without the key file nobody finds a telephone number by
    trying them all, and another tenant's hash of the same contact is another.
    """
    return _hash(tenant_id, "contact", normal_contact(contact))


def identity_hash(tenant_id: UUID, text: str) -> bytes:
    """Return 32 bytes that are equal for the same foreign id or content, to the letter, of a tenant."""
    return _hash(tenant_id, "identity", text)


def reason_hash(tenant_id: UUID, text: str) -> bytes:
    """Return 32 bytes that show later whether a reason was changed, without showing the reason."""
    return _hash(tenant_id, "reason", text)


def secret_hash(secret: str) -> bytes:
    """Return what is kept of a token or of the secret of a tracking link (32 bytes)."""
    return hmac.digest(_hash_key(_path(), "secret"), _bytes(secret), hashlib.sha256)


def normal_contact(contact: str) -> str:
    """Return a contact as it is compared: e-mail in small letters, telephone as digits (near E.164).

    A Russian trunk prefix 8 becomes the country code 7. A number without a country code stays as it
    is: better two persons than the threads of two people joined.
    """
    text = unicodedata.normalize("NFKC", contact).strip()
    if "@" in text:
        return "mail:" + "".join(text.split()).removeprefix("mailto:").casefold()
    phone = text.casefold().removeprefix("tel:").strip()
    if not _PHONE.fullmatch(phone):
        return "name:" + " ".join(text.casefold().split())
    digits = "".join(str(int(c)) for c in phone if c.isdecimal())
    if phone.startswith("+"):
        return f"tel:{digits}"
    if digits.startswith("00"):
        return f"tel:{digits[2:]}"
    if len(digits) == 11 and digits.startswith("8"):
        return f"tel:7{digits[1:]}"
    return f"tel:{digits}"


def keys_for(persons: Sequence[UUID], tenant_id: UUID) -> dict[UUID, bytes]:
    """Return the key of each person; those who have none get one, which is stored.

    Locks the keys against being destroyed until the transaction ends.

    Raises:
        PersonErased: one of them was erased; what was to be sealed belongs to a new person.
        VaultKeyUnusable, OtherVaultKey: the key file is missing or another one.
    """
    wanted = sorted(set(persons))
    keys = _stored(wanted, tenant_id)
    missing = [person for person in wanted if person not in keys]
    if not missing:
        return keys
    with connection.cursor() as cursor:
        # Before the key file is looked at: whoever drops an earlier key waits for us, or we see the new file.
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [MAKING_KEYS])
        held = master()
        made = new_keys(missing, tenant_id, held)
        wrapped = [wrapped for _key, wrapped in made.values()]
        cursor.execute(_INSERT, [held.name, missing, wrapped, tenant_id])
        stored = {person for (person,) in cursor.fetchall()}
    keys |= {person: key for person, (key, _wrapped) in made.items() if person in stored}
    keys |= _stored([person for person in missing if person not in stored], tenant_id)
    if len(keys) < len(wanted):
        raise PersonErased
    return keys


def new_keys(persons: Iterable[UUID], tenant_id: UUID, held: MasterKey) -> dict[UUID, tuple[bytes, bytes]]:
    """Return a new key for each person: as it is, and wrapped as it is stored."""
    keys = {person: os.urandom(_KEY_SIZE) for person in persons}
    return {p: (key, held.wrap(key, person=p, tenant=tenant_id)) for p, key in keys.items()}


def unwrapped(rows: Iterable[tuple[UUID, UUID, bytes, str]]) -> dict[UUID, bytes]:
    """Return keys by person from rows of person, tenant, wrapped key and name of the master key."""
    held = master()
    return {
        person: held.unwrap(bytes(wrapped), name=name, person=person, tenant=tenant)
        for person, tenant, wrapped, name in rows
    }


def _stored(persons: Sequence[UUID], tenant_id: UUID) -> dict[UUID, bytes]:
    if not persons:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_SELECT + " ORDER BY person_id FOR KEY SHARE", [tenant_id, list(persons)])
        rows = cursor.fetchall()
    return unwrapped((person, tenant_id, wrapped, name) for person, wrapped, name in rows)


def _hash(tenant_id: UUID, purpose: str, text: str) -> bytes:
    key = _hash_key(_path(), f"{purpose} of tenant {tenant_id}")
    return hmac.digest(key, _bytes(text), hashlib.sha256)


@lru_cache(maxsize=4096)
def _hash_key(path: Path, purpose: str) -> bytes:
    # By path, not by content: the secret of hashes never changes, and a stat for each would cost more.
    return derive(read_key_file(path).hashes, f"vault {purpose}")


def _path() -> Path:
    path: Path | None = settings.ENV.vault_key_file
    if path is None:
        raise VaultKeyUnusable(path="VECHE_VAULT_KEY_FILE", reason=_("it is not set"))
    return path


def _bytes(text: str) -> bytes:
    # A lone surrogate in hostile input must not stop a whole group.
    return text.encode("utf-8", "surrogatepass")
