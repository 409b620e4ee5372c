"""Decisions in words: what a person did, of what, and whether it can be taken back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from veche.picture.words import label
from veche.service import reader
from veche.service.accounts.models import User
from veche.service.desk import words
from veche.service.desk.history import matter_words
from veche.service.desk.models import Act, Decision

#: For so long the last thing that a person did stands beside their work, to be taken back by one key.
_FRESH = timedelta(hours=12)


@dataclass(frozen=True)
class Said:
    """A decision as lists show it."""

    id: UUID
    at: datetime
    by: str
    act: str
    #: What the facet is called; "" where none was decided.
    facet: str
    value: str
    appeals: int
    tenant: str
    card_id: UUID | None
    #: Who took it back, and when; "" and None where nobody did.
    undone_by: str
    undone_at: datetime | None
    #: Whether the reader may take it back.
    mine: bool


def said(user: User, found: Iterable[Decision]) -> list[Said]:
    """Return decisions in words; they come with their tenant, maker and undoer."""
    return [
        Said(
            id=one.pk,
            at=one.at,
            by=one.by.name,
            act=str(Act(one.act).label),
            facet=facet_of(one) if one.facet and (one.value or one.appeals) else "",
            value=value_of(one),
            appeals=one.appeals,
            tenant=one.tenant.name,
            card_id=one.card_id,
            undone_by=one.undone_by.name if one.undone_by else "",
            undone_at=one.undone_at,
            mine=one.by_id == user.pk and one.undone_at is None,
        )
        for one in found
    ]


def facet_of(one: Decision) -> str:
    """Return what the facet of a decision is called; of one about a concern, with which."""
    known = label("facet", one.facet) if one.facet else ""
    matter = one.before.get("matter", 0)
    return f"{known}, {matter_words(matter).lower()}" if matter else known


def value_of(one: Decision) -> str:
    """Return what was decided, in words; "" where a card was only handled."""
    if not one.value:
        return _("None of these topics") if one.facet == "topic" and one.appeals else ""
    return words.value(one.tenant.pack, one.facet, one.value, reader.language())


@dataclass(frozen=True)
class Last:
    """What a person did last and may still take back."""

    id: UUID
    words: str


def last_of(user: User) -> Last | None:
    """Return the latest act of a person that was not undone, of today's work."""
    mine = Decision.objects.filter(by=user, undone_at=None, at__gte=timezone.now() - _FRESH)
    found = mine.select_related("tenant").order_by("-at").first()
    return Last(found.pk, sentence(found)) if found else None


def sentence(one: Decision) -> str:
    """Return what the reader did, as a sentence of its own."""
    handled = {
        Act.OPINION: _("You asked for a second opinion."),
        Act.SPLIT: _("You split a card."),
        Act.MERGED: _("You merged cards."),
        Act.HANDED: _("You handed a card on."),
    }
    if one.act in handled:
        return handled[Act(one.act)]
    number = reader.formats().number(one.appeals)
    of = ngettext("%(n)s appeal", "%(n)s appeals", one.appeals) % {"n": number}
    if one.act == Act.URGENT:
        return _("You marked as urgent: %(of)s.") % {"of": of}
    return _("You decided “%(value)s”: %(of)s.") % {"value": value_of(one), "of": of}
