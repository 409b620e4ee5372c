"""What differs between two packs, entry by entry and field by field.

Packs are compared as they are loaded: a region that extends a nation holds the nation's entries too.
The order of entries is no difference.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from veche.packs.model import Pack
from veche.packs.showing.plain import Plain, fields
from veche.packs.text import Text

#: The parts in the order in which changes are told.
PARTS = (
    "pack",
    "source",
    "topic",
    "body",
    "territory",
    "kind",
    "urgency",
    "group",
    "recogniser",
    "negations",
    "names",
    "shapes",
    "fact",
    "calendar",
    "clock",
    "protocol",
    "measure",
)

_HEAD = ("code", "version", "title", "languages", "timezone", "licence", "shapes_missing")


@dataclass(frozen=True)
class Change:
    """One entry that differs: `how` is "added", "removed" or "changed".

    `fields` holds old and new value by the name of the field ("title.ru"), None where there is none; it is
    empty for what was added or removed.
    """

    part: str
    code: str
    how: str
    title: Text
    fields: Mapping[str, tuple[Plain, Plain]]

    def as_json(self) -> dict[str, Any]:
        """Return the change as values that JSON can hold."""
        told = {name: {"old": old, "new": new} for name, (old, new) in self.fields.items()}
        return {"part": self.part, "code": self.code, "how": self.how, "title": dict(self.title)} | (
            {"fields": told} if told else {}
        )


@dataclass(frozen=True)
class _Entry:
    title: Text
    fields: Mapping[str, Plain]


def compare(old: Pack, new: Pack) -> list[Change]:
    """Return what differs between two packs, by part in the order of `PARTS`, then by code."""
    before, after = dict(_entries(old)), dict(_entries(new))
    keys = sorted(before.keys() | after.keys(), key=lambda key: (PARTS.index(key[0]), key[1]))
    changes = (_change(key, before.get(key), after.get(key)) for key in keys)
    return [change for change in changes if change]


def _change(key: tuple[str, str], old: _Entry | None, new: _Entry | None) -> Change | None:
    if old and new:
        names = [*old.fields, *(name for name in new.fields if name not in old.fields)]
        told = {name: (old.fields.get(name), new.fields.get(name)) for name in names}
        told = {name: (a, b) for name, (a, b) in told.items() if a != b}
        return Change(*key, "changed", new.title, told) if told else None
    there = new or old
    assert there is not None
    return Change(*key, "added" if new else "removed", there.title, {})


def _entries(pack: Pack) -> Iterator[tuple[tuple[str, str], _Entry]]:
    """Yield the entries of a pack: (part, code) and what stands there."""
    head = {name: value for name, value in fields(pack).items() if name.split(".")[0] in _HEAD}
    yield ("pack", "pack.toml"), _Entry(pack.title, head)
    for part, entries in _coded(pack).items():
        for code, entry in entries.items():
            title = getattr(entry, "title", {})
            yield (part, code), _Entry(title if isinstance(title, Mapping) else {}, fields(entry))
    for tag, words in pack.negations.items():
        yield ("negations", tag), _Entry({}, {"words": sorted(words)})
    for name, names in pack.name_lists.items():
        yield ("names", name), _Entry({}, {"names": sorted(names)})
    if pack.shapes:
        digest = hashlib.sha256(pack.shapes.read_bytes()).hexdigest()
        yield ("shapes", pack.shapes.name), _Entry({}, {"sha256": digest})
    if pack.calendar:
        yield ("calendar", "calendar.toml"), _Entry({}, fields(pack.calendar))


def _coded(pack: Pack) -> dict[str, Mapping[str, object]]:
    return {
        "source": {source.file: source for source in pack.sources},
        "topic": pack.topics,
        "body": pack.bodies,
        "territory": pack.territories,
        "kind": {cue.value: cue for cue in pack.kinds},
        "urgency": {cue.value: cue for cue in pack.urgencies},
        "group": {f"{cue.family}:{cue.value}": cue for cue in pack.groups},
        "recogniser": {r.type: r for r in pack.recognisers},
        "fact": pack.facts,
        "clock": pack.clocks,
        "protocol": pack.protocols,
        "measure": pack.measures,
    }
