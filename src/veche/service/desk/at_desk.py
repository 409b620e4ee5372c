"""What surrounds each page of the desk: times as clocks show them there, and a session that may be over.

Whoever is asked to sign in again in the middle of a decision comes back to the same card, and what they had
chosen waits there.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from veche.core.errors import NotYours
from veche.service.accounts.access import allowed
from veche.service.accounts.models import User
from veche.service.desk import draft
from veche.service.desk.local import in_local_time

Rest = ParamSpec("Rest")
View = Callable[Concatenate[HttpRequest, Rest], HttpResponse]


def at_the_desk(action: str = "finding.decide", *, part: bool = False) -> Callable[[View[Rest]], View[Rest]]:
    """Let a view be for signed-in people who may do `action` somewhere; what is not is not found.

    A `part` is what an open page asks for by itself: it leads nobody to sign in, in the middle of something.

    Raises:
        NotYours: the person may not do it anywhere.
    """

    def wrap(view: View[Rest]) -> View[Rest]:
        @wraps(view)
        def around(request: HttpRequest, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
            if not isinstance(request.user, User):
                return HttpResponse(status=204) if part else _sign_in(request, kwargs.get("key"))
            if action not in allowed(request.user):
                raise NotYours(action=action)
            return in_local_time(view)(request, *args, **kwargs)

        return around

    return wrap


def who(request: HttpRequest) -> User:
    """Return the person who asks, within a view of `at_the_desk`."""
    assert isinstance(request.user, User)
    return request.user


def card_address(key: UUID | str, query: str = "") -> str:
    """Return the address of a card in the queue that `query` narrows."""
    return reverse("card", args=[key]) + (f"?{query}" if query else "")


def _sign_in(request: HttpRequest, card: object) -> HttpResponse:
    """Lead to where one signs in, and from there back: to the card with which something was to be done."""
    back = request.get_full_path()
    if request.method != "GET":
        listed = request.POST.get("query")
        back = reverse("desk") if listed is None else f"{reverse('appeals')}?{listed}"
        if isinstance(card, UUID):
            draft.keep(request, card)
            back = card_address(card, request.GET.urlencode())
    address = f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': back})}"
    # htmx would follow a redirect by itself, and put the page to sign in where the card was.
    return HttpResponseClientRedirect(address) if request.headers.get("HX-Request") else redirect(address)
