"""What a citizen types, checked; wide in what is taken, plain in what is said."""

import re
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from veche.core.errors import ContactUnclear, FilesTooLarge
from veche.intake.model import MAX_TEXT_CHARACTERS
from veche.service.inbox.incoming import OLDEST
from veche.service.public.uploads import MAX_TOGETHER

_PHONE = re.compile(r"\+?[\d\s().\-\u2010-\u2015/]{5,30}")
_TOO_LONG = _("This is longer than the %(limit_value)d characters that can be taken.")


class _Files(forms.ClearableFileInput):
    """A field for several files at once."""

    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"


class FilesField(forms.FileField):
    """Takes any number of files; what they are is looked at later, by their content."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Photos or files"),
            required=False,
            allow_empty_file=True,
            max_length=None,
            widget=_Files(attrs={"multiple": True}),
            help_text=_(
                "Up to 10 files, 20 MB each, 30 MB together: pictures, PDF, office documents, sound."
            ),
        )

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Return the files."""
        return [super(FilesField, self).clean(one, initial) for one in data or []]


class MessageForm(forms.Form):
    """A message to an appeal that was taken: words, and files."""

    text = forms.CharField(
        label=_("What do you want to add?"),
        help_text=_("If you add a file, say in a few words what it shows."),
        max_length=MAX_TEXT_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": _("Write what you want to say."), "max_length": _TOO_LONG},
    )
    attached = FilesField()
    website = forms.CharField(
        label=_("Website (leave this empty)"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )
    mark = forms.CharField(required=False, widget=forms.HiddenInput)
    held = forms.CharField(required=False, widget=forms.HiddenInput)

    #: Whether files were dropped while they came in.
    too_large = False

    def clean_text(self) -> str:
        """Line ends as they are everywhere but in forms."""
        return self.cleaned_data["text"].replace("\r\n", "\n")

    def clean_attached(self) -> list[Any]:
        """Say so where files were dropped."""
        if self.too_large:
            raise ValidationError(FilesTooLarge(megabytes=MAX_TOGETHER // 2**20).text())
        return self.cleaned_data["attached"]


class AppealForm(MessageForm):
    """An appeal."""

    text = forms.CharField(
        label=_("What happened?"),
        help_text=_("Say what is wrong, since when, and what should be done. Write in any language."),
        max_length=MAX_TEXT_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 9}),
        error_messages={"required": _("Write what happened."), "max_length": _TOO_LONG},
    )
    address = forms.CharField(
        label=_("Where is it?"),
        help_text=_("The place of the matter, such as the street with the pothole; not your home."),
        required=False,
        max_length=500,
        error_messages={"max_length": _TOO_LONG},
    )
    attached = FilesField()
    contact = forms.CharField(
        label=_("Your e-mail or telephone"),
        help_text=_("Only to answer you. Without it you see the answer by a link that you get."),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "email"}),
        error_messages={"max_length": _TOO_LONG},
    )
    name = forms.CharField(
        label=_("Your name"),
        help_text=_("As you would like to be addressed."),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"max_length": _TOO_LONG},
    )
    age = forms.IntegerField(
        label=_("Your age"),
        required=False,
        min_value=0,
        max_value=OLDEST,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), _("Write your age in years, for example 42.")
        ),
    )
    occupation = forms.CharField(
        label=_("What you do"),
        help_text=_("For example: nurse, pupil, pensioner."),
        required=False,
        max_length=100,
        error_messages={"max_length": _TOO_LONG},
    )
    field_order: ClassVar[list[str]] = [  # pyright: ignore[reportIncompatibleVariableOverride]
        "text",
        "address",
        "attached",
        "contact",
        "name",
        "age",
        "occupation",
    ]

    def clean_contact(self) -> str:
        """Take an e-mail address or a telephone number."""
        contact = self.cleaned_data["contact"]
        if not contact or is_contact(contact):
            return contact
        raise ValidationError(ContactUnclear().text())


class AnswersForm(forms.Form):
    """Answers to what was not clear."""

    where = forms.CharField(required=False, max_length=500, error_messages={"max_length": _TOO_LONG})
    when = forms.CharField(required=False, max_length=200, error_messages={"max_length": _TOO_LONG})


class FindForm(forms.Form):
    """The number and the secret of an appeal."""

    number = forms.CharField(
        label=_("Number"),
        help_text=_("For example 1234567-4. You can also paste the whole link here."),
        max_length=500,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Write the number of the appeal.")},
    )
    secret = forms.CharField(
        label=_("Code"),
        help_text=_("The letters and digits that you got together with the number."),
        max_length=100,
        required=False,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}
        ),
    )


def is_contact(contact: str) -> bool:
    """Tell whether this is an e-mail address or a telephone number, as people write them."""
    if "@" not in contact:
        return bool(_PHONE.fullmatch(contact)) and sum(c.isdigit() for c in contact) >= 5
    try:
        validate_email(contact)
    except ValidationError:
        return False
    return True
