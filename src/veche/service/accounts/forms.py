"""What people type about people, roles, channels and tokens, checked."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from veche.service.accounts.models import RoleName, User
from veche.service.inbox.models import Channel


class _Day(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class GrantForm(forms.Form):
    """Grants a role to a person, who gets an account where there is none."""

    email = forms.EmailField(label=_("E-mail"))
    name = forms.CharField(label=_("Full name"), max_length=200, required=False)
    role = forms.ChoiceField(label=_("Role"), choices=RoleName.choices)
    since = forms.DateField(label=_("From the day"), widget=_Day(), required=False)
    until = forms.DateField(label=_("Until and including"), widget=_Day(), required=False)
    territory = forms.CharField(
        label=_("Only this territory"),
        max_length=300,
        required=False,
        help_text=_("Path of codes, for example ru/ru-54; empty for all"),
    )
    body = forms.CharField(
        label=_("Only this body"),
        max_length=120,
        required=False,
        help_text=_("As findings name it, for example roads or roads@ru-54; empty for all"),
    )

    def clean_email(self) -> str:
        """Return the address as it is kept."""
        return self.cleaned_data["email"].lower()

    def clean(self) -> dict[str, Any]:
        """Check what only all fields together tell."""
        given = super().clean() or {}
        since, until = given.get("since"), given.get("until")
        if since and until and until < since:
            self.add_error("until", _("This is before the first day."))
        if until and until < timezone.localdate():
            self.add_error("until", _("This day is over."))
        known = User.objects.filter(email=given.get("email", "")).exists()
        if not known and not given.get("name"):
            self.add_error("name", _("Nobody has this address yet: name the person."))
        return given

    def moments(self) -> tuple[datetime, datetime | None]:
        """Return from when to when the role holds."""
        since, until = self.cleaned_data["since"], self.cleaned_data["until"]
        first = _start(since) if since and since > timezone.localdate() else timezone.now()
        return first, _start(until + timedelta(days=1)) if until else None


class ChannelForm(forms.ModelForm):
    """Opens a channel."""

    class Meta:
        model = Channel
        fields = ("code", "title")
        labels = {"code": _("Code"), "title": _("Title")}  # noqa: RUF012 - what Django reads


class TokenForm(forms.Form):
    """Makes a token of a channel."""

    title = forms.CharField(label=_("What it is for"), max_length=200)
    until = forms.DateField(label=_("Until and including"), widget=_Day(), required=False)
    per_minute = forms.IntegerField(
        label=_("Appeals a minute"), min_value=1, max_value=600_000, initial=60_000
    )
    burst = forms.IntegerField(label=_("At once"), min_value=1, max_value=60_000, initial=5_000)

    def expires_at(self) -> datetime | None:
        """Return until when it opens the channel."""
        until = self.cleaned_data["until"]
        return _start(until + timedelta(days=1)) if until else None


class MeForm(forms.ModelForm):
    """What a person may change of their account."""

    class Meta:
        model = User
        fields = ("name", "language")
        labels = {"name": _("Full name"), "language": _("Language")}  # noqa: RUF012 - what Django reads
        widgets = {"language": forms.Select(choices=[("en", "English"), ("ru", "Русский")])}  # noqa: RUF012


def _start(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
