"""Who decided what: what people at the desk did, for themselves and for those who audit it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from veche.service.accounts.access import reach
from veche.service.accounts.models import User
from veche.service.desk.models import Act, Decision
from veche.service.desk.queue import asked as as_asked
from veche.service.desk.reach import decisions_in_reach, refused
from veche.service.desk.said import facet_of, value_of
from veche.service.inbox.models import Appeal, Finding

#: Decisions on a page.
PAGE = 50


@dataclass(frozen=True)
class Asked:
    """Which decisions somebody looks for; empty for any."""

    tenant: str = ""
    by: UUID | None = None
    act: str = ""
    facet: str = ""
    since: datetime | None = None
    until: datetime | None = None
    #: Only those in force, or only those that were undone; None for both.
    undone: bool | None = None


@dataclass(frozen=True)
class DecisionLine:
    """One act of a person, as this reader may know it."""

    id: UUID
    at: datetime
    by: str
    mine: bool
    tenant_name: str
    act: str
    act_words: str
    facet: str
    facet_words: str
    value: str
    words: str
    #: Appeals that it reached, of those that the reader sees.
    appeals: int
    card_id: UUID | None
    undone_at: datetime | None
    undone_by: str
    #: Whether the reader may try to undo it.
    may_undo: bool


def decisions_of(
    user: User, asked: Asked | None = None, *, most: int = PAGE, before: UUID | None = None
) -> list[DecisionLine]:
    """Return what people decided where this person may see it, and their own, the last first.

    `before` is the last decision of the page before.
    """
    found = _narrowed(decisions_in_reach(user), asked or Asked())
    if before is not None:
        last = decisions_in_reach(user).filter(pk=before).first()
        if last is None:
            raise refused("decision.see")
        found = found.filter(Q(at__lt=last.at) | Q(at=last.at, pk__lt=last.pk))
    page = found.select_related("by", "undone_by", "tenant").order_by("-at", "-pk")[:most]
    return _lines(user, list(page))


def decision(user: User, key: UUID) -> DecisionLine:
    """Return one act.

    Raises:
        NotYours: there is none that this person may see.
    """
    found = decisions_in_reach(user).select_related("by", "undone_by", "tenant").filter(pk=key).first()
    if found is None:
        raise refused("decision.see")
    return _lines(user, [found])[0]


def reached(user: User, key: UUID, *, most: int = PAGE) -> list[Appeal]:
    """Return appeals that a decision reached, of those that a person sees; also one that was undone.

    Raises:
        NotYours: there is no such decision for this person.
    """
    of = decision(user, key)
    said = Finding.objects.filter(made_at=of.at, decision=key, maker_kind="person").values("appeal")
    return list(Appeal.objects.filter(pk__in=said).order_by("-received_at", "-pk")[:most])


def _narrowed(found: QuerySet[Decision], asked: Asked) -> QuerySet[Decision]:
    given = {
        "tenant__slug": asked.tenant,
        "by": asked.by,
        "act": asked.act,
        "facet": asked.facet,
        "at__gte": asked.since,
        "at__lt": asked.until,
    }
    found = found.filter(**{key: value for key, value in given.items() if value})
    return found if asked.undone is None else found.filter(undone_at__isnull=not asked.undone)


def _lines(user: User, page: Sequence[Decision]) -> list[DecisionLine]:
    seen = _seen(user, page)
    return [
        DecisionLine(
            id=one.pk,
            at=one.at,
            by=one.by.name,
            mine=one.by_id == user.pk,
            tenant_name=one.tenant.name,
            act=one.act,
            act_words=str(Act(one.act).label),
            facet=one.facet,
            facet_words=facet_of(one),
            value=one.value,
            words=value_of(one),
            appeals=seen[one.pk],
            card_id=one.card_id,
            undone_at=one.undone_at,
            undone_by=one.undone_by.name if one.undone_by else "",
            may_undo=one.by_id == user.pk and one.undone_at is None,
        )
        for one in page
    ]


def _seen(user: User, page: Sequence[Decision]) -> Mapping[UUID, int]:
    """Return how many appeals each reached: all for who sees all and for its maker, else those in reach."""
    where = reach(user, "decision.see")
    whole = {one.pk: one.appeals for one in page if one.tenant_id in where.tenants or one.by_id == user.pk}
    rest = [one.pk for one in page if one.pk not in whole]
    if rest:
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM veche_desk_reached(%s, %s)", [rest, as_asked(where)])
            whole |= dict(cursor.fetchall())
    return dict.fromkeys(rest, 0) | whole
