"""Identifiers: of sources (a digest of their bytes) and of appeals (a digest of source and row)."""

import hashlib
import hmac
import secrets
import time
import uuid
from pathlib import Path


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file's bytes in hexadecimal."""
    with path.open("rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def appeal_id(source_digest: str, member: str, row: int) -> str:
    """Return the id of the appeal at `row` of `member` (a file inside an archive, or "") of a source."""
    return hashlib.blake2b(f"{source_digest}|{member}|{row}".encode(), digest_size=16).hexdigest()


def keyed_hash(key: bytes, value: str) -> str:
    """Return the pseudonym of a contact: equal values give equal hashes only under the same key."""
    return hmac.new(key, value.strip().casefold().encode(), hashlib.sha256).hexdigest()[:32]


def uuid7(milliseconds: int | None = None) -> uuid.UUID:
    """Return an id that sorts by time (UUID version 7, RFC 9562): of now, or of `milliseconds` since 1970."""
    at = time.time_ns() // 1_000_000 if milliseconds is None else milliseconds
    bits = (at << 80) | (0x7 << 76) | (secrets.randbits(12) << 64) | (0b10 << 62) | secrets.randbits(62)
    return uuid.UUID(int=bits)
