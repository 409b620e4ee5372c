"""Appeals that tell of danger to life: they ring on every page of those who may decide, until one takes them.

A trigger on the appeals says which ring (`veche_desk_ring`), in the transaction in which it is learnt.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from veche.service import reader
from veche.service.accounts.access import access_appeal, appeals_of
from veche.service.accounts.models import User
from veche.service.desk import acts, words
from veche.service.desk.models import Urgent
from veche.service.desk.reach import refused
from veche.service.inbox import numbers
from veche.service.inbox.models import AppealText
from veche.service.ledger.append import append
from veche.service.live import tell

#: Of more it is said that there are more.
MOST = 300
#: The bell stands on every page, so it stops counting here; more is said to be more.
COUNTED = 1_000
_GLIMPSE = 300


@dataclass(frozen=True)
class Ringing:
    """An appeal that rings."""

    appeal_id: UUID
    number: str
    tenant_name: str
    #: When it was known that it is urgent.
    since: datetime
    received_at: datetime
    topic: str
    place: str
    glimpse: str


@dataclass(frozen=True)
class TakenUp:
    """Who took an urgent appeal; `mine` where it is the person who asked."""

    by: str
    at: datetime
    mine: bool


def count(user: User) -> int:
    """Return how many appeals ring for a person, `COUNTED` where they are as many or more."""
    return _ringing(user)[:COUNTED].count()


def waiting(user: User, *, most: int = MOST) -> list[Ringing]:
    """Return the appeals that ring for a person, the one that waits longest first."""
    found = list(_ringing(user).order_by("since", "pk")[:most])
    appeals = appeals_of(user).select_related("tenant").in_bulk([one.appeal_id for one in found])
    texts = dict(AppealText.objects.filter(pk__in=list(appeals)).values_list("pk", "text"))
    language = reader.language()
    return [
        Ringing(
            appeal_id=a.pk,
            number=numbers.shown(a.number),
            tenant_name=a.tenant.name,
            since=one.since,
            received_at=a.received_at,
            topic=words.topic(a.tenant.pack, a.topic, language) if a.topic else "",
            place=words.territory(a.tenant.pack, a.territory, language),
            glimpse=texts.get(a.pk, "")[:_GLIMPSE],
        )
        for one in found
        if (a := appeals.get(one.appeal_id))
    ]


def take(user: User, appeal_id: UUID) -> TakenUp:
    """Take an urgent appeal, so that it rings no more; or learn who has.

    Raises:
        NotYours: there is no such appeal that this person may decide, or it is not urgent.
    """
    appeal = access_appeal(user, appeal_id, "finding.decide")
    free = Urgent.objects.filter(pk=appeal_id, taken_at=None)
    if free.update(taken_by=user, taken_at=timezone.now()):
        tell(appeal.tenant_id, "urgent", appeal.pk)
        tenant = acts.decides_for(user, appeal.tenant)
        append(tenant.pk, "urgent.taken", actor=f"user:{user.pk}", object=f"appeal:{appeal.pk}")
    taken = Urgent.objects.select_related("taken_by").filter(pk=appeal_id).first()
    if taken is None or taken.taken_at is None:
        raise refused("finding.decide")
    by = taken.taken_by.name if taken.taken_by else ""
    return TakenUp(by, taken.taken_at, taken.taken_by_id == user.pk)


def _ringing(user: User) -> QuerySet[Urgent]:
    return Urgent.objects.filter(taken_at=None, appeal__in=appeals_of(user, "finding.decide"))
