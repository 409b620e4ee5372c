"""What the picture by mail says: totals, what changed, the largest topics, new themes, what stands out.

It is counted as the person who gets it would see it. A theme is named and quoted only where a person signed
it off, with whom its quotations leave out; of the others there is a number. No other words of citizens leave
by mail.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.http import QueryDict
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from veche.service.board.models import Mailing, Weekday
from veche.service.board.views import sections
from veche.service.board.views.digest import alerts_of, audit_of, is_new
from veche.service.board.views.panels import Row, address, rows_of
from veche.service.board.views.scene import Scene, scene_for
from veche.service.desk.words import zone
from veche.service.search.filters import Filters
from veche.service.search.wording import NONE
from veche.service.themes.models import Quotation, Theme, ThemeState

#: Lines of each list.
_MOST = 7
#: Quotations at all.
_QUOTED = 3


@dataclass(frozen=True)
class Quoted:
    """A quotation, the theme that it stands for, and whom the quotations of the theme speak for."""

    theme: str
    text: str
    audit: Sequence[str]


@dataclass(frozen=True)
class Period:
    """The days that a mail is about."""

    since: dt.date
    until: dt.date


def period_of(weekday: int, today: dt.date) -> Period:
    """Return yesterday for a mail of every day, else the seven days that ended yesterday."""
    last = today - dt.timedelta(days=1)
    return Period(last if weekday == Weekday.DAILY else last - dt.timedelta(days=6), last)


def compose(mailing: Mailing, *, key: UUID, now: dt.datetime, end_url: str) -> EmailMultiAlternatives:
    """Return the mail of a mailing, within `acting` of the person who gets it.

    Args:
        mailing: Whom it goes to and what it shows.
        key: The id of this mail: sent twice, it is known as the same.
        now: When it is made.
        end_url: The address that ends the mailing.
    """
    with translation.override(mailing.language), timezone.override(zone(mailing.tenant.pack)):
        period = period_of(mailing.weekday, timezone.localdate(now))
        filters = Filters.read(QueryDict(mailing.query), mailing.to)
        said = _said(mailing, filters, period, end_url)
        mail = EmailMultiAlternatives(
            subject=" ".join(said["subject"].split()),
            body=render_to_string("board/mail.txt", said).strip() + "\n",
            to=[mailing.to.email],
            headers={
                "Message-ID": f"<{key}@{_host()}>",
                "Auto-Submitted": "auto-generated",
                "List-Unsubscribe": f"<{end_url}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            },
        )
        mail.attach_alternative(render_to_string("board/mail.html", said), "text/html")
        return mail


def _said(mailing: Mailing, filters: Filters, period: Period, end_url: str) -> dict[str, Any]:
    whole = scene_for(mailing.to, filters)
    part = scene_for(mailing.to, filters.narrowed(since=period.since, until=period.until))
    look, total = whole.look, part.picture.total.n
    counted = ngettext("%(n)s appeal", "%(n)s appeals", total) % {"n": look.number(total)}
    days = look.formats.day
    when = (
        days(period.until) if period.since == period.until else f"{days(period.since)} – {days(period.until)}"
    )
    place = mailing.tenant.name
    new, waiting = _new_themes(whole)
    return {
        "language": mailing.language,
        "subject": _("The picture of %(place)s: %(counted)s") % {"place": place, "counted": counted},
        "place": place,
        "when": when,
        "narrowing": [f"{c.label}: {c.words}" for c in filters.chips()],
        "total": counted if total else "",
        "week": _week(whole),
        "urgent": look.number(part.of("urgency", "life")),
        "topics": _topics(whole, part),
        "new_themes": new,
        "themes_to_sign": waiting,
        "alerts": [alert.words for alert in alerts_of(whole)][:_MOST],
        "quotations": _quotations(whole),
        "url": settings.PUBLIC_URL + address(reverse("board"), part.look.filters.query()),
        "end_url": end_url,
    }


def _week(scene: Scene) -> str:
    week = sections.last_week(scene)
    if week is None or not week.usual:
        return ""
    said = _("In the last 7 days %(n)s; a usual week before: %(usual)s") % {
        "n": scene.look.number(week.recent),
        "usual": scene.look.number(round(week.usual)),
    }
    change = scene.look.change(week)
    return f"{said} ({change})." if change else f"{said}."


def _topics(whole: Scene, part: Scene) -> list[Row]:
    """Return the largest topics of the period, with their change in the last week."""
    changes = {row.value: row.change for row in whole.picture.rows("topic")}
    largest = [row for row in part.picture.rows("topic") if not row.depth and row.value != NONE][:_MOST]
    return rows_of(whole.look, "topic", [replace(row, change=changes.get(row.value)) for row in largest])


def _new_themes(scene: Scene) -> tuple[list[str], int]:
    """Return the names of new themes that were signed off, and how many new ones nobody has looked at."""
    counted = {row.value for row in scene.picture.rows("theme")}
    found = Theme.objects.filter(tenant__in=scene.tenants, gone_at=None, into=None, says_nothing=False)
    here = [t for t in found if str(t.pk) in counted and is_new(t, scene.today)]
    signed = sorted(str(t) for t in here if t.state == ThemeState.SIGNED)
    return signed[:_MOST], sum(t.state == ThemeState.FOUND for t in here)


def _quotations(scene: Scene) -> list[Quoted]:
    """Return a quotation of each of the largest themes that were signed off."""
    signed = Theme.objects.filter(tenant__in=scene.tenants, state=ThemeState.SIGNED, gone_at=None, into=None)
    by_id = {str(theme.pk): theme for theme in signed}
    here = [by_id[row.value] for row in scene.picture.rows("theme") if row.value in by_id]
    found = []
    for theme in here[:_QUOTED]:
        first = Quotation.objects.filter(theme=theme, sub=None, side="").order_by("place").first()
        if first is not None:
            found.append(Quoted(str(theme), first.text, audit_of(scene, theme)))
    return found


def _host() -> str:
    return settings.PUBLIC_URL.partition("://")[2].partition("/")[0].partition(":")[0] or "veche.invalid"
