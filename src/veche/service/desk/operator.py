"""The operator's form: somebody speaks, the operator types, and what is understood stands beside it."""

import base64
import secrets
import time
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from veche.core.errors import FormStale, NotYours, VecheError
from veche.service import reader
from veche.service.accounts.access import access_tenant, appeals_of, tenants_of
from veche.service.accounts.models import Tenant, User
from veche.service.desk import operator_look, words
from veche.service.desk.local import in_local_time
from veche.service.desk.operator_form import MOST_EARLIER, OperatorForm, door_of, earlier, hand_in
from veche.service.desk.rows import lines
from veche.service.inbox import numbers
from veche.service.inbox.means import Means
from veche.service.public.light import pack_of
from veche.service.public.once import new_mark, read_mark
from veche.service.public.questions import home_of

#: In the session: the key that drafts of this person are encrypted with in their browser. It lies on no disk
#: of theirs and ends with the session, and with it every draft that was left behind.
_DRAFTS = "draft_key"
_KEY_BYTES = 32
#: Times that a page asks again for what is understood of the same text, two seconds apart.
_MOST_TRIES = 15
#: In the session: the number that was handed in last.
_LAST = "operator_last"


@login_required
@require_http_methods(["GET", "POST"])
@in_local_time
def operator(request: HttpRequest) -> HttpResponse:
    """Show an empty form, or take what was typed and show the number to read out."""
    user = _user(request)
    tenants = list(tenants_of(user, "appeal.hand_in").order_by("name"))
    if not tenants:
        raise NotYours(action="appeal.hand_in")
    if request.method == "POST":
        return _sent(request, user, tenants)
    for means in {Means.of(t) for t in tenants}:
        operator_look.warm(means)
    form = OperatorForm(tenants, initial={"mark": new_mark(time.time())})
    return _show(request, form, tenants, _taken(request, user))


@login_required
@require_POST
@in_local_time
def glance(request: HttpRequest) -> HttpResponse:
    """Show what is understood so far, what says the same, and what the caller wrote before."""
    user = _user(request)
    tenant = access_tenant(user, request.POST.get("tenant", ""), "appeal.hand_in")
    pack, now = pack_of(tenant.pack), datetime.now(UTC)
    home = home_of(pack, tenant.territory) if pack else tenant.territory
    typed, address = request.POST.get("text", ""), request.POST.get("address", "")[:500]
    seen = operator_look.glance(Means.of(tenant), typed, address=address, home=home, now=now)
    context: dict[str, Any] = {
        "earlier": lines(earlier(user, tenant, request.POST.get("contact", "")[:200])),
        "most": MOST_EARLIER,
        "answers": request.POST.get("answers", ""),
    }
    context["again"] = _again(request, typed) if seen is None else 0
    if seen is not None:
        near = operator_look.alike(seen, appeals_of(user).filter(tenant=tenant), now=now)
        context |= {"seen": seen, "alike": lines(appeal for appeal, _score in near)}
        context |= _in_words(seen, tenant)
        context["emergency"] = pack.emergency if pack and seen.life else ""
    return render(request, "desk/operator_glance.html", context)


def _again(request: HttpRequest, typed: str) -> int:
    """Return which try the page is to make next, 0 for none: at first the stages are still being opened."""
    tried = request.POST.get("tries", "")
    number = int(tried) + 1 if tried.isdecimal() and len(tried) < 3 else 1
    return number if operator_look.is_enough(typed) and number <= _MOST_TRIES else 0


def _in_words(seen: operator_look.Glance, tenant: Tenant) -> dict[str, Any]:
    language = reader.language()
    return {
        "topics": [(words.topic(tenant.pack, t.code, language), round(100 * t.sure)) for t in seen.topics],
        "place": words.territory(tenant.pack, seen.place.code, language) if seen.place else "",
        "body": words.body(tenant.pack, seen.body.code, language) if seen.body else "",
    }


def _sent(request: HttpRequest, user: User, tenants: list[Tenant]) -> HttpResponse:
    data = request.POST.copy()
    try:
        mark = read_mark(data.get("mark", ""))
    except FormStale:
        data["mark"] = new_mark(time.time())
        mark = read_mark(data["mark"])
    form = OperatorForm(tenants, data)
    if not form.is_valid():
        return _show(request, form, tenants, status=422)
    tenant = access_tenant(user, form.cleaned_data["tenant"], "appeal.hand_in")
    door = door_of(tenant)
    if door is None:
        form.add_error(None, _("The channel “call” is not open here. An administrator can open it."))
        return _show(request, form, tenants, status=422)
    try:
        number = hand_in(user, door, form, mark)
    except NotYours:
        raise
    except VecheError as error:
        form.add_error(None, error.text())
        return _show(request, form, tenants, status=422)
    request.session[_LAST] = number
    return redirect(f"{reverse('operator')}?taken={number}")


def _show(
    request: HttpRequest,
    form: OperatorForm,
    tenants: list[Tenant],
    more: dict[str, Any] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    key = request.session.get(_DRAFTS)
    if not key:
        key = base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()
        request.session[_DRAFTS] = key
    closed = [t.name for t in tenants if door_of(t) is None]
    context = {"form": form, "draft_key": key, "closed": closed, "several": len(tenants) > 1, **(more or {})}
    return render(request, "desk/operator.html", context, status=status)


def _taken(request: HttpRequest, user: User) -> dict[str, Any]:
    """Return the number to read out, if the address names what this person handed in last.

    Whether it can be opened, too: a role that is narrowed to a place reaches it once its place is known.
    """
    number = request.GET.get("taken", "")
    if not number or number != request.session.get(_LAST):
        return {}
    opens = appeals_of(user, "appeal.see").filter(number=numbers.read(number)).exists()
    return {"taken": number, "opens": opens}


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
