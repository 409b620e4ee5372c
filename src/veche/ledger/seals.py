"""Seals: signed words that a chain had a certain last entry at a certain time (Ed25519, RFC 8032).

Heads are seals that go outside the database as chains grow; the statement that closes an export is
one; where a chain was found shorter than it had been (a restored backup), `set_back` says so.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

import orjson
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from veche.core.errors import LedgerUnreadable
from veche.core.i18n import _
from veche.core.keys import load_key
from veche.core.library_words import reason
from veche.ledger.entry import FORMAT, netstrings, read_fields


class SealKind(StrEnum):
    """What a seal was made for."""

    #: A chain has grown up to here.
    HEAD = "head"
    #: An export holds the entries from 1 up to here, and these are all.
    STATEMENT = "statement"
    #: The chain was longer before; it goes on from here.
    SET_BACK = "set_back"


@dataclass(frozen=True, slots=True)
class Seal:
    """Entry `seq` of a tenant's chain had this hash and was the last at `at`; signed with the key `key`."""

    kind: SealKind
    tenant: str
    seq: int
    hash: str
    at: str
    key: str
    signature: str = ""

    def line(self) -> bytes:
        """Return the seal's line in a file, with its end."""
        fields = {name: getattr(self, name) for name in Seal.__slots__}
        return orjson.dumps(fields, option=orjson.OPT_APPEND_NEWLINE)


_TYPES = dict.fromkeys(Seal.__slots__, str) | {"seq": int}
PublicKeys: TypeAlias = Mapping[str, Ed25519PublicKey]


def load_signing_key(path: Path) -> Ed25519PrivateKey:
    """Return the key whose seed lies at `path`; make one there, readable by its owner only, if there is none.

    Raises:
        KeyUnusable: the file cannot be read or made, or does not hold a key.
    """
    return Ed25519PrivateKey.from_private_bytes(load_key(path))


def public_pem(key: Ed25519PrivateKey) -> bytes:
    """Return the public half as PEM (SubjectPublicKeyInfo, RFC 8410)."""
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def load_public_keys(paths: Iterable[Path]) -> dict[str, Ed25519PublicKey]:
    """Return public keys by their names.

    Raises:
        LedgerUnreadable: a file cannot be read or holds no such key.
    """
    keys: dict[str, Ed25519PublicKey] = {}
    for path in paths:
        try:
            key = serialization.load_pem_public_key(path.read_bytes())
        except OSError as error:
            raise LedgerUnreadable(path=path, reason=reason(error)) from None
        except (ValueError, UnsupportedAlgorithm):
            raise LedgerUnreadable(path=path, reason=_("it holds no public key")) from None
        if not isinstance(key, Ed25519PublicKey):
            raise LedgerUnreadable(path=path, reason=_("it holds a key of another kind (not Ed25519)"))
        keys[key_name(key)] = key
    return keys


def key_name(key: Ed25519PublicKey) -> str:
    """Return the name of a key: the first 16 hexadecimal digits of the SHA-256 of its bytes."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


def sign(key: Ed25519PrivateKey, kind: SealKind, *, tenant: str, seq: int, hash: str, at: str) -> Seal:
    """Return the signed seal."""
    seal = Seal(kind, tenant, seq, hash, at, key_name(key.public_key()))
    return replace(seal, signature=base64.b64encode(key.sign(_signed_bytes(seal))).decode())


def is_signed(seal: Seal, key: Ed25519PublicKey) -> bool:
    """Return whether the key's owner signed exactly this."""
    try:
        key.verify(base64.b64decode(seal.signature, validate=True), _signed_bytes(seal))
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def read_seal(line: bytes) -> Seal | None:
    """Return the seal that a line holds; nothing where a single byte is not as we write it."""
    fields = read_fields(line)
    if fields is None or fields.keys() != _TYPES.keys():
        return None
    if any(type(fields[name]) is not kind for name, kind in _TYPES.items()):
        return None
    if fields["kind"] not in set(SealKind):
        return None
    fields["kind"] = SealKind(fields["kind"])
    seal = Seal(**fields)
    return seal if seal.line() == line else None


def _signed_bytes(seal: Seal) -> bytes:
    what = f"{FORMAT} {seal.kind}"
    return netstrings(what, seal.tenant, str(seal.seq), seal.hash, seal.at, seal.key)
