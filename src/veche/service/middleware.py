"""What happens around every request: headers, the reader's language, the walls."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language

from veche.core.i18n import LANGUAGES, speaking
from veche.service.accounts.acting import acting
from veche.service.accounts.models import User

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
        return response

    return around


def speaking_the_readers_language(handle: Handler) -> Handler:
    """Let our own messages speak the language that Django chose for this request."""

    def around(request: HttpRequest) -> HttpResponse:
        chosen = (get_language() or "en")[:2]
        with speaking(chosen if chosen in LANGUAGES else "en"):
            return handle(request)

    return around


def inside_the_walls(handle: Handler) -> Handler:
    """Handle what a signed-in person asks in one transaction that acts for them."""

    def around(request: HttpRequest) -> HttpResponse:
        user = request.user
        if not isinstance(user, User):
            return handle(request)
        with acting(user):
            return handle(request)

    return around
