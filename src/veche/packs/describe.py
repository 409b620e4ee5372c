"""A short account of a pack for people and programs: what it holds, how much of it, from where."""

from collections import Counter
from typing import Any

from veche.packs.model import Pack
from veche.packs.tree import leaves


def describe(pack: Pack) -> dict[str, Any]:
    """Return counts and sources of a pack as plain values that JSON can hold."""
    return {
        "code": pack.code,
        "version": pack.version,
        "title": dict(pack.title),
        "languages": list(pack.languages),
        "timezone": pack.timezone,
        "licence": pack.licence,
        "topics": {
            "all": len(pack.topics),
            "sections": [c for c, t in pack.topics.items() if not t.parent],
            "without_subtopics": len(leaves(pack.topics)),
            "examples": _by_language(pack, "examples"),
            "keywords": _by_language(pack, "keywords"),
        },
        "bodies": dict(Counter(b.level for b in pack.bodies.values())),
        "territories": dict(Counter(t.level for t in pack.territories.values())),
        "forms_of_places": sum(
            len(t.forms) + len(t.weak_forms) + len(t.adjectives) for t in pack.territories.values()
        ),
        "kinds": [c.value for c in pack.kinds],
        "urgencies": [c.value for c in pack.urgencies],
        "groups": [f"{c.family}:{c.value}" for c in pack.groups],
        "recognisers": [r.type for r in pack.recognisers],
        "name_lists": {name: len(names) for name, names in pack.name_lists.items()},
        "shapes": pack.shapes is not None,
        "sources": [
            {"file": s.file, "title": s.title, "licence": s.licence, "url": s.url} for s in pack.sources
        ],
    }


def _by_language(pack: Pack, part: str) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for topic in pack.topics.values():
        for tag, texts in getattr(topic, part).items():
            counts[tag] += len(texts)
    return {tag: counts[tag] for tag in pack.languages}
