"""Appends entries to the chains of tenants, in the caller's transaction.

A chain is locked from the first append until the transaction ends. So append last, when all else is
done: then other transactions wait for a commit and no longer. What the end of the transaction would check
is checked before the chain is locked: of a large one that takes a second.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from veche.ledger.values import Fact
from veche.service.ledger.entries import APPEND, New, as_json

_CHECK_NOW = "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED"


class Appended(NamedTuple):
    """Where an entry stands in its chain, and its hash."""

    seq: int
    hash: str


def append(
    tenant_id: UUID, act: str, *, actor: str, object: str, facts: Mapping[str, UUID | Fact] | None = None
) -> Appended:
    """Append one entry to the chain of a tenant (the nil UUID for the platform's).

    `act` is one of `veche.ledger.acts`; `actor` is "user:ID", "token:ID" or the name of a process;
    `object` is "kind:ID", or "kind" alone where it has no id; `facts` are ids, codes, numbers and
    hashes by name.

    Raises:
        UnknownAct: the ledger has no words for the act.
        NotForTheLedger: a value is none of these.
        django.db.DatabaseError: the transaction does not act in this tenant, or for another person.
    """
    return append_many([New(tenant_id, act, actor, object, facts or {})])[0]


def append_many(entries: Iterable[New]) -> list[Appended]:
    """Append entries, of one tenant or of several, in their order; errors are those of `append`."""
    with connection.cursor() as cursor:
        cursor.execute(_CHECK_NOW)
        cursor.execute(APPEND, [as_json(entries)])
        return [Appended(*row) for row in cursor.fetchall()]
