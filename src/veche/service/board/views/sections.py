"""The parts of the picture: tiles, the line of time with its marks, tables by dimension."""

import datetime as dt
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from veche.core import weeks
from veche.core.weeks import LastWeek
from veche.picture.trends import Line, smoothed
from veche.service.accounts.access import allowed
from veche.service.board import annotations
from veche.service.board.counts import Point
from veche.service.board.views.panels import MOST, NOT_TOLD, Panel, Row, as_data, opened, panel_of, rows_of
from veche.service.board.views.scene import Scene
from veche.service.search.wording import NONE

#: A line by days with more than so many of them also has its mean.
_MEAN_FROM = 14


@dataclass(frozen=True)
class Tile:
    """One large number."""

    name: str
    words: str
    figure: str
    note: str = ""
    url: str = ""
    #: "bad" where somebody has to do something.
    tone: str = ""


def tiles(scene: Scene) -> list[Tile]:
    """Return the numbers at the top."""
    look, picture = scene.look, scene.picture
    total = picture.total
    days = {point.since: point for point in picture.points("day")}
    today, yesterday = days.get(scene.today), days.get(scene.today - dt.timedelta(days=1))
    urgent, unsure = _row(scene, "urgency", "life"), _row(scene, "sure", "low")
    return [
        Tile("total", _("Appeals"), look.number(total.n), _span(scene), total.url),
        Tile(
            "today",
            _("Today so far"),
            look.number(today.n if today else 0),
            _("yesterday %(n)s") % {"n": look.number(yesterday.n if yesterday else 0)},
            today.url if today else "",
        ),
        _week_tile(scene, list(days.values())),
        Tile(
            "urgent",
            _("Threat to life or health"),
            look.number(urgent[0]),
            _("%(share)s of all") % {"share": look.formats.share(urgent[0] / total.n if total.n else 0)},
            urgent[1],
            "bad" if urgent[0] else "",
        ),
        Tile(
            "unsure",
            _("Topic not sure"),
            look.number(unsure[0]),
            _("%(share)s of all") % {"share": look.formats.share(unsure[0] / total.n if total.n else 0)},
            unsure[1],
        ),
    ]


def _week_tile(scene: Scene, points: Sequence[Point]) -> Tile:
    week = last_week(scene)
    last = scene.picture.last_day
    inside = [p for p in points if last - dt.timedelta(days=7) < p.since <= last]
    shown = scene.look.number(week.recent) if week else NOT_TOLD
    url = ""
    if inside and inside[0].url:
        narrowed = scene.look.filters.narrowed(since=last - dt.timedelta(days=6), until=last)
        url = f"{reverse('appeals')}?{narrowed.query(state='counted')}"
    return Tile("week", _("In the last 7 whole days"), shown, usual(scene, week), url)


def waiting_tiles(scene: Scene) -> list[Tile]:
    """Return the numbers of what is in no count yet."""
    look, waiting, aside = scene.look, scene.picture.waiting, scene.picture.aside
    looks = "aside.see" in allowed(scene.user)
    return [
        Tile(
            "waiting",
            _("Waiting to be understood"),
            look.number(waiting.n),
            _("in no count yet"),
            waiting.url,
        ),
        Tile(
            "aside",
            _("Set aside"),
            look.number(aside.n),
            _("could not be understood: a person has to look"),
            reverse("aside") if looks else "",
            "bad" if aside.n else "",
        ),
    ]


def last_week(scene: Scene) -> LastWeek | None:
    """Return the last seven whole days against a usual week before; None where there is nothing."""
    line, until = scene.picture.line("day"), scene.picture.last_day
    if line is None or not line.starts or until < line.starts[0]:
        return None
    seen = np.array(line.counts[: (until - line.starts[0]).days + 1], np.int64)
    before = weeks.weeks_before(seen)
    if not before:
        return LastWeek(int(seen[-weeks.RECENT_DAYS :].sum()), 0)
    return weeks.last_week(np.arange(len(seen))[::-1], weeks=before, counts=seen)


def usual(scene: Scene, week: LastWeek | None) -> str:
    """Return a usual week in words, with the change against it."""
    if week is None or not week.usual:
        return _("too few weeks before to tell a change")
    said = _("a usual week: %(n)s") % {"n": scene.look.number(round(week.usual))}
    change = scene.look.change(week)
    return f"{said} ({change})" if change else said


def _row(scene: Scene, key: str, value: str) -> tuple[int, str]:
    return next(((row.n, row.url) for row in scene.picture.rows(key) if row.value == value), (0, ""))


def _span(scene: Scene) -> str:
    span = scene.picture.counter.span
    if span is None:
        return ""
    day = scene.look.formats.day
    return _("%(first)s to %(last)s") % {"first": day(span[0]), "last": day(span[1])}


def time(scene: Scene) -> dict[str, Any] | None:
    """Return the line of time: its figures for the chart, the same in rows, and its marks."""
    line = scene.picture.line()
    if line is None or not line.starts:
        return None
    look = scene.look
    points = scene.picture.points()
    mean = smoothed(line.counts) if line.step == "day" and len(points) > _MEAN_FROM else []
    name = look.formats.month if line.step == "month" else look.formats.day
    marks = _marks(scene, line, points[-1].until)
    most = max(line.counts) or 1
    rows = [
        Row(
            key="",
            code="",
            words=name(point.since),
            count=look.number(point.n),
            bar=round(1000 * point.n / most),
            url=look.picture(look.filters, since=point.since, until=point.until),
            appeals=point.url if point.n else "",
            mean=NOT_TOLD if not mean else look.number(mean[i], digits=1),
        )
        for i, point in enumerate(points)
    ]
    titles = {
        "day": (_("Appeals per day"), _("Day")),
        "week": (_("Appeals per week"), _("Week from")),
        "month": (_("Appeals per month"), _("Month")),
    }
    title, head = titles[line.step]
    return {
        "title": title,
        "head": head,
        "unit": _("Appeals"),
        "words": "",
        "rows": rows,
        "has_mean": bool(mean),
        "marks": marks,
        "data": as_data(
            {
                "names": [row.words for row in rows],
                "values": list(line.counts),
                "mean": mean,
                "label": _("Appeals"),
                "meanLabel": _("Mean of 7 days"),
                "digits": 0,
                "unfinished": points[-1].until >= scene.today,
                "follow": True,
                "marks": [{k: mark[k] for k in ("at", "until", "sign", "kind")} for mark in marks],
            }
        ),
    }


def _marks(scene: Scene, line: Line, last: dt.date) -> list[dict[str, Any]]:
    """Return the marks of a line, numbered, each with the steps that it falls on."""
    day = scene.look.formats.day
    found = annotations.marks(scene.tenants, line.starts[0], last)
    return [
        {
            "at": bisect_right(line.starts, mark.day) - 1,
            "until": bisect_right(line.starts, mark.until) - 1 if mark.until else -1,
            "sign": str(number),
            "kind": mark.kind,
            "when": day(mark.day) + (f" – {day(mark.until)}" if mark.until else ""),
            "words": mark.words,
            "more": ", ".join(filter(None, [mark.by, mark.tenant])),
        }
        for number, mark in enumerate(found, start=1)
    ]


def topics(scene: Scene, *, shown: int = 24, tree: bool = True) -> Panel:
    """Return the tree of topics, opened where the picture is narrowed to one; or its top alone."""
    found = opened(scene.picture.rows("topic"), scene.look.filters.topic)
    rows = rows_of(scene.look, "topic", [row for row in found if tree or not row.depth])
    note = _("Change: the last 7 whole days against a usual week of the four before.")
    return panel_of("topic", _("What about"), _("Topic"), rows, shown=shown, note=note)


def simple(scene: Scene, key: str, title: str, head: str, **more: Any) -> Panel:
    """Return the table of one dimension; of thousands of values the first are made."""
    rows = rows_of(scene.look, key, scene.picture.rows(key)[:MOST])
    return panel_of(key, title, head, rows, **more)


def groups(scene: Scene) -> Panel:
    """Return who writes, as far as people say it."""
    found = scene.picture.rows("group")
    silent = next((row.n for row in found if row.value == NONE), 0)
    rows = rows_of(scene.look, "group", [row for row in found if row.value != NONE])
    note = ngettext(
        "%(n)s appeal says nothing of who writes.", "%(n)s appeals say nothing of who writes.", silent
    )
    said = note % {"n": scene.look.number(silent)} if silent else ""
    return panel_of("group", _("Who writes"), _("Said to be"), rows, note=said)
