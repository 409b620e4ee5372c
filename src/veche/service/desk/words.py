"""Codes of a pack in the reader's words: topics, bodies, territories."""

from functools import cache
from zoneinfo import ZoneInfo

from veche.core.errors import PackError
from veche.packs import load_pack
from veche.packs.competence import body_title
from veche.packs.model import KINDS, URGENCIES, Pack
from veche.packs.text import in_language
from veche.picture.words import label


def topic(pack: str, code: str, language: str) -> str:
    """Return the title of a topic; the code itself where the pack has it no more."""
    found = pack_of(pack)
    node = found.topics.get(code) if found else None
    return in_language(node.title, language) or code if node else code


def body(pack: str, value: str, language: str) -> str:
    """Return the title of a body, named by its code or by code and territory."""
    found = pack_of(pack)
    return body_title(value, pack=found, language=language) if found and value else value


def territory(pack: str, path: str, language: str) -> str:
    """Return the title of the last territory of a path of codes."""
    found, code = pack_of(pack), path.rsplit("/", 1)[-1]
    node = found.territories.get(code) if found else None
    return in_language(node.title, language) or code if node else code


def value(pack: str, facet: str, code: str, language: str) -> str:
    """Return what a finding says, in words."""
    of_pack = {"topic": topic, "body": body, "place": territory}.get(facet)
    return of_pack(pack, code, language) if of_pack else label(facet, code)


def topics(pack: str, language: str) -> list[tuple[str, str]]:
    """Return code and title of each topic, in the order of the pack, those below others set in."""
    found = pack_of(pack)
    if found is None:
        return []
    return [
        (t.code, "\u2003" * t.code.count(".") + (in_language(t.title, language) or t.code))
        for t in found.topics.values()
    ]


def choices(pack: str, facet: str, language: str) -> list[tuple[str, str]]:
    """Return code and words of each value of a facet that a person may choose."""
    if facet == "topic":
        return topics(pack, language)
    if facet == "body":
        found = pack_of(pack)
        bodies = [(code, body(pack, code, language)) for code in found.bodies] if found else []
        return sorted(bodies, key=lambda one: one[1])
    return [(code, label(facet, code)) for code in {"kind": KINDS, "urgency": URGENCIES}[facet]]


def zone(pack: str) -> ZoneInfo:
    """Return the time zone of a pack's country or city."""
    found = pack_of(pack)
    return ZoneInfo(found.timezone if found and found.timezone else "UTC")


@cache
def pack_of(name: str) -> Pack | None:
    """Return a pack, loaded once for the whole process; None where it cannot be used."""
    try:
        return load_pack(name)
    except PackError:
        return None
