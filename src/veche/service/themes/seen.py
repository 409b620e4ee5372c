"""What the pages of themes show: lists, one theme, its members and what people decided about it.

The numbers that are kept with a theme are of all its appeals, as they are. Who sees a part of the authority,
or no small numbers, gets those of the board instead, or none.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext

from veche.service import reader
from veche.service.accounts.access import reach
from veche.service.accounts.models import Tenant, User
from veche.service.board.counts import Picture, picture_of
from veche.service.board.listing import linked, list_of
from veche.service.desk import words
from veche.service.inbox import numbers
from veche.service.inbox.models import Appeal, AppealText
from veche.service.search.filters import Filters
from veche.service.themes.access import members_of, sees_exact, themes_of
from veche.service.themes.models import Act, Member, Theme, ThemeState

#: A theme that was told is new for so many days.
NEW_DAYS = 14
#: From which nearness of its appeals on a theme is of one piece, and below which it is loose.
TIGHT, LOOSE = 0.6, 0.45
#: Members on a page, and characters of a text there.
PAGE, GLIMPSE = 50, 220
#: The drawing of a theme over time: its width and height.
_WIDE, _HIGH = 120.0, 24.0


@dataclass(frozen=True)
class Line:
    """A theme in a list, with what this reader is told of it."""

    theme: Theme
    #: None where it is not told.
    n: int | None
    #: Of all appeals that were looked at.
    share: str
    topic: str
    tightness: str
    is_new: bool
    since: date | None
    until: date | None
    trend: "Trend | None"
    #: The list of its appeals; "" for those who may not see it.
    url: str = ""


@dataclass(frozen=True)
class Trend:
    """Appeals by day, week or month, each a bar of a drawing; `most` in one step, how many in the `last`."""

    bars: str
    most: int
    last: int


@dataclass(frozen=True)
class Row:
    """A member of a theme in the list."""

    member: Member
    number: str
    received: Any
    place: str
    glimpse: str
    strength: str
    sub: str = ""


def lines(user: User, tenant: Tenant, *, state: str = "") -> list[Line]:
    """Return the themes of an authority: new ones first, then the largest, those that say nothing last."""
    found = themes_of(user).filter(tenant=tenant, into=None, gone_at=None).select_related("tenant")
    dropped = state == ThemeState.DROPPED
    found = found.filter(state=ThemeState.DROPPED) if dropped else found.exclude(state=ThemeState.DROPPED)
    if state in (ThemeState.FOUND, ThemeState.SIGNED):
        found = found.filter(state=state)
    filters = Filters.read(QueryDict(urlencode({"tenant": tenant.slug})), user)
    asked = linked(user, filters)
    made = [
        replace(line(theme), url="" if dropped else list_of(asked, theme=str(theme.pk))) for theme in found
    ]
    if not sees_exact(user, tenant.pk):
        rows = picture_of(user, filters).rows("theme")
        counts = {} if dropped else {row.value: row.n for row in rows}
        # What was dropped is no theme of the picture: its appeals are counted under none.
        made = [without_numbers(one, n=None if dropped else counts.get(str(one.theme.pk), 0)) for one in made]
    made.sort(key=lambda one: (one.theme.says_nothing, not one.is_new, -(one.n or 0), one.theme.code))
    return made


def line(theme: Theme) -> Line:
    """Return a theme with the numbers that are kept with it."""
    pack = theme.tenant.pack
    return Line(
        theme=theme,
        n=theme.size,
        share=reader.formats().share(theme.share) if theme.share else "",
        topic=words.topic(pack, theme.topic, reader.language()) if theme.topic else "",
        tightness=_tightness(theme.fit),
        is_new=is_new(theme),
        since=theme.since,
        until=theme.last_seen,
        trend=trend([(date.fromisoformat(day), int(n)) for day, n in theme.digest.get("trend", ())]),
    )


def without_numbers(line: Line, *, n: int | None) -> Line:
    """Return a theme without the numbers that are kept with it, with how many a reader is told instead."""
    return replace(line, n=n, share="", since=None, until=None, trend=None)


def line_of(user: User, theme: Theme, picture: Picture) -> Line:
    """Return a theme with the numbers that are for this reader, from the picture of its appeals."""
    if sees_exact(user, theme.tenant_id):
        return replace(line(theme), url=picture.total.url)
    since, until = picture.counter.span or (None, None)
    steps = [(point.since, point.n) for point in picture.points()]
    told = without_numbers(line(theme), n=picture.total.n)
    return replace(told, url=picture.total.url, since=since, until=until, trend=trend(steps))


def is_new(theme: Theme) -> bool:
    """Whether a theme was told lately and nobody signed it yet."""
    lately = timezone.now() - timedelta(days=NEW_DAYS)
    return theme.told_at is not None and theme.told_at >= lately and theme.state == ThemeState.FOUND


def trend(steps: Sequence[tuple[date, int]]) -> Trend | None:
    """Return how a theme went over time by the first day of each step, None where too little is known."""
    most = max((n for _, n in steps), default=0)
    if len(steps) < 2 or not most:
        return None
    first, last = steps[0][0], steps[-1][0]
    days = max(1, (last - first).days)
    bars = "".join(
        f"M{1 + (day - first).days / days * (_WIDE - 2):.1f} {_HIGH - 1:.0f}v-{n / most * (_HIGH - 2):.1f}"
        for day, n in steps
    )
    return Trend(bars, most, steps[-1][1])


def member_rows(user: User, theme: Theme, *, after: str = "") -> tuple[list[Row], str]:
    """Return a page of members, the clearest first, and where the next page begins, "" for none."""
    found = members_of(user, theme).order_by("-strength", "appeal")
    strength, _sep, key = after.partition("_")
    try:
        if strength and key:
            at = float(strength)
            found = found.filter(Q(strength__lt=at) | Q(strength=at, appeal__gt=UUID(key)))
    except ValueError:
        return [], ""
    page = list(found[: PAGE + 1])
    shown = page[:PAGE]
    more = f"{shown[-1].strength!r}_{shown[-1].appeal_id}" if len(page) > PAGE else ""
    return _rows(theme, shown), more


def _rows(theme: Theme, members: Sequence[Member]) -> list[Row]:
    ids = [member.appeal_id for member in members]
    appeals = Appeal.objects.in_bulk(ids)
    texts = dict(AppealText.objects.filter(pk__in=ids).values_list("pk", "text"))
    subs = {sub["number"]: sub["name"] for sub in theme.digest.get("subthemes", ())}
    language = reader.language()
    return [
        Row(
            member=member,
            number=numbers.shown(appeals[member.appeal_id].number),
            received=appeals[member.appeal_id].received_at,
            place=words.territory(theme.tenant.pack, appeals[member.appeal_id].territory, language),
            glimpse=texts.get(member.appeal_id, "")[:GLIMPSE],
            strength=reader.formats().share(member.strength),
            sub=subs.get(member.sub or 0, ""),
        )
        for member in members
    ]


def acts_of(theme: Theme) -> list[tuple[Act, bool]]:
    """Return what people decided about a theme, the latest first, and which can be taken back now."""
    mine = Act.objects.filter(tenant=theme.tenant_id)
    mine = mine.filter(Q(theme=theme) | Q(other=theme)).select_related("by", "undone_by", "theme", "other")
    found = list(mine.order_by("-at")[:50])
    open_ = next((act for act in found if act.undone_at is None), None)
    return [(act, act is open_) for act in found]


def to_join(user: User, theme: Theme) -> list[Theme]:
    """Return the themes that one can be merged into, by name."""
    found = themes_of(user, "theme.sign").filter(tenant=theme.tenant_id, into=None, gone_at=None)
    found = found.exclude(pk=theme.pk).exclude(state=ThemeState.DROPPED)
    return sorted(found, key=lambda one: str(one).casefold())


def may_sign(user: User, tenant_id: UUID) -> bool:
    """Whether a person may decide about the themes of an authority."""
    return tenant_id in reach(user, "theme.sign").tenants


def _tightness(fit: float) -> str:
    if fit <= 0:
        return ""
    if fit >= TIGHT:
        return gettext("of one piece")
    return gettext("loose") if fit < LOOSE else gettext("fairly close")
