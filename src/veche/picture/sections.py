"""The sections of the report that tell what, where and when: plain values for the template.

Nothing here writes HTML. Texts are in the language in force; numbers stay numbers until the template
formats them, so that a chart and its table cannot differ.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from veche.core import weeks
from veche.core.i18n import _
from veche.packs.model import Territory
from veche.picture import maps, trends
from veche.picture.cells import share
from veche.picture.material import Material
from veche.picture.tree import main_depth, paths
from veche.picture.words import weekday

#: From how many topics on a tree is folded, and how many of a section are then shown.
_TREE_SHOWN = 40
_SECTION_SHOWN = 6


def headline(m: Material) -> dict[str, Any]:
    """Return the numbers at the top: what was read, taken, repeated, and over which period."""
    total, counts = m.cells.total(), m.manifest.get("counts", {})
    return {
        "total": m.total,
        "read": counts.get("read", m.total),
        "accepted": counts.get("accepted", m.total),
        "rejected": counts.get("rejected", 0),
        "copies": total["copies"],
        "people": total["people"],
        "urgent": total["urgent"],
        "themes": len(m.digests.get("themes", ())),
        "new_themes": sum(bool(t.get("is_new")) for t in m.digests.get("themes", ())),
        "left": m.facts.left,
        "left_share": share(m.facts.left or 0, m.total),
        "copies_share": share(total["copies"], m.total),
        "first": m.days.first if m.days else None,
        "last": m.days.last if m.days else None,
    }


def timeline(m: Material) -> dict[str, Any]:
    """Return the line of time, the rhythm of the week and how many appeals carry no date."""
    undated = sum(row["count"] for row in m.cells.rows("day") if row["day"] is None)
    if m.days is None:
        return {"chart": None, "undated": undated}
    line = trends.line(m.days)
    name = m.formats.month if line.step == "month" else m.formats.day
    names = [name(d) for d in line.starts]
    chart = {
        "type": "line",
        "names": names,
        "values": list(line.counts),
        "label": _("Appeals"),
        "mean": trends.smoothed(line.counts) if line.step == "day" and len(names) > 14 else [],
        "meanLabel": _("Mean of 7 days"),
    }
    rhythm = trends.rhythm(m.days)
    week = None
    if rhythm is not None:
        week = {
            "type": "columns",
            "names": [weekday(d) for d in range(7)],
            "values": [round(x, 1) for x in rhythm],
            "label": _("Appeals on an average day"),
        }
    return {"chart": chart, "step": line.step, "undated": undated, "week": week, "recent": _recent(m)}


def _recent(m: Material) -> dict[str, Any] | None:
    """Return the last week against the weeks before, None where there are too few."""
    days = m.days
    before = weeks.weeks_before(days.counts) if days else 0
    if days is None or not before:
        return None
    ages = np.arange(len(days.counts))[::-1]
    week = weeks.last_week(ages, weeks=before, counts=days.counts)
    return {"count": week.recent, "usual": round(week.usual), "change": week.change, "weeks": before}


def topics(m: Material) -> dict[str, Any]:
    """Return the tree of topics: rows in the order of the tree, and the same as nested boxes."""
    cells = {row["topic"]: row for row in m.cells.rows("topic")}
    path_of = paths(m.pack.topics)
    children: dict[str, list[str]] = {}
    for code in cells:
        if code is not None:
            path = path_of.get(code, (code,))
            children.setdefault(path[1] if len(path) > 1 else "", []).append(code)
    for codes in children.values():
        codes.sort(key=lambda c: (-cells[c]["count"], c))
    rows: list[dict[str, Any]] = []

    def visit(parent: str, depth: int) -> list[dict[str, Any]]:
        boxes = []
        for code in children.get(parent, ()):
            cell = cells[code]
            change = m.topic_changes.get(code)
            rows.append(
                {
                    "code": code,
                    "title": m.topic(code),
                    "depth": depth,
                    "count": cell["count"],
                    "share": share(cell["count"], m.total),
                    "urgent": cell["urgent"],
                    "change": change.change if change and change.is_counted else None,
                    "folded": False,
                }
            )
            box: dict[str, Any] = {"name": m.topic(code), "value": cell["count"]}
            box["change"] = rows[-1]["change"]
            if inner := visit(code, depth + 1):
                rest = cell["count"] - sum(b["value"] for b in inner)
                box["children"] = inner + ([{"name": _("In general"), "value": rest}] if rest else [])
            boxes.append(box)
        return boxes

    boxes = visit("", 0)
    if len(rows) > _TREE_SHOWN:
        _fold(rows)
        boxes = [_flat(box) for box in boxes]
    chart = {"type": "boxes", "boxes": boxes, "label": _("Topics")}
    nothing = cells.get(None, {}).get("count", 0)
    return {
        "rows": rows,
        "chart": chart if rows else None,
        "nothing": nothing,
        "nothing_share": share(nothing, m.total),
        "has_change": bool(m.topic_changes),
    }


def _fold(rows: list[dict[str, Any]]) -> None:
    """Mark what a long tree shows only when asked: the third level, and small topics of the second."""
    second = 0
    for row in rows:
        second = 0 if row["depth"] == 0 else second + (row["depth"] == 1)
        row["folded"] = row["depth"] > 1 or (row["depth"] == 1 and second > _SECTION_SHOWN)


def _flat(box: dict[str, Any]) -> dict[str, Any]:
    """Return a box with two levels."""
    inner = [{k: v for k, v in child.items() if k != "children"} for child in box.get("children", ())]
    return {**box, "children": inner} if inner else box


def places(m: Material) -> dict[str, Any]:
    """Return the table of territories and their map."""
    cells = m.cells.rows("territory")
    rows = []
    for cell in sorted((c for c in cells if c["territory"]), key=lambda c: (-c["count"], c["territory"])):
        node = m.pack.territories.get(cell["territory"])
        change = m.place_changes.get(cell["territory"])
        rows.append(
            {
                "code": cell["territory"],
                "title": m.place(cell["territory"]),
                "count": cell["count"],
                "share": share(cell["count"], m.total),
                "population": node.population if node else None,
                "rate": _rate(cell["count"], node),
                "urgent": cell["urgent"],
                "change": change.change if change and change.is_counted else None,
            }
        )
    nothing = sum(c["count"] for c in cells if c["territory"] is None)
    return {
        "rows": rows,
        "map": _map(m, rows),
        "nothing": nothing,
        "nothing_share": share(nothing, m.total),
        "has_rate": _mostly_rated(rows),
        "has_change": bool(m.place_changes),
        "unknown": [r["title"] for r in rows if r["rate"] is None],
        "settlements": _settlements(m),
    }


def _mostly_rated(rows: list[dict[str, Any]]) -> bool:
    return sum(r["rate"] is not None for r in rows) * 2 > len(rows)


def _settlements(m: Material) -> list[dict[str, Any]]:
    cells = [c for c in m.cells.rows("territory,settlement") if c["settlement"]]
    cells.sort(key=lambda c: (-c["count"], c["settlement"]))
    return [
        {
            "title": m.place(c["settlement"]),
            "within": m.place(c["territory"]),
            "count": c["count"],
            "rate": _rate(c["count"], m.pack.territories.get(c["settlement"])),
        }
        for c in cells[:30]
    ]


def _rate(count: int, node: Territory | None) -> float | None:
    """Return appeals per 10,000 inhabitants, None where the pack does not know how many live there."""
    return count / node.population * 10_000 if node and node.population else None


def _position(nodes: Mapping[str, Territory], code: str) -> tuple[float, float] | None:
    """Return latitude and longitude of a territory, else of the largest place in it."""
    inside = [nodes[code], *(t for t in nodes.values() if t.parent == code)]
    placed = [t for t in inside if t.lat is not None and t.lon is not None]
    own = [t for t in placed if t.code == code]
    best = max(own or placed, key=lambda t: t.population or 0, default=None)
    return None if best is None or best.lat is None or best.lon is None else (best.lat, best.lon)


def _map(m: Material, rows: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the map: shapes in classes of colour, points as circles where there is no shape."""
    nodes, depth = m.pack.territories, main_depth(m.pack.territories)
    parts = [code for code, path in paths(nodes).items() if len(path) - 1 == depth]
    without_shape = m.pack.shapes_missing if m.pack.shapes else parts
    located = {code: at for code in without_shape if code in nodes and (at := _position(nodes, code))}
    sheet = maps.draw(m.pack.shapes, located) if rows else None
    if sheet is None:
        return None
    by_rate = _mostly_rated(rows)
    of_row = {r["code"]: r for r in rows}
    measure = {r["code"]: r["rate"] if by_rate else r["count"] for r in rows}
    known = {c: v for c, v in measure.items() if v is not None and (c in sheet.paths or c in sheet.points)}
    class_of, ranges = maps.classes(known)
    most = max((r["count"] for r in rows), default=1)
    shown = [c for c in (*sheet.paths, *sheet.points) if c in nodes]
    areas = [
        {
            "title": m.place(code),
            "count": of_row[code]["count"] if code in of_row else 0,
            "rate": of_row[code]["rate"] if code in of_row else None,
            "class": class_of.get(code),
            "path": sheet.paths.get(code),
            "point": sheet.points.get(code),
            "radius": round(6 + 34 * (of_row[code]["count"] / most) ** 0.5) if code in of_row else 4,
        }
        for code in shown
    ]
    _name_points(areas)
    return {
        "width": maps.WIDTH,
        "height": sheet.height,
        "areas": areas,
        "by_rate": by_rate,
        "ranges": ranges,
        "has_points": bool(sheet.points),
    }


def _name_points(areas: list[dict[str, Any]]) -> None:
    """Mark the circles that are named on a map of circles: the largest first, where names do not meet."""
    circles = [a for a in areas if a["point"] is not None]
    taken = [_box(a["point"], a["radius"], a["radius"]) for a in circles]
    for area in areas:
        area["named"] = False
    for area in sorted(circles if len(circles) == len(areas) else (), key=lambda a: -a["count"]):
        x, y = area["point"]
        width = 8 + 10 * len(area["title"])
        box = _box((x + area["radius"] + 1 + width / 2, y), width / 2, 13)
        if box[2] <= maps.WIDTH + 45 and not any(_meet(box, other) for other in taken):
            area["named"] = True
            taken.append(box)


_Box = tuple[float, float, float, float]


def _box(middle: tuple[float, float], half_width: float, half_height: float) -> _Box:
    return (
        middle[0] - half_width,
        middle[1] - half_height,
        middle[0] + half_width,
        middle[1] + half_height,
    )


def _meet(a: _Box, b: _Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
