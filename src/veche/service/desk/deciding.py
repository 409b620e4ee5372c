"""What an editor does with a card: accept, correct, decide one appeal, mark as urgent.

All functions run within `acting(user)`; what they raise has changed nothing. A card is named with the version
that the person saw: where it is another by now, nothing is decided (`CardStale`). Each act is a `Decision`,
one entry in the ledger, and can be undone by who made it.

Handling cards stands in `handling`, undoing in `undoing`, many appeals by a filter in `bulk`; all of it can
be had from here.
"""

from collections.abc import Collection, Sequence
from uuid import UUID

from veche.core.errors import AppealMoved, FacetNotDecided, NothingChosen, SecondIsAnother
from veche.service.accounts.models import Tenant, User
from veche.service.desk import acts
from veche.service.desk.bulk import Preview, decide_many, preview
from veche.service.desk.handling import (
    Taken,
    ask_second,
    colleagues,
    hand_on,
    merge,
    opinions_of,
    release,
    split,
    take,
)
from veche.service.desk.history import in_force_of
from veche.service.desk.models import Act, Card, Decision, Member
from veche.service.desk.reach import opened, refused
from veche.service.desk.undoing import undo
from veche.service.desk.values import COLUMN, TOPIC, decidable, shown_value

__all__ = [
    "Preview",
    "Taken",
    "accept",
    "ask_second",
    "colleagues",
    "decide",
    "decide_appeal",
    "decide_many",
    "hand_on",
    "mark_urgent",
    "merge",
    "opened",
    "preview",
    "release",
    "split",
    "take",
    "undo",
]

#: What danger to life is called, as a value of urgency.
DANGER = "life"


def decide(
    user: User,
    card_id: UUID,
    version: int,
    value: str,
    *,
    facet: str = "",
    only: Collection[UUID] | None = None,
    without: Collection[UUID] = (),
) -> Decision:
    """Answer a card with `value` (a code of the pack) for its open members that this person may decide.

    `only` narrows it to these appeals, `without` leaves some out; what is left out stays open on the card. A
    `facet` other than the card's is decided of the same members and leaves the card open.

    Where a second opinion was asked for and this one differs from the first, it is noted, the card goes to a
    third person, and the decision that is returned is of `Act.OPINION`. The third person's word is final.

    Raises:
        NotYours: there is no such card, or this person may not decide it.
        CardStale: it has changed since it was shown. CardClosed: it is no longer open.
        ValueUnknown, FacetNotDecided: nobody can decide so.
        NothingChosen: no open member is left to decide.
        SecondIsAnother: this person has given the opinion that another is asked about.
    """
    card = opened(user, card_id, version)
    shown = shown_value(card.tenant.pack, facet or card.facet, value)
    if card.wants_second and facet in ("", card.facet):
        differing = _differs(user, card, shown)
        if differing:
            return _note_opinion(user, card, shown)
    appeals = acts.lock(user, _chosen(card, only, without))
    if not appeals:
        raise NothingChosen
    act = Act.ACCEPTED if shown == card.proposal else Act.CORRECTED
    return _decided(user, card, act, facet or card.facet, shown, appeals)


def accept(
    user: User,
    card_id: UUID,
    version: int,
    *,
    only: Collection[UUID] | None = None,
    without: Collection[UUID] = (),
) -> Decision:
    """Answer a card with what it proposes; arguments and errors are those of `decide`."""
    card = opened(user, card_id, version)
    return decide(user, card_id, version, card.proposal, only=only, without=without)


def decide_appeal(
    user: User, appeal_id: UUID, value: str, *, facet: str, seen: str, matter: int = 0
) -> Decision:
    """Decide a facet of one appeal, or the topic of one of its concerns (`matter` from 1).

    `seen` is the value that was in force when the person looked at it.

    Raises:
        NotYours: there is none that this person may decide.
        AppealMoved: something else is in force by now.
        ValueUnknown, FacetNotDecided: nobody can decide so.
    """
    if matter and facet != TOPIC:
        raise FacetNotDecided(facet=facet)
    decidable(facet)
    locked = acts.lock(user, [appeal_id])
    if not locked:
        raise refused("finding.decide")
    owner = Tenant.objects.get(pk=locked[0].tenant_id)
    shown = shown_value(owner.pack, facet, value)
    if seen != (in_force_of(appeal_id, matter, facet) if matter else getattr(locked[0], COLUMN[facet])):
        raise AppealMoved
    tenant = acts.decides_for(user, owner)
    before = {"matter": matter} if matter else {}
    decision = acts.begin(user, tenant, Act.APPEAL, facet=facet, value=shown, appeals=1, before=before)
    if matter:
        acts.write_matter(decision, locked[0], matter, pack=owner.pack)
    else:
        acts.write(decision, locked, pack=owner.pack)
    acts.enter(decision, "finding.decided", [appeal_id], **before)
    return decision


def mark_urgent(user: User, card_id: UUID, version: int, *, only: Collection[UUID] | None = None) -> Decision:
    """Say that the open members of a card tell of danger to life: they ring until somebody takes them.

    The card stays open; errors are those of `decide`.
    """
    card = opened(user, card_id, version)
    appeals = acts.lock(user, _chosen(card, only, ()))
    if not appeals:
        raise NothingChosen
    return _decided(user, card, Act.URGENT, "urgency", DANGER, appeals)


def _decided(
    user: User, card: Card, act: Act, facet: str, shown: str, appeals: Sequence[acts.Locked]
) -> Decision:
    decision = acts.begin(user, card.tenant, act, card=card, facet=facet, value=shown, appeals=len(appeals))
    acts.write(decision, appeals, pack=card.tenant.pack)
    acts.enter(decision, "finding.decided", [a.id for a in appeals])
    return decision


def _chosen(card: Card, only: Collection[UUID] | None, without: Collection[UUID]) -> list[UUID]:
    members = Member.objects.filter(card=card, answer=None)
    if only is not None:
        members = members.filter(appeal__in=list(only))
    left_out = set(without)
    return [key for key in members.values_list("appeal_id", flat=True) if key not in left_out]


def _differs(user: User, card: Card, shown: str) -> bool:
    """Tell whether this is a second opinion that differs from the first, so that a third is needed."""
    given = opinions_of(card)
    if any(opinion.by_id == user.pk for opinion in given):
        raise SecondIsAnother
    said = [opinion.value for opinion in given if opinion.value]
    return len(said) == 1 and said[0] != shown


def _note_opinion(user: User, card: Card, shown: str) -> Decision:
    opinion = acts.begin(user, card.tenant, Act.OPINION, card=card, facet=card.facet, value=shown)
    Card.objects.filter(pk=card.pk).update(version=card.version + 1, taken_by=None, handed_to=None)
    acts.enter(opinion, "decision.second")
    return opinion
