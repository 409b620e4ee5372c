"""Appeals seen again, as a model sees them: those of a finished run, which holds no vectors, or of files."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from veche.core.appeal import APPEAL
from veche.core.errors import NoRun
from veche.engine.stage import Context
from veche.learn.examples import Inputs
from veche.learn.stage import inputs_of
from veche.packs.model import Pack
from veche.run.history import STAGES
from veche.run.opened import open_stages, plan_stages
from veche.stages.columns import MASKED_TEXT, MATTERS, PLACE
from veche.stages.documents import documents

#: What a run knows of an appeal beside its text, by trait.
_TRAITS = {"language": "language", "territory": "place", "channel": "channel"}

#: Our id of an appeal, and the one that the source gave it.
_IDS = ("appeal_id", "foreign_id")

#: What it knows of when and where an appeal came.
_CIRCUMSTANCES = ("received_at", "lat", "lon")

Held = Mapping[str, Any]


def is_run(path: Path) -> bool:
    """Return whether `path` is the folder of a finished run with appeals."""
    return any((path / "appeals").glob("*.parquet"))


def held_by(
    run: Path, *, ids: Collection[str] | None = None, most: int | None = None, seed: int = 0
) -> dict[str, Held]:
    """Return, by `appeal_id`, the masked text, traits, time, point and `foreign_id` of appeals of a run:
    those of `ids` (by either id), or all.

    Of more than `most`, so many are drawn by lot. Raises `NoRun`.
    """
    if not is_run(run):
        raise NoRun(path=run)
    tables = []
    for part in sorted((run / "appeals").glob("*.parquet")):
        names = set(pq.read_schema(part).names)
        known = (c for c in (*_TRAITS.values(), *_CIRCUMSTANCES) if c in names)
        columns = [*_IDS, MASKED_TEXT.name, *known]
        table = pq.read_table(part, columns=columns)
        if ids is not None:
            asked = pa.array(sorted(ids), pa.string())
            table = table.filter(pc.or_(*(pc.is_in(table[name], asked) for name in _IDS)))
        tables.append(table)
    whole = pa.concat_tables(tables, promote_options="default")
    if most is not None and len(whole) > most:
        drawn = np.random.default_rng(seed).choice(len(whole), most, replace=False)
        whole = whole.take(pa.array(np.sort(drawn)))
    return {row["appeal_id"]: row for row in whole.to_pylist()}


def called(held: Mapping[str, Held], name: str) -> list[str]:
    """Return the appeals of `held` that `name` means: the one of that `appeal_id`, else all of that
    `foreign_id`."""
    if name in held:
        return [name]
    return [appeal for appeal, row in held.items() if name and row.get("foreign_id") == name]


def seen_again(texts: Sequence[str], *, held: Sequence[Held], pack: Pack) -> Inputs:
    """Return n texts as a model sees them; `held` has, for each, what a run knows of it, or nothing."""
    masked = [own.get(MASKED_TEXT.name) or text for own, text in zip(held, texts, strict=True)]
    columns = {field.name: pa.nulls(len(texts), field.type) for field in APPEAL}
    numbers = [str(i) for i in range(len(texts))]
    columns |= {"text": pa.array(masked, pa.string()), "appeal_id": pa.array(numbers, pa.string())}
    for name in _CIRCUMSTANCES:
        columns[name] = pa.array([entry.get(name) for entry in held], APPEAL.field(name).type)
    read = understood(pa.table(columns, schema=APPEAL), pack=pack)
    traits = dict(read.traits)
    for trait, column in _TRAITS.items():
        own = pa.array([entry.get(column) for entry in held], pa.string())
        traits[trait] = pc.coalesce(own, traits[trait])
    return replace(read, traits=traits)


def understood(appeals: pa.Table, *, pack: Pack) -> Inputs:
    """Return appeals (the columns of `APPEAL`) as a model sees them."""
    batch = open_stages(plan_stages(STAGES), Context(pack)).pipeline(appeals)
    batch = batch.append_column(MATTERS, pa.nulls(len(batch), MATTERS.type))
    return inputs_of(batch, documents(batch), batch.column(PLACE.name), timezone=pack.timezone)
