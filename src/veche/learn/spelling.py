"""Labels as people write them: two spellings of one label become one, and a cell may hold several.

All of it works on the distinct cells of a column, never row by row.
"""

import re
from collections.abc import Sequence

import orjson

#: A label longer than this is a text of an appeal.
LONGEST_LABEL = 200

#: Cells that say yes and no in a column that stands for one label.
YES = frozenset({"1", "1.0", "true", "yes", "y", "x", "✓", "✔", "v", "+", "да", "есть", "истина", "х"})
NO = frozenset({"0", "0.0", "false", "no", "n", "-", "–", "нет", "ложь"})

_BETWEEN = re.compile(r"[;|\n\r]+")
_BLANKS = re.compile(r"\s+")
_SAME = str.maketrans("ё\u2013\u2014\u2011«»“”„’", 'е---"""""\'')


def tidy(label: str) -> str:
    """Return a label with single blanks between its words and none around it."""
    return _BLANKS.sub(" ", label).strip()


def key(label: str) -> str:
    """Return what all spellings of a label share: no case, blanks, final stop, kinds of dash and quote."""
    return tidy(label).casefold().translate(_SAME).rstrip(" .")


def levels(label: str, separator: str) -> list[str]:
    """Return the levels of a label from the top, the label itself where there is no separator."""
    parts = [tidy(part) for part in label.split(separator)] if separator else [tidy(label)]
    return [part for part in parts if part]


def joined(parts: Sequence[str], separator: str) -> str:
    """Return levels as one label, always with the same blanks around the separator."""
    return f" {separator} ".join(parts)


def several(cell: str) -> list[str]:
    """Return the labels of a cell: parted by ; or | or a new line, or a JSON list."""
    if cell.startswith("[") and cell.endswith("]"):
        try:
            listed = orjson.loads(cell)
        except orjson.JSONDecodeError:
            listed = None
        if isinstance(listed, list):
            return list(dict.fromkeys(tidy(str(entry)) for entry in listed if entry not in (None, "")))
    return list(dict.fromkeys(part for raw in _BETWEEN.split(cell) if (part := tidy(raw))))


def flag(cell: str) -> bool | None:
    """Return whether a cell of a 0/1 column says yes, None where it is neither yes nor no."""
    word = cell.strip().casefold()
    return True if word in YES else False if word in NO else None
