"""Identifiers: of sources (a digest of their bytes) and of appeals (a digest of source and row)."""

import hashlib
import hmac
import secrets
import threading
import time
import uuid
from pathlib import Path

#: Milliseconds since 1970 and their fraction (12 bits) of the latest id.
_last = 0
_lock = threading.Lock()


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


def uuid7() -> uuid.UUID:
    """Return an id that sorts by time (UUID version 7, RFC 9562), above all that this process made before.

    The twelve bits after the milliseconds hold the fraction of a millisecond (section 6.2, method 3); where
    the clock stands still or goes back, they count on.
    """
    global _last
    milliseconds, nanoseconds = divmod(time.time_ns(), 1_000_000)
    with _lock:
        at = _last = max(_last + 1, (milliseconds << 12) | ((nanoseconds << 12) // 1_000_000))
    bits = ((at >> 12) << 80) | (0x7 << 76) | ((at & 0xFFF) << 64) | (0b10 << 62) | secrets.randbits(62)
    return uuid.UUID(int=bits)
