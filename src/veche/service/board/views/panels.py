"""Numbers as the picture shows them: rows of tables with their bars, words, and addresses to go on from.

Plain values in, plain values out; what is counted, protected and compared is decided in `counts`.
"""

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from veche.core.formats import Formats
from veche.core.weeks import LastWeek
from veche.service.board import counts
from veche.service.search.filters import Filters
from veche.service.search.wording import NONE, key_words

#: What stands for a number that cannot be told.
NOT_TOLD = "–"

#: Rows of a panel that are seen at once; the others are folded.
_SHOWN = 8
#: Rows of a panel at all; the exports have all of them.
MOST = 60
#: Nodes below each top of a tree that are seen without opening it.
_BELOW = 4
#: Bars of a chart that is saved as a picture.
_CHARTED = 20
#: A change from this on is marked with an arrow.
_SEEN_CHANGE = 0.1


@dataclass(frozen=True)
class Row:
    """One row of a table: a value, how many, and where it leads."""

    #: What stands in ids of the page, made of the code.
    key: str
    #: The value in the address.
    code: str
    words: str
    count: str
    #: Length of the bar, 0 to 1000: whole, because templates write numbers as the reader does.
    bar: int = 0
    share: str = ""
    change: str = ""
    #: "up", "down" or "".
    way: str = ""
    #: Narrows the picture to it.
    url: str = ""
    #: The appeals behind the number; "" for those who may not list appeals.
    appeals: str = ""
    depth: int = 0
    parent: bool = False
    on: bool = False
    #: It stands apart from the others: what is not known.
    rest: bool = False
    tag: str = ""
    #: A further page about it.
    more_url: str = ""
    more_words: str = ""
    mean: str = ""


@dataclass(frozen=True)
class Panel:
    """One table of the picture with its bars."""

    code: str
    title: str
    head: str
    rows: Sequence[Row] = ()
    unit: str = ""
    more: Sequence[Row] = ()
    note: str = ""
    empty: str = ""
    has_share: bool = True
    has_change: bool = False
    figures: Mapping[str, Any] = field(default_factory=dict)

    @property
    def data(self) -> str:
        """The figures as JSON, for the page to hold as text."""
        return as_data(self.figures)

    @property
    def more_words(self) -> str:
        """What the folded rows are called."""
        n = len(self.more)
        return ngettext("%(n)s more", "%(n)s more", n) % {"n": n}


@dataclass(frozen=True)
class Look:
    """How numbers are shown to this reader, and where they lead from what is shown now."""

    filters: Filters
    formats: Formats
    #: Whether counts are shown per 10,000 inhabitants where that can be told.
    per_people: bool = False

    def number(self, value: float | None, *, digits: int = 0) -> str:
        """Return a number in the reader's form, or what stands for one that cannot be told."""
        return NOT_TOLD if value is None else self.formats.number(value, digits=digits)

    def picture(self, filters: Filters, **narrowed: str | dt.date) -> str:
        """Return the address of the picture with these filters, narrowed."""
        return address(self._board, filters.query(**narrowed), per_people=self.per_people)

    @cached_property
    def _board(self) -> str:
        return reverse("board")

    def change(self, week: LastWeek | None) -> str:
        """Return a change in the reader's form; "" where it says nothing."""
        told = told_change(week)
        return "" if told is None else self.formats.change(told)


def named(key: str, words: str) -> str:
    """Return a value with what it is a value of; all of them where the key is ""."""
    return _("%(key)s “%(words)s”") % {"key": key_words(key), "words": words} if key else _("Altogether")


def as_data(figures: Mapping[str, Any]) -> str:
    """Return figures as JSON; a template escapes it like any other text."""
    return json.dumps(figures, ensure_ascii=False, separators=(",", ":"))


def address(page: str, query: str, *, per_people: bool = False) -> str:
    """Return a page with filters in its address."""
    whole = "&".join(filter(None, [query, "per=people" if per_people else ""]))
    return f"{page}?{whole}" if whole else page


def told_change(week: LastWeek | None) -> float | None:
    """Return the relative change, None where there are too few appeals for one."""
    return week.change if week is not None and week.is_counted else None


def way_of(week: LastWeek | None) -> str:
    """Return whether a change is one to be seen at a glance: "up", "down" or ""."""
    change = told_change(week)
    if change is None or abs(change) < _SEEN_CHANGE:
        return ""
    return "up" if change > 0 else "down"


def rows_of(look: Look, key: str, found: Iterable[counts.Row]) -> list[Row]:
    """Return rows of one dimension in their order, with bars that can be compared."""
    listed = list(found)
    most = max((row.n for row in listed if row.value != NONE), default=0) or 1
    chosen = look.filters.values(key)
    parents = {row.parent for row in listed}
    return [
        Row(
            key="".join(c if c.isalnum() else "-" for c in row.value),
            code=row.value,
            words=row.words,
            count=look.number(row.n),
            bar=min(1000, round(1000 * row.n / most)),
            share=look.formats.share(row.share),
            change=look.change(row.change),
            way=way_of(row.change),
            url="" if chosen == (row.value,) else look.picture(look.filters, **{key: row.value}),
            appeals=row.url,
            depth=row.depth,
            parent=row.value in parents,
            on=row.value in chosen,
            rest=row.value == NONE,
        )
        for row in listed
    ]


def opened(rows: Iterable[counts.Row], chosen: Sequence[str]) -> list[counts.Row]:
    """Return of a tree in its order the top with the largest below it, and all right below what is chosen."""
    listed = list(rows)
    parent_of = {row.value: row.parent for row in listed}
    way: set[str] = set()
    for code in chosen:
        while code and code not in way:
            way.add(code)
            code = parent_of.get(code, "")
    seen: dict[str, int] = {}
    kept = []
    for row in listed:
        seen[row.parent] = seen.get(row.parent, 0) + 1
        among_largest = row.depth == 1 and seen[row.parent] <= _BELOW
        if not row.parent or row.parent in way or among_largest:
            kept.append(row)
    return kept


def panel_of(
    code: str,
    title: str,
    head: str,
    rows: Sequence[Row],
    *,
    shown: int = _SHOWN,
    unit: str = "",
    **more: Any,
) -> Panel:
    """Return the panel of some rows: the first ones seen, the others folded, the first ones in figures."""
    # One or two rows behind a fold are better shown.
    cut = len(rows) if len(rows) <= shown + 2 else shown
    listed = [row for row in rows if not row.rest][:_CHARTED]
    figures = {
        "names": [row.words for row in listed],
        "values": [row.bar for row in listed],
        "shown": [row.count for row in listed],
    }
    return Panel(
        code=code,
        title=title,
        head=head,
        rows=rows[:cut],
        more=rows[cut:MOST],
        unit=unit or _("Appeals"),
        figures=figures if listed else {},
        has_change=any(row.change for row in rows),
        **more,
    )


def with_rates(look: Look, rows: Sequence[Row], rates: Mapping[str, float | None]) -> list[Row]:
    """Return rows that tell rates instead of numbers, the highest first."""
    most = max((rate for rate in rates.values() if rate), default=0) or 1
    told = [
        replace(
            row,
            count=look.number(rates.get(row.code), digits=1),
            bar=round(1000 * (rates.get(row.code) or 0) / most),
            share="",
        )
        for row in rows
    ]
    return sorted(told, key=lambda row: -(rates.get(row.code) or 0))
