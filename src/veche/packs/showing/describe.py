"""A short account of a pack for people and programs: what it holds, how much of it, from where."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from veche.packs.competence import Competence
from veche.packs.model import Pack
from veche.packs.rules.model import AllOf, AnyOf, Compare, Condition, Not
from veche.packs.showing.plain import fields, plain
from veche.packs.tree import leaves, path_of


class _Checkable(Protocol):
    @property
    def checked(self) -> str: ...


@dataclass(frozen=True)
class Found:
    """An entry of a pack: the part it stands in ("topic", "measure"), its code, and itself."""

    part: str
    code: str
    entry: Any


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
        "facts": list(pack.facts),
        "calendar": plain(pack.calendar),
        "clocks": _checked(pack.clocks.values()),
        "protocols": _checked(pack.protocols.values()),
        "measures": _checked(pack.measures.values()),
        "sources": [
            {"file": s.file, "title": dict(s.title), "licence": s.licence, "url": s.url} for s in pack.sources
        ],
    }


def find_entries(pack: Pack, code: str) -> list[Found]:
    """Return the entries of that code: a topic and a body may share one."""
    return [Found(part, code, entries[code]) for part, entries in parts(pack).items() if code in entries]


def parts(pack: Pack) -> dict[str, Mapping[str, Any]]:
    """Return the parts whose entries have codes."""
    return {
        "topic": pack.topics,
        "body": pack.bodies,
        "measure": pack.measures,
        "protocol": pack.protocols,
        "clock": pack.clocks,
        "fact": pack.facts,
        "territory": pack.territories,
        "kind": {cue.value: cue for cue in pack.kinds},
        "urgency": {cue.value: cue for cue in pack.urgencies},
        "group": {f"{cue.family}:{cue.value}": cue for cue in pack.groups},
    }


def describe_entry(pack: Pack, found: Found) -> dict[str, Any]:
    """Return one entry fully, with what the other parts say about it, as values that JSON can hold."""
    entry = {"part": found.part, "code": found.code, **plain(found.entry)}
    if found.part == "topic":
        entry |= {
            "subtopics": below(pack, found.code),
            "answers": answering(pack, found.code),
            "oversees": overseeing(pack, found.code),
            "protocols": protocols_for(pack, found.code),
            "measures": measures_for(pack, found.code),
        }
    return entry


def entry_fields(found: Found) -> dict[str, Any]:
    """Return the fields of an entry that say something, texts by language as `title.ru`."""
    return fields(found.entry)


def below(pack: Pack, topic: str) -> list[str]:
    """Return the topics right below a topic."""
    return [code for code, node in pack.topics.items() if node.parent == topic]


def answering(pack: Pack, topic: str) -> list[str]:
    """Return the bodies that answer for a topic wherever it may be, the most likely first."""
    return [c.value for c in _asked(pack, topic) if c.answers]


def overseeing(pack: Pack, topic: str) -> list[str]:
    """Return the bodies that control those who answer for a topic, the most likely first."""
    return [c.value for c in _asked(pack, topic) if not c.answers]


def _asked(pack: Pack, topic: str) -> list[Any]:
    return Competence(pack).candidates(topic, place="", day=None)


def protocols_for(pack: Pack, topic: str) -> list[str]:
    """Return the protocols whose condition names a topic, or one that it lies below."""
    return [code for code, p in pack.protocols.items() if _names(p.when, topic, pack)]


def measures_for(pack: Pack, topic: str) -> list[str]:
    """Return the measures that belong to a topic, or to one that it lies below."""
    path = set(path_of(topic, pack.topics))
    return [code for code, measure in pack.measures.items() if path & set(measure.topics)]


def _names(condition: Condition, topic: str, pack: Pack) -> bool:
    """Whether a condition asks for this topic. What stands under "not" names no topic."""
    match condition:
        case AllOf(inner) | AnyOf(inner):
            return any(_names(part, topic, pack) for part in inner)
        case Compare(fact="topic", op="=" | "in" | "under" as op, value=value):
            named = {value} if isinstance(value, str) else {*value} if isinstance(value, tuple) else set()
            return bool(named & ({*path_of(topic, pack.topics)} if op == "under" else {topic}))
        case Compare() | Not():
            return False


def _checked(entries: Iterable[_Checkable]) -> dict[str, int]:
    days = [entry.checked for entry in entries]
    return {"all": len(days), "checked": sum(1 for day in days if day)}


def _by_language(pack: Pack, part: str) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for topic in pack.topics.values():
        for tag, texts in getattr(topic, part).items():
            counts[tag] += len(texts)
    return {tag: counts[tag] for tag in pack.languages}
