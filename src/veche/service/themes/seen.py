"""What the pages of themes show: lists, one theme, its digest and whom it leaves out, in words.

The numbers that are kept with a theme are of all its appeals, as they are. Who sees a part of the authority,
or no small numbers, gets those of the board instead, or none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import get_language, gettext, gettext_lazy, ngettext

from veche.core.formats import formats
from veche.picture.words import label
from veche.service.accounts.access import reach
from veche.service.accounts.models import Tenant, User
from veche.service.board.counts import Picture, picture_of
from veche.service.board.listing import linked, list_of
from veche.service.desk import words
from veche.service.inbox import numbers
from veche.service.inbox.models import Appeal, AppealText
from veche.service.search.filters import Filters
from veche.service.themes.access import members_of, quotations_of, sees_exact, sees_whole, themes_of
from veche.service.themes.models import Act, Member, Quotation, Theme, ThemeState

#: A theme that was told is new for so many days.
NEW_DAYS = 14
#: From which nearness of its appeals on a theme is of one piece, and below which it is loose.
TIGHT, LOOSE = 0.6, 0.45
#: Members on a page, and characters of a text there.
PAGE, GLIMPSE = 50, 220
#: The drawing of a theme over time: its width and height.
_WIDE, _HIGH = 120.0, 24.0

_SIDES = {
    "praise": gettext_lazy("Praise"),
    "complaint": gettext_lazy("Complaint"),
    "for": gettext_lazy("For it"),
    "against": gettext_lazy("Against it"),
}


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
class Quoted:
    """A quotation with the appeal that it is from."""

    text: str
    number: str
    received: Any


@dataclass(frozen=True)
class Side:
    """One position inside a theme: in words, how many hold it, what they say."""

    words: str
    #: "" where it is not told.
    share: str
    quotations: Sequence[Quoted]


@dataclass(frozen=True)
class Subtheme:
    """A part of a theme that a machine told apart."""

    name: str
    #: None where it is not told.
    n: int | None
    quotations: Sequence[Quoted]


@dataclass(frozen=True)
class Digest:
    """What stands for a theme. All but the quotations is empty for a reader of a part of the authority."""

    quotations: Sequence[Quoted]
    sides: Sequence[Side] = ()
    neither: str = ""
    mixed: bool = False
    subthemes: Sequence[Subtheme] = ()
    audit: Sequence[str] = ()
    left_out: Sequence[str] = ()
    behind: Sequence[str] = ()


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
        share=_share(theme.share) if theme.share else "",
        topic=words.topic(pack, theme.topic, get_language() or "en") if theme.topic else "",
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


def digest(user: User, theme: Theme) -> Digest:
    """Return what stands for a theme, from appeals that the reader may see."""
    found = list(quotations_of(user, theme))
    quoted = _quoted(found)
    own = [quoted[q.pk] for q in found if q.sub is None and not q.side and q.pk in quoted]
    if not sees_whole(user, theme.tenant_id):
        return Digest(list(dict.fromkeys(own)))
    exact = sees_exact(user, theme.tenant_id)
    group = _group if exact else _group_name
    positions = theme.positions or {}
    sides = [
        Side(
            words=str(_SIDES.get(side["side"], side["side"])),
            share=_part(side["share"]) if exact else "",
            quotations=[quoted[q.pk] for q in found if q.side == side["side"] and q.pk in quoted],
        )
        for side in positions.get("sides", ())
    ]
    subthemes = [
        Subtheme(
            sub["name"],
            sub["size"] if exact else None,
            [
                quoted[q.pk]
                for q in found
                if q.sub == sub["number"] and q.theme_id == theme.pk and q.pk in quoted
            ],
        )
        for sub in theme.digest.get("subthemes", ())
    ]
    return Digest(
        quotations=list(dict.fromkeys(own)),
        sides=sides,
        neither=_part(positions.get("neither", 0.0)) if sides and exact else "",
        mixed=bool(positions.get("mixed")),
        subthemes=subthemes,
        audit=_audit(theme.audit)[: None if exact else 1],
        left_out=[group(theme, one) for one in theme.audit.get("left_out", ())],
        behind=[group(theme, one) for one in theme.audit.get("behind", ())],
    )


def _quoted(quotations: Sequence[Quotation]) -> dict[int, Quoted]:
    found = Appeal.objects.filter(pk__in={q.appeal_id for q in quotations}).only("number", "received_at")
    of = {appeal.pk: appeal for appeal in found}
    return {
        q.pk: Quoted(q.text, numbers.shown(of[q.appeal_id].number), of[q.appeal_id].received_at)
        for q in quotations
        if q.appeal_id in of
    }


def _audit(audit: Mapping[str, Any]) -> list[str]:
    """The audit in plain sentences, the first of which has no number."""
    if not audit:
        return []
    heard, standing = audit["beats"]
    if min(heard, standing) >= 0.95:
        verdict = gettext(
            "These quotations speak for the people of the theme better than quotations drawn by lot."
        )
    elif max(heard, standing) <= 0.05:
        verdict = gettext(
            "These quotations speak for the people of the theme worse than quotations drawn by lot."
        )
    else:
        verdict = gettext(
            "These quotations speak for the people of the theme about as well as quotations drawn by lot."
        )
    n = audit["voices"]
    many = ngettext(
        "Of %(n)d person, %(share)s find a quotation among them that is close to what they wrote.",
        "Of %(n)d people, %(share)s find a quotation among them that is close to what they wrote.",
        n,
    )
    return [verdict, many % {"n": n, "share": _share(audit["heard"])}]


def _group(theme: Theme, group: Mapping[str, Any]) -> str:
    return f"{_group_name(theme, group)} ({_share(group['share'])})"


def _group_name(theme: Theme, group: Mapping[str, Any]) -> str:
    dimension, value = group["dimension"], group["value"]
    language = get_language() or "en"
    if dimension == "territory":
        return words.territory(theme.tenant.pack, value, language)
    if dimension == "subtheme":
        return value
    if dimension == "group" and value.startswith("age:"):
        return label("age_group", value.removeprefix("age:"))
    return label(dimension, value)


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
    language = get_language() or "en"
    return [
        Row(
            member=member,
            number=numbers.shown(appeals[member.appeal_id].number),
            received=appeals[member.appeal_id].received_at,
            place=words.territory(theme.tenant.pack, appeals[member.appeal_id].territory, language),
            glimpse=texts.get(member.appeal_id, "")[:GLIMPSE],
            strength=_share(member.strength),
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


def _share(value: float) -> str:
    return formats((get_language() or "en")[:2]).share(value)


def _part(share: float) -> str:
    """A share in words: people read "about a third" faster than a number that is no more exact."""
    known = [
        (0.04, gettext("hardly anybody")),
        (0.15, gettext("about one in ten")),
        (0.29, gettext("about a quarter")),
        (0.41, gettext("about a third")),
        (0.57, gettext("about half")),
        (0.71, gettext("about two thirds")),
        (0.85, gettext("about three quarters")),
        (0.96, gettext("nearly all")),
    ]
    return next((said for most, said in known if share <= most), gettext("all"))
