"""What a monitor asks: is the process alive, can it do its work, how much does it do."""

import ipaddress
import sys
from collections.abc import Callable

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

from veche.service.inbox.committer import is_away
from veche.service.inbox.limits import AWAY_SECONDS
from veche.service.ops.metrics import exposition
from veche.service.settings import ENV

#: Seconds for which "all migrations are applied" is believed.
_BELIEVED = 60


def healthz(_request: HttpRequest) -> HttpResponse:
    """Answer at once: the process is alive."""
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(_request: HttpRequest) -> HttpResponse:
    """Answer 200 where the service can do its work, else 503; each check is named with its outcome."""
    checks = {name: _holds(check) for name, check in _CHECKS.items()}
    return JsonResponse(
        {"ready": all(checks.values()), "checks": checks}, status=200 if all(checks.values()) else 503
    )


def metrics(request: HttpRequest) -> HttpResponse:
    """Return the figures for Prometheus; only to this machine, as they tell how much comes in."""
    if not _from_this_machine(request):
        raise Http404
    return HttpResponse(exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")


def fault(_request: HttpRequest) -> HttpResponse:
    """Answer what nobody expected; where the database is away, say to come back."""
    error = sys.exception()
    if error is None or not is_away(error):
        return HttpResponse(render_to_string("500.html"), status=500)
    return HttpResponse(render_to_string("503.html"), status=503, headers={"Retry-After": str(AWAY_SECONDS)})


def _from_this_machine(request: HttpRequest) -> bool:
    # A proxy on this machine speaks for others and says so; what it passes on is not from here.
    if "HTTP_X_FORWARDED_FOR" in request.META or "HTTP_FORWARDED" in request.META:
        return False
    return ipaddress.ip_address(request.META["REMOTE_ADDR"]).is_loopback


def _holds(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except (DatabaseError, OSError):
        return False


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return True


def _migrated() -> bool:
    if cache.get("migrated"):
        return True
    executor = MigrationExecutor(connection)
    migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    if migrated:
        cache.set("migrated", True, _BELIEVED)
    return migrated


def _vault_key() -> bool:
    return ENV.vault_key_file is not None and bool(ENV.vault_key_file.read_bytes())


_CHECKS: dict[str, Callable[[], bool]] = {
    "database": _database,
    "migrations": _migrated,
    "vault_key": _vault_key,
}
