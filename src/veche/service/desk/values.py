"""Which facets people decide, what can be chosen, and which body follows from a topic and a place."""

from collections.abc import Iterable
from datetime import date
from functools import cache, lru_cache
from typing import NamedTuple

from veche.core.errors import FacetNotDecided, ValueUnknown
from veche.packs import load_pack
from veche.packs.competence import Competence
from veche.packs.model import KINDS, URGENCIES, Pack
from veche.packs.tree import path_of
from veche.service.desk import words

#: The column of an appeal that shows each facet that people decide.
COLUMN = {"topic": "topic", "kind": "kind", "body": "body", "place": "territory", "urgency": "urgency"}

#: The facet that cards ask about, and the one that people decide of a single concern.
TOPIC = "topic"

#: What a person says where none of the pack's topics fits; the column shows nothing then.
NO_TOPIC = "none"

#: From these the body follows, unless a person chose it.
LEADS_TO_BODY = ("topic", "place")


class Answering(NamedTuple):
    """The body that answers, "" for none, and its share of the rules that fit."""

    body: str
    strength: float


def decidable(facet: str) -> str:
    """Return the facet.

    Raises:
        FacetNotDecided: people do not decide it.
    """
    if facet not in COLUMN:
        raise FacetNotDecided(facet=facet)
    return facet


def shown_value(pack_name: str, facet: str, value: str) -> str:
    """Return what the column of an appeal shows for a value: itself, for a place its path, for `NO_TOPIC` "".

    Raises:
        FacetNotDecided: people do not decide the facet.
        ValueUnknown: the pack knows no such value.
    """
    if (facet, value) == ("topic", NO_TOPIC):
        return ""
    pack = pack_of(pack_name)
    code = value.rsplit("/", 1)[-1] if facet == "place" else value
    known = {
        "topic": lambda: value in pack.topics,
        "kind": lambda: value in KINDS,
        "body": lambda: (
            value.partition("@")[0] in pack.bodies
            and (("@" not in value) or value.partition("@")[2] in pack.territories)
        ),
        "place": lambda: code in pack.territories,
        "urgency": lambda: value in URGENCIES,
    }
    if not known[decidable(facet)]():
        raise ValueUnknown(value=value[:60])
    return _path(pack_name, code) if facet == "place" else value


def code_of(facet: str, shown: str) -> str:
    """Return the value of a finding for what a column shows."""
    return shown.rsplit("/", 1)[-1] if facet == "place" else shown


def answering(pack_name: str, cells: Iterable[tuple[str, str, date | None]]) -> list[Answering]:
    """Return the body for each topic, path of a place and day, by the pack's competence rules."""
    return [_asked(pack_name, topic, code_of("place", place), day) for topic, place, day in cells]


def pack_of(name: str) -> Pack:
    """Return a pack, read once in a process.

    Raises:
        PackError: there is no such pack, or it is broken.
    """
    return words.pack_of(name) or load_pack(name)


@cache
def _competence(name: str) -> Competence:
    return Competence(pack_of(name))


def _asked(name: str, topic: str, place: str, day: date | None) -> Answering:
    rules = _competence(name)
    turn = max((t for t in rules.turns if day and t <= day), default=date.min) if day else None
    return _answering(name, topic, place, turn)


@lru_cache(maxsize=100_000)
def _answering(name: str, topic: str, place: str, day: date | None) -> Answering:
    found = _competence(name).candidates(topic, place=place, day=day) if topic else []
    return Answering(found[0].value, found[0].strength) if found else Answering("", 0.0)


@cache
def _path(name: str, code: str) -> str:
    return "/".join(reversed(list(path_of(code, pack_of(name).territories))))
