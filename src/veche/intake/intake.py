"""The intake itself: inputs in, batches of appeals and rejects out, every row accounted for."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from zoneinfo import ZoneInfo

import pyarrow as pa

from veche.core.errors import (
    InputError,
    MissingColumn,
    NoTextColumn,
    SourceDamaged,
    UnknownTimezone,
    UsageError,
)
from veche.core.i18n import _
from veche.intake.delimited import read_delimited
from veche.intake.files import DAMAGE, find_files, unreadable
from veche.intake.headers import FIELDS, shown
from veche.intake.jsonfiles import read_json, read_json_lines
from veche.intake.mail import read_eml, read_maildir, read_mbox
from veche.intake.mapping import find_column, split_names
from veche.intake.model import Chunk, Reject, Source
from veche.intake.opened import Opened
from veche.intake.parquet import read_parquet
from veche.intake.seen import SeenIds
from veche.intake.shape import Rules, Shaper
from veche.intake.sheets import read_sheets
from veche.intake.sources import Sources

_READERS: Mapping[str, Callable[[Opened], Iterator[Chunk]]] = {
    "csv": read_delimited,
    "xlsx": read_sheets,
    "json": read_json,
    "jsonl": read_json_lines,
    "parquet": read_parquet,
    "mbox": read_mbox,
    "eml": read_eml,
    "maildir": read_maildir,
}
_MAIL = ("mbox", "eml", "maildir")
#: So many sources are looked at, at most, to find a column that was named.
PEEKED_SOURCES = 50

#: Hardly any appeal that is still exported was received before this.
NOT_BEFORE = datetime(1990, 1, 1, tzinfo=UTC)


def _ignore(_what: object) -> None:
    return None


class Intake:
    """Reads inputs and yields appeals in the `APPEAL` schema.

    `inputs` are files, folders, archives, or "-" for standard input. `mapping` goes from field (one of
    `FIELDS`) to a column or several ("A+B"), "" for none; other fields are found by the names of
    columns. Dates without a zone take `timezone`; dates outside `not_before` to `not_after` are taken
    for mistakes and left out. Reading stops after `limit` rows. Of the columns that feed no field,
    those named in `keep_columns` are kept, all by default; those in `reserved` are kept under the name
    they have there and feed a field only where `mapping` says so. `on_reject` is called for each row that is
    not taken and `on_source` at the end of each source.

    Iterating yields tables of exactly `batch_rows` appeals, the last may be shorter. During and after
    it, `read` = `accepted` + `rejected` rows, a source of which nothing could be read counting as one
    row; `sources` tells about each.

    Raises `NoInput`, `NothingReadable`, `UnknownTimezone` or `UsageError` when made; `MissingColumn`
    when iterated, where no source has a column that was named, or none has texts.
    """

    def __init__(
        self,
        inputs: Sequence[str],
        *,
        timezone: str,
        mapping: Mapping[str, str] | None = None,
        limit: int | None = None,
        batch_rows: int = 4096,
        keep_columns: Sequence[str] | None = None,
        reserved: Sequence[str] = (),
        not_before: datetime | None = NOT_BEFORE,
        not_after: datetime | None = None,
        on_reject: Callable[[Reject], None] = _ignore,
        on_source: Callable[[Source], None] = _ignore,
    ) -> None:
        self._rules = Rules(
            mapping=_checked_mapping(mapping or {}),
            timezone=_checked_timezone(timezone),
            not_before=not_before,
            not_after=not_after,
            keep=(lambda _name: True) if keep_columns is None else set(keep_columns).__contains__,
            reserved=tuple(reserved),
        )
        self._limit = limit
        self._batch_rows = batch_rows
        self._on_reject = on_reject
        self._on_source = on_source
        self._inputs = Sources(find_files(list(inputs)))
        self._reset()

    def _reset(self) -> None:
        self.read = self.accepted = self.rejected = 0
        self.sources: list[Source] = []
        self._seen = SeenIds()
        self._bytes_done = 0
        self._current: Opened | None = None
        self._usable = 0
        self._textless: NoTextColumn | None = None

    def __iter__(self) -> Iterator[pa.Table]:
        """Read everything, from the first input on."""
        self._reset()
        try:
            self._find_named_columns()
            yield from _batches(self._appeals(), rows=self._batch_rows)
            if self._textless is not None and not self._usable:
                facts = {"column": self._rules.mapping.get("text") or "text", "field": "text"}
                raise MissingColumn(**(self._textless.facts | facts))
        finally:
            self._inputs.close()

    def fraction_read(self) -> float | None:
        """Return how much was read, from 0 to 1: of the limit or of the bytes; None where unknown."""
        by_rows = min(1.0, self.read / self._limit) if self._limit else 0.0
        if not self._inputs.total_bytes:
            return by_rows or None
        current = self._current.share * self._current.report.size_bytes if self._current else 0.0
        return max(by_rows, min(1.0, (self._bytes_done + current) / self._inputs.total_bytes))

    def _left(self) -> int | None:
        return None if self._limit is None else self._limit - self.read

    def _appeals(self) -> Iterator[pa.Table]:
        for report, opened in self._inputs.open():
            if self._left() == 0:
                return
            self.sources.append(report)
            if isinstance(opened, InputError):
                self._refuse(report, opened)
            else:
                self._current = opened
                try:
                    yield from self._read(report, opened)
                finally:
                    opened.close()
                    self._current = None
            self._bytes_done += report.size_bytes
            self._on_source(report)

    def _read(self, report: Source, opened: Opened) -> Iterator[pa.Table]:
        mail = report.format in _MAIL
        # The fields of a mail are its headers, whatever the columns of tables are called.
        rules = replace(self._rules, mapping={}) if mail else self._rules
        channel = "email" if mail else ""
        shaper = Shaper(report, rules, self._seen, member=opened.member, channel=channel)
        try:
            for chunk in _READERS[report.format](opened):
                left = self._left()
                part = chunk if left is None else chunk.head(left)
                appeals, rejects = shaper(part)
                self._count(report, rows=part.count, rejected=len(rejects))
                for row, error in rejects:
                    self._on_reject(Reject(report.name, row, error.code, error.text()))
                if appeals.num_rows:
                    yield appeals
                if self._left() == 0:
                    break
            else:
                if opened.damaged:
                    raise SourceDamaged(source=report.name, row=report.rows + 1)
        except NoTextColumn as e:
            self._textless = self._textless or e
            self._refuse(report, e)
        except InputError as e:
            self._refuse(report, e)
        except OSError as e:
            self._refuse(report, unreadable(report.name, e))
        except DAMAGE:
            self._refuse(report, SourceDamaged(source=report.name, row=report.rows + 1))
        self._usable += bool(report.mapping)

    def _count(self, report: Source, *, rows: int, rejected: int) -> None:
        self.read += rows
        self.rejected += rejected
        self.accepted += rows - rejected
        report.rows += rows
        report.rejected += rejected
        report.accepted += rows - rejected

    def _refuse(self, report: Source, error: InputError) -> None:
        row = report.rows + 1 if report.rows else 0
        self._count(report, rows=1, rejected=1)
        self._on_reject(Reject(report.name, row, error.code, error.text()))

    def headers(self) -> Iterator[tuple[str, list[str]]]:
        """Yield each source's name and the names of its columns; none for mails and what cannot be read."""
        for report, opened in self._inputs.open(digests=False):
            if isinstance(opened, InputError) or report.format in _MAIL:
                yield report.name, []
            else:
                yield report.name, _column_names(report, opened)

    def _find_named_columns(self) -> None:
        """Notice a slip of the pen in `mapping` before hours of reading."""
        wanted = {field: value for field, value in self._rules.mapping.items() if value}
        if not wanted:
            return
        first: tuple[str, list[str]] | None = None
        for number, (source, names) in enumerate(self.headers()):
            if number >= PEEKED_SOURCES:
                return
            first = first or ((source, names) if names else None)
            for field, value in list(wanted.items()):
                if all(find_column(c, known=names) for c in split_names(value, known=names)):
                    del wanted[field]
            if not wanted:
                return
        for field, value in wanted.items() if first else ():
            name, names = first or ("", [])
            missing = next(
                (c for c in split_names(value, known=names) if not find_column(c, known=names)), value
            )
            raise MissingColumn(source=name, column=missing, field=field, columns=shown(names))


def _column_names(report: Source, opened: Opened) -> list[str]:
    try:
        for chunk in islice(_READERS[report.format](opened), 1):
            return chunk.table.column_names
    except (InputError, OSError, *DAMAGE):
        pass  # told when the source is read
    finally:
        opened.close()
    return []


def _batches(tables: Iterator[pa.Table], *, rows: int) -> Iterator[pa.Table]:
    held: list[pa.Table] = []
    count = 0
    for table in tables:
        held.append(table)
        count += table.num_rows
        if count >= rows:
            whole = pa.concat_tables(held)
            full = count // rows * rows
            for start in range(0, full, rows):
                yield whole.slice(start, rows).combine_chunks()
            held, count = [whole.slice(full)], count - full
    if count:
        yield pa.concat_tables(held).combine_chunks()


def _checked_mapping(mapping: Mapping[str, str]) -> dict[str, str]:
    for field in mapping:
        if field not in FIELDS:
            problem = _("There is no field “{field}” to map. There are: {known}.")
            raise UsageError(problem=problem.format(field=field, known=", ".join(FIELDS)))
    return dict(mapping)


def _checked_timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError) as e:
        raise UnknownTimezone(name=name) from e
    return name
