"""Conditions over columns: the verdicts of `rules.conditions.evaluate` for a whole table at once."""

from collections.abc import Callable, Mapping
from functools import reduce

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from veche.packs.model import Pack
from veche.packs.rules.conditions import nodes_of
from veche.packs.rules.facts import TREE_TYPES, known_facts
from veche.packs.rules.model import AllOf, AnyOf, Compare, Condition, Fact, Not
from veche.packs.tree import path_of

#: What the columns of each type of fact are read as; lists of words are told by their entries.
_TYPES: Mapping[str, pa.DataType] = {
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "words": pa.list_(pa.string()),
}

_RELATIONS: Mapping[str, Callable[..., pa.Array]] = {
    "=": pc.equal,
    "!=": pc.not_equal,
    "<": pc.less,
    "<=": pc.less_equal,
    ">": pc.greater,
    ">=": pc.greater_equal,
}


def evaluate_table(condition: Condition, table: pa.Table, *, pack: Pack) -> pa.BooleanArray:
    """Return the answer for each row of `table`: true, false, or null for unknown.

    Columns are named as facts and hold their values: numbers, booleans, date32, strings, and lists of
    strings for facts of type "words". A null, and a fact that has no column, are unknown.

    Raises:
        pa.ArrowInvalid, pa.ArrowNotImplementedError: a column is not of its fact's type.
    """
    return _Columns(table, pack)(condition)


class _Columns:
    def __init__(self, table: pa.Table, pack: Pack) -> None:
        self.table = table
        self.pack = pack
        self.facts = known_facts(pack)
        self._read: dict[str, pa.Array] = {}

    def __call__(self, condition: Condition) -> pa.BooleanArray:
        match condition:
            case AllOf(parts):
                return reduce(pc.and_kleene, map(self, parts), self._constant(True))
            case AnyOf(parts):
                return reduce(pc.or_kleene, map(self, parts), self._constant(False))
            case Not(part):
                return pc.invert(self(part))
            case Compare():
                return self._compare(condition)

    def _constant(self, value: bool) -> pa.BooleanArray:
        return pa.repeat(pa.scalar(value), self.table.num_rows)

    def _column(self, code: str) -> pa.Array:
        found = self._read.get(code)
        if found is None:
            kind = _TYPES.get(self.facts[code].type, pa.string())
            if code not in self.table.column_names:
                found = pa.nulls(self.table.num_rows, kind)
            else:
                found = self.table[code].combine_chunks().cast(kind)
            self._read[code] = found
        return found

    def _compare(self, compare: Compare) -> pa.BooleanArray:
        fact = self.facts[compare.fact]
        column = self._column(compare.fact)
        if compare.other:
            return _RELATIONS[compare.op](column, pc.multiply(self._column(compare.other), compare.times))
        if compare.op == "has":
            return _has(column, str(compare.value))
        if compare.op in _RELATIONS:
            return _RELATIONS[compare.op](column, pa.scalar(compare.value, column.type))
        among = pc.is_in(column, value_set=pa.array(self._codes(compare, fact), column.type))
        answer = pc.invert(among) if compare.op == "not in" else among
        return pc.if_else(pc.is_valid(column), answer, None)

    def _codes(self, compare: Compare, fact: Fact) -> list[str]:
        several = [str(v) for v in compare.value] if isinstance(compare.value, tuple) else []
        if compare.op != "under":
            return several
        assert fact.type in TREE_TYPES
        nodes = nodes_of(fact, self.pack)
        return [code for code in nodes if not set(several).isdisjoint(path_of(code, nodes))]


def _has(column: pa.ListArray, word: str) -> pa.BooleanArray:
    hits = pc.list_parent_indices(column).filter(pc.equal(pc.list_flatten(column), word))
    found = np.zeros(len(column), dtype=bool)
    found[hits.to_numpy(zero_copy_only=False)] = True
    return pc.if_else(pc.is_valid(column), pa.array(found), None)
