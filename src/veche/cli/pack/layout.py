"""How `veche pack` sets lines: headings, columns below each other, paragraphs that fit the window."""

import shutil
import textwrap
from collections.abc import Sequence

import click

#: Cells of one line.
Row = tuple[str, ...]

#: A paragraph is no wider than this, however wide the window.
_WIDEST = 110


def print_heading(text: str, note: str = "") -> None:
    """Print a heading after an empty line, with a count or a remark beside it."""
    click.echo()
    click.echo(click.style(text, bold=True) + (f"  {note}" if note else ""))


def print_rows(rows: Sequence[Row], *, right: tuple[int, ...] = (), indent: int = 2) -> None:
    """Print rows as columns; those numbered in `right` end below each other. The last column is wrapped."""
    if not rows:
        return
    n = max(map(len, rows))
    table = [(*row, *[""] * (n - len(row))) for row in rows]
    widths = [max(len(row[i]) for row in table) for i in range(n)]
    for row in table:
        cells = [
            c.rjust(w) if i in right else c.ljust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True))
        ]
        start = " " * indent + "".join(cell + "  " for cell in cells[:-1])
        last = cells[-1] if n - 1 in right else cells[-1].rstrip()
        print_paragraph(last, first=start)


def print_paragraph(text: str, *, first: str = "") -> None:
    """Print a text, wrapped to the window; further lines begin where it began after `first`."""
    width = min(shutil.get_terminal_size((_WIDEST, 0)).columns, _WIDEST)
    room = max(width - len(first), 30)
    lines = textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False) or [""]
    if text.startswith(" "):
        lines = [text]
    for i, line in enumerate(lines):
        click.echo(((" " * len(first) if i else first) + line).rstrip())
