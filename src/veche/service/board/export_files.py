"""Tables as files: CSV and XLSX. What somebody named reaches no spreadsheet as a formula."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import Cell as OpenpyxlCell
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font

from veche.run.rejects import defused
from veche.service.board.export import Cell, Document, Sheet

#: Spreadsheets take a file for UTF-8 when it begins with this.
MARK = "\ufeff"

#: What a cell and the name of a sheet can hold (the limits of the file format).
_MOST_CHARACTERS = 32_767
_MOST_IN_NAME = 31
_NOT_IN_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
_WIDTHS = {"B": 48, "A": 24}
#: Rows that are written at once.
_AT_ONCE = 2_000


def as_csv(made: Document) -> Iterator[bytes]:
    """Yield the picture as one CSV (UTF-8): a row for each number, the first column names its table."""
    yield from lines_of(_long_rows(made), MARK)


def lines_of(rows: Iterable[Sequence[Cell]], before: str = "") -> Iterator[bytes]:
    """Yield rows as CSV, some thousands at once; cells that a spreadsheet would run are defused."""
    out = io.StringIO()
    out.write(before)
    writer = csv.writer(out, lineterminator="\r\n")
    for n, row in enumerate(rows, start=1):
        writer.writerow([defused(cell) if isinstance(cell, str) else cell for cell in row])
        if n % _AT_ONCE == 0:
            yield out.getvalue().encode(errors="replace")
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode(errors="replace")


def _long_rows(made: Document) -> Iterator[Sequence[Cell]]:
    yield [_("Table"), _("Code"), _("Name"), _("What"), _("Number")]
    for name, fact in made.facts:
        yield [made.title, "", name, "", fact]
    for note in made.notes:
        yield [_("Notes"), "", note, "", None]
    for sheet in made.sheets:
        numbers = 1 if sheet.code == "time" else 2
        for row in sheet.rows:
            code, name = (row[0], "") if numbers == 1 else (row[0], row[1])
            for head, cell in zip(sheet.heads[numbers:], row[numbers:], strict=True):
                if cell is not None:
                    yield [sheet.title, code, name, head, cell]


def as_xlsx(made: Document) -> bytes:
    """Return the picture as a workbook: what it is of, and a sheet for each table."""
    book = Workbook(write_only=True)
    about = book.create_sheet(_name(_("About"), set()))
    about.column_dimensions["A"].width, about.column_dimensions["B"].width = 28, 100
    about.append([_bold(about, made.title)])
    for name, fact in made.facts:
        about.append([_text(about, name), _text(about, fact)])
    for note in made.notes:
        about.append([_text(about, ""), _text(about, note)])
    names = {_("About")}
    for sheet in made.sheets:
        _add(book, sheet, names)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _add(book: Workbook, sheet: Sheet, names: set[str]) -> None:
    name = _name(sheet.title, names)
    page = book.create_sheet(name)
    page.freeze_panes = "A2"
    for column, width in _WIDTHS.items():
        page.column_dimensions[column].width = width
    page.append([_bold(page, head) for head in sheet.heads])
    for i, row in enumerate(sheet.rows):
        depth = sheet.depths[i] if sheet.depths else 0
        page.append(
            [
                _cell(page, cell, share=j in sheet.shares, indent=depth if j == 1 else 0)
                for j, cell in enumerate(row)
            ]
        )


def _cell(page: object, value: Cell, *, share: bool, indent: int) -> object:
    if isinstance(value, str):
        cell = _text(page, value)
        if indent:
            cell.alignment = Alignment(indent=indent)
        return cell
    cell = WriteOnlyCell(page, value)  # pyright: ignore[reportArgumentType]
    if share:
        cell.number_format = "0.0%"
    return cell


def _text(page: object, value: str) -> OpenpyxlCell:
    kept = ILLEGAL_CHARACTERS_RE.sub(" ", value)[:_MOST_CHARACTERS]
    cell = WriteOnlyCell(page, kept)  # pyright: ignore[reportArgumentType]
    cell.data_type = "s"  # what begins with = is no formula
    return cell


def _bold(page: object, value: str) -> OpenpyxlCell:
    cell = _text(page, value)
    cell.font = Font(bold=True)
    return cell


def _name(title: str, names: set[str]) -> str:
    """Return a title as the name of a sheet, different from those that there are."""
    plain = " ".join(title.translate(_NOT_IN_NAMES).split())[:_MOST_IN_NAME] or "-"
    name, n = plain, 2
    while name.lower() in {other.lower() for other in names}:
        name, n = f"{plain[: _MOST_IN_NAME - 4]} {n}", n + 1
    names.add(name)
    return name
