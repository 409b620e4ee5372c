"""An entry of a chain: its fields, the bytes that are hashed, and its line in an export.

What is hashed is a row of netstrings (length, colon, bytes, comma): no two different entries have the
same bytes, whatever their fields hold. SHA-256, FIPS 180-4.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from veche.ledger.values import Fact

FORMAT = "veche-ledger-1"
#: What the first entry of a chain names as the one before it.
GENESIS = "0" * 64
#: The chain of the platform itself, for what belongs to no tenant.
PLATFORM = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class Entry:
    """What was done, when, by whom or what, to which object.

    `at` is UTC with microseconds (`2026-11-22T10:00:00.000000Z`) and never goes back within a chain;
    `actor` is the id of a person or the name of a process; `hash` covers every other field.
    """

    tenant: str
    seq: int
    at: str
    actor: str
    act: str
    object: str
    object_id: str
    facts: Mapping[str, Fact]
    previous: str
    hash: str

    def digest(self) -> str:
        """Return the hash that the fields have, which is `hash` where none was changed."""
        head = (FORMAT, self.tenant, str(self.seq), self.at, self.actor, self.act, self.object)
        return hashlib.sha256(
            netstrings(*head, self.object_id, hashed_facts(self.facts), self.previous)
        ).hexdigest()

    def line(self) -> bytes:
        """Return the entry's line in an export, with its end."""
        return _line(
            {
                "kind": "entry",
                "tenant": self.tenant,
                "seq": self.seq,
                "at": self.at,
                "actor": self.actor,
                "act": self.act,
                "object": self.object,
                "object_id": self.object_id,
                "facts": dict(sorted(self.facts.items())),
                "previous": self.previous,
                "hash": self.hash,
            }
        )


_TYPES = dict.fromkeys(Entry.__slots__, str) | {"seq": int, "facts": dict}


def netstrings(*parts: str) -> bytes:
    """Return texts as bytes that can be taken apart in one way only."""
    encoded = [part.encode() for part in parts]
    return b"".join(b"%d:%s," % (len(part), part) for part in encoded)


def hashed_facts(facts: Mapping[str, Fact]) -> str:
    """Return facts as they are hashed: name, then type and value, in the order of names."""
    return netstrings(*(text for name in sorted(facts) for text in (name, _typed(facts[name])))).decode()


def read_entry(line: bytes) -> Entry | None:
    """Return the entry that a line of an export holds; nothing where a single byte is not as we write it."""
    fields = read_fields(line)
    if fields is None or fields.pop("kind", None) != "entry" or fields.keys() != _TYPES.keys():
        return None
    if any(type(fields[name]) is not kind for name, kind in _TYPES.items()):
        return None
    if not all(type(fact) in (str, int, bool) for fact in fields["facts"].values()):
        return None
    entry = Entry(**fields)
    return entry if entry.line() == line else None


def header_line(tenant: str) -> bytes:
    """Return the first line of an export."""
    return _line({"kind": "header", "format": FORMAT, "tenant": tenant})


def read_fields(line: bytes) -> dict | None:
    """Return the object that a line holds, nothing where it holds none."""
    try:
        fields = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return fields if isinstance(fields, dict) else None


def _line(fields: dict) -> bytes:
    return orjson.dumps(fields, option=orjson.OPT_APPEND_NEWLINE)


def _typed(fact: Fact) -> str:
    if isinstance(fact, bool):
        return "b:true" if fact else "b:false"
    return f"i:{fact}" if isinstance(fact, int) else f"s:{fact}"
