"""Reads JSON Lines with orjson and JSON with ijson, which streams.

An object inside an object gives dotted columns (`properties.text`), deeper ones stay JSON.
"""

import json
from collections.abc import Iterator
from itertools import chain
from typing import Any, BinaryIO

import ijson
import orjson
import pyarrow as pa

from veche.core.errors import (
    InputError,
    RecordTooLong,
    RowDamaged,
    SourceDamaged,
    SourceEmpty,
    UndecodableRow,
)
from veche.intake.columns import as_text, mixed, table, unique_names
from veche.intake.encodings import TOO_LONG, as_utf8, find_encoding, is_undecodable, line_blocks
from veche.intake.model import CHUNK_CHARACTERS, CHUNK_ROWS, MAX_COLUMNS, MAX_RECORD_BYTES, Chunk, RowReject
from veche.intake.opened import Opened

#: An object of JSON, or the stretch before the first, may not be longer.
_MAX_OBJECT_BYTES = 4 * MAX_RECORD_BYTES

Record = dict[str, Any]


class _Rows:
    """Gathers records into chunks."""

    def __init__(self) -> None:
        self.next = 1
        self._clear()

    def _clear(self) -> None:
        self.first = self.next
        self.rows: list[int] = []
        self.records: list[Record] = []
        self.rejects: list[RowReject] = []
        self.size = 0

    def add(self, item: object, *, size: int) -> None:
        """Take an object, or a string as the text of one."""
        self.size += size
        try:
            record = _flat(item)
        except ValueError:
            return self.reject(RowDamaged(format="JSON"))
        self.rows.append(self.next)
        self.records.append(record)
        self.next += 1
        return None

    def reject(self, error: InputError) -> None:
        self.rejects.append(RowReject(self.next, error))
        self.next += 1

    @property
    def full(self) -> bool:
        return self.next - self.first >= CHUNK_ROWS or self.size > CHUNK_CHARACTERS

    def chunk(self) -> Iterator[Chunk]:
        """Hand over what was gathered, if anything."""
        count = self.next - self.first
        if count:
            yield Chunk(self.first, count, self.rows, _as_table(self.records), self.rejects)
        self._clear()


def _flat(item: object) -> Record:
    if isinstance(item, str):
        return {"text": item}
    if not isinstance(item, dict):
        raise ValueError("neither an object nor a text")
    if not any(isinstance(v, dict) for v in item.values()):
        record: Record = item
    else:
        record = {}
        for key, value in item.items():
            if isinstance(value, dict):
                record.update({f"{key}.{inner}": v for inner, v in value.items()})
            else:
                record[key] = value
    if len(record) > MAX_COLUMNS:
        raise ValueError("too many keys")
    for value in record.values():
        if isinstance(value, list | dict):
            as_text(value)
    return record


def _as_table(records: list[Record]) -> pa.Table:
    keys = list(dict.fromkeys(chain.from_iterable(records)))[: 4 * MAX_COLUMNS]
    columns = [mixed([r.get(k) for r in records]) for k in keys]
    return (
        table(columns, unique_names(keys))
        if keys
        else pa.table({"text": pa.nulls(len(records), pa.string())})
    )


def read_json_lines(source: Opened) -> Iterator[Chunk]:
    """Yield the objects of a JSON Lines file; rows are numbered by line, blank lines not counted."""
    encoding = find_encoding(source.head()) or "utf-8"
    source.report.encoding = encoding
    rows = _Rows()
    for lines in line_blocks(source.stream(), encoding=encoding, source=source.report):
        for line in lines:
            if not line.isspace():
                _add_line(rows, line, encoding)
            if rows.full:
                yield from rows.chunk()
    yield from rows.chunk()
    if rows.next == 1:
        raise SourceEmpty(source=source.report.name)


def _add_line(rows: _Rows, line: str, encoding: str) -> None:
    if line == TOO_LONG:
        return rows.reject(RecordTooLong(limit=MAX_RECORD_BYTES))
    try:
        item = orjson.loads(line)
    except orjson.JSONDecodeError:
        if is_undecodable(line):
            return rows.reject(UndecodableRow(encoding=encoding))
        try:
            # Knows lone surrogates and NaN, which orjson refuses.
            item = json.loads(line)
        except (ValueError, RecursionError):
            return rows.reject(RowDamaged(format="JSON"))
    return rows.add(item, size=len(line))


class _Watched:
    """A stream that refuses to go on when no object has ended for too long."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.since = 0

    def read(self, size: int = -1) -> bytes:
        if self.since > _MAX_OBJECT_BYTES:
            raise RecordTooLong(limit=_MAX_OBJECT_BYTES)
        data = self._stream.read(size)
        self.since += len(data)
        return data


def read_json(source: Opened) -> Iterator[Chunk]:
    """Yield the objects of a JSON array, or of the first array of objects inside an object.

    An object that holds no such array is one row. Raises `SourceEmpty`; `SourceDamaged` where the
    file stops being JSON, after the rows before that place.
    """
    encoding = find_encoding(source.head()) or "utf-8"
    source.report.encoding = encoding
    prefix = _find_array(source, encoding)
    rows = _Rows()
    stream = _open(source, encoding)
    items = ijson.items(stream, prefix, use_float=True, buf_size=1 << 16)
    while True:
        before = stream.since
        try:
            item = next(items, _END)
        except (ijson.JSONError, UnicodeDecodeError, ValueError, RecursionError) as e:
            yield from rows.chunk()
            raise SourceDamaged(source=source.report.name, row=rows.next) from e
        except RecordTooLong:
            yield from rows.chunk()
            raise
        if item is _END:
            break
        rows.add(item, size=stream.since - before)
        stream.since = 0
        if rows.full:
            yield from rows.chunk()
    yield from rows.chunk()
    if rows.next == 1:
        raise SourceEmpty(source=source.report.name)


_END = object()


def _open(source: Opened, encoding: str) -> _Watched:
    stream = as_utf8(source.stream(), encoding)
    if encoding == "utf-8" and stream.peek(3)[:3] == b"\xef\xbb\xbf":  # type: ignore[attr-defined]
        stream.read(3)
    return _Watched(stream)


def _find_array(source: Opened, encoding: str) -> str:
    """The path of the first array that holds objects or texts; "" for a single object."""
    arrays: set[str] = set()
    try:
        for prefix, event, _ in ijson.parse(_open(source, encoding), buf_size=1 << 14):
            if event == "start_array":
                arrays.add(f"{prefix}.item" if prefix else "item")
            elif prefix in arrays and (event == "start_map" or (event == "string" and prefix == "item")):
                return prefix
    except (ijson.JSONError, UnicodeDecodeError, ValueError, InputError):
        pass
    return "item" if "item" in arrays else ""
