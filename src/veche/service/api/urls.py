"""The addresses of the API. What lies under them and is not there is told as a problem document too."""

from django.http import HttpRequest, HttpResponse
from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt

from veche.core.errors import NoSuchAddress
from veche.service.api.app import api
from veche.service.api.appeals import router
from veche.service.api.imports import router as imports
from veche.service.api.problems import problem

api.add_router("", router)
api.add_router("", imports)


@csrf_exempt
def nowhere(_request: HttpRequest) -> HttpResponse:
    """Answer for an address of the API that does not exist."""
    return problem(NoSuchAddress())


urlpatterns = [path("v1/", api.urls), re_path("", nowhere)]
