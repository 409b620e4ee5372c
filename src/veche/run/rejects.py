"""The list of rows that were not taken, `rejects.csv`. It quotes no values."""

import csv
from collections import Counter
from pathlib import Path
from typing import TextIO

from veche.intake import Reject

FILE = "rejects.csv"


class Rejects:
    """Writes each reject as it comes; `reasons` counts them by code. Close it at the end."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        self.reasons: Counter[str] = Counter()
        self._file: TextIO | None = None

    def __enter__(self) -> "Rejects":
        """Begin the list anew."""
        self._file = self.path.open("w", newline="", encoding="utf-8")
        self._rows = csv.writer(self._file)
        self._rows.writerow(["file", "row", "code", "message"])
        return self

    def __exit__(self, *_: object) -> None:
        """Close the list."""
        assert self._file is not None
        self._file.close()

    def add(self, reject: Reject) -> None:
        """Write one reject."""
        self.reasons[reject.code] += 1
        cells = [defused(reject.source), reject.row, reject.code, defused(reject.message)]
        self._rows.writerow(cells)


def defused(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return "'" + cell if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else cell
