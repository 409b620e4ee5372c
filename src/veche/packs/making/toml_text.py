"""Writes TOML as the editors of packs would: one key a line, long lists one item a line.

The standard library reads TOML and does not write it; packs need texts, numbers, dates, lists and tables of
these, no more.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

_LINE = 100


def table(header: str, values: Mapping[str, Any]) -> str:
    """Return a table under `header` ("[[topic]]", "" for none); mappings become dotted keys.

    What is None or empty is left out.
    """
    lines = [header] if header else []
    for key, value in values.items():
        if value is None or value == "" or value == () or value == [] or value == {}:
            continue
        if isinstance(value, Mapping):
            lines += [f"{key}.{_key(name)} = {_value(item)}" for name, item in value.items() if item]
        else:
            lines.append(f"{key} = {_value(value)}")
    return "\n".join(lines) + "\n"


def inline(values: Mapping[str, Any]) -> str:
    """Return an inline table: `{ fact = "age", op = ">=", value = 60 }`."""
    return "{ " + ", ".join(f"{_key(key)} = {_value(value)}" for key, value in values.items()) + " }"


def _key(name: str) -> str:
    return name if name.replace("-", "").replace("_", "").isalnum() and name.isascii() else _string(name)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return inline(value)
    if isinstance(value, str):
        return _string(value)
    return _list(value)


def _list(values: Iterable[Any]) -> str:
    items = [_value(item) for item in values]
    short = "[" + ", ".join(items) + "]"
    if len(short) <= _LINE:
        return short
    return "[\n" + "".join(f"    {item},\n" for item in items) + "]"


def _string(text: str) -> str:
    # A basic string of TOML is one of JSON, but for DEL, which JSON leaves as it is.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
