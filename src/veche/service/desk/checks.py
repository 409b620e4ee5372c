"""Samples of what the system decided alone, what people say of them, and what that does to the threshold.

A sample is drawn at random, each appeal of the last `WINDOW` as likely as any other; of what people decided
on cards the same share counts, chosen by a hash of the id, so that the verdicts speak of the whole stream.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from django.db import connection
from django.utils.translation import gettext as _

from veche.core.errors import CheckDone
from veche.learn.model import Seen
from veche.service import reader
from veche.service.accounts.access import appeals_of, may, tenants_of
from veche.service.accounts.models import Tenant, User
from veche.service.desk import acts, words
from veche.service.desk.models import Act, Check, Decision, Promise
from veche.service.desk.promise import BEGUN, ERRORS, MODEL, NOTHING, PROVED, judge, promise_of
from veche.service.desk.reach import refused
from veche.service.desk.undecided import DOUBTED
from veche.service.desk.values import COLUMN, shown_value
from veche.service.inbox import numbers
from veche.service.inbox.models import Appeal, AppealText, State
from veche.service.jobs import soon
from veche.service.ledger.append import append

#: How far back samples reach, and how many of an authority wait to be checked.
WINDOW, OPEN = timedelta(days=90), 60

_ALONE = f"""
    a.tenant_id = %(tenant)s AND a.state = 'understood' AND a.topic <> ''
    AND a.topic_confidence >= %(threshold)s AND a.understood_at >= %(since)s AND NOT {DOUBTED}
    AND NOT EXISTS (SELECT FROM desk_changed c WHERE c.appeal_id = a.id AND c.facet = 'topic' AND c.chosen)
"""
_DRAW = f"""
INSERT INTO desk_check (id, tenant_id, appeal_id, facet, value, chance, drawn_at)
SELECT gen_random_uuid(), a.tenant_id, a.id, 'topic', a.topic, a.topic_confidence, clock_timestamp()
FROM inbox_appeal a
WHERE {_ALONE}
  AND NOT EXISTS (
    SELECT FROM desk_check k WHERE k.appeal_id = a.id AND k.facet = 'topic' AND k.value = a.topic)
ORDER BY random() LIMIT %(most)s
ON CONFLICT DO NOTHING
"""
#: What was drawn and is no longer decided alone is not asked about.
_STALE = f"""
DELETE FROM desk_check k WHERE k.tenant_id = %(tenant)s AND k.facet = 'topic' AND k.right IS NULL
  AND NOT EXISTS (SELECT FROM inbox_appeal a WHERE a.id = k.appeal_id AND a.topic = k.value AND {_ALONE})
"""
_LISTED = f"""
SELECT a.id FROM inbox_appeal a
WHERE {_ALONE} AND (a.received_at, a.id) < (%(at)s, %(key)s)
ORDER BY a.received_at DESC, a.id DESC LIMIT %(most)s
"""
_SHARE = f"""
SELECT count(*) FILTER (WHERE a.topic_confidence >= %(threshold)s AND a.topic <> '' AND NOT {DOUBTED}),
    count(*),
    (SELECT count(*) FROM inbox_appeal a WHERE {_ALONE})
FROM inbox_appeal a
WHERE a.tenant_id = %(tenant)s AND a.state = 'understood' AND a.understood_at >= %(since)s
"""
_CHECKED = """
SELECT k.chance, k.value, k.right, coalesce(a.copy_of_id, a.id)::text
FROM desk_check k JOIN inbox_appeal a ON a.id = k.appeal_id
WHERE k.tenant_id = %(tenant)s AND k.facet = 'topic' AND k.right IS NOT NULL AND k.drawn_at >= %(since)s
"""
#: Decided on cards: the first decision of each appeal knows what the machine had said.
_ON_CARDS = """
SELECT c.before_sure, c.before, c.before = c.after, coalesce(a.copy_of_id, a.id)::text
FROM desk_changed c JOIN inbox_appeal a ON a.id = c.appeal_id
WHERE c.tenant_id = %(tenant)s AND c.facet = 'topic' AND c.chosen AND c.before <> ''
  AND c.before_sure < %(threshold)s AND a.understood_at >= %(since)s
  AND NOT EXISTS (
    SELECT FROM desk_changed e WHERE e.appeal_id = c.appeal_id AND e.facet = 'topic' AND e.id < c.id)
  AND NOT EXISTS (SELECT FROM desk_check k WHERE k.appeal_id = a.id AND k.facet = 'topic')
  AND (hashtextextended(a.id::text, 11) & 1048575) < %(share)s * 1048576
"""


@dataclass(frozen=True)
class CheckLine:
    """A sample to check."""

    id: UUID
    appeal: Appeal
    number: str
    tenant_name: str
    facet: str
    #: What was decided alone, with which chance.
    value: str
    words: str
    chance: float
    text: AppealText | None


@dataclass(frozen=True)
class Standing:
    """What is decided alone in an authority, and what checks said of it."""

    tenant: Tenant
    facet: str
    #: From which confidence on; None where people decide everything.
    threshold: float | None
    #: Share that is to be right.
    precision: float
    #: Share of the appeals that is decided alone, where it was counted.
    share: float | None
    #: Since the threshold was moved last, and why, in words.
    since: datetime | None
    reason: str
    #: Samples that wait, that were checked, and of those the wrong ones.
    waiting: int
    checked: int
    wrong: int


def to_check(user: User, *, most: int = 20) -> list[CheckLine]:
    """Return samples for a person to check, those drawn first first."""
    open_ones = Check.objects.filter(right=None, appeal__in=appeals_of(user, "decision.check"))
    found = list(open_ones.select_related("tenant").order_by("drawn_at", "pk")[:most])
    appeals = Appeal.objects.in_bulk([one.appeal_id for one in found])
    texts = AppealText.objects.defer("vector", "search").in_bulk(list(appeals))
    language = reader.language()
    return [
        CheckLine(
            id=one.pk,
            appeal=a,
            number=numbers.shown(a.number),
            tenant_name=one.tenant.name,
            facet=one.facet,
            value=one.value,
            words=words.value(one.tenant.pack, one.facet, one.value, language),
            chance=one.chance,
            text=texts.get(a.pk),
        )
        for one in found
        if (a := appeals.get(one.appeal_id))
    ]


def decided_alone(
    user: User, tenant: Tenant, now: datetime, *, before: Appeal | None = None, most: int = 50
) -> list[Appeal]:
    """Return what was decided alone in an authority since `WINDOW`, the latest first; `before` one of them.

    Raises:
        NotYours: this person may not see what was decided there.
    """
    if not (may(user, "decision.check", tenant) or may(user, "decision.see", tenant)):
        raise refused("decision.see")
    at, key = (before.received_at, before.pk) if before else (now, UUID(int=2**128 - 1))
    found = [row[0] for row in _rows(_LISTED, _given(tenant.pk, now) | {"at": at, "key": key, "most": most})]
    seen = appeals_of(user).in_bulk(found)
    return [seen[key] for key in found if key in seen]


def check(user: User, check_id: UUID, *, right: bool, value: str = "") -> Decision:
    """Say whether what was decided alone is right; if not, `value` is what is right, "" where one cannot say.

    What is right, and what is corrected, is a decision of this person from now on; what is wrong without
    being corrected goes to the desk. A job weighs what this means for the threshold.

    Raises:
        NotYours: there is no such sample for this person. CheckDone: it was checked meanwhile.
        ValueUnknown: the pack knows no such value.
    """
    mine = Check.objects.filter(pk=check_id, appeal__in=appeals_of(user, "decision.check"))
    found = mine.select_related("tenant").first()
    if found is None:
        raise refused("decision.check")
    shown = found.value if right else value and shown_value(found.tenant.pack, found.facet, value)
    locked = acts.lock(user, [found.appeal_id])
    fresh = Check.objects.select_for_update().filter(pk=check_id, right=None)
    if not locked or getattr(locked[0], COLUMN[found.facet]) != found.value or not fresh.exists():
        raise CheckDone
    decision = acts.begin(
        user,
        found.tenant,
        Act.CHECKED,
        facet=found.facet,
        value=shown or "",
        appeals=1 if shown else 0,
        before={"check": str(found.pk)},
    )
    if shown:
        acts.write(decision, locked, pack=found.tenant.pack)
    Check.objects.filter(pk=check_id).update(right=shown == found.value, by=user, at=decision.at)
    soon("desk.weigh", found.tenant_id)
    acts.enter(decision, "decision.checked", [found.appeal_id], right=shown == found.value)
    return decision


def standings(user: User) -> list[Standing]:
    """Return what is decided alone in the authorities whose samples a person may check or whose decisions
    they may see."""
    tenants = {t.pk: t for t in (*tenants_of(user, "decision.check"), *tenants_of(user, "decision.see"))}
    return [_standing(tenant) for tenant in tenants.values()]


def moves(user: User, tenant: Tenant, *, most: int = 20) -> list[tuple[Promise, str]]:
    """Return how the threshold of an authority moved, the last first, each with the reason in words."""
    if not (may(user, "decision.check", tenant) or may(user, "decision.see", tenant)):
        raise refused("decision.see")
    return [(p, reason_words(p)) for p in Promise.objects.filter(tenant=tenant).order_by("-at")[:most]]


def reason_words(promise: Promise) -> str:
    """Return why a threshold is what it is, in a sentence."""
    if promise.reason == ERRORS:
        said = _("People checked %(tested)s samples and found %(wrong)s wrong: less is decided alone.")
    elif promise.reason == PROVED:
        said = _("Samples proved that more is right than was promised: more is decided alone.")
    elif promise.reason == MODEL:
        said = _(
            "A model learnt from decided appeals is in use: what it proved on appeals that it had not seen "
            "is decided alone."
        )
    else:
        said = _("The beginning: what the system is sure of is decided alone, and people check samples.")
    return said % {"tested": promise.tested, "wrong": promise.wrong}


def draw(tenant_id: UUID, now: datetime) -> int:
    """Draw what is missing of the samples of an authority, within `working` of it; return how many."""
    given = _given(tenant_id, now)
    with connection.cursor() as cursor:
        cursor.execute(_STALE, given)
        missing = OPEN - Check.objects.filter(tenant=tenant_id, facet="topic", right=None).count()
        if missing <= 0:
            return 0
        cursor.execute(_DRAW, {**given, "most": missing})
        return cursor.rowcount


def weigh(tenant_id: UUID, now: datetime) -> bool:
    """Let the verdicts move the threshold of an authority, within `working` of it; return whether it did."""
    held = promise_of(tenant_id, "topic")
    given = _given(tenant_id, now)
    alone, total, unchecked = _rows(_SHARE, given)[0]
    verdicts = _rows(_CHECKED, given)
    share = len(verdicts) / max(len(verdicts) + unchecked, 1)
    seen = _seen([*verdicts, *_rows(_ON_CARDS, {**given, "share": share})])
    verdict = judge(seen, threshold=held.threshold, precision=held.precision)
    if not verdict.reason:
        return False
    after, _total, _unchecked = _rows(_SHARE, {**given, "threshold": verdict.threshold})[0]
    moved = Promise.objects.create(
        tenant_id=tenant_id,
        facet="topic",
        at=acts.now(),
        threshold=verdict.threshold,
        precision=held.precision,
        reason=verdict.reason,
        tested=verdict.tested,
        wrong=verdict.wrong,
        share_before=alone / total if total else None,
        share=after / total if total else None,
    )
    facts = {"facet": "topic", "reason": verdict.reason, "tested": verdict.tested, "wrong": verdict.wrong}
    facts["threshold"] = round(1000 * verdict.threshold)
    append(tenant_id, "promise.moved", actor="desk", object=f"promise:{moved.pk}", facts=facts)
    return True


def found_wrong(tenant_id: UUID) -> list[UUID]:
    """Return the appeals that a check found wrong and nobody has decided since."""
    wrong = Check.objects.filter(tenant=tenant_id, right=False, appeal__state=State.UNDERSTOOD)
    return list(wrong.values_list("appeal_id", flat=True))


def _given(tenant_id: UUID, now: datetime) -> dict[str, Any]:
    threshold = promise_of(tenant_id, "topic").threshold
    return {"tenant": tenant_id, "threshold": threshold, "since": now - WINDOW}


def _standing(tenant: Tenant) -> Standing:
    held = promise_of(tenant.pk, "topic")
    samples = Check.objects.filter(tenant=tenant, facet="topic")
    return Standing(
        tenant=tenant,
        facet="topic",
        threshold=held.threshold if held.threshold < NOTHING else None,
        precision=held.precision,
        share=held.share,
        since=held.at if held.reason != BEGUN else None,
        reason=reason_words(held),
        waiting=samples.filter(right=None).count(),
        checked=samples.exclude(right=None).count(),
        wrong=samples.filter(right=False).count(),
    )


def _seen(rows: Iterable[tuple[float, str, bool, str]]) -> Seen:
    listed = list(rows)
    _names, label = np.unique(np.array([row[1] for row in listed], object).astype(str), return_inverse=True)
    _leaders, copies = np.unique(
        np.array([row[3] for row in listed], object).astype(str), return_inverse=True
    )
    return Seen(
        # As tables hold them: a threshold is compared with columns there.
        chance=np.array([row[0] for row in listed], np.float64),
        label=label.astype(np.int32).ravel(),
        right=np.array([row[2] for row in listed], bool),
        copies=copies.astype(np.int64).ravel(),
    )


def _rows(query: str, given: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, given)
        return cursor.fetchall()
