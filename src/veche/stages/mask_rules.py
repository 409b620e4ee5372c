"""The shape of a masking rule, and how a list of rules runs over a batch.

A rule is a linear-time pattern over the joined batch and, where the pattern alone says too little, a check
of the hit with the words around it. What the rules look for stands in the files beside this one.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from veche.core.text import SEPARATOR, Texts, compile_pattern

#: How many characters a check sees before and after a hit.
LEFT, RIGHT = 40, 24


class Hit(NamedTuple):
    """What a pattern found: its value as searched, and the folded text on both sides within the row."""

    value: str
    left: str
    right: str

    @property
    def digits(self) -> str:
        """The digits of the value; letters o among them, as people write to hide a number, count as zeros."""
        return "".join("0" if c in "oоOО" else c for c in self.value if c.isdecimal() or c in "oоOО")


class Found(NamedTuple):
    """One stretch of personal data: code points within the row, its type, and what wins where two meet."""

    row: int
    start: int
    end: int
    type: str
    priority: int


#: Says whether a hit holds; a number says how many of its characters do.
Check = Callable[[Hit], bool | int]


class Rule(NamedTuple):
    """A type of personal data, a compiled pattern, and which of its groups is the data."""

    type: str
    pattern: Any
    priority: int
    group: int
    folded: bool
    check: Check | None


class Group(NamedTuple):
    """Rules that share a gate: they run only over the rows in which the gate finds something."""

    gate: Any
    rules: tuple[Rule, ...]


def rule(
    type_: str,
    pattern: str,
    *,
    priority: int,
    check: Check | None = None,
    group: int = 0,
    folded: bool = True,
) -> Rule:
    """Compile a rule."""
    return Rule(type_, compile_pattern(pattern), priority, group, folded, check)


def run_groups(texts: Texts, groups: Sequence[Group]) -> Iterator[Found]:
    """Yield what the rules of `groups` find in a batch, unordered; hits may overlap."""
    for group in groups:
        if group.gate is None:
            yield from _run(texts, group.rules)
            continue
        rows = np.unique(texts.search(group.gate, folded=True).row).tolist()
        if rows:
            some = texts.only(rows)
            yield from (f._replace(row=rows[f.row]) for f in _run(some, group.rules))


def _run(texts: Texts, rules: Sequence[Rule]) -> Iterator[Found]:
    for r in rules:
        found = texts.search(r.pattern, folded=r.folded, group=r.group)
        for row, start, end in zip(found.row.tolist(), found.start.tolist(), found.end.tolist(), strict=True):
            kept = _kept(texts, r, row, start, end)
            if kept:
                yield Found(row, start, start + kept, r.type, r.priority)


def _kept(texts: Texts, r: Rule, row: int, start: int, end: int) -> int:
    if r.check is None:
        return end - start
    verdict = r.check(hit_at(texts, row, start, end, folded=r.folded))
    if verdict is True:
        return end - start
    return int(verdict)


def hit_at(texts: Texts, row: int, start: int, end: int, *, folded: bool = True) -> Hit:
    """Return the hit at a place of a row with its surroundings."""
    base = int(texts.starts[row])
    text = texts.folded if folded else texts.joined
    a, b = base + start, base + end
    left = texts.folded[max(base, a - LEFT) : a]
    right = texts.folded[b : b + RIGHT].split(SEPARATOR, 1)[0]
    return Hit(text[a:b], left, right)
