"""Reads conditions out of TOML: every type is checked before anything is evaluated.

The TOML reader forgets lines, so they are found again: comparisons come in the order in which they are
written, and a cursor moves on with them.
"""

import re
from collections.abc import Mapping
from typing import Any

from veche.core.i18n import _
from veche.packs.rules.facts import OPERATORS, TREE_TYPES, advice_on_facts, comparable, expected, is_number
from veche.packs.rules.model import AllOf, AnyOf, Compare, Condition, Fact, FactValue, Not
from veche.packs.tables import Table

#: What one condition may cost: one for each comparison, each `all`, `any` and `not`, each entry of a list.
COST_LIMIT = 500

#: How deep conditions may nest; a comparison alone is one deep.
DEPTH_LIMIT = 12

#: Operators whose value may be a list; it is kept as a tuple for these always.
_SEVERAL = ("in", "not in", "under")

#: Lines below the name of its fact in which the rest of a comparison is looked for.
_NEAR = 4

_FACT = re.compile(r'(?<![\w.-])"?fact"?\s*=')

_EXAMPLE = '{ fact = "age", op = ">=", value = 18 }'


def parse(table: Table, key: str, *, facts: Mapping[str, Fact], required: bool = True) -> Condition | None:
    """Return the condition under `key` of `table`, None where there is none or something is wrong with it.

    What is wrong is noted as a serious problem on its line. The lines of codes that must exist elsewhere in
    the pack go to `table.places`.
    """
    data = table.value(key)
    if data is None:
        if required:
            table.problem("", _("“{key}” is missing.").format(key=key), _advice(key))
        return None
    return _Reader(table, key, facts=facts).condition(data, depth=1)


def _advice(key: str) -> str:
    return _("Write it like this: {key} = {example}").format(key=key, example=_EXAMPLE)


class _Reader:
    """Walks one condition, counts its cost and keeps the place in the file."""

    def __init__(self, table: Table, key: str, *, facts: Mapping[str, Fact]) -> None:
        self.table = table
        self.key = key
        self.facts = facts
        self.cost = 0
        self.line, self.column = table.line_of(key), 0

    def problem(self, message: str, hint: str, *, line: int | None = None) -> None:
        self.table.file.problem(line or self.line, message, hint)

    def condition(self, data: Any, *, depth: int) -> Condition | None:
        if not self._affordable(depth):
            return None
        if isinstance(data, dict) and "fact" in data:
            return self._compare(data)
        if isinstance(data, dict) and len(data) == 1:
            word, inner = next(iter(data.items()))
            if word in ("all", "any"):
                return self._several(word, inner, depth=depth)
            if word == "not":
                self._move_to('"?not"?')
                part = self.condition(inner, depth=depth + 1)
                return Not(part) if part else None
        if isinstance(data, dict) and data:
            self._move_to(f'"?{re.escape(next(iter(data)))}"?')
        self.problem(
            _("This is not a condition."),
            _("Write a comparison like {example}, or exactly one of all, any and not.").format(
                example=_EXAMPLE
            ),
        )
        return None

    def _affordable(self, depth: int) -> bool:
        if depth > DEPTH_LIMIT:
            self.problem(
                _("The condition nests more than {limit} deep.").format(limit=DEPTH_LIMIT),
                _("Say it with fewer levels of all, any and not."),
            )
            return False
        return self._pay(1)

    def _pay(self, cost: int) -> bool:
        before, self.cost = self.cost, self.cost + cost
        if before <= COST_LIMIT < self.cost:
            self.problem(
                _("The condition costs more than {limit}.").format(limit=COST_LIMIT),
                _("Name the node above with “under” instead of a long list, or make two entries of it."),
            )
        return self.cost <= COST_LIMIT

    def _several(self, word: str, inner: Any, *, depth: int) -> Condition | None:
        self._move_to(f'"?{word}"?')
        if not isinstance(inner, list) or not inner:
            self.problem(
                _("“{key}” must be a list of conditions.").format(key=word),
                _("Write it like this: {key} = {example}").format(key=word, example=f"[{_EXAMPLE}]"),
            )
            return None
        parts = [self.condition(part, depth=depth + 1) for part in inner]
        whole = tuple(part for part in parts if part)
        if len(whole) < len(parts):
            return None
        return AllOf(whole) if word == "all" else AnyOf(whole)

    def _compare(self, data: Mapping[str, Any]) -> Condition | None:
        code = data["fact"]
        self._move_to('"?fact"?', value=code)
        for key in data:
            if key not in ("fact", "op", "value"):
                self.problem(
                    _("“{key}” is not known here.").format(key=key),
                    _("Known are: {known}.").format(known="fact, op, value"),
                )
                return None
        fact = self.facts.get(code) if isinstance(code, str) else None
        if fact is None:
            self.problem(_("There is no fact “{code}”.").format(code=code), advice_on_facts(self.facts))
            return None
        for key in ("op", "value"):
            if key not in data:
                self.problem(_("“{key}” is missing.").format(key=key), _advice(self.key))
                return None
        op = data["op"]
        if op not in OPERATORS[fact.type]:
            self.problem(
                _("“{op}” does not go with “{fact}”, which is of type “{type}”.").format(
                    op=op, fact=fact.code, type=fact.type
                ),
                _("Use one of: {allowed}.").format(allowed="  ".join(OPERATORS[fact.type])),
                line=self._line_after("op"),
            )
            return None
        value = data["value"]
        if isinstance(value, dict):
            return self._against_fact(fact, op, value)
        return self._against_value(fact, op, value)

    def _against_fact(self, fact: Fact, op: str, value: Mapping[str, Any]) -> Compare | None:
        other = self.facts.get(str(value.get("fact")))
        times = value.get("times", 1)
        if (
            fact.type == "number"
            and other is not None
            and other.type == "number"
            and is_number(times)
            and times > 0
            and set(value) <= {"fact", "times"}
        ):
            self._move_to('"?fact"?', value=other.code)
            return Compare(fact.code, op, other=other.code, times=float(times))
        self.problem(
            _("“{fact}” cannot be compared with this.").format(fact=fact.code),
            _("Write: {expected}.").format(
                expected='{ fact = "living_wage", times = 1.5 }' if fact.type == "number" else expected(fact)
            ),
            line=self._line_after("value"),
        )
        return None

    def _against_value(self, fact: Fact, op: str, value: Any) -> Compare | None:
        several: list[Any] = value if isinstance(value, list) and op in _SEVERAL else [value]
        wrong = [v for v in several if not _may_stand(fact, v)]
        if wrong or not several or not self._pay(len(several) if isinstance(value, list) else 0):
            self._wrong_value(fact, wrong)
            return None
        if fact.type in TREE_TYPES or fact.code == "groups":
            for code in several:
                self.table.places.setdefault(code, self._line_of_text(code))
        found: FactValue = tuple(several) if op in _SEVERAL else several[0]
        return Compare(fact.code, op, found)

    def _wrong_value(self, fact: Fact, wrong: list[Any]) -> None:
        if self.cost > COST_LIMIT and not wrong:
            return
        named = wrong[0] if wrong and isinstance(wrong[0], str) else ""
        line = self._line_of_text(named) if named else self._line_after("value")
        self.problem(
            _("“{value}” cannot be compared with “{fact}”, which is of type “{type}”.").format(
                value=_written(wrong[0]) if wrong else "[]", fact=fact.code, type=fact.type
            )
            if not fact.values or not isinstance(named, str) or not named
            else _("“{value}” is not a value of “{key}”.").format(value=named, key=fact.code),
            _("Write: {expected}.").format(expected=_one_expected(fact)),
            line=line,
        )

    def _move_to(self, key: str, *, value: object = None) -> None:
        """Move the cursor behind the next `key = "value"`; leave it where there is none."""
        end = "" if value is None else rf'\s*["\']{re.escape(str(value))}["\']'
        wanted = re.compile(rf"(?<![\w.-]){key}\s*={end}")
        for number, line in enumerate(self.table.file.lines[self.line - 1 :], self.line):
            at = self.column if number == self.line else 0
            found = None if line.lstrip().startswith("#") else wanted.search(line, at)
            if found:
                self.line, self.column = number, found.end()
                return

    def _line_after(self, key: str) -> int:
        """Return the line of `key` in the comparison at the cursor: it stands there or soon below."""
        wanted = re.compile(rf'(?<![\w.-])"?{key}"?\s*=')
        lines = self.table.file.lines
        for number in range(self.line, min(self.line + _NEAR, len(lines) + 1)):
            if number > self.line and _FACT.search(lines[number - 1]):
                break
            if wanted.search(lines[number - 1]):
                return number
        return self.line

    def _line_of_text(self, text: str) -> int:
        lines = self.table.file.lines[self.line - 1 :]
        quoted = (f'"{text}"', f"'{text}'")
        return next(
            (self.line + i for i, line in enumerate(lines) if any(q in line for q in quoted)), self.line
        )


def _may_stand(fact: Fact, value: object) -> bool:
    if fact.type == "words":
        return comparable(fact, [value])
    return comparable(fact, value) and value != ""


def _one_expected(fact: Fact) -> str:
    return '"..."' if fact.type == "words" and not fact.values else expected(fact)


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
