"""Checks of a service that runs, for `veche doctor`: processes, address, provider of identities."""

import datetime as dt
import http
import os
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from veche.core.i18n import _
from veche.core.library_words import reason
from veche.service.ground import processes
from veche.service.ground.found import Found

_PATIENCE_SECONDS = 5
_CERTIFICATE_DAYS = 14
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def alive(state: dict[str, Any] | None) -> Iterator[Found]:
    """Check the processes that the supervisor wrote down."""
    if state is None or processes.identity(int(state["supervisor"])) != state["began"]:
        yield Found("processes", False, _("the service does not run"), _("Start it with veche up."))
        return
    gone = [
        c["name"] for c in state["children"] if not c["pid"] or processes.identity(c["pid"]) != c["began"]
    ]
    often = [c["name"] for c in state["children"] if c["restarts"] > 3]
    yield Found(
        "processes",
        not gone and not often,
        _("{n} run").format(n=len(state["children"]) - len(gone))
        if not gone and not often
        else _("ended, or ended often: {names}").format(names=", ".join(dict.fromkeys(gone + often))),
        _("See the log of each in logs."),
    )


def address(state: dict[str, Any]) -> Iterator[Found]:
    """Check that people reach it by https, and that the certificate does not end soon."""
    url = urlsplit(str(state.get("address") or ""))
    host = url.hostname or ""
    if url.scheme != "https":
        yield Found(
            "https",
            host in _LOOPBACK,
            _("{address}, for this machine alone").format(address=url.geturl())
            if host in _LOOPBACK
            else _("{address} is not encrypted").format(address=url.geturl()),
            _("Put a web server with https before it and set VECHE_PUBLIC_URL."),
        )
        return
    try:
        days = _certificate_days(host, url.port or 443)
    except OSError as error:
        said = _("{address} cannot be reached from here: {reason}")
        advice = _("Check name, web server and certificate.")
        yield Found("https", False, said.format(address=url.geturl(), reason=reason(error)), advice)
        return
    yield Found(
        "https",
        days > _CERTIFICATE_DAYS,
        _("the certificate ends in {n} days").format(n=days),
        _("Renew it at the web server that stands before the service."),
    )


def provider() -> Iterator[Found]:
    """Check that the provider of identities answers, where one is set."""
    issuer = os.environ.get("VECHE_OIDC_ISSUER")
    if not issuer:
        return
    url = issuer.rstrip("/") + "/.well-known/openid-configuration"
    advice = _("Check VECHE_OIDC_ISSUER, and that this machine reaches it.")
    if urlsplit(url).scheme not in ("http", "https"):
        yield Found("identities", False, _("{address} is no address").format(address=issuer), advice)
        return
    try:
        with urllib.request.urlopen(url, timeout=_PATIENCE_SECONDS) as answer:
            status = answer.status
    except urllib.error.HTTPError as error:
        status = error.code
    except (OSError, ValueError) as error:
        said = error.reason if isinstance(error, urllib.error.URLError) else error
        status = reason(said) if isinstance(said, OSError) else str(said)
    yield Found("identities", status == http.HTTPStatus.OK, f"{issuer}: {status}", advice)


def _certificate_days(host: str, port: int) -> int:
    context = ssl.create_default_context()
    with (
        socket.create_connection((host, port), timeout=_PATIENCE_SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=host) as wrapped,
    ):
        certificate = wrapped.getpeercert() or {}
    ends = ssl.cert_time_to_seconds(str(certificate["notAfter"]))
    return int((ends - dt.datetime.now(dt.UTC).timestamp()) // 86400)
