"""A demonstration: three authorities, people in every role, sample appeals that end today.

Runs as the owner of the tables, once, in a service that holds nothing yet. Everyone and everything in it
is invented.
"""

import secrets
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import override

from veche.packs import load_pack
from veche.packs.model import Pack
from veche.packs.sample.generate import generate
from veche.service.accounts.acting import working
from veche.service.accounts.models import Level, Role, RoleName, Tenant, User
from veche.service.inbox.incoming import Incoming
from veche.service.inbox.models import Channel
from veche.service.inbox.take import take
from veche.service.tenants import open_tenant

PACK = "ru"
SEED = 7
DAYS = 28

#: Slug, level, territory. Appeals go to the smallest of them that the place lies in.
AUTHORITIES = (
    ("nation", Level.NATION, "ru"),
    ("region", Level.REGION, "ru-54"),
    ("city", Level.MUNICIPALITY, "ru-54-000-001"),
)
_BATCH = 1000


@dataclass(frozen=True)
class Demo:
    """What was made: how its people sign in, and how many appeals came in."""

    emails: Sequence[str]
    password: str
    appeals: int


def is_empty() -> bool:
    """Return whether no authority is here yet."""
    return not Tenant.objects.exists()


def make_demo(*, n: int, now: datetime) -> Demo:
    """Make the authorities and their people, and take `n` appeals of the four weeks before `now`."""
    pack = load_pack(PACK)
    tenants = _authorities(pack)
    password = secrets.token_urlsafe(9)
    emails = [email for tenant in tenants.values() for email in _people(tenant, password, now)]
    return Demo(emails, password, _appeals(pack, tenants, n=n, now=now))


def _authorities(pack: Pack) -> dict[str, Tenant]:
    tenants: dict[str, Tenant] = {}
    parent = None
    for slug, level, territory in AUTHORITIES:
        title = pack.territories[territory].title["ru"]
        with override("ru"):
            parent = tenants[territory] = open_tenant(
                slug=slug,
                name=f"{title} (пример)",
                level=level,
                pack=PACK,
                territory=territory,
                parent=parent,
            )
    return tenants


def _people(tenant: Tenant, password: str, now: datetime) -> Iterator[str]:
    for role in RoleName:
        email = f"{role.value}@{tenant.slug}.example"
        with override("ru"):
            name = f"{role.label}, {tenant.name}"
        user = User.objects.create_user(email, name, password, language="ru")
        Role.objects.create(tenant=tenant, user=user, role=role.value, valid_from=now)
        yield email


def _appeals(pack: Pack, tenants: dict[str, Tenant], *, n: int, now: datetime) -> int:
    start = (now - timedelta(days=DAYS)).date()
    channels = {(channel.tenant_id, channel.code): channel for channel in Channel.objects.all()}
    taken = 0
    for block in generate(pack, n=n, seed=SEED, start=start):
        places = block.truth["place"].to_pylist()
        waiting: dict[Channel, list[Incoming]] = defaultdict(list)
        for row, place in zip(block.appeals.to_pylist(), places, strict=True):
            tenant = _responsible(pack, tenants, place)
            code = row["channel"] or "form"
            if (tenant.pk, code) not in channels:
                channels[tenant.pk, code] = Channel.objects.create(tenant=tenant, code=code, title=code)
            waiting[channels[tenant.pk, code]].append(_incoming(row, now))
        taken += sum(_take(channel, rows) for channel, rows in waiting.items())
    return taken


def _responsible(pack: Pack, tenants: dict[str, Tenant], place: str | None) -> Tenant:
    code = place or ""
    while code and code not in tenants:
        code = pack.territories[code].parent
    return tenants[code or AUTHORITIES[0][2]]


def _incoming(row: dict[str, Any], now: datetime) -> Incoming:
    author = row["author"]
    return Incoming(
        text=row["text"],
        received_at=min(row["received_at"], now),
        foreign_id=row["id"],
        contacts=(f"{author}@people.example",) if author else (),
        declared_territory=row["territory"],
        **{name: row[name] for name in ("lat", "lon", "age", "sex", "occupation")},
    )


def _take(channel: Channel, rows: list[Incoming]) -> int:
    for at in range(0, len(rows), _BATCH):
        with working(channel.tenant_id):
            take(channel.tenant_id, channel.pk, rows[at : at + _BATCH], actor="demo")
    return len(rows)
