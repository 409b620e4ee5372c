"""Times as clocks show them where the person works."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from veche.service.accounts.access import grants_of
from veche.service.accounts.models import Tenant, User
from veche.service.desk import words

Rest = ParamSpec("Rest")
View = Callable[Concatenate[HttpRequest, Rest], HttpResponse]


def in_local_time(view: View[Rest]) -> View[Rest]:
    """Let a view read and show times in the zone of the authority where the person works."""

    @wraps(view)
    def around(request: HttpRequest, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
        assert isinstance(request.user, User)
        held = [grant.tenant for grant in grants_of(request.user)]
        tenant = Tenant.objects.filter(pk__in=held).order_by("pk").first()
        with timezone.override(words.zone(tenant.pack) if tenant else "UTC"):
            return view(request, *args, **kwargs)

    return around
