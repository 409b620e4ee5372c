"""The sections of the report on who wrote: single groups and what worries each, small ones withheld."""

from typing import Any

from veche.core.appeal import AGE_GROUPS
from veche.core.i18n import _
from veche.picture.cells import largest_first, share
from veche.picture.material import Material
from veche.picture.tree import paths
from veche.picture.words import label

#: How many values of one dimension are listed.
_MOST = 20


def who_writes(m: Material) -> list[dict[str, Any]]:
    """Return one table per dimension: its rows, and how many appeals say nothing of it."""
    titles = {
        "age_group": (_("Age"), "age"),
        "sex": (_("Sex"), "sex"),
        "occupation": (_("Occupation"), "occupation"),
        "group": (_("Said to be"), ""),
        "channel": (_("Channel"), "channel"),
        "language": (_("Language"), ""),
        "kind": (_("Kind of appeal"), ""),
    }
    return [_dimension(m, name, *named) for name, named in titles.items()]


def _dimension(m: Material, name: str, heading: str, field: str) -> dict[str, Any]:
    counts = m.cells.counts(name)
    listed = [value for value, _n in largest_first(counts) if value is not None]
    if name == "age_group":
        listed.sort(key=lambda v: AGE_GROUPS.index(v) if v in AGE_GROUPS else len(AGE_GROUPS))
    shown = [v for v in listed if counts[v] is not None][:_MOST]
    most = max((counts[v] or 0 for v in shown), default=0)
    rows = [
        {
            "label": label(name, value),
            "count": counts[value],
            "share": share(counts[value] or 0, m.total),
            "bar": share(counts[value] or 0, most),
        }
        for value in listed
        if value in shown or (counts[value] is None and name == "age_group")
    ]
    withheld = [label(name, v) for v in listed if counts[v] is None]
    return {
        "name": name,
        "heading": heading,
        "field": field,
        "rows": rows,
        "withheld": [] if name == "age_group" else withheld,
        "more": len(listed) - len(withheld) - len(shown),
        "nothing": counts.get(None, 0),
        "nothing_withheld": None in counts and counts[None] is None,
        "nothing_share": share(counts.get(None) or 0, m.total),
    }


def worries_by_age(m: Material) -> dict[str, Any] | None:
    """Return sections of topics by age group, each cell as a share of its age group; None without ages."""
    of_age = m.cells.counts("age_group")
    ages = [a for a in AGE_GROUPS if of_age.get(a) is not None]
    if len(ages) < 2:
        return None
    path_of = paths(m.pack.topics)
    top = [
        row["topic"]
        for row in sorted(m.cells.rows("topic"), key=lambda r: (-r["count"], r["topic"] or ""))
        if row["topic"] is not None and len(path_of.get(row["topic"], (row["topic"],))) == 1
    ][:12]
    found = {(r["topic"], r["age_group"]): r for r in m.cells.rows("topic,age_group")}
    rows = []
    for topic in top:
        cells = []
        for age in ages:
            cell = found.get((topic, age), {"count": 0, "protected": False})
            part = share(cell["count"] or 0, of_age[age] or 0)
            cells.append({"count": cell["count"], "share": None if cell["protected"] else part})
        shares = [c["share"] for c in cells if c["share"] is not None]
        for cell in cells:
            cell["highest"] = len(shares) > 1 and cell["share"] == max(shares) > 1.25 * min(shares)
        rows.append({"title": m.topic(topic), "cells": cells})
    return {"ages": [label("age_group", a) for a in ages], "rows": rows} if rows else None
