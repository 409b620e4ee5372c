"""How the API says that something is wrong: one shape for all, the problem document of RFC 9457.

`type` is about:blank, so that `title` is the phrase of the status; what happened says `code`, as everywhere
in this program, with `detail` and `hint` in the reader's language.
"""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from pydantic import ValidationError

from veche.core import errors
from veche.core.errors import FieldsRefused, ServiceAway, ServiceFault, VecheError
from veche.service.inbox.committer import is_away
from veche.service.inbox.limits import AWAY_SECONDS

log = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"

#: Errors whose status is not 422.
STATUS: Mapping[type[VecheError], int] = {
    errors.MalformedBody: 400,
    errors.KeyMalformed: 400,
    errors.TokenUnknown: 401,
    errors.NoSuchAppeal: 404,
    errors.NoSuchFile: 404,
    errors.NoSuchAddress: 404,
    errors.NumberMistyped: 404,
    errors.WrongMethod: 405,
    errors.KeyBusy: 409,
    errors.NothingToWithdraw: 409,
    errors.LengthMissing: 411,
    errors.BodyTooLarge: 413,
    errors.FileTooLarge: 413,
    errors.WrongContentType: 415,
    errors.TooFast: 429,
    errors.TooBusy: 429,
    errors.ServiceFault: 500,
    errors.ServiceAway: 503,
}
#: What a client may not know of: the service's own troubles.
_OWN = (errors.VaultError, errors.LedgerTampered, errors.NotForTheLedger, errors.UnknownAct)


def problem(error: VecheError, *, parts: Sequence[dict[str, str]] = ()) -> HttpResponse:
    """Return the answer for an error; `parts` are the places it concerns, as `part` makes them."""
    status = status_of(error)
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": error.code,
        "detail": error.text(),
        "hint": error.advice(),
        "retry": error.retry,
    }
    if parts:
        document["errors"] = list(parts)
    response = HttpResponse(orjson.dumps(document), content_type=CONTENT_TYPE, status=status)
    if error.retry:
        response["Retry-After"] = str(error.facts.get("seconds", 1))
    if status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = 'Bearer realm="appeals"'
    return response


def status_of(error: VecheError) -> int:
    """Return the HTTP status that goes with an error."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 422)


def part(pointer: str, code: str, detail: str) -> dict[str, str]:
    """Return one place in the body (a JSON Pointer, RFC 6901) with what is wrong there."""
    return {"pointer": pointer, "code": code, "detail": detail}


def of_error(_request: HttpRequest, error: VecheError) -> HttpResponse:
    """Answer an error of ours, with each row that it concerns."""
    if isinstance(error, _OWN):
        return of_fault(_request, error)
    rows = error.facts.get("rows")
    prefix = str(error.facts.get("prefix", ""))
    if not isinstance(rows, dict):
        return problem(error)
    parts = [part(f"{prefix.format(i)}{_field(e)}", e.code, e.text()) for i, e in sorted(rows.items())]
    return problem(error, parts=parts)


def of_fields(error: ValidationError) -> HttpResponse:
    """Answer fields that do not fit. What was sent is quoted nowhere."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    parts = [part(pointer(e["loc"]), FieldsRefused.code, e["msg"]) for e in found]
    return problem(FieldsRefused(refused=len(parts)), parts=parts)


def of_fault(_request: HttpRequest, error: Exception) -> HttpResponse:
    """Answer what nobody expected; its words may quote a citizen and go nowhere."""
    if is_away(error):
        return problem(ServiceAway(seconds=AWAY_SECONDS))
    log.error("a request to the API failed", exc_info=error)
    return problem(ServiceFault())


def pointer(location: Sequence[int | str]) -> str:
    """Return a JSON Pointer (RFC 6901)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in location)


def _field(error: VecheError) -> str:
    name = error.facts.get("field")
    return f"/{name}" if name else ""
