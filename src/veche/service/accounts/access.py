"""The one way from a view to a thing of a tenant.

Each `access_*` finds one thing by its id, or raises `NotYours` alike for what does not exist and for what is
another's, so that guessing tells nothing. Each `*_of` is a list that a person may see. Both narrow what they
ask the database for by the person's grants themselves, and do not count on row-level security; `access_*`
asks the policy besides.
"""

from collections.abc import Collection, Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils import timezone

from veche.core.errors import NotYours
from veche.ledger.entry import PLATFORM
from veche.service.accounts import policy
from veche.service.accounts.acting import once
from veche.service.accounts.models import Delegation, Role, Tenant, User
from veche.service.accounts.policy import ACTIONS, Grant, Loan, Target
from veche.service.inbox.models import Appeal, Channel, FileImport, Person, Token

Found = TypeVar("Found", bound=Model)

#: Actions that were refused since the middleware last looked; it writes them to the ledger.
refusals: ContextVar[list[str] | None] = ContextVar("refusals", default=None)


@dataclass(frozen=True)
class Reach:
    """Where a person may do one thing."""

    #: Tenants where all is reached.
    tenants: tuple[UUID, ...]
    #: Grants narrowed to a part of a tenant.
    parts: tuple[Grant, ...]
    #: Tenants that act for what was lent to them.
    borrowers: tuple[UUID, ...]


def grants_of(user: User) -> list[Grant]:
    """Return the roles that a person was ever given."""
    given = Role.objects.filter(user=user, user__is_active=True)
    facts = ("role", "tenant", "valid_from", "valid_to", "territory", "body")
    return once(("grants", user.pk), lambda: [Grant(*row) for row in given.values_list(*facts)])


def chain_of(user: User) -> UUID:
    """Return whose chain of the ledger is told what concerns a person alone: that of an authority where they
    work, else the platform's."""
    now = timezone.now()
    held = (g.tenant for g in grants_of(user) if g.valid_to is None or g.valid_to > now)
    return next(held, UUID(PLATFORM))


def may(user: User, action: str, tenant: Tenant) -> bool:
    """Tell whether a person may do this to a tenant as a whole, or to the part of it that is theirs."""
    target = Target(tenant.pk, frozenset(_above(tenant.pk)))
    return policy.may(grants_of(user), action, target, at=timezone.now())


def allowed(user: User) -> set[str]:
    """Return the actions that a person may do anywhere; menus show these."""
    grants, now = grants_of(user), timezone.now()
    return {
        name for name, rule in ACTIONS.items() if any(policy.suits(grant, rule, at=now) for grant in grants)
    }


def reach(user: User, action: str) -> Reach:
    """Return where a person may do `action` now."""
    rule, now = ACTIONS[action], timezone.now()
    held = [grant for grant in grants_of(user) if policy.suits(grant, rule, at=now)]
    own = {grant.tenant for grant in held if grant.whole}
    tenants = own | set(_below(own)) if rule.below else own
    parts = tuple(grant for grant in held if grant.tenant not in tenants)
    return Reach(tuple(tenants), parts, tuple(own) if rule.lent else ())


def tenants_of(user: User, action: str) -> QuerySet[Tenant]:
    """Return the tenants where a person may do `action`, to all or to a part."""
    where = reach(user, action)
    return Tenant.objects.filter(pk__in=[*where.tenants, *(g.tenant for g in where.parts)]).order_by("name")


def appeals_of(user: User, action: str = "appeal.list") -> QuerySet[Appeal]:
    """Return the appeals that a person may do `action` with."""
    return _reached(Appeal.objects.all(), user, action)


def imports_of(user: User, action: str = "import.start") -> QuerySet[FileImport]:
    """Return the imported files that a person may do `action` with."""
    return _reached(FileImport.objects.all(), user, action)


def tokens_of(user: User, action: str = "tokens.manage") -> QuerySet[Token]:
    """Return the tokens that a person may do `action` with."""
    return _reached(Token.objects.all(), user, action)


def channels_of(user: User, action: str = "channels.manage") -> QuerySet[Channel]:
    """Return the channels that a person may do `action` with."""
    return _reached(Channel.objects.all(), user, action)


def roles_of(user: User, action: str = "people.see") -> QuerySet[Role]:
    """Return the roles, of anybody, that a person may do `action` with."""
    return _reached(Role.objects.all(), user, action)


def persons_of(user: User, action: str = "person.erase") -> QuerySet[Person]:
    """Return the authors of appeals that a person may do `action` with."""
    return _reached(Person.objects.all(), user, action)


def access_appeal(user: User, key: UUID | int, action: str = "appeal.see") -> Appeal:
    """Return an appeal by its id or its number (without the check digit).

    Raises:
        NotYours: there is none, or this person may not do `action` with it.
    """
    by = Q(number=key) if isinstance(key, int) else Q(pk=key)
    return _one(appeals_of(user, action).filter(by), user, action)


def access_import(user: User, key: UUID, action: str = "import.start") -> FileImport:
    """Return an imported file. Raises `NotYours` as `access_appeal` does; so do all below."""
    return _one(imports_of(user, action).filter(pk=key), user, action)


def access_token(user: User, key: UUID, action: str = "tokens.manage") -> Token:
    """Return a token of a channel."""
    return _one(tokens_of(user, action).filter(pk=key), user, action)


def access_channel(user: User, key: UUID, action: str = "channels.manage") -> Channel:
    """Return a channel."""
    return _one(channels_of(user, action).filter(pk=key), user, action)


def access_role(user: User, key: UUID, action: str = "people.grant") -> Role:
    """Return a role that somebody was given."""
    return _one(roles_of(user, action).filter(pk=key), user, action)


def access_person(user: User, key: UUID, action: str = "person.erase") -> Person:
    """Return an author of appeals."""
    return _one(persons_of(user, action).filter(pk=key), user, action)


def access_tenant(user: User, key: UUID | str, action: str) -> Tenant:
    """Return a tenant by its id or its slug."""
    by = Q(slug=key) if isinstance(key, str) else Q(pk=key)
    return _one(tenants_of(user, action).filter(by), user, action)


def access_ledger(user: User, key: UUID | str, action: str = "ledger.see") -> Tenant:
    """Return the tenant whose ledger this person may see or export."""
    return access_tenant(user, key, action)


def _one(found: QuerySet[Found], user: User, action: str) -> Found:
    passed = _passed(found[:1], user, action)
    if not passed:
        noted = refusals.get()
        if noted is not None:
            noted.append(action)
        raise NotYours(action=action)
    return passed[0]


def _passed(found: Iterable[Found], user: User, action: str) -> list[Found]:
    grants, now = grants_of(user), timezone.now()
    return [thing for thing in found if policy.may(grants, action, target_of(thing), at=now)]


def target_of(thing: Model) -> Target:
    """Return what the policy needs to know of a tenant, or of a thing that has one."""
    tenant: UUID = thing.pk if isinstance(thing, Tenant) else thing.tenant_id  # pyright: ignore[reportAttributeAccessIssue]
    above = frozenset(_above(tenant))
    if not isinstance(thing, Appeal):
        return Target(tenant, above)
    loans = Delegation.objects.filter(appeal_id=thing.pk, tenant=tenant)
    lent = tuple(Loan(*row) for row in loans.values_list("to_tenant", "valid_from", "valid_to"))
    return Target(tenant, above, thing.territory, thing.body, lent)


def _reached(things: QuerySet[Found], user: User, action: str) -> QuerySet[Found]:
    where = reach(user, action)
    inside = Q(tenant__in=where.tenants)
    if things.model is not Appeal:
        return things.filter(inside | Q(tenant__in=[grant.tenant for grant in where.parts]))
    for grant in where.parts:
        inside |= _part(grant)
    if where.borrowers:
        inside |= Exists(_lent(where.borrowers, timezone.now()))
    return things.filter(inside)


def _part(grant: Grant) -> Q:
    inside = Q(tenant=grant.tenant)
    if grant.territory:
        inside &= Q(territory=grant.territory) | Q(territory__startswith=grant.territory + "/")
    return inside & Q(body=grant.body) if grant.body else inside


def _lent(to: Iterable[UUID], at: datetime) -> QuerySet[Delegation]:
    owned = Delegation.objects.filter(appeal_id=OuterRef("pk"), tenant=OuterRef("tenant"))
    return owned.filter(Q(valid_to=None) | Q(valid_to__gt=at), to_tenant__in=to, valid_from__lte=at)


_ABOVE = """
WITH RECURSIVE above AS (
    SELECT parent_id FROM accounts_tenant WHERE id = %s
    UNION SELECT t.parent_id FROM accounts_tenant t JOIN above ON t.id = above.parent_id
) SELECT parent_id FROM above WHERE parent_id IS NOT NULL
"""
_BELOW = """
WITH RECURSIVE below AS (
    SELECT id FROM accounts_tenant WHERE parent_id = ANY (%s)
    UNION SELECT t.id FROM accounts_tenant t JOIN below ON t.parent_id = below.id
) SELECT id FROM below
"""


def _above(tenant: UUID) -> list[UUID]:
    return _ids(_ABOVE, tenant)


def _below(tenants: Collection[UUID]) -> list[UUID]:
    return once(("below", frozenset(tenants)), lambda: _ids(_BELOW, list(tenants)))


def _ids(query: str, given: UUID | list[UUID]) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(query, [given])
        return [row[0] for row in cursor.fetchall()]
