"""The pipeline: stages in the order their columns ask for, run over one batch.

It decides which stages run when some are left out, and sees to it that a row that breaks a stage
costs that row its finding and nothing else.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from veche.core.errors import StageError, UsageError
from veche.core.finding import decisions, facet_field
from veche.core.i18n import _
from veche.engine.stage import Context, Stage

#: The facet under which a stage's failure on a row is recorded.
ERROR = facet_field("error")


@dataclass(frozen=True)
class Plan:
    """What will run, in order, what will not and why, and who does without what.

    `skipped` maps a stage to the reason; `fell_back` maps a stage to what it does instead, per
    column that it misses.
    """

    stages: tuple[Stage, ...]
    skipped: dict[str, str]
    fell_back: dict[str, dict[str, str]]


def plan(stages: Sequence[Stage], *, given: Iterable[str], skip: Iterable[str] = ()) -> Plan:
    """Order `stages` so that each finds the columns it reads, beginning with the columns `given`.

    Raises:
        UsageError: two stages add the same column, or stages wait for one another in a circle.
    """
    skipped = dict.fromkeys(skip, "asked")
    makers = _makers(stages)
    have = set(given)
    wanted = [s for s in stages if s.name not in skipped]
    ordered: list[Stage] = []
    fell_back: dict[str, dict[str, str]] = {}
    while wanted:
        coming = {f.name for s in wanted for f in s.adds}
        ready = next((s for s in wanted if not _missing(s, have) & coming), None)
        if ready is None:
            names = ", ".join(s.name for s in wanted)
            raise UsageError(problem=_("Stages wait for one another: {names}.").format(names=names))
        wanted.remove(ready)
        missing = _missing(ready, have)
        hard = missing - ready.fallbacks.keys()
        if hard:
            lost = ", ".join(sorted(makers.get(column, column) for column in hard))
            skipped[ready.name] = f"needs {lost}"
            continue
        if missing:
            fell_back[ready.name] = {column: ready.fallbacks[column] for column in sorted(missing)}
        ordered.append(ready)
        have |= {f.name for f in ready.adds}
    return Plan(tuple(ordered), skipped, fell_back)


def _makers(stages: Sequence[Stage]) -> dict[str, str]:
    makers: dict[str, str] = {}
    for stage in stages:
        for column in stage.adds:
            if column.name in makers:
                problem = _("The stages {first} and {second} both add the column {column}.")
                first, second = makers[column.name], stage.name
                raise UsageError(problem=problem.format(first=first, second=second, column=column.name))
            makers[column.name] = stage.name
    return makers


def _missing(stage: Stage, have: set[str]) -> set[str]:
    return {f.name for f in stage.reads} - have


@dataclass
class Pipeline:
    """A plan that was opened in this process; call it with a batch.

    `seconds` adds up the time of each stage.
    """

    plan: Plan
    seconds: dict[str, float] = field(default_factory=dict)

    def open(self, context: Context) -> None:
        """Open every stage."""
        for stage in self.plan.stages:
            stage.open(context)

    def __call__(self, batch: pa.Table) -> pa.Table:
        """Return `batch` with the columns of all stages and the facet `error`."""
        failed: list[tuple[int, str]] = []
        for stage in self.plan.stages:
            began = time.perf_counter()
            batch, rows = _run(stage, batch)
            failed += [(row, stage.name) for row in rows]
            spent = time.perf_counter() - began
            self.seconds[stage.name] = self.seconds.get(stage.name, 0.0) + spent
        failed.sort()
        errors = decisions(
            len(batch),
            [row for row, _ in failed],
            [f"{StageError.code} {name}" for _, name in failed],
            [1.0] * len(failed),
        )
        return batch.append_column(ERROR, errors)


def _run(stage: Stage, batch: pa.Table) -> tuple[pa.Table, list[int]]:
    """Run `stage`; return the batch with its columns, and the rows on which it failed."""
    lent = [column for column in stage.reads if column.name not in batch.column_names]
    for column in lent:
        batch = batch.append_column(column, pa.nulls(len(batch), column.type))
    parts, rows = _attempt(stage, batch, 0)
    out = pa.concat_tables(parts) if len(parts) > 1 else parts[0]
    return out.drop_columns([column.name for column in lent]), rows


def _attempt(stage: Stage, batch: pa.Table, at: int) -> tuple[list[pa.Table], list[int]]:
    """Run `stage` on rows `at`... of a batch, halving it where it fails until single rows remain."""
    try:
        return [stage(batch)], []
    except MemoryError:
        raise
    except Exception:
        if len(batch) <= 1:
            empty = batch
            for column in stage.adds:
                empty = empty.append_column(column, pa.nulls(len(batch), column.type))
            return [empty], [at] * len(batch)
    half = len(batch) // 2
    left, left_rows = _attempt(stage, batch.slice(0, half), at)
    right, right_rows = _attempt(stage, batch.slice(half), at + half)
    return left + right, left_rows + right_rows
