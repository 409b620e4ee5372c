"""Rows of Python values to Arrow columns of strings, as fast as lists allow."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time

import orjson
import pyarrow as pa

from veche.intake.encodings import mend_surrogates


def unique_names(header: Iterable[object]) -> list[str]:
    """Return column names that are neither empty nor used twice: "", "a", "a" is "1", "a", "a (2)"."""
    names: list[str] = []
    seen: set[str] = set()
    for i, cell in enumerate(header, 1):
        base = mend_surrogates(str(cell if cell is not None else "")).replace("\x00", "").strip() or str(i)
        name, n = base, 1
        while name in seen:
            n += 1
            name = f"{base} ({n})"
        seen.add(name)
        names.append(name)
    return names


def strings(values: Sequence[str | None]) -> pa.Array:
    """Return strings as an Arrow column; broken surrogates become U+FFFD."""
    try:
        return pa.array(values, pa.string())
    except (UnicodeEncodeError, pa.ArrowInvalid):
        return pa.array([None if v is None else mend_surrogates(v) for v in values], pa.string())


def mixed(values: Sequence[object]) -> pa.Array:
    """Return values of any type as a column of strings; objects and lists become JSON."""
    kinds = set(map(type, values))
    if kinds <= {str, type(None)}:
        return strings(values)  # type: ignore[arg-type]
    return strings([as_text(v) for v in values])


def as_text(value: object) -> str | None:
    """Return a cell as text: whole floats without a fraction, instants as ISO 8601, the rest as JSON.

    Raises `ValueError` for what cannot be written down, such as lists nested thousands deep.
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, list | dict):
        try:
            return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
        except (TypeError, RecursionError) as e:
            raise ValueError("cannot be written as JSON") from e
    return str(value)


def table(columns: Sequence[pa.Array], names: Sequence[str]) -> pa.Table:
    """Return a table of the columns."""
    return pa.Table.from_arrays(list(columns), names=list(names))
