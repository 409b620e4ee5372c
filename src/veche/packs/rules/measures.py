"""Support measures: who is entitled, and whether the worked examples come out as their author says."""

from dataclasses import dataclass
from datetime import date

from veche.packs.model import Pack
from veche.packs.rules.conditions import Verdict, evaluate, missing
from veche.packs.rules.dates import valid_on
from veche.packs.rules.model import Example, Facts, Measure


def entitled(measure: Measure, facts: Facts, *, pack: Pack) -> Verdict:
    """Return whether a person of whom `facts` are known is entitled: yes, no or unknown, and why."""
    return evaluate(measure.entitled, facts, pack=pack)


def measures_in_force(pack: Pack, day: date) -> list[Measure]:
    """Return the measures that are given on `day`, in the order of the files."""
    return [measure for measure in pack.measures.values() if valid_on(measure, day)]


@dataclass(frozen=True)
class ExampleRun:
    """What came of a worked example: the answer, and the facts that it still asks for."""

    example: Example
    got: bool | None
    asks: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether the example comes out as its author says."""
        wanted = self.example.asks
        return self.got == self.example.entitled and (wanted is None or set(wanted) == set(self.asks))


def run_examples(measure: Measure, pack: Pack) -> list[ExampleRun]:
    """Return what comes of each worked example of `measure`, in their order."""
    verdicts = [(example, entitled(measure, example.facts, pack=pack)) for example in measure.examples]
    return [ExampleRun(example, verdict.value, missing(verdict)) for example, verdict in verdicts]
