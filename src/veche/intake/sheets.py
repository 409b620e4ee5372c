"""Reads XLSX with openpyxl, row by row.

Formulas are never computed: a cell shows what the program that saved the file last saw. The first
sheet with a table is read, and every later sheet with the same header; others are counted as left out.
"""

import zipfile
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Any

import openpyxl

from veche.core.errors import ArchiveTooLarge, HeaderTooWide, RowTooWide, SourceDamaged, SourceEmpty
from veche.core.i18n import _
from veche.intake.columns import as_text, mixed, table, unique_names
from veche.intake.headers import field_of
from veche.intake.model import CHUNK_ROWS, MAX_COLUMNS, Chunk, RowReject
from veche.intake.opened import Opened

#: A sheet of a million rows unpacks to about 1 GB; the texts of all cells are held in memory at once.
MAX_UNPACKED_BYTES = 8 << 30
MAX_SHARED_TEXT_BYTES = 512 << 20
#: Ratios above this are no spreadsheet.
MAX_RATIO = 250
_FREE_BYTES = 64 << 20
#: Exports put a title and filters above the header.
_HEADER_WITHIN = 20

Row = Sequence[Any]


def read_sheets(source: Opened) -> Iterator[Chunk]:
    """Yield the rows of a workbook, numbered through all sheets that are read, blank ones not counted.

    Raises `SourceEmpty`, `SourceDamaged`, `ArchiveTooLarge`, `HeaderTooWide`.
    """
    name = source.report.name
    _check_size(source)
    try:
        book = openpyxl.load_workbook(source.seekable(), read_only=True, data_only=True)
        sheets = [s for s in book.worksheets if s.sheet_state == "visible"]
    except Exception as e:  # a damaged workbook makes the library fail in a dozen ways
        raise SourceDamaged(source=name, row=0) from e
    header: list[str] | None = None
    row = 1
    for number, sheet in enumerate(sheets):
        rows = _rows(sheet, name, row)
        found, rest = _find_header(rows)
        if found is None:
            continue
        if len(found) > MAX_COLUMNS:
            raise HeaderTooWide(source=name, columns=len(found), limit=MAX_COLUMNS)
        names = unique_names(found)
        if header is not None and names != header:
            source.report.warn("sheets_left_out")
            continue
        header = names
        for chunk in _chunks(rest, names=names, first=row):
            row = chunk.first + chunk.count
            source.share = (number + 1 - 1 / (1 + row / 50_000)) / len(sheets)
            yield chunk
    if row == 1:
        raise SourceEmpty(source=name)


def _check_size(source: Opened) -> None:
    name = source.report.name
    try:
        with zipfile.ZipFile(source.seekable()) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as e:
        raise SourceDamaged(source=name, row=0) from e
    unpacked = sum(i.file_size for i in infos)
    packed = sum(i.compress_size for i in infos)
    if unpacked > MAX_UNPACKED_BYTES or unpacked > max(_FREE_BYTES, packed * MAX_RATIO):
        raise ArchiveTooLarge(source=name, reason=_("{n} MiB").format(n=unpacked >> 20))
    shared = sum(i.file_size for i in infos if i.filename.endswith("sharedStrings.xml"))
    if shared > MAX_SHARED_TEXT_BYTES:
        reason = _("{n} MiB of texts shared by cells").format(n=shared >> 20)
        raise ArchiveTooLarge(source=name, reason=reason)


def _rows(sheet: Any, name: str, row: int) -> Iterator[Row]:
    try:
        # The size that the file claims may be wrong in both directions.
        sheet.reset_dimensions()
        for cells in sheet.iter_rows(values_only=True):
            if any(c is not None and c != "" for c in cells):
                row += 1
                yield cells
    except Exception as e:  # as above
        raise SourceDamaged(source=name, row=row) from e


def _find_header(rows: Iterator[Row]) -> tuple[Row | None, Iterator[Row]]:
    """The row among the first that has the most names we know, else the first."""
    top = list(islice(rows, _HEADER_WITHIN))
    if not top:
        return None, rows
    known = [sum(isinstance(c, str) and field_of(c) is not None for c in r) for r in top]
    at = known.index(max(known))
    if not known[at]:
        widths = [sum(c is not None for c in r) for r in top]
        at = next(i for i, w in enumerate(widths) if w > 1 or max(widths) == 1)
    header = list(top[at])
    while header and header[-1] is None:
        header.pop()
    return header, chain(top[at + 1 :], rows)


def _chunks(rows: Iterator[Row], *, names: list[str], first: int) -> Iterator[Chunk]:
    width = len(names)
    while batch := list(islice(rows, CHUNK_ROWS)):
        numbers = range(first, first + len(batch))
        wide = {i for i, r in enumerate(batch) if any(c not in (None, "") for c in r[width:])}
        fitting = [(*r, *[None] * (width - len(r)))[:width] for i, r in enumerate(batch) if i not in wide]
        columns = [mixed([as_text(c) for c in column]) for column in zip(*fitting, strict=True)]
        yield Chunk(
            first,
            len(batch),
            [n for i, n in enumerate(numbers) if i not in wide],
            table(columns or [mixed([])] * width, names),
            [RowReject(numbers[i], RowTooWide(cells=len(batch[i]), columns=width)) for i in sorted(wide)],
        )
        first += len(batch)
