"""The way from a number of a picture to the list of the appeals that it counts."""

import datetime as dt
from dataclasses import replace
from functools import cache

from django.urls import reverse

from veche.service.accounts.access import reach
from veche.service.accounts.models import User
from veche.service.board.places import places
from veche.service.board.scopes import lent_to
from veche.service.board.small_cells import covers
from veche.service.search.filters import Filters
from veche.service.search.wording import COUNTED, NONE


def counted(filters: Filters) -> Filters:
    """Return filters with the states that a picture of them counts."""
    return filters if filters.state else filters.narrowed(state=COUNTED)


def linked(user: User, filters: Filters) -> Filters | None:
    """Return how the list is asked for what a picture of some filters counts; None for who may not see it.

    What was lent is listed and not counted.
    """
    seen, listed = reach(user, "picture.see"), reach(user, "appeal.list")
    if not covers(listed, seen):
        return None
    asked = counted(filters)
    if asked.tenant or not lent_to(listed):
        return asked
    return replace(asked, tenant=tuple(sorted(asked.wording.tenants)))


def list_of(asked: Filters | None, **narrowed: str | dt.date) -> str:
    """Return the address of the list of appeals for what `linked` returned, narrowed; "" for None."""
    return "" if asked is None else f"{_page()}?{asked.query(**narrowed)}"


@cache
def _page() -> str:
    return reverse("appeals")


def list_of_value(asked: Filters | None, key: str, value: str) -> str:
    """Return the address of the list of what a picture counts of a value (of all where the key is "").

    Of a topic or a place above the one that a picture is narrowed to, only what lies there is counted. A list
    cannot be asked for those who belong to two groups at once: then it is "", too.
    """
    if asked is None or not key:
        return list_of(asked)
    chosen = asked.values(key)
    if key == "group" and chosen and value not in chosen:
        return ""
    if key in ("topic", "territory") and value != NONE:
        way = _up(key, value, asked)
        below = tuple(one for one in chosen if value in _up(key, one, asked))
        if below and not any(_up(key, one, asked)[0] in way for one in chosen):
            return list_of(replace(asked, **{key: below}))
    return list_of(asked, **{key: value})


def _up(key: str, value: str, filters: Filters) -> list[str]:
    """Return a topic or a territory and all above it."""
    if key == "topic":
        parts = value.split(".")
        return [".".join(parts[:n]) for n in range(len(parts), 0, -1)]
    known = places(filters.wording.packs)
    way = [value.rpartition("/")[2]]
    while way[-1] in known and (above := known[way[-1]].parent):
        way.append(above)
    return way
