"""The audit as a page that a reader without statistics understands: one HTML file without programs."""

from collections.abc import Callable
from importlib.resources import files
from typing import Any

import jinja2
import markupsafe

from veche.audit.align import NO_GROUND, PARAPHRASED, QUOTED
from veche.audit.judge import Compared, Group
from veche.audit.whole import LANGUAGE_SHARE, Whole
from veche.core import i18n
from veche.core.formats import Formats
from veche.core.i18n import _
from veche.core.look import Look

#: So many groups of a dimension are listed, the largest first; those left out are always listed.
_MOST_GROUPS = 20

#: So many of the groups that are behind are listed, the furthest first; all stand in the tables by group.
_MOST_BEHIND = 10

#: Room beside the ends of a scale, as a part of it.
_MARGIN = 0.15


def render(whole: Whole, look: Look, *, title: str) -> str:
    """Return the page; `title` says which digest it is about."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("veche.audit"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(_=i18n._, ngettext=i18n.ngettext)
    environment.filters.update(
        number=look.formats.number, share=look.formats.share, points=_points(look.formats)
    )
    behind = sorted((g for g in whole.audit.failing_groups if not g.left_out), key=_lead)
    style = look.style + (files("veche.audit") / "templates" / "audit.css").read_text(encoding="utf-8")
    return environment.get_template("audit.html").render(
        language=look.formats.language,
        style=markupsafe.Markup(style),
        policy=look.policy(style),
        title=title,
        whole=whole,
        audit=whole.audit,
        verdict=verdict(whole),
        strips=_strips(whole),
        left_out=[_row(g, look) for g in whole.audit.left_out],
        behind=[_row(g, look) for g in behind[:_MOST_BEHIND]],
        more_behind=len(behind[_MOST_BEHIND:]),
        dimensions=_dimensions(whole, look),
        sentences=_sentences(whole),
        counts={kind: whole.count(kind) for kind in (QUOTED, PARAPHRASED, NO_GROUND)},
        languages=_languages(whole, look),
    )


def verdict(whole: Whole) -> str:
    """Return in one sentence whether the digest represents people better than chance would."""
    beats = whole.audit.heard.beats, whole.audit.standing.beats
    if min(beats) >= 0.95:
        return _("This digest represents people better than quotations drawn by lot.")
    if max(beats) <= 0.05:
        return _("This digest represents people worse than quotations drawn by lot.")
    return _("This digest represents people about as well as quotations drawn by lot.")


def _points(formats: Formats) -> Callable[[float], str]:
    """Format a difference of shares in percentage points, with its sign."""

    def shown(value: float) -> str:
        digits = 1 if abs(value) >= 0.0005 else 2
        text = formats.number(value * 100, digits=digits)
        return f"+{text}" if value > 0 else text

    return shown


def _strips(whole: Whole) -> list[dict[str, Any]]:
    """The three measures as strips: where random samples lie, and where the digest does."""
    audit = whole.audit
    return [
        _strip(_("People who are heard"), audit.heard, better="high"),
        _strip(
            _("Share of other appeals less like one's own than the best quotation"),
            audit.standing,
            better="high",
        ),
        _strip(_("People worse off than under quotations drawn by lot"), audit.worse_off, better="low"),
    ]


def _strip(name: str, measure: Compared, *, better: str) -> dict[str, Any]:
    low, high = measure.value - measure.high, measure.value - measure.low
    ends = min(low, measure.value), max(high, measure.value)
    room = (ends[1] - ends[0] or 0.01) * _MARGIN
    start, width = ends[0] - room, ends[1] - ends[0] + 2 * room

    def at(value: float) -> float:
        return round((value - start) / width * 100, 2)

    return {
        "name": name,
        "measure": measure,
        "low": low,
        "high": high,
        "better": better,
        "good": (measure.beats >= 0.95) if better == "high" else (measure.beats <= 0.05),
        "bad": (measure.beats <= 0.05) if better == "high" else (measure.beats >= 0.95),
        "x": {"low": at(low), "high": at(high), "median": at(measure.median), "digest": at(measure.value)},
    }


def _row(group: Group, look: Look) -> dict[str, Any]:
    return {
        "dimension": _dimension_name(group.dimension),
        "name": look.label(group.dimension, group.value) or group.value,
        "group": group,
        "lead": _lead(group),
        "state": "out" if group.left_out else "behind" if group.below_median else "level",
    }


def _lead(group: Group) -> float:
    """How far a group's standing is above the middle of the lots; the verdict on it follows from this."""
    return group.standing.value - group.standing.median


def _dimensions(whole: Whole, look: Look) -> list[dict[str, Any]]:
    """One table per dimension, its groups by size; which of them are left out shows in each row."""
    names = list(dict.fromkeys([*(g.dimension for g in whole.audit.groups), *whole.withheld]))
    tables = []
    for name in names:
        groups = sorted(
            (g for g in whole.audit.groups if g.dimension == name), key=lambda g: (-g.size, g.value)
        )
        listed = [g for i, g in enumerate(groups) if i < _MOST_GROUPS or g.left_out]
        tables.append(
            {
                "code": name,
                "name": _dimension_name(name),
                "rows": [_row(g, look) for g in listed],
                "more": len(groups) - len(listed),
                "withheld": whole.withheld.get(name, 0),
            }
        )
    return tables


def _dimension_name(code: str) -> str:
    names = {
        "theme": _("Theme"),
        "territory": _("Territory"),
        "group": _("Group"),
        "language": _("Language"),
        "channel": _("Channel"),
        "opinion": _("Opinion"),
    }
    return names.get(code, code)


def _sentences(whole: Whole) -> list[dict[str, Any]]:
    """The sentences, those without ground first, each kind in the digest's order."""
    kinds = {
        NO_GROUND: _("no ground in any single appeal"),
        PARAPHRASED: _("paraphrased"),
        QUOTED: _("quoted"),
    }
    return [
        {"said": s, "kind": kind, "name": name}
        for kind, name in kinds.items()
        for s in whole.sentences
        if s.ground == kind
    ]


def _languages(whole: Whole, look: Look) -> list[tuple[str, float]]:
    """The languages that many write in, where they are several."""
    many = [
        (look.label("language", tag) or tag, share)
        for tag, share in whole.languages
        if tag != "und" and share >= LANGUAGE_SHARE
    ]
    return many if len(many) > 1 else []
