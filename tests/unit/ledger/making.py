"""Makes chains and exports as the service makes them."""

import uuid
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from veche.ledger.entry import GENESIS, Entry, header_line
from veche.ledger.seals import SealKind, key_name, sign

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
KEYS = {key_name(KEY.public_key()): KEY.public_key()}
TENANT = str(uuid.UUID(int=0x0192_0000_0000_7000_8000_0000_0000_0001))
LATER = "2026-12-01T00:00:00.000000Z"

_WHAT = (
    ("appeal.taken", "channel", {"appeals": 20, "digest": "ab" * 32}),
    ("appeal.understood", "chunk", {"appeals": 200, "aside": 0, "pack": "ru", "version": "2026.1"}),
    ("original.seen", "appeal", {"reason": "complaint.checked", "whole": True}),
    ("access.refused", "appeal", {}),
)


def hashed(entry: Entry) -> Entry:
    """Return the entry with the hash that its fields have."""
    return replace(entry, hash=entry.digest())


def chain(n: int, *, after: Entry | None = None) -> list[Entry]:
    """Return `n` entries, of several kinds, each a second later than the one before."""
    made: list[Entry] = []
    for i in range(n):
        last = made[-1] if made else after
        seq = last.seq + 1 if last else 1
        act, what, facts = _WHAT[seq % len(_WHAT)]
        actor = "inbox.worker" if seq % 2 else str(uuid.UUID(int=seq % 7))
        entry = Entry(
            tenant=TENANT,
            seq=seq,
            at=f"2026-11-{1 + seq // 3600 % 28:02}T10:{seq // 60 % 60:02}:{seq % 60:02}.{i % 10**6:06}Z",
            actor=actor,
            act=act,
            object=what,
            object_id=str(uuid.UUID(int=seq)),
            facts=facts,
            previous=last.hash if last else GENESIS,
            hash="",
        )
        made.append(hashed(entry))
    return made


def rechained(entries: list[Entry]) -> list[Entry]:
    """Return the entries with every hash computed anew, as one would who may write the database."""
    made: list[Entry] = []
    for entry in entries:
        made.append(hashed(replace(entry, previous=made[-1].hash if made else GENESIS)))
    return made


def seal(entries: list[Entry], kind: SealKind = SealKind.STATEMENT, *, key=KEY, at: str = LATER):
    """Return the seal of a chain as it stands."""
    last = entries[-1] if entries else None
    hash = last.hash if last else GENESIS
    return sign(key, kind, tenant=TENANT, seq=last.seq if last else 0, hash=hash, at=at)


def export_of(entries: list[Entry], *, statement=None) -> list[bytes]:
    """Return the lines of an export."""
    closing = statement or seal(entries)
    return [header_line(TENANT), *(entry.line() for entry in entries), closing.line()]
