"""The picture as a PDF, set by Typst. Data goes in as JSON beside the source and never into it."""

import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import typst
from django.utils.translation import gettext as _

from veche.core.formats import Formats
from veche.service import reader
from veche.service.board.export import Cell, Document, Sheet

#: Rows of a table in print; the other files have all.
MOST_ROWS = 30

_SOURCE = Path(__file__).parent / "picture.typ"


def as_pdf(made: Document, formats: Formats) -> bytes:
    """Return the picture as a PDF: what it is of, the line of time, and the largest rows of each table."""
    data = {
        "language": reader.language(),
        "title": _printed(made.title),
        "facts": [[_printed(name), _printed(fact)] for name, fact in made.facts],
        "notes": [_printed(note) for note in made.notes],
        "line": _line(made, formats),
        "tables": [_table(sheet, formats) for sheet in made.sheets if sheet.code != "time"],
        "words": {
            "page": _("page"),
            "notes": _("What to know"),
            "none": _("There are no appeals like this."),
        },
    }
    with tempfile.TemporaryDirectory() as empty:
        # The source reads no file and no package: its root is an empty folder.
        return typst.compile(
            _source(),
            root=empty,  # pyright: ignore[reportArgumentType]
            package_path=Path(empty),
            package_cache_path=Path(empty),
            sys_inputs={"data": orjson.dumps(data).decode()},
        )


@cache
def _source() -> bytes:
    return _SOURCE.read_bytes()


def _line(made: Document, formats: Formats) -> dict[str, Any] | None:
    line = made.line
    if line is None:
        return None
    named = formats.month if line.step == "month" else formats.day
    most = max(line.counts)
    return {
        "title": made.sheets[0].title,
        "parts": [n / most if most else 0 for n in line.counts],
        "first": named(line.starts[0]),
        "last": named(line.starts[-1]),
        "most": formats.number(most),
    }


def _table(sheet: Sheet, formats: Formats) -> dict[str, Any]:
    rows = _upper(sheet)
    counts = [int(row[2] or 0) for row, _depth in rows]
    most = max(counts, default=0)
    left = len(sheet.rows) - len(rows)
    more = _("%(n)s more rows are in the other files.") % {"n": formats.number(left)} if left else ""
    return {
        "title": _printed(sheet.title),
        "heads": [_printed(head) for head in sheet.heads[1:]],
        "rows": [
            {
                "name": _printed(str(row[1])),
                "depth": depth,
                "bar": count / most if most else 0,
                "cells": [
                    _number(cell, formats, share=j in sheet.shares) for j, cell in enumerate(row) if j > 1
                ],
            }
            for (row, depth), count in zip(rows, counts, strict=True)
        ],
        "more": more,
    }


def _upper(sheet: Sheet) -> list[tuple[Sequence[Cell], int]]:
    """Return the rows that fit in print and their depths: whole levels of a tree, as there is room."""
    rows = list(zip(sheet.rows, sheet.depths, strict=True))
    depth = max(sheet.depths, default=0)
    while depth and sum(d <= depth for d in sheet.depths) > MOST_ROWS:
        depth -= 1
    return [(row, d) for row, d in rows if d <= depth][:MOST_ROWS]


def _number(cell: Cell, formats: Formats, *, share: bool) -> str:
    if cell is None:
        return "–"
    if isinstance(cell, str):
        return _printed(cell)
    if share:
        return formats.share(cell)
    return formats.number(cell, digits=1 if isinstance(cell, float) else 0)


def _printed(text: str) -> str:
    """Return a text without what cannot be printed, and no longer than a page can bear."""
    return "".join(c if c.isprintable() else " " for c in text)[:500]
