"""Samples of what was decided alone, for people to check, and what came of it."""

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from veche.core.errors import DeskError, NotYours
from veche.service.accounts.access import access_appeal, allowed
from veche.service.desk import checks as checking
from veche.service.desk.at_desk import at_the_desk, who
from veche.service.desk.choices import options, question
from veche.service.desk.marks import pieces
from veche.service.desk.rows import lines
from veche.service.desk.said import last_of
from veche.service.desk.views.appeals import number_of
from veche.service.jobs import soon

#: Appeals on a page of what was decided alone.
PAGE = 50


@at_the_desk("decision.see")
@require_GET
def checks(request: HttpRequest) -> HttpResponse:
    """Show a sample to check, what is decided alone, and how the promise moved."""
    user = who(request)
    may = allowed(user)
    samples = checking.to_check(user) if "decision.check" in may else []
    at = _place(request.GET.get("at", ""), len(samples))
    sample = samples[at] if samples else None
    standings = checking.standings(user)
    context = {
        "may_check": "decision.check" in may,
        "may_decide": "finding.decide" in may,
        "sample": sample,
        "at": at,
        "next_at": (at + 1) % len(samples) if len(samples) > 1 else None,
        "waiting": sum(one.waiting for one in standings),
        "standings": [(one, checking.moves(user, one.tenant)) for one in standings],
        "last": last_of(user),
    }
    if sample:
        context |= {
            "question": question(sample.facet),
            "choices": options(sample.appeal.tenant.pack, sample.facet),
            "pieces": list(pieces(sample.text.text, sample.text.masks, {})) if sample.text else [],
        }
    return render(request, "desk/checks.html", context)


@at_the_desk("decision.see")
@require_GET
def alone(request: HttpRequest) -> HttpResponse:
    """List what was decided alone in an authority, page by page."""
    user = who(request)
    slug = request.GET.get("tenant", "")
    tenants = [one.tenant for one in checking.standings(user) if slug in ("", one.tenant.slug)]
    if not tenants:
        raise NotYours(action="decision.see")
    tenant = tenants[0]
    typed = request.GET.get("before", "")
    before = access_appeal(user, number_of(typed), "appeal.list") if typed else None
    found = checking.decided_alone(user, tenant, timezone.now(), before=before, most=PAGE + 1)
    shown = lines(found[:PAGE])
    here = f"{reverse('decided_alone')}?tenant={tenant.slug}"
    context = {
        "tenant": tenant,
        "lines": shown,
        "first": here if before else "",
        "older": f"{here}&before={shown[-1].number}" if len(found) > PAGE else "",
        "may_check": "decision.check" in allowed(user),
        "may_decide": "finding.decide" in allowed(user),
    }
    return render(request, "desk/alone.html", context)


@at_the_desk("decision.check")
@require_POST
def check(request: HttpRequest, sample: UUID) -> HttpResponse:
    """Take down whether a sample is right, and go on to the next."""
    right = request.POST.get("verdict") == "right"
    try:
        with transaction.atomic():
            decision = checking.check(who(request), sample, right=right, value=request.POST.get("value", ""))
    except DeskError as error:
        messages.error(request, f"{error.text()} {error.advice()}")
    else:
        soon("desk.weigh", decision.tenant_id)
    at = request.POST.get("at", "")
    return redirect(reverse("checks") + (f"?at={at}" if at.isdecimal() and at != "0" else ""))


def _place(typed: str, samples: int) -> int:
    at = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 6 else 0
    return at if at < samples else 0
