"""What stands on the time line beside the counts: notes that people wrote, and where a series may jump
because appeals were understood anew with another model or pack.

A break is marked by itself and cannot be removed; a note says who wrote it.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from veche.core.errors import NotYours
from veche.picture.words import label
from veche.service.accounts.access import may, tenants_of
from veche.service.accounts.models import Tenant, User
from veche.service.board.models import MOST_WORDS, Annotation
from veche.service.inbox.models import Break
from veche.service.ledger.append import append

#: How many marks a time line shows at most, the latest.
MOST_MARKS = 60


@dataclass(frozen=True)
class Mark:
    """One mark of the time line: a note, or a break of the series."""

    day: dt.date
    #: The last day of a note that spans several.
    until: dt.date | None
    words: str
    #: "note" or "break".
    kind: str
    #: Who wrote it; "" for a break.
    by: str = ""
    #: The authority, where several are shown; "" else.
    tenant: str = ""


class AnnotationForm(forms.Form):
    """A note on the time line."""

    tenant = forms.ChoiceField(label=lazy("Authority"))
    day = forms.DateField(
        label=lazy("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=lazy("Until, if it took several days"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    words = forms.CharField(
        label=lazy("What happened"),
        max_length=MOST_WORDS,
        help_text=lazy("For example: “Heating season began”. No names of people who wrote."),
    )

    def __init__(self, tenants: Sequence[Tenant], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["tenant"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(t.slug, t.name) for t in tenants]
        if len(tenants) == 1:
            field.widget = forms.HiddenInput()
            field.initial = tenants[0].slug

    def clean(self) -> dict[str, Any]:
        """A note ends on a day that is not before the one it begins on."""
        given = super().clean() or self.cleaned_data
        day, until = given.get("day"), given.get("until")
        if day and until and until < day:
            self.add_error("until", _("The last day lies before the first."))
        return given


def marks(tenants: Sequence[Tenant], since: dt.date, until: dt.date) -> list[Mark]:
    """Return the marks of these authorities between two days, in the order of time."""
    several = len(tenants) > 1
    names = {tenant.pk: tenant.name for tenant in tenants}
    inside = Q(day__lte=until) & (Q(day__gte=since) | Q(until__gte=since))
    notes = Annotation.objects.filter(inside, tenant__in=names).select_related("by").order_by("-day", "-pk")
    breaks = Break.objects.filter(
        tenant__in=names, since__gt=since, since__lte=until, finished_at__isnull=False, changed__gt=0
    ).order_by("-since", "-at")
    found = [
        Mark(
            day=max(note.day, since),
            until=min(note.until, until) if note.until else None,
            words=note.words,
            kind="note",
            by=note.by.name if note.by else "",
            tenant=names[note.tenant_id] if several else "",
        )
        for note in notes[:MOST_MARKS]
    ]
    found += [
        Mark(
            day=one.since,
            until=None,
            words=_said(one),
            kind="break",
            tenant=names[one.tenant_id] if several else "",  # pyright: ignore[reportAttributeAccessIssue]
        )
        for one in breaks[:MOST_MARKS]
    ]
    return sorted(found, key=lambda mark: (mark.day, mark.kind))[-MOST_MARKS:]


def _said(one: Break) -> str:
    text = _("%(facet)s: from this day on decided by %(new)s, before by %(old)s. The series may jump here.")
    return text % {
        "facet": label("facet", one.facet),
        "new": one.to_version or "?",
        "old": one.from_version or "?",
    }


def notes_of(user: User) -> list[Annotation]:
    """Return the notes of the authorities whose picture a person sees, the latest first."""
    tenants = tenants_of(user, "picture.see")
    return list(Annotation.objects.filter(tenant__in=tenants).select_related("tenant", "by").order_by("-day"))


def access_annotation(user: User, key: UUID) -> Annotation:
    """Return a note that this person may change.

    Raises:
        NotYours: there is none, or they may not.
    """
    note = Annotation.objects.filter(pk=key).select_related("tenant").first()
    if note is None or not may(user, "annotation.write", note.tenant):
        raise NotYours(action="annotation.write")
    return note


def write(note: Annotation, *, by: User) -> Annotation:
    """Save a note that is new or was changed, and tell the ledger."""
    note.by = by
    note.save()
    _tell(note, "annotation.written", by)
    return note


def remove(note: Annotation, *, by: User) -> None:
    """Remove a note and tell the ledger."""
    _tell(note, "annotation.removed", by)
    note.delete()


def _tell(note: Annotation, act: str, by: User) -> None:
    append(note.tenant_id, act, actor=f"user:{by.pk}", object=f"annotation:{note.pk}")
