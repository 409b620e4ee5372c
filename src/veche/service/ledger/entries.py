"""Entries on their way into the database, checked before it checks them again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

import orjson

from veche.ledger.acts import known
from veche.ledger.values import Fact, facts, value

APPEND = "SELECT new_seq, new_hash FROM veche_ledger_append(%s::jsonb)"


@dataclass(frozen=True, slots=True)
class New:
    """An entry to be appended; fields as in `veche.service.ledger.append`."""

    tenant_id: UUID
    act: str
    actor: str
    object: str
    facts: Mapping[str, UUID | Fact]


def as_json(entries: Iterable[New]) -> str:
    """Return entries as the function of the database takes them; or raise.

    Raises:
        UnknownAct: the ledger has no words for an act.
        NotForTheLedger: a value is neither an id, a code, a number nor a hash.
    """
    return orjson.dumps([_checked(entry) for entry in entries]).decode()


def _checked(new: New) -> dict[str, object]:
    kind, _colon, id = new.object.partition(":")
    return {
        "tenant": str(new.tenant_id),
        "act": known(new.act),
        "actor": value("actor", new.actor),
        "object": value("object", kind),
        "object_id": value("object", id),
        "facts": facts(new.facts),
    }
