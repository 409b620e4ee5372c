"""The picture as tables that leave the house: what it is of, its numbers, and what a reader has to know.

All numbers are those of the board, protected where small ones are hidden from the person who exports. The
tables know nothing of files; `export_files` and `export_pdf` write them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from veche.picture.trends import Line
from veche.service.board import annotations
from veche.service.board.counts import DIMENSIONS, Row
from veche.service.board.places import population_sources
from veche.service.board.small_cells import BASE
from veche.service.board.views.scene import Scene
from veche.service.search.wording import key_words

Cell = str | int | float | None

#: What a table of a dimension is called where the key of an address would not do.
_TITLES = {
    "topic": lazy("Topics"),
    "theme": lazy("Themes"),
    "territory": lazy("Territories"),
    "group": lazy("Who writes"),
    "channel": lazy("Channels"),
    "language": lazy("Languages"),
    "kind": lazy("Kinds"),
    "urgency": lazy("How urgent"),
    "body": lazy("Responsible bodies"),
    "sure": lazy("How sure the topic is"),
    "tenant": lazy("Authorities"),
}
_STEPS = {"day": lazy("Day"), "week": lazy("Week from"), "month": lazy("Month from")}


@dataclass(frozen=True)
class Sheet:
    """One table: `heads` and the cells below them. `shares` are the columns that hold shares of one."""

    code: str
    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    shares: frozenset[int] = frozenset()
    #: Steps below the top of a tree, for each row.
    depths: Sequence[int] = ()


@dataclass(frozen=True)
class Document:
    """The picture in tables."""

    title: str
    #: What it is of and as of when: what a fact is called, and the fact.
    facts: Sequence[tuple[str, str]]
    #: What a reader has to know.
    notes: Sequence[str]
    sheets: Sequence[Sheet]
    line: Line | None


def document(scene: Scene) -> Document:
    """Return the picture of a scene, in the language and the zone in force."""
    picture = scene.picture
    line = picture.line()
    sheets = [_along_time(line)] if line else []
    sheets += [sheet for key in DIMENSIONS if (sheet := _by(key, picture.rows(key))) is not None]
    return Document(
        title=_("Appeals: the picture"),
        facts=list(_facts(scene)),
        notes=list(_notes(scene, line)),
        sheets=sheets,
        line=line,
    )


def _facts(scene: Scene) -> Iterator[tuple[str, str]]:
    yield _("Authorities"), ", ".join(tenant.name for tenant in scene.tenants)
    yield _("What is counted"), scene.about
    yield _("Appeals"), scene.look.formats.number(scene.picture.total.n)


def _notes(scene: Scene, line: Line | None) -> Iterator[str]:
    picture = scene.picture
    yield from picture.filters.errors.values()
    if picture.protected:
        yield _(
            "Every number is rounded to a multiple of %(base)s, so that nobody can be recognised; parts need "
            "not add up to their whole."
        ) % {"base": BASE}
    yield _(
        "An appeal of several groups counts for each of them. Topics and territories count what lies below "
        "them."
    )
    packs = tuple(dict.fromkeys(tenant.pack for tenant in scene.tenants))
    sources = population_sources(packs, scene.look.formats.language)
    if sources and any(row.per_10000 is not None for row in picture.rows("territory")):
        yield _("Numbers of inhabitants: %(sources)s.") % {"sources": "; ".join(sources)}
    if line:
        day = scene.look.formats.day
        for mark in annotations.marks(scene.tenants, line.starts[0], picture.today):
            yield f"{day(mark.day)}: {mark.words}"


def _along_time(line: Line) -> Sheet:
    rows = [[start.isoformat(), n] for start, n in zip(line.starts, line.counts, strict=True)]
    return Sheet("time", _("Along time"), [str(_STEPS[line.step]), _("Appeals")], rows)


def _by(key: str, rows: Sequence[Row]) -> Sheet | None:
    """Return the table of a dimension; None where it would say nothing."""
    if not rows or (key == "tenant" and len(rows) == 1):
        return None
    heads = [_("Code"), key_words(key), _("Appeals"), _("Share")]
    rated = any(row.per_10000 is not None for row in rows)
    changing = any(row.change is not None for row in rows)
    if rated:
        heads += [_("Inhabitants"), _("Per 10,000 inhabitants")]
    if changing:
        heads += [_("Last week"), _("Usual week")]
    cells = [_cells(row, rated=rated, changing=changing) for row in rows]
    depths = [row.depth for row in rows]
    return Sheet(key, str(_TITLES[key]), heads, cells, frozenset({3}), depths)


def _cells(row: Row, *, rated: bool, changing: bool) -> list[Cell]:
    cells: list[Cell] = [row.value, row.words, row.n, round(row.share, 4)]
    if rated:
        rate = row.per_10000
        cells += [row.population, None if rate is None else round(rate, 2)]
    if changing:
        week = row.change
        cells += [week.recent if week else 0, round(week.usual, 2) if week else 0]
    return cells
