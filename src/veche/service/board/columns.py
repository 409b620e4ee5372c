"""Columns of codes: each value stands once in a dictionary, and rows hold its number.

A dictionary only grows, and its numbers never change, so columns of different moments may share it. What a
value counts for (a topic for all above it, a list of groups for each of them) is worked out once for each
value of a dictionary, and not for each row.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from veche.service.search.wording import NONE

#: The columns that hold codes, by their key in an address.
CODED = (
    "tenant",
    "body",
    "topic",
    "territory",
    "group",
    "channel",
    "language",
    "kind",
    "urgency",
    "state",
    "theme",
)
#: Those whose values form trees.
TREES = ("topic", "territory")


class Members(NamedTuple):
    """Which values count for what: `table` (float64 [labels, values]) is 1 where one counts for a label."""

    labels: Sequence[str]
    table: csr_array
    #: How many values there are.
    width: int


class Dictionary:
    """The values of one column, each with its number."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.values: list[str] = []
        self._numbers: dict[str, int] = {}
        self._members: dict[tuple[int, bool], Members] = {}

    def numbers(self, values: Iterable[str]) -> np.ndarray:
        """Return the number of each value (int64), new ones for new values; one thread at a time."""
        found = []
        for value in values:
            number = self._numbers.get(value)
            if number is None:
                number = self._numbers[value] = len(self.values)
                self.values.append(value)
            found.append(number)
        return np.array(found, np.int64)

    def fit(self, wanted: Sequence[str]) -> np.ndarray:
        """Return which values fit any of those wanted in an address (bool [values])."""
        return np.array([_fits(self.key, value, wanted) for value in list(self.values)], bool)

    def members(self, *, rolled: bool = False) -> Members:
        """Return which values count for what; in trees that are rolled up, also for all above."""
        size = len(self.values)
        found = self._members.get((size, rolled))
        if found is None:
            found = _members(self.key, self.values[:size], rolled=rolled)
            self._members = {k: m for k, m in self._members.items() if k[0] == size} | {(size, rolled): found}
        return found


@dataclass(frozen=True)
class Column:
    """The numbers of the values of rows (uint16 or uint32 [rows])."""

    codes: np.ndarray
    dictionary: Dictionary


def _fits(key: str, value: str, wanted: Sequence[str]) -> bool:
    if not value:
        return NONE in wanted
    if key == "topic":
        return any(value == code or value.startswith(code + ".") for code in wanted)
    if key == "territory":
        above = value.split("/")
        return any(path.rsplit("/", 1)[-1] in above for path in wanted)
    if key == "body":
        return any(value == body or value.startswith(body + "@") for body in wanted)
    if key == "group":
        return not set(value.split("|")).isdisjoint(wanted)
    return value in wanted


def labels_of(key: str, value: str, *, rolled: bool = False) -> Iterator[str]:
    """Yield what a value counts for, as an address names it: "-" for what is not known."""
    if not value:
        yield NONE
    elif key == "group":
        yield from value.split("|")
    elif key == "territory":
        path = value.split("/")
        yield from path if rolled else path[-1:]
    elif key == "topic" and rolled:
        steps = value.split(".")
        yield from (".".join(steps[: i + 1]) for i in range(len(steps)))
    else:
        yield value


def _members(key: str, values: Sequence[str], *, rolled: bool) -> Members:
    numbers: dict[str, int] = {}
    rows, columns = [], []
    for column, value in enumerate(values):
        for label in dict.fromkeys(labels_of(key, value, rolled=rolled)):
            rows.append(numbers.setdefault(label, len(numbers)))
            columns.append(column)
    table = csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(numbers), len(values)))
    return Members(list(numbers), table, len(values))
