"""The live picture: the page, its numbers while it is open, its map, and the same for a wall screen."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET

from veche.core.errors import NotYours
from veche.service.accounts.access import access_tenant, allowed
from veche.service.accounts.models import User
from veche.service.board import shapes
from veche.service.board.small_cells import BASE
from veche.service.board.views import sections
from veche.service.board.views.digest import alerts_of, audits, themes
from veche.service.board.views.panels import address
from veche.service.board.views.scene import Scene, scene_for
from veche.service.board.views.where import places
from veche.service.desk.local import in_local_time
from veche.service.search.filters import SEVERAL, Filters

#: How long a browser keeps a map; its address changes with the pack.
_MAP_SECONDS = 7 * 24 * 3600

#: Periods that are one click away, in days.
_PERIODS = (7, 30, 90)


class PeriodForm(forms.Form):
    """The first and the last day, and of which authority."""

    tenant = forms.ChoiceField(label=lazy("Authority"), required=False)
    since = forms.DateField(
        label=lazy("From the day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    until = forms.DateField(
        label=lazy("Until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    per = forms.ChoiceField(label=lazy("Count"), required=False)

    def __init__(self, filters: Filters, *, per_people: bool) -> None:
        one = filters.tenant[0] if len(filters.tenant) == 1 else ""
        super().__init__(
            initial={
                "tenant": one,
                "since": filters.since,
                "until": filters.until,
                "per": "people" if per_people else "",
            }
        )
        tenants = filters.wording.tenants.values()
        _choose(self.fields["per"], [("", _("Appeals")), ("people", _("Per 10,000 inhabitants"))])
        if len(tenants) > 1:
            _choose(self.fields["tenant"], [("", _("All")), *((t.slug, t.name) for t in tenants)])
        else:
            del self.fields["tenant"]


def _choose(field: forms.Field, choices: list[tuple[str, str]]) -> None:
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


@login_required
@require_GET
@gzip_page
@in_local_time
def board(request: HttpRequest) -> HttpResponse:
    """Show the picture of what the address asks for."""
    scene = scene_of(request)
    context = {**_page(scene), **_parts(scene)}
    return render(request, "board/board.html", context)


@login_required
@require_GET
@in_local_time
def wall(request: HttpRequest) -> HttpResponse:
    """Show the picture on a wall screen: few numbers, large, no names, nothing to touch."""
    scene = scene_of(request)
    shown = [sections.topics(scene, shown=7, tree=False), themes(scene, shown=7, signed_only=True)]
    panels = [panel for panel in shown if panel.rows]
    if len(panels) < 2:
        panels.append(places(scene)[0])
    context = {
        "place": scene.place,
        "about": scene.about,
        "tiles": sections.tiles(scene)[:4],
        "time": sections.time(scene),
        "panels": panels,
    }
    return render(request, "board/wall.html", context)


@login_required
@require_GET
@in_local_time
def data(request: HttpRequest) -> JsonResponse:
    """Return the first numbers of the picture as they are now, and how many came since the page was made."""
    scene = scene_of(request)
    tiles = [*sections.tiles(scene), *sections.waiting_tiles(scene)]
    before = request.GET.get("than", "")
    more = scene.picture.total.n - int(before) if before.isdecimal() and len(before) < 12 else 0
    return JsonResponse(
        {"tiles": {tile.name: tile.figure for tile in tiles}, "came": _came(scene, more), "more": more}
    )


@login_required
@require_GET
@gzip_page
def territories(request: HttpRequest, slug: str, within: str) -> HttpResponse:
    """Return where the parts of a territory lie on the map."""
    tenant = access_tenant(_user(request), slug, "picture.see")
    sheet = shapes.sheet(tenant.pack, within)
    if sheet is None:
        return JsonResponse({}, status=404)
    response = JsonResponse(dict(sheet), json_dumps_params={"separators": (",", ":")})
    response["Cache-Control"] = f"private, max-age={_MAP_SECONDS}"
    return response


def scene_of(request: HttpRequest) -> Scene:
    """Return what the address asks for, counted.

    Raises:
        NotYours: this person sees no picture at all.
    """
    user = _user(request)
    filters = Filters.read(request.GET, user)
    if not filters.wording.tenants:
        raise NotYours(action="picture.see")
    return scene_for(user, filters, per_people=request.GET.get("per") == "people")


def _page(scene: Scene) -> dict[str, Any]:
    """Return what stands around the numbers: where they lead, how they are narrowed."""
    filters, look = scene.look.filters, scene.look
    query, per = filters.query(), look.per_people
    at = address("", query, per_people=per)
    may = allowed(scene.user)
    return {
        "place": scene.place,
        "about": scene.about,
        "source": _("Veche, %(day)s") % {"day": look.formats.day(scene.today)},
        "form": PeriodForm(filters, per_people=per),
        "periods": _periods(scene),
        "kept": [
            (k, v) for k, v in filters.pairs() if k in SEVERAL and (k != "tenant" or len(filters.tenant) > 1)
        ],
        "chips": [
            {"label": c.label, "words": scene.said(c), "url": look.picture(filters.without(c.key, c.value))}
            for c in filters.chips()
            if c.key != "by"
        ],
        "errors": list(filters.errors.values()),
        "narrowed": bool(filters),
        "here": look.picture(filters),
        "all_url": reverse("board"),
        "now_url": f"{reverse('board_data')}?"
        + "&".join(filter(None, [query, f"than={scene.picture.total.n}"])),
        "appeals_url": scene.picture.total.url,
        "may_mail": "mailing.set" in may,
        "mail_url": reverse("mailings") + at,
        "wall_url": reverse("wall") + at,
        "compare_url": reverse("compare") + at,
        "exports": _exports(scene, at),
        "protected": BASE if scene.picture.protected else 0,
    }


def _parts(scene: Scene) -> dict[str, Any]:
    """Return the numbers."""
    tiles = [*sections.tiles(scene), *sections.waiting_tiles(scene)]
    if not scene.picture.total.n:
        return {"tiles": tiles, "empty": True}
    where, drawn = places(scene)
    simple = sections.simple
    return {
        "tiles": tiles,
        "empty": False,
        "time": sections.time(scene),
        "alerts": alerts_of(scene),
        "map": drawn,
        "left": [sections.topics(scene), themes(scene), sections.groups(scene)],
        "right": [where],
        "others": [
            simple(scene, "urgency", _("How urgent"), _("Urgency")),
            simple(scene, "kind", _("What kind"), _("Kind")),
            simple(scene, "body", _("Who is responsible"), _("Body")),
            simple(scene, "channel", _("How they write"), _("Channel")),
            simple(scene, "language", _("In which language"), _("Language")),
            simple(scene, "sure", _("How sure the topic is"), _("Sureness")),
        ],
        "audits": audits(scene),
    }


def _exports(scene: Scene, at: str) -> list[dict[str, str]]:
    """Return the files that the picture can be taken along as."""
    files = [("csv", "CSV"), ("xlsx", "Excel (XLSX)"), ("pdf", "PDF")]
    found = [{"url": reverse("board_export", args=[ending]) + at, "words": words} for ending, words in files]
    if scene.picture.total.url:
        url = f"{reverse('board_export', args=['csv'])}{at}{'&' if at else '?'}of=appeals"
        found.append({"url": url, "words": _("The appeals (CSV)")})
    return found


def _periods(scene: Scene) -> list[dict[str, Any]]:
    filters, look = scene.look.filters, scene.look
    found = []
    for days in _PERIODS:
        since = scene.today - dt.timedelta(days=days - 1)
        on = filters.since == since and filters.until is None
        words = ngettext("%(n)s day", "%(n)s days", days) % {"n": days}
        url = look.picture(filters.without("until").narrowed(since=since))
        found.append({"words": words, "url": url, "on": on, "key": f"days-{days}"})
    whole = filters.without("since").without("until")
    on = not (filters.since or filters.until)
    return [*found, {"words": _("All days"), "url": look.picture(whole), "on": on, "key": "days-all"}]


def _came(scene: Scene, more: int) -> str:
    if more <= 0:
        return ""
    text = ngettext(
        "%(n)s appeal came since this page was made.", "%(n)s appeals came since this page was made.", more
    )
    return text % {"n": scene.look.number(more)}


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
