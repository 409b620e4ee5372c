"""The language that a browser is spoken to in."""

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

_YEAR = 365 * 24 * 3600


def speak(request: HttpRequest, response: HttpResponseBase, language: str) -> None:
    """Let the browser that gets this answer be spoken to in `language` from now on."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=_YEAR,
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )
