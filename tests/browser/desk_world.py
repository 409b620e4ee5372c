"""A region whose desk has work: appeals that were understood, dealt into cards, and people to decide them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
from playwright.sync_api import Browser, BrowserContext, Page
from tests.browser.looking import complaint

#: From which confidence on the system decides alone.
_ALONE = 0.9

#: What is not to run wherever it stands.
ATTACK = "<script>window.pwned=1</script><img src=x onerror='window.pwned=1'>"


@dataclass(frozen=True)
class Group:
    """Appeals that say nearly the same; `sure` is how sure the machine was of `topic`."""

    topic: str
    texts: Sequence[str]
    sure: float = 0.7
    second: str = "city.roads.repair"
    urgency: str = "none"


POTHOLES = Group(
    "city.roads.potholes",
    [f"На улице Лесной, у дома {n}, глубокие ямы: машины ломаются каждый день." for n in range(2, 14)]
    + ["В Бердске на остановке яма, люди падают.", f"Яма. {ATTACK}"],
)
COLD = Group("housing.heating.cold", [f"В квартире {n} второй день холодно." for n in range(2, 9)], 0.55)
LIFT = Group("housing.building.lifts", ["Лифт стоит третью неделю, мама не выходит из дома."], 0.4)
GAS = Group("housing.gas.supply", ["Сильно пахнет газом в подъезде, дети!"], 0.5, urgency="life")
SURE = Group("city.waste.collection", [f"Мусор не вывозят {n} дней." for n in range(3, 9)], 0.97)


def a_desk(urls: Any, groups: Sequence[Group], **people: str) -> SimpleNamespace:
    """Return a region with these appeals, each group on a card; `people` are roles by name."""
    from tests.conftest import connected

    with connected(urls.owner):
        world = _region(people)
        for group, appeals in zip(groups, _appeals(world, groups), strict=True):
            if group.sure < _ALONE:
                _card(world, group, appeals)
    return world


def _region(people: dict[str, str]) -> SimpleNamespace:
    from django.utils import timezone

    from veche.service.accounts.models import Role, Tenant, User
    from veche.service.inbox.models import Channel

    region = Tenant.objects.create(
        slug="region", name="Новосибирская область", level="region", pack="ru", territory="ru-54"
    )
    channel = Channel.objects.create(tenant=region, code="form", title="Форма")
    made = {}
    for name, role in people.items():
        made[name] = User.objects.create_user(f"{name}@region.example", name.capitalize(), language="en")
        made[name].set_password(PASSWORD)
        made[name].save()
        Role.objects.create(tenant=region, user=made[name], role=role, valid_from=timezone.now())
    return SimpleNamespace(region=region, channel=channel, people=made)


#: Where one appeal comes from that is not like its group.
_ELSEWHERE = "ru/ru-54/ru-54-003"

#: The password of everybody.
PASSWORD = "correct horse battery"


def _speaking(text: str) -> list[int]:
    """Where the word stands that speaks for the topic, as the stages would say."""
    word = next(w for w in ("ямы", "яма", "Яма", "холодно", "Лифт", "газом", "Мусор") if w in text)
    return [text.index(word), text.index(word) + len(word)]


def _card(world: SimpleNamespace, group: Group, appeals: Sequence[Any]) -> None:
    from django.db import connection

    from veche.service.desk.models import Card, Kind, Member

    card = Card.objects.create(
        tenant=world.region,
        facet="topic",
        kind=Kind.LIKENESS if len(appeals) > 1 else Kind.SINGLE,
        proposal=group.topic,
        best=[{"value": group.topic, "confidence": group.sure}, {"value": group.second, "confidence": 0.2}],
        confidence=group.sure,
    )
    for n, appeal in enumerate(appeals):
        odd = "place" if appeal.territory == _ELSEWHERE else ""
        Member.objects.create(
            card=card,
            appeal=appeal,
            tenant=world.region,
            facet="topic",
            likeness=1 - n / 100,
            exception=odd,
        )
    with connection.cursor() as cursor:
        cursor.execute("SELECT veche_desk_recount(%s)", [[card.pk]])


def _appeals(world: SimpleNamespace, groups: Sequence[Group]) -> list[list[Any]]:
    from django.db import connection
    from django.utils import timezone

    from veche.core.ids import uuid7
    from veche.service.inbox.models import Appeal, AppealText, Finding, Person, Thread

    now, of = timezone.now(), {"tenant": world.region}
    rng = np.random.default_rng(7)
    with connection.cursor() as cursor:
        cursor.execute("SELECT veche_finding_month(%s)", [now])
    taken, made = 0, []
    for group in groups:
        made.append([])
        centre = rng.normal(size=512)
        for n, text in enumerate(group.texts):
            taken += 1
            person = Person.objects.create(**of)
            at = now - timedelta(hours=taken)
            thread = Thread.objects.create(person=person, opened_at=at, last_at=at, **of)
            odd = group is POTHOLES and n == 12
            vector = centre + rng.normal(size=512) * 0.2
            appeal = Appeal.objects.create(
                channel=world.channel,
                person=person,
                thread=thread,
                number=1_000_000 + taken,
                identity=uuid7().bytes + bytes(16),
                content_hash=bytes(32),
                secret_hash=bytes(32),
                state="received",
                received_at=at,
                taken_at=at,
                understood_at=at,
                day=at.date(),
                language="ru",
                kind="complaint",
                topic=group.topic,
                topic_confidence=group.sure,
                territory=_ELSEWHERE if odd else "ru/ru-54",
                urgency=group.urgency,
                **of,
            )
            made[-1].append(appeal)
            # What is understood rings, where it tells of danger.
            Appeal.objects.filter(pk=appeal.pk).update(state="understood")
            unit = (vector / np.linalg.norm(vector)).astype(np.float16)
            AppealText.objects.create(appeal=appeal, text=text, vector=unit.tobytes(), **of)
            for rank, (value, sure) in enumerate([(group.topic, group.sure), (group.second, 0.2)]):
                Finding.objects.create(
                    made_at=now,
                    appeal=appeal,
                    facet="topic",
                    rank=rank,
                    value=value,
                    confidence=sure,
                    evidence=[_speaking(text)],
                    maker_kind="stage",
                    maker="topic",
                    maker_version="1",
                    **of,
                )
    return made


@contextmanager
def window(
    chromium: Browser, site: str, who: Any, lang: str = "en", *, complains: bool = True, **options: Any
) -> Iterator[Page]:
    """A window in which somebody is signed in; what goes wrong in it fails the test, if it `complains`."""
    from django.test import Client

    client = Client()
    client.force_login(who)
    cookies = {"sessionid": client.cookies["sessionid"].value, "django_language": lang}
    options = {"viewport": {"width": 1440, "height": 900}, **options}
    context: BrowserContext = chromium.new_context(**options)
    context.add_cookies([{"name": name, "value": value, "url": site} for name, value in cookies.items()])
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda m: complaints.extend(filter(None, [complaint(m)])))
    yield page
    context.close()
    assert not complains or complaints == [], complaints
