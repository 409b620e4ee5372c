"""What the menu shows: the rooms that a person's roles open."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from veche.service.accounts.access import allowed
from veche.service.accounts.models import User

#: What must be allowed, where it leads, and what it says.
_ROOMS = (
    ("appeal.list", "appeals", _("Appeals")),
    ("aside.see", "aside", _("Set aside")),
    ("import.start", "imports", _("Files")),
    ("people.see", "people", _("People and roles")),
    ("tokens.manage", "channels", _("Channels")),
)


def menu(request: HttpRequest) -> dict[str, object]:
    """Give every page the list of rooms, each with its address, its words and whether it is open."""
    return {"rooms": SimpleLazyObject(lambda: rooms(request))}


def rooms(request: HttpRequest) -> list[dict[str, object]]:
    """Return the rooms that the person who asks may enter, in the order of the menu."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return []
    may = allowed(user)
    found = [(reverse(name), words) for action, name, words in _ROOMS if action in may]
    return [{"url": url, "words": words, "here": request.path.startswith(url)} for url, words in found]
