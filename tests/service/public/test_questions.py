"""What is asked before an appeal is taken, and what is not."""

from datetime import UTC, datetime
from functools import cache

import pytest

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


@cache
def light(pack):
    from veche.service.public.light import Light

    return Light(pack)


def asked(text, *, pack="ru", territory="", address=""):
    """Return what is asked of a text to an authority that governs a territory."""
    from veche.service.public.questions import home_of, questions

    opened = light(pack)
    home = home_of(opened.pack, territory)
    seen = opened(text, address=address, home=home, now=NOW)
    return questions(seen, text, address, pack=opened.pack, home=home)


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("В Новосибирске на улице Лесной, 5 со вчерашнего дня нет воды", {}),
        ("В Бердске темно на всех улицах", {"territory": "ru-54"}),
        ("Второй месяц не вывозят мусор", {"territory": "ru-54", "address": "Бердск, ул. Мира, 5"}),
        ("Яма на Красном проспекте", {"territory": "ru-54-000-001"}),
        ("Яма на ул. Тверская", {"territory": "ru-77"}),
        ("A pothole on Tremont Street breaks our cars every day", {"pack": "boston"}),
        ("Trash everywhere in Roxbury", {"pack": "boston"}),
        ("В Казани 14.11.2026 отменили автобус", {}),
    ],
)
def test_who_says_where_is_asked_nothing(text, more):
    assert not asked(text, **more)


@pytest.mark.parametrize(
    ("text", "more", "question"),
    [
        ("На улице Лесной яма", {}, "You wrote “улице Лесной”. Which town or village is it in?"),
        ("Яма на ул. Мира 5", {"territory": "ru-54"}, "You wrote “ул. Мира 5”. Which town"),
        ("Темно на Красном проспекте", {}, "You wrote “Красном проспекте”. Which town"),
        ("Весь двор в ямах", {"address": "Мира, 5"}, "You wrote “Мира, 5”. Which town"),
        ("Second pothole on Oak Street", {}, "“Oak Street”. Which town"),
        ("В Новосибирской области плохие дороги", {}, "Where in Novosibirsk"),
        ("Во дворе нет света", {"territory": "ru-54-000-001"}, "Where in Novosibirsk"),
        ("A pothole breaks our cars every day", {"pack": "boston"}, "Where in Boston is it?"),
        ("Во дворе нет света", {}, "Where is it?"),
    ],
)
def test_who_does_not_is_asked_by_what_was_understood(text, more, question):
    assert question in asked(text, **more).where


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("Недавно в Казани упал забор", "You wrote “недавно”. When was it?"),
        ("In Kazan a fence fell the other day", "You wrote “the other day”. When was it?"),
        ("Недавно, 3 ноября, в Казани упал забор", ""),
        ("В Казани упал забор", ""),
        ("Упал забор", "When did it happen"),
        ("Вчера упал забор", ""),
        ("Уже третью неделю нет воды", ""),
        ("С понедельника нет воды", ""),
        ("Прошу поставить скамейку", ""),
    ],
)
def test_the_time_is_asked_where_it_is_vague_or_where_something_is_asked_anyway(text, when):
    found = asked(text).when
    assert found.startswith(when) if when else not found


def test_a_text_as_long_as_can_be_is_looked_at_in_time():
    from veche.service.public.light import PATIENCE_SECONDS

    text = "Яма на дороге, недавно чинили. " * 6000
    began = datetime.now(UTC)
    assert asked(text)
    assert (datetime.now(UTC) - began).total_seconds() < PATIENCE_SECONDS
