"""The themes that follow from the decisions: rows, quotations and places, unchanged where nothing changed."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from veche.themes.assemble import RARE_CODE
from veche.themes.result import ASSIGNMENTS, Themes
from veche.themes.signoff.decisions import Decisions
from veche.themes.signoff.regroup import ASIDE, Regrouping, described, themes_in

Entry = dict[str, Any]


def outcome(state: Regrouping, decisions: Decisions) -> Themes:
    """Return the themes after `regroup` moved the appeals."""
    codes, changed = themes_in(state)
    fresh = recoded(described(state, codes, changed), codes, changed) if changed else None
    entries = _entries(state, codes, fresh, decisions)
    rows = _rows(state, entries, fresh)
    machine = state.machine
    digests = {**machine.digests, "themes": entries, "aside": _aside(state)}
    assignments = _assignments(state, changed, fresh)
    return Themes(
        assignments=assignments,
        table=pa.Table.from_pylist(rows, machine.table.schema),
        digests=digests,
        digest=None if machine.digest is None else _placed(machine.digest, assignments, entries),
    )


def _placed(digest: list[Entry], assignments: pa.Table, entries: list[Entry]) -> list[Entry]:
    """The quotations of the whole run, each where its appeal lies now; those of appeals that were set aside
    stand for nobody any more, and a side is told only in a theme that has sides."""
    rows = pc.call_function(
        "index_in",
        [pa.array([q["appeal_id"] for q in digest], pa.string())],
        pc.SetLookupOptions(assignments["appeal_id"].combine_chunks()),
    )
    places = assignments.take(rows).to_pylist()
    sided = {entry["theme"] for entry in entries if entry.get("positions")}
    return [
        {
            **quotation,
            "theme": place["theme"],
            "subtheme": place["subtheme"],
            "position": quotation["position"] if place["theme"] in sided else None,
        }
        for quotation, place in zip(digest, places, strict=True)
        if place["theme"] != ASIDE
    ]


def recoded(found: Themes, codes: list[str], changed: set[str]) -> Themes:
    """Return what `described` found out about the `changed` themes of `codes`, under their own codes."""
    own = dict(zip([t["theme"] for t in found.digests["themes"]], codes, strict=True))

    def renamed(code: str | None) -> str | None:
        if code is None or code in (RARE_CODE, ASIDE):
            return code
        theme, dot, sub = code.partition(".")
        return own[theme] + dot + sub

    entries = [
        {
            **t,
            "theme": own[t["theme"]],
            "subthemes": [{**s, "theme": renamed(s["theme"])} for s in t["subthemes"]],
        }
        for t in found.digests["themes"]
        if own[t["theme"]] in changed
    ]
    rows = [
        {**r, "theme": renamed(r["theme"]), "parent": renamed(r["parent"])} for r in found.table.to_pylist()
    ]
    rows = [r for r in rows if (r["parent"] or r["theme"]) in changed]
    table = pa.Table.from_pylist(rows, found.table.schema)
    columns = {}
    for name in ("theme", "subtheme"):
        column = found.assignments[name].combine_chunks().dictionary_encode()
        values = pa.array([renamed(v) for v in column.dictionary.to_pylist()], pa.string())
        columns[name] = values.take(column.indices)
    assignments = pa.table(
        [
            found.assignments["appeal_id"],
            columns["theme"],
            columns["subtheme"],
            found.assignments["strength"],
        ],
        schema=ASSIGNMENTS,
    )
    return Themes(assignments=assignments, table=table, digests={"themes": entries})


def _entries(state: Regrouping, codes: list[str], fresh: Themes | None, decisions: Decisions) -> list[Entry]:
    before = {t["theme"]: t for t in state.machine.digests["themes"]}
    renewed = {t["theme"]: t for t in fresh.digests["themes"]} if fresh else {}
    taken = {decisions.of(c).name or before[c]["name"] for c in codes if c in before}
    taken |= {decisions.of(c).name for c in codes}
    entries = []
    for code in codes:
        entry = renewed.get(code) or before[code]
        if decisions.of(code).name:
            name = decisions.of(code).name
        elif code in before:
            name = before[code]["name"]
        else:
            name = _untaken(entry, taken)
            taken.add(name)
        extra = {"pinned": decisions.of(code).pin, "decided": _decided(code, decisions)}
        entries.append({**entry, "name": name, **extra})
    return entries


def _untaken(entry: Entry, taken: set[str]) -> str:
    """A name for a new part that no other theme has."""
    words = ", ".join(entry["keywords"][:3])
    tried = [entry["name"], words, f"{entry['name']} ({entry['theme']})"]
    return next((name for name in tried if name and name not in taken), entry["theme"])


def _decided(code: str, decisions: Decisions) -> list[str]:
    """What people decided about a theme that is shown."""
    own = decisions.of(code)
    said = {
        "renamed": bool(own.name),
        "merged": any(d.into and decisions.end_of(c) == code for c, d in decisions.themes.items()),
        "split": bool(own.split),
        "part": "-" in code,
        "pinned": own.pin,
    }
    return [name for name, is_so in said.items() if is_so]


def _rows(state: Regrouping, entries: list[Entry], fresh: Themes | None) -> list[Entry]:
    before: dict[str, list[Entry]] = {}
    for row in state.machine.table.to_pylist():
        before.setdefault(row["parent"] or row["theme"], []).append(row)
    renewed: dict[str, list[Entry]] = {}
    for row in fresh.table.to_pylist() if fresh else ():
        renewed.setdefault(row["parent"] or row["theme"], []).append(row)
    rows = []
    for entry in entries:
        own = renewed.get(entry["theme"]) or before[entry["theme"]]
        rows += [{**r, "name": entry["name"]} if r["parent"] is None else r for r in own]
    return rows


def _aside(state: Regrouping) -> Entry:
    size, n = len(state.inside(ASIDE)), max(1, len(state.place))
    return {"size": size, "share": round(size / n, 6)}


def _assignments(state: Regrouping, changed: set[str], fresh: Themes | None) -> pa.Table:
    machine = state.machine.assignments
    theme = pa.array(state.codes, pa.string()).take(pa.array(state.place))
    aside = pa.array(state.place == state.number(ASIDE))
    subtheme = machine["subtheme"].combine_chunks()
    strength = machine["strength"].combine_chunks()
    if fresh is not None:
        numbers = [state.number(code) for code in changed]
        new = pa.array(np.isin(state.place, numbers))
        subtheme = pc.if_else(new, fresh.assignments["subtheme"].combine_chunks(), subtheme)
        strength = pc.if_else(new, fresh.assignments["strength"].combine_chunks(), strength)
    subtheme = pc.if_else(aside, pa.scalar(None, pa.string()), subtheme)
    strength = pc.if_else(aside, pa.scalar(0.0, pa.float32()), strength)
    return pa.table([machine["appeal_id"], theme, subtheme, strength], schema=ASSIGNMENTS)
