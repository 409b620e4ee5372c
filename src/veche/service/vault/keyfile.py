"""The file with the vault's secrets: the master key, those before it, and the secret of keyed hashes.

It lies outside the database and its backups (`VECHE_VAULT_KEY_FILE`). One word and 64 hexadecimal digits
stand on a line:

    current 3f…     wraps the keys of persons
    hashes 8a…      makes keyed hashes of contacts and contents; never changes
    previous 51…    wrapped keys of persons before; opens backups of that time

A file of 64 digits alone is a master key from elsewhere; its hashes are made with a key derived from it.
This module knows no database and no Django.
"""

import hashlib
import os
import secrets
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from veche.core.errors import OriginalDamaged, OtherVaultKey, VaultKeyUnusable
from veche.core.i18n import _
from veche.core.keys import derive
from veche.core.library_words import reason

_SIZE = 32
_NONCE = 12


@dataclass(frozen=True)
class MasterKey:
    """What the key file holds: the key in force, those before it, the secret of hashes."""

    current: bytes = field(repr=False)
    hashes: bytes = field(repr=False)
    previous: tuple[bytes, ...] = field(default=(), repr=False)

    @cached_property
    def name(self) -> str:
        """Which key is in force; says nothing about the key."""
        return key_name(self.current)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of all keys in the file, the one in force first."""
        return tuple(self._ciphers)

    def knows(self, name: str) -> bool:
        """Return whether a key of this name is in the file."""
        return name in self._ciphers

    def wrap(self, key: bytes, *, person: UUID, tenant: UUID) -> bytes:
        """Return a person's key encrypted under the key in force and bound to the person (60 bytes)."""
        nonce = os.urandom(_NONCE)
        return nonce + self._ciphers[self.name].encrypt(nonce, key, _bound(person, tenant))

    def unwrap(self, wrapped: bytes, *, name: str, person: UUID, tenant: UUID) -> bytes:
        """Return the person's key that the master key `name` wrapped.

        Raises:
            OtherVaultKey: no key of that name is in the file.
            OriginalDamaged: the bytes were changed, or belong to another person.
        """
        cipher = self._ciphers.get(name)
        if cipher is None:
            raise OtherVaultKey(name=name)
        try:
            return cipher.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], _bound(person, tenant))
        except InvalidTag:
            raise OriginalDamaged(name=person) from None

    def rotated(self) -> "MasterKey":
        """Return the same with a new key in force; hashes stay as they are."""
        return MasterKey(secrets.token_bytes(_SIZE), self.hashes, (self.current, *self.previous))

    def without_previous(self) -> "MasterKey":
        """Return the same without the earlier keys."""
        return MasterKey(self.current, self.hashes)

    @cached_property
    def _ciphers(self) -> dict[str, AESGCM]:
        keys = (self.current, *self.previous)
        return {key_name(key): AESGCM(derive(key, "vault persons")) for key in keys}


def key_name(key: bytes) -> str:
    """Return the first bytes of a key's digest: tells keys apart without saying anything about them."""
    return hashlib.sha256(b"veche vault " + key).hexdigest()[:16]


def make_key_file(path: Path) -> None:
    """Make the file with new secrets where there is none.

    Raises:
        VaultKeyUnusable: it cannot be made.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_key_file(path, MasterKey(secrets.token_bytes(_SIZE), secrets.token_bytes(_SIZE)))


def read_key_file(path: Path) -> MasterKey:
    """Return what the file holds.

    Raises:
        VaultKeyUnusable: it cannot be read, or is no key file.
    """
    try:
        lines = path.read_text().split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise VaultKeyUnusable(path=path, reason=reason(error)) from None
    words = [line.split() for line in lines if line.strip()]
    try:
        return _parsed(words)
    except ValueError:
        raise VaultKeyUnusable(path=path, reason=_("it does not hold a key")) from None


def write_key_file(path: Path, master: MasterKey) -> None:
    """Write the file, readable by its owner only, whole or not at all, durable on return.

    An existing file keeps its owner, so that a process started as root may rotate for another account.

    Raises:
        VaultKeyUnusable: it cannot be written.
    """
    rows = [("current", master.current), ("hashes", master.hashes)]
    rows += [("previous", key) for key in master.previous]
    text = "".join(f"{word} {key.hex()}\n" for word, key in rows)
    part = path.with_name(path.name + ".part")
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as f:
            if path.exists() and os.geteuid() == 0:
                before = path.stat()
                os.fchown(handle, before.st_uid, before.st_gid)
                os.fchmod(handle, before.st_mode & 0o777)
            f.write(text)
            f.flush()
            os.fsync(handle)
        part.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise VaultKeyUnusable(path=path, reason=reason(error)) from None


def sync_folder(folder: Path) -> None:
    """Make names that were put into a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _parsed(words: list[list[str]]) -> MasterKey:
    if len(words) == 1 and len(words[0]) == 1:
        alone = _key(words[0][0])
        return MasterKey(alone, derive(alone, "vault hashes"))
    named = [(word, _key(digits)) for word, digits in words]
    current, hashes = ([key for word, key in named if word == w] for w in ("current", "hashes"))
    previous = tuple(key for word, key in named if word == "previous")
    if len(current) != 1 or len(hashes) != 1 or len(named) != 2 + len(previous):
        raise ValueError
    return MasterKey(current[0], hashes[0], previous)


def _key(digits: str) -> bytes:
    key = bytes.fromhex(digits)
    if len(key) != _SIZE:
        raise ValueError
    return key


def _bound(person: UUID, tenant: UUID) -> bytes:
    return b"veche person key" + tenant.bytes + person.bytes
