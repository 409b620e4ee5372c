"""What is to be learnt: which columns of a spreadsheet hold the labels of which facet.

A person writes `NAME=COLUMNS`, and COLUMNS as they see them in the sheet: one column (`Тема`), levels from
the top (`Раздел+Тема`), a stretch of columns (`First:Last`), or all whose names begin alike (`Theme *`).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from veche.core.errors import NoLabelColumn, UsageError
from veche.core.i18n import _
from veche.intake.headers import shown
from veche.intake.mapping import find_column, split_names

#: So many columns are named where the one that was asked for is not there: the right one shall be among them.
_MOST_NAMED = 500


@dataclass(frozen=True)
class Wanted:
    """One facet to be learnt. `columns` is what the person wrote; in a `multi` facet an appeal may have
    several labels; `path` parts the levels within a cell ("ЖКХ > Вода"), "" for none."""

    facet: str
    columns: str
    multi: bool = False
    path: str = ""


def wanted_of(
    labels: Mapping[str, str], *, multi: Collection[str] = (), paths: Mapping[str, str] | None = None
) -> list[Wanted]:
    """Return what is asked for: `labels` goes from facet to columns, `paths` from facet to separator.

    Raises:
        UsageError: no facet is asked for, or `multi` or `paths` names one that has no label.
    """
    paths = paths or {}
    if not labels:
        raise UsageError(problem=_("Name what to learn, for example: --label topic=“column name”."))
    for option, names in (("--multi", multi), ("--path", paths)):
        for name in names:
            if name not in labels:
                problem = _("{option} names “{name}”, and no --label does.")
                raise UsageError(problem=problem.format(option=option, name=name))
    return [
        Wanted(facet, column, multi=facet in multi, path=paths.get(facet, "").strip())
        for facet, column in labels.items()
    ]


def resolve(wanted: Wanted, headers: Sequence[tuple[str, Sequence[str]]]) -> tuple[str, ...]:
    """Return the names of the columns that are meant, in the order of the sheet.

    `headers` are names of sources with their columns; the first that has what is asked for counts.

    Raises:
        NoLabelColumn: no source has them.
        UsageError: many columns are meant where an appeal has one label.
    """
    filled = [(source, names) for source, names in headers if names]
    for _source, names in filled:
        found = _columns(wanted, names)
        if found and None not in found:
            return _unless_many(wanted, [name for name in found if name])
    source, names = filled[0] if filled else (headers[0][0] if headers else "", ["–"])
    raise NoLabelColumn(
        source=source,
        column=_missing(wanted, names),
        facet=wanted.facet,
        columns=shown(list(names), most=_MOST_NAMED),
    )


def _unless_many(wanted: Wanted, columns: list[str]) -> tuple[str, ...]:
    """Return the columns; many are levels only where written so, else an appeal has several labels."""
    if len(columns) > 1 and not wanted.multi and "+" not in wanted.columns:
        problem = _("“{columns}” are {count} columns: add --multi {facet}, or name one of them.")
        raise UsageError(
            problem=problem.format(columns=wanted.columns, count=len(columns), facet=wanted.facet)
        )
    return tuple(columns)


def _columns(wanted: Wanted, names: Sequence[str]) -> list[str | None]:
    asked = wanted.columns.strip()
    whole = find_column(asked, known=names)
    if whole is not None:
        return [whole]
    if asked.endswith("*"):
        prefix = asked[:-1].strip().casefold()
        return [name for name in names if name.strip().casefold().startswith(prefix)]
    for at in (i for i, letter in enumerate(asked) if letter == ":"):
        first, last = (find_column(part, known=names) for part in (asked[:at], asked[at + 1 :]))
        if first is not None and last is not None:
            low, high = sorted((names.index(first), names.index(last)))
            return list(names[low : high + 1])
    return [find_column(part, known=names) for part in split_names(asked, known=names)]


def _missing(wanted: Wanted, names: Sequence[str]) -> str:
    parts = split_names(wanted.columns.strip(), known=names)
    return next((p for p in parts if find_column(p, known=names) is None), wanted.columns)
