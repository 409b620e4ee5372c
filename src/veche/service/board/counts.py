"""The live picture: all numbers that a board shows for some filters, each with the way to its appeals.

Numbers come from the cube of the person who asks, protected where small ones are hidden from them. Parts are
worked out when a screen asks for them. Cases that are closed and answers that citizens confirmed are not
counted, because nothing tells of them yet.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from uuid import UUID

from django.utils import timezone

from veche.core.weeks import LastWeek
from veche.picture.trends import Line
from veche.service.accounts.models import User
from veche.service.board.alerting import ALERTED, alerts_in
from veche.service.board.counting import Counter, last_of
from veche.service.board.listing import counted, linked, list_of, list_of_value
from veche.service.board.places import Place, places
from veche.service.board.scopes import cube_of
from veche.service.board.small_cells import are_hidden_from
from veche.service.inbox.models import State
from veche.service.search.filters import SURE, Filters
from veche.service.search.wording import NONE
from veche.themes.following.bursts import Alert

#: What a board counts by, beside time.
DIMENSIONS = (
    "topic",
    "theme",
    "territory",
    "group",
    "channel",
    "language",
    "kind",
    "urgency",
    "body",
    "sure",
    "tenant",
)
#: A rate is told of so many people and more.
_LEAST_PEOPLE = 1000


@dataclass(frozen=True)
class Row:
    """A number of the picture: how many appeals have a value, and where they are.

    Words and addresses are made when they are asked for: of thousands of rows a page shows some.
    """

    #: As an address names them: the key ("" for all appeals) and the value ("-" for what is not known).
    key: str
    value: str
    n: int
    #: Of all appeals of the picture.
    share: float
    picture: "Picture" = field(repr=False, compare=False)
    #: Where it stands in a tree: steps below the top, and the value above it.
    depth: int = 0
    parent: str = ""
    #: Of a territory whose people are counted somewhere that is named.
    population: int | None = None
    #: The last week against a usual one; None where there are too few weeks.
    change: LastWeek | None = None

    @property
    def words(self) -> str:
        """The value in words; "" for all appeals."""
        return self.picture.filters.wording.said(self.key, self.value) if self.key else ""

    @property
    def url(self) -> str:
        """The list of these appeals, from the "/" on; "" for those who may not see it."""
        return list_of_value(self.picture.linked, self.key, self.value)

    @property
    def query(self) -> str:
        """The picture of these appeals alone: the query of its address."""
        return self.picture.filters.query(**self._narrowed)

    @property
    def _narrowed(self) -> dict[str, str]:
        return {self.key: self.value} if self.key else {}

    @property
    def per_10000(self) -> float | None:
        """Appeals per 10,000 inhabitants; None where these are not known, or too few for a rate."""
        if self.population is None or self.population < _LEAST_PEOPLE:
            return None
        return self.n * 10_000 / self.population


@dataclass(frozen=True)
class Point:
    """A step of the line of time: its first and last day, how many appeals, and where they are."""

    since: dt.date
    until: dt.date
    n: int
    url: str


@dataclass(frozen=True)
class Burst:
    """What comes much more often than usual."""

    #: The key ("topic", "territory", "theme"; "" for all appeals), the value, and it in words.
    key: str
    value: str
    words: str
    alert: Alert
    url: str
    query: str


class Picture:
    """The numbers for some filters. Get one from `picture_of`."""

    def __init__(self, counter: Counter, filters: Filters, *, linked: Filters | None, today: dt.date) -> None:
        self.counter = counter
        #: What was asked for; its `errors` say why there is nothing.
        self.filters = filters
        #: The same as the list of appeals has to be asked, None where this person may not see it.
        self.linked = linked
        self.today = today

    @property
    def protected(self) -> bool:
        """Whether small numbers are hidden."""
        return self.counter.protected

    @cached_property
    def total(self) -> Row:
        """All appeals of the picture."""
        return self._row("", "", self.counter.total)

    @cached_property
    def last_day(self) -> dt.date:
        """The last day that is over: what changes and bursts are told of."""
        yesterday = self.today - dt.timedelta(days=1)
        last = min(self.filters.until or yesterday, yesterday)
        span = self.counter.span
        return last if span is None or (last - span[1]).days < 92 else span[1]

    def line(self, step: str | None = None) -> Line | None:
        """Return the appeals along time by "day", "week" or "month" (None: what suits); None for none."""
        return self.counter.line(until=min(self.filters.until or self.today, self.today), step=step)

    def points(self, step: str | None = None) -> list[Point]:
        """Return the line with the way to the appeals of each step."""
        line = self.line(step)
        if line is None:
            return []
        made = []
        for start, n in zip(line.starts, line.counts, strict=True):
            since = max(start, self.filters.since or start)
            end = last_of(start, line.step)
            until = min(end, self.filters.until or end)
            made.append(Point(since, until, n, self.list_of(since=since, until=until)))
        return made

    def rows(self, dimension: str) -> list[Row]:
        """Return the values of one of `DIMENSIONS`, the largest first and what is not known last.

        Topics and territories stand in the order of their tree, each followed by what lies below it, and
        count what lies below.
        """
        return self._rows[dimension] if dimension in self._rows else self._made(dimension)

    @cached_property
    def _rows(self) -> dict[str, list[Row]]:
        return {}

    def _made(self, dimension: str) -> list[Row]:
        tree = dimension in ("topic", "territory")
        counts = self.counter.by(dimension, rolled=tree)
        changes = self.counter.changes(dimension, until=self.last_day) if dimension in ALERTED else {}
        known = places(self.filters.wording.packs) if dimension == "territory" else {}
        order = _in_tree(dimension, counts, known) if tree else [(v, 0, "") for v in _largest_first(counts)]
        if dimension == "sure":
            order = [(value, 0, "") for value in (*reversed(SURE), "low", NONE) if value in counts]
        self._rows[dimension] = [
            self._row(
                dimension,
                value,
                counts[value],
                depth=depth,
                parent=parent,
                population=known[value].population if value in known else None,
                change=changes.get(value),
            )
            for value, depth, parent in order
        ]
        return self._rows[dimension]

    def _row(self, key: str, value: str, n: int, **more: Any) -> Row:
        return Row(key, value, n, n / self.counter.total if self.counter.total else 0.0, self, **more)

    def list_of(self, **narrowed: str | dt.date) -> str:
        """Return the address of the list of these appeals, narrowed; "" for who may not see it."""
        return list_of(self.linked, **narrowed)

    @cached_property
    def bursts(self) -> list[Burst]:
        """What comes much more often than usual by the last day, the surest first."""
        found = alerts_in(self.counter, until=self.last_day, packs=self.filters.wording.packs)
        return [self._burst(alert) for alert in found]

    def _burst(self, alert: Alert) -> Burst:
        key, value = alert.what or "", alert.where or ""
        days = {"since": alert.since, "until": alert.until}
        return Burst(
            key=key,
            value=value,
            words=self.filters.wording.said(key, value) if key else "",
            alert=alert,
            url=list_of_value(None if self.linked is None else self.linked.narrowed(**days), key, value),
            query=self.filters.query(**days, **({key: value} if key else {})),
        )

    @cached_property
    def waiting(self) -> Row:
        """Appeals that are not understood yet."""
        return self._of_state(State.RECEIVED)

    @cached_property
    def aside(self) -> Row:
        """Appeals that could not be understood, and wait for a person."""
        return self._of_state(State.ASIDE)

    def _of_state(self, state: str) -> Row:
        filters = self.filters.narrowed(state=state)
        rows = self.counter.cube.rows(filters)
        counter = replace(self.counter, rows=rows)
        return replace(self._row("state", state, counter.total), share=0.0)


def counter_of(user: User, filters: Filters, *, only: Iterable[UUID] | None = None) -> Counter:
    """Return the counts that a person may see, within `acting` of them.

    Args:
        user: Who asks: their roles say what is counted, and whether small numbers are hidden.
        filters: What is asked for; without `state` it is what the picture counts.
        only: Where it is not None, only these appeals: what a search found.
    """
    cube = cube_of(user, "picture.see")
    return Counter(cube, cube.rows(counted(filters), only), protected=are_hidden_from(user))


def picture_of(user: User, filters: Filters, *, only: Iterable[UUID] | None = None) -> Picture:
    """Return the picture that a person may see; for the arguments see `counter_of`."""
    counter = counter_of(user, filters, only=only)
    return Picture(counter, filters, linked=linked(user, filters), today=timezone.localdate())


def _largest_first(counts: Mapping[str, int]) -> list[str]:
    return sorted(counts, key=lambda value: (value == NONE, -counts[value], value))


def _in_tree(
    dimension: str, counts: Mapping[str, int], known: Mapping[str, Place]
) -> list[tuple[str, int, str]]:
    """Return (value, depth, parent) in the order of the tree, below one node the largest first."""
    below: dict[str, list[str]] = {}
    for value in _largest_first(counts):
        below.setdefault(_parent(dimension, value, counts, known), []).append(value)
    ordered: list[tuple[str, int, str]] = []
    stack = [(value, 0, "") for value in reversed(below.get("", []))]
    while stack:
        value, depth, parent = stack.pop()
        ordered.append((value, depth, parent))
        stack += [(v, depth + 1, value) for v in reversed(below.get(value, []))]
    return ordered


def _parent(dimension: str, value: str, counts: Mapping[str, int], known: Mapping[str, Place]) -> str:
    if dimension == "topic":
        above = value.rpartition(".")[0]
        while above and above not in counts:
            above = above.rpartition(".")[0]
        return above
    above = known[value].parent if value in known else ""
    while above and above not in counts:
        above = known[above].parent if above in known else ""
    return above


def by_value(rows: Sequence[Row]) -> dict[str, Row]:
    """Return rows by their values."""
    return {row.value: row for row in rows}
