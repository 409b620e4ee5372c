"""The sections of the report that give account: what stands out and what is urgent, how sure the machine
was, what it could not read, and how all this was made."""

from collections.abc import Mapping
from typing import Any

from veche.core import errors
from veche.core.i18n import _, ngettext
from veche.picture import news, trends
from veche.picture.cells import share
from veche.picture.facts import BANDS
from veche.picture.marks import marked
from veche.picture.material import Material
from veche.picture.voices import day_of
from veche.picture.words import label

#: How many bursts stand out.
_BURSTS_TOLD = 3

#: From this share of unsure topics on, the largest topic says more about the pack than about people.
_MOSTLY_UNSURE = 0.5


def standouts(m: Material) -> list[dict[str, str]]:
    """Return what stands out, in sentences: each with a tag that says why, and where to read on."""
    f, told = m.formats, []
    if not m.total:
        return []
    life = m.facts.urgent_counts.get("life", 0)
    if life:
        text = _("Appeals that may speak of a threat to life or health: {n}. Read them first.")
        told.append({"tag": "urgent", "text": text.format(n=f.number(life)), "link": "urgent"})
    for theme in [t for t in m.digests.get("themes", ()) if t.get("is_new")][:3]:
        first = day_of(theme.get("first_seen"))
        text = _("“{name}” appeared on {day}; appeals so far: {n}.") if first else _("“{name}”: {n} appeals.")
        day = f.day(first) if first else ""
        text = text.format(name=theme["name"], day=day, n=f.number(theme["size"]))
        told.append({"tag": "new", "text": text, "link": "new"})
    told += _bursts(m)
    if m.days is not None and (peak := trends.peak(m.days)):
        text = _("{day} was the busiest day against the usual: {n} appeals instead of about {usual}.")
        text = text.format(day=f.day(peak[0]), n=f.number(peak[1]), usual=f.number(round(peak[2])))
        told.append({"tag": "peak", "text": text, "link": "time"})
    return told + _largest(m)


def _bursts(m: Material) -> list[dict[str, str]]:
    """Return the surest bursts."""
    told = news.alerts(m)[:_BURSTS_TOLD]
    return [{"tag": "rising", "text": burst["text"], "link": "new"} for burst in told]


def _largest(m: Material) -> list[dict[str, str]]:
    tops = sorted(
        (r for r in m.cells.rows("topic") if r["topic"] and not _parent(m, r["topic"])),
        key=lambda r: (-r["count"], r["topic"]),
    )
    unsure = share(m.facts.left or 0, m.total)
    if unsure > _MOSTLY_UNSURE:
        text = _("For {share} of the appeals no topic is sure: the topics of this pack may not fit them.")
        return [{"tag": "unsure", "text": text.format(share=m.formats.share(unsure)), "link": "sureness"}]
    if not tops:
        return []
    text = _("Most appeals are about “{name}”: {n}, or {share} of all.")
    name, n = m.topic(tops[0]["topic"]), tops[0]["count"]
    text = text.format(name=name, n=m.formats.number(n), share=m.formats.share(share(n, m.total)))
    return [{"tag": "largest", "text": text, "link": "topics"}]


def _parent(m: Material, code: str) -> str:
    node = m.pack.topics.get(code)
    return node.parent if node else ""


def urgent(m: Material) -> dict[str, Any]:
    """Return the urgent appeals with the words that were the reason."""
    rows = [
        {
            "id": row["appeal_id"],
            "urgency": row["urgency"],
            "label": label("urgency", row["urgency"]),
            "confidence": row["urgency_confidence"],
            "pieces": marked(
                row["masked_text"] or "", masks=row["masks"] or (), evidence=row["urgency_evidence"] or ()
            ),
            "day": m.local_day(row["received_at"]),
            "place": m.place(row["place"]) if row["place"] else "",
            "language": row["language"],
        }
        for row in m.facts.urgent
    ]
    counts = [(label("urgency", k), n) for k, n in sorted(m.facts.urgent_counts.items(), reverse=True)]
    return {"rows": rows, "counts": counts, "total": sum(m.facts.urgent_counts.values())}


def sureness(m: Material) -> dict[str, Any] | None:
    """Return, per facet, the shares of the bands of confidence; the lowest is left to people."""
    if not m.facts.sureness or not m.total:
        return None
    f = m.formats
    ends = (*BANDS[1:], 1.0)
    bands = [
        f"{f.number(low * 100)}–{f.number(high * 100)}{f.space}%"
        for low, high in zip(BANDS, ends, strict=True)
    ]
    rows = []
    for one in m.facts.sureness:
        counts = [*reversed(one.bands), one.nothing]
        rows.append(
            {
                "label": label("facet", one.facet),
                "counts": counts,
                "shares": [share(n, m.total) for n in counts],
                "left": share(one.bands[0], m.total),
            }
        )
    names = [*reversed(bands), _("Nothing found")]
    chart = {
        "type": "stack",
        "names": [r["label"] for r in rows],
        "series": [{"name": name, "values": [r["counts"][i] for r in rows]} for i, name in enumerate(names)],
        "total": m.total,
        "label": _("Decisions by confidence"),
    }
    return {"names": names, "rows": rows, "chart": chart, "threshold": BANDS[1]}


def unread(m: Material) -> dict[str, Any]:
    """Return what could not be taken, by reason, and what could not be understood, by what is missing."""
    names = {
        "language": _("Language not recognised"),
        "topic": _("No topic found"),
        "place": _("No place found"),
        "body": _("No responsible body found"),
        "error": _("A stage failed on the appeal"),
    }
    reasons = m.manifest.get("reject_reasons", {})
    rejects = [
        {"code": code, "text": _reason(code), "count": n}
        for code, n in sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    ]
    gaps = [
        {"label": names[name], "count": n, "share": share(n, m.total)}
        for name, n in m.facts.unread.items()
        if n or name != "error"
    ]
    return {"rejects": rejects, "gaps": gaps, "rejected": m.manifest.get("counts", {}).get("rejected", 0)}


class _Dots(dict[str, str]):
    """Stands for facts that a summary does not have."""

    def __missing__(self, key: str) -> str:
        return "…"


def _reason(code: str) -> str:
    """Return the message of an error by its code, without the facts of a single case."""
    waiting: list[type[errors.VecheError]] = [errors.VecheError]
    while waiting:
        cls = waiting.pop()
        if cls.code == code:
            return _(cls.message).format_map(_Dots())
        waiting += cls.__subclasses__()
    return code


def how_made(m: Material) -> dict[str, Any]:
    """Return inputs, versions, times and fallbacks, as the manifest has them."""
    manifest = m.manifest
    inputs = [
        {**source, "pairs": [(f, _column(c)) for f, c in sorted((source.get("mapping") or {}).items())]}
        for source in manifest.get("inputs", ())
    ]
    stages = [
        {
            **stage,
            "label": label("step", stage["name"]),
            "version": stage.get("version", ""),
            "notes": _notes(stage),
            "ran": stage.get("status", "ran") != "skipped",
        }
        for stage in manifest.get("stages", ())
    ]
    steps = [{"label": label("step", name), "seconds": s} for name, s in manifest.get("steps", {}).items()]
    pack = manifest.get("pack", {})
    return {
        "inputs": inputs,
        "stages": stages,
        "steps": steps,
        "facts": [
            (_("Veche"), manifest.get("veche", "")),
            (_("Pack"), f"{pack.get('code', '')} {pack.get('version', '')}".strip()),
            (_("Seed"), manifest.get("seed", "")),
            (_("Machine"), _machine(manifest.get("machine", {}))),
        ],
    }


def _column(mapped: Any) -> str:
    """Return the column out of a mapping: its name alone, or its name and how it was found."""
    return mapped if isinstance(mapped, str) else str(mapped[0])


def _machine(machine: Mapping[str, Any]) -> str:
    """Return the machine in a line."""
    system = f"{machine.get('system', '')} {machine.get('processor', '')}".strip()
    python = f"Python {machine['python']}" if "python" in machine else ""
    cores, workers = machine.get("cores"), machine.get("workers")
    counted = [
        ngettext("{n} core", "{n} cores", cores).format(n=cores) if cores else "",
        ngettext("{n} worker", "{n} workers", workers).format(n=workers) if workers else "",
    ]
    return ", ".join(part for part in (system, *counted, python) if part)


def _notes(stage: Mapping[str, Any]) -> str:
    """Return why a stage was skipped and what it did without."""
    fell_back = stage.get("fell_back") or {}
    if isinstance(fell_back, Mapping):
        notes = [f"{column}: {_(instead)}" for column, instead in fell_back.items()]
    else:
        notes = [str(fell_back)] if isinstance(fell_back, str) else [str(x) for x in fell_back]
    return "; ".join([*([_why(stage["reason"])] if stage.get("reason") else []), *notes])


def _why(reason: str) -> str:
    """Return in words why a stage was skipped, as the plan of a run notes it."""
    if reason == "asked":
        return _("left out as asked")
    names = [label("step", name) for name in reason.removeprefix("needs ").split(", ")]
    return _("needs what was left out: {names}").format(names=", ".join(names))
