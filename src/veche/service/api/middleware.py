"""What holds for every request to the API, whatever else stands around it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from veche.core.errors import MalformedBody, NoSuchAddress, ServiceFault, VecheError, WrongMethod
from veche.service.api.problems import CONTENT_TYPE, problem

Handler = Callable[[HttpRequest], HttpResponse]


def for_programs(handle: Handler) -> Handler:
    """Let the API know no cookies, and say all that is wrong in problem documents.

    A browser sends its cookies along whoever wrote the page; with a token in the header alone, no page of
    another can make a signed-in person's browser hand in or withdraw anything.
    """

    def around(request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/api/"):
            return handle(request)
        request.COOKIES.clear()
        response = handle(request)
        response.headers.setdefault("Cache-Control", "no-store")
        if response.status_code < 400 or response.headers.get("Content-Type") == CONTENT_TYPE:
            return response
        told = problem(_error(response.status_code, request.method or ""))
        if "Allow" in response.headers:
            told["Allow"] = response["Allow"]
        return told

    return around


def _error(status: int, method: str) -> VecheError:
    if status == 400:
        return MalformedBody(format="HTTP")
    if status == 404:
        return NoSuchAddress()
    if status == 405:
        return WrongMethod(method=method)
    return ServiceFault()
