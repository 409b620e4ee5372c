"""Appeals that wait on cards, made as the owner of the tables makes them; everybody in them is invented."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np

from veche.core.ids import uuid7

TOPICS = ["city.animals.strays", "city.animals.vets", "city.animals.pests", "housing.building"]
PLACES = ["ru/ru-01/ru-01-000-001", "ru/ru-02/ru-02-006"]
BODIES = ["municipality_improvement", "region_vet"]

_APPEALS = """
INSERT INTO inbox_appeal (id, tenant_id, channel_id, person_id, thread_id, number, identity, content_hash,
    secret_hash, state, received_at, received_zone, taken_at, understood_at, day, aside_reason, language,
    kind, topic, topic_confidence, body, territory, urgency, groups, copy_of_id)
SELECT i.id, %(tenant)s, %(channel)s, %(person)s, %(thread)s, nextval('inbox_appeal_number'),
    i.id::text::bytea, '', '', 'understood', %(now)s, 'UTC', %(now)s, %(now)s, %(now)s::date, '', 'ru',
    'complaint', i.topic, i.sure, i.body, i.place, i.urgency, '{}', i.leader
FROM unnest(%(ids)s::uuid[], %(topics)s::text[], %(sure)s::float8[], %(bodies)s::text[], %(places)s::text[],
    %(urgency)s::text[], %(leaders)s::uuid[]) AS i (id, topic, sure, body, place, urgency, leader)
"""
_TEXTS = """
INSERT INTO inbox_appealtext (appeal_id, tenant_id, text, masks, search, vector)
SELECT i.id, %s, i.text, '[]', to_tsvector('russian', i.text), i.vector
FROM unnest(%s::uuid[], %s::text[], %s::bytea[]) AS i (id, text, vector)
"""
_FINDINGS = """
INSERT INTO inbox_finding (made_at, id, tenant_id, appeal_id, matter, facet, rank, value, confidence,
    evidence, maker_kind, maker, maker_version, pack_version)
SELECT %(at)s, gen_random_uuid(), a.tenant_id, a.id, 0, f.facet, 0, nullif(f.value, ''), f.sure,
    '[[0, 5]]', 'stage', f.facet, '1', '1'
FROM inbox_appeal a CROSS JOIN LATERAL (VALUES ('topic', a.topic, a.topic_confidence), ('body', a.body, 0.7),
    ('urgency', a.urgency, 0.9), ('kind', a.kind, 0.9)) AS f (facet, value, sure)
WHERE a.id = ANY (%(ids)s)
"""
_CARD = """
INSERT INTO desk_card (id, tenant_id, facet, kind, state, version, proposal, best, confidence, urgency, size,
    priority, centre, wants_second, made_at)
VALUES (%s, %s, 'topic', 'likeness', 'open', 0, %s, %s, 0.5, 0, 0, 0, '', false, now())
"""
_MEMBERS = """
INSERT INTO desk_member (card_id, appeal_id, tenant_id, facet, likeness, exception)
SELECT %s, i.id, %s, 'topic', i.likeness, i.exception
FROM unnest(%s::uuid[], %s::float8[], %s::text[]) AS i (id, likeness, exception)
"""


def make_appeals(tenant, channel, n, *, topics=TOPICS[:1], sure=0.5, bodies=BODIES[:1], places=PLACES[:1],
                 urgency=("none",), texts=("The dogs bite.",), vectors=None, leaders=None):  # fmt: skip
    """Return the ids of `n` appeals that were understood; values go round."""
    from django.db import connection

    now = datetime.now(UTC) - timedelta(hours=1)
    person, thread = uuid7(), uuid7()
    ids = sorted(uuid7() for _ in range(n))

    def round_of(values):
        return [values[i % len(values)] for i in range(n)]

    given = {
        "tenant": tenant.pk,
        "channel": channel.pk,
        "person": person,
        "thread": thread,
        "now": now,
        "at": now,
        "ids": ids,
        "topics": round_of(topics),
        "sure": round_of(sure if isinstance(sure, list | tuple) else [sure]),
        "bodies": round_of(bodies),
        "places": round_of(places),
        "urgency": round_of(urgency),
        "leaders": leaders(ids) if leaders else [None] * n,
    }
    vectors = alike(n) if vectors is None else vectors
    packed = [v.astype(np.float16).tobytes() for v in vectors]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO inbox_person (id, tenant_id, created_at) VALUES (%s, %s, now())", [person, tenant.pk]
        )
        cursor.execute(
            "INSERT INTO inbox_thread (id, tenant_id, person_id, opened_at, last_at)"
            " VALUES (%s, %s, %s, now(), now())",
            [thread, tenant.pk, person],
        )
        cursor.execute("SELECT veche_finding_month(%s)", [now])
        cursor.execute(_APPEALS, given)
        cursor.execute(_TEXTS, [tenant.pk, ids, round_of(texts), packed])
        cursor.execute(_FINDINGS, given)
    return ids


def alike(n, *, seed=0, spread=0.02):
    """Return unit vectors about one direction, float32 [n, 512]."""
    rng = np.random.default_rng(seed)
    middle = np.random.default_rng(seed).normal(size=512)
    found = (
        middle
        + spread * np.sqrt(512) * rng.normal(size=(n, 512)) * np.linalg.norm(middle) / np.sqrt(512) / 10
    )
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


def make_card(tenant, appeals, *, proposal=TOPICS[0], exceptions=()):
    """Return the id of a card with these members."""
    from django.db import connection

    key = uuid7()
    likeness = [1 - i / (len(appeals) + 1) for i in range(len(appeals))]
    best = f'[{{"value": "{proposal}", "confidence": 0.5}}]'
    with connection.cursor() as cursor:
        cursor.execute(_CARD, [key, tenant.pk, proposal, best])
        why = ["unlike" if a in exceptions else "" for a in appeals]
        cursor.execute(_MEMBERS, [key, tenant.pk, list(appeals), likeness, why])
        cursor.execute("SELECT veche_desk_recount(%s)", [[key]])
    return key


def version(card: UUID) -> int:
    """Return the version of a card as it is now, in the transaction at hand."""
    from veche.service.desk.models import Card

    return Card.objects.values_list("version", flat=True).get(pk=card)


def standing(appeals):
    """Return all that shows of appeals: their columns, and their findings in force."""
    from veche.service.desk.history import in_force
    from veche.service.desk.models import Decision
    from veche.service.inbox.models import Appeal, Finding

    columns = ("pk", "topic", "topic_confidence", "body", "territory", "kind", "urgency")
    shown = {row[0]: row[1:] for row in Appeal.objects.filter(pk__in=appeals).values_list(*columns)}
    findings = list(Finding.objects.filter(appeal__in=appeals))
    undone = set(Decision.objects.exclude(undone_at=None).values_list("pk", flat=True))
    held = {}
    for appeal in appeals:
        own = in_force([f for f in findings if f.appeal_id == appeal], undone)
        held[appeal] = sorted((f.facet, f.matter, f.value or "", f.maker_kind) for f in own)
    return shown, held
