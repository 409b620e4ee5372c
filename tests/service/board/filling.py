"""Appeals put into the database past all doors, many at once, with the columns that a test asks for."""

import psycopg

_FILL = """
WITH asked AS (
    SELECT gen_random_uuid() AS id, gen_random_uuid() AS person, nextval('inbox_appeal_number') AS number,
        coalesce((row->>'received_at')::timestamptz, (row->>'day')::date + interval '9 hours',
            '2026-11-20T09:00Z') AS received, r.*
    FROM jsonb_array_elements(%(rows)s::jsonb) AS row
    CROSS JOIN LATERAL jsonb_to_record(row) AS r (day date, state text, language text, kind text, topic text,
        topic_confidence float8, body text, territory text, urgency text, groups text[], theme uuid)
), persons AS (
    INSERT INTO inbox_person (id, tenant_id, created_at) SELECT person, %(tenant)s, received FROM asked
), threads AS (
    INSERT INTO inbox_thread (id, tenant_id, person_id, opened_at, last_at)
    SELECT person, %(tenant)s, person, received, received FROM asked
)
INSERT INTO inbox_appeal (id, tenant_id, channel_id, person_id, thread_id, number, identity, content_hash,
    secret_hash, state, received_at, received_zone, taken_at, day, aside_reason, language, kind, topic,
    topic_confidence, body, territory, urgency, groups, theme)
SELECT id, %(tenant)s, %(channel)s, person, person, number, decode(md5(id::text), 'hex'), '', '',
    coalesce(state, 'understood'), received, '', received, day, '', coalesce(language, 'ru'),
    coalesce(kind, 'complaint'), coalesce(topic, ''), topic_confidence, coalesce(body, ''),
    coalesce(territory, ''), coalesce(urgency, 'none'), coalesce(groups, '{}'), theme
FROM asked ORDER BY number
RETURNING id
"""


def fill(url, tenant, channel, rows):
    """Put rows in as the owner of the tables; returns their ids, in order."""
    with psycopg.connect(url) as connection:
        given = {"rows": psycopg.types.json.Jsonb(rows), "tenant": tenant.pk, "channel": channel.pk}
        return [row[0] for row in connection.execute(_FILL, given).fetchall()]


#: What an audit of the quotations of a theme comes to, as a search keeps it.
AUDIT = {
    "quotations": 4,
    "voices": 123,
    "heard": 0.71,
    "beats": [0.99, 0.98],
    "left_out": [{"dimension": "group", "value": "disability", "share": 0.08}],
    "behind": [],
}


def sign_off(tenant, *, name="Стаи собак у школ", **more):
    """Make a theme that a person signed off, with its audit; within a connection as the owner."""
    from veche.service.themes.models import Theme

    given = {"code": "t001", "words": ["слово"], "size": 23, "audit": AUDIT, **more}
    return Theme.objects.create(tenant=tenant, name=name, state="signed", **given)
