"""The picture by mail: who gets which, set one up, end it; and the page by which its reader ends it."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from veche.core.errors import NotYours
from veche.service import reader
from veche.service.accounts.access import access_tenant, tenants_of
from veche.service.accounts.models import Tenant, User
from veche.service.board import mailing
from veche.service.board.models import Mailing, SendingState, Weekday
from veche.service.desk.local import in_local_time
from veche.service.search.filters import Filters

#: Why a mail was not sent, in words; any other code is the number of the mail server's answer.
_FAILURES = {
    "timeout": lazy("the mail server did not answer in time"),
    "unreachable": lazy("the mail server could not be reached"),
    "not_wanted": lazy("it was ended, or the person works here no more"),
}


class MailingForm(forms.Form):
    """Who gets the picture, and when."""

    to = forms.ChoiceField(label=lazy("To whom"))
    weekday = forms.TypedChoiceField(label=lazy("When"), choices=Weekday.choices, coerce=int)
    time = forms.TimeField(
        label=lazy("At"), initial="08:00", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    language = forms.ChoiceField(label=lazy("Language"), choices=(("ru", "Русский"), ("en", "English")))
    query = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)

    def __init__(self, people: list[User], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["to"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(user.pk), f"{user.name} ({user.email})") for user in people]


@login_required
@require_GET
@in_local_time
def mailings(request: HttpRequest) -> HttpResponse:
    """Show who gets the picture by mail, and let set one up, in the authority chosen or the only one."""
    user = _user(request)
    tenants = list(tenants_of(user, "mailing.set"))
    chosen = next((t for t in tenants if t.slug == request.GET.get("in")), tenants[0] if tenants else None)
    if chosen is None:
        raise NotYours(action="mailing.set")
    asked = Filters.read(request.GET, user)
    initial = {
        "query": asked.without("since").without("until").without("q").query(),
        "language": reader.language(),
        "to": str(user.pk),
    }
    return _show(request, chosen, tenants, MailingForm(mailing.people_of(chosen), initial=initial))


@login_required
@require_POST
@in_local_time
def add(request: HttpRequest, slug: str) -> HttpResponse:
    """Set a mailing up."""
    user = _user(request)
    tenant = access_tenant(user, slug, "mailing.set")
    people = mailing.people_of(tenant)
    form = MailingForm(people, request.POST)
    if not form.is_valid():
        return _show(request, tenant, [tenant], form)
    given = form.cleaned_data
    asked = Filters.read(QueryDict(given["query"]), user)
    made = Mailing(
        tenant=tenant,
        to=next(p for p in people if str(p.pk) == given["to"]),
        query=asked.without("since").without("until").without("q").query(),
        weekday=given["weekday"],
        time=given["time"],
        language=given["language"],
    )
    mailing.set_up(made, by=user, now=timezone.now())
    messages.success(request, _("The picture goes out by mail from now on."))
    return redirect("mailings")


@login_required
@require_POST
def end(request: HttpRequest, key: UUID) -> HttpResponse:
    """End a mailing."""
    user = _user(request)
    mine = tenants_of(user, "mailing.set")
    found = Mailing.objects.filter(pk=key, tenant__in=mine).select_related("tenant").first()
    if found is None:
        raise NotYours(action="mailing.set")
    access_tenant(user, found.tenant.slug, "mailing.set")
    mailing.end(found, actor=f"user:{user.pk}", now=timezone.now())
    messages.success(request, _("This mail is not sent any more."))
    return redirect("mailings")


@csrf_exempt
@require_http_methods(["GET", "POST"])
def end_by_reader(request: HttpRequest, token: str) -> HttpResponse:
    """Let the person who gets the mail end it by the address in it, signed in or not.

    Mail programs post here themselves (RFC 8058), so the address alone is the proof; asking changes nothing.
    """
    found = mailing.of_token(token)
    if found is None:
        return render(request, "404.html", status=404)
    if request.method == "POST":
        mailing.end_by_token(*found, now=timezone.now())
    response = render(request, "board/mailing_end.html", {"done": request.method == "POST"})
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store"
    return response


def _show(request: HttpRequest, tenant: Tenant, tenants: list[Tenant], form: MailingForm) -> HttpResponse:
    user = _user(request)
    found = Mailing.objects.filter(tenant=tenant, ended_at=None).select_related("to").order_by("next_at")
    last = mailing.last_sendings(found)
    rows = [
        {
            "mailing": one,
            "chips": Filters.read(QueryDict(one.query), user).chips(),
            "last": last.get(one.pk),
            "why": _why(last[one.pk].failure) if one.pk in last else "",
        }
        for one in found
    ]
    context = {
        "tenant": tenant,
        "tenants": tenants,
        "form": form,
        "rows": rows,
        "chips": Filters.read(QueryDict(form["query"].value() or ""), user).chips(),
        "can_send": mailing.can_send(),
        "states": SendingState,
    }
    return render(request, "board/mailings.html", context, status=422 if form.errors else 200)


def _why(failure: str) -> str:
    if not failure:
        return ""
    known = _FAILURES.get(failure)
    return str(known) if known else _("the mail server refused it (%(code)s)") % {"code": failure}


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
