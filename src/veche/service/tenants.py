"""Opens an authority: its place in the tree, the channels that it begins with, its first administrator.

Runs as the owner of the tables.
"""

from django.utils import timezone
from django.utils.translation import gettext as _

from veche.core.errors import UsageError
from veche.packs import load_pack
from veche.service.accounts.acting import working
from veche.service.accounts.models import Role, RoleName, Tenant, User
from veche.service.inbox.models import Channel
from veche.service.ledger.append import append


def open_tenant(
    *, slug: str, name: str, level: str, pack: str, territory: str = "", parent: Tenant | None = None
) -> Tenant:
    """Return a new authority with the channels of form, calls, programs and files.

    Raises:
        PackError: there is no such pack, or it is broken.
        UsageError: the pack knows no such territory.
    """
    known = load_pack(pack).territories
    if territory and territory not in known:
        problem = _("The pack “%(pack)s” knows no territory “%(territory)s”.")
        raise UsageError(problem=problem % {"pack": pack, "territory": territory})
    tenant = Tenant.objects.create(
        slug=slug, name=name, level=level, pack=pack, territory=territory, parent=parent
    )
    Channel.objects.bulk_create(
        Channel(tenant=tenant, code=code, title=title)
        for code, title in (
            ("form", _("Form")),
            ("call", _("Calls")),
            ("api", _("Programs")),
            ("file", _("Files")),
        )
    )
    with working(tenant.pk):
        append(tenant.pk, "tenant.made", actor="owner", object=f"tenant:{tenant.pk}")
    return tenant


def appoint(tenant: Tenant, email: str, name: str) -> User:
    """Return the person of that address, made where there is none, as an administrator of the authority."""
    user = User.objects.filter(email=email.lower()).first() or User.objects.create_user(email, name)
    with working(tenant.pk):
        role = Role.objects.create(
            tenant=tenant, user=user, role=RoleName.ADMINISTRATOR, valid_from=timezone.now()
        )
        facts = {"role": role.role, "user": user.pk}
        append(tenant.pk, "grant.given", actor="owner", object=f"role:{role.pk}", facts=facts)
    return user
