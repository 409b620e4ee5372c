"""Measures: their examples come out as they say and show each answer, and somebody grants them by a law."""

from collections.abc import Iterator

from veche.core.i18n import _
from veche.packs.checks.ground import Ground
from veche.packs.rules.conditions import Verdict, comparisons
from veche.packs.rules.measures import ExampleRun, entitled, run_examples
from veche.packs.rules.model import Compare, FactValue, Measure, Not

#: Answers as they are written in examples.
_WRITTEN = {True: "true", False: "false", None: '"unknown"'}


def check(ground: Ground) -> None:
    """Note examples that come out otherwise or that are missing, and measures without law, source or body."""
    for measure in ground.pack.measures.values():
        _grounded(ground, measure)
        _kinds(ground, measure)
        # A condition that could not be read is empty, and has been noted.
        if any(comparisons(measure.entitled)):
            for run in run_examples(measure, ground.pack):
                _example(ground, measure, run)


def _grounded(ground: Ground, measure: Measure) -> None:
    for key, value in (("legal", measure.legal), ("source", measure.source), ("body", measure.body)):
        if not value:
            ground.gap(
                "measure",
                measure.code,
                _("The measure “{code}” has no “{key}”.").format(code=measure.code, key=key),
                _("Name the law with its article, where it can be read, and the body that grants it."),
            )


def _kinds(ground: Ground, measure: Measure) -> None:
    shown = {example.entitled for example in measure.examples}
    absent = [written for answer, written in _WRITTEN.items() if answer not in shown]
    if absent:
        ground.gap(
            "measure",
            measure.code,
            _("“{code}” has no example with entitled = {answers}.").format(
                code=measure.code, answers=", ".join(absent)
            ),
            _("Show one who is entitled, one who is not, and one of whom it cannot be told."),
        )


def _example(ground: Ground, measure: Measure, run: ExampleRun) -> None:
    example = run.example
    if run.agrees:
        return
    if run.got != example.entitled:
        reasons = _reasons(entitled(measure, example.facts, pack=ground.pack))
        message = _("This example of “{code}” says {wanted} and comes out {came}: {why}.").format(
            code=measure.code,
            wanted=_WRITTEN[example.entitled],
            came=_WRITTEN[run.got],
            why="; ".join(dict.fromkeys(reasons)),
        )
    else:
        message = _("This example of “{code}” asks for {wanted}; what is missing is {came}.").format(
            code=measure.code, wanted=_listed(example.asks or ()), came=_listed(run.asks)
        )
    ground.problems.add(
        ground.place("measure", measure.code)[0],
        example.line,
        message,
        _("Correct the example, or the condition under “entitled”."),
        serious=False,
    )


def _reasons(verdict: Verdict) -> Iterator[str]:
    """Yield the comparisons that made the verdict what it is, as they stand in the file."""
    condition = verdict.condition
    if isinstance(condition, Compare):
        known = _("unknown") if verdict.known is None else _value(verdict.known)
        bound = _("unknown") if verdict.bound is None else _value(verdict.bound)
        answer = {True: _("yes"), False: _("no"), None: _("unknown")}[verdict.value]
        yield f"{condition.fact} ({known}) {condition.op} {bound}: {answer}"
    for part in verdict.parts:
        if isinstance(condition, Not) or part.value == verdict.value:
            yield from _reasons(part)


def _value(value: FactValue) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple | frozenset):
        return _listed(sorted(value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _listed(codes: tuple[str, ...] | list[str]) -> str:
    return ", ".join(codes) or _("nothing")
