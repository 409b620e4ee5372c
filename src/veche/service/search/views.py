"""The list of appeals: found, narrowed, counted, kept under a name, taken out as a table."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from veche.core.errors import NotYours
from veche.service.accounts.access import allowed, appeals_of
from veche.service.accounts.models import User
from veche.service.desk.local import in_local_time
from veche.service.desk.rows import Line, lines
from veche.service.search import saved, words
from veche.service.search.export import MOST as MOST_TAKEN_OUT
from veche.service.search.export import table
from veche.service.search.facets import facets
from veche.service.search.filters import Filters
from veche.service.search.found import MEANT, Found, Page, look, page
from veche.service.search.models import MOST_NAME

#: Appeals on a page.
PAGE = 50
#: How a list may be ordered; the first unless said otherwise.
ORDERS = ("newest", "best")


@login_required
@require_GET
@in_local_time
def appeals(request: HttpRequest) -> HttpResponse:
    """Show what fits an address among the appeals that this person may see, with counts by facet."""
    user = finder(request)
    filters, best = Filters.read(request.GET, user), wants_best(request)
    found = look(user, filters, best=best)
    part = page(
        found, PAGE, after=_id(request.GET.get("after", "")), before=_id(request.GET.get("before", ""))
    )
    shown = _lines(user, found, part)
    query = address(filters, best=best)
    context = {
        "filters": filters,
        "best": best,
        "found": found,
        "facets": facets(found, filters),
        "chips": [chip for chip in filters.chips() if chip.key != "by"],
        "kept": _kept(filters),
        "lines": shown,
        "note": _note(found),
        "query": query,
        "back": "?" + query if query else "",
        "newer": _turn(filters, "before", part.ids[:1], best=best) if part.earlier else "",
        "older": _turn(filters, "after", part.ids[-1:], best=best) if part.later else "",
        "first": part.earlier,
        "orders": _orders(filters, best=best),
        "several": len({line.appeal.tenant_id for line in shown}) > 1,
        "saved": saved.shown(user),
        "name_most": MOST_NAME,
        "out": _("As a table (CSV)"),
        "out_most": MOST_TAKEN_OUT,
        "bulk": _bulk() if "finding.decide" in allowed(user) else "",
    }
    return render(request, "desk/appeals.html", context)


@login_required
@require_GET
@in_local_time
def taken_out(request: HttpRequest) -> HttpResponse:
    """Give what fits an address as a table, its masked texts among it."""
    user = finder(request)
    filters = Filters.read(request.GET, user)
    found = look(user, filters, best=wants_best(request))
    answer = HttpResponse(table(user, found), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="appeals.csv"'
    return answer


@login_required
@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Keep a search under a name."""
    user = finder(request)
    filters = Filters.read(_query(request.POST.get("query", "")), user)
    shared = request.POST.get("shared") == "on"
    made = saved.keep(user, request.POST.get("name", ""), filters, shared=shared)
    if made is None:
        messages.error(request, _("This was not kept. Search for something, and give it a name."))
    else:
        messages.success(request, _("Kept as “%(name)s”.") % {"name": made.name})
    return redirect(reverse("appeals") + "?" + filters.query())


@login_required
@require_GET
def kept(request: HttpRequest, key: UUID) -> HttpResponse:
    """Open a kept search."""
    user = finder(request)
    one = saved.access_saved(user, key)
    saved.note_seen(user, one)
    return redirect(reverse("appeals") + "?" + one.query)


@login_required
@require_POST
def drop(request: HttpRequest, key: UUID) -> HttpResponse:
    """Keep a search no longer."""
    one = saved.access_saved(finder(request), key, own=True)
    one.delete()
    messages.success(request, _("“%(name)s” is kept no longer.") % {"name": one.name})
    return redirect("appeals")


def finder(request: HttpRequest) -> User:
    """Return the person who asks.

    Raises:
        NotYours: they may find no appeals.
    """
    assert isinstance(request.user, User)
    if "appeal.list" not in allowed(request.user):
        raise NotYours(action="appeal.list")
    return request.user


def wants_best(request: HttpRequest) -> bool:
    """Return whether an address asks for the best first."""
    return request.GET.get("order") == "best" and bool(request.GET.get("q", "").strip())


def address(filters: Filters, *, best: bool) -> str:
    """Return the part of the address of a list after the "?"."""
    return filters.query() + ("&order=best" if best and filters.q else "")


def _lines(user: User, found: Found, part: Page) -> list[Line]:
    by_id = {appeal.pk: appeal for appeal in appeals_of(user).filter(pk__in=part.ids)}
    glimpses = words.headlines(found.asked, part.ids) if found.asked and part.ids else None
    return lines((by_id[id] for id in part.ids if id in by_id), glimpses)


def _turn(filters: Filters, way: str, at: list[UUID], *, best: bool) -> str:
    asked = [
        pair for pair in (address(filters, best=best), urlencode({way: str(at[0])} if at else {})) if pair
    ]
    return "?" + "&".join(asked)


def _orders(filters: Filters, *, best: bool) -> list[dict[str, Any]]:
    """How the list is ordered and may be ordered; nothing to choose where there is one way."""
    if not filters.q or filters.by == "meaning":
        return []
    said = {"newest": _("Newest first"), "best": _("Best first")}
    return [
        {
            "words": said[order],
            "url": "?" + address(filters, best=order == "best"),
            "on": best == (order == "best"),
        }
        for order in ORDERS
    ]


def _kept(filters: Filters) -> list[tuple[str, str]]:
    """What the form of words and days hands on unseen."""
    return [pair for pair in filters.pairs() if pair[0] not in ("q", "by", "since", "until")]


def _note(found: Found) -> str:
    """What the reader should know of how was searched."""
    looked, ranked = words.LOOKED_THROUGH, words.RANKED
    return {
        "small words": _("Only words were typed that nearly every text has. Add one that says more."),
        "only without": _("Say also what the text should have, not only what it should lack."),
        "phrase": ngettext(
            "Very many texts have these words: the phrase was looked for in the newest %(n)s of them.",
            "Very many texts have these words: the phrase was looked for in the newest %(n)s of them.",
            looked,
        )
        % {"n": looked},
        "ranked": ngettext(
            "Very many texts fit: the newest %(n)s of them are put in order, the best first.",
            "Very many texts fit: the newest %(n)s of them are put in order, the best first.",
            ranked,
        )
        % {"n": ranked},
        "meant": ngettext(
            "The nearest in meaning, up to %(n)s, the nearest first.",
            "The nearest in meaning, up to %(n)s, the nearest first.",
            MEANT,
        )
        % {"n": MEANT},
    }.get(found.note, "")


def _bulk() -> str:
    """Where many appeals are decided at once."""
    try:
        return reverse("bulk")
    except NoReverseMatch:
        return ""


def _query(typed: str) -> QueryDict:
    return QueryDict(typed[:10_000])


def _id(typed: str) -> UUID | None:
    try:
        return UUID(typed)
    except ValueError:
        return None
