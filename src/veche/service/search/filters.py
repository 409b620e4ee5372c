"""One meaning of the keys in an address, on every screen that shows appeals or counts of them.

An address holds the whole state of a screen, so a permalink is the address itself. A key that is unknown is
ignored; a value that cannot be is told as an error of the form, and then nothing fits, so that nobody takes
the whole for a part. `board.cube` finds the appeals that fit; the words and the meaning that somebody looks
for (`q`, `by`) are searched by `search` first.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from veche.packs.model import KINDS, URGENCIES
from veche.service.accounts.access import tenants_of
from veche.service.accounts.models import User
from veche.service.inbox.models import State
from veche.service.search.wording import (
    BY_WORDS,
    COUNTED,
    NONE,
    SURE_WORDS,
    Wording,
    is_theme,
    key_words,
)

#: Keys that may be repeated: any of the values fits.
SEVERAL = (
    "tenant",
    "body",
    "topic",
    "territory",
    "group",
    "channel",
    "language",
    "kind",
    "urgency",
    "state",
    "theme",
    "sure",
)
#: Keys with one value.
SINGLE = ("since", "until", "q", "by")
#: All keys, in the order of an address.
KEYS = (*SEVERAL, *SINGLE)

#: From which confidence of the topic on one speaks of "middle" and "high"; what is below is "low".
SURE = {"middle": 0.6, "high": 0.9}

#: Values of one key, and characters of a value or of what is searched; more is a mistake or an attack.
MOST_VALUES = 100
MOST_CHARACTERS = 300
MOST_SEARCHED = 1000


@dataclass(frozen=True)
class Chip:
    """One filter in force, as a screen shows it."""

    key: str
    value: str
    #: What the key is called.
    label: str
    #: What the value is called.
    words: str
    #: The address without it, from the "?" on.
    url_without: str


@dataclass(frozen=True)
class Filters:
    """Which appeals a screen is about. Values are codes; "-" stands for what is not known."""

    tenant: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    topic: tuple[str, ...] = ()
    territory: tuple[str, ...] = ()
    group: tuple[str, ...] = ()
    channel: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    urgency: tuple[str, ...] = ()
    state: tuple[str, ...] = ()
    theme: tuple[str, ...] = ()
    sure: tuple[str, ...] = ()
    since: dt.date | None = None
    until: dt.date | None = None
    q: str = ""
    by: str = "words"
    #: What was wrong with the address, by key, in words for the reader; nothing fits while there is some.
    errors: Mapping[str, str] = field(default_factory=dict, compare=False)
    wording: Wording = field(default_factory=lambda: Wording(()), compare=False, repr=False)

    @classmethod
    def read(cls, query: QueryDict, user: User) -> "Filters":
        """Return what an address asks for. It never fails: what cannot be stands in `errors`.

        Args:
            query: The keys and values of the address.
            user: Who asks; an authority that they may not see is none.
        """
        wording = Wording(list(tenants_of(user, "picture.see")))
        errors: dict[str, str] = {}
        values: dict[str, Any] = {}
        for key in SEVERAL:
            values[key], problem = _several(key, query.getlist(key), wording)
            if problem:
                errors[key] = problem
        for key, read in _READ_ONE.items():
            typed = query.get(key, "").strip()
            try:
                values[key] = read(typed) if typed else None
            except ValueError as error:
                errors[key] = str(error)
        since, until = values.get("since"), values.get("until")
        if since and until and since > until:
            errors["until"] = _("The last day lies before the first.")
        values["q"], values["by"] = values.get("q") or "", values.get("by") or "words"
        return cls(**values, errors=errors, wording=wording)

    def query(self, **narrowed: str | dt.date) -> str:
        """Return the part of an address after the "?": always the same for the same filters.

        `narrowed`: one value each for these keys (not `q`, not `by`), instead of those that they have.
        """
        parts = self._parts | {key: urlencode({key: value}) for key, value in narrowed.items()}
        return "&".join(filter(None, parts.values()))

    @cached_property
    def _parts(self) -> dict[str, str]:
        """The part of the address for each key, in their order; "" where it is not in force."""
        parts: dict[str, list[tuple[str, str]]] = {key: [] for key in (*SEVERAL, "since", "until", "q")}
        for key, value in self.pairs():
            parts["q" if key == "by" else key].append((key, value))
        return {key: urlencode(pairs) for key, pairs in parts.items()}

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Yield key and value of each filter in force, in the order of an address."""
        for key in SEVERAL:
            for value in self.values(key):
                yield key, value
        for key in ("since", "until"):
            day: dt.date | None = getattr(self, key)
            if day:
                yield key, day.isoformat()
        if self.q:
            yield "q", self.q
            if self.by != "words":
                yield "by", self.by

    def values(self, key: str) -> tuple[str, ...]:
        """Return the values of one of the keys that may be repeated."""
        found: tuple[str, ...] = getattr(self, key)
        return found

    def without(self, key: str, value: str | None = None) -> "Filters":
        """Return the filters without one value of a key, or without the key."""
        if key in SEVERAL:
            left = tuple(v for v in self.values(key) if v != value) if value is not None else ()
            return replace(self, **{key: left})
        if key == "q":
            return replace(self, q="", by="words")
        return replace(self, **{key: "words" if key == "by" else None})

    def narrowed(self, **values: str | dt.date) -> "Filters":
        """Return the filters with one value each for these keys, instead of those that they had."""
        one = {k: (v,) if k in SEVERAL else v for k, v in values.items()}
        return replace(self, **one)

    def also(self, key: str, value: str) -> "Filters":
        """Return the filters with one more value of a key that may be repeated: any of them fits."""
        return replace(self, **{key: tuple(sorted({*self.values(key), value}))})

    def chips(self) -> list[Chip]:
        """Return each filter in force in words, with the address that leaves it out."""
        return [
            Chip(key, value, key_words(key), self._said(key, value), "?" + self.without(key, value).query())
            for key, value in self.pairs()
        ]

    def _said(self, key: str, value: str) -> str:
        if key in ("since", "until"):
            return date_format(getattr(self, key))
        return value if key == "q" else self.wording.said(key, value)

    def __bool__(self) -> bool:
        """Whether any filter is in force."""
        return any(True for _ in self.pairs())


def sure_of(confidence: float | None) -> str:
    """Return how sure one speaks of a confidence: "low", "middle", "high", or "-" where there is none."""
    if confidence is None:
        return NONE
    return next((name for name in ("high", "middle") if confidence >= SURE[name]), "low")


_CHOICES: dict[str, Sequence[str]] = {
    "kind": (*KINDS, NONE),
    "urgency": (*URGENCIES, NONE),
    "state": (*State.values, COUNTED),
    "sure": (*SURE_WORDS, NONE),
}


def _several(key: str, typed: Sequence[str], wording: Wording) -> tuple[tuple[str, ...], str]:
    """Return the values of a key, each once and in order, and what is wrong with them."""
    given = sorted({value.strip() for value in typed} - {""})
    fit = [value for value in given if _can_be(key, value, wording)]
    if len(fit) > MOST_VALUES:
        return (), _("There are more than %(most)s values; choose fewer.") % {"most": MOST_VALUES}
    problem = _("There is no such value to choose.") if len(fit) < len(given) else ""
    return tuple(fit), problem


def _can_be(key: str, value: str, wording: Wording) -> bool:
    if len(value) > MOST_CHARACTERS or not value.isprintable():
        return False
    if key == "tenant":
        return value in wording.tenants
    if key == "theme":
        return is_theme(value)
    return key not in _CHOICES or value in _CHOICES[key]


def _day(typed: str) -> dt.date:
    try:
        return dt.date.fromisoformat(typed)
    except ValueError:
        raise ValueError(_("This is no day; write it as 2026-11-22.")) from None


def _searched(typed: str) -> str:
    if len(typed) > MOST_SEARCHED:
        raise ValueError(
            _("This is too long to search for: at most %(most)s characters.") % {"most": MOST_SEARCHED}
        )
    if "\x00" in typed:
        raise ValueError(_("This cannot be searched for."))
    return typed


def _way(typed: str) -> str:
    if typed not in BY_WORDS:
        raise ValueError(_("There is no such value to choose."))
    return typed


_READ_ONE: dict[str, Callable[[str], Any]] = {"since": _day, "until": _day, "q": _searched, "by": _way}
