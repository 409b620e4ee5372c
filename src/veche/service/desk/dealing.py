"""Deals what waits into cards: what is new, the best of the queue after some decisions, or all of it.

Cards that a person has shaped or has in hand are left as they are: handed on, asked about, split, merged,
partly answered, taken. Each piece is a transaction of its own, and a card that somebody is deciding at that
moment is passed over, so nobody waits for the dealer. An authority has one dealer at a time. Runs in jobs
(`tasks`), within `working` of one authority.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
import orjson
from django.db import connection

from veche.core.ids import uuid7
from veche.learn.cards import LIFE, deal, exceptions_of
from veche.learn.cards import Card as Dealt
from veche.learn.cards_joined import join
from veche.learn.cards_proposed import propose
from veche.service.accounts.acting import working
from veche.service.desk.acts import recount
from veche.service.desk.handling import HELD
from veche.service.desk.models import Card, CardState, Kind
from veche.service.desk.promise import threshold_of
from veche.service.desk.undecided import (
    Asked,
    asked,
    taught,
    undecided_among,
    undecided_of,
    vector_of,
)
from veche.service.desk.values import TOPIC
from veche.service.live import tell
from veche.service.sql import row

#: Appeals that are dealt together; those of the best cards that are dealt anew after some decisions.
PIECE, BEST = 5_000, 5_000

#: Cards that a new appeal may join: the nearest is looked for among so many of the best.
_OPEN = 5_000

#: Of a card that an appeal joins, so many say whether it is an exception there.
_COMPARED = 200

#: A card that was taken apart is kept so long, for pages that still show it.
KEPT = timedelta(days=2)

_REACHED = "SELECT reached::text FROM desk_dealt WHERE tenant_id = %s AND facet = %s"
_NOW = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text"
_REACH = """
INSERT INTO desk_dealt (tenant_id, facet, reached) VALUES (%s, %s, %s::xid8)
ON CONFLICT (tenant_id, facet) DO UPDATE SET reached = excluded.reached
"""
_BEST_AT = "UPDATE desk_dealt SET best_at = clock_timestamp() WHERE tenant_id = %s AND facet = %s"
_SINCE = """
SELECT count(*) FROM desk_decision d JOIN desk_dealt l ON l.tenant_id = d.tenant_id AND l.facet = d.facet
WHERE d.tenant_id = %s AND d.facet = %s AND d.appeals > 0 AND d.at > l.best_at
"""
_CHANGED = "SELECT a.id FROM inbox_appeal a WHERE a.tenant_id = %s AND a.changed >= %s::xid8 ORDER BY a.id"
_WAITING = """
SELECT m.appeal_id FROM desk_member m WHERE m.appeal_id = ANY (%s) AND m.facet = %s AND m.answer IS NULL
"""
_LEAVE = """
WITH gone AS (
    DELETE FROM desk_member m WHERE m.appeal_id = ANY (%s) AND m.facet = %s AND m.answer IS NULL
    RETURNING m.card_id
) SELECT DISTINCT card_id FROM gone
"""
#: Cards that nobody has touched; one that somebody acts on now is passed over.
_UNTOUCHED = """
SELECT c.id FROM desk_card c
WHERE c.state = 'open' AND c.tenant_id = %(tenant)s AND c.facet = %(facet)s AND {which}
  AND c.handed_to_id IS NULL AND NOT c.wants_second
  AND (c.taken_at IS NULL OR c.taken_at < now() - %(held)s)
  AND NOT EXISTS (SELECT FROM desk_decision d WHERE d.card_id = c.id AND d.undone_at IS NULL)
  AND NOT EXISTS (SELECT FROM desk_member m WHERE m.card_id = c.id AND m.origin IS NOT NULL)
ORDER BY c.id FOR UPDATE SKIP LOCKED
"""
_OF_APPEALS = """
c.id IN (SELECT m.card_id FROM desk_member m
         WHERE m.appeal_id = ANY (%(appeals)s) AND m.facet = %(facet)s AND m.answer IS NULL)
"""
_TOP = """
c.id IN (SELECT b.id FROM (
    SELECT o.id, sum(o.size) OVER (ORDER BY o.priority DESC, o.id) AS upto FROM desk_card o
    WHERE o.state = 'open' AND o.tenant_id = %(tenant)s AND o.facet = %(facet)s
) AS b WHERE b.upto <= %(best)s)
"""
_EMPTY = "DELETE FROM desk_member WHERE card_id = ANY (%s) AND answer IS NULL RETURNING appeal_id"
_CENTRES = """
SELECT c.id, c.proposal, c.centre FROM desk_card c
WHERE c.state = 'open' AND c.tenant_id = %s AND c.facet = %s AND c.centre <> '' AND NOT c.wants_second
ORDER BY c.priority DESC, c.id LIMIT %s
"""
#: Who waits on these cards, so many of each: how like they are, where, in which language.
_STANDING = """
SELECT c.id, m.likeness, a.territory, a.language, a.urgency = 'life'
FROM unnest(%s::uuid[]) AS c (id) CROSS JOIN LATERAL (
    SELECT m.appeal_id, m.likeness FROM desk_member m WHERE m.card_id = c.id AND m.answer IS NULL
    ORDER BY m.appeal_id LIMIT %s
) AS m JOIN inbox_appeal a ON a.id = m.appeal_id
"""
#: By one statement with lists: of thousands of rows `bulk_create` makes a query that takes longer to read.
_CARDS = """
INSERT INTO desk_card (id, tenant_id, facet, kind, proposal, best, confidence, centre, theme,
    state, version, urgency, size, priority, wants_second, made_at)
SELECT c.id, %s, %s, c.kind, c.proposal, c.best::jsonb, c.sure, c.centre, c.theme,
    'open', 1, 0, 0, 0, false, now()
FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::float8[], %s::bytea[], %s::uuid[])
    AS c (id, kind, proposal, best, sure, centre, theme)
"""
_MEMBERS = """
INSERT INTO desk_member (card_id, appeal_id, tenant_id, facet, likeness, exception)
SELECT m.card, m.appeal, %s, %s, m.likeness, m.exception
FROM unnest(%s::uuid[], %s::uuid[], %s::float8[], %s::text[]) AS m (card, appeal, likeness, exception)
ON CONFLICT DO NOTHING
"""


def deal_new(tenant_id: UUID) -> int:
    """Put what is new or changed on cards, and take from cards what waits no more; return how many came.

    Goes on where it stopped: it looks at all that changed since.
    """
    with _alone(tenant_id):
        reached, now = _mark(tenant_id)
        changed = _column(_CHANGED, [tenant_id, reached]) if reached else []
        threshold = threshold_of(tenant_id, TOPIC)
    if not reached:
        return deal_all(tenant_id)
    dealt = 0
    for at in range(0, len(changed), PIECE):
        with _alone(tenant_id):
            piece = changed[at : at + PIECE]
            due = set(undecided_among(piece, threshold=threshold))
            held = set(_column(_WAITING, [piece, TOPIC]))
            _leave(tenant_id, sorted(held - due))
            dealt += _join(tenant_id, sorted(due - held))
    with _alone(tenant_id):
        _keep_mark(tenant_id, now)
    return dealt


def deal_these(tenant_id: UUID, appeals: Sequence[UUID]) -> int:
    """Put these appeals on cards where they wait for a decision and stand on none; return how many came."""
    with _alone(tenant_id):
        due = set(undecided_among(appeals, threshold=threshold_of(tenant_id, TOPIC)))
        held = set(_column(_WAITING, [list(appeals), TOPIC]))
        return _join(tenant_id, sorted(due - held))


def deal_best(tenant_id: UUID) -> int:
    """Deal the best of the queue anew, with what people have decided since; return how many appeals."""
    with _alone(tenant_id):
        given = {"best": BEST}
        appeals = _taken_apart(tenant_id, _TOP, given)
        due = undecided_among(appeals, threshold=threshold_of(tenant_id, TOPIC))
        with connection.cursor() as cursor:
            cursor.execute(_BEST_AT, [tenant_id, TOPIC])
        return _deal(tenant_id, due)


def decided_since(tenant_id: UUID) -> int:
    """Return how many decisions were made since the best of the queue was dealt anew."""
    with working(tenant_id):
        [n] = row(_SINCE, [tenant_id, TOPIC])
    return n


def forget(tenant_id: UUID, now: datetime) -> int:
    """Remove cards that were taken apart long ago and that nobody acted on; return how many."""
    with working(tenant_id):
        old = Card.objects.filter(tenant=tenant_id, state=CardState.GONE, made_at__lt=now - KEPT)
        return old.filter(decisions=None, members=None).delete()[0]


def deal_all(tenant_id: UUID) -> int:
    """Deal all that waits, piece by piece; return how many appeals."""
    with _alone(tenant_id):
        _reached, now = _mark(tenant_id)
        threshold = threshold_of(tenant_id, TOPIC)
        waiting = undecided_of(tenant_id, threshold=threshold)
    due = set(waiting)
    with _alone(tenant_id):
        open_members = _column(
            "SELECT appeal_id FROM desk_member WHERE tenant_id = %s AND facet = %s AND answer IS NULL",
            [tenant_id, TOPIC],
        )
        _leave(tenant_id, [key for key in open_members if key not in due])
    dealt = 0
    for at in range(0, len(waiting), PIECE):
        with _alone(tenant_id):
            piece = waiting[at : at + PIECE]
            freed = _taken_apart(tenant_id, _OF_APPEALS, {"appeals": piece})
            held = set(_column(_WAITING, [piece, TOPIC]))
            mixed = sorted({*piece, *freed} - held)
            dealt += _deal(tenant_id, undecided_among(mixed, threshold=threshold))
    with _alone(tenant_id):
        _keep_mark(tenant_id, now)
    return dealt


@contextmanager
def _alone(tenant_id: UUID) -> Iterator[None]:
    """A transaction in which nobody else deals the cards of this authority."""
    with working(tenant_id), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 8))", [str(tenant_id)])
        yield


def _mark(tenant_id: UUID) -> tuple[str, str]:
    """Return how far changes were looked at ("" for never), and how far they can be looked at now."""
    with connection.cursor() as cursor:
        cursor.execute(_REACHED, [tenant_id, TOPIC])
        found = cursor.fetchone()
        cursor.execute(_NOW)
        [(now,)] = cursor.fetchall()
    return (found[0] if found else ""), now


def _keep_mark(tenant_id: UUID, reached: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_REACH, [tenant_id, TOPIC, reached])


def _leave(tenant_id: UUID, appeals: Sequence[UUID]) -> None:
    """Take appeals from the cards on which they wait."""
    if not appeals:
        return
    touched = _column(_LEAVE, [list(appeals), TOPIC])
    recount(touched)
    _tell(tenant_id, touched)


def _taken_apart(tenant_id: UUID, which: str, given: dict[str, Any]) -> list[UUID]:
    """Take untouched cards apart, and return the appeals that waited on them."""
    values = {"tenant": tenant_id, "facet": TOPIC, "held": HELD, **given}
    cards = _column(_UNTOUCHED.format(which=which), values)
    if not cards:
        return []
    appeals = _column(_EMPTY, [cards])
    Card.objects.filter(pk__in=cards).update(state=CardState.GONE, size=0, centre=b"")
    recount(cards)
    return appeals


def _join(tenant_id: UUID, appeals: Sequence[UUID]) -> int:
    """Let appeals join the open cards that they are like, and deal cards of the others."""
    if not appeals:
        return 0
    of = asked(appeals)
    with connection.cursor() as cursor:
        cursor.execute(_CENTRES, [tenant_id, TOPIC, _OPEN])
        cards = cursor.fetchall()
    centres = np.stack([vector_of(bytes(row[2])) for row in cards]) if cards else np.zeros((0, 1), np.float16)
    chosen = join(of.waiting, centres=centres, values=[row[1] for row in cards])
    joined = np.flatnonzero(chosen >= 0)
    if len(joined):
        likeness = (
            of.waiting.vectors[joined].astype(np.float32) * centres[chosen[joined]].astype(np.float32)
        ).sum(axis=1)
        keys = [cards[i][0] for i in chosen[joined].tolist()]
        why = _exceptions(keys, of, joined, likeness)
        _add(tenant_id, keys, [of.ids[i] for i in joined], likeness.tolist(), why)
        recount(set(keys))
        _tell(tenant_id, list(dict.fromkeys(keys)))
    _deal(tenant_id, [of.ids[i] for i in np.flatnonzero(chosen < 0)])
    return len(of.ids)


def _exceptions(keys: Sequence[UUID], of: Asked, joined: np.ndarray, likeness: np.ndarray) -> list[str]:
    """Return why each that joins its card of `keys` is an exception there, beside those who stand on it."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, [list(set(keys)), _COMPARED])
        standing = cursor.fetchall()
    near = np.array([*likeness.tolist(), *(there[1] for there in standing)], np.float64)
    places = np.array([*of.waiting.places[joined], *(there[2] for there in standing)], object)
    languages = np.array([*of.waiting.languages[joined], *(there[3] for there in standing)], object)
    danger = np.array([*(of.waiting.urgency[joined] == LIFE), *(there[4] for there in standing)], bool)
    of_card: dict[UUID, list[int]] = {}
    for i, key in enumerate([*keys, *(there[0] for there in standing)]):
        of_card.setdefault(key, []).append(i)
    why = np.full(len(near), "", object)
    for rows in of_card.values():
        why[rows] = exceptions_of(
            near[rows], places=places[rows], languages=languages[rows], danger=danger[rows]
        )
    return why[: len(keys)].tolist()


def _deal(tenant_id: UUID, appeals: Sequence[UUID]) -> int:
    """Deal cards of appeals that wait on none; return how many appeals."""
    if not appeals:
        return 0
    of = asked(appeals)
    known = taught(tenant_id)
    # The threshold has been asked already, by what the stages say: nobody is sure of these.
    of_people = propose(of.waiting, known) if len(known.values) else of.waiting
    dealt = deal(of_people, sure=np.inf)
    cards = [uuid7() for _ in dealt]
    if cards:
        made = [_card(of, one) for one in dealt]
        with connection.cursor() as cursor:
            cursor.execute(_CARDS, [tenant_id, TOPIC, cards, *map(list, zip(*made, strict=True))])
    keys, members, likeness, why = [], [], [], []
    for card, one in zip(cards, dealt, strict=True):
        rows = one.members
        centre = one.centre.astype(np.float32)
        keys += [card] * len(rows)
        members += [of.ids[i] for i in rows.tolist()]
        likeness += (of.waiting.vectors[rows].astype(np.float32) @ centre).tolist()
        why += one.why.tolist()
    _add(tenant_id, keys, members, likeness, why)
    recount(cards)
    tell(tenant_id, "card")
    return len(of.ids)


def _card(of: Asked, one: Dealt) -> tuple[str, str, str, float, bytes, UUID | None]:
    """Return what `_CARDS` wants of a card: kind, proposal, the best, how sure, centre, theme."""
    rows = one.members.tolist()
    themes = {str(of.waiting.themes[i]) for i in rows}
    theme = themes.pop() if len(themes) == 1 else ""
    best = [{"value": value, "confidence": round(chance, 4)} for value, chance in one.best]
    centre = one.centre.tobytes() if one.centre.any() else b""
    kind = _kind(of, rows, theme)
    return (
        kind,
        one.value,
        orjson.dumps(best).decode(),
        one.confidence,
        centre,
        UUID(theme) if theme else None,
    )


def _kind(of: Asked, rows: list[int], theme: str) -> str:
    if len(rows) == 1:
        return Kind.SINGLE
    if len({of.leaders[i] for i in rows}) == 1:
        return Kind.REPEAT
    return Kind.THEME if theme else Kind.LIKENESS


def _add(
    tenant_id: UUID,
    cards: Sequence[UUID],
    appeals: Sequence[UUID],
    likeness: Sequence[float],
    why: Sequence[str],
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_MEMBERS, [tenant_id, TOPIC, list(cards), list(appeals), list(likeness), list(why)])


def _tell(tenant_id: UUID, cards: Sequence[UUID]) -> None:
    """Tell pages that show one of these cards; of many, that the queue changed."""
    for key in cards if len(cards) <= 20 else [""]:
        tell(tenant_id, "card", key)


def _column(query: str, given: Any) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(query, given)
        return [row[0] for row in cursor.fetchall()]
