"""Searches in appeals: by words in Russian and English whatever their endings, or by meaning.

By words it asks the index of the database, by meaning it compares with all vectors that the transaction may
see, exactly. Both hold to the walls; what is found are ids, the best first.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from django.db import connection
from django.db.models import QuerySet

from veche.service.inbox.models import Appeal
from veche.stages.columns import VECTOR_SIZE
from veche.stages.vectors import encode

#: Results that are returned unless more are asked for.
MOST = 100
#: Vectors that are compared at once (1 kB each).
_AT_ONCE = 20_000

_WORDS = "SELECT appeal_id, rank FROM veche_search(%s)"


class Hit(NamedTuple):
    """An appeal that was found; a higher `score` is better, within one search."""

    appeal_id: UUID
    score: float


def search(
    query: str, *, filters: Mapping[str, Any] | None = None, by_meaning: bool = False, most: int = MOST
) -> list[Hit]:
    """Return the appeals that fit a query best, within `acting` or `working`.

    Args:
        query: Words as people type them: "quoted phrases", -without, or; by meaning, a sentence.
        filters: Conditions on appeals as Django takes them (`topic="roads"`, `day__gte=...`).
        by_meaning: Whether what it means counts, instead of its words.
        most: How many are returned.
    """
    if not query.strip():
        return []
    appeals = Appeal.objects.filter(**filters or {})
    return _by_meaning(query, appeals, most) if by_meaning else _by_words(query, appeals, most)


def _by_words(query: str, appeals: "QuerySet[Appeal]", most: int) -> list[Hit]:
    with connection.cursor() as cursor:
        cursor.execute(_WORDS, [query])
        found = dict(cursor.fetchall())
    kept = appeals.filter(pk__in=list(found)).values_list("pk", flat=True)
    return _best([(id, found[id]) for id in kept], most)


def _by_meaning(query: str, appeals: "QuerySet[Appeal]", most: int) -> list[Hit]:
    wanted = encode([query])[0]
    rows = appeals.exclude(masked__vector=b"").values_list("pk", "masked__vector")
    found: list[tuple[UUID, float]] = []
    block: list[tuple[UUID, bytes]] = []
    for row in rows.iterator(_AT_ONCE):
        block.append(row)
        if len(block) == _AT_ONCE:
            found = _nearest(found, block, wanted, most)
            block = []
    return _best(_nearest(found, block, wanted, most), most)


def _nearest(
    found: Sequence[tuple[UUID, float]], block: Sequence[tuple[UUID, bytes]], wanted: np.ndarray, most: int
) -> list[tuple[UUID, float]]:
    packed = [(id, bytes(vector)) for id, vector in block if vector]
    if not packed:
        return list(found)
    table = np.frombuffer(b"".join(v for _, v in packed), np.float16).reshape(-1, VECTOR_SIZE)
    scores = table.astype(np.float32) @ wanted
    best = np.argsort(-scores, kind="stable")[:most]
    return [*found, *((packed[i][0], float(scores[i])) for i in best.tolist())]


def _best(found: Sequence[tuple[UUID, float]], most: int) -> list[Hit]:
    ordered = sorted(found, key=lambda pair: (-pair[1], pair[0]))
    return [Hit(*pair) for pair in ordered[:most]]
