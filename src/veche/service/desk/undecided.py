"""Appeals of which a facet waits for a person, as `veche.learn.cards` reads them.

Undecided is a topic below the threshold of what is decided alone, one about which a model doubts (a text
unlike those it was taught, a language it never saw), no topic, one that a check found wrong, and a copy that
says otherwise than a person said of the appeal it repeats. What a person decided is decided.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa
from django.db import connection

from veche.learn.cards import Waiting
from veche.learn.cards_proposed import Decided
from veche.stages.columns import VECTOR_SIZE

#: Of what people decided, so many appeals make new proposals.
_TAUGHT = 4_000

#: A model doubts what it said last of the topic of appeal `a`: that is not decided alone, however sure it is.
DOUBTED = """EXISTS (SELECT FROM inbox_finding f WHERE f.appeal_id = a.id AND f.facet = 'topic_decided'
    AND f.matter = 0 AND f.rank = 0 AND f.value <> 'alone' AND f.made_at = (
        SELECT max(g.made_at) FROM inbox_finding g WHERE g.appeal_id = a.id
        AND g.facet IN ('topic', 'topic_decided') AND g.maker_kind = 'stage'))"""
_UNDECIDED = f"""
    a.state = 'understood'
    AND (a.topic = '' OR coalesce(a.topic_confidence, 0) < %(threshold)s
        OR {DOUBTED}
        OR EXISTS (SELECT FROM desk_check k WHERE k.appeal_id = a.id AND k.facet = 'topic'
                   AND k.value = a.topic AND NOT k.right)
        OR EXISTS (SELECT FROM inbox_appeal l JOIN desk_changed d ON d.appeal_id = l.id
                   WHERE l.id = a.copy_of_id AND l.topic <> a.topic AND d.facet = 'topic' AND d.chosen))
    AND NOT EXISTS (SELECT FROM desk_changed p WHERE p.appeal_id = a.id AND p.facet = 'topic' AND p.chosen)
"""
_AMONG = f"SELECT a.id FROM inbox_appeal a WHERE a.id = ANY (%(appeals)s) AND {_UNDECIDED} ORDER BY a.id"
_ALL = f"""
SELECT a.id FROM inbox_appeal a WHERE a.tenant_id = %(tenant)s AND {_UNDECIDED}
ORDER BY split_part(a.topic, '.', 1), a.topic, a.id
"""
_ROWS = """
SELECT a.id, a.topic, coalesce(a.topic_confidence, 0), coalesce(a.copy_of_id, a.id), a.urgency, a.territory,
    a.language, a.theme::text, t.text, t.vector
FROM inbox_appeal a JOIN inbox_appealtext t ON t.appeal_id = a.id
WHERE a.id = ANY (%s) ORDER BY a.id
"""
_OTHERS = """
SELECT f.appeal_id, f.value, f.confidence FROM (
    SELECT f.*, max(f.made_at) OVER (PARTITION BY f.appeal_id) AS latest
    FROM inbox_finding f WHERE f.appeal_id = ANY (%s) AND f.facet = 'topic' AND f.matter = 0
      AND f.maker_kind = 'stage'
) AS f WHERE f.made_at = f.latest AND f.value <> '' ORDER BY f.appeal_id, f.rank
"""
_DECIDED = """
SELECT t.text, t.vector, c.after, c.decision_id
FROM desk_changed c JOIN inbox_appealtext t ON t.appeal_id = c.appeal_id
WHERE c.tenant_id = %s AND c.facet = 'topic' AND c.chosen AND c.after <> '' ORDER BY c.id DESC LIMIT %s
"""
_URGENCY = {"life": 2, "deadline": 1}


@dataclass(frozen=True)
class Asked:
    """Appeals (`ids`, `leaders`: what each repeats, itself where nothing), a row each in `waiting`."""

    ids: list[UUID]
    leaders: list[UUID]
    waiting: Waiting


def undecided_among(appeals: Collection[UUID], *, threshold: float) -> list[UUID]:
    """Return those of the appeals whose topic waits for a person."""
    return _ids(_AMONG, {"appeals": list(appeals), "threshold": threshold})


def undecided_of(tenant_id: UUID, *, threshold: float) -> list[UUID]:
    """Return all appeals of an authority whose topic waits, those of one topic together."""
    return _ids(_ALL, {"tenant": tenant_id, "threshold": threshold})


def asked(appeals: Sequence[UUID]) -> Asked:
    """Return appeals as cards are dealt of them; those that have no text are left out."""
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, [list(appeals)])
        rows = cursor.fetchall()
        ids = [row[0] for row in rows]
        cursor.execute(_OTHERS, [ids])
        others: dict[UUID, list[tuple[str, float]]] = {}
        for appeal, value, confidence in cursor.fetchall():
            others.setdefault(appeal, []).append((value, confidence or 0.0))
    values = np.full((len(rows), 3), "", object)
    chances = np.zeros((len(rows), 3), np.float32)
    for i, row in enumerate(rows):
        best = [(row[1], row[2]), *(one for one in others.get(row[0], ()) if one[0] != row[1])]
        for k, (value, chance) in enumerate([one for one in best if one[0]][:3]):
            values[i, k], chances[i, k] = value, chance
    leaders = [row[3] for row in rows]
    _, same = np.unique(np.array([str(leader) for leader in leaders], object), return_inverse=True)
    waiting = Waiting(
        vectors=_vectors([row[9] for row in rows]),
        values=values,
        chances=chances,
        same=np.asarray(same, np.int64).ravel(),
        urgency=np.array([_URGENCY.get(row[4], 0) for row in rows], np.int64),
        places=_codes(row[5] for row in rows),
        languages=_codes(row[6] for row in rows),
        themes=_codes(row[7] or "" for row in rows),
        texts=pa.array([row[8] for row in rows], pa.string()),
    )
    return Asked(ids, leaders, waiting)


def taught(tenant_id: UUID) -> Decided:
    """Return what people decided last about topics of an authority."""
    with connection.cursor() as cursor:
        cursor.execute(_DECIDED, [tenant_id, _TAUGHT])
        rows = cursor.fetchall()
    _, decisions = np.unique(np.array([str(row[3]) for row in rows], object), return_inverse=True)
    return Decided(
        vectors=_vectors([row[1] for row in rows]),
        values=_codes(row[2] for row in rows),
        decisions=np.asarray(decisions, np.int64).ravel(),
        texts=pa.array([row[0] for row in rows], pa.string()),
    )


def vector_of(packed: bytes) -> np.ndarray:
    """Return a vector as tables hold it, float16 [512]; zeros where there is none."""
    return np.frombuffer(packed, np.float16) if packed else np.zeros(VECTOR_SIZE, np.float16)


def _vectors(packed: Sequence[bytes]) -> np.ndarray:
    return (
        np.stack([vector_of(bytes(p)) for p in packed]) if packed else np.zeros((0, VECTOR_SIZE), np.float16)
    )


def _codes(values: Any) -> np.ndarray:
    listed = list(values)
    out = np.empty(len(listed), object)
    out[:] = listed
    return out


def _ids(query: str, given: dict[str, Any]) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(query, given)
        return [row[0] for row in cursor.fetchall()]
