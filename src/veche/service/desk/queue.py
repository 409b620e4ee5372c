"""The queue of decisions, and what a card shows. Reading only; everything through the walls.

Order and sizes lie in the tables: a reader of a whole authority is answered by an index, one of a part by the
counts of that part. Sizes are those that the reader sees. No text lies in a card: what is shown of one is the
masked text of a member that the reader may see.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Max, Q, Sum
from django.db.models.functions import Left
from django.utils import timezone
from django.utils.translation import gettext as _

from veche.picture.words import label
from veche.service import reader
from veche.service.accounts.access import Reach, appeals_of, reach
from veche.service.accounts.models import User
from veche.service.desk import words
from veche.service.desk.cards import CardLine, CardShown, Choice, MemberLine, Opinion, Waiting, Wanted
from veche.service.desk.handling import HELD, opinions_of
from veche.service.desk.models import Card, CardState, Kind, Part
from veche.service.desk.reach import access_card, part_of
from veche.service.desk.values import COLUMN
from veche.service.inbox import numbers
from veche.service.inbox.models import Appeal, AppealText, Finding
from veche.service.sql import row

#: Cards on a page of the queue, and members that a card shows at once.
CARDS, MEMBERS = 50, 50
_GLIMPSE = 200


def next_cards(user: User, wanted: Wanted | None = None, *, most: int = CARDS) -> list[CardLine]:
    """Return the open cards that a person may decide, in the order in which deciding buys most.

    What a colleague handed to this person comes first; what was handed to another comes only when it tells of
    danger to life, and a card about which this person gave their opinion already is not theirs to decide.
    """
    conditions, given = _conditions(user, wanted or Wanted())
    query = f"{_seen(user, 'finding.decide', given)} WHERE {conditions} ORDER BY {_ORDER} LIMIT %(most)s"
    with connection.cursor() as cursor:
        cursor.execute(query, {**given, "most": most})
        seen = {row[0]: _Seen(*row[1:3]) for row in cursor.fetchall()}
    cards = Card.objects.select_related("tenant", "taken_by", "handed_to").in_bulk(list(seen))
    return _lines(user, [cards[key] for key in seen if key in cards], seen)


def waiting(user: User) -> Waiting:
    """Return how much waits for a person in all."""
    conditions, given = _conditions(user, Wanted())
    query = f"""
        SELECT count(*), coalesce(sum(f.size), 0), count(*) FILTER (WHERE f.urgency = 2),
            count(*) FILTER (WHERE f.handed_to_id = %(user)s), count(*) FILTER (WHERE f.wants_second)
        FROM ({_seen(user, "finding.decide", given)} WHERE {conditions}) AS f
    """
    with connection.cursor() as cursor:
        cursor.execute(query, given)
        return Waiting(*map(int, cursor.fetchone() or (0, 0, 0, 0, 0)))


def card(user: User, card_id: UUID, *, most: int = MEMBERS) -> CardShown:
    """Return what the page of a card shows to a person, open or not; `most` members at most.

    Raises:
        NotYours: there is no such card, or this person may see none of its appeals.
    """
    found = access_card(user, card_id, "appeal.list")
    seen = {found.pk: _seen_of(user, found)}
    [line] = _lines(user, [found], seen)
    odd = _members(user, [card_id], odd=True, most=most)
    typical = _members(user, [card_id], odd=False, most=max(most - len(odd), 1))
    members = _member_lines(user, found, [*odd, *typical])
    first = (typical or odd)[0].appeal_id if typical or odd else None
    sample = appeals_of(user).filter(pk=first).select_related("tenant").first()
    return CardShown(
        line=line,
        sample=sample,
        text=AppealText.objects.filter(pk=first).defer("vector", "search").first(),
        evidence=_evidence(sample, found) if sample else (),
        members=tuple(members),
        exceptions=len(odd) if len(odd) < most else _exceptions(user, card_id),
        exceptions_shown=len(odd),
        opinions=tuple(_opinions(user, found)),
    )


def parts_of(lines: Sequence[CardLine]) -> list[tuple[str, str, int]]:
    """Return where and for which body how many wait on these cards, as far as the reader sees it."""
    there = Part.objects.filter(card__in=[line.id for line in lines], n__gt=0)
    return list(there.values_list("territory", "body").annotate(waiting=Sum("n")))


def more_members(user: User, card_id: UUID, *, odd: bool, after: int, most: int) -> list[MemberLine]:
    """Return up to `most` open members of a card after the first `after`: of its exceptions or of the others.

    Raises:
        NotYours: as `card` does.
    """
    found = access_card(user, card_id, "appeal.list")
    return _member_lines(user, found, _members(user, [card_id], odd=odd, most=after + most)[after:])


class _Seen(NamedTuple):
    """Open members that a reader sees of a card, and the highest urgency among them."""

    size: int
    urgency: int


class _Shown(NamedTuple):
    card_id: UUID
    appeal_id: UUID
    exception: str
    likeness: float


#: Danger before all, then what was handed to the reader, then what a decision buys.
_ORDER = "(f.urgency = 2) DESC, (f.handed_to_id IS NOT DISTINCT FROM %(user)s) DESC, f.priority DESC, f.id"
_WHOLE = """
SELECT c.id, c.size, c.urgency, c.priority, c.tenant_id, c.facet, c.kind, c.proposal, c.handed_to_id,
    c.taken_by_id, c.taken_at, c.wants_second
FROM desk_card c WHERE c.state = 'open' AND c.tenant_id = ANY (%(whole)s)
"""
_PARTLY = """
UNION ALL
SELECT c.id, p.size, p.urgency, p.priority, c.tenant_id, c.facet, c.kind, c.proposal, c.handed_to_id,
    c.taken_by_id, c.taken_at, c.wants_second
FROM veche_desk_partly(%(asked)s) AS p JOIN desk_card c ON c.id = p.id
WHERE c.state = 'open'
"""

_HAS_PART = """EXISTS (SELECT FROM desk_part p WHERE p.card_id = f.id AND p.n > 0
    AND (%(territory)s = '' OR p.territory = %(territory)s OR starts_with(p.territory, %(territory)s || '/'))
    AND (%(body)s = '' OR p.body = %(body)s))"""


def _seen(user: User, action: str, given: dict[str, Any]) -> str:
    """Return the query of open cards as a person sees them, and add to what is given what it asks for."""
    where = reach(user, action)
    given |= {"whole": list(where.tenants), "asked": asked(where)}
    return f"SELECT * FROM ({_WHOLE}{_PARTLY if where.parts else ''}) AS f"


def asked(where: Reach) -> str:
    """Return narrowed grants as the functions of the database take them."""
    parts = [{"tenant": str(g.tenant), "territory": g.territory, "body": g.body} for g in where.parts]
    return json.dumps(parts)


def _conditions(user: User, wanted: Wanted) -> tuple[str, dict[str, Any]]:
    """Return which cards are a person's to decide among those they look for."""
    given: dict[str, Any] = {"user": user.pk, "since": timezone.now() - HELD}
    parts = [
        "(f.handed_to_id IS NULL OR f.handed_to_id = %(user)s OR f.urgency = 2)",
        """(NOT f.wants_second OR NOT EXISTS (SELECT FROM desk_decision d WHERE d.card_id = f.id
            AND d.act = 'opinion' AND d.by_id = %(user)s AND d.undone_at IS NULL))""",
    ]
    if wanted.tenant:
        given["tenant"] = wanted.tenant
        parts.append("f.tenant_id = (SELECT t.id FROM accounts_tenant t WHERE t.slug = %(tenant)s)")
    if wanted.topic:
        given["topic"] = wanted.topic
        parts.append("(f.proposal = %(topic)s OR starts_with(f.proposal, %(topic)s || '.'))")
    if wanted.territory or wanted.body:
        given |= {"territory": wanted.territory, "body": wanted.body}
        parts.append(_HAS_PART)
    for field in ("facet", "kind"):
        if getattr(wanted, field):
            given[field] = getattr(wanted, field)
            parts.append(f"f.{field} = %({field})s")
    if wanted.urgent:
        parts.append("f.urgency = 2")
    if wanted.mine:
        parts.append("(f.handed_to_id = %(user)s OR (f.taken_by_id = %(user)s AND f.taken_at >= %(since)s))")
    if wanted.second:
        parts.append("f.wants_second")
    return " AND ".join(parts), given


def _seen_of(user: User, found: Card) -> _Seen:
    """Return what a person sees of a card that they have reached."""
    where = reach(user, "appeal.list")
    if found.tenant_id in where.tenants:
        return _Seen(found.size, found.urgency)
    inside = Q()
    for grant in where.parts:
        inside |= part_of(grant)
    seen = Part.objects.filter(inside, card=found).aggregate(n=Sum("n"), urgency=Max("urgency"))
    return _Seen(seen["n"] or 0, seen["urgency"] or 0)


def _lines(user: User, cards: Sequence[Card], seen: Mapping[UUID, _Seen]) -> list[CardLine]:
    glimpses = _glimpses(user, [one.pk for one in cards])
    decide = reach(user, "finding.decide")
    may = {*decide.tenants, *(grant.tenant for grant in decide.parts)}
    held_since = timezone.now() - HELD
    return [
        _line(user, one, seen[one.pk], glimpses.get(one.pk, ""), one.tenant_id in may, held_since)
        for one in cards
    ]


def _line(
    user: User, one: Card, seen: _Seen, glimpse: str, may_decide: bool, held_since: datetime
) -> CardLine:
    pack, language = one.tenant.pack, reader.language()
    taken = one.taken_by if one.taken_at and one.taken_at >= held_since else None
    return CardLine(
        id=one.pk,
        version=one.version,
        state=one.state,
        kind=one.kind,
        kind_words=str(Kind(one.kind).label),
        tenant=one.tenant.slug,
        tenant_name=one.tenant.name,
        facet=one.facet,
        facet_words=label("facet", one.facet),
        proposal=one.proposal,
        proposal_words=words.value(pack, one.facet, one.proposal, language) if one.proposal else "",
        confidence=one.confidence,
        best=tuple(
            Choice(b["value"], words.value(pack, one.facet, b["value"], language), b["confidence"])
            for b in one.best
        ),
        size=seen.size,
        urgency=seen.urgency,
        taken_by=taken.name if taken else "",
        taken_by_me=bool(taken) and one.taken_by_id == user.pk,
        handed_to=one.handed_to.name if one.handed_to else "",
        handed_to_me=one.handed_to_id == user.pk,
        wants_second=one.wants_second,
        glimpse=glimpse,
        may_decide=may_decide and one.state == CardState.OPEN,
    )


def _members(user: User, cards: Sequence[UUID], *, odd: bool, most: int) -> list[_Shown]:
    given = [list(cards), asked(reach(user, "appeal.list")), odd, most]
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM veche_desk_members(%s, %s, %s, %s)", given)
        return [_Shown(*row) for row in cursor.fetchall()]


def _exceptions(user: User, card_id: UUID) -> int:
    """Return how many open exceptions a person sees of a card."""
    given = [[card_id], asked(reach(user, "appeal.list"))]
    [n] = row("SELECT count(*) FROM veche_desk_members(%s, %s, true, NULL)", given)
    return n


def _glimpses(user: User, cards: Sequence[UUID]) -> dict[UUID, str]:
    """Return the beginning of a typical text of each card, of a member that the person sees."""
    typical = {shown.card_id: shown.appeal_id for shown in _members(user, cards, odd=False, most=1)}
    left = [key for key in cards if key not in typical]
    typical |= {shown.card_id: shown.appeal_id for shown in _members(user, left, odd=True, most=1)}
    texts = _beginnings(list(typical.values()))
    return {key: texts.get(appeal, "") for key, appeal in typical.items()}


def _beginnings(appeals: Sequence[UUID]) -> dict[UUID, str]:
    begins = AppealText.objects.filter(pk__in=list(appeals)).annotate(begin=Left("text", _GLIMPSE))
    return dict(begins.values_list("pk", "begin"))


def _member_lines(user: User, found: Card, shown: Sequence[_Shown]) -> list[MemberLine]:
    pack, language = found.tenant.pack, reader.language()
    appeals = appeals_of(user).in_bulk([one.appeal_id for one in shown])
    texts = _beginnings(list(appeals))
    reasons = exception_words()
    return [
        MemberLine(
            appeal_id=a.pk,
            number=numbers.shown(a.number),
            exception=one.exception,
            exception_words=reasons.get(one.exception, ""),
            likeness=one.likeness,
            received_at=a.received_at,
            place=words.territory(pack, a.territory, language),
            language=label("language", a.language),
            urgency=a.urgency,
            shows=words.value(pack, found.facet, value, language)
            if (value := getattr(a, COLUMN[found.facet]))
            else "",
            glimpse=texts.get(a.pk, ""),
        )
        for one in shown
        if (a := appeals.get(one.appeal_id))
    ]


def exception_words() -> dict[str, str]:
    """Return why a member of a card may not belong, in the language in force, by code.

    Danger is no such reason: who is in danger is told so wherever they stand.
    """
    return {
        "unlike": _("says something else"),
        "place": _("another place"),
        "language": _("another language"),
    }


def _evidence(sample: Appeal, found: Card) -> tuple[tuple[int, int], ...]:
    said = Finding.objects.filter(appeal=sample, facet=found.facet, value=found.proposal, matter=0)
    latest = said.order_by("-made_at").first()
    return tuple((start, end) for start, end in latest.evidence) if latest else ()


def _opinions(user: User, found: Card) -> Iterator[Opinion]:
    pack, language = found.tenant.pack, reader.language()
    for one in opinions_of(found):
        said = words.value(pack, found.facet, one.value, language) if one.value else ""
        yield Opinion(one.by.name, one.at, one.value, said, one.by_id == user.pk)
