"""The pipeline: order by columns, what happens without a stage, and rows that break one."""

from typing import ClassVar

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from veche.core.errors import UsageError
from veche.engine.pipeline import Pipeline, plan

NUMBER = pa.field("number", pa.int64())
DOUBLE = pa.field("double", pa.int64())
SUM = pa.field("sum", pa.int64())


class Doubles:
    name = "doubles"
    version = "1"
    reads: ClassVar = (NUMBER,)
    adds: ClassVar = (DOUBLE,)
    fallbacks: ClassVar[dict[str, str]] = {}

    def open(self, context):
        pass

    def __call__(self, batch):
        values = batch["number"].to_pylist()
        if 13 in values:
            raise ValueError("thirteen")
        return batch.append_column(DOUBLE, pc.multiply(batch["number"], 2))


class Adds:
    name = "adds"
    version = "1"
    reads: ClassVar = (NUMBER, DOUBLE)
    adds: ClassVar = (SUM,)
    fallbacks: ClassVar[dict[str, str]] = {"double": "adds nothing"}

    def open(self, context):
        pass

    def __call__(self, batch):
        total = pc.add(batch["number"], pc.fill_null(batch["double"], 0))
        return batch.append_column(SUM, total)


class Strict(Adds):
    name = "strict"
    adds: ClassVar = (pa.field("strict", pa.int64()),)
    fallbacks: ClassVar[dict[str, str]] = {}


def numbers(*values):
    return pa.table({"number": pa.array(values, pa.int64())})


def test_stages_run_in_the_order_their_columns_ask_for():
    assert [s.name for s in plan([Adds(), Doubles()], given=["number"]).stages] == ["doubles", "adds"]


def test_a_stage_that_can_do_without_falls_back_and_says_so():
    chosen = plan([Doubles(), Adds()], given=["number"], skip=["doubles"])
    assert [s.name for s in chosen.stages] == ["adds"]
    assert chosen.skipped == {"doubles": "asked"}
    assert chosen.fell_back == {"adds": {"double": "adds nothing"}}
    out = Pipeline(chosen)(numbers(1, 2))
    assert out["sum"].to_pylist() == [1, 2]
    assert "double" not in out.column_names


def test_a_stage_that_cannot_do_without_is_skipped_and_names_what_it_needs():
    chosen = plan([Doubles(), Strict()], given=["number"], skip=["doubles"])
    assert chosen.skipped == {"doubles": "asked", "strict": "needs doubles"}


def test_two_stages_cannot_add_the_same_column():
    with pytest.raises(UsageError, match="both add"):
        plan([Doubles(), Doubles()], given=["number"])


def test_stages_that_wait_for_one_another_are_refused():
    class Circle(Doubles):
        name = "circle"
        reads: ClassVar = (SUM,)

    with pytest.raises(UsageError, match="wait for one another"):
        plan([Circle(), Adds()], given=["number"])


@pytest.mark.parametrize("at", [0, 3, 6])
def test_a_row_that_breaks_a_stage_gets_an_error_finding_and_the_others_go_on(at):
    values = [1, 2, 3, 4, 5, 6, 7]
    values[at] = 13
    out = Pipeline(plan([Doubles(), Adds()], given=["number"]))(numbers(*values))
    assert out["number"].to_pylist() == values
    assert out["double"].to_pylist() == [None if v == 13 else 2 * v for v in values]
    errors = out["error"].to_pylist()
    assert [i for i, e in enumerate(errors) if e] == [at]
    assert errors[at][0]["value"] == "VECHE-S001 doubles"


def test_the_error_finding_quotes_nothing_of_the_failure():
    out = Pipeline(plan([Doubles()], given=["number"]))(numbers(13))
    assert "thirteen" not in str(out["error"].to_pylist())
