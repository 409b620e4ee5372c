"""Searches that people keep: their own or shared with their authority, and how much is new in each."""

from dataclasses import dataclass
from uuid import UUID

import numpy as np
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from veche.core.errors import NotYours
from veche.service.accounts.access import grants_of
from veche.service.accounts.models import Tenant, User
from veche.service.accounts.policy import ACTIONS, suits
from veche.service.board.cube import Cube
from veche.service.board.scopes import cube_of
from veche.service.search import words
from veche.service.search.filters import Filters
from veche.service.search.found import latest
from veche.service.search.models import MOST_NAME, MOST_QUERY, Saved, Seen

#: New appeals that are looked through for words; where there are more it is told that there are.
MOST_NEW = 1_000
#: Searches that one person keeps.
MOST_KEPT = 100

_FOUND = "appeal.list"


@dataclass(frozen=True)
class Shown:
    """A kept search as a page shows it."""

    saved: Saved
    mine: bool
    #: How many were received since this person last looked; None where that cannot be told.
    new: int | None
    #: Whether there are more than `new`.
    more: bool


def homes(user: User) -> QuerySet[Tenant]:
    """Return the authorities where a person works and may find appeals."""
    now = timezone.now()
    held = [grant.tenant for grant in grants_of(user) if suits(grant, ACTIONS[_FOUND], at=now)]
    return Tenant.objects.filter(pk__in=held).order_by("pk")


def saved_of(user: User) -> QuerySet[Saved]:
    """Return the searches that a person may open: their own, and those shared where they work."""
    inside = Saved.objects.filter(tenant__in=homes(user))
    return inside.filter(Q(owner=user) | Q(shared=True)).order_by("name", "pk")


def access_saved(user: User, key: UUID, *, own: bool = False) -> Saved:
    """Return a kept search; with `own`, one that the person may change.

    Raises:
        NotYours: there is none, or it is another's.
    """
    found = saved_of(user).filter(pk=key)
    one = (found.filter(owner=user) if own else found).first()
    if one is None:
        raise NotYours(action=_FOUND)
    return one


def keep(user: User, name: str, filters: Filters, *, shared: bool) -> Saved | None:
    """Keep a search under a name; one of the same name that the person has is replaced.

    Returns None where it cannot be kept: no name, nothing that is searched for, too long, or too many.
    """
    said, query = " ".join(name.split())[:MOST_NAME], filters.query()
    tenant = homes(user).first()
    mine = Saved.objects.filter(owner=user)
    full = mine.exclude(name=said).count() >= MOST_KEPT
    if not said or not query or filters.errors or len(query) > MOST_QUERY or tenant is None or full:
        return None
    made, _ = Saved.objects.update_or_create(
        tenant=tenant, owner=user, name=said, defaults={"query": query, "shared": shared}
    )
    note_seen(user, made)
    return made


def note_seen(user: User, saved: Saved) -> None:
    """Remember that a person looks at what a search finds now."""
    Seen.objects.update_or_create(
        saved=saved, user=user, defaults={"tenant_id": saved.tenant_id, "at": timezone.now()}
    )


def shown(user: User) -> list[Shown]:
    """Return the searches that a person may open, with how much is new in each, within `acting(user)`."""
    found = list(saved_of(user))
    if not found:
        return []
    looked = dict(Seen.objects.filter(user=user, saved__in=found).values_list("saved_id", "at"))
    cube = cube_of(user)
    made = []
    for one in found:
        at = looked.get(one.pk)
        new, more = _new(cube, user, one, at.timestamp()) if at else (None, False)
        made.append(Shown(one, one.owner_id == user.pk, new, more))
    return made


def _new(cube: Cube, user: User, saved: Saved, since: float) -> tuple[int | None, bool]:
    filters = Filters.read(QueryDict(saved.query), user)
    if filters.by == "meaning" and filters.q:
        return None, False
    rows = cube.rows(filters) & (cube.received > int(since * 1_000_000))
    n = int(np.count_nonzero(rows))
    if not filters.q or not n:
        return n, False
    asked = words.ask(filters.q)
    if not (asked.has_words and asked.says_what):
        return None, False
    some = latest(cube, np.flatnonzero(rows), MOST_NEW)
    return len(words.through(asked, some)), n > MOST_NEW
