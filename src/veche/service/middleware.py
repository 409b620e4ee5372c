"""What happens around every request: headers, the reader's language, the walls."""

from collections.abc import Callable

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from veche.core.errors import NotYours
from veche.core.i18n import LANGUAGES, speaking
from veche.service import reader
from veche.service.accounts.access import refusals
from veche.service.accounts.acting import acting
from veche.service.accounts.models import User
from veche.service.accounts.refusals import note
from veche.service.ops.middleware import USER

Handler = Callable[[HttpRequest], HttpResponse]

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)


def security_headers(handle: Handler) -> Handler:
    """Give every answer the content-security policy and its neighbours."""

    def around(request: HttpRequest) -> HttpResponse:
        response = handle(request)
        response.headers.setdefault("Content-Security-Policy", _POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        if request.COOKIES or request.path.startswith("/account/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    return around


def speaking_the_readers_language(handle: Handler) -> Handler:
    """Let our own messages speak the language that Django chose for this request."""

    def around(request: HttpRequest) -> HttpResponse:
        chosen = reader.language()
        with speaking(chosen if chosen in LANGUAGES else "en"):
            return handle(request)

    return around


class InsideTheWalls:
    """Handles what a signed-in person asks in one transaction that acts for them.

    A request that is answered with an error changes nothing. What was refused is counted afterwards, for the
    ledger. An answer that is streamed leaves when the transaction is over: it must have read what it
    needs.
    """

    def __init__(self, handle: Handler) -> None:
        self.handle = handle

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Handle a request."""
        user = request.user
        if not isinstance(user, User):
            return self.handle(request)
        request.META[USER] = str(user.pk)
        refused: list[str] = []
        token = refusals.set(refused)
        try:
            with acting(user):
                response = self.handle(request)
                if response.status_code >= 400:
                    transaction.set_rollback(True)
        finally:
            refusals.reset(token)
        for action in refused:
            note(user, action)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer what is another's as what does not exist."""
        if not isinstance(exception, NotYours):
            return None
        return render(request, "404.html", status=404)
