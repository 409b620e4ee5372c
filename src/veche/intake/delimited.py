"""Reads CSV and TSV with the standard library's parser.

Finds delimiter and quotes; keeps going after a row that is too wide, too long, in no encoding, or
that opens a quotation mark and never closes it.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from itertools import chain, islice

import pyarrow as pa

from veche.core.errors import (
    HeaderTooWide,
    InputError,
    RecordTooLong,
    RowTooWide,
    SourceDamaged,
    SourceEmpty,
    UnclosedQuote,
    UndecodableRow,
)
from veche.intake.columns import strings, table, unique_names
from veche.intake.encodings import TOO_LONG, find_encoding, is_undecodable, line_blocks
from veche.intake.headers import field_of
from veche.intake.model import CHUNK_ROWS, MAX_COLUMNS, MAX_RECORD_BYTES, Chunk, RowReject, joined
from veche.intake.opened import Opened

_DELIMITERS = (",", ";", "\t", "|")
#: For a file of one column, whose texts may hold commas without quotation marks.
_NO_DELIMITER = "\x1f"
_SAMPLE_RECORDS = 100
#: After so many quotation marks that swallowed so many lines each, the lines swallowed are given up:
#: reading them again each time would take the square of the time.
_MAX_REPAIRS = 32
_MANY_LINES = 1_000

#: Records that are lists at the same time: so few that Python's collector is not set off by them.
_TAKEN = 512
#: Blocks of a megabyte after which a chunk ends, however few rows it has.
_CHUNK_BLOCKS = 16

Dialect = dict[str, object]


def find_dialect(sample: str, *, name: str = "") -> Dialect:
    """Return delimiter and quotes for `csv.reader`.

    The delimiter is the one that cuts the most records into the same number (above one) of cells.
    """
    first = sample.partition("\n")[0].strip()
    if first.lower().startswith("sep=") and len(first) == 5:
        return {"delimiter": first[4], "quotechar": '"'}
    if name.lower().endswith((".tsv", ".tab")) and "\t" in first:
        return _quotes(sample, first, "\t")
    fits = {d: _fit(sample, d) for d in _DELIMITERS}
    best = max(_DELIMITERS, key=lambda d: fits[d])
    return _quotes(sample, first, best if fits[best][1] else _NO_DELIMITER)


def _fit(sample: str, delimiter: str) -> tuple[float, int]:
    """The share of records as wide as most, the first at least; wider is better among equals."""
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    widths: list[int] = []
    header: list[str] = []
    try:
        for record in islice(reader, _SAMPLE_RECORDS):
            header = header or record
            if record:
                widths.append(len(record))
    except csv.Error:
        pass
    if not widths or widths[0] < 2:
        return (0.0, 0)
    known = sum(bool(field_of(cell)) for cell in header[:MAX_COLUMNS])
    same = Counter(widths)[widths[0]] / len(widths)
    return (round(same, 1) + known, widths[0])


def _quotes(sample: str, first: str, delimiter: str) -> Dialect:
    quote = '"'
    if first.startswith("'") and first.endswith("'") and f"'{delimiter}'" in first:
        quote = "'"
    dialect: Dialect = {"delimiter": delimiter, "quotechar": quote}
    if f"\\{quote}" in sample and quote * 2 not in sample:
        dialect["escapechar"] = "\\"
    return dialect


class _Records:
    """Records of a file, with the lines they came from held until they are known to be whole.

    Parsed strictly, so that a stray quotation mark is noticed before it has swallowed the rows after it;
    a row that is only untidy is then parsed leniently by itself. `marked` tells that a line too long
    stood among them, `drawn` how many blocks the last call read.
    """

    def __init__(self, blocks: Iterator[list[str]], dialect: Dialect) -> None:
        self._dialect = dialect
        self._blocks = blocks
        self._put_back: list[list[str]] = []
        self._swallowed = 0
        self.marked = False
        self.drawn = 0
        self._start()

    def _start(self) -> None:
        self._held: list[str] = []
        self._released = 0
        self._reader = csv.reader(chain.from_iterable(self._feed()), strict=True, **self._dialect)  # type: ignore[arg-type]

    def _feed(self) -> Iterator[list[str]]:
        while block := self._put_back.pop() if self._put_back else next(self._blocks, None):
            self.marked = self.marked or block[0] == TOO_LONG
            self._held += block
            self.drawn += 1
            yield block

    def take(self, count: int) -> tuple[list[list[str]], bool]:
        """Return up to `count` records, and whether a row with an unclosed quotation mark follows."""
        records: list[list[str]] = []
        self.drawn = 0
        while len(records) < count and self.drawn < _CHUNK_BLOCKS:
            self._release()
            before = len(records)
            try:
                records.extend(islice(self._reader, min(256, count - before)))
            except csv.Error:
                untidy = self._repair(len(records) - before)
                if untidy is None:
                    return records, True
                records.append(untidy)
            if len(records) == before:
                break
        return records, False

    def _release(self) -> None:
        del self._held[: self._reader.line_num - self._released]
        self._released = self._reader.line_num

    def _repair(self, good: int) -> list[str] | None:
        """Return the record after `good` ones from its first line alone, None where a quotation mark
        stays open in it; in both cases go on with the line after it.
        """
        reader = csv.reader(iter(self._held), **self._dialect)  # type: ignore[arg-type]
        for _ in islice(reader, good):
            pass
        start = reader.line_num
        line, rest = self._held[start], self._held[start + 1 :]
        consumed = self._reader.line_num - self._released
        untidy = None if _is_open(line, self._dialect) else _leniently(line, self._dialect)
        if untidy is None and consumed - start > _MANY_LINES:
            self._swallowed += 1
            if self._swallowed > _MAX_REPAIRS:
                rest = [TOO_LONG] * (consumed - start - 1) + self._held[consumed:]
        if rest:
            self._put_back.append(rest)
        self._start()
        return untidy


def _is_open(line: str, dialect: Dialect) -> bool:
    try:
        for _ in csv.reader([line], strict=True, **dialect):  # type: ignore[arg-type]
            pass
    except csv.Error as e:
        return "unexpected end of data" in str(e)
    return False


def _leniently(line: str, dialect: Dialect) -> list[str] | None:
    try:
        return next(csv.reader([line], **dialect), [])  # type: ignore[arg-type]
    except csv.Error:
        return None


def read_delimited(source: Opened) -> Iterator[Chunk]:
    """Yield the rows of a CSV or TSV file; rows are numbered by record, blank lines not counted.

    Raises `SourceEmpty` where there is no row, `HeaderTooWide`.
    """
    csv.field_size_limit(MAX_RECORD_BYTES)
    head = source.head()
    encoding = find_encoding(head) or "utf-8"
    source.report.encoding = encoding
    sample = head.decode(encoding, "replace").removeprefix("\ufeff").replace("\x00", "")
    dialect = find_dialect(sample, name=source.name)
    blocks = line_blocks(source.stream(), encoding=encoding, source=source.report)
    records = _Records(blocks, dialect)
    names = _header(records, source)
    chunk = None
    for chunk in _chunks(records, names=names, encoding=encoding):
        yield chunk
    if chunk is None:
        raise SourceEmpty(source=source.report.name)


def _chunks(records: _Records, *, names: list[str], encoding: str) -> Iterator[Chunk]:
    row, parts, drawn = 1, [], 0
    while True:
        batch, broken = records.take(_TAKEN)
        if not batch and not broken:
            break
        part = _chunk(
            [r for r in batch if r], names=names, first=row, encoding=encoding, marked=records.marked
        )
        if broken:
            part.rejects.append(RowReject(row + part.count, UnclosedQuote()))
            part.count += 1
        row += part.count
        drawn += records.drawn
        if part.count:
            parts.append(part)
        if drawn >= _CHUNK_BLOCKS or len(parts) * _TAKEN >= CHUNK_ROWS:
            yield joined(parts)
            parts, drawn = [], 0
    if parts:
        yield joined(parts)


def _header(records: _Records, source: Opened) -> list[str]:
    while True:
        batch, broken = records.take(1)
        if broken:
            raise SourceDamaged(source=source.report.name, row=0)
        if not batch:
            raise SourceEmpty(source=source.report.name)
        header = batch[0]
        if not any(cell.strip() for cell in header):
            continue
        if len(header) == 2 and header[0].lower() == "sep=" and not header[1]:
            continue
        if any("\x00" in cell for cell in header):
            raise RecordTooLong(limit=MAX_RECORD_BYTES)
        while header and not header[-1].strip():
            header.pop()
        if len(header) > MAX_COLUMNS:
            raise HeaderTooWide(source=source.report.name, columns=len(header), limit=MAX_COLUMNS)
        return unique_names(header)


def _chunk(records: list[list[str]], *, names: list[str], first: int, encoding: str, marked: bool) -> Chunk:
    width = len(names)
    rows = list(range(first, first + len(records)))
    rejects: list[RowReject] = []
    if set(map(len, records)) - {width}:
        records, rows, rejects = _fit_width(records, rows, width)
    columns = list(zip(*records, strict=True)) or [()] * width
    bad = _too_long(columns) if marked else {}
    arrays = None if bad else _arrays(columns)
    if arrays is None:
        bad |= _undecodable(columns, encoding)
        rejects += [RowReject(rows[i], error) for i, error in bad.items()]
        keep = [i for i in range(len(rows)) if i not in bad]
        arrays = [strings([column[i] for i in keep]) for column in columns]
        rows = [rows[i] for i in keep]
    return Chunk(first, len(rows) + len(rejects), rows, table(arrays, names), rejects)


def _arrays(columns: list[tuple[str, ...]]) -> list[pa.Array] | None:
    try:
        return [pa.array(column, pa.string()) for column in columns]
    except (UnicodeEncodeError, pa.ArrowInvalid):
        return None


def _fit_width(
    records: list[list[str]], rows: list[int], width: int
) -> tuple[list[list[str]], list[int], list[RowReject]]:
    """Fill short records up, drop empty cells behind the last column, reject what is wider."""
    kept, numbers, rejects = [], [], []
    for record, row in zip(records, rows, strict=True):
        if record[0] == TOO_LONG.rstrip("\n"):
            rejects.append(RowReject(row, RecordTooLong(limit=MAX_RECORD_BYTES)))
        elif any(cell.strip() for cell in record[width:]):
            rejects.append(RowReject(row, RowTooWide(cells=len(record), columns=width)))
        else:
            kept.append((record + [""] * (width - len(record)))[:width])
            numbers.append(row)
    return kept, numbers, rejects


def _too_long(columns: list[tuple[str, ...]]) -> dict[int, InputError]:
    return {
        i: RecordTooLong(limit=MAX_RECORD_BYTES)
        for column in columns
        for i, cell in enumerate(column)
        if "\x00" in cell
    }


def _undecodable(columns: list[tuple[str, ...]], encoding: str) -> dict[int, InputError]:
    return {
        i: UndecodableRow(encoding=encoding)
        for column in columns
        for i, cell in enumerate(column)
        if is_undecodable(cell)
    }
