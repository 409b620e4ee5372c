"""Where people write from: the parts of the territory that is shown, as a table and on the map."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from veche.picture.maps import classes
from veche.service.accounts.models import Tenant
from veche.service.board import counts, shapes
from veche.service.board.views.panels import Panel, as_data, panel_of, rows_of, with_rates
from veche.service.board.views.scene import Scene
from veche.service.search.wording import NONE

#: Rows that are seen at once.
_SHOWN = 10


def places(scene: Scene) -> tuple[Panel, dict[str, Any] | None]:
    """Return the table of territories and their map, None where nothing is known of where they lie."""
    tenant = scene.top
    if tenant is None:
        return _panel(scene, []), None
    within = _within(scene, tenant)
    parts = {*shapes.parts_of(tenant.pack, within), NONE}
    shown = [
        replace(row, depth=0, parent="") for row in scene.picture.rows("territory") if row.value in parts
    ]
    panel = _panel(scene, sorted(shown, key=lambda row: (row.value == NONE, -row.n, row.value)))
    drawn = shapes.sheet(tenant.pack, within) if any(row.value != NONE for row in shown) else None
    return panel, _map(scene, panel, tenant, within, shown) if drawn else None


def _within(scene: Scene, tenant: Tenant) -> str:
    """Return the territory whose parts are shown: the one asked for, else that of the authority."""
    asked = scene.look.filters.territory
    chosen = asked[0].rpartition("/")[2] if len(asked) == 1 and asked[0] != NONE else ""
    within = chosen or tenant.territory or shapes.root_of(tenant.pack)
    if shapes.parts_of(tenant.pack, within):
        return within
    # The smallest place has no parts: it is shown among those beside it.
    return shapes.above(tenant.pack, within) or within


def _panel(scene: Scene, found: Sequence[counts.Row]) -> Panel:
    rows = rows_of(scene.look, "territory", found)
    head = _("Territory")
    if not scene.look.per_people:
        empty = _("No place could be told.")
        return panel_of("territory", _("Where"), head, rows, shown=_SHOWN, empty=empty)
    rates = {row.value: row.per_10000 for row in found if row.value != NONE}
    known = [row for row in rows if not row.rest]
    unknown = sum(rate is None for rate in rates.values())
    note = ngettext(
        "The number of inhabitants is not known with its source for %(n)s territory.",
        "The number of inhabitants is not known with its source for %(n)s territories.",
        unknown,
    )
    return panel_of(
        "territory",
        _("Where, per 10,000 inhabitants"),
        head,
        with_rates(scene.look, known, rates),
        shown=_SHOWN,
        unit=_("Per 10,000"),
        has_share=False,
        note=note % {"n": scene.look.number(unknown)} if unknown else "",
    )


def _map(
    scene: Scene, panel: Panel, tenant: Tenant, within: str, found: Sequence[counts.Row]
) -> dict[str, Any]:
    look = scene.look
    measure: Mapping[str, float | None] = {
        row.value: row.per_10000 if look.per_people else row.n for row in found if row.value != NONE
    }
    known = {code: value for code, value in measure.items() if value is not None}
    class_of, ranges = classes(known)
    most = max(known.values(), default=0) or 1
    digits = 1 if look.per_people else 0
    rows = [row for row in (*panel.rows, *panel.more) if not row.rest]
    figures = {
        row.code: {
            "words": f"{row.words}: {row.count}" + (f" ({row.change})" if row.change else ""),
            "class": class_of.get(row.code),
            "part": known.get(row.code, 0) / most,
        }
        for row in rows
    }
    return {
        "title": _("Map: appeals per 10,000 inhabitants") if look.per_people else _("Map: appeals"),
        "url": f"{reverse('board_map', args=[tenant.slug, within])}?v={shapes.version(tenant.pack)}",
        "data": as_data({"places": figures, "order": [row.code for row in rows]}),
        "legend": [
            {
                "class": i,
                "words": look.number(low, digits=digits)
                + ("" if low == high else f"–{look.number(high, digits=digits)}"),
            }
            for i, (low, high) in enumerate(ranges)
        ],
        "sources": shapes.sources(tenant.pack, look.formats.language),
    }
