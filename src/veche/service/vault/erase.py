"""Erasing a person: the key is destroyed, and with it all that names them or that they wrote.

Counts stay, and so do the ledger's entries, which never held more than ids. What backups hold is erased again
when one is restored (`replay_erasures`); what was made of texts and lies elsewhere is listed to be made anew.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.db import connection
from django.utils import timezone

from veche.core.errors import NoSuchPerson
from veche.core.ids import uuid7
from veche.service.accounts.access import access_person
from veche.service.accounts.acting import working
from veche.service.accounts.models import User
from veche.service.inbox.models import Appeal, Person
from veche.service.ledger.append import append
from veche.service.vault.journal import Erased, read_journal
from veche.service.vault.keys import reason_hash
from veche.service.vault.look import said
from veche.service.vault.models import Derived, Erasure
from veche.service.vault.strip import strip_appeals

#: How an entry in the ledger names what repeats erasures.
REPLAY = "vault.replay"

# Whoever seals holds the key of the person first, or where there was none the person. So it goes in this
# order, and the key that somebody has just made goes too. Without the hash the next appeal has a new person.
_CLOSE = """
UPDATE inbox_person SET erased_at = %s, contact_hash = NULL
WHERE id = %s AND erased_at IS NULL RETURNING tenant_id
"""
_DESTROY = "DELETE FROM vault_personkey WHERE person_id = %s"


@dataclass(frozen=True)
class Replayed:
    """What a replay did: erased again, erased already, and not there because they came after the backup."""

    erased: int = 0
    already: int = 0
    absent: int = 0


def erase_person(person_id: UUID, *, by: User, reason: str) -> Erasure:
    """Erase a person within `acting(by)`; return what the certificate states (see `certificate`).

    Raises:
        ReasonNeeded: the reason is too short. It should name a document, not the person.
        NotYours: there is no such person, or `by` may not erase them.
        NoSuchPerson: they have been erased already.
    """
    why = said(reason)
    access_person(by, person_id, "person.erase")
    now = timezone.now()
    tenant, destroyed, renew = _destroy(person_id, now)
    erasure = Erasure(tenant_id=tenant, person=person_id, at=now, by=by, reason=why, destroyed=destroyed)
    erasure.renew = renew
    facts = {
        "erasure": str(erasure.pk),
        "reason": reason_hash(tenant, why).hex(),
        "appeals": destroyed["appeals"],
        "to_renew": len(renew),
    }
    entry = append(tenant, "person.erased", actor=f"user:{by.pk}", object=f"person:{person_id}", facts=facts)
    erasure.ledger_seq, erasure.ledger_hash = entry.seq, entry.hash
    erasure.save(force_insert=True)
    return erasure


def replay_erasures(journal: Path) -> Replayed:
    """Erase again whom the journal names and restored data brought back; as often as wanted.

    Each person is a transaction of its own, so that what was done stays done.

    Raises:
        JournalDamaged: a line is none of the journal's. What stands before it was replayed.
        OSError: the journal cannot be read.
    """
    erased = already = absent = 0
    done: set[UUID] = set()
    for line in read_journal(journal):
        if line.erasure in done:
            continue
        done.add(line.erasure)
        with working(line.tenant):
            person = Person.objects.filter(pk=line.person).first()
            if person is None:
                absent += 1
            elif person.erased_at:
                already += 1
            else:
                _repeat(line)
                erased += 1
    return Replayed(erased, already, absent)


def note_derived(tenant_id: UUID, kind: str, title: str) -> Derived:
    """Note that something was made of this tenant's texts and lies elsewhere: an "export", a "model".

    `title` tells it apart for who has to renew it; it quotes nothing.
    """
    return Derived.objects.create(
        pk=uuid7(), tenant_id=tenant_id, kind=kind, title=title, made_at=timezone.now()
    )


def close_persons(persons: Iterable[UUID], at: datetime) -> None:
    """Let persons be nobody any more: no key, no contact. Their appeals are the caller's to strip."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM vault_personkey WHERE person_id = ANY(%s)", [list(persons)])
        cursor.execute(
            "UPDATE inbox_person SET erased_at = %s, contact_hash = NULL WHERE id = ANY(%s)",
            [at, list(persons)],
        )


def _repeat(line: Erased) -> None:
    tenant, destroyed, renew = _destroy(line.person, timezone.now())
    entry = append(
        tenant,
        "erasure.replayed",
        actor=REPLAY,
        object=f"person:{line.person}",
        facts={"erasure": str(line.erasure), "appeals": destroyed["appeals"], "to_renew": len(renew)},
    )
    Erasure.objects.create(
        pk=uuid7(),
        tenant_id=tenant,
        person=line.person,
        at=line.at,
        reason="",
        destroyed=destroyed,
        renew=renew,
        ledger_seq=entry.seq,
        ledger_hash=entry.hash,
        journaled=True,
    )


def _destroy(person_id: UUID, at: datetime) -> tuple[UUID, dict[str, int], list[dict[str, str]]]:
    with connection.cursor() as cursor:
        cursor.execute(_DESTROY, [person_id])
        keys = cursor.rowcount
        cursor.execute(_CLOSE, [at, person_id])
        closed = cursor.fetchone()
        if closed is None:
            raise NoSuchPerson
        cursor.execute(_DESTROY, [person_id])
        keys += cursor.rowcount
    appeals = list(Appeal.objects.filter(person=person_id).values_list("pk", "taken_at"))
    destroyed = strip_appeals(closed[0], [pk for pk, _taken in appeals])
    since = min((taken for _pk, taken in appeals), default=at)
    return closed[0], {"keys": keys, **destroyed}, _to_renew(closed[0], since)


def _to_renew(tenant_id: UUID, since: datetime) -> list[dict[str, str]]:
    found = Derived.objects.filter(tenant=tenant_id, made_at__gte=since, renewed_at=None).order_by("made_at")
    return [
        {
            "id": str(d.pk),
            "kind": d.kind,
            "title": d.title,
            "made_at": d.made_at.isoformat(timespec="seconds"),
        }
        for d in found
    ]
