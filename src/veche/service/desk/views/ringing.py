"""Appeals that tell of danger to life: the list, taking one, and the bell on every page."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from veche.service.accounts.access import appeals_of
from veche.service.desk import urgent as ringing
from veche.service.desk.at_desk import at_the_desk, who
from veche.service.desk.models import Urgent
from veche.service.inbox import numbers
from veche.service.inbox.models import Appeal

#: Appeals that others took, the latest first, for whoever wonders why the bell is still.
LATELY = 10


@at_the_desk()
@require_GET
def urgent(request: HttpRequest) -> HttpResponse:
    """Show what rings, and who took what rang."""
    user = who(request)
    mine = Urgent.objects.exclude(taken_at=None).filter(appeal__in=appeals_of(user, "finding.decide"))
    taken = list(mine.select_related("taken_by").order_by("-taken_at")[:LATELY])
    known = dict(Appeal.objects.filter(pk__in=[t.pk for t in taken]).values_list("pk", "number"))
    context = {
        "waiting": ringing.waiting(user),
        "all": ringing.count(user),
        "taken": [(numbers.shown(known[t.pk]), t) for t in taken if t.pk in known],
        "may_decide": True,
    }
    return render(request, "desk/urgent.html", context)


@at_the_desk()
@require_POST
def take(request: HttpRequest, appeal: UUID) -> HttpResponse:
    """Take an urgent appeal, and open it; where another took it first, say so."""
    taken = ringing.take(who(request), appeal)
    if not taken.mine:
        messages.warning(request, _("%(name)s took this appeal before you.") % {"name": taken.by})
        return redirect("urgent")
    number = Appeal.objects.values_list("number", flat=True).get(pk=appeal)
    return redirect("appeal", numbers.shown(number))


@at_the_desk(part=True)
@require_GET
def bell(request: HttpRequest) -> HttpResponse:
    """Answer with the words of the bell."""
    return render(request, "desk/bell_words.html", {"waiting": ringing.count(who(request))})
