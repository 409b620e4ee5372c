"""Which themes a person sees: all of an authority, or those that an appeal of their part is in.

As `accounts.access`, the getters narrow what they ask the database for by themselves and ask the policy
besides.
"""

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from veche.core.errors import NotYours
from veche.service.accounts import policy
from veche.service.accounts.access import appeals_of, grants_of, reach, refusals, target_of
from veche.service.accounts.models import User
from veche.service.board.small_cells import are_hidden_from
from veche.service.themes.models import Member, Quotation, Theme


def themes_of(user: User, action: str = "picture.see") -> QuerySet[Theme]:
    """Return the themes that a person may do `action` with."""
    where = reach(user, action)
    inside = Q(tenant__in=where.tenants)
    if where.parts:
        mine = Member.objects.filter(theme=OuterRef("pk"), appeal__in=appeals_of(user))
        inside |= Q(tenant__in=[grant.tenant for grant in where.parts]) & Exists(mine)
    return Theme.objects.filter(inside)


def access_theme(user: User, key: UUID, action: str = "picture.see") -> Theme:
    """Return a theme by its id.

    Raises:
        NotYours: there is none, or this person may not do `action` with it.
    """
    grants, now = grants_of(user), timezone.now()
    for theme in themes_of(user, action).filter(pk=key):
        if policy.may(grants, action, target_of(theme), at=now):
            return theme
    noted = refusals.get()
    if noted is not None:
        noted.append(action)
    raise NotYours(action=action)


def sees_whole(user: User, tenant_id: UUID) -> bool:
    """Whether a person sees all appeals of an authority; else counts over all of it are not for them."""
    return tenant_id in reach(user, "picture.see").tenants


def sees_exact(user: User, tenant_id: UUID) -> bool:
    """Whether the numbers that are kept with themes are for a person: of all appeals, and not rounded."""
    return sees_whole(user, tenant_id) and not are_hidden_from(user)


def members_of(user: User, theme: Theme) -> QuerySet[Member]:
    """Return the members of a theme that a person may see; nothing of a role that reads no appeals."""
    return Member.objects.filter(theme=theme, appeal__in=appeals_of(user))


def quotations_of(user: User, theme: Theme) -> QuerySet[Quotation]:
    """Return the quotations of a theme, and of those merged into it, from appeals that a person may see."""
    themes = [theme.pk, *Theme.objects.filter(into=theme).values_list("pk", flat=True)]
    return Quotation.objects.filter(theme__in=themes, appeal__in=appeals_of(user)).order_by("theme", "place")
