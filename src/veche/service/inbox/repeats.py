"""Finds what a new appeal repeats, among all that its tenant has: the file run's method, one chunk at a time.

Exact copies meet by the hash of their normal form. Near copies are looked up by the bands of their signatures
and confirmed by the weighted likeness of their words, with who wrote, where and when as evidence. An earlier
appeal leads; what was decided once is not taken apart by later ones. The caller holds the tenant's lock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
import pyarrow as pa
from django.db import connection

from veche.service.inbox.rarity import Alike, Rarity
from veche.stages.columns import CONTENT_HASH, MASKED_TEXT, SIGNATURE
from veche.stages.repeats import BANDS
from veche.themes import linking
from veche.themes.circumstances import CLOSE_METRES, Circumstances
from veche.themes.repeats import COMMONPLACE, TELLING, Judge

__all__ = ["REPEAT", "Alike", "Repeat", "find_repeats"]

#: The facet that names the earliest of a group of copies.
REPEAT = "repeat"

#: Degrees of latitude and a bit more than `CLOSE_METRES`.
_CLOSE_DEGREES = CLOSE_METRES / 111_320.0 * 1.1
_MOST_OWN = 32_767

_KNOWN = """
SELECT h.hash, s.text_leader, s.own, coalesce(y.own, s.own), s.likeness
FROM unnest(%s::bigint[]) AS h (hash)
CROSS JOIN LATERAL (
    SELECT * FROM inbox_signature s WHERE s.tenant_id = %s AND s.text_hash = h.hash
    ORDER BY s.appeal_id LIMIT 1
) AS s
LEFT JOIN inbox_signature y ON y.appeal_id = s.text_leader
"""
_NEIGHBOURS = """
WITH met AS (
    SELECT appeal_id FROM veche_sharing_bands(%s, %s, %s) AS appeal_id
), wanted AS (
    SELECT appeal_id FROM met
    UNION SELECT s.text_leader FROM met JOIN inbox_signature s USING (appeal_id)
)
SELECT s.appeal_id, s.text_leader, s.own, s.bands, t.text, a.received_at, a.person_id, s.lat, s.lon
FROM wanted JOIN inbox_signature s USING (appeal_id) JOIN inbox_appealtext t USING (appeal_id)
JOIN inbox_appeal a ON a.id = s.appeal_id
WHERE s.bands IS NOT NULL ORDER BY s.appeal_id
"""
_HEADS = """
SELECT w.row, s.appeal_id, a.received_at, a.person_id, s.lat, s.lon
FROM unnest(%s::integer[], %s::uuid[], %s::uuid[], %s::float8[]) AS w (row, text_leader, person, lat)
CROSS JOIN LATERAL (
    SELECT * FROM inbox_signature s
    WHERE s.tenant_id = %s AND s.text_leader = w.text_leader AND s.leader = s.appeal_id
      AND CASE WHEN w.lat IS NULL THEN s.lat IS NULL ELSE s.lat BETWEEN w.lat - %s AND w.lat + %s END
    UNION
    SELECT s.* FROM inbox_appeal o JOIN inbox_signature s ON s.appeal_id = o.id
    WHERE o.person_id = w.person AND s.text_leader = w.text_leader AND s.leader = s.appeal_id
      AND w.lat IS NOT NULL AND s.lat IS NOT NULL
) AS s
JOIN inbox_appeal a ON a.id = s.appeal_id
ORDER BY s.appeal_id
"""
_INSERT = """
INSERT INTO inbox_signature
    (appeal_id, tenant_id, text_hash, text_leader, leader, own, likeness, lat, lon, bands)
SELECT i.id, %s, i.hash, i.text_leader, i.leader, i.own, i.likeness, i.lat, i.lon, i.bands::integer[]
FROM unnest(%s::uuid[], %s::bigint[], %s::uuid[], %s::uuid[], %s::smallint[], %s::float4[], %s::float8[],
    %s::float8[], %s::text[]) AS i (id, hash, text_leader, leader, own, likeness, lat, lon, bands)
"""
_FOLLOWED = """
UPDATE inbox_signature SET followed = true WHERE appeal_id = ANY(%s) AND NOT followed RETURNING appeal_id
"""


class Repeat(NamedTuple):
    """An appeal that repeats `leader`. `is_copy` is False where only a commonplace joins them;
    `first_follower` says that `leader` was alone before."""

    appeal_id: UUID
    leader: UUID
    likeness: float
    is_copy: bool
    first_follower: bool


@dataclass(frozen=True)
class _Text:
    """A text by the first appeal that had it, or whose text it is nearly: how telling are the two?"""

    leader: UUID
    own: int
    own_leader: int
    likeness: float = 1.0


class _Row(NamedTuple):
    """An appeal of the chunk. `bands` is None where the text is too short to be compared."""

    appeal_id: UUID
    hash: int
    text: str
    bands: np.ndarray | None
    received_at: datetime | None
    person: UUID
    lat: float | None
    lon: float | None


def find_repeats(tenant_id: UUID, ids: Sequence[UUID], table: pa.Table, *, alike: Alike) -> list[Repeat]:
    """Return which of these appeals of one tenant repeat an earlier one, and remember them for later ones.

    `table` has a row for each of `ids` with the columns of the repeats stage, the masked text, and where,
    when and by whom. Within `working` of the tenant.
    """
    if SIGNATURE.name not in table.column_names:
        return []
    rows = _rows(ids, table)
    texts = _known(tenant_id, {row.hash for row in rows})
    fresh = _first_of_each(row for row in rows if row.hash not in texts)
    texts |= _placed(tenant_id, fresh, alike.rarity(tenant_id))
    alike.grew(tenant_id, len(fresh))
    leaders = _leaders(tenant_id, rows, texts)
    _remember(tenant_id, rows, texts, leaders, firsts={row.appeal_id for row in fresh})
    following = [(row, leaders[row.appeal_id]) for row in rows if leaders[row.appeal_id] != row.appeal_id]
    alone_before = _followed({leader for _, leader in following})
    found = []
    for row, leader in following:
        text = texts[row.hash]
        is_copy = text.own >= COMMONPLACE or row.lat is not None
        found.append(Repeat(row.appeal_id, leader, text.likeness, is_copy, leader in alone_before))
    return found


def _rows(ids: Sequence[UUID], table: pa.Table) -> list[_Row]:
    """Return the appeals that have a text."""
    hashes = table[CONTENT_HASH.name].to_pylist()
    names = (MASKED_TEXT.name, SIGNATURE.name, "received_at", "author", "lat", "lon")
    columns = [table[name].to_pylist() for name in names]
    return [
        _Row(id, _signed(h), text, _bands(signature), at, UUID(author), lat, lon)
        for id, h, text, signature, at, author, lat, lon in zip(ids, hashes, *columns, strict=True)
        if h is not None
    ]


def _signed(value: int) -> int:
    return value - (1 << 64) if value >= 1 << 63 else value


def _bands(signature: bytes | None) -> np.ndarray | None:
    """Return int32 [BANDS]: the hash of each band together with its number."""
    if signature is None:
        return None
    numbers = np.arange(BANDS, dtype=np.uint32) * np.uint32(0x9E3779B1)
    return (np.frombuffer(signature, "<u4") ^ numbers).astype(np.uint32).view(np.int32)


def _first_of_each(rows: Any) -> list[_Row]:
    first: dict[int, _Row] = {}
    for row in rows:
        first.setdefault(row.hash, row)
    return list(first.values())


def _known(tenant_id: UUID, hashes: set[int]) -> dict[int, _Text]:
    return {h: _Text(*rest) for h, *rest in _fetch(_KNOWN, [sorted(hashes), tenant_id])}


def _placed(tenant_id: UUID, fresh: Sequence[_Row], rarity: Rarity) -> dict[int, _Text]:
    """Return what new texts are: nearly an earlier one, or texts of their own."""
    texts = {row.hash: _Text(row.appeal_id, 0, 0) for row in fresh}
    signed = [row for row in fresh if row.bands is not None]
    if not signed:
        return texts
    bands = np.stack([row.bands for row in signed if row.bands is not None])
    earlier = _fetch(_NEIGHBOURS, [tenant_id, np.unique(bands).tolist(), linking.FULL_BUCKET])
    n_old = len(earlier)
    keys = np.concatenate([np.array([e[3] for e in earlier], np.int32).reshape(-1, BANDS), bands])
    sets, common = rarity.sets([e[4] for e in earlier], [row.text for row in signed])
    facts = _circumstances(
        [e[5:] for e in earlier] + [(r.received_at, r.person, r.lat, r.lon) for r in signed]
    )
    at = np.arange(n_old + len(signed))
    judge = Judge(sets, sets.totals(), facts, at)
    own = np.minimum(sets.count(~common), _MOST_OWN)
    first, second = _pairs(keys.view(np.uint32), n_old, judge)
    sets = sets.without_columns(common)
    judge = Judge(sets, sets.totals(), facts, at)
    says = (own[first] >= COMMONPLACE) & (own[second] >= COMMONPLACE) & (judge.surplus(first, second) >= 0)
    ids = [e[0] for e in earlier] + [row.appeal_id for row in signed]
    number = {id: i for i, id in enumerate(ids)}
    leader = np.array([number.get(e[1], i) for i, e in enumerate(earlier)] + at[n_old:].tolist(), np.int64)
    meets = _by_second(first[says], second[says])
    for i in at[n_old:].tolist():
        for head in np.unique(leader[meets.get(i, [])]).tolist():
            if judge.speaks_for(np.array([i]), np.array([head]))[0]:
                leader[i] = head
                break
        head = int(leader[i])
        likeness = 1.0 if head == i else float(judge.likeness(np.array([i]), np.array([head]))[0])
        own_head = earlier[head][2] if head < n_old else int(own[head])
        texts[signed[i - n_old].hash] = _Text(ids[head], int(own[i]), own_head, likeness)
    return texts


def _pairs(keys: np.ndarray, n_old: int, judge: Judge) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs of texts (earlier, new) that share a band and are alike."""
    found = [np.zeros((2, 0), np.int64)]
    for first, second in linking.candidate_pairs(keys):
        new = second >= n_old
        first, second = first[new], second[new]
        likely = judge.surplus(first, second) >= 0 if len(first) else np.zeros(0, bool)
        found.append(np.stack([first, second])[:, likely])
    pairs = np.unique(np.concatenate(found, axis=1), axis=1)
    return pairs[0], pairs[1]


def _by_second(first: np.ndarray, second: np.ndarray) -> dict[int, np.ndarray]:
    order = np.argsort(second, kind="stable")
    first, second = first[order], second[order]
    cuts = [0, *(np.flatnonzero(np.diff(second)) + 1).tolist(), len(second)]
    return {int(second[a]): first[a:b] for a, b in pairwise(cuts) if b > a}


def _circumstances(rows: Sequence[tuple[Any, ...]]) -> Circumstances:
    received, person, lat, lon = zip(*rows, strict=True)
    return Circumstances.of(
        pa.table(
            {
                "received_at": pa.array(received, pa.timestamp("us", "UTC")),
                "author": pa.array([str(p) for p in person], pa.string()),
                "lat": pa.array(lat, pa.float64()),
                "lon": pa.array(lon, pa.float64()),
            }
        )
    )


def _leaders(tenant_id: UUID, rows: Sequence[_Row], texts: Mapping[int, _Text]) -> dict[UUID, UUID]:
    """Return the appeal that leads each: that of its text, or, where a text of so few words is written twice
    by chance, one from about the same place and time or of the same author."""
    leaders = {row.appeal_id: texts[row.hash].leader for row in rows}
    doubtful = [row for row in rows if texts[row.hash].own_leader < TELLING]
    if not doubtful:
        return leaders
    heads = _heads(tenant_id, doubtful, texts)
    for row in doubtful:
        text = texts[row.hash]
        own = [*heads.get(row.appeal_id, ()), *heads.get(text.leader, ())]
        head = next((h for h in own if _is_near(row, h)), None)
        if head is None:
            heads.setdefault(text.leader, []).append(row)
        leaders[row.appeal_id] = head.appeal_id if head else row.appeal_id
    return leaders


def _heads(tenant_id: UUID, rows: Sequence[_Row], texts: Mapping[int, _Text]) -> dict[UUID, list[_Row]]:
    """Return, by appeal, the earlier appeals that may lead it."""
    columns = [
        list(range(len(rows))),
        [texts[row.hash].leader for row in rows],
        [row.person for row in rows],
        [row.lat for row in rows],
    ]
    heads: dict[UUID, list[_Row]] = {}
    for i, id, at, person, lat, lon in _fetch(_HEADS, [*columns, tenant_id, _CLOSE_DEGREES, _CLOSE_DEGREES]):
        heads.setdefault(rows[i].appeal_id, []).append(_Row(id, 0, "", None, at, person, lat, lon))
    return heads


def _is_near(row: _Row, head: _Row) -> bool:
    if row.lat is None or head.lat is None:
        return row.lat is head.lat
    facts = _circumstances([(r.received_at, r.person, r.lat, r.lon) for r in (head, row)])
    one, other = np.array([0]), np.array([1])
    return bool(facts.close_by(one, other)[0] or facts.same_author(one, other)[0])


def _remember(
    tenant_id: UUID,
    rows: Sequence[_Row],
    texts: Mapping[int, _Text],
    leaders: Mapping[UUID, UUID],
    *,
    firsts: set[UUID],
) -> None:
    bands = [
        f"{{{','.join(map(str, row.bands.tolist()))}}}"
        if row.bands is not None and row.appeal_id in firsts
        else None
        for row in rows
    ]
    of = [texts[row.hash] for row in rows]
    columns = [
        [row.appeal_id for row in rows],
        [row.hash for row in rows],
        [text.leader for text in of],
        [leaders[row.appeal_id] for row in rows],
        [text.own for text in of],
        [text.likeness for text in of],
        [row.lat for row in rows],
        [row.lon for row in rows],
        bands,
    ]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [tenant_id, *columns])


def _followed(leaders: set[UUID]) -> set[UUID]:
    return {row[0] for row in _fetch(_FOLLOWED, [sorted(leaders)])} if leaders else set()


def _fetch(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()
