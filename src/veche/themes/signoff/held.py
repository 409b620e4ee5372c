"""What the folder of a finished run holds about themes: as the machine found them, and as signed.

The first sign-off puts the machine's own result aside in `signed/machine/`, so that every later one
starts from it. Each sign-off leaves one numbered file in `signed/`; none is overwritten.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from veche.core.errors import NoThemes
from veche.themes.result import ASSIGNMENTS, Themes
from veche.themes.signoff.decisions import Decision, Decisions

#: Holds what was signed: `1.json`, `2.json` ... and the folder `machine`.
SIGNED = "signed"

_MACHINE = "machine"
_DIGEST = "digest.json"
_COLUMNS = {"theme": "theme", "subtheme": "subtheme", "strength": "theme_confidence"}


@dataclass(frozen=True)
class Held:
    """The themes of the run in `folder`.

    `machine` are the themes as the machine found them, `shown` the assignments in force (the
    `ASSIGNMENTS` schema, in part order). `run` marks the machine's result: equal for equal results.
    `number` counts the sign-offs so far, `signed` is the last of them.
    """

    folder: Path
    machine: Themes
    shown: pa.Table
    run: str
    number: int
    signed: dict[str, Any] | None

    @property
    def names(self) -> dict[str, str]:
        """The machine's names of the themes (not of subthemes) by code."""
        return {t["theme"]: t["name"] for t in self.machine.digests["themes"]}

    @property
    def part_names(self) -> dict[str, str]:
        """The names that were made for themes which people split off, by code."""
        return self.signed["parts"] if self.signed else {}

    def last_decisions(self) -> Decisions:
        """Return what was signed last, nothing where nothing was."""
        told = self.signed["decisions"] if self.signed else {}
        read = {code: Decision(**{**d, "split": tuple(d["split"])}) for code, d in told.items()}
        return Decisions(read, folder=str(self.folder))


def parts_of(folder: Path) -> tuple[Path, ...]:
    """Return the parts of the wide table of appeals in the folder of a run."""
    return tuple(sorted((folder / "appeals").glob("part-*.parquet")))


def read_held(folder: Path) -> Held:
    """Read the themes of the finished run in `folder`.

    Raises:
        NoThemes: there is no finished run with themes.
    """
    if not (folder / "manifest.json").is_file():
        raise NoThemes(path=folder)
    return held_in(folder)


def held_in(folder: Path) -> Held:
    """Read the themes of the run in `folder`, which may have steps to go.

    Raises:
        NoThemes: there are no themes, or no appeals.
    """
    parts = parts_of(folder)
    if not parts or not all((folder / name).is_file() for name in ("themes.parquet", "digests.json")):
        raise NoThemes(path=folder)
    aside = folder / SIGNED / _MACHINE
    source = aside if aside.is_dir() else folder
    shown = pa.concat_tables([_shown(part) for part in parts])
    kept = aside / "assignments.parquet"
    assignments = pq.read_table(kept).cast(ASSIGNMENTS) if kept.is_file() else shown
    table = source / "themes.parquet"
    machine = Themes(
        assignments=assignments,
        table=pq.read_table(table),
        digests=orjson.loads((source / "digests.json").read_bytes()),
        digest=_digest(source, folder),
    )
    numbers = [int(path.stem) for path in (folder / SIGNED).glob("*.json") if path.stem.isdecimal()]
    number = max(numbers, default=0)
    signed = json.loads(_sheet(folder, number).read_text("utf-8")) if number else None
    return Held(folder, machine, shown, _mark(table), number, signed)


def set_machine_aside(held: Held) -> None:
    """Keep the machine's themes in `signed/machine/`, once."""
    aside = held.folder / SIGNED / _MACHINE
    if aside.is_dir():
        return
    begun = aside.with_name("machine.part")
    begun.mkdir(parents=True, exist_ok=True)
    for name in ("themes.parquet", "digests.json", _DIGEST):
        if (held.folder / name).is_file():
            (begun / name).write_bytes((held.folder / name).read_bytes())
    pq.write_table(held.machine.assignments, begun / "assignments.parquet", compression="zstd")
    begun.replace(aside)


def write_sheet(held: Held, sheet: dict[str, Any]) -> Path:
    """Write the next numbered file of `signed/` and return its path."""
    path = _sheet(held.folder, held.number + 1)
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(sheet, ensure_ascii=False, indent=2) + "\n", "utf-8")
    return path


def _sheet(folder: Path, number: int) -> Path:
    return folder / SIGNED / f"{number}.json"


def _digest(*folders: Path) -> list[dict[str, Any]] | None:
    """The quotations of the whole run, from the first of the folders that holds some."""
    found = next((f / _DIGEST for f in folders if (f / _DIGEST).is_file()), None)
    return orjson.loads(found.read_bytes()) if found else None


def _shown(part: Path) -> pa.Table:
    table = pq.read_table(part, columns=["appeal_id", *_COLUMNS.values()])
    columns = {name: table[column] for name, column in _COLUMNS.items()}
    return pa.table({"appeal_id": table["appeal_id"], **columns}).cast(ASSIGNMENTS)


def _mark(table: Path) -> str:
    return hashlib.blake2b(table.read_bytes(), digest_size=8).hexdigest()
