"""Follows the decisions in the folder of a run, and records them as findings of a person.

In the long table the machine's findings stay; a person's follow them and outrank them, and of several
by people the later counts. The wide table shows what is in force. The maker is "person" and its version
the number of the sign-off; who signed stands in `signed/` alone.
"""

import datetime as dt
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from veche.core.finding import FINDING, SPAN
from veche.themes.result import Themes
from veche.themes.signoff.decisions import Decisions
from veche.themes.signoff.held import Held, parts_of, set_machine_aside, write_sheet
from veche.themes.signoff.outcome import outcome
from veche.themes.signoff.regroup import Regrouping, Tools, check_named, regroup

#: The maker of findings that a person decided.
PERSON = "person"

_FACET = "theme"


@dataclass(frozen=True)
class Signed:
    """What a sign-off came to: its number, how many appeals are elsewhere now, and the themes in force."""

    number: int
    moved: int
    themes: Themes


def follow(held: Held, decisions: Decisions, tools: Tools) -> Themes:
    """Return the themes that follow from `decisions`; nothing is written.

    Raises:
        SignoffError: a decision cannot be followed.
    """
    state = Regrouping(held.machine, parts_of(held.folder), tools)
    regroup(state, decisions)
    check_named(state, decisions)
    return outcome(state, decisions)


def sign(
    held: Held, decisions: Decisions, tools: Tools, *, by: str, at: dt.datetime, pack_version: str
) -> Signed:
    """Follow `decisions` in the folder of the run and record that `by` signed them at the instant `at`.

    Raises:
        SignoffError: a decision cannot be followed; nothing is written then.
    """
    themes = follow(held, decisions, tools)
    set_machine_aside(held)
    number = held.number + 1
    moved = pc.not_equal(themes.assignments[_FACET], held.shown[_FACET]).combine_chunks()
    start = 0
    for path in parts_of(held.folder):
        table = pq.read_table(path)
        mine = slice(start, start + len(table))
        new, is_moved = themes.assignments.slice(start, len(table)), moved.slice(start, len(table))
        start = mine.stop
        if is_moved.true_count:
            _add_findings(held.folder / "findings" / path.name, new.filter(is_moved), number, pack_version)
        _save(_renewed(table, new, is_moved, number), path)
    themes.write(held.folder)
    write_sheet(held, _sheet(held, decisions, themes, number=number, by=by, at=at))
    return Signed(number, moved.true_count, themes)


def _sheet(
    held: Held, decisions: Decisions, themes: Themes, *, number: int, by: str, at: dt.datetime
) -> dict[str, object]:
    made = {t["theme"]: t["name"] for t in themes.digests["themes"] if t["theme"] not in held.names}
    return {
        "number": number,
        "by": by,
        "at": at.isoformat(timespec="seconds"),
        "run": held.run,
        "parts": {code: name for code, name in made.items() if not decisions.of(code).name},
        "decisions": {code: asdict(decision) for code, decision in decisions.themes.items() if decision},
    }


def _renewed(table: pa.Table, new: pa.Table, moved: pa.Array, number: int) -> pa.Table:
    """The wide table with the themes in force."""
    columns = {
        "theme": new["theme"],
        "theme_confidence": new["strength"],
        "subtheme": new["subtheme"],
        "theme_maker": pc.if_else(moved, PERSON, table["theme_maker"]),
        "theme_version": pc.if_else(moved, str(number), table["theme_version"]),
    }
    for name, column in columns.items():
        place = table.schema.get_field_index(name)
        table = table.set_column(
            place, table.schema.field(place), column.cast(table.schema.field(place).type)
        )
    return table


def _add_findings(path: Path, moved: pa.Table, number: int, pack_version: str) -> None:
    n = len(moved)
    none = pa.ListArray.from_arrays(pa.array(np.zeros(n + 1, np.int32)), pa.array([], SPAN))
    same = {"facet": _FACET, "maker": PERSON, "maker_version": str(number), "pack_version": pack_version}
    columns = {
        "appeal_id": moved["appeal_id"],
        "matter": pa.array(np.zeros(n, np.int16)),
        "rank": pa.array(np.zeros(n, np.int8)),
        "value": moved["theme"],
        "confidence": moved["strength"],
        "evidence": none,
        **{name: pa.repeat(pa.scalar(value), n) for name, value in same.items()},
    }
    added = pa.table([columns[name] for name in FINDING.names], schema=FINDING)
    _save(pa.concat_tables([pq.read_table(path), added]), path)


def _save(table: pa.Table, path: Path) -> None:
    begun = path.with_suffix(".part")
    pq.write_table(table, begun, compression="zstd")
    begun.replace(path)
