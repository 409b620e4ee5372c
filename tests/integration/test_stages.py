"""What holds for every stage: no memory of earlier batches, and the columns that it promised."""

import pytest

from veche.core.appeal import APPEAL
from veche.engine.pipeline import plan
from veche.engine.registry import available, make
from veche.engine.stage import Context
from veche.intake import Intake
from veche.packs import load_pack

ROWS = 400


@pytest.fixture(scope="module")
def batches(sample):
    pack = load_pack("ru")
    source = str(sample / "appeals.jsonl")
    return list(Intake([source], timezone=pack.timezone, limit=3 * ROWS, batch_rows=ROWS))


@pytest.fixture(scope="module")
def opened():
    def fresh():
        stages = plan(make(list(available())), given=APPEAL.names).stages
        for stage in stages:
            stage.open(Context(load_pack("ru"), seed=7))
        return stages

    return fresh


def test_a_batch_gives_the_same_whatever_the_stage_saw_before(batches, opened):
    seasoned, new = opened(), opened()
    for earlier in batches[:2]:
        for stage in seasoned:
            earlier = stage(earlier)
    ours, theirs = batches[2], batches[2]
    for stage, other in zip(seasoned, new, strict=True):
        ours, theirs = stage(ours), other(theirs)
        for column in stage.adds:
            assert ours[column.name].equals(theirs[column.name]), stage.name


def test_a_stage_adds_what_it_promised_and_touches_nothing_else(batches, opened):
    batch = batches[0]
    for stage in opened():
        before, batch = batch, stage(batch)
        assert batch.column_names == [*before.column_names, *(f.name for f in stage.adds)], stage.name
        assert len(batch) == len(before)
        for column in stage.adds:
            assert batch.schema.field(column.name).type == column.type, stage.name
        for name in before.column_names:
            assert batch[name].equals(before[name]), (stage.name, name)
        assert set(stage.fallbacks) <= {f.name for f in stage.reads}, stage.name


def test_every_stage_bears_an_empty_batch(opened):
    batch = APPEAL.empty_table()
    for stage in opened():
        batch = stage(batch)
    assert len(batch) == 0
