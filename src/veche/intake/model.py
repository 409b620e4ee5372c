"""What readers, the shaper and the intake pass to one another, and what they tell the caller.

A reader cuts a source into `Chunk`s of raw columns; the shaper turns them into appeals. Nothing here
reads a file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import pyarrow as pa

from veche.core.errors import N_, InputError

#: Rows that a reader hands over at once, and the characters after which it hands over sooner.
CHUNK_ROWS = 4096
CHUNK_CHARACTERS = 16 << 20

#: A line, a cell or a JSON object above this many bytes is no appeal. Attachments make mails longer.
MAX_RECORD_BYTES = 4 << 20
MAX_MAIL_BYTES = 64 << 20

#: About eighty printed pages.
MAX_TEXT_CHARACTERS = 200_000

#: A table wider than this is refused as a whole; wide consultation exports have about 900 columns.
MAX_COLUMNS = 2_000

#: What can be odd about a source without costing it a row, by the key used in `Source.warnings`.
WARNINGS: Mapping[str, str] = {
    "date_unreadable": N_("Dates that could not be read; their original wording is kept."),
    "date_out_of_range": N_("Dates outside the plausible range; their original wording is kept."),
    "day_first_assumed": N_("Day and month could not be told apart; the day was taken to come first."),
    "age_unreadable": N_("Ages that are no number from 0 to 120; their original wording is kept."),
    "sex_unreadable": N_("Values of sex that were not understood; their original wording is kept."),
    "position_unreadable": N_("Latitudes or longitudes that are none; their original wording is kept."),
    "ids_not_unique": N_("The id column repeats too often to be an id and was kept as a plain column."),
    "other_encoding": N_("Lines that were in another encoding than the rest of the file."),
    "characters_replaced": N_("Texts with broken characters, which were replaced."),
    "sheets_left_out": N_("Sheets of the workbook that were not read; their columns differ."),
    "column_not_found": N_("Columns that were named for a field and are not in this source."),
    "columns_left_out": N_("Columns that hold binary data and were left out."),
}


class Reject(NamedTuple):
    """A row or a source that was not taken.

    `row` is the 1-based number of the data row (header and blank lines not counted), 0 for a source
    of which nothing could be read. `message` is in the reader's language and quotes no value.
    """

    source: str
    row: int
    code: str
    message: str


class Mapped(NamedTuple):
    """The column or columns ("A+B") that a field is read from, and how they were found.

    `how` is "given" (by the caller), "named" (the header says so) or "guessed" (from the values).
    """

    column: str
    how: str


@dataclass
class Source:
    """One file, or one file inside an archive, and what became of its rows.

    `digest` is the SHA-256 of the file (of the archive for its members), `size_bytes` its length on
    disk; `rows` = `accepted` + `rejected`. `mapping` goes from field to column. `warnings` counts
    oddities by the keys of `WARNINGS`.
    """

    name: str
    digest: str = ""
    size_bytes: int = 0
    format: str = ""
    encoding: str = ""
    rows: int = 0
    accepted: int = 0
    rejected: int = 0
    mapping: dict[str, Mapped] = field(default_factory=dict)
    warnings: dict[str, int] = field(default_factory=dict)

    def warn(self, key: str, count: int = 1) -> None:
        """Count an oddity."""
        if count:
            self.warnings[key] = self.warnings.get(key, 0) + count


class RowReject(NamedTuple):
    """A row that a reader could not read, and why."""

    row: int
    error: InputError


@dataclass
class Chunk:
    """Consecutive rows of a source.

    Rows are numbered from `first`; `count` of them were read, those of `table` have their numbers in
    `rows`, the others stand in `rejects`. `member` is the part of the source the rows lie in (a
    message of a Maildir has one of its own per row, in `members`).
    """

    first: int
    count: int
    rows: list[int]
    table: pa.Table
    rejects: list[RowReject] = field(default_factory=list)
    members: list[str] | None = None

    def head(self, count: int) -> "Chunk":
        """Return the first `count` rows."""
        if count >= self.count:
            return self
        end = self.first + count
        keep = sum(1 for r in self.rows if r < end)
        return Chunk(
            self.first,
            count,
            self.rows[:keep],
            self.table.slice(0, keep),
            [r for r in self.rejects if r.row < end],
            self.members[:keep] if self.members else None,
        )


def joined(chunks: Sequence[Chunk]) -> Chunk:
    """Return consecutive chunks of the same columns as one."""
    if len(chunks) == 1:
        return chunks[0]
    return Chunk(
        chunks[0].first,
        sum(c.count for c in chunks),
        [r for c in chunks for r in c.rows],
        pa.concat_tables([c.table for c in chunks]),
        [r for c in chunks for r in c.rejects],
    )
