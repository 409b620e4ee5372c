"""All pages of the service with something on each: who sees which, and where they are.

A page is found by its route, so a page that somebody adds is looked at without being named here. A route
whose address holds an id gets one of a thing that is there.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from tests.service.inbox.understanding import drain, worker_here

#: A file with a row that can be taken and one that cannot.
_CSV = "Текст обращения;Дата\nНет воды в доме;2026-11-01\n;2026-11-02\n".encode()

#: Routes that show no page to a person who is signed in: programs, monitors, streams, and what signs out.
_NO_PAGES = ("api/", "static/", "healthz", "readyz", "metrics", "live/", "account/logout/", "account/link/")


def routes() -> Iterator[tuple[str, str]]:
    """Yield the name and the route of every address."""
    from django.urls import URLResolver, get_resolver

    def below(patterns: Any, prefix: str) -> Iterator[tuple[str, str]]:
        for pattern in patterns:
            route = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from below(pattern.url_patterns, route)
            elif pattern.name:
                yield pattern.name, route

    for name, route in below(get_resolver().url_patterns, ""):
        if not route.startswith(_NO_PAGES) and "<str:lang>" not in route:
            yield name, route


def address(name: str, route: str, world: SimpleNamespace) -> str | None:
    """Return the address of a route with things that are there; None where there is no such thing."""
    things = {**world.things, **world.by_name.get(name, {})}
    names = re.findall(r"<(?:\w+:)?(\w+)>", route)
    if "(?P" in route or any(things.get(n) is None for n in names):
        return None
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(things[found[1]]), route)


def pages(client: Any, world: SimpleNamespace) -> dict[str, str]:
    """Return name and address of every page that this client is shown."""
    found = {}
    for name, route in routes():
        to = address(name, route, world)
        if to is None:
            continue
        answer = client.get(to)
        html = answer.get("Content-Type", "").startswith("text/html")
        if answer.status_code == 200 and html and b"<html" in answer.content:
            found[name] = to
    return found


def a_region(
    urls: Any, messages: list[dict[str, Any]], *, pack: str = "ru", territory: str = "ru-54"
) -> SimpleNamespace:
    """Return a region with people in every role and messages that were understood, an hour apart.

    `things` and `by_name` say what stands in addresses that name something.
    """
    from tests.service.conftest import connected

    with connected(urls.owner):
        world = _people(pack, territory)
    _take(world, messages)
    with connected(urls.worker):
        drain(worker_here(urls.worker))
    _fill(world, urls.worker)
    return world


def _people(pack: str, territory: str) -> SimpleNamespace:
    from django.utils import timezone

    from veche.service.accounts.models import Role, RoleName, Tenant, User
    from veche.service.inbox.models import Channel

    region = Tenant.objects.create(
        slug="region", name="Новосибирская область", level="region", pack=pack, territory=territory
    )
    titles = {"form": "Форма", "call": "Звонки", "file": "Файлы"}
    channels = {c: Channel.objects.create(tenant=region, code=c, title=t) for c, t in titles.items()}
    people = {}
    for role in RoleName.values:
        people[role] = User.objects.create_user(f"{role}@region.example", "Анна Ручкина", language="ru")
        Role.objects.create(tenant=region, user=people[role], role=role, valid_from=timezone.now())
    return SimpleNamespace(region=region, channels=channels, people=people, things={}, by_name={})


def _take(world: SimpleNamespace, messages: list[dict[str, Any]]) -> None:
    from veche.service.accounts.acting import working
    from veche.service.inbox.incoming import Incoming
    from veche.service.inbox.take import take

    now = datetime.now(UTC)
    batch = [
        Incoming(received_at=now - timedelta(hours=len(messages) - i), **fields)
        for i, fields in enumerate(messages)
    ]
    with working(world.region.pk):
        take(world.region.pk, world.channels["form"].pk, batch, actor="process:test", now=now)


def _fill(world: SimpleNamespace, worker: str) -> None:
    """Make cards, themes and a file of what came in, and note what stands in the addresses of them."""
    from tests.service.conftest import connected

    from veche.service.accounts.acting import working
    from veche.service.desk import checks, dealing
    from veche.service.desk.models import Card, Check
    from veche.service.inbox import imports, numbers
    from veche.service.inbox.models import Appeal
    from veche.service.themes import finding
    from veche.service.themes.models import Theme, Work, WorkState

    region = world.region
    with connected(worker):
        dealing.deal_all(region.pk)
        with working(region.pk):
            Work.objects.create(pk=region.pk, state=WorkState.DONE)
        finding.find(region.pk)
        with working(region.pk):
            checks.draw(region.pk, datetime.now(UTC))
    with working(region.pk):
        file = imports.receive(region, world.channels["file"], world.people["editor"], [_CSV], suffix=".csv")
    with connected(worker):
        imports.look_through(region.pk, file.pk, now=datetime.now(UTC))
    with working(region.pk):
        appeal = Appeal.objects.exclude(topic="").order_by("-received_at")[0]
        first = {model: model.objects.first() for model in (Card, Check, Theme)}
    world.things = {"number": numbers.shown(appeal.number), "slug": "region", "page": "desk"}
    world.by_name = {
        "card": {"key": first[Card] and first[Card].pk},
        "theme": {"key": first[Theme] and first[Theme].pk},
        "check": {"sample": first[Check] and first[Check].pk},
        "import": {"key": file.pk},
    }
