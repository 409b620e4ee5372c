"""The hidden mark of a form: makes two clicks one appeal, and tells when the form was opened.

The mark is 128 random bits that only the browser with this form has, signed with the time. What is sealed for
a form, and the secret of its tracking link, follow from it: so a form that is sent twice is answered alike,
although the database keeps only hashes.
"""

import secrets
from dataclasses import dataclass
from uuid import UUID

from django.core import signing

from veche.core.errors import FormStale
from veche.service.api.secret import tracking_secret
from veche.service.vault.keys import secret_hash

_SALT = "veche.public.once"
_BYTES = 16


@dataclass(frozen=True, slots=True)
class Mark:
    """The mark of one form that was opened at `at` (seconds since 1970)."""

    name: str
    at: float

    @property
    def identity(self) -> str:
        """What makes the messages of this form one appeal."""
        return f"form/{self.name}"

    @property
    def key(self) -> bytes:
        """The key (32 bytes) that files of this form are sealed under until they are taken."""
        return secret_hash(f"held\x00{self.name}")

    def secret(self, appeal_id: UUID) -> str:
        """Return the secret of the tracking link of an appeal that came by this form."""
        return tracking_secret(self.name, appeal_id)


def new_mark(now: float) -> str:
    """Return a new mark as it stands in a form."""
    return signing.dumps([secrets.token_urlsafe(_BYTES), now], salt=_SALT)


def read_mark(given: str) -> Mark:
    """Return the mark that came back with a form.

    Raises:
        FormStale: it is none of ours.
    """
    try:
        name, at = signing.loads(given, salt=_SALT)
        return Mark(str(name), float(at))
    except (signing.BadSignature, ValueError, TypeError):
        raise FormStale from None
