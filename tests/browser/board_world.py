"""What the board is tested with: a region and its cities, appeals of nine weeks, themes, notes, a break."""

import random
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

DAYS = 63
#: The day on which very many write, and the topic they write on.
BURST_TOPIC = "housing.payments.tariffs"
_TOPICS = {
    "housing.payments.tariffs": 5,
    "housing.building.roof": 8,
    "housing.building.lifts": 4,
    "housing.dwelling.unsafe": 3,
    "city.animals.strays": 6,
    "city.ecology.air": 5,
    "city.burial.cemeteries": 1,
    "social.culture.events": 2,
    "social.sport.grounds": 3,
    "": 2,
}
_PLACES = {
    "ru-54-000-001": 20, "ru-54-000-002": 6, "ru-54-000-003": 2, "ru-54-000-005": 4, "ru-54-024": 2,
    "ru-54-028": 1, "": 3,
}  # fmt: skip
_LANGUAGES = {"ru": 30, "en": 1, "tt": 1, "kk": 1}
_GROUPS = {"": 12, "pensioner": 6, "parent": 5, "disability": 2, "student": 1}
_KINDS = {"complaint": 12, "request": 5, "question": 3, "proposal": 2, "thanks": 1}
_CHANNELS = {"form": 6, "api": 4, "call": 3, "file": 1}


def _drawn(rng: random.Random, weights: dict[str, int]) -> str:
    return rng.choices(list(weights), list(weights.values()))[0]


def make(*, n: int, today: date, seed: int = 5) -> SimpleNamespace:
    """Make the region, its people and `n` appeals up to today; within a connection of the owner."""
    from veche.service.accounts.models import Role, RoleName, Tenant, User
    from veche.service.inbox.models import Channel

    region = Tenant.objects.create(
        slug="region", name="Новосибирская область", level="region", pack="ru", territory="ru-54"
    )
    people = {}
    now = datetime.now(UTC)
    for role in RoleName.values:
        user = User.objects.create_user(f"{role}@region.example", f"Person {role}", language="ru")
        Role.objects.create(tenant=region, user=user, role=role, valid_from=now - timedelta(days=1))
        people[role] = user
    channels = {code: Channel.objects.create(tenant=region, code=code, title=code) for code in _CHANNELS}
    world = SimpleNamespace(region=region, people=people, channels=channels, themes=[])
    world.themes = _themes(region, today)
    appeals(world, n=n, today=today, rng=random.Random(seed))
    _notes(world, today)
    return world


def appeals(world: SimpleNamespace, *, n: int, today: date, rng: random.Random, days: int = DAYS) -> None:
    """Make `n` appeals of the last `days` days, many of the last week on one topic."""
    from veche.service.inbox.models import Appeal, AppealText, Person, Thread

    now = datetime.now(UTC)
    person = Person.objects.create(tenant=world.region)
    thread = Thread.objects.create(tenant=world.region, person=person, opened_at=now, last_at=now)
    first = Appeal.objects.count()
    made = [
        _appeal(world, rng, person, thread, number=first + i, today=today, days=days, burst=i % 9 == 0)
        for i in range(n)
    ]
    Appeal.objects.bulk_create(made)
    AppealText.objects.bulk_create(
        AppealText(appeal=a, tenant=world.region, text="Во дворе три недели не убирают мусор.") for a in made
    )


def _appeal(
    world: SimpleNamespace, rng: random.Random, person: Any, thread: Any, *, number: int, today: date,
    days: int, burst: bool,
) -> Any:  # fmt: skip
    from veche.service.inbox.models import Appeal

    back = rng.randrange(1, 4) if burst else rng.randrange(days)
    day = today - timedelta(days=back)
    if day.weekday() > 4 and rng.random() < 0.5:
        day -= timedelta(days=2)
    at = datetime(day.year, day.month, day.day, 1, rng.randrange(60), tzinfo=UTC)
    place, group = _drawn(rng, _PLACES), _drawn(rng, _GROUPS)
    topic = BURST_TOPIC if burst else _drawn(rng, _TOPICS)
    theme = world.themes[0] if topic == BURST_TOPIC else rng.choice([None, None, *world.themes[1:]])
    return Appeal(
        tenant=world.region, channel=world.channels[_drawn(rng, _CHANNELS)], person=person, thread=thread,
        number=1_000_000 + number, identity=number.to_bytes(4, "big"), secret_hash=b"0" * 32, received_at=at,
        taken_at=at, understood_at=at, day=day, state="understood", topic=topic,
        topic_confidence=rng.choice([0.4, 0.7, 0.95, 0.97]) if topic else None,
        language=_drawn(rng, _LANGUAGES), kind=_drawn(rng, _KINDS), groups=[group] if group else [],
        territory=f"ru/ru-54/{place}" if place else "",
        urgency=rng.choices(["none", "deadline", "life"], [60, 4, 1])[0], theme=theme.pk if theme else None,
        body="administration@ru-54-000-001",
    )  # fmt: skip


def _themes(region: Any, today: date) -> list[Any]:
    from veche.service.themes.models import Theme

    audit = {
        "quotations": 4, "voices": 120, "heard": 0.71, "beats": [0.99, 0.98], "behind": [],
        "left_out": [{"dimension": "group", "value": "disability", "share": 0.08}],
    }  # fmt: skip
    made = (
        ("t001", "Выросла плата за отопление в межсезонье", "signed", 6, audit),
        ("t002", "Стаи собак у школ и остановок", "signed", 50, audit),
        ("t003", "Протекает крыша после капитального ремонта", "found", 60, {}),
        ("t004", "<b>Запах</b> гари по ночам", "found", 40, {}),
    )
    return [
        Theme.objects.create(
            tenant=region, code=code, name=name, state=state, since=today - timedelta(days=ago), audit=told,
            size=10, words=["слово"],
        )
        for code, name, state, ago, told in made
    ]  # fmt: skip


def _notes(world: SimpleNamespace, today: date) -> None:
    from veche.service.board.models import Annotation
    from veche.service.inbox.models import Break

    by = world.people["analyst"]
    made = ((40, None, "Начался отопительный сезон"), (12, 8, "Ремонт моста: движение закрыто"))
    for ago, until, words in made:
        Annotation.objects.create(
            tenant=world.region, day=today - timedelta(days=ago), words=words, by=by,
            until=today - timedelta(days=until) if until else None,
        )  # fmt: skip
    at = datetime.now(UTC)
    Break.objects.create(
        tenant=world.region, facet="topic", at=at, finished_at=at, since=today - timedelta(days=25),
        until=today, changed=9, from_version="topic 1 (ru 2026.1)", to_version="topic 2 (ru 2026.2)",
    )  # fmt: skip
