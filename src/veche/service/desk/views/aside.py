"""Appeals that were set aside, and a second try."""

from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from veche.core.errors import NotYours
from veche.service.accounts.access import access_appeal, allowed, appeals_of
from veche.service.desk.local import in_local_time
from veche.service.desk.retry import retry
from veche.service.desk.rows import lines
from veche.service.desk.views.appeals import number_of, person
from veche.service.inbox import numbers
from veche.service.inbox.models import Appeal, State

#: Appeals on a page.
PAGE = 50


@login_required
@require_GET
@in_local_time
def aside(request: HttpRequest) -> HttpResponse:
    """Show the appeals that could not be understood."""
    user = person(request)
    if "aside.see" not in allowed(user):
        raise NotYours(action="aside.see")
    found = appeals_of(user, "aside.see").filter(state=State.ASIDE)
    page, older = _page(found, request.GET.get("before", ""))
    retried = appeals_of(user, "aside.retry").filter(pk__in=[a.pk for a in page])
    mine = set(retried.values_list("pk", flat=True))
    context = {
        "lines": lines(page),
        "mine": mine,
        "older": "?" + urlencode({"before": older}) if older else "",
        "first": "?" if request.GET.get("before") else "",
    }
    return render(request, "desk/aside.html", context)


@login_required
@require_POST
def aside_retry(request: HttpRequest, number: str) -> HttpResponse:
    """Let an appeal that was set aside be tried again."""
    user = person(request)
    found = access_appeal(user, number_of(number), "aside.retry")
    if retry(found, actor=f"user:{user.pk}"):
        words = _("Appeal %(number)s is tried again.")
        messages.success(request, words % {"number": numbers.shown(found.number)})
    return redirect("aside")


def _page(found: QuerySet[Appeal], before: str) -> tuple[list[Appeal], str]:
    """Return a page of appeals, the latest first, and where the next begins; "" where there is none."""
    at, _sep, key = before.partition("_")
    if at and key:
        try:
            moment, last = datetime.fromisoformat(at), UUID(key)
        except ValueError:
            raise NotYours(action="aside.see") from None
        found = found.filter(Q(received_at__lt=moment) | Q(received_at=moment, pk__lt=last))
    page = list(found.order_by("-received_at", "-pk")[: PAGE + 1])
    shown = page[:PAGE]
    more = len(page) > PAGE
    return shown, f"{shown[-1].received_at.isoformat()}_{shown[-1].pk}" if more else ""
