"""What people type at the desk, checked."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from veche.intake.headers import FIELDS
from veche.service.accounts.models import Tenant
from veche.service.inbox.models import FileImport


class ReasonForm(forms.Form):
    """Why somebody looks at an original."""

    reason = forms.CharField(
        label=_("Reason"), min_length=10, max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )


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
