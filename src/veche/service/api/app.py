"""The API itself: who may ask, what is answered when something is wrong, and its description."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError
from ninja.errors import ValidationError as ParametersRefused
from ninja.security import HttpBearer
from pydantic import ValidationError

from veche.core.errors import FieldsRefused, MalformedBody, TokenUnknown, VecheError
from veche.service.api import problems
from veche.service.api.description import DESCRIPTION, completed
from veche.service.inbox.tokens import Bearer, find


class ByToken(HttpBearer):
    """The token of a channel. It says whose appeals are handed in, and which may be asked for."""

    def authenticate(self, request: HttpRequest, token: str) -> Bearer | None:  # noqa: ARG002
        """Return whose token it is; None leads to 401."""
        return find(token)


class Api(NinjaAPI):
    """The API, with a description in which nothing is missing."""

    def get_openapi_schema(self, **options: Any) -> Any:
        """Return the OpenAPI document."""
        return completed(super().get_openapi_schema(**options))


api = Api(
    title="Appeals",
    version="1",
    description=DESCRIPTION,
    auth=ByToken(),
    docs_url=None,
    urls_namespace="api",
)


@api.exception_handler(VecheError)
def _of_error(request: HttpRequest, error: VecheError) -> HttpResponse:
    return problems.of_error(request, error)


@api.exception_handler(ValidationError)
def _of_fields(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    return problems.of_fields(error)


@api.exception_handler(ParametersRefused)
def _of_parameters(_request: HttpRequest, error: ParametersRefused) -> HttpResponse:
    parts = [problems.part(problems.pointer(e["loc"]), FieldsRefused.code, e["msg"]) for e in error.errors]
    return problems.problem(FieldsRefused(refused=len(parts)), parts=parts)


@api.exception_handler(AuthenticationError)
def _of_token(_request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
    return problems.problem(TokenUnknown())


@api.exception_handler(HttpError)
def _of_http(_request: HttpRequest, _error: HttpError) -> HttpResponse:
    return problems.problem(MalformedBody(format="JSON"))


@api.exception_handler(Exception)
def _of_fault(request: HttpRequest, error: Exception) -> HttpResponse:
    return problems.of_fault(request, error)
