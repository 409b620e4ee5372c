"""What people type at the desk, checked."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from veche.core.errors import NumberMistyped
from veche.intake.headers import FIELDS
from veche.service.accounts.models import Tenant
from veche.service.desk import words
from veche.service.inbox import numbers
from veche.service.inbox.models import Appeal, FileImport, State


class Filters(forms.Form):
    """Narrows the list of appeals."""

    q = forms.CharField(label=_("Words or number"), max_length=200, required=False)
    tenant = forms.ChoiceField(label=_("Authority"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("Any")), *State.choices])
    topic = forms.ChoiceField(label=_("Topic"), required=False)
    since = forms.DateField(
        label=_("From the day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    until = forms.DateField(
        label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, data: Any, tenants: list[Tenant]) -> None:
        super().__init__(data)
        language = get_language() or "en"
        packs = dict.fromkeys(t.pack for t in tenants)
        known = dict(pair for pack in packs for pair in words.topics(pack, language))
        self._choices("topic", list(known.items()))
        self._choices("tenant", [(t.slug, t.name) for t in tenants])
        if len(tenants) < 2:
            del self.fields["tenant"]

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Any")), *choices]

    def narrowed(self, appeals: QuerySet[Appeal]) -> QuerySet[Appeal]:
        """Return those of the appeals that fit; none where something typed is no filter at all."""
        if not self.is_valid():
            return appeals.none()
        asked = self.cleaned_data
        if asked["q"]:
            appeals = appeals.filter(_said(asked["q"]))
        if asked.get("tenant"):
            appeals = appeals.filter(tenant__slug=asked["tenant"])
        if asked["state"]:
            appeals = appeals.filter(state=asked["state"])
        if asked["topic"]:
            below = Q(topic__startswith=asked["topic"] + ".")
            appeals = appeals.filter(Q(topic=asked["topic"]) | below)
        if asked["since"]:
            appeals = appeals.filter(received_at__gte=_start(asked["since"]))
        if asked["until"]:
            appeals = appeals.filter(received_at__lt=_start(asked["until"] + timedelta(days=1)))
        return appeals


class ReasonForm(forms.Form):
    """Why somebody looks at an original."""

    reason = forms.CharField(
        label=_("Reason"), min_length=10, max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )


def _start(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _said(typed: str) -> Q:
    try:
        return Q(number=numbers.read(typed))
    except NumberMistyped:
        return Q(pk__in=RawSQL("SELECT appeal_id FROM veche_search(%s)", [typed]))


class FileForm(forms.Form):
    """A file of appeals, and whose they are."""

    tenant = forms.ChoiceField(label=_("Authority"))
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV, Excel, JSON, Parquet, a mailbox, or an archive of them. Nothing is taken yet."),
    )

    def __init__(self, tenants: list[Tenant], data: Any = None, uploaded: Any = None) -> None:
        super().__init__(data, uploaded)
        field = self.fields["tenant"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(t.slug, t.name) for t in tenants]
        if len(tenants) == 1:
            field.widget = forms.HiddenInput()
            field.initial = tenants[0].slug


class ColumnsForm(forms.Form):
    """Which column of a file feeds which field."""

    def __init__(self, brought: FileImport, data: Any = None) -> None:
        super().__init__(data)
        sources = brought.seen.get("sources", ())
        names = dict.fromkeys(name for source in sources for name in source["columns"])
        found = {f: m["column"] for source in sources for f, m in source["mapping"].items()}
        choices = [("", _("None")), *((name, name) for name in names)]
        for field in FIELDS:
            # What two columns together feed is a choice of its own.
            own = found.get(field, "")
            more = [(own, own)] if own and own not in names else []
            self.fields[field] = forms.ChoiceField(
                label=FIELD_WORDS[field], choices=[*choices, *more], initial=own, required=field == "text"
            )

    def mapping(self) -> dict[str, str]:
        """Return what was chosen; a field that was set to no column stays without one."""
        changed = {f: value for f, value in self.cleaned_data.items() if value != (self[f].initial or "")}
        return {f: value for f, value in self.cleaned_data.items() if value or f in changed}


#: Our fields in the words of the people who keep spreadsheets.
FIELD_WORDS = {
    "text": _("Text of the appeal"),
    "title": _("Title"),
    "id": _("Number in your system"),
    "received_at": _("Date of receipt"),
    "channel": _("Channel"),
    "language": _("Language"),
    "territory": _("Territory"),
    "address": _("Address"),
    "lat": _("Latitude"),
    "lon": _("Longitude"),
    "age": _("Age"),
    "sex": _("Sex"),
    "occupation": _("Occupation"),
    "author": _("Author's contact"),
    "thread": _("Conversation"),
    "attachments": _("Attached files"),
}
