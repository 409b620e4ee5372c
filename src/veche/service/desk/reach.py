"""The way from a view to a card or a decision, as `accounts.access` is the way to appeals."""

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from veche.core.errors import CardClosed, CardStale, NotYours
from veche.service.accounts import policy
from veche.service.accounts.access import appeals_of, grants_of, reach, refusals, target_of
from veche.service.accounts.models import User
from veche.service.accounts.policy import Grant
from veche.service.desk.models import Card, CardState, Changed, Decision, Part
from veche.service.inbox.models import Appeal, State


def cards_of(user: User, action: str = "appeal.list") -> QuerySet[Card]:
    """Return the cards that have a member with which a person may do `action`."""
    where = reach(user, action)
    inside = Q(tenant__in=where.tenants)
    for grant in where.parts:
        here = Part.objects.filter(card=OuterRef("pk")).filter(part_of(grant))
        inside |= Q(tenant=grant.tenant) & Exists(here)
    return Card.objects.filter(inside)


def decisions_in_reach(user: User, action: str = "decision.see") -> QuerySet[Decision]:
    """Return the decisions that a person may read: their own, and those that reached what they may see."""
    where = reach(user, action)
    inside = Q(tenant__in=where.tenants) | Q(by=user)
    for grant in where.parts:
        here = Changed.objects.filter(decision=OuterRef("pk")).filter(part_of(grant, "appeal__"))
        inside |= Q(tenant=grant.tenant) & Exists(here)
    return Decision.objects.filter(inside)


def part_of(grant: Grant, prefix: str = "") -> Q:
    """Return what lies within a narrowed grant, of rows with a territory and a body."""
    inside = Q(**{f"{prefix}tenant": grant.tenant})
    if grant.territory:
        below = Q(**{f"{prefix}territory__startswith": grant.territory + "/"})
        inside &= Q(**{f"{prefix}territory": grant.territory}) | below
    return inside & Q(**{f"{prefix}body": grant.body}) if grant.body else inside


def access_card(user: User, key: UUID, action: str = "finding.decide", *, locked: bool = False) -> Card:
    """Return a card, locked until the transaction ends or not.

    Raises:
        NotYours: there is none, or this person may not do `action` with any of its members.
    """
    found = cards_of(user, action).filter(pk=key)
    one = (found.select_for_update(of=("self",)) if locked else found).first()
    now = timezone.now()
    if one is None or not policy.may(grants_of(user), action, target_of(one), at=now):
        raise refused(action)
    return one


def opened(user: User, card_id: UUID, version: int) -> Card:
    """Return a card to be acted on, as the person saw it, locked until the transaction ends.

    Raises:
        NotYours: there is no such card, or this person may not decide it.
        CardStale: it has changed since it was shown. CardClosed: it is no longer open.
    """
    card = access_card(user, card_id, locked=True)
    if card.state != CardState.OPEN:
        raise CardClosed
    if card.version != version:
        raise CardStale
    return card


def deciding_on(user: User) -> QuerySet[Appeal]:
    """Return the appeals about which a person may decide now."""
    return appeals_of(user, "finding.decide").filter(state=State.UNDERSTOOD)


def refused(action: str) -> NotYours:
    """Return the error of something out of reach, noted for the ledger."""
    noted = refusals.get()
    if noted is not None:
        noted.append(action)
    return NotYours(action=action)
