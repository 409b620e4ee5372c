"""Writes what a person decided about many appeals at once: what it changed, findings, columns, one entry.

Every statement is set-based. The appeals are locked in the order of their ids, as the workers lock them; what
their columns show is read after that, so two decisions about one appeal come one after the other and the
later one remembers what the earlier one said.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models.expressions import RawSQL

from veche.ledger.values import digest_of
from veche.service.accounts.access import tenants_of
from veche.service.accounts.models import Tenant, User
from veche.service.desk.models import Act, Decision
from veche.service.desk.reach import deciding_on
from veche.service.desk.values import COLUMN, LEADS_TO_BODY, answering, code_of, pack_of
from veche.service.inbox.save import plain
from veche.service.jobs import soon
from veche.service.ledger.append import append
from veche.service.live import tell
from veche.service.sql import row
from veche.stages.body import BodyStage

_CHOSEN = """
INSERT INTO desk_changed (decision_id, appeal_id, tenant_id, facet, before, before_sure, after, chosen)
SELECT %(decision)s, c.appeal, %(tenant)s, %(facet)s, c.before, c.sure, %(shown)s, true
FROM unnest(%(decided)s::uuid[], %(befores)s::text[], %(sures)s::float8[]) AS c (appeal, before, sure)
"""
_SAID = """
INSERT INTO inbox_finding (made_at, id, tenant_id, appeal_id, matter, facet, rank, value, confidence,
    evidence, maker_kind, maker, maker_version, pack_version, decision)
SELECT %(at)s, gen_random_uuid(), %(tenant)s, c.appeal, %(matter)s, %(facet)s, 0, %(value)s, NULL, '[]',
    'person', %(maker)s, '', %(pack)s, %(decision)s
FROM unnest(%(decided)s::uuid[]) AS c (appeal)
"""
#: The columns of appeals whose body follows.
_NOTED = """
INSERT INTO desk_changed (decision_id, appeal_id, tenant_id, facet, before, after, chosen)
SELECT %(decision)s, f.appeal, %(tenant)s, 'body', f.before, f.body, false
FROM unnest(%(appeals)s::uuid[], %(befores)s::text[], %(bodies)s::text[]) AS f (appeal, before, body)
"""
#: The bodies that follow, of whole appeals or of a concern.
_FOLLOWED = """
INSERT INTO inbox_finding (made_at, id, tenant_id, appeal_id, matter, facet, rank, value, confidence,
    evidence, maker_kind, maker, maker_version, pack_version, decision)
SELECT %(at)s, gen_random_uuid(), %(tenant)s, f.appeal, %(matter)s, 'body', 0, nullif(f.body, ''), NULL, '[]',
    'stage', 'body', %(body_version)s, %(pack)s, %(decision)s
FROM unnest(%(appeals)s::uuid[], %(bodies)s::text[]) AS f (appeal, body)
"""
_CHOSEN_BODIES = """
SELECT appeal_id FROM desk_changed WHERE appeal_id = ANY (%s) AND facet = 'body' AND chosen
"""
_CARDS = """
SELECT c.id FROM desk_card c WHERE c.id IN (
    SELECT m.card_id FROM desk_member m WHERE m.appeal_id = ANY (%s) AND m.answer IS NULL
) ORDER BY c.id FOR UPDATE
"""
#: Wherever they wait: a facet of an appeal is open on one card at most. Where they wait for another facet,
#: the card counts them anew: their place, body or urgency may be another now.
_ANSWERED = """
WITH decided AS (
    SELECT unnest(%(decided)s::uuid[]) AS appeal_id
), answered AS (
    UPDATE desk_member m SET answer = %(shown)s, decision = %(decision)s FROM decided d
    WHERE m.appeal_id = d.appeal_id AND m.facet = %(facet)s AND m.answer IS NULL RETURNING m.card_id
)
SELECT card_id FROM answered
UNION SELECT m.card_id FROM desk_member m JOIN decided d ON d.appeal_id = m.appeal_id WHERE m.answer IS NULL
"""


@contextmanager
def by_index() -> Iterator[None]:
    """Have rows looked up by index: of rows that this transaction wrote the planner knows next to nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        yield
        cursor.execute("SET LOCAL enable_seqscan = on")


class Locked(NamedTuple):
    """An appeal that is locked, and what its columns show."""

    id: UUID
    tenant_id: UUID
    topic: str
    topic_confidence: float | None
    kind: str
    body: str
    territory: str
    urgency: str
    day: date | None


def lock(user: User, appeals: Iterable[UUID]) -> list[Locked]:
    """Return those of the appeals about which a person may decide, locked until the transaction ends.

    The cards on which they wait are locked before them, as by everybody who has a card in hand.
    """
    keys = list(appeals)
    with by_index(), connection.cursor() as cursor:
        cursor.execute(_CARDS, [keys])
        # One list is quicker than a value for each of ten thousand.
        listed = RawSQL("SELECT unnest(%s::uuid[])", [keys])
        mine = deciding_on(user).filter(pk__in=listed).order_by("pk")
        found = mine.select_for_update(no_key=True, of=("self",)).values_list(*Locked._fields)
        return [Locked(*row) for row in found]


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


def write(decision: Decision, appeals: Sequence[Locked], *, pack: str) -> None:
    """Write a decision about appeals of one authority that are locked, understood with that pack, and answer
    their cards."""
    facet = decision.facet
    given = _given(decision, appeals, pack) | {
        "shown": decision.value,
        "befores": [getattr(a, COLUMN[facet]) for a in appeals],
        "sures": [a.topic_confidence if facet == "topic" else None for a in appeals],
    }
    with by_index(), connection.cursor() as cursor:
        cursor.execute("SELECT veche_finding_month(%s)", [decision.at])
        cursor.execute(_CHOSEN, given)
        cursor.execute(_SAID, given)
        if facet in LEADS_TO_BODY:
            _follow(decision, appeals, pack, given)
        # While the appeals are still in the part that the person sees: the decision may send them out of it.
        cursor.execute(_ANSWERED, given)
        touched = {row[0] for row in cursor.fetchall()}
        cursor.execute("SELECT veche_desk_apply(%s)", [decision.pk])
    recount(touched | ({decision.card_id} if decision.card_id else set()))
    for card in touched - {decision.card_id}:
        tell(decision.tenant_id, "card", card)


def write_matter(decision: Decision, appeal: Locked, matter: int, *, pack: str) -> None:
    """Write a decision about the topic of a concern of an appeal that is locked; its body follows by the
    pack's rules. The columns of the appeal show the whole, and stay."""
    [(body, _strength)] = answering(pack, [(decision.value, appeal.territory, appeal.day)])
    given = _given(decision, [appeal], pack) | {"matter": matter, "appeals": [appeal.id], "bodies": [body]}
    with connection.cursor() as cursor:
        cursor.execute("SELECT veche_finding_month(%s)", [decision.at])
        cursor.execute(_SAID, given)
        cursor.execute(_FOLLOWED, given)


def _given(decision: Decision, appeals: Sequence[Locked], pack: str) -> dict[str, Any]:
    """Return what the statements want of a decision about the whole of appeals of one authority."""
    return {
        "decision": decision.pk,
        "tenant": appeals[0].tenant_id,
        "facet": decision.facet,
        "matter": 0,
        "decided": [a.id for a in appeals],
        "at": decision.at,
        "value": code_of(decision.facet, decision.value) or None,
        "maker": f"user:{decision.by_id}",
        "body_version": BodyStage.version,
        "pack": pack_of(pack).version,
    }


def _follow(decision: Decision, appeals: Sequence[Locked], pack: str, given: dict[str, Any]) -> None:
    """Let the bodies follow a new topic or place by the rules of the pack, where nobody chose one."""
    column = COLUMN[decision.facet]
    new = {column: decision.value}
    moved = [a for a in appeals if getattr(a, column) != decision.value]
    with connection.cursor() as cursor:
        cursor.execute(_CHOSEN_BODIES, [[a.id for a in moved]])
        chosen = {row[0] for row in cursor.fetchall()}
        moved = [a for a in moved if a.id not in chosen]
        cells = ((new.get("topic", a.topic), new.get("territory", a.territory), a.day) for a in moved)
        bodies = answering(pack, cells)
        told = [(a.id, a.body, b.body) for a, b in zip(moved, bodies, strict=True) if a.body != b.body]
        if told:
            ids, befores, after = (list(values) for values in zip(*told, strict=True))
            followed = given | {"appeals": ids, "befores": befores, "bodies": after}
            cursor.execute(_NOTED, followed)
            cursor.execute(_FOLLOWED, followed)


def recount(cards: Iterable[UUID]) -> None:
    """Count the members of cards anew: their version grows; one that has no open member left is closed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT veche_desk_recount(%s)", [sorted(cards)])


def enter(decision: Decision, act: str, appeals: Collection[UUID] = (), **facts: str | int | UUID) -> None:
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
        soon("desk.deal_new", decision.tenant_id)
    by = f"user:{decision.by_id}"
    append(decision.tenant_id, act, actor=by, object=f"decision:{decision.pk}", facts=known)
