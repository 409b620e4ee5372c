"""Codes of a pack in the reader's words: topics, bodies, territories."""

from functools import cache
from zoneinfo import ZoneInfo

from veche.core.errors import PackError
from veche.packs import load_pack
from veche.packs.model import Pack
from veche.packs.text import Text


def topic(pack: str, code: str, language: str) -> str:
    """Return the title of a topic; the code itself where the pack has it no more."""
    return _title(_pack(pack), "topics", code, language)


def body(pack: str, code: str, language: str) -> str:
    """Return the title of a body."""
    return _title(_pack(pack), "bodies", code, language)


def territory(pack: str, path: str, language: str) -> str:
    """Return the title of the last territory of a path of codes."""
    return _title(_pack(pack), "territories", path.rsplit("/", 1)[-1], language)


def topics(pack: str, language: str) -> list[tuple[str, str]]:
    """Return code and title of each topic, in the order of the pack, those below others set in."""
    found = _pack(pack)
    if found is None:
        return []
    return [(t.code, "\u2003" * t.code.count(".") + _in(t.title, language)) for t in found.topics.values()]


def zone(pack: str) -> ZoneInfo:
    """Return the time zone of a pack's country or city."""
    found = _pack(pack)
    return ZoneInfo(found.timezone if found and found.timezone else "UTC")


def _title(pack: Pack | None, kind: str, code: str, language: str) -> str:
    node = getattr(pack, kind).get(code) if pack and code else None
    return _in(node.title, language) if node else code


def _in(title: Text, language: str) -> str:
    return title.get(language) or next(iter(title.values()), "")


@cache
def _pack(name: str) -> Pack | None:
    try:
        return load_pack(name)
    except PackError:
        return None
