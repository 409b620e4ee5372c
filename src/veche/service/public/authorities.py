"""Which authorities take appeals by the public form: those with an active channel of the code "form"."""

from dataclasses import dataclass
from uuid import UUID

from veche.service.accounts.acting import working
from veche.service.accounts.models import Tenant
from veche.service.inbox.models import Channel

CODE = "form"


@dataclass(frozen=True)
class Door:
    """An authority, and the channel by which its form hands in."""

    tenant: Tenant
    channel_id: UUID


def open_authorities() -> list[Tenant]:
    """Return the authorities that take appeals by the form, the larger first."""
    tenants = {t.pk: t for t in Tenant.objects.order_by("name")}
    with working(*tenants):
        found = set(Channel.objects.filter(code=CODE, active=True).values_list("tenant_id", flat=True))
    order = ("nation", "region", "municipality")
    return sorted((t for pk, t in tenants.items() if pk in found), key=lambda t: order.index(t.level))


def door_of(slug: str) -> Door | None:
    """Return the door of one authority; None where there is none, or it takes nothing by form."""
    tenant = Tenant.objects.filter(slug=slug).first()
    return _door(tenant) if tenant else None


def door_of_id(tenant_id: UUID) -> Door | None:
    """Return the door of the authority with this id, as `door_of` does."""
    tenant = Tenant.objects.filter(pk=tenant_id).first()
    return _door(tenant) if tenant else None


def _door(tenant: Tenant) -> Door | None:
    with working(tenant.pk):
        channel = (
            Channel.objects.filter(tenant=tenant, code=CODE, active=True).values_list("pk", flat=True).first()
        )
    return Door(tenant, channel) if channel else None
