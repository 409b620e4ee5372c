"""Decides which column of a source feeds which field: as the caller said, else by name, else by values.

Decides once per source, from its first rows.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from veche.core.errors import NoTextColumn
from veche.intake.dates import can_read_dates
from veche.intake.headers import FIELDS, field_of, may_be_text, shown, text_language
from veche.intake.model import Mapped, Source

#: Below this many rows, shares of distinct values say nothing.
_ENOUGH_ROWS = 20
#: A column named as an id with fewer distinct values than this is none.
_ID_DISTINCT = 0.5
#: A title repeats less than a label such as "Roads".
_TITLE_DISTINCT = 0.3
#: Names that are titles in one office and topics in the next.
_DOUBTFUL_TITLES = ("тема", "тема обращения", "subject")
_LANGUAGE_ORDER = ("ru", "en")
_WORDS = r"\S+\s+\S+\s+\S+"
#: Left by pandas; a row number that means nothing outside the file.
_PANDAS_INDEX = "__index_level_"

Choice = Callable[[pa.Table, Mapping[str, list[str]], Source], list[str]]


@dataclass
class Plan:
    """Which columns feed which field.

    `columns` goes from field to its columns: those of `text` and `territory` are joined, of others the
    first that is filled counts. `languages` is not empty where the text columns are one text in
    several languages; then, too, the first that is filled counts.
    """

    columns: dict[str, list[str]] = field(default_factory=dict)
    how: dict[str, str] = field(default_factory=dict)
    languages: list[str] = field(default_factory=list)

    def used(self) -> set[str]:
        """Return the columns that feed a field."""
        return {c for columns in self.columns.values() for c in columns}

    def shown(self) -> dict[str, Mapped]:
        """Return the mapping for the manifest."""
        return {f: Mapped("+".join(c), self.how[f]) for f, c in self.columns.items() if c}

    def set(self, name: str, columns: Sequence[str], how: str) -> None:
        """Feed a field from columns."""
        if columns:
            self.columns[name] = list(columns)
            self.how[name] = how


def split_names(value: str, *, known: Sequence[str]) -> list[str]:
    """Return the columns of "A+B"; a plus sign within a known name is left alone."""
    return [value] if value in known else [part.strip() for part in value.split("+") if part.strip()]


def find_column(name: str, *, known: Sequence[str]) -> str | None:
    """Return the column of that name, by itself or without regard to case and outer blanks."""
    if name in known:
        return name
    wanted = name.strip().casefold()
    return next((k for k in known if k.strip().casefold() == wanted), None)


def make_plan(
    sample: pa.Table,
    *,
    given: Mapping[str, str],
    report: Source,
    named_only: bool = False,
    reserved: Sequence[str] = (),
) -> Plan:
    """Return the plan for a source whose first rows are `sample` (columns of strings, mostly).

    `given` goes from field to "column" or "A+B", or to "" for a field to be left out. `named_only`
    turns guessing by values off. The columns of `reserved` feed a field only where `given` says so.
    Raises `NoTextColumn`.
    """
    names = sample.column_names
    plan = Plan()
    _take_given(plan, given, names=names, report=report)
    taken = plan.used() | {find_column(name, known=names) for name in reserved}
    free = [n for n in names if n not in taken and not n.startswith(_PANDAS_INDEX)]
    if "text" not in given:
        _find_text(plan, sample, free, guess=not named_only)
    if not plan.columns.get("text"):
        raise NoTextColumn(source=report.name, columns=shown(names))
    by_field = _by_field([n for n in free if n not in plan.used()])
    for name in FIELDS:
        if name not in given and name != "text":
            plan.set(name, _CHOICES[name](sample, by_field, report), "named")
    if "title" in plan.columns and plan.how["text"] == "given" and plan.how["title"] != "given":
        del plan.columns["title"]
    return plan


def _take_given(plan: Plan, given: Mapping[str, str], *, names: list[str], report: Source) -> None:
    for name, value in given.items():
        wanted = split_names(value, known=names)
        found = [find_column(w, known=names) for w in wanted]
        report.warn("column_not_found", found.count(None))
        plan.set(name, [f for f in found if f], "given")


def _by_field(names: list[str]) -> dict[str, list[str]]:
    places: dict[str, list[tuple[int, int, str]]] = {}
    for i, name in enumerate(names):
        found = field_of(name)
        if found:
            places.setdefault(found[0], []).append((found[1], i, name))
    return {f: [name for _, _, name in sorted(entries)] for f, entries in places.items()}


def _find_text(plan: Plan, sample: pa.Table, free: list[str], *, guess: bool) -> None:
    named = _by_field(free).get("text", [])
    exact = next((n for n in named if _reads_as_text(sample[n])), named[0] if named else None)
    if exact and (_reads_as_text(sample[exact]) or not guess):
        return plan.set("text", [exact], "named")
    tongues = {n: t for n in free if (t := text_language(n))}
    if tongues:
        order = sorted(tongues, key=lambda n: (_rank(tongues[n]), free.index(n)))
        plan.languages = [tongues[n] for n in order]
        return plan.set("text", order, "named")
    scores = {n: prose(sample[n]) for n in free}
    hinted = [n for n in free if may_be_text(n) and (scores[n] or sample.num_rows < _ENOUGH_ROWS)]
    if hinted:
        return plan.set("text", [max(hinted, key=lambda n: scores[n])], "named")
    if exact:
        return plan.set("text", [exact], "named")
    best = max(free, key=lambda n: scores[n], default=None) if guess else None
    if best is not None and scores[best]:
        plan.set("text", [best], "guessed")
    return None


def _rank(language: str) -> int:
    return _LANGUAGE_ORDER.index(language) if language in _LANGUAGE_ORDER else len(_LANGUAGE_ORDER)


def _filled(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """The cells of a column of strings that are not blank."""
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return None
    column = column.drop_null()
    return column.filter(pc.not_equal(pc.utf8_trim_whitespace(column), ""))


def _reads_as_text(column: pa.ChunkedArray) -> bool:
    filled = _filled(column)
    if filled is None or not len(filled):
        return False
    letters = pc.sum(pc.match_substring_regex(filled, r"\pL{2}")).as_py()
    return letters * 2 >= len(filled)


def prose(column: pa.ChunkedArray) -> float:
    """Return how much a column reads as people's own words: mean length times share of distinct values.

    0 where fewer than half of the filled cells have three words, or where they are links.
    """
    filled = _filled(column)
    if filled is None or not len(filled):
        return 0.0
    length = pc.mean(pc.utf8_length(filled)).as_py()
    if length < 15:
        return 0.0
    many = pc.sum(pc.match_substring_regex(filled, _WORDS)).as_py() / len(filled)
    letters = pc.sum(pc.match_substring_regex(filled, r"\pL{3}")).as_py() / len(filled)
    links = pc.sum(pc.match_substring_regex(filled, r"^\s*(?:https?://|www\.)")).as_py() / len(filled)
    if many < 0.5 or letters < 0.5 or links > 0.5 or can_read_dates(filled):
        return 0.0
    return length * _distinct(filled)


def _distinct(filled: pa.ChunkedArray) -> float:
    return pc.count_distinct(filled).as_py() / len(filled) if len(filled) else 0.0


def _first(name: str) -> Choice:
    return lambda _sample, by_field, _report: by_field.get(name, [])[:1]


def _title(sample: pa.Table, by_field: Mapping[str, list[str]], _report: Source) -> list[str]:
    for name in by_field.get("title", []):
        filled = _filled(sample[name])
        doubtful = name.strip().casefold() in _DOUBTFUL_TITLES
        if filled is None or not len(filled):
            continue
        if len(filled) < _ENOUGH_ROWS:
            if not doubtful:
                return [name]
        elif _distinct(filled) >= (0.5 if doubtful else _TITLE_DISTINCT):
            return [name]
    return []


def _id(sample: pa.Table, by_field: Mapping[str, list[str]], report: Source) -> list[str]:
    for name in by_field.get("id", []):
        column = sample[name].drop_null()
        if len(column) < _ENOUGH_ROWS or _distinct(column) >= _ID_DISTINCT:
            return [name]
        report.warn("ids_not_unique")
    return []


def _received_at(sample: pa.Table, by_field: Mapping[str, list[str]], _report: Source) -> list[str]:
    names = by_field.get("received_at", [])
    readable = [n for n in names if pa.types.is_temporal(sample[n].type) or can_read_dates(sample[n])]
    return (readable or names)[:1]


def _territory(_sample: pa.Table, by_field: Mapping[str, list[str]], _report: Source) -> list[str]:
    return [n for level in (1, 2, 3) for n in by_field.get(f"territory:{level}", [])[:1]]


def _author(_sample: pa.Table, by_field: Mapping[str, list[str]], _report: Source) -> list[str]:
    return by_field.get("author", [])


_CHOICES: dict[str, Choice] = {name: _first(name) for name in FIELDS} | {
    "title": _title,
    "id": _id,
    "received_at": _received_at,
    "territory": _territory,
    "author": _author,
}
