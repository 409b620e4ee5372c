"""Whom the quotations of the run represent: the audit in plain sentences and a table by group."""

from collections.abc import Mapping
from typing import Any

from veche.core.i18n import _, ngettext
from veche.picture.material import Material
from veche.picture.words import label

#: So many groups of a dimension are listed, the largest first; those left out are always listed.
_GROUPS_SHOWN = 6

#: Parts of the random samples that decide between better and worse than chance.
_BETTER, _WORSE = 0.95, 0.05


def representation(m: Material) -> dict[str, Any] | None:
    """Return the audit in sentences and a table by group, None where nothing was audited."""
    if m.written.audit is None:
        return None
    found = m.written.audit["representation"]
    left_out = {tuple(group) for group in found["left_out"]}
    rows = [_row(m, group, left_out) for group in found["groups"]]
    return {
        "sentences": _sentences(m, found),
        "left_out": sorted((r for r in rows if r["left_out"]), key=lambda r: (-r["size"], r["name"])),
        "dimensions": _dimensions(rows),
        "withheld": sum(m.written.audit.get("groups_withheld", {}).values()),
        "k": found["k"],
        "quotations": len(m.written.digest),
        "samples": found["samples"],
        "voices": found["voices"],
        "of_voices": found["of_voices"],
    }


def _sentences(m: Material, found: Mapping[str, Any]) -> list[str]:
    shown = m.formats.share
    heard, standing, worse = found["heard"], found["standing"], found["worse_off"]
    text = _(
        "{heard} of the people find a quotation among the appeals that are most like their own;"
        " of as many quotations drawn by lot, {median} would."
    )
    less = _("{share} of the people are worse served than by lot; chance alone would make it half.")
    return [
        verdict(heard["beats"], standing["beats"]),
        text.format(heard=shown(heard["value"]), median=shown(heard["median"])),
        less.format(share=shown(worse["value"])),
    ]


def verdict(*beats: float) -> str:
    """Return in a sentence how quotations do, by the parts of random digests that do no better."""
    if min(beats) >= _BETTER:
        return _("These quotations represent people better than quotations drawn by lot.")
    if max(beats) <= _WORSE:
        return _("These quotations represent people worse than quotations drawn by lot.")
    return _("These quotations represent people about as well as quotations drawn by lot.")


def _row(m: Material, group: Mapping[str, Any], left_out: set[tuple[str, ...]]) -> dict[str, Any]:
    dimension, value = group["dimension"], group["value"]
    return {
        "dimension": dimension,
        "name": _name(m, dimension, value),
        "size": group["size"],
        "share": group["share"],
        "heard": group["heard"]["value"],
        "lot": group["heard"]["median"],
        "left_out": (dimension, value) in left_out,
    }


def _name(m: Material, dimension: str, value: str) -> str:
    if dimension == "theme":
        return m.theme(value)
    if dimension == "territory":
        return m.place(value)
    if dimension == "group" and value.startswith("age:"):
        return label("age_group", value.removeprefix("age:"))
    return label(dimension, value)


def _dimensions(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    tables = []
    for code in dict.fromkeys(row["dimension"] for row in rows):
        own = sorted((r for r in rows if r["dimension"] == code), key=lambda r: (-r["size"], r["name"]))
        listed = [r for i, r in enumerate(own) if i < _GROUPS_SHOWN or r["left_out"]]
        more = len(own) - len(listed)
        text = ngettext("and {n} smaller group", "and {n} smaller groups", more)
        tables.append(
            {"code": code, "name": label("dimension", code), "rows": listed,
             "more": text.format(n=more) if more else ""}
        )  # fmt: skip
    return tables
