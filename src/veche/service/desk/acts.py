"""Writes what a person decided about many appeals at once: what it changed, findings, columns, one entry.

Every statement is set-based. The appeals are locked in the order of their ids, as the workers lock them; what
their columns show is read after that, so two decisions about one appeal come one after the other and the
later one remembers what the earlier one said.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from veche.ledger.values import digest_of
from veche.service.accounts.access import tenants_of
from veche.service.accounts.models import Tenant, User
from veche.service.desk.models import Act, Decision
from veche.service.desk.reach import deciding_on
from veche.service.desk.values import COLUMN, LEADS_TO_BODY, answering, code_of, pack_of
from veche.service.inbox.save import plain
from veche.service.ledger.append import append
from veche.service.live import tell
from veche.service.sql import row
from veche.stages.body import BodyStage

#: What the column showed before, for each appeal that is locked already.
_CHOSEN = """
INSERT INTO desk_changed (decision_id, appeal_id, tenant_id, facet, before, before_sure, after, chosen)
SELECT %(decision)s, a.id, a.tenant_id, %(facet)s, a.{column},
    CASE WHEN %(facet)s = 'topic' THEN a.topic_confidence END, %(shown)s, true
FROM inbox_appeal a WHERE a.id = ANY (%(appeals)s) ORDER BY a.id
"""
#: Topics, places and days that a body is to be found for.
_CELLS = """
SELECT DISTINCT CASE WHEN c.facet = 'topic' THEN c.after ELSE a.topic END,
    CASE WHEN c.facet = 'place' THEN c.after ELSE a.territory END, a.day
FROM desk_changed c JOIN inbox_appeal a ON a.id = c.appeal_id
WHERE c.decision_id = %s AND c.before <> c.after
"""
#: The body follows where no person chose it and it is another now.
_FOLLOWED = """
INSERT INTO desk_changed (decision_id, appeal_id, tenant_id, facet, before, after, chosen)
SELECT c.decision_id, a.id, a.tenant_id, 'body', a.body, f.body, false
FROM desk_changed c JOIN inbox_appeal a ON a.id = c.appeal_id
JOIN unnest(%(topics)s::text[], %(places)s::text[], %(days)s::date[], %(bodies)s::text[])
    AS f (topic, place, day, body)
  ON f.topic = CASE WHEN c.facet = 'topic' THEN c.after ELSE a.topic END
 AND f.place = CASE WHEN c.facet = 'place' THEN c.after ELSE a.territory END
 AND f.day IS NOT DISTINCT FROM a.day
WHERE c.decision_id = %(decision)s AND c.before <> c.after AND a.body <> f.body
  AND NOT EXISTS (SELECT FROM desk_changed p WHERE p.appeal_id = a.id AND p.facet = 'body' AND p.chosen)
ORDER BY a.id
"""
_FINDINGS = """
INSERT INTO inbox_finding (made_at, id, tenant_id, appeal_id, matter, facet, rank, value, confidence,
    evidence, maker_kind, maker, maker_version, pack_version, decision)
SELECT %(at)s, gen_random_uuid(), c.tenant_id, c.appeal_id, 0, c.facet, 0,
    CASE WHEN c.chosen THEN %(value)s ELSE nullif(c.after, '') END, NULL, '[]',
    CASE WHEN c.chosen THEN 'person' ELSE 'stage' END, CASE WHEN c.chosen THEN %(maker)s ELSE 'body' END,
    CASE WHEN c.chosen THEN '' ELSE %(body_version)s END, %(pack)s, c.decision_id
FROM desk_changed c WHERE c.decision_id = %(decision)s
"""
_CARDS = """
SELECT c.id FROM desk_card c WHERE c.id IN (
    SELECT m.card_id FROM desk_member m WHERE m.appeal_id = ANY (%s) AND m.answer IS NULL
) ORDER BY c.id FOR UPDATE
"""
#: Wherever they wait: a facet of an appeal is open on one card at most.
_ANSWERED = """
WITH answered AS (
    UPDATE desk_member SET answer = %s, decision = %s
    WHERE answer IS NULL AND facet = %s AND appeal_id = ANY (%s) RETURNING card_id
) SELECT DISTINCT card_id FROM answered
"""


def lock(user: User, appeals: Sequence[UUID]) -> list[UUID]:
    """Return those of the appeals about which a person may decide, locked until the transaction ends.

    The cards on which they wait are locked before them, as by everybody who has a card in hand.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CARDS, [list(appeals)])
    mine = deciding_on(user).filter(pk__in=list(appeals)).order_by("pk")
    return list(mine.select_for_update(no_key=True, of=("self",)).values_list("pk", flat=True))


def decides_for(user: User, owner: Tenant) -> Tenant:
    """Return the authority in which a person decides about an appeal of `owner`: that one, or for an appeal
    that it lent, the first of their own that may."""
    mine = list(tenants_of(user, "finding.decide"))
    return owner if owner in mine else mine[0]


def now() -> datetime:
    """Return the moment by the clock of the database, which all processes share."""
    return row("SELECT clock_timestamp()", [])[0]


def begin(user: User, tenant: Tenant, act: Act, **given: Any) -> Decision:
    """Return a new decision, after what it is about was locked; `given` are fields of `Decision`, its value
    as columns show it."""
    return Decision.objects.create(tenant=tenant, at=now(), by=user, act=act, **given)


def write(decision: Decision, appeals: Sequence[UUID], *, pack: str) -> None:
    """Write a decision about appeals that are locked, understood with that pack, and answer their cards."""
    shown = decision.value
    given = {
        "decision": decision.pk,
        "facet": decision.facet,
        "shown": shown,
        "appeals": list(appeals),
        "at": decision.at,
        "value": code_of(decision.facet, shown),
        "maker": f"user:{decision.by_id}",
        "body_version": BodyStage.version,
        "pack": pack_of(pack).version,
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT veche_finding_month(%s)", [decision.at])
        cursor.execute(_CHOSEN.format(column=COLUMN[decision.facet]), given)
        if decision.facet in LEADS_TO_BODY:
            _follow(decision, pack)
        cursor.execute(_FINDINGS, given)
        cursor.execute("SELECT veche_desk_apply(%s)", [decision.pk])
    answer(decision, appeals)


def _follow(decision: Decision, pack: str) -> None:
    """Let the body follow the topic and the place, by the rules of the pack."""
    with connection.cursor() as cursor:
        cursor.execute(_CELLS, [decision.pk])
        cells = cursor.fetchall()
        bodies = answering(pack, cells)
        given = {
            "decision": decision.pk,
            "topics": [topic for topic, _place, _day in cells],
            "places": [place for _topic, place, _day in cells],
            "days": [day for _topic, _place, day in cells],
            "bodies": [body.body for body in bodies],
        }
        if cells:
            cursor.execute(_FOLLOWED, given)


def answer(decision: Decision, appeals: Sequence[UUID]) -> None:
    """Note that what waited on cards was answered by a decision, and count what is left."""
    given = [decision.value, decision.pk, decision.facet, list(appeals)]
    with connection.cursor() as cursor:
        cursor.execute(_ANSWERED, given)
        touched = {row[0] for row in cursor.fetchall()}
    recount(touched | ({decision.card_id} if decision.card_id else set()))
    for card in touched - {decision.card_id}:
        tell(decision.tenant_id, "card", card)


def recount(cards: Iterable[UUID]) -> None:
    """Count the members of cards anew: their version grows; one that has no open member left is closed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT veche_desk_recount(%s)", [sorted(cards)])


def enter(decision: Decision, act: str, appeals: Sequence[UUID] = (), **facts: str | int | UUID) -> None:
    """Append the entry of an act to the ledger, and tell the pages that show its card. Comes last."""
    known: dict[str, str | int | UUID] = {"act": str(decision.act), **facts}
    if decision.facet:
        known |= {"facet": plain(decision.facet), "value": plain(decision.value)}
    if appeals:
        known |= {"appeals": len(appeals), "ids": digest_of(appeals)}
    if decision.card_id:
        known["card"] = decision.card_id
        tell(decision.tenant_id, "card", decision.card_id)
    if appeals:
        tell(decision.tenant_id, "counts")
    by = f"user:{decision.by_id}"
    append(decision.tenant_id, act, actor=by, object=f"decision:{decision.pk}", facts=known)
