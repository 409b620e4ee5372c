"""Writes what was understood: masked texts, findings, what finds them, all of a chunk in one transaction.

Statements are set-based whatever the size of the chunk. The index of bands follows by itself (a trigger
keeps it in step with the signatures). Whoever deletes the row of `inbox_pending`
decides whether a text may be written: so nothing is written twice, and nothing of an appeal that was erased
meanwhile.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
import orjson
import pyarrow as pa
from django.db import connection

from veche.core.finding import FINDING, long_table
from veche.core.ids import uuid7
from veche.ledger.values import VALUE, digest_of
from veche.service.inbox.facets import shown_facets
from veche.service.inbox.repeats import REPEAT, Alike, find_repeats
from veche.service.inbox.understand import Understanding, Understood
from veche.service.jobs import soon
from veche.service.ledger.append import New, append_many
from veche.service.live import tell
from veche.service.search.signs import sketch
from veche.stages.columns import MASKED_TEXT, MASKS
from veche.themes.repeats import REPEATS_VERSION

#: Who writes what is understood, as the ledger names it.
ACTOR = "worker"
#: The job that puts on the desk what people have to decide.
DEAL = "desk.deal_new"
#: After so long; later where so many came at once that more will follow: what is dealt together costs less.
DEAL_SECONDS, DEAL_MANY_SECONDS, MANY = 2, 15, 300
#: Characters of a text that can be searched: the database refuses a search entry of more than 1 MB.
SEARCHED = 100_000

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(t::text, 7)) FROM unnest(%s::uuid[]) AS t ORDER BY t"
_RELEASE = """
DELETE FROM inbox_pending p USING unnest(%s::uuid[], %s::smallint[]) AS c (id, tries)
WHERE p.appeal_id = c.id AND p.tries = c.tries RETURNING p.appeal_id
"""
_APPEALS = """
UPDATE inbox_appeal a SET state = 'understood', understood_at = clock_timestamp(), aside_reason = '',
    day = (a.received_at AT TIME ZONE u.zone)::date, language = u.language, kind = u.kind, topic = u.topic,
    topic_confidence = u.sure, body = u.body, urgency = u.urgency, territory = u.territory,
    groups = string_to_array(u.groups, '|')
FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::float8[],
    %s::text[], %s::text[]) AS u (id, zone, language, kind, topic, body, urgency, sure, territory, groups)
WHERE a.id = u.id AND a.state = 'received'
RETURNING a.id
"""
_TEXTS = """
INSERT INTO inbox_appealtext (appeal_id, tenant_id, text, masks, search, vector, sketch)
SELECT i.id, i.tenant, i.text, i.masks::jsonb,
    to_tsvector('russian', translate(left(i.text, %s), 'ёЁ', 'еЕ')), i.vector, i.sketch
FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::bytea[], %s::bytea[])
    AS i (id, tenant, text, masks, vector, sketch)
"""
_FINDINGS = """
INSERT INTO inbox_finding (made_at, id, tenant_id, appeal_id, matter, facet, rank, value, confidence,
    evidence, maker_kind, maker, maker_version, pack_version)
SELECT %s, i.id, i.tenant, i.appeal, i.matter, i.facet, i.rank, i.value, i.confidence, i.evidence::jsonb,
    'stage', i.maker, i.maker_version, i.pack_version
FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::smallint[], %s::text[], %s::smallint[], %s::text[],
    %s::float8[], %s::text[], %s::text[], %s::text[], %s::text[])
    AS i (id, tenant, appeal, matter, facet, rank, value, confidence, evidence, maker, maker_version,
        pack_version)
"""
_COPIES = """
UPDATE inbox_appeal a SET copy_of_id = c.leader FROM unnest(%s::uuid[], %s::uuid[]) AS c (id, leader)
WHERE a.id = c.id
"""


@dataclass(frozen=True)
class Part:
    """The appeals of one tenant in a chunk, a row each in `understood`; `tries` as they were claimed."""

    tenant_id: UUID
    ids: Sequence[UUID]
    tries: Sequence[int]
    understanding: Understanding
    understood: Understood

    def only(self, kept: set[UUID]) -> "Part":
        """Return the part with those appeals alone."""
        if len(kept) >= len(self.ids) and kept.issuperset(self.ids):
            return self
        rows = np.array([i for i, id in enumerate(self.ids) if id in kept], np.int64)
        table, vectors = self.understood
        left = Understood(table.take(pa.array(rows)), vectors[rows])
        ids, tries = ([column[i] for i in rows.tolist()] for column in (self.ids, self.tries))
        return Part(self.tenant_id, ids, tries, self.understanding, left)


def save(parts: Sequence[Part], *, now: datetime, alike: Alike) -> int:
    """Write what was understood, within `working` of all tenants; return how many appeals were written.

    `now` is the moment of the findings. Appeals that were taken away meanwhile are left alone.
    """
    tenants = sorted({part.tenant_id for part in parts})
    with connection.cursor() as cursor:
        cursor.execute("SELECT veche_finding_month(%s)", [now])
        # Copies of one tenant are found one chunk after another, so that none is overlooked.
        cursor.execute(_LOCK, [tenants])
    parts = _written(parts)
    if not parts:
        return 0
    for part in parts:
        _save_texts(part)
        _save_findings(_finding_rows(part), now)
        _save_repeats(part, alike, now)
    append_many([_entry(part) for part in parts])
    for part in parts:
        tell(part.tenant_id, "counts")
        soon(DEAL, part.tenant_id, seconds=DEAL_SECONDS if len(part.ids) < MANY else DEAL_MANY_SECONDS)
    return sum(len(part.ids) for part in parts)


def _written(parts: Sequence[Part]) -> list[Part]:
    """Take the appeals from what waits, set their columns, and return those that may be written."""
    pairs = [pair for part in parts for pair in zip(part.ids, part.tries, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_RELEASE, [[id for id, _ in pairs], [tries for _, tries in pairs]])
        ours = {row[0] for row in cursor.fetchall()}
        shown = [row for part in parts for row in _columns(part.only(ours))]
        if not shown:
            return []
        cursor.execute(_APPEALS, [list(column) for column in zip(*shown, strict=True)])
        kept = {row[0] for row in cursor.fetchall()}
    return [part for part in (p.only(kept) for p in parts) if part.ids]


def _columns(part: Part) -> Iterator[tuple[Any, ...]]:
    zone = part.understanding.pack.timezone or "UTC"
    shown = shown_facets(part.understanding, part.understood)
    for id, columns in zip(part.ids, shown, strict=True):
        yield (id, zone, *columns)


def _save_texts(part: Part) -> None:
    table, vectors = part.understood
    texts = table[MASKED_TEXT.name].to_pylist()
    labels = part.understanding.labels
    masks = [orjson.dumps(shown_masks(m, labels)).decode() for m in table[MASKS.name].to_pylist()]
    packed = [row.tobytes() if row.any() else b"" for row in vectors]
    sketches = [s.tobytes() if v else b"" for s, v in zip(sketch(vectors), packed, strict=True)]
    _execute(_TEXTS, SEARCHED, list(part.ids), [part.tenant_id] * len(texts), texts, masks, packed, sketches)


def shown_masks(masks: Sequence[Mapping[str, Any]] | None, labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return masks by where their labels stand in the masked text; they come by places in the original.

    `length` is how many characters a mask hides: by it, places in the original are found in the masked text.
    """
    shown, shift = [], 0
    for mask in masks or ():
        length = len(labels[mask["type"]])
        start = mask["start"] + shift
        hidden = mask["end"] - mask["start"]
        shown.append({"start": start, "end": start + length, "type": mask["type"], "length": hidden})
        shift += length - hidden
    return shown


def _finding_rows(part: Part) -> pa.Table:
    table = part.understood.table
    columns = {facet: table[facet] for facet in part.understood.facets}
    ids = pa.array([str(id) for id in part.ids], pa.string())
    return long_table(ids, columns, part.understanding.makers, part.understanding.pack.version).append_column(
        "tenant", pa.repeat(str(part.tenant_id), sum(_decided(table[f]) for f in columns))
    )


def _decided(column: pa.ChunkedArray) -> int:
    return len(column.combine_chunks().flatten())


def _save_findings(rows: pa.Table, now: datetime) -> None:
    if not len(rows):
        return
    columns = {name: rows[name].to_pylist() for name in rows.column_names if name != "evidence"}
    _execute(
        _FINDINGS,
        now,
        [uuid7() for _ in range(len(rows))],
        columns["tenant"],
        *(columns[name] for name in ("appeal_id", "matter", "facet", "rank", "value", "confidence")),
        _evidence(rows["evidence"]),
        *(columns[name] for name in ("maker", "maker_version", "pack_version")),
    )


def save_findings(rows: pa.Table, *, tenant_id: UUID, now: datetime) -> None:
    """Add findings (the columns of `FINDING`) of one tenant, within `working` of it."""
    _save_findings(rows.append_column("tenant", pa.repeat(str(tenant_id), len(rows))), now)


def _evidence(column: pa.ChunkedArray) -> list[str]:
    return [
        orjson.dumps([[span["start"], span["end"]] for span in spans]).decode() if spans else "[]"
        for spans in column.to_pylist()
    ]


def _save_repeats(part: Part, alike: Alike, now: datetime) -> None:
    """Find what the appeals repeat, and say so; the first of a group says so when another follows it."""
    found = find_repeats(part.tenant_id, part.ids, part.understood.table, alike=alike)
    said = [(r.appeal_id, r.leader, r.likeness) for r in found] + [
        (leader, leader, 1.0) for leader in dict.fromkeys(r.leader for r in found if r.first_follower)
    ]
    if not said:
        return
    ids, leaders, likeness = zip(*said, strict=True)
    n = len(said)
    rows = {
        "appeal_id": [str(id) for id in ids],
        "matter": [0] * n,
        "facet": [REPEAT] * n,
        "rank": [0] * n,
        "value": [str(id) for id in leaders],
        "confidence": likeness,
        "evidence": [[]] * n,
        "maker": ["repeats"] * n,
        "maker_version": [REPEATS_VERSION] * n,
        "pack_version": [part.understanding.pack.version] * n,
    }
    save_findings(pa.table(rows, schema=FINDING), tenant_id=part.tenant_id, now=now)
    copies = [(r.appeal_id, r.leader) for r in found if r.is_copy]
    if copies:
        _execute(_COPIES, [id for id, _ in copies], [leader for _, leader in copies])


def _entry(part: Part) -> New:
    pack = part.understanding.pack
    versions = repr((pack.code, pack.version, sorted(part.understanding.makers.items())))
    facts = {
        "appeals": len(part.ids),
        "ids": digest_of(part.ids),
        "findings": sum(_decided(part.understood.table[f]) for f in part.understood.facets),
        "pack": plain(pack.code),
        "pack_version": plain(pack.version),
        "versions": hashlib.sha256(versions.encode()).hexdigest(),
    }
    return New(part.tenant_id, "appeal.understood", ACTOR, "appeal", facts)


def plain(name: str) -> str:
    """Return a name as the ledger takes it: as it is, or a hash where it holds other than a code."""
    return name if re.fullmatch(VALUE, name) else hashlib.sha256(name.encode()).hexdigest()


def _execute(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
