"""Counts by facet of what was found: each leads to the list narrowed to it."""

from collections.abc import Iterator
from dataclasses import dataclass

from veche.service.search.filters import Filters
from veche.service.search.found import Found
from veche.service.search.wording import key_words

#: Keys whose counts are shown, in the order of the page, and those of them that form trees.
_SHOWN = (
    "topic",
    "territory",
    "urgency",
    "state",
    "body",
    "channel",
    "kind",
    "language",
    "group",
    "theme",
    "sure",
    "tenant",
)
_TREES = ("topic", "territory")
#: Values that are shown at once, and those that are shown when somebody asks for more.
AT_ONCE, MOST = 6, 60


@dataclass(frozen=True)
class Option:
    """A value of a facet: how many of what was found have it, and where it leads."""

    words: str
    n: int
    #: The address of the list with it, or without it where it is in force.
    url: str
    on: bool
    #: The address of the list with it beside the values in force; "" where there are none or it adds nothing.
    also: str = ""


@dataclass(frozen=True)
class Facet:
    """A facet with its values, the most frequent first."""

    key: str
    title: str
    options: list[Option]

    @property
    def first(self) -> list[Option]:
        """The values that are shown at once."""
        return self.options[:AT_ONCE]

    @property
    def more(self) -> list[Option]:
        """The values that are shown when somebody asks for more."""
        return self.options[AT_ONCE:]

    @property
    def chosen(self) -> bool:
        """Whether a value is in force."""
        return any(option.on for option in self.options)


def facets(found: Found, filters: Filters) -> list[Facet]:
    """Return the facets by which what was found can be narrowed, and by which more of it can be had.

    Where values of a facet are in force its others are counted as if there were none.
    """
    made = (Facet(key, key_words(key), list(_options(key, found, filters))) for key in _SHOWN)
    return [facet for facet in made if facet.options]


def _options(key: str, found: Found, filters: Filters) -> Iterator[Option]:
    count = found.cube.rolled if key in _TREES else found.cube.count
    narrow = counted = count(found.rows, key)
    chosen = filters.values(key)
    if chosen and found.searched is not None:
        counted = count(found.cube.rows(filters.without(key)) & found.searched, key)

    def place(value: str) -> tuple[bool, bool, int, str]:
        return value not in chosen, value not in narrow, -counted[value], value

    for value in sorted(counted, key=place)[:MOST]:
        on, n, inside = value in chosen, counted[value], narrow.get(value, 0)
        # What all have narrows nothing.
        if on or inside < found.n:
            to = filters.without(key, value) if on else filters.narrowed(**{key: value})
            also = "" if on or n == inside else "?" + filters.also(key, value).query()
            yield Option(filters.wording.said(key, value), n, "?" + to.query(), on, also)
