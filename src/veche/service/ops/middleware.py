"""Counts and logs every request: its route, never its address; see `logs`."""

import logging
import time
from collections.abc import Callable
from uuid import uuid4

from django.http import HttpRequest, HttpResponse

from veche.service.ops.metrics import REQUESTS, SECONDS

_log = logging.getLogger("veche.request")

#: Where the id of the signed-in person stands once it is known. To ask `request.user` here could mean to ask
#: a database that is away.
USER = "VECHE_USER"

#: Methods by which the requests are counted; anything else a client may invent counts as one.
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

#: Asked all the time by monitors.
_QUIET = ("healthz", "readyz", "metrics")


def observed(handle: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Wrap the handling of requests; the outermost of all."""

    def around(request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        name = uuid4().hex
        request.META["VECHE_REQUEST"] = name
        response = handle(request)
        seconds = time.perf_counter() - began
        match = request.resolver_match
        route = (match.view_name or match.route) if match else "none"
        method = request.method if request.method in _METHODS else "other"
        REQUESTS.labels(route, method, response.status_code).inc()
        SECONDS.labels(route).observe(seconds)
        if route not in _QUIET:
            facts = {
                "request": name,
                "route": route,
                "method": method,
                "status": response.status_code,
                "ms": round(seconds * 1000, 1),
                "user": request.META.get(USER),
            }
            _log.info("request", extra=facts)
        response["X-Request-Id"] = name
        return response

    return around
