"""The counts behind live screens. A trigger keeps them in step; here they are checked, and made anew."""

from uuid import UUID

from django.db import connection

_COUNTED = """
SELECT a.tenant_id, a.day, c.code AS channel, a.language, a.kind, a.topic, a.body, a.territory, a.urgency,
    count(*)::integer AS n
FROM inbox_appeal a JOIN inbox_channel c ON c.id = a.channel_id
WHERE a.tenant_id = %s AND veche_counted(a.state, a.day)
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
"""
_KEPT = """
SELECT tenant_id, day, channel, language, kind, topic, body, territory, urgency, n FROM inbox_tally
WHERE tenant_id = %s
"""
_WRONG = f"""
SELECT count(*) FROM (
    (({_COUNTED}) EXCEPT ({_KEPT})) UNION ALL (({_KEPT}) EXCEPT ({_COUNTED}))
) AS different
"""
_INSERT = (
    f"INSERT INTO inbox_tally (tenant_id, day, channel, language, kind, topic, body, territory, urgency, n)"
    f" {_COUNTED}"
)


def wrong_cells(tenant_id: UUID) -> int:
    """Return how many counts of a tenant differ from a count of its appeals; 0 unless somebody changed rows
    past the triggers. Within `working` of the tenant."""
    with connection.cursor() as cursor:
        cursor.execute(_WRONG, [tenant_id] * 4)
        return cursor.fetchall()[0][0]


def recount(tenant_id: UUID) -> None:
    """Count the appeals of a tenant anew, within `working` of it; meanwhile nobody else changes them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM inbox_appeal WHERE tenant_id = %s FOR NO KEY UPDATE", [tenant_id])
        cursor.execute("DELETE FROM inbox_tally WHERE tenant_id = %s", [tenant_id])
        cursor.execute(_INSERT, [tenant_id])
