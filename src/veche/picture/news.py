"""What is new: themes that began late, bursts, and what became of an earlier run's themes."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from veche.core.errors import N_
from veche.core.i18n import _, ngettext
from veche.core.shares import counted
from veche.picture.material import Material
from veche.picture.voices import day_of, quoted, shown_in_full

#: How many bursts are told.
_ALERTS_SHOWN = 20

#: What may have become of a theme, as in `theme_changes.parquet`.
_KINDS = ("same", "split", "merge", "birth", "death")

#: From this ratio on a burst is told in times, below it in percent.
_TIMES = 1.75

#: A burst in words, by whether it is of one matter and of one place: more than usual, or out of nothing.
_MORE = {
    (True, True): N_("{when}: {times} about “{what}”, {where}. {seen} instead of about {expected}."),
    (True, False): N_("{when}: {times} about “{what}”. {seen} instead of about {expected}."),
    (False, True): N_("{when}: {times} from {where}. {seen} instead of about {expected}."),
    (False, False): N_("{when}: {times} in all. {seen} instead of about {expected}."),
}
_FROM_NOTHING = {
    (True, True): N_("{when}: {seen} about “{what}”, {where}; hardly any are usual."),
    (True, False): N_("{when}: {seen} about “{what}”; hardly any are usual."),
    (False, True): N_("{when}: {seen} from {where}; hardly any are usual."),
    (False, False): N_("{when}: {seen} in all; hardly any are usual."),
}


def news(m: Material) -> dict[str, Any] | None:
    """Return what is new, None for a run without themes."""
    if not m.digests.get("themes"):
        return None
    return {"themes": new_themes(m), "alerts": alerts(m), "changes": changes(m)}


def new_themes(m: Material) -> list[dict[str, Any]]:
    """Return the themes that began late in the period, the largest first, each with a quotation."""
    found = [t for t in m.digests.get("themes", ()) if t.get("is_new")]
    return [
        {
            "theme": t["theme"],
            "name": t["name"],
            "size": t["size"],
            "first": day_of(t.get("first_seen")),
            "quotations": quoted(t.get("quotations", ())[:1], m),
        }
        for t in sorted(found, key=lambda t: (-t["size"], t["theme"]))
    ]


def alerts(m: Material) -> list[dict[str, Any]]:
    """Return the bursts in words, the surest first: what, where, since when and how sure."""
    shown = shown_in_full(m)
    return [
        {
            "text": _told(m, alert),
            "sure": _sure(m, alert["chance"]),
            "since": alert["since"],
            "seen": alert["seen"],
            "expected": alert["expected"],
            "link": _link(alert, shown),
        }
        for alert in m.written.alerts[:_ALERTS_SHOWN]
    ]


def _link(alert: Mapping[str, Any], shown: set[str]) -> str:
    if alert["theme"]:
        return f"theme-{alert['theme']}" if alert["theme"] in shown else "themes"
    return "topics" if alert["topic"] else "places"


def _told(m: Material, alert: Mapping[str, Any]) -> str:
    what = m.theme(alert["theme"]) if alert["theme"] else m.topic(alert["topic"]) if alert["topic"] else ""
    where = m.place(alert["territory"]) if alert["territory"] else ""
    seen, expected = alert["seen"], alert["expected"]
    texts = _FROM_NOTHING if expected < 1 else _MORE
    return _(texts[bool(what), bool(where)]).format(
        when=_when(m, alert["since"], alert["until"]),
        times=_times(m, seen, max(1.0, expected)),
        what=what,
        where=where,
        seen=counted(seen),
        expected=m.formats.number(expected, digits=0 if expected >= 10 else 1),
    )


def _when(m: Material, since: dt.date, until: dt.date) -> str:
    text = _("On {day}") if since == until else _("Since {day}")
    return text.format(day=m.formats.day(since))


def _times(m: Material, seen: int, expected: float) -> str:
    ratio = seen / expected
    if ratio < _TIMES:
        return _("{share} more appeals than usual").format(share=m.formats.share(ratio - 1))
    n = round(ratio)
    text = ngettext("{n} time as many appeals as usual", "{n} times as many appeals as usual", n)
    return text.format(n=m.formats.number(n))


def _sure(m: Material, chance: float) -> str:
    """Return in words how often an alert as clear as this is false."""
    for one_in in (10_000, 1_000, 100):
        if chance <= 1 / one_in:
            text = _("Of {n} alerts as clear as this, at most one is chance.")
            return text.format(n=m.formats.number(one_in))
    return _("It may be chance: {share} of the alerts as clear as this are.").format(
        share=m.formats.share(chance)
    )


def changes(m: Material) -> dict[str, Any] | None:
    """Return what became of the themes of the run before, None where there was none.

    Themes have the names in force; those that a person has merged or dropped since are not told of.
    """
    if all(row["theme_before"] is None for row in m.written.changes):
        return None
    names = {t["theme"]: t["name"] for t in m.digests.get("themes", ())}
    there = [row for row in m.written.changes if row["theme"] is None or row["theme"] in names]
    rows = [{**row, "name": names.get(row["theme"], row["name"])} for row in there]
    told = {kind: [row for row in rows if row["kind"] == kind] for kind in _KINDS}
    parts = [row for row in told["split"] + told["merge"] if row["theme"] != row["theme_before"]]
    sentences = [
        *(_joined(row) for row in parts),
        *(_single(row, "", _("“{name}” was not there before: {appeals}.")) for row in told["birth"]),
        *(_single(row, "_before", _("“{name}” is gone; before: {appeals}.")) for row in told["death"]),
    ]
    same = sorted(told["same"], key=lambda row: (-row["size"], row["theme"]))
    return {"sentences": sentences, "same": same}


def _joined(row: Mapping[str, Any]) -> str:
    split, merged = _("“{now}” has split off from “{before}”."), _("“{before}” has merged into “{now}”.")
    text = split if row["kind"] == "split" else merged
    return text.format(now=row["name"], before=row["name_before"])


def _single(row: Mapping[str, Any], which: str, text: str) -> str:
    return text.format(name=row["name" + which], appeals=counted(row["size" + which]))
