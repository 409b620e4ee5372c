"""The sections of the report that let people speak: themes with their positions and quotations, the
digest of the whole run, and what is rare."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from veche.core.i18n import _
from veche.core.shares import share_in_words, thresholds
from veche.picture.cells import share
from veche.picture.marks import marked
from veche.picture.material import Material
from veche.picture.words import label

#: How many themes are shown with quotations; the others stand in a short table.
_THEMES_SHOWN = 40

#: How many columns a small line of time has at most.
_SPARK = 30


def themes(m: Material) -> dict[str, Any]:
    """Return the themes, the largest and the new ones in full, and the rare appeals."""
    found = _found(m)
    shown = shown_in_full(m)
    full = [_theme(m, t) for t in found if t["theme"] in shown]
    assigned = sum(t["size"] for t in found)
    return {
        "full": full,
        "short": [_theme(m, t) for t in found if t["theme"] not in shown],
        "assigned_share": share(assigned, m.total),
        "thresholds": thresholds() if any(t["positions"] for t in full) else [],
        "aside": m.digests.get("aside", {}).get("size", 0),
    }


def _found(m: Material) -> list[Mapping[str, Any]]:
    """Return the themes by size, those that say nothing last."""
    return sorted(
        m.digests.get("themes", ()), key=lambda t: (t.get("says_nothing", False), -t["size"], t["theme"])
    )


def shown_in_full(m: Material) -> set[str]:
    """Return the codes of the themes that stand in the report with quotations."""
    return {t["theme"] for i, t in enumerate(_found(m)) if i < _THEMES_SHOWN or t.get("is_new")}


def _theme(m: Material, theme: Mapping[str, Any]) -> dict[str, Any]:
    whole = quoted(theme.get("quotations", ()), m)
    positions = _positions(theme.get("positions"), m)
    apart = {q["appeal_id"] for side in (positions or {"sides": ()})["sides"] for q in side["quotations"]}
    return {
        **theme,
        "topic_title": m.topic(theme["topic"]) if theme.get("topic") else None,
        "place_titles": [(m.place(code), n) for code, n in theme.get("places", ())[:5]],
        "first": day_of(theme.get("first_seen")),
        "spark": _spark(theme.get("trend", ()), m),
        "quotations": whole,
        "more": [q for q in whole[1:] if q["appeal_id"] not in apart],
        "positions": positions,
        "subthemes": [
            {**s, "quotations": quoted(s.get("quotations", ()), m)} for s in theme.get("subthemes", ())
        ],
    }


def _positions(found: Mapping[str, Any] | None, m: Material) -> dict[str, Any] | None:
    """Return the sides of a theme with their shares in words; None where it holds one position."""
    if not found:
        return None
    sides = [
        {
            "label": label("position", side["side"]),
            "words": share_in_words(side["share"]),
            "share": side["share"],
            "size": side["size"],
            "quotations": [{**q, "side": ""} for q in quoted(side.get("quotations", ()), m)],
        }
        for side in found["sides"]
    ]
    neither = found["neither"]
    return {
        "mixed": found["mixed"],
        "sides": sides,
        "neither": {"words": share_in_words(neither), "share": neither},
    }


def quoted(quotations: Iterable[Mapping[str, Any]], m: Material) -> list[dict[str, Any]]:
    """Return quotations with their local day and the name of the position they take."""
    return [
        {
            **q,
            "language": q.get("language"),
            "day": m.local_day(q.get("received_at")),
            "side": label("position", q["position"]) if q.get("position") else "",
        }
        for q in quotations
    ]


def day_of(text: str | None) -> dt.date | None:
    """Return the day of a date in ISO 8601."""
    return dt.date.fromisoformat(text[:10]) if text else None


def _spark(trend: Sequence[Mapping[str, Any]], m: Material) -> dict[str, Any] | None:
    """Return a small line of time over the whole period, in at most `_SPARK` equal steps."""
    if m.days is None or not trend:
        return None
    length = len(m.days.counts)
    step = next((s for s in (1, 7, 28, 91, 364) if length / s <= _SPARK), -(-length // _SPARK))
    counts = [0] * -(-length // step)
    for point in trend:
        day = day_of(point["date"])
        at = (day - m.days.first).days // step if day else -1
        if 0 <= at < len(counts):
            counts[at] += point["count"]
    starts = [m.days.first + dt.timedelta(days=i * step) for i in range(len(counts))]
    return {"counts": counts, "starts": starts, "most": max(counts) or 1, "step": step}


def digest(m: Material) -> list[dict[str, Any]]:
    """Return the quotations for the whole run, theme by theme, the largest first and the rare last."""
    place = {t["theme"]: i for i, t in enumerate(_found(m))}
    shown = shown_in_full(m)
    groups: dict[str, dict[str, Any]] = {}
    for q in sorted(m.written.digest, key=lambda q: place.get(q["theme"], len(place))):
        code = q["theme"]
        group = groups.setdefault(
            code, {"name": m.theme(code), "link": code if code in shown else "", "quotations": []}
        )
        group["quotations"] += quoted([q], m)
    return list(groups.values())


def rare(m: Material) -> dict[str, Any] | None:
    """Return how many appeals no theme holds, with some drawn by lot; None where none is."""
    found = m.digests.get("rare", {})
    if not found.get("size"):
        return None
    samples = [
        {
            "appeal_id": row["appeal_id"],
            "text": "".join(piece for piece, _is_reason in marked(row["masked_text"], masks=(), evidence=())),
            "language": row["language"],
            "day": m.local_day(row["received_at"]),
            "side": "",
        }
        for row in m.facts.rare
    ]
    title = _("Rare and singular")
    return {"title": title, "size": found["size"], "share": share(found["size"], m.total), "samples": samples}
