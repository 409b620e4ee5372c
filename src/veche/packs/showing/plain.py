"""Parts of a loaded pack as plain values: what JSON can hold and what can be compared field by field.

Conditions come out as they are written in a pack's files. Where an entry was written (its line, its
folder) is left out, for it says nothing about what the pack knows.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from veche.packs.rules.model import AllOf, AnyOf, Compare, Condition, Not

#: What JSON can hold: None, bool, int, float, str, and lists and mappings of these.
Plain = Any

_PLACES = ("line", "path")
_CONDITION = {"all", "any", "not", "fact"}


def plain(value: object) -> Plain:
    """Return `value`, a part of a pack, as plain values; sets are sorted."""
    if isinstance(value, Compare | AllOf | AnyOf | Not):
        return condition(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = [f.name for f in dataclasses.fields(value) if f.name not in _PLACES]
        return {name.rstrip("_"): plain(getattr(value, name)) for name in fields}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(plain(item) for item in value)
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    return value.name if isinstance(value, Path) else value


def condition(tree: Condition) -> dict[str, Plain]:
    """Return a condition as the table that a pack's file would hold."""
    match tree:
        case AllOf(parts):
            return {"all": [condition(part) for part in parts]}
        case AnyOf(parts):
            return {"any": [condition(part) for part in parts]}
        case Not(part):
            return {"not": condition(part)}
        case Compare(fact, op, value, other, times):
            right = {"fact": other, "times": times} if other else plain(value)
            return {"fact": fact, "op": op, "value": right}


def fields(entry: object) -> dict[str, Plain]:
    """Return the fields of an entry that say something, texts by language as `title.ru`."""
    said = (pair for name, value in plain(entry).items() for pair in _flat(name, value))
    return {name: value for name, value in said if value not in (None, "", [], {})}


def _flat(name: str, value: Plain) -> Iterator[tuple[str, Plain]]:
    if isinstance(value, dict) and not _CONDITION & value.keys():
        yield from ((f"{name}.{key}", item) for key, item in value.items())
    else:
        yield name, value
