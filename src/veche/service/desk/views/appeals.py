"""Appeals at work: the list, one appeal, its original for a reason, those that were set aside."""

from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from veche.core.errors import NotYours, NumberMistyped, OriginalGone, ReasonNeeded
from veche.service.accounts.access import access_appeal, allowed, appeals_of, tenants_of
from veche.service.accounts.menu import rooms
from veche.service.accounts.models import User
from veche.service.desk.forms import Filters, ReasonForm
from veche.service.desk.local import in_local_time
from veche.service.desk.retry import retry
from veche.service.desk.rows import findings, lines, pieces
from veche.service.inbox import numbers
from veche.service.inbox.models import Appeal, AppealText, State
from veche.service.vault.look import look_at_original

#: Appeals on a page.
PAGE = 50


@login_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Lead to the first room that is open to this person."""
    open_rooms = rooms(request)
    return redirect(str(open_rooms[0]["url"])) if open_rooms else redirect("me")


@login_required
@require_GET
@in_local_time
def appeals(request: HttpRequest) -> HttpResponse:
    """Show the appeals that this person may see, the latest first."""
    user = _user(request)
    form = Filters(request.GET, list(tenants_of(user, "appeal.list")))
    if not allowed(user) & {"appeal.list"}:
        raise NotYours(action="appeal.list")
    found = form.narrowed(appeals_of(user))
    page, older = _page(found, request.GET.get("before", ""))
    asked = {k: v for k, v in request.GET.items() if v and k != "before"}
    context = {
        "form": form,
        "lines": lines(page),
        "asked": asked,
        "older": "?" + urlencode({**asked, "before": older}) if older else "",
        "first": "?" + urlencode(asked) if request.GET.get("before") else "",
        "several": len({a.tenant_id for a in page}) > 1,
    }
    return render(request, "desk/appeals.html", context)


@login_required
@require_GET
@in_local_time
def appeal(request: HttpRequest, number: str) -> HttpResponse:
    """Show one appeal as it was understood, masked."""
    user = _user(request)
    return _show(request, user, access_appeal(user, _number(number)), ReasonForm())


@login_required
@require_POST
@in_local_time
def original(request: HttpRequest, number: str) -> HttpResponse:
    """Show what the person wrote, to somebody who may see it and said why."""
    user = _user(request)
    found = access_appeal(user, _number(number), "original.see")
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _show(request, user, found, form)
    try:
        seen = look_at_original(user, found.pk, form.cleaned_data["reason"])
    except (ReasonNeeded, OriginalGone) as error:
        form.add_error("reason", error.text())
        return _show(request, user, found, form)
    context = {"appeal": found, "number": numbers.shown(found.number), "original": seen}
    return render(request, "desk/original.html", context)


@login_required
@require_GET
@in_local_time
def aside(request: HttpRequest) -> HttpResponse:
    """Show the appeals that could not be understood."""
    user = _user(request)
    may = allowed(user)
    if "aside.see" not in may:
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
    user = _user(request)
    found = access_appeal(user, _number(number), "aside.retry")
    if retry(found, actor=f"user:{user.pk}"):
        words = _("Appeal %(number)s is tried again.")
        messages.success(request, words % {"number": numbers.shown(found.number)})
    return redirect("aside")


def _show(request: HttpRequest, user: User, found: Appeal, form: ReasonForm) -> HttpResponse:
    [line] = lines([found])
    masked = AppealText.objects.filter(pk=found.pk).defer("vector", "search").first()
    sees = appeals_of(user, "original.see").filter(pk=found.pk).exists()
    context = {
        "line": line,
        "appeal": found,
        "pieces": list(pieces(masked)) if masked else [],
        "findings": findings(found, found.tenant.pack),
        "sees_original": sees and found.state != State.ERASED,
        "form": form,
        "original_url": reverse("original", args=[line.number]),
    }
    return render(request, "desk/appeal.html", context, status=422 if form.errors else 200)


def _page(found: QuerySet[Appeal], before: str) -> tuple[list[Appeal], str]:
    """Return a page of appeals, the latest first, and where the next begins; "" where there is none."""
    at, _sep, key = before.partition("_")
    if at and key:
        try:
            moment, last = datetime.fromisoformat(at), UUID(key)
        except ValueError:
            raise NotYours(action="appeal.list") from None
        found = found.filter(Q(received_at__lt=moment) | Q(received_at=moment, pk__lt=last))
    page = list(found.order_by("-received_at", "-pk")[: PAGE + 1])
    shown = page[:PAGE]
    more = len(page) > PAGE
    return shown, f"{shown[-1].received_at.isoformat()}_{shown[-1].pk}" if more else ""


def _number(typed: str) -> int:
    try:
        return numbers.read(typed)
    except NumberMistyped:
        raise NotYours(action="appeal.see") from None


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
