"""One decision about many appeals that a filter found: first what it would do, then the doing.

`preview` counts and returns a digest of what it counted; `decide_many` does just that, or nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from veche.core.errors import BulkChanged, NothingChosen, SeveralAuthorities, TooManyAtOnce
from veche.ledger.values import digest_of
from veche.service.accounts.models import Tenant, User
from veche.service.desk import acts
from veche.service.desk.models import Act, Decision
from veche.service.desk.reach import deciding_on
from veche.service.desk.values import COLUMN, answering, decidable, shown_value
from veche.service.inbox.models import Appeal

#: Appeals of one decision: what is done and undone within two seconds.
MOST = 20_000


@dataclass(frozen=True)
class Preview:
    """What a decision about many appeals would do; counts are of appeals."""

    #: How many were asked about, and how many of them this person may decide.
    asked: int
    mine: int
    #: How many show something else now, and from which values, the most frequent first: [(value, count)].
    changing: int
    moves: tuple[tuple[str, int], ...]
    #: How many of those that change were decided by people before.
    decided_by_people: int
    #: How many wait on cards of the desk, which this would answer.
    waiting: int
    #: How many come to another body with it, by the body that they come to.
    bodies: tuple[tuple[str, int], ...]
    #: Stands for all this; `decide_many` wants it back.
    digest: str


_MOVES = """
SELECT a.{column}, count(*) FROM inbox_appeal a WHERE a.id = ANY (%(appeals)s) AND a.{column} <> %(shown)s
GROUP BY 1 ORDER BY 2 DESC, 1
"""
_BY_PEOPLE = """
SELECT count(DISTINCT a.id) FROM inbox_appeal a JOIN desk_changed c
    ON c.appeal_id = a.id AND c.facet = %(facet)s AND c.chosen
WHERE a.id = ANY (%(appeals)s) AND a.{column} <> %(shown)s
"""
_WAITING = """
SELECT count(*) FROM desk_member WHERE appeal_id = ANY (%(appeals)s) AND facet = %(facet)s AND answer IS NULL
"""
_CELLS = """
SELECT {topic}, {place}, a.day, a.body, count(*) FROM inbox_appeal a
WHERE a.id = ANY (%(appeals)s) AND a.{column} <> %(shown)s
  AND NOT EXISTS (SELECT FROM desk_changed p WHERE p.appeal_id = a.id AND p.facet = 'body' AND p.chosen)
GROUP BY 1, 2, 3, 4
"""
_STATES = "SELECT a.id::text || a.{column} FROM inbox_appeal a WHERE a.id = ANY (%(appeals)s)"


def preview(user: User, appeals: Sequence[UUID], value: str, *, facet: str) -> Preview:
    """Return what deciding a facet of these appeals would do; nothing is changed.

    Raises:
        TooManyAtOnce: more than `MOST`. SeveralAuthorities: the appeals belong to several.
        NothingChosen: this person may decide none of them.
        ValueUnknown, FacetNotDecided: nobody can decide so.
    """
    _few(appeals)
    mine = list(deciding_on(user).filter(pk__in=list(appeals)).order_by("pk").values_list("pk", flat=True))
    tenant = _authority(mine)
    shown = shown_value(tenant.pack, facet, value)
    given = {"appeals": mine, "facet": facet, "shown": shown}
    moves = _rows(_MOVES, given)
    return Preview(
        asked=len(appeals),
        mine=len(mine),
        changing=sum(n for _value, n in moves),
        moves=tuple(moves),
        decided_by_people=_rows(_BY_PEOPLE, given)[0][0],
        waiting=_rows(_WAITING, given)[0][0],
        bodies=_bodies(tenant.pack, given),
        digest=_digest(given),
    )


def decide_many(user: User, appeals: Sequence[UUID], value: str, *, facet: str, digest: str) -> Decision:
    """Decide a facet of all these appeals that this person may decide, as `preview` told it.

    Raises:
        BulkChanged: the appeals are not as they were previewed.
        And what `preview` raises.
    """
    _few(appeals)
    locked = acts.lock(user, appeals)
    keys = [a.id for a in locked]
    tenant = _authority(keys)
    shown = shown_value(tenant.pack, facet, value)
    if _digest({"appeals": keys, "facet": facet, "shown": shown}) != digest:
        raise BulkChanged
    by = acts.decides_for(user, tenant)
    decision = acts.begin(user, by, Act.BULK, facet=facet, value=shown, appeals=len(locked))
    acts.write(decision, locked, pack=tenant.pack)
    acts.enter(decision, "finding.decided", keys)
    return decision


def _few(appeals: Sequence[UUID]) -> None:
    if len(appeals) > MOST:
        raise TooManyAtOnce(limit=MOST)


def _authority(appeals: Sequence[UUID]) -> Tenant:
    if not appeals:
        raise NothingChosen
    of = set(Appeal.objects.filter(pk__in=list(appeals)).values_list("tenant", flat=True).distinct())
    if len(of) != 1:
        raise SeveralAuthorities
    return Tenant.objects.get(pk=of.pop())


def _bodies(pack: str, given: dict[str, Any]) -> tuple[tuple[str, int], ...]:
    topic = "%(shown)s" if given["facet"] == "topic" else "a.topic"
    place = "%(shown)s" if given["facet"] == "place" else "a.territory"
    if given["facet"] not in ("topic", "place"):
        return ()
    cells = _rows(_CELLS, given, topic=topic, place=place)
    found = answering(pack, [cell[:3] for cell in cells])
    counts: dict[str, int] = {}
    for (*_cell, before, n), after in zip(cells, found, strict=True):
        if after.body != before:
            counts[after.body] = counts.get(after.body, 0) + n
    return tuple(sorted(counts.items(), key=lambda one: (-one[1], one[0])))


def _digest(given: dict[str, Any]) -> str:
    states = [text for (text,) in _rows(_STATES, given)]
    return digest_of([*states, f"{given['facet']}={given['shown']}"])


def _rows(query: str, given: dict[str, Any], **columns: str) -> list[Any]:
    named = {"column": COLUMN[decidable(str(given["facet"]))], **columns}
    with connection.cursor() as cursor:
        cursor.execute(query.format(**named), given)
        return cursor.fetchall()
