"""The appeals of an authority as a run lays them out: masked text in parts, vectors beside them.

The steps that find, name, follow and audit themes read such a folder (`veche.themes.material`), so they are
the same here as in a run. Rows come by a cursor of the server, part by part: memory does not grow with
their number. Nothing but masked text is written, readable by the service alone, and the folder goes when
the work is done.
"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.db import connection

from veche.service.accounts.acting import working
from veche.service.settings import ENV
from veche.stages.columns import CONTENT_HASH, MASKED_TEXT, VECTOR_SIZE

#: Rows of a part, as a run cuts them.
PART_ROWS = 4096

_APPEALS = """
SELECT a.id, t.text, t.vector, s.text_hash, a.received_at, a.person_id, nullif(a.language, ''),
    nullif(a.topic, ''), nullif(regexp_replace(a.territory, '^.*/', ''), ''), c.code, a.groups[1],
    a.copy_of_id
FROM inbox_appeal a JOIN inbox_appealtext t ON t.appeal_id = a.id
JOIN inbox_channel c ON c.id = a.channel_id
LEFT JOIN inbox_signature s ON s.appeal_id = a.id
WHERE a.tenant_id = %s AND a.state = 'understood' {only} ORDER BY a.id
"""
_ONLY = "AND a.id = ANY(%s)"

_SCHEMA = pa.schema(
    [
        pa.field("appeal_id", pa.string()),
        MASKED_TEXT,
        CONTENT_HASH,
        pa.field("received_at", pa.timestamp("us", "UTC")),
        *(
            pa.field(name, pa.string())
            for name in ("author", "language", "topic", "place", "channel", "group", "copy_of")
        ),
    ]
)


@dataclass(frozen=True)
class Laid:
    """Appeals that lie in `folder`: `parts` in their order, `ids` of all, and how many share a `copy_of`."""

    folder: Path
    parts: tuple[Path, ...]
    ids: pa.Array
    repeats: pa.Table

    def __len__(self) -> int:
        return len(self.ids)

    def column(self, name: str) -> pa.Array:
        """Return a column of all parts."""
        tables = [pq.read_table(part, columns=[name]) for part in self.parts]
        return (
            pa.concat_tables(tables)[name].combine_chunks()
            if tables
            else pa.nulls(0, _SCHEMA.field(name).type)
        )


def folder_of(tenant_id: UUID) -> Path:
    """Return where what is made of themes of an authority lies; each file can be made anew."""
    path = ENV.home / "themes" / str(tenant_id)
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


@contextmanager
def workplace(tenant_id: UUID, name: str) -> Iterator[Path]:
    """Give an empty folder, and remove it with all that lies in it; one that a crash left goes before."""
    path = folder_of(tenant_id) / name
    shutil.rmtree(path, ignore_errors=True)
    for inner in ("map", "vectors"):
        (path / inner).mkdir(mode=0o700, parents=True)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def lay_out(
    tenant_id: UUID,
    folder: Path,
    *,
    only: Sequence[UUID] | None = None,
) -> Laid:
    """Write the understood appeals of an authority, or `only` some, into `map` and `vectors` of `folder`."""
    parts: list[Path] = []
    ids: list[pa.Array] = []
    copies: list[pa.Array] = []
    statement = _APPEALS.format(only="" if only is None else _ONLY)
    values: list[Any] = [tenant_id, *([] if only is None else [list(only)])]
    with working(tenant_id), connection.chunked_cursor() as cursor:
        cursor.execute(statement, values)
        while rows := cursor.fetchmany(PART_ROWS):
            path = folder / "map" / f"part-{len(parts):05d}.parquet"
            table = _table(rows)
            pq.write_table(table, path, compression="zstd")
            np.save(folder / "vectors" / f"{path.stem}.npy", _vectors(rows), allow_pickle=False)
            parts.append(path)
            ids.append(table["appeal_id"].combine_chunks())
            copies.append(table["copy_of"].combine_chunks())
    known = pa.concat_arrays(ids) if ids else pa.array([], pa.string())
    repeats = pa.concat_arrays(copies) if copies else pa.array([], pa.string())
    return Laid(folder, tuple(parts), known, pa.table({"appeal_id": known, "copy_of": repeats}))


def _table(rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    id, text, _vector, hashes, received, *rest = zip(*rows, strict=True)
    person, language, topic, place, channel, group, copy_of = rest
    unsigned = [None if h is None else h & 0xFFFFFFFFFFFFFFFF for h in hashes]
    columns = [
        _strings(id),
        text,
        unsigned,
        received,
        _strings(person),
        language,
        topic,
        place,
        channel,
        group,
    ]
    columns.append([None if c is None else str(c) for c in copy_of])
    return pa.table(
        [pa.array(c, field.type) for c, field in zip(columns, _SCHEMA, strict=True)], schema=_SCHEMA
    )


def _strings(ids: Sequence[UUID]) -> list[str]:
    return [str(id) for id in ids]


def _vectors(rows: Sequence[tuple[Any, ...]]) -> np.ndarray:
    """The sentence vectors (float16 [rows, 512]), zeros where there is none."""
    return vectors_of([row[2] for row in rows])


def vectors_of(stored: Sequence[bytes]) -> np.ndarray:
    """Return vectors as the database stores them (float16 [len(stored), 512]), zeros where there is none."""
    out = np.zeros((len(stored), VECTOR_SIZE), np.float16)
    have = [i for i, data in enumerate(stored) if data]
    if have:
        joined = b"".join(bytes(stored[i]) for i in have)
        out[have] = np.frombuffer(joined, np.float16).reshape(-1, VECTOR_SIZE)
    return out


def rows_of(laid: Laid, ids: pa.Array) -> np.ndarray:
    """Return the row of each of `ids` (strings), -1 for one that is not there."""
    found = pc.call_function("index_in", [ids], pc.SetLookupOptions(laid.ids))
    return pc.fill_null(found, -1).to_numpy(zero_copy_only=False).astype(np.int64)
