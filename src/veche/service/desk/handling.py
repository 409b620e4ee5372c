"""What is done with a card beside deciding it: take it in hand, split, merge, hand on, ask a second person.

All run within `acting(user)`. Taking says who works on a card and locks nothing: whoever decides first, with
the version they saw, has decided.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from veche.core.errors import CardStale, NoSuchColleague, NothingChosen, SecondIsAnother, SeveralAuthorities
from veche.core.ids import uuid7
from veche.service.accounts import policy
from veche.service.accounts.access import appeals_of
from veche.service.accounts.models import Role, User
from veche.service.desk import acts
from veche.service.desk.models import Act, Card, Decision, Kind, Member
from veche.service.desk.reach import access_card, opened
from veche.service.desk.values import shown_value
from veche.service.live import tell

#: After so long without a sign of who took it, a card is nobody's again.
HELD = timedelta(minutes=10)


@dataclass(frozen=True)
class Taken:
    """Who has a card in hand. `mine` where it is the person who asks."""

    by: User
    at: datetime
    mine: bool


_MOVE = """
UPDATE desk_member SET card_id = %s, origin = card_id
WHERE card_id = ANY (%s) AND answer IS NULL AND appeal_id = ANY (%s)
"""


def take(user: User, card_id: UUID) -> Taken:
    """Take a card in hand, or learn who has it. Taking it again while it is shown keeps it.

    Raises:
        NotYours: there is no such card, or this person may not decide it.
    """
    card = access_card(user, card_id, locked=True)
    now = acts.now()
    free = card.taken_at is None or card.taken_at < now - HELD or card.taken_by_id in (None, user.pk)
    if free:
        if card.taken_by_id != user.pk:
            tell(card.tenant_id, "card", card.pk)
        Card.objects.filter(pk=card.pk).update(taken_by=user, taken_at=now)
        return Taken(user, now, mine=True)
    assert card.taken_by is not None
    assert card.taken_at is not None
    return Taken(card.taken_by, card.taken_at, mine=False)


def release(user: User, card_id: UUID) -> None:
    """Put a card back; one that another has in hand stays theirs."""
    if Card.objects.filter(pk=card_id, taken_by=user).update(taken_by=None, taken_at=None):
        tell(access_card(user, card_id).tenant_id, "card", card_id)


def split(user: User, card_id: UUID, version: int, appeals: Collection[UUID]) -> Card:
    """Move these open members to a card of their own, and return that.

    Raises:
        NotYours, CardStale, CardClosed: as `deciding.decide` does.
        NothingChosen: none of them is open on the card, or all are.
    """
    card = opened(user, card_id, version)
    mine = set(appeals_of(user, "finding.decide").filter(pk__in=list(appeals)).values_list("pk", flat=True))
    waiting = set(Member.objects.filter(card=card, answer=None).values_list("appeal_id", flat=True))
    moved = sorted(mine & waiting)
    if not moved or len(moved) == len(waiting):
        raise NothingChosen
    new = Card(pk=uuid7(), tenant=card.tenant, facet=card.facet, kind=_kind(card, len(moved)))
    new.proposal, new.best, new.confidence, new.theme = card.proposal, card.best, card.confidence, card.theme
    new.save(force_insert=True)
    _move([card.pk], new.pk, moved)
    new.refresh_from_db()
    decision = acts.begin(
        user, card.tenant, Act.SPLIT, card=card, facet=card.facet, before={"new": str(new.pk)}
    )
    acts.enter(decision, "card.split", moved)
    return new


def merge(user: User, cards: Mapping[UUID, int]) -> Card:
    """Put the open members of several cards, named with their versions, on the first of them; return that.

    Raises:
        NotYours, CardStale, CardClosed: as `deciding.decide` does, of any of them.
        NothingChosen: fewer than two cards. SeveralAuthorities: they belong to several, or to several facets.
    """
    if len(cards) < 2:
        raise NothingChosen
    held = {key: opened(user, key, cards[key]) for key in sorted(cards)}
    first = held[next(iter(cards))]
    others = [card for card in held.values() if card.pk != first.pk]
    if any((card.tenant_id, card.facet) != (first.tenant_id, first.facet) for card in others):
        raise SeveralAuthorities
    from_cards = [card.pk for card in others]
    waiting = Member.objects.filter(card__in=from_cards, answer=None).values_list("appeal_id", flat=True)
    may = appeals_of(user, "finding.decide").filter(pk__in=waiting)
    moved = sorted(may.values_list("pk", flat=True))
    if not moved:
        raise NothingChosen
    _move(from_cards, first.pk, moved)
    first.refresh_from_db()
    before = {"cards": [str(key) for key in from_cards]}
    decision = acts.begin(user, first.tenant, Act.MERGED, card=first, facet=first.facet, before=before)
    acts.enter(decision, "card.merged", moved, cards=len(cards))
    for key in from_cards:
        tell(first.tenant_id, "card", key)
    return first


def colleagues(user: User, card_id: UUID) -> list[User]:
    """Return the others who may decide a card, by name."""
    card = access_card(user, card_id)
    return [one for one in _deciders(card) if one.pk != user.pk]


def hand_on(user: User, card_id: UUID, version: int, to: UUID) -> Decision:
    """Hand a card to a colleague: it comes first in their queue, and in others' only if it tells of danger.

    Raises:
        NotYours, CardStale, CardClosed: as `deciding.decide` does.
        NoSuchColleague: that person may not decide it.
    """
    card = opened(user, card_id, version)
    if to == user.pk or all(one.pk != to for one in _deciders(card)):
        raise NoSuchColleague
    before = {"handed_to": str(card.handed_to_id or "")}
    decision = acts.begin(user, card.tenant, Act.HANDED, card=card, facet=card.facet, before=before)
    _changed(card, handed_to_id=to, taken_by=None, taken_at=None)
    acts.enter(decision, "card.handed", to=to)
    return decision


def ask_second(user: User, card_id: UUID, version: int, value: str = "") -> Decision:
    """Ask another person about a card; `value` is what this one thinks, "" where they cannot say.

    The next person's answer decides it, unless it differs from `value`: then a third decides
    (`deciding.decide`).

    Raises:
        NotYours, CardStale, CardClosed, ValueUnknown: as `deciding.decide` does.
        SecondIsAnother: this person has asked already.
    """
    card = opened(user, card_id, version)
    if any(opinion.by_id == user.pk for opinion in opinions_of(card)):
        raise SecondIsAnother
    shown = shown_value(card.tenant.pack, card.facet, value) if value else ""
    decision = acts.begin(user, card.tenant, Act.OPINION, card=card, facet=card.facet, value=shown)
    _changed(card, wants_second=True, handed_to=None, taken_by=None, taken_at=None)
    acts.enter(decision, "decision.second")
    return decision


def opinions_of(card: Card) -> list[Decision]:
    """Return what was said of a card without deciding it, the first opinion first."""
    said = Decision.objects.filter(card=card, act=Act.OPINION, undone_at=None)
    return list(said.select_related("by").order_by("at"))


def _changed(card: Card, **fields: object) -> None:
    changed = Card.objects.filter(pk=card.pk, version=card.version)
    if not changed.update(version=card.version + 1, **fields):
        raise CardStale


def _deciders(card: Card) -> list[User]:
    """Return those who may decide in the card's authority, in all of it or where the card has a member."""
    now, action = acts.now(), "finding.decide"
    parts = card.parts.values_list("territory", "body")  # pyright: ignore[reportAttributeAccessIssue]
    targets = [policy.Target(card.tenant_id, territory=t, body=b) for t, b in parts]
    held = Role.objects.filter(tenant=card.tenant_id, user__is_active=True).select_related("user")
    able: dict[UUID, User] = {}
    # One question for all of a large house; the policy is then asked of each role.
    for role in held.filter(role__in=policy.ACTIONS[action].roles).order_by("user__name"):
        facts = (role.role, role.tenant_id, role.valid_from, role.valid_to, role.territory, role.body)
        if any(policy.may([policy.Grant(*facts)], action, target, at=now) for target in targets):
            able[role.user_id] = role.user
    return list(able.values())


def _kind(card: Card, members: int) -> str:
    return Kind.SINGLE if members == 1 else card.kind


def _move(from_cards: Collection[UUID], to: UUID, appeals: Collection[UUID]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, [to, list(from_cards), list(appeals)])
    acts.recount([*from_cards, to])
