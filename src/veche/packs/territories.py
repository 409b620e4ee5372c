"""Reads `territories.csv` and the forms of its names in `forms.tsv`.

Without `forms.tsv` the names themselves are the forms, which is right for languages without cases.
The forms of inflected languages are made by `veche.packs.forms` when the pack is built.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

from veche.core.i18n import _
from veche.core.text import fold
from veche.packs.files import File
from veche.packs.model import LEVELS, Territory
from veche.packs.parts import Origins
from veche.packs.problems import Problems
from veche.packs.tables import CODE, TAG

FILE = "territories.csv"
FORMS = "forms.tsv"

#: Registers whose codes a territory may carry, as columns of that name.
REGISTERS = ("kladr", "fias", "okato", "oktmo", "iso")

_PLAIN = ("code", "parent", "level", "context_names", "population", "lat", "lon", "timezone", *REGISTERS)
_BY_LANGUAGE = re.compile(rf"(title|names)_({TAG.pattern})")

#: Forms in forms.tsv: plain, weak, adjectives.
Forms = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]


def read(folder: Path, problems: Problems, *, origins: Origins | None = None) -> dict[str, Territory]:
    """Return the territories of the pack in `folder` by code, in the order of the file.

    Where each was written is added to `origins`, if given.
    """
    path = folder / FILE
    if not path.exists():
        return {}
    file = File(folder, path, problems)
    forms = _read_forms(folder, problems)
    territories: dict[str, Territory] = {}
    for line, row in _rows(file):
        territory = _territory(file, line, row, forms)
        if territory.code in territories:
            file.problem(
                line,
                _("The code “{code}” is used twice.").format(code=territory.code),
                _("Give each its own code."),
            )
        elif territory.code:
            territories[territory.code] = territory
            if origins is not None:
                origins["territory", territory.code] = (FILE, line)
    for code in forms:
        if code not in territories:
            problems.add(
                FORMS,
                1,
                _("“{code}” is not in {file}.").format(code=code, file=FILE),
                _("Make the forms again: python tools/build_pack.py PACK"),
            )
    return territories


def _rows(file: File) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.reader(file.text.splitlines(), strict=True)
    try:
        header = next(reader, [])
        for name in header:
            if name not in _PLAIN and not _BY_LANGUAGE.fullmatch(name):
                file.problem(
                    1,
                    _("“{key}” is not known here.").format(key=name),
                    _("Known are: {known}.").format(known=", ".join((*_PLAIN, "title_XX", "names_XX"))),
                )
        for name in ("code", "parent", "level"):
            if name not in header:
                file.problem(1, _("“{key}” is missing.").format(key=name), _("Add the column."))
                return
        for row in reader:
            if len(row) == len(header):
                yield reader.line_num, dict(zip(header, row, strict=True))
            elif row:
                file.problem(
                    reader.line_num,
                    _("This row has {n} cells, the header {m}.").format(n=len(row), m=len(header)),
                    _("Put a text that holds a comma into quotation marks."),
                )
    except csv.Error as error:
        file.problem(
            reader.line_num,
            _("This is not valid CSV: {reason}.").format(reason=_(str(error))),
            _("Look for a quotation mark that is not closed."),
        )


def _territory(file: File, line: int, row: dict[str, str], forms: dict[str, Forms]) -> Territory:
    code = row["code"]
    if not CODE.fullmatch(code):
        file.problem(
            line,
            _("“{value}” is not a code.").format(value=code),
            _("Use lower-case Latin letters, digits, hyphens and dots."),
        )
        code = ""
    level = row["level"]
    if level not in LEVELS:
        file.problem(
            line,
            _("“{value}” is not a value of “{key}”.").format(value=level, key="level"),
            _("Use one of: {allowed}.").format(allowed=", ".join(LEVELS)),
        )
    title = {k[6:]: v for k, v in row.items() if v and k.startswith("title_")}
    names = {k[6:]: _split(v) for k, v in row.items() if v and k.startswith("names_")}
    weak_names = _split(row.get("context_names", ""))
    plain, weak, adjectives = forms.get(code) or (plain_forms(title, names), _folded(weak_names), ())
    return Territory(
        code=code,
        parent=row["parent"],
        level=level,
        title=title,
        names=names,
        forms=plain,
        weak_forms=weak,
        adjectives=adjectives,
        context_names=weak_names,
        population=_population(file, line, row.get("population", "")),
        lat=_degrees(file, line, "lat", row.get("lat", ""), limit=90),
        lon=_degrees(file, line, "lon", row.get("lon", ""), limit=180),
        timezone=row.get("timezone", ""),
        codes={k: row[k] for k in REGISTERS if row.get(k)},
    )


def plain_forms(title: dict[str, str], names: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return titles and names as forms: folded, each once."""
    return _folded((*title.values(), *(name for several in names.values() for name in several)))


def _folded(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fold(name) for name in names))


def _split(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split("|") if part.strip())


def _population(file: File, line: int, cell: str) -> int | None:
    if not cell:
        return None
    if cell.isascii() and cell.isdigit():
        return int(cell)
    file.problem(
        line, _("“{key}” is not a number.").format(key="population"), _("Write 12500 or leave it empty.")
    )
    return None


def _degrees(file: File, line: int, key: str, cell: str, *, limit: int) -> float | None:
    if not cell:
        return None
    try:
        value = float(cell)
    except ValueError:
        value = float("nan")
    if abs(value) <= limit:
        return value
    file.problem(
        line, _("“{key}” is not a number of degrees.").format(key=key), _("Write 55.75 or leave it empty.")
    )
    return None


def _read_forms(folder: Path, problems: Problems) -> dict[str, Forms]:
    path = folder / FORMS
    if not path.exists():
        return {}
    file = File(folder, path, problems)
    found: dict[str, Forms] = {}
    for number, line in enumerate(file.text.splitlines(), 1):
        if line.startswith("#") or not line:
            continue
        cells = line.split("\t")
        if len(cells) != 4:
            file.problem(
                number,
                _("This row has {n} cells, the header {m}.").format(n=len(cells), m=4),
                _("Make the forms again: python tools/build_pack.py PACK"),
            )
            continue
        plain, weak, adjectives = (tuple(cell.split("|")) if cell else () for cell in cells[1:])
        found[cells[0]] = (plain, weak, adjectives)
    return found
