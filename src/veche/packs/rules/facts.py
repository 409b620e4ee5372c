"""The facts that conditions ask about: those that are always known by name, and those a pack adds."""

import sys
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from veche.core.i18n import _
from veche.packs.model import BODY_LEVELS, KINDS, URGENCIES, Pack
from veche.packs.rules.model import FACT_TYPES, Fact, FactValue
from veche.packs.tables import Table

#: What may be decided on an appeal.
DECISIONS = ("satisfied", "explained", "refused", "forwarded", "in_part", "none")

#: Types whose values are codes of a tree.
TREE_TYPES = ("topic", "territory", "body")

_ORDERED = ("=", "!=", "<", "<=", ">", ">=")
_TREE = ("=", "!=", "in", "under")

#: Operators by type of fact.
OPERATORS: Mapping[str, tuple[str, ...]] = {
    "number": _ORDERED,
    "date": _ORDERED,
    "boolean": ("=",),
    "word": ("=", "!=", "in", "not in"),
    "words": ("has",),
    "topic": _TREE,
    "territory": _TREE,
    "body": _TREE,
}


def _own(code: str, kind: str, en: str, ru: str, *values: str, least: float | None = None) -> Fact:
    return Fact(code=code, type=kind, title={"en": en, "ru": ru}, values=values, least=least)


#: Facts that the program itself finds or keeps, by code.
BUILT_IN: Mapping[str, Fact] = {
    fact.code: fact
    for fact in (
        _own("topic", "topic", "Topic", "Тематика"),
        _own("place", "territory", "Place", "Место"),
        _own("body", "body", "Body that answers", "Кто отвечает"),
        _own("body_level", "word", "Level of the body", "Уровень органа", *BODY_LEVELS),
        _own("kind", "word", "Kind of appeal", "Вид обращения", *KINDS),
        _own("urgency", "word", "Urgency", "Срочность", *URGENCIES),
        _own("language", "word", "Language", "Язык"),
        _own("channel", "word", "Channel", "Канал"),
        _own("groups", "words", "Groups of the author", "Группы автора"),
        _own("age", "number", "Age in years", "Возраст, лет", least=0),
        _own("repeats", "number", "Appeals that say the same", "Обращений о том же", least=1),
        _own("decision", "word", "Decision", "Решение", *DECISIONS),
        _own("days_open", "number", "Days since registration", "Дней со дня регистрации", least=0),
    )
}


def known_facts(pack: Pack) -> Mapping[str, Fact]:
    """Return every fact that conditions of `pack` may ask about, by code."""
    return {**BUILT_IN, **pack.facts}


def is_number(value: object) -> bool:
    """Whether `value` is a number that a float can hold; true and false are not."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) <= sys.float_info.max


def of_type(kind: str, value: object) -> bool:
    """Whether `value` is one that facts of the type `kind` take."""
    if kind == "number":
        return is_number(value)
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "date":
        return isinstance(value, date) and not isinstance(value, datetime)
    if kind == "words":
        several = isinstance(value, tuple | list | frozenset | set)
        return several and all(isinstance(v, str) for v in value)
    return isinstance(value, str)


def comparable(fact: Fact, value: object) -> bool:
    """Whether `fact` may be compared with `value`: of its type, and among its values where it names them."""
    if not of_type(fact.type, value):
        return False
    several = value if isinstance(value, tuple | list | frozenset | set) else (value,)
    return not fact.values or all(v in fact.values for v in several)


def fits(fact: Fact, value: object) -> bool:
    """Whether `value` can be the value of `fact`: comparable with it, and within its bounds."""
    if not comparable(fact, value):
        return False
    if not isinstance(value, int | float):
        return True
    return (fact.least is None or value >= fact.least) and (fact.most is None or value <= fact.most)


def expected(fact: Fact) -> str:
    """Return what a value of `fact` looks like, for advice."""
    if fact.values:
        return _("one of: {allowed}").format(allowed=", ".join(fact.values))
    if fact.least is not None and fact.most is not None:
        return _("a number from {least} to {most}").format(least=fact.least, most=fact.most)
    if fact.least is not None:
        return _("a number of at least {least}").format(least=fact.least)
    return {
        "number": _("a number"),
        "boolean": "true, false",
        "date": "2026-01-31",
        "words": '["...", "..."]',
    }.get(fact.type, '"..."')


def given(table: Table, key: str, raw: Mapping[str, Any], facts: Mapping[str, Fact]) -> dict[str, FactValue]:
    """Return the values of facts that were written under `key`, and note those that are wrong."""
    found: dict[str, FactValue] = {}
    for code, value in raw.items():
        fact = facts.get(code)
        if fact is None:
            table.problem(key, _("There is no fact “{code}”.").format(code=code), advice_on_facts(facts))
        elif not fits(fact, value):
            table.problem(
                key,
                _("The value of “{code}” is not what this fact takes.").format(code=code),
                _("Write: {expected}.").format(expected=expected(fact)),
            )
        else:
            found[code] = tuple(value) if isinstance(value, list) else value
    return found


def advice_on_facts(facts: Mapping[str, Fact]) -> str:
    """Return the advice for a name that no fact has."""
    return _("Add it to facts.toml, or use one of: {known}.").format(known=", ".join(facts))


def read_fact(table: Table) -> Fact:
    """Return the fact that one `[[fact]]` of facts.toml describes."""
    code = table.code()
    if code in BUILT_IN:
        table.problem(
            "code",
            _("“{code}” is a fact that the program finds by itself.").format(code=code),
            _("Choose another code."),
        )
    fact = Fact(
        code=code,
        type=table.choice("type", FACT_TYPES),
        title=table.text("title", required=True),
        question=table.text("question"),
        unit=table.text("unit"),
        values=table.strings("values"),
        least=table.number("least"),
        most=table.number("most"),
    )
    _consistent(table, fact)
    return fact


def _consistent(table: Table, fact: Fact) -> None:
    number_only = [key for key in ("unit", "least", "most") if key in table.data and fact.type != "number"]
    word_only = ["values"] if fact.values and fact.type not in ("word", "words") else []
    for key in (*number_only, *word_only):
        table.problem(
            key,
            _("A fact of type “{type}” has no “{key}”.").format(type=fact.type, key=key),
            _("Take it out, or change the type."),
        )
    if fact.least is not None and fact.most is not None and fact.least > fact.most:
        table.problem(
            "most",
            _("“most” is less than “least”."),
            _("Exchange them, or correct the one that is wrong."),
        )
