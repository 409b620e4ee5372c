"""The appeals of a finished run as the audit needs them: voices, their groups, and texts when asked for.

Holds a few numbers per appeal; texts are read part by part, so memory does not grow with their length.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from veche.core.errors import UsageError
from veche.core.i18n import _
from veche.stages.repeats import text_hash

#: Dimensions that an audit looks at, by the columns that hold them.
DIMENSIONS = {"theme": "theme", "territory": "place", "group": "group", "language": "language",
              "channel": "channel"}  # fmt: skip

#: The dimension of a column that the user names without saying what it is.
OPINION = "opinion"

_NEEDED = ("appeal_id", "masked_text")

Codes = tuple[np.ndarray, list[str]]


@dataclass(frozen=True)
class Appeals:
    """All appeals of a run in the order of its parts, those of `speaks` with something to represent.

    Per appeal: `text` int64, the number of its text (near copies share one); `person` int64, its author,
    a number of its own where unknown. `groups` maps a dimension to codes (-1 for not known) and values.
    """

    parts: tuple[Path, ...]
    offsets: np.ndarray
    ids: pa.Array
    text: np.ndarray
    person: np.ndarray
    speaks: np.ndarray
    groups: Mapping[str, Codes]

    def __len__(self) -> int:
        return len(self.text)

    def voices(self) -> np.ndarray:
        """Return the appeals (sorted) that are the first of each person with each text, if they speak."""
        rows = np.flatnonzero(self.speaks)
        pairs = np.stack([self.text[rows], self.person[rows]])
        first = np.unique(pairs, axis=1, return_index=True)[1]
        return np.sort(rows[first])

    def texts(self, appeals: np.ndarray) -> list[str]:
        """Return the masked texts of the sorted `appeals`."""
        found: list[str] = []
        cuts = np.searchsorted(appeals, self.offsets)
        for part, begin, a, b in zip(self.parts, self.offsets, cuts, cuts[1:], strict=False):
            if b > a:
                column = pq.read_table(part, columns=["masked_text"]).column(0)
                found += [text or "" for text in column.take(pa.array(appeals[a:b] - begin)).to_pylist()]
        return found

    def all_texts(self) -> Iterator[tuple[int, list[str]]]:
        """Yield, part by part, the number of its first appeal and all its masked texts."""
        for part, begin in zip(self.parts, self.offsets[:-1].tolist(), strict=True):
            column = pq.read_table(part, columns=["masked_text"]).column(0)
            yield begin, [text or "" for text in column.to_pylist()]


def read(folder: Path, *, columns: Mapping[str, str], regions: Mapping[str, str] | None = None) -> Appeals:
    """Read the appeals of a run from its output folder, or from the folder `appeals` inside it.

    `columns` maps further dimensions to columns of the run or of the source (those in `kept`). `regions`
    maps codes of territories to those that the audit counts by.

    Raises:
        UsageError: the folder holds no appeals, or none of them has a column of that name.
    """
    inner = folder / "appeals"
    parts = tuple(sorted((inner if inner.is_dir() else folder).glob("*.parquet")))
    if not parts:
        raise UsageError(
            problem=_("{path} holds no appeals: name the output folder of a run.").format(path=folder)
        )
    tables = [_read(part, {**DIMENSIONS, **columns}) for part in parts]
    table = pa.concat_tables(tables)
    if not len(table):
        raise UsageError(problem=_("{path} holds no appeals: all were rejected.").format(path=folder))
    groups = {name: _codes(table[name]) for name in (*DIMENSIONS, *columns) if name in table.column_names}
    for name, column in columns.items():
        if groups[name][0].max(initial=-1) < 0:
            known = ", ".join(_known_columns(parts))
            raise UsageError(
                problem=_("No appeal has a column “{column}”. There are: {known}.").format(
                    column=column, known=known
                )
            )
    if regions is not None:
        groups["territory"] = _within(groups["territory"], regions)
    text = _with_copies(_number(table["hash"]), table)
    return Appeals(
        parts=parts,
        offsets=np.cumsum([0, *(len(t) for t in tables)]),
        ids=table["appeal_id"].combine_chunks(),
        text=text,
        person=_people(table),
        speaks=_speaks(folder, parts[0].parent.parent, groups.get("theme")),
        groups={name: codes for name, codes in groups.items() if codes[0].max(initial=-1) >= 0},
    )


def _read(part: Path, dimensions: Mapping[str, str]) -> pa.Table:
    names = pq.read_schema(part).names
    if any(name not in names for name in _NEEDED):
        raise UsageError(problem=_("{path} is no file of appeals: it has no column “{column}”.").format(
            path=part, column=next(name for name in _NEEDED if name not in names)
        ))  # fmt: skip
    wanted = {*_NEEDED, "author", "copy_of", "kept", *dimensions.values()} & set(names)
    read = pq.read_table(part, columns=sorted(wanted))
    normal = (" ".join((text or "").casefold().split()) for text in read["masked_text"].to_pylist())
    table = pa.table(
        {
            "appeal_id": read["appeal_id"].cast(pa.string()),
            "hash": pa.array(np.fromiter(map(text_hash, normal), np.uint64, len(read))),
        }
    )
    for name in ("author", "copy_of"):
        values = read[name].cast(pa.string()) if name in names else pa.nulls(len(read), pa.string())
        table = table.append_column(name, values)
    for name, column in dimensions.items():
        table = table.append_column(name, _column(read, column))
    return table


def _column(table: pa.Table, name: str) -> pa.ChunkedArray | pa.Array:
    if name in table.column_names and name != "kept":
        values = pc.cast(table[name], pa.string())
    elif "kept" in table.column_names and pa.types.is_map(table.schema.field("kept").type):
        values = pc.call_function(
            "map_lookup", [table["kept"]], pc.MapLookupOptions(pa.scalar(name), "first")
        )
    else:
        return pa.nulls(len(table), pa.string())
    return pc.if_else(pc.equal(values, ""), None, values)


def _known_columns(parts: Sequence[Path]) -> list[str]:
    kept = (
        pq.read_table(parts[0], columns=["kept"])["kept"] if "kept" in pq.read_schema(parts[0]).names else []
    )
    return sorted({key for row in kept for key, _value in (row.as_py() or [])}) + sorted(DIMENSIONS.values())


def _codes(column: pa.ChunkedArray) -> Codes:
    coded = column.combine_chunks().dictionary_encode()
    return pc.fill_null(coded.indices, -1).to_numpy().astype(np.int64), coded.dictionary.to_pylist()


def _within(codes: Codes, regions: Mapping[str, str]) -> Codes:
    code, values = codes
    named = sorted({region for value in values if (region := regions.get(value))})
    at = {region: i for i, region in enumerate(named)}
    table = np.array([*(at.get(regions.get(value, ""), -1) for value in values), -1])
    return table[code], named


def _number(hashes: pa.ChunkedArray) -> np.ndarray:
    return np.unique(hashes.to_numpy(), return_inverse=True)[1].astype(np.int64)


def _with_copies(text: np.ndarray, table: pa.Table) -> np.ndarray:
    """Give near copies the number of the text that they copy."""
    found = pc.call_function(
        "index_in",
        [table["copy_of"].combine_chunks()],
        pc.SetLookupOptions(table["appeal_id"].combine_chunks()),
    )
    original = pc.fill_null(found, -1).to_numpy().astype(np.int64)
    return np.where(original >= 0, text[original], text)


def _people(table: pa.Table) -> np.ndarray:
    code, values = _codes(table["author"])
    return np.where(code >= 0, code, len(values) + np.arange(len(code)))


def _speaks(folder: Path, parent: Path, themes: Codes | None) -> np.ndarray:
    """Which appeals say something: those of themes that are marked as empty answers do not."""
    path = next((p / "themes.parquet" for p in (folder, parent) if (p / "themes.parquet").is_file()), None)
    assert themes is not None
    code, values = themes
    if path is None or "says_nothing" not in pq.read_schema(path).names:
        return np.ones(len(code), bool)
    table = pq.read_table(path, columns=["theme", "says_nothing"])
    silent = set(table.filter(table["says_nothing"])["theme"].to_pylist())
    table_of = np.array([*(value not in silent for value in values), True])
    return table_of[code]
