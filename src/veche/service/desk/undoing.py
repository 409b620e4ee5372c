"""Undoing what a person did at the desk: every column, finding and card is as it was before.

What others decided later about the same appeals stays in force; see `veche_desk_undo` in sql/tables.sql.
"""

from uuid import UUID

from django.db import connection

from veche.core.errors import CannotUndo
from veche.service.accounts.models import User
from veche.service.desk import acts
from veche.service.desk.models import Act, Card, CardState, Check, Decision
from veche.service.desk.reach import refused
from veche.service.jobs import soon
from veche.service.ledger.append import append
from veche.service.live import tell
from veche.service.sql import row

_BACK = """
UPDATE desk_member SET card_id = origin, origin = NULL
WHERE card_id = %s AND origin = ANY (%s) AND answer IS NULL
"""


def undo(user: User, decision_id: UUID) -> Decision:
    """Undo an act of this person, whatever it was, and return it.

    Raises:
        NotYours: there is no such act of this person.
        CannotUndo: it was undone already, or the cards that it moved were changed since.
    """
    found = Decision.objects.filter(pk=decision_id, by=user).select_related("card").first()
    if found is None:
        raise refused("finding.decide")
    if found.card_id:
        Card.objects.select_for_update().filter(pk=found.card_id).first()
    found = Decision.objects.select_for_update(of=("self",)).select_related("card", "tenant").get(pk=found.pk)
    if found.undone_at:
        raise CannotUndo
    if found.act in _MOVED:
        _MOVED[Act(found.act)](found)
        Decision.objects.filter(pk=found.pk).update(undone_at=acts.now(), undone_by=user)
        reached = 0
    else:
        [reached] = row("SELECT veche_desk_undo(%s)", [found.pk])
        if found.act == Act.CHECKED:
            Check.objects.filter(pk=found.before["check"]).update(right=None, by=None, at=None)
            soon("desk.weigh", found.tenant_id)
    found.refresh_from_db()
    _tell(found, reached)
    return found


def _tell(undone: Decision, reached: int) -> None:
    facts = {"act": undone.act, "undone": undone.pk, "appeals": reached}
    if undone.card_id:
        tell(undone.tenant_id, "card", undone.card_id)
    if reached:
        tell(undone.tenant_id, "counts")
        soon("desk.deal_new", undone.tenant_id)
    by = f"user:{undone.by_id}"
    append(undone.tenant_id, "decision.undone", actor=by, object=f"decision:{undone.pk}", facts=facts)


def _take_back_opinion(undone: Decision) -> None:
    card = _open(undone)
    others = Decision.objects.filter(card=card, act=Act.OPINION, undone_at=None).exclude(pk=undone.pk)
    Card.objects.filter(pk=card.pk).update(wants_second=others.exists(), version=card.version + 1)


def _take_back(undone: Decision) -> None:
    card = _open(undone)
    before = undone.before["handed_to"] or None
    Card.objects.filter(pk=card.pk).update(handed_to_id=before, version=card.version + 1)


def _join_again(undone: Decision) -> None:
    new = Card.objects.select_for_update().filter(pk=undone.before["new"]).first()
    if new is None or new.state != CardState.OPEN or undone.card is None:
        raise CannotUndo
    _move_back(new, [undone.card.pk])


def _part_again(undone: Decision) -> None:
    _move_back(_open(undone), [UUID(key) for key in undone.before["cards"]])


def _move_back(card: Card, origins: list[UUID]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_BACK, [card.pk, origins])
        if not cursor.rowcount:
            raise CannotUndo
    Card.objects.filter(pk__in=origins).update(state=CardState.OPEN, decided_at=None)
    acts.recount([card.pk, *origins])


def _open(undone: Decision) -> Card:
    if undone.card is None or undone.card.state != CardState.OPEN:
        raise CannotUndo
    return undone.card


_MOVED = {
    Act.OPINION: _take_back_opinion,
    Act.HANDED: _take_back,
    Act.SPLIT: _join_again,
    Act.MERGED: _part_again,
}
