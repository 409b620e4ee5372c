"""What holds for the pages of citizens: nobody is signed in, nothing is stored or told to other sites."""

import re
from collections.abc import Callable
from http import HTTPStatus

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse

Handler = Callable[[HttpRequest], HttpResponse]

_PAGES = re.compile(r"/(?:[a-z]{2}/)?(?:write|track)(?:/|$)")


def for_citizens(handle: Handler) -> Handler:
    """Let the public pages know no person, so that one who works here writes there like anybody else.

    A page may have a secret in its address: so it is not stored, and no other site is told of it.
    """

    def around(request: HttpRequest) -> HttpResponse:
        if not _PAGES.match(request.path):
            return handle(request)
        request.user = AnonymousUser()
        response = handle(request)
        response["Cache-Control"] = "no-store"
        response["Referrer-Policy"] = "no-referrer"
        if response.status_code == HTTPStatus.OK and "/track/" in request.path:
            response["X-Robots-Tag"] = "noindex"
        return response

    return around
