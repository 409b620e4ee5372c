"""What a page of the picture is about: who looks, at what, and the numbers of it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from veche.service import reader
from veche.service.accounts.access import allowed
from veche.service.accounts.models import Tenant, User
from veche.service.board import shapes
from veche.service.board.counts import Picture, picture_of
from veche.service.board.views.panels import Look
from veche.service.search.filters import Chip, Filters
from veche.service.search.found import look as find


@dataclass(frozen=True)
class Scene:
    """A picture and how it is shown."""

    user: User
    look: Look
    picture: Picture
    #: The authorities that are in it.
    tenants: Sequence[Tenant]

    @property
    def today(self) -> dt.date:
        """The local day."""
        return self.picture.today

    @property
    def place(self) -> str:
        """The authority that it is of, or the one above all others; "" for none."""
        return self.top.name if self.top else ""

    @property
    def top(self) -> Tenant | None:
        """The authority above all others that are in it."""
        own = {tenant.pk for tenant in self.tenants}
        return next((t for t in self.tenants if t.parent_id not in own), None)  # pyright: ignore[reportAttributeAccessIssue]

    @property
    def around(self) -> set[str]:
        """The territories that hold all that it is about: a number of these says nothing of a place."""
        return around(self.tenants)

    @property
    def about(self) -> str:
        """What is counted, in words: how it is narrowed, and as of when."""
        chips = self.look.filters.chips()
        said = "; ".join(f"{c.label}: {self.said(c)}" for c in chips if c.key != "by")
        when = self.look.formats.day(self.today) + timezone.localtime().strftime(" %H:%M")
        return _("%(what)s, as of %(when)s") % {"what": said or _("All appeals"), "when": when}

    def said(self, chip: Chip) -> str:
        """Return a filter in words, days as everywhere on the page."""
        day = getattr(self.look.filters, chip.key) if chip.key in ("since", "until") else None
        return self.look.formats.day(day) if day else chip.words

    def of(self, key: str, value: str) -> int:
        """Return how many appeals have one value."""
        return next((row.n for row in self.picture.rows(key) if row.value == value), 0)


def around(tenants: Sequence[Tenant]) -> set[str]:
    """Return the territories that hold all of these authorities, and all above."""
    own = {tenant.pk for tenant in tenants}
    tops = [t for t in tenants if t.parent_id not in own]  # pyright: ignore[reportAttributeAccessIssue]
    chains = [set(shapes.holding(t.pack, t.territory or shapes.root_of(t.pack))) for t in tops]
    return set.intersection(*chains) if chains else set()


def scene_for(user: User, filters: Filters, *, per_people: bool = False) -> Scene:
    """Return what some filters ask for, counted for a person, in the language and the zone in force.

    What is searched for is found for those who may list appeals; others see counts without it.
    """
    every = filters.wording.tenants
    tenants = [every[slug] for slug in filters.tenant if slug in every] or list(every.values())
    filters, only = searched(user, filters)
    look = Look(filters, reader.formats(), per_people=per_people)
    return Scene(user, look, picture_of(user, filters, only=only), tenants)


def searched(user: User, filters: Filters) -> tuple[Filters, list[UUID] | None]:
    """Return filters without a search that is not for this person, and what a search found, None for none."""
    if not filters.q:
        return filters, None
    if "appeal.list" not in allowed(user):
        return filters.without("q"), None
    found = find(user, filters)
    return filters, found.cube.ids(found.rows, most=max(found.n, 1))
