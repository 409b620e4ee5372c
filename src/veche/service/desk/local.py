"""Times as clocks show them where the person works."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from veche.service.accounts.access import grants_of
from veche.service.accounts.models import Tenant, User
from veche.service.desk import words

Rest = ParamSpec("Rest")
Answer = TypeVar("Answer", bound=HttpResponseBase)
View = Callable[Concatenate[HttpRequest, Rest], Answer]


def in_local_time(view: View[Rest, Answer]) -> View[Rest, Answer]:
    """Let a view read and show times in the zone of the authority where the person works."""

    @wraps(view)
    def around(request: HttpRequest, *args: Rest.args, **kwargs: Rest.kwargs) -> Answer:
        assert isinstance(request.user, User)
        held = [grant.tenant for grant in grants_of(request.user)]
        tenant = Tenant.objects.filter(pk__in=held).order_by("pk").first()
        with timezone.override(words.zone(tenant.pack) if tenant else "UTC"):
            return view(request, *args, **kwargs)

    return around
