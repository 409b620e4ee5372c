"""Two periods or two places beside each other, with what differs clearly in words."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET

from veche.core.errors import NotYours
from veche.service import reader
from veche.service.accounts.models import User
from veche.service.board import compare as comparing
from veche.service.board.compare import Comparison, Difference, Side
from veche.service.board.counts import picture_of
from veche.service.board.listing import linked, list_of, list_of_value
from veche.service.board.small_cells import are_hidden_from
from veche.service.board.views.panels import NOT_TOLD, Look, address, as_data, named
from veche.service.board.views.scene import around, searched
from veche.service.desk.local import in_local_time
from veche.service.search.filters import Filters
from veche.service.search.wording import NONE, key_words

#: How the lists of both sides are asked for; None for who may not see them.
Lists = tuple[Filters | None, Filters | None]

#: The keys of the other side, in the address with this before them.
_WITH = "with_"
_OTHER = ("since", "until", "territory")

#: Tables of the page, in their order, and rows of each.
_TABLES = ("topic", "theme", "territory", "channel", "group", "kind")
_ROWS = 12
#: Sentences at the top.
_SAID = 6
#: Places that can be chosen.
_PLACES = 200


class SidesForm(forms.Form):
    """What is compared with what."""

    since = forms.DateField(label=lazy("From the day"), required=False)
    until = forms.DateField(label=lazy("Until"), required=False)
    territory = forms.ChoiceField(label=lazy("Territory"), required=False)
    with_since = forms.DateField(label=lazy("From the day"), required=False)
    with_until = forms.DateField(label=lazy("Until"), required=False)
    with_territory = forms.ChoiceField(label=lazy("Territory"), required=False)

    def __init__(self, places: list[tuple[str, str]], initial: dict[str, Any]) -> None:
        super().__init__(initial=initial)
        for name, field in self.fields.items():
            if isinstance(field, forms.ChoiceField):
                field.choices = [("", _("All")), *places]
            else:
                field.widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
                self.fields[name] = field

    @property
    def asked(self) -> list[forms.BoundField]:
        """The fields of what is compared."""
        return [self[key] for key in _OTHER]

    @property
    def reference(self) -> list[forms.BoundField]:
        """The fields of what it is compared with."""
        return [self[_WITH + key] for key in _OTHER]


@login_required
@require_GET
@in_local_time
def compare(request: HttpRequest) -> HttpResponse:
    """Compare what the address asks for with another period or place; else with the period before."""
    user = _user(request)
    asked = Filters.read(request.GET, user)
    if not asked.wording.tenants:
        raise NotYours(action="picture.see")
    right = _with_period(asked)
    left, only_left = searched(user, _other(request, right, user))
    right, only_right = searched(user, right)
    found = comparing.compare(user, left, right, only=(only_left, only_right))
    lists = linked(user, left), linked(user, right)
    look = Look(right, reader.formats())
    named = (_name(look, found.left, found.right), _name(look, found.right, found.left))
    found_rows = _found(found, around(list(asked.wording.tenants.values())))
    tables = [_table(look, key, found_rows[key], lists) for key in _TABLES]
    chart = _chart(found, named)
    context = {
        "names": named,
        "sides": [
            _side(look, side, name, listed)
            for side, name, listed in zip((found.left, found.right), named, lists, strict=True)
        ],
        "per": _("per 10,000 inhabitants and day") if found.per_people else _("per day"),
        # Counts of periods as long as each other are rates already.
        "rates": found.per_people or found.left.days != found.right.days,
        "sentences": _sentences(look, found, found_rows, lists),
        "tables": [table for table in tables if table["rows"]],
        "chart": chart,
        "data": as_data(chart),
        "form": SidesForm(_places(user, asked), _initial(left, right)),
        "kept": [(k, v) for k, v in right.pairs() if k not in _OTHER],
        "chips": right.without("since").without("until").without("territory").chips(),
        "errors": [*right.errors.values(), *left.errors.values()],
        "picture_url": address(reverse("board"), asked.query()),
        "swap_url": _address(right, left),
        "source": _("Veche, %(day)s") % {"day": look.formats.day(timezone.localdate())},
        "about": f"{named[0]} – {named[1]}",
        "protected": are_hidden_from(user),
    }
    return render(request, "board/compare.html", context)


def _with_period(asked: Filters) -> Filters:
    """Return filters with a period: the last seven whole days where none is asked for."""
    if asked.since or asked.until:
        return asked
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    return replace(asked, since=yesterday - dt.timedelta(days=6), until=yesterday)


def _other(request: HttpRequest, right: Filters, user: User) -> Filters:
    """Return the other side: what the address says of it, or the same in the period before."""
    query = request.GET.copy()
    query.clear()
    for key in _OTHER:
        for value in request.GET.getlist(_WITH + key):
            query.appendlist(key, value)
    given = Filters.read(query, user)
    if given.errors:
        return replace(right, errors=given.errors)
    if not (given.since or given.until or given.territory):
        return comparing.earlier(right, timezone.localdate())
    places = given.territory or right.territory
    if not (given.since or given.until):
        return replace(right, territory=places)
    return replace(right, since=given.since, until=given.until, territory=places)


def _initial(left: Filters, right: Filters) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for before, side in (("", right), (_WITH, left)):
        one = side.territory[0] if len(side.territory) == 1 else ""
        found |= {f"{before}since": side.since, f"{before}until": side.until, f"{before}territory": one}
    return found


def _address(right: Filters, left: Filters) -> str:
    """Return the address of the page with the sides the other way round."""
    more = [(_WITH + k, v) for k, v in right.pairs() if k in _OTHER]
    query = "&".join(filter(None, [left.query(), *(f"{k}={v}" for k, v in more)]))
    return f"{reverse('compare')}?{query}"


def _places(user: User, asked: Filters) -> list[tuple[str, str]]:
    whole = asked.without("territory").without("since").without("until")
    rows = [row for row in picture_of(user, whole).rows("territory") if row.value != NONE]
    return [(row.value, "\u2003" * row.depth + row.words) for row in rows[:_PLACES]]


def _name(look: Look, side: Side, other: Side) -> str:
    """Return what a side is called: by what tells it from the other."""
    place = ", ".join(look.filters.wording.said("territory", t) for t in side.filters.territory)
    period = look.formats.day(side.since)
    if side.until != side.since:
        period += f" – {look.formats.day(side.until)}"
    if side.filters.territory == other.filters.territory:
        return period
    place = place or _("All places")
    return place if (side.since, side.until) == (other.since, other.until) else f"{place}, {period}"


def _side(look: Look, side: Side, name: str, asked: Filters | None) -> dict[str, Any]:
    return {
        "name": name,
        "figure": look.number(side.total),
        "days": look.number(side.days),
        "population": look.number(side.population) if side.population else "",
        "url": address(reverse("board"), side.filters.query()),
        "appeals": list_of(asked) if side.total else "",
    }


def _line(look: Look, found: Difference) -> dict[str, Any]:
    """Return a difference as a row of a table, without where it leads."""
    shown = look.formats.number
    digits = 1 if max(found.left_rate, found.right_rate) < 100 else 0
    return {
        "words": found.words,
        "left": shown(found.left),
        "right": shown(found.right),
        "left_rate": shown(found.left_rate, digits=digits),
        "right_rate": shown(found.right_rate, digits=digits),
        "ratio": NOT_TOLD if found.ratio is None else _times(look, found.ratio),
        "between": _("%(low)s to %(high)s")
        % {"low": _times(look, found.low), "high": _times(look, found.high)},
        "clear": found.clear,
        "way": ("up" if found.right_rate > found.left_rate else "down") if found.clear else "",
    }


def _times(look: Look, ratio: float) -> str:
    return "×" + look.formats.number(ratio, digits=2 if ratio < 10 else 0)


def _found(found: Comparison, around: Collection[str]) -> dict[str, list[Difference]]:
    """Return the differences by dimension, without the places that hold all others."""
    return {
        key: [d for d in found.rows(key) if key != "territory" or d.value not in around] for key in _TABLES
    }


def _table(look: Look, key: str, found: Sequence[Difference], lists: Lists) -> dict[str, Any]:
    rows = []
    board = reverse("board")
    for difference in found[:_ROWS]:
        url = address(board, look.filters.query(**{key: difference.value}))
        rows.append({**_line(look, difference), "url": url, "appeals": _appeals(lists, key, difference)})
    return {"key": key, "title": key_words(key), "rows": rows}


def _appeals(lists: Lists, key: str, d: Difference) -> list[str]:
    """Return the lists of the appeals of both sides; "" for no appeals, and for who may not see them."""
    return [
        list_of_value(asked, key, d.value) if n else ""
        for asked, n in zip(lists, (d.left, d.right), strict=True)
    ]


def _sentences(
    look: Look, found: Comparison, rows_of: Mapping[str, Sequence[Difference]], lists: Lists
) -> list[dict[str, Any]]:
    """Return what differs clearly, the largest ratio first; that nothing does, where nothing does."""
    told = [("", found.total)] if found.total.clear else []
    rows = [(key, d) for key in _TABLES for d in rows_of[key] if d.clear and d.value != NONE]
    rows.sort(key=lambda row: -max(row[1].low, 1 / row[1].high if row[1].high else 0))
    said = [
        {"words": _sentence(look, key, d), "appeals": _appeals(lists, key, d)}
        for key, d in (told + rows)[:_SAID]
    ]
    return said or [{"words": _("Nothing differs more than chance and the usual ups and downs explain.")}]


def _sentence(look: Look, key: str, d: Difference) -> str:
    what = named(key, d.words)
    facts: Mapping[str, Any] = {
        "what": what,
        "left": look.number(d.left),
        "right": look.number(d.right),
        "low": look.formats.number(d.low, digits=1),
        "high": look.formats.number(d.high, digits=1),
        "low_less": look.formats.number(1 / d.high, digits=1) if d.high else NOT_TOLD,
        "high_less": look.formats.number(1 / d.low, digits=1) if d.low else NOT_TOLD,
    }
    if d.right_rate >= d.left_rate:
        return (
            _("%(what)s: more, %(right)s against %(left)s; between %(low)s and %(high)s times the rate.")
            % facts
        )
    text = _("%(what)s: fewer, %(right)s against %(left)s; a rate %(low_less)s to %(high_less)s times lower.")
    return text % facts


def _chart(found: Comparison, named: tuple[str, str]) -> dict[str, Any]:
    rows = [d for d in found.rows("topic") if d.value != NONE and "." not in d.value][:10]
    return {
        "names": [d.words for d in rows],
        "digits": 1,
        "series": [
            {"name": named[0], "values": [round(d.left_rate, 2) for d in rows]},
            {"name": named[1], "values": [round(d.right_rate, 2) for d in rows]},
        ],
    }


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
