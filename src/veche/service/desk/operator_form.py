"""What an operator types while somebody speaks, checked, and how it becomes an appeal: once, and durably."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from veche.core.errors import ContactUnclear, NumberMistyped
from veche.intake.model import MAX_TEXT_CHARACTERS
from veche.service.accounts.access import access_appeal, appeals_of
from veche.service.accounts.models import Tenant, User
from veche.service.inbox import numbers
from veche.service.inbox.incoming import Incoming
from veche.service.inbox.models import Appeal, Channel, Person
from veche.service.public.authorities import Door
from veche.service.public.forms import is_contact
from veche.service.public.once import Mark
from veche.service.public.taking import take_one
from veche.service.vault.keys import contact_hash

#: The channel that calls come by.
CALLS = "call"
#: Earlier appeals of a caller that are shown.
MOST_EARLIER = 5
#: Digits from which a telephone number is looked up; fewer are still being typed.
_LEAST_DIGITS = 7

_TOO_LONG = _("This is longer than the %(limit_value)d characters that can be taken.")


class OperatorForm(forms.Form):
    """An appeal that somebody tells on the telephone. The keys of its fields stand beside their labels."""

    tenant = forms.ChoiceField(label=_("Authority"))
    text = forms.CharField(
        label=_("What happened?"),
        max_length=MAX_TEXT_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 9, "autofocus": True, "data-key": "F2", "autocomplete": "off"}),
        error_messages={"required": _("Write what the caller says."), "max_length": _TOO_LONG},
    )
    address = forms.CharField(
        label=_("Where is it?"),
        max_length=500,
        required=False,
        widget=forms.TextInput(attrs={"data-key": "F4", "autocomplete": "off"}),
        error_messages={"max_length": _TOO_LONG},
    )
    contact = forms.CharField(
        label=_("Telephone or e-mail of the caller"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"data-key": "F8", "autocomplete": "off"}),
        error_messages={"max_length": _TOO_LONG},
    )
    name = forms.CharField(
        label=_("Name of the caller"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"data-key": "F9", "autocomplete": "off"}),
        error_messages={"max_length": _TOO_LONG},
    )
    mark = forms.CharField(required=False, widget=forms.HiddenInput)
    #: Number of the earlier appeal that this one goes on with; "" for a new matter.
    answers = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)

    def __init__(self, tenants: list[Tenant], data: Any = None, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        field = self.fields["tenant"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(t.slug, t.name) for t in tenants]
        if len(tenants) == 1:
            field.widget = forms.HiddenInput()
            field.initial = tenants[0].slug

    def clean_text(self) -> str:
        """Line ends as they are everywhere but in forms."""
        return self.cleaned_data["text"].replace("\r\n", "\n")

    def clean_contact(self) -> str:
        """Take an e-mail address or a telephone number."""
        contact = self.cleaned_data["contact"]
        if not contact or is_contact(contact):
            return contact
        raise ValidationError(ContactUnclear().text())


def door_of(tenant: Tenant) -> Door | None:
    """Return where calls to an authority are handed in; None where the channel is not open."""
    channel = Channel.objects.filter(tenant=tenant, code=CALLS, active=True).first()
    return Door(tenant, channel.pk) if channel else None


def hand_in(user: User, door: Door, form: OperatorForm, mark: Mark) -> str:
    """Take what was typed; return its number as it is shown. The same form sent again is taken once.

    Raises:
        NotYours: the earlier appeal is none of this person's.
        VecheError: it cannot be taken, as `public.taking.take_one` says.
    """
    data = form.cleaned_data
    incoming = Incoming(
        text=data["text"],
        identity=mark.identity,
        contacts=[data["contact"]] if data["contact"] else [],
        author=data["name"] or None,
        address=data["address"] or None,
        declared_territory=door.tenant.territory or None,
        answers=_answered(user, door.tenant, data["answers"]),
    )
    return take_one(door, incoming, mark, actor=f"user:{user.pk}").number


def earlier(user: User, tenant: Tenant, contact: str) -> list[Appeal]:
    """Return the latest appeals of whoever has this contact, as far as the operator may see them."""
    if not _is_whole(contact):
        return []
    known = contact_hash(tenant.pk, contact)
    person = Person.objects.filter(tenant=tenant, contact_hash=known, erased_at=None).first()
    if person is None:
        return []
    return list(appeals_of(user, "appeal.see").filter(person=person).order_by("-received_at")[:MOST_EARLIER])


def _is_whole(contact: str) -> bool:
    if not is_contact(contact):
        return False
    return "@" in contact or sum(c.isdigit() for c in contact) >= _LEAST_DIGITS


def _answered(user: User, tenant: Tenant, typed: str) -> int | None:
    try:
        number = numbers.read(typed) if typed else None
    except NumberMistyped:
        return None
    if number is None:
        return None
    found = access_appeal(user, number, "appeal.see")
    return number if found.tenant_id == tenant.pk else None
