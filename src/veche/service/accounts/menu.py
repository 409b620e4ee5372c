"""What every page has around its content: the rooms that roles open, where a person works, how it looks."""

from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from veche.service.accounts.access import allowed, grants_of
from veche.service.accounts.models import Tenant, User
from veche.service.appearance import look_of
from veche.service.helping import help_of, offers_tour

#: What must be allowed, where it leads, the key that leads there after "g", and what it says.
_ROOMS = (
    ("finding.decide", "desk", "d", _("Desk")),
    ("appeal.list", "appeals", "a", _("Appeals")),
    ("picture.see", "themes", "t", _("Themes")),
    ("picture.see", "board", "b", _("Board")),
    ("appeal.hand_in", "operator", "o", _("Operator")),
    ("aside.see", "aside", "s", _("Set aside")),
    ("import.start", "imports", "f", _("Files")),
    ("people.see", "people", "p", _("People and roles")),
    ("tokens.manage", "channels", "c", _("Channels")),
)

#: The bell of urgent appeals, for those who may decide.
_BELL = ("desk/bell.html", "nothing.html")


def menu(request: HttpRequest) -> dict[str, object]:
    """Give every page its rooms, the authority, the bell, the look and the address to come back to."""
    user = getattr(request, "user", None)
    around: dict[str, object] = {"look": look_of(request), "here": request.get_full_path()}
    if isinstance(user, User):
        around["rooms"] = SimpleLazyObject(lambda: rooms(request))
        around["authorities"] = SimpleLazyObject(lambda: _authorities(user))
        around["bell"] = _BELL
        around |= {"help_page": help_of(request), "offers_tour": offers_tour(request)}
    return around


def rooms(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the rooms that the person who asks may enter, in the order of the menu."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return []
    may = allowed(user)
    found = [(_address(name), key, words) for action, name, key, words in _ROOMS if action in may]
    return [
        {"url": url, "key": f"g {key}", "words": words, "here": request.path.startswith(url)}
        for url, key, words in found
        if url
    ]


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _authorities(user: User) -> list[str]:
    held = {grant.tenant for grant in grants_of(user)}
    return list(Tenant.objects.filter(pk__in=held).order_by("name").values_list("name", flat=True))
