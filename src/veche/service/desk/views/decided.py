"""Who decided what: the list for those who decide, and for the auditor."""

from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from veche.core.errors import NotYours
from veche.service.accounts.access import allowed
from veche.service.accounts.models import User
from veche.service.desk.at_desk import at_the_desk, who
from veche.service.desk.choices import choices
from veche.service.desk.models import Act, Decision
from veche.service.desk.reach import decisions_in_reach
from veche.service.desk.said import said

#: Decisions on a page.
PAGE = 50

_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class DecisionFilter(forms.Form):
    """Narrows the list of decisions."""

    by = forms.ModelChoiceField(User.objects.none(), label=_("Who"), required=False, empty_label=_("Anybody"))
    act = forms.ChoiceField(label=_("What"), required=False, choices=[("", _("Anything")), *Act.choices])
    topic = forms.ChoiceField(label=_("Topic"), required=False)
    since = forms.DateField(label=_("From the day"), required=False, widget=_DAY)
    until = forms.DateField(label=_("Until"), required=False, widget=_DAY)

    def __init__(self, data: Any, found: QuerySet[Decision]) -> None:
        super().__init__(data)
        makers = self.fields["by"]
        assert isinstance(makers, forms.ModelChoiceField)
        makers.queryset = User.objects.filter(pk__in=found.values("by")).order_by("name")
        packs = found.values_list("tenant__pack", flat=True).order_by().distinct()
        known = dict.fromkeys((c.value, c.title) for pack in packs for c in choices(pack, "topic"))
        topics = self.fields["topic"]
        assert isinstance(topics, forms.ChoiceField)
        topics.choices = [("", _("Any")), *known]

    def narrowed(self, found: QuerySet[Decision]) -> QuerySet[Decision]:
        """Return those of the decisions that fit; none where something typed is no filter at all."""
        if not self.is_valid():
            return found.none()
        asked = self.cleaned_data
        if asked["by"]:
            found = found.filter(by=asked["by"])
        if asked["act"]:
            found = found.filter(act=asked["act"])
        if asked["topic"]:
            below = Q(value__startswith=asked["topic"] + ".")
            found = found.filter(Q(value=asked["topic"]) | below, facet="topic")
        if asked["since"]:
            found = found.filter(at__gte=_start(asked["since"]))
        if asked["until"]:
            found = found.filter(at__lt=_start(asked["until"] + timedelta(days=1)))
        return found


@at_the_desk("decision.see")
@require_GET
def decisions(request: HttpRequest) -> HttpResponse:
    """Show what people decided, the latest first; their own decisions can be taken back from here."""
    user = who(request)
    reached = decisions_in_reach(user)
    form = DecisionFilter(request.GET or None, reached)
    found = form.narrowed(reached) if request.GET else reached
    page, older = _page(found, request.GET.get("before", ""))
    asked = {k: v for k, v in request.GET.items() if v and k != "before"}
    lines = said(user, page)
    context = {
        "form": form,
        "asked": asked,
        "lines": lines,
        "several": len({line.tenant for line in lines}) > 1,
        "older": "?" + urlencode({**asked, "before": older}) if older else "",
        "first": "?" + urlencode(asked) if request.GET.get("before") else "",
        "may_decide": "finding.decide" in allowed(user),
    }
    return render(request, "desk/decisions.html", context)


def _page(found: QuerySet[Decision], before: str) -> tuple[list[Decision], str]:
    """Return a page of decisions, the latest first, and where the next begins; "" where there is none."""
    at, _sep, key = before.partition("_")
    if at and key:
        try:
            moment, last = datetime.fromisoformat(at), UUID(key)
        except ValueError:
            raise NotYours(action="decision.see") from None
        found = found.filter(Q(at__lt=moment) | Q(at=moment, pk__lt=last))
    rows = found.select_related("by", "tenant", "undone_by").order_by("-at", "-pk")[: PAGE + 1]
    shown = list(rows)[:PAGE]
    more = len(rows) > PAGE
    return shown, f"{shown[-1].at.isoformat()}_{shown[-1].pk}" if more else ""


def _start(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
