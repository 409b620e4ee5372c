"""Conditions: who a measure is for, when a protocol applies, which clock runs.

A condition is read from TOML with all its types checked, and then evaluated over what is known. The
answer is yes, no or unknown, in Kleene's strong three-valued logic (S. C. Kleene, Introduction to
Metamathematics, 1952, section 64): a fact that nobody knows is not a no. Over columns it is evaluated by
`veche.packs.rules.columns`; whether it can hold at all is decided by `veche.packs.rules.possible`.
"""

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from veche.packs.model import Pack
from veche.packs.rules.condition_reader import COST_LIMIT, DEPTH_LIMIT, parse
from veche.packs.rules.facts import BUILT_IN, known_facts, of_type
from veche.packs.rules.model import AllOf, AnyOf, Compare, Condition, Fact, Facts, FactValue, Not
from veche.packs.tree import Node, path_of

__all__ = [
    "BUILT_IN",
    "COST_LIMIT",
    "DEPTH_LIMIT",
    "Verdict",
    "comparisons",
    "evaluate",
    "facts_of",
    "missing",
    "nodes_of",
    "parse",
]


@dataclass(frozen=True)
class Verdict:
    """What came of a condition, as a tree that explains itself: `value` is None for unknown."""

    value: bool | None
    condition: Condition
    parts: tuple["Verdict", ...] = ()
    #: Of a comparison: the value of its fact, None where nobody knows it.
    known: FactValue | None = None
    #: Of a comparison: what the fact was compared with, None where that is unknown.
    bound: FactValue | None = None
    #: Of a comparison: the facts that nobody knows.
    asks: tuple[str, ...] = ()


def evaluate(condition: Condition, facts: Facts, *, pack: Pack) -> Verdict:
    """Return the verdict on `condition` over what is known; every part is evaluated, so all is explained.

    Raises:
        TypeError: a value is not of its fact's type (facts that come from people are checked before,
            by `veche.packs.rules.facts.fits`).
    """
    return _Evaluation(facts, pack=pack)(condition)


class _Evaluation:
    """One evaluation: the facts that are known, and the pack that says what they mean."""

    def __init__(self, facts: Facts, *, pack: Pack) -> None:
        self.facts = facts
        self.pack = pack
        self.known = known_facts(pack)

    def __call__(self, condition: Condition) -> Verdict:
        match condition:
            case AllOf(parts):
                verdicts = tuple(map(self, parts))
                return Verdict(_all(v.value for v in verdicts), condition, verdicts)
            case AnyOf(parts):
                verdicts = tuple(map(self, parts))
                return Verdict(_any(v.value for v in verdicts), condition, verdicts)
            case Not(part):
                verdict = self(part)
                return Verdict(None if verdict.value is None else not verdict.value, condition, (verdict,))
            case Compare():
                return self._compare(condition)

    def _compare(self, compare: Compare) -> Verdict:
        fact = self.known[compare.fact]
        known, bound = self.facts.get(compare.fact), compare.value
        asks = () if known is not None else (compare.fact,)
        if compare.other:
            other = self.facts.get(compare.other)
            if other is None:
                asks = (*asks, compare.other) if compare.other != compare.fact else asks
                bound = None
            else:
                bound = _number(compare.other, other) * compare.times
        if known is None or bound is None:
            return Verdict(None, compare, known=known, bound=bound, asks=asks)
        if not of_type(fact.type, known):
            raise TypeError(f"fact {fact.code} takes a {fact.type}")
        value = self._relation(fact, compare.op)(known, bound)
        return Verdict(value, compare, known=known, bound=bound)

    def _relation(self, fact: Fact, op: str) -> Callable[[Any, Any], bool]:
        if op == "under":
            nodes = nodes_of(fact, self.pack)
            return lambda code, tops: not set(tops).isdisjoint(path_of(code, nodes))
        if fact.type == "number":
            return lambda a, b: _RELATIONS[op](_number(fact.code, a), _number(fact.code, b))
        return _RELATIONS[op]


_RELATIONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "in": lambda value, several: value in several,
    "not in": lambda value, several: value not in several,
    "has": lambda several, value: value in several,
}


def _number(code: str, value: FactValue) -> float:
    # Columns hold numbers as floats; one arithmetic for both keeps their answers equal.
    if not of_type("number", value):
        raise TypeError(f"fact {code} takes a number")
    return float(value)  # pyright: ignore[reportArgumentType]


def _all(values: Iterable[bool | None]) -> bool | None:
    seen = set(values)
    return False if False in seen else None if None in seen else True


def _any(values: Iterable[bool | None]) -> bool | None:
    seen = set(values)
    return True if True in seen else None if None in seen else False


def missing(verdict: Verdict) -> tuple[str, ...]:
    """Return the facts to ask for: those unknown that could still change the answer, in reading order.

    Empty where the answer is known: a part that is unknown beside one that decides asks for nothing.
    """
    if verdict.value is not None:
        return ()
    inner = (code for part in verdict.parts for code in missing(part))
    return tuple(dict.fromkeys((*verdict.asks, *inner)))


def comparisons(condition: Condition) -> Iterator[Compare]:
    """Yield the comparisons of `condition` in reading order."""
    match condition:
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from comparisons(part)
        case Not(part):
            yield from comparisons(part)
        case Compare():
            yield condition


def facts_of(condition: Condition) -> tuple[str, ...]:
    """Return the codes of the facts that `condition` asks about, each once, in reading order."""
    named = (code for c in comparisons(condition) for code in (c.fact, c.other) if code)
    return tuple(dict.fromkeys(named))


def nodes_of(fact: Fact, pack: Pack) -> Mapping[str, Node]:
    """Return the tree whose codes are the values of `fact`."""
    return {"topic": pack.topics, "territory": pack.territories, "body": pack.bodies}[fact.type]
