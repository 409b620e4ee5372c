"""What a person had chosen when the session ended or the card changed under it: it waits on the card.

It lies in the session, which somebody who has yet to sign in may have too: so it holds codes and ids alone,
few of them, and is shown only on a card that its reader may see.
"""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, QueryDict

_KEY = "desk_draft"

#: Appeals that are remembered as left out, and characters of a value; more is no choice made on a card.
_MOST_WITHOUT, _MOST_VALUE = 500, 300


@dataclass(frozen=True)
class Draft:
    """A choice that was not carried out."""

    value: str = ""
    without: frozenset[UUID] = frozenset()
    #: Whether all exceptions were to be left out.
    exceptions: bool = False

    def __bool__(self) -> bool:
        """Whether anything was chosen."""
        return bool(self.value or self.without or self.exceptions)


def chosen(post: QueryDict) -> str:
    """Return the value that was chosen: by its key, or out of the whole list."""
    return post.get("other" if post.get("use") == "other" else "value", "")


def keep(request: HttpRequest, card: UUID) -> None:
    """Remember what was chosen on a card, in place of what was remembered before."""
    without = [key for key in request.POST.getlist("without") if _is_id(key)][:_MOST_WITHOUT]
    request.session[_KEY] = {
        "card": str(card),
        "value": chosen(request.POST)[:_MOST_VALUE],
        "without": without,
        "exceptions": bool(request.POST.get("without_exceptions")),
    }


def take_up(request: HttpRequest, card: UUID) -> Draft:
    """Return what was chosen on this card before, and forget it; an empty one where there is none."""
    kept = request.session.get(_KEY)
    if not kept or kept["card"] != str(card):
        return Draft()
    del request.session[_KEY]
    return Draft(kept["value"], frozenset(map(UUID, kept["without"])), kept["exceptions"])


def _is_id(typed: str) -> bool:
    try:
        return str(UUID(typed)) == typed
    except ValueError:
        return False
