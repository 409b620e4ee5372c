"""Keeping no longer than allowed: appeals over a tenant's age lose all that names or quotes anybody.

What is counted stays. A person without a younger appeal loses key and contact.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.db import connection

from veche.service.accounts.acting import working
from veche.service.accounts.models import Tenant
from veche.service.inbox.models import Appeal, Attachment, State
from veche.service.ledger.append import append
from veche.service.vault.erase import close_persons
from veche.service.vault.files import files_of
from veche.service.vault.strip import strip_appeals

#: How the ledger names who did it.
ACTOR = "vault.retention"
#: Appeals of one transaction: small enough that nobody waits for it.
BATCH = 1000
#: A file that nothing refers to is left so long: the appeal it came with may just be on its way.
ORPHAN_AGE = timedelta(days=1)

_OPEN = [state for state in State.values if state != State.ERASED]

# Locks the keys first: who seals an appeal holds one, and a new statement then sees that appeal.
_LOCK = "SELECT person_id FROM vault_personkey WHERE person_id = ANY(%s) ORDER BY person_id FOR UPDATE"
_LEFT = """
SELECT p.id FROM inbox_person p WHERE p.id = ANY(%s) AND p.erased_at IS NULL
  AND NOT EXISTS (SELECT FROM inbox_appeal a WHERE a.person_id = p.id AND a.state <> 'erased')
"""


@dataclass(frozen=True)
class Retained:
    """How many appeals were stripped, and how many persons were left without any."""

    appeals: int = 0
    persons: int = 0


def retain(tenant: Tenant, now: datetime) -> Retained:
    """Strip the tenant's appeals that were received more than `tenant.keep_days` days before `now`.

    Works in batches, each a transaction with an entry in the ledger; what is interrupted goes on next time.
    """
    if tenant.keep_days is None:
        return Retained()
    before = now - timedelta(days=tenant.keep_days)
    appeals = persons = 0
    while True:
        with working(tenant.pk):
            found = list(
                Appeal.objects.filter(tenant=tenant, state__in=_OPEN, received_at__lt=before)
                .order_by("pk")
                .values_list("pk", "person")[:BATCH]
            )
            if not found:
                return Retained(appeals, persons)
            left = _strip(tenant, found, now)
        appeals += len(found)
        persons += left


def sweep_files(tenant: Tenant, now: datetime) -> int:
    """Remove files on disk that no attachment refers to; return how many."""
    before = (now - ORPHAN_AGE).timestamp()
    old = [(id, path) for id, path in files_of(tenant.pk) if _made_before(path, before)]
    with working(tenant.pk):
        ids = [id for id, _path in old if id]
        known = set(Attachment.objects.filter(pk__in=ids).values_list("pk", flat=True))
    orphans = [path for id, path in old if id not in known]
    for path in orphans:
        path.unlink(missing_ok=True)
    return len(orphans)


def _made_before(path: Path, seconds: float) -> bool:
    try:
        return path.stat().st_mtime < seconds
    except FileNotFoundError:  # a file that was half written has just got its name
        return False


def _strip(tenant: Tenant, found: Sequence[tuple[UUID, UUID]], now: datetime) -> int:
    persons = sorted({person for _appeal, person in found})
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [persons])
    stripped = strip_appeals(tenant.pk, [appeal for appeal, _person in found])
    with connection.cursor() as cursor:
        cursor.execute(_LEFT, [persons])
        left = [row[0] for row in cursor.fetchall()]
    close_persons(left, now)
    append(
        tenant.pk,
        "retention.applied",
        actor=ACTOR,
        object=f"tenant:{tenant.pk}",
        facts={
            "days": tenant.keep_days or 0,
            "appeals": len(found),
            "persons": len(left),
            "originals": stripped["originals"],
            "attachments": stripped["attachments"],
        },
    )
    return len(left)
