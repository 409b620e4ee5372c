"""Whether a condition can hold at all: whether some facts, all of them known, fulfil it.

Negations are pushed down to the comparisons, and the alternatives are tried one after another (the
disjunctive normal form, walked depth first); an alternative falls as soon as its comparisons of one fact
contradict each other. What is called impossible is so. Links between facts (a body has one level) are not
known here, and a condition of very many alternatives is taken for possible.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from veche.packs.model import Pack
from veche.packs.rules.conditions import nodes_of
from veche.packs.rules.facts import TREE_TYPES, known_facts
from veche.packs.rules.model import AllOf, AnyOf, Compare, Condition, Fact, Not
from veche.packs.tree import path_of

#: Steps after which the search is given up. Conditions that people write take fewer than a hundred.
_MOST_STEPS = 20_000

_OPPOSITE: Mapping[str, str] = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}

#: A condition that must hold (True) or must not (False).
_Literal = tuple[Condition, bool]


def possible(condition: Condition, *, pack: Pack) -> bool:
    """Return whether `condition` can ever hold; True also where that would take too long to find out."""
    spaces = _Spaces(pack)
    # Each entry is one alternative: what is still to be fulfilled, and the room that is left for each fact.
    alternatives: list[tuple[list[_Literal], Mapping[str, _Room]]] = [([(condition, True)], {})]
    for _step in range(_MOST_STEPS):
        if not alternatives:
            return False
        pending, rooms = alternatives.pop()
        if not pending:
            return True
        (first, positive), rest = pending[-1], pending[:-1]
        match first:
            case Compare():
                key, room = spaces.narrowed(first, positive, rooms)
                if not room.empty:
                    alternatives.append((rest, {**rooms, key: room}))
            case Not(part):
                alternatives.append(([*rest, (part, not positive)], rooms))
            case AllOf(parts) | AnyOf(parts):
                inner = _comparisons_last((part, positive) for part in parts)
                if isinstance(first, AllOf) == positive:
                    alternatives.append(([*rest, *inner], rooms))
                else:
                    alternatives += [([*rest, literal], rooms) for literal in inner]
    return True


def _comparisons_last(literals: Iterable[_Literal]) -> list[_Literal]:
    # What is last is met first, and comparisons that contradict each other spare the alternatives.
    return sorted(literals, key=lambda literal: isinstance(literal[0], Compare))


@dataclass(frozen=True)
class _Span:
    """Numbers, or days as numbers (`whole`), that a fact may still take."""

    low: float = -math.inf
    high: float = math.inf
    low_open: bool = False
    high_open: bool = False
    holes: frozenset[float] = frozenset()
    whole: bool = False

    @property
    def empty(self) -> bool:
        if self.low > self.high or (self.low == self.high and (self.low_open or self.high_open)):
            return True
        if not self.whole or self.high - self.low >= len(self.holes):
            return self.low == self.high and self.low in self.holes
        return all(day in self.holes for day in range(int(self.low), int(self.high) + 1))

    def narrowed(self, op: str, value: float) -> "_Span":
        if op == "!=":
            return replace(self, holes=self.holes | {value})
        if op == "=":
            return self.narrowed("<=", value).narrowed(">=", value)
        if self.whole and op in ("<", ">"):
            op, value = f"{op}=", value - 1 if op == "<" else value + 1
        is_open = op in ("<", ">")
        if op in ("<", "<="):
            bound = min((self.high, not self.high_open), (value, not is_open))
            return replace(self, high=bound[0], high_open=not bound[1])
        bound = max((self.low, self.low_open), (value, is_open))
        return replace(self, low=bound[0], low_open=bound[1])


@dataclass(frozen=True)
class _Choice:
    """Words that a fact may still take: those allowed (None for any), without those gone."""

    allowed: frozenset[object] | None
    gone: frozenset[object] = frozenset()

    @property
    def empty(self) -> bool:
        return self.allowed is not None and self.allowed <= self.gone

    def narrowed(self, values: frozenset[object], positive: bool) -> "_Choice":
        if not positive:
            return replace(self, gone=self.gone | values)
        return replace(self, allowed=values if self.allowed is None else self.allowed & values)


@dataclass(frozen=True)
class _Members:
    """What a set of words holds and what it lacks."""

    has: frozenset[object] = frozenset()
    lacks: frozenset[object] = frozenset()

    @property
    def empty(self) -> bool:
        return not self.has.isdisjoint(self.lacks)

    def narrowed(self, value: object, positive: bool) -> "_Members":
        if positive:
            return replace(self, has=self.has | {value})
        return replace(self, lacks=self.lacks | {value})


_Room = _Span | _Choice | _Members


class _Spaces:
    """What each fact of a pack can be at all, and what a comparison leaves of it."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.facts = known_facts(pack)
        self._below: dict[tuple[str, str], frozenset[object]] = {}

    def narrowed(self, compare: Compare, positive: bool, rooms: Mapping[str, _Room]) -> tuple[str, _Room]:
        """Return what is left after one more comparison or its negation, with the key of its fact."""
        fact = self.facts[compare.fact]
        if compare.other:
            # Of two facts only their difference counts: "a >= 2 b" and "a < 2 b" leave nothing of it.
            key = f"{compare.fact} {compare.other} {compare.times}"
            room = rooms.get(key, _Span())
        else:
            key = compare.fact
            room = rooms.get(key) or self._whole(fact)
        match room:
            case _Span():
                op = compare.op if positive else _OPPOSITE[compare.op]
                return key, room.narrowed(op, 0.0 if compare.other else _as_number(compare.value))
            case _Members():
                return key, room.narrowed(compare.value, positive)
            case _Choice():
                negative = compare.op in ("!=", "not in")
                return key, room.narrowed(self._values(compare, fact), positive != negative)

    def _whole(self, fact: Fact) -> _Room:
        if fact.type == "number":
            low = -math.inf if fact.least is None else fact.least
            high = math.inf if fact.most is None else fact.most
            return _Span(low, high)
        if fact.type == "date":
            return _Span(date.min.toordinal(), date.max.toordinal(), whole=True)
        if fact.type == "boolean":
            return _Choice(frozenset((True, False)))
        if fact.type == "words":
            return _Members()
        if fact.type in TREE_TYPES:
            return _Choice(frozenset(nodes_of(fact, self.pack)))
        return _Choice(frozenset(fact.values) if fact.values else None)

    def _values(self, compare: Compare, fact: Fact) -> frozenset[object]:
        several = compare.value if isinstance(compare.value, tuple) else (compare.value,)
        if compare.op != "under":
            return frozenset(several)
        return frozenset().union(*(self._all_below(str(code), fact) for code in several))

    def _all_below(self, code: str, fact: Fact) -> frozenset[object]:
        found = self._below.get((fact.type, code))
        if found is None:
            nodes = nodes_of(fact, self.pack)
            found = frozenset(node for node in nodes if code in path_of(node, nodes))
            self._below[fact.type, code] = found
        return found


def _as_number(value: object) -> float:
    return float(value.toordinal()) if isinstance(value, date) else float(value)  # pyright: ignore[reportArgumentType]
