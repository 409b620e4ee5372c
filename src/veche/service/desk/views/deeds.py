"""What a person does with a card: each deed by its name in the address, then on to the next card.

Every deed answers with the address of what comes next, so that going back or loading a page anew does nothing
twice. What cannot be done is told on the card, and what was chosen is kept there.
"""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from veche.core.errors import CardClosed, DeskError, NoSuchColleague
from veche.service.accounts.models import User
from veche.service.desk import deciding, draft
from veche.service.desk.asked import Asked
from veche.service.desk.at_desk import at_the_desk, card_address, who
from veche.service.desk.models import Card, CardState, Member


@at_the_desk()
def deed(request: HttpRequest, key: UUID, name: str) -> HttpResponse:
    """Do something with a card; whoever comes by the address alone is led to the card."""
    if name not in _DEEDS:
        raise Http404
    user = who(request)
    asked = Asked(request.GET, user)
    if request.method != "POST":
        return redirect(card_address(key, asked.query))
    try:
        with transaction.atomic():
            stays = _DEEDS[name](user, key, request.POST)
    except DeskError as error:
        draft.keep(request, key)
        messages.error(request, f"{error.text()} {error.advice()}")
        return redirect(card_address(key, asked.query))
    return redirect(card_address(stays, asked.query) if stays else _next(request, asked))


@at_the_desk(part=True)
@require_POST
def take(request: HttpRequest, key: UUID) -> HttpResponse:
    """Tell the others that this person has the card in hand; the page does it while the card is open."""
    deciding.take(who(request), key)
    return HttpResponse(status=204)


@at_the_desk()
@require_POST
def undo(request: HttpRequest, decision: UUID) -> HttpResponse:
    """Take back what this person did, and show the card as it was before."""
    user = who(request)
    asked = Asked(request.GET, user)
    back = reverse("decisions") if request.POST.get("back") == "decisions" else ""
    try:
        with transaction.atomic():
            undone = deciding.undo(user, decision)
    except DeskError as error:
        messages.error(request, f"{error.text()} {error.advice()}")
        return redirect(back or reverse("desk") + asked.suffix)
    if back or undone.card_id is None:
        return redirect(back or reverse("decisions"))
    return redirect(card_address(undone.card_id, asked.query))


def _next(request: HttpRequest, asked: Asked) -> str:
    """Return the address of the card that came next where the person was, or of the first there is."""
    try:
        key = UUID(request.POST.get("next", ""))
    except ValueError:
        key = None
    if key and Card.objects.filter(pk=key, state=CardState.OPEN).exists():
        return card_address(key, asked.query)
    return reverse("desk") + asked.suffix


def _decide(user: User, key: UUID, post: QueryDict) -> UUID | None:
    without = set(_ids(post.getlist("without")))
    if post.get("without_exceptions"):
        odd = Member.objects.filter(card=key, answer=None).exclude(exception="")
        without |= set(odd.values_list("appeal_id", flat=True))
    deciding.decide(user, key, _version(post), draft.chosen(post), without=without)
    return None


def _split(user: User, key: UUID, post: QueryDict) -> UUID | None:
    deciding.split(user, key, _version(post), _ids(post.getlist("without")))
    return key


def _merge(user: User, key: UUID, post: QueryDict) -> UUID | None:
    other, _colon, version = post.get("with", "").partition(":")
    others = {one: int(version) for one in _ids([other]) if version.isdecimal()}
    return deciding.merge(user, {key: _version(post), **others}).pk


def _urgent(user: User, key: UUID, post: QueryDict) -> UUID | None:
    deciding.mark_urgent(user, key, _version(post))
    return key


def _hand(user: User, key: UUID, post: QueryDict) -> UUID | None:
    for to in _ids([post.get("to", "")]):
        deciding.hand_on(user, key, _version(post), to)
        return None
    raise NoSuchColleague


def _second(user: User, key: UUID, post: QueryDict) -> UUID | None:
    deciding.ask_second(user, key, _version(post), post.get("value", ""))
    return None


#: By its name in the address; each returns the card to stay at, or None to go on to the next.
_DEEDS: dict[str, Callable[[User, UUID, QueryDict], UUID | None]] = {
    "decide": _decide,
    "split": _split,
    "merge": _merge,
    "urgent": _urgent,
    "hand": _hand,
    "second": _second,
}


def _version(post: QueryDict) -> int:
    """Return the version of the card that the person saw; a form without one was not made by a page."""
    typed = post.get("version", "")
    if not (typed.isascii() and typed.isdecimal() and len(typed) < 10):
        raise CardClosed
    return int(typed)


def _ids(typed: list[str]) -> list[UUID]:
    found = []
    for one in typed:
        try:
            found.append(UUID(one))
        except ValueError:
            continue
    return found
