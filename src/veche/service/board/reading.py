"""Reads the columns of appeals from the database, through the walls, as fast as it gives them."""

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
from django.db import connection

from veche.service.accounts.models import Tenant
from veche.service.board.columns import CODED, Dictionary
from veche.service.board.cube import ID, NOT_DECIDED, SURE_STEPS
from veche.service.board.rows import PLAIN, Rows
from veche.service.desk import words

_BLOCK = 1 << 22

#: What the walls let through. The condition says once more what they are about to let through, so that an
#: authority with few appeals is found by its index. The channel of an appeal that was lent is not told.
_READ = f"""
COPY (
    SELECT a.id, a.received_at AT TIME ZONE 'UTC', coalesce(a.day, (a.received_at AT TIME ZONE z.zone)::date),
        CASE WHEN a.topic_confidence IS NULL THEN {NOT_DECIDED}
             ELSE least(floor(a.topic_confidence * {SURE_STEPS})::integer, {SURE_STEPS}) END,
        veche_counted(a.state, a.day), a.number,
        z.slug, a.body, a.topic, a.territory, array_to_string(a.groups, '|'), coalesce(c.code, ''),
        a.language, a.kind, a.urgency, a.state, coalesce(a.theme::text, '')
    FROM inbox_appeal a
    JOIN unnest(%s::uuid[], %s::text[], %s::text[]) AS z (id, slug, zone) ON z.id = a.tenant_id
    LEFT JOIN inbox_channel c ON c.id = a.channel_id
    WHERE {{which}}
) TO STDOUT (FORMAT csv)
"""
_SEEN = """a.tenant_id = ANY (veche_ids('veche.reads') || veche_ids('veche.partly'))
    OR a.id = ANY (veche_ids('veche.lent'))"""
_NAMES = (*PLAIN, *CODED)
_TYPES: dict[str, pa.DataType] = {
    "id": pa.string(),
    "received": pa.timestamp("us"),
    "day": pa.date32(),
    "sure": pa.uint8(),
    "counted": pa.bool_(),
    "number": pa.int64(),
    **{key: pa.dictionary(pa.int32(), pa.string()) for key in CODED},
}


def read_all(dictionaries: Mapping[str, Dictionary]) -> Iterator[Rows]:
    """Yield all appeals that the transaction may read, in parts."""
    return _read(_READ.format(which=_SEEN), [], dictionaries)


def read_some(dictionaries: Mapping[str, Dictionary], ids: Sequence[UUID]) -> Rows:
    """Return those of the appeals that the transaction may read."""
    parts = list(_read(_READ.format(which="a.id = ANY (%s)"), [list(ids)], dictionaries))
    return Rows(
        {name: np.concatenate([p.columns[name] for p in parts]) for name in _NAMES} if parts else _NONE
    )


def _read(query: str, values: Sequence[Any], dictionaries: Mapping[str, Dictionary]) -> Iterator[Rows]:
    tenants = list(Tenant.objects.values_list("pk", "slug", "pack"))
    known = [[t[0] for t in tenants], [t[1] for t in tenants], [words.zone(t[2]).key for t in tenants]]
    with connection.cursor() as cursor, _copied(cursor, query, [*known, *values]) as copy:
        source: io.BufferedReader[Any] = io.BufferedReader(_Stream(copy), _BLOCK)
        if not source.peek(1):
            return
        yield from (_rows(batch, dictionaries) for batch in _parsed(source))


def _parsed(source: "io.BufferedReader[Any]") -> Iterator[pa.RecordBatch]:
    yield from pacsv.open_csv(
        source,
        pacsv.ReadOptions(block_size=_BLOCK, column_names=list(_NAMES)),
        pacsv.ParseOptions(newlines_in_values=True),
        pacsv.ConvertOptions(column_types=_TYPES, true_values=["t"], false_values=["f"]),
    )


def _copied(cursor: Any, query: str, values: Sequence[Any]) -> AbstractContextManager[Any]:
    return cursor.copy(query, values)


class _Stream(io.RawIOBase):
    """What the database sends, as a file."""

    def __init__(self, copy: Any) -> None:
        self._copy = copy
        self._left = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any, /) -> int:
        if not self._left:
            self._left = memoryview(self._copy.read())
        n = min(len(into), len(self._left))
        into[:n] = self._left[:n]
        self._left = self._left[n:]
        return n


def _rows(batch: pa.RecordBatch, dictionaries: Mapping[str, Dictionary]) -> Rows:
    columns = {
        "id": _ids(batch["id"]),
        "received": batch["received"].cast(pa.int64()).to_numpy(zero_copy_only=False),
        "day": batch["day"].cast(pa.int32()).to_numpy(zero_copy_only=False),
        "sure": batch["sure"].to_numpy(zero_copy_only=False),
        "counted": batch["counted"].to_numpy(zero_copy_only=False),
        "number": batch["number"].to_numpy(zero_copy_only=False),
    }
    for key, dictionary in dictionaries.items():
        coded = batch[key]
        numbers = dictionary.numbers(coded.dictionary.to_pylist())
        columns[key] = numbers[coded.indices.to_numpy(zero_copy_only=False)].astype(np.uint32)
    return Rows(columns)


def _ids(column: pa.Array) -> np.ndarray:
    """Return ids as bytes; each is 36 characters with four hyphens."""
    written = "".join(column.to_pylist()).replace("-", "")
    return np.frombuffer(bytes.fromhex(written), ID)


_NONE = {"id": np.zeros(0, ID), **{name: np.zeros(0, np.int64) for name in _NAMES[1:]}}
