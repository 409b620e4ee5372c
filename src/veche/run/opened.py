"""The stages of a pack, opened once and ready for batches: the same for a run over files and for the service.

It knows which stages there are, who makes which facet, and how what stands beside the text is masked before
it is written. It neither reads nor writes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from veche.core.appeal import APPEAL, ORIGINALS
from veche.engine.pipeline import Pipeline, Plan, plan
from veche.engine.registry import make
from veche.engine.stage import Context
from veche.learn.stage import Use, with_model
from veche.packs.model import Pack
from veche.stages.columns import TOKENS, VECTORS
from veche.stages.masks import Masker, MasksStage, mask_kept, mask_strings

#: Columns that hold what identifies the author; they are written as pseudonyms or not at all.
KEYS = ("author", "thread")

#: Columns that are written masked: free text that may name a person.
_FREE_TEXT = ("declared_territory", "occupation", "foreign_id")

#: Columns that live in memory only.
_MEMORY_ONLY = {*ORIGINALS, TOKENS.name, VECTORS.name} - {*KEYS}


@dataclass(frozen=True)
class Opened:
    """A pipeline that was opened with a pack, and the masker that its masks stage uses."""

    pack: Pack
    pipeline: Pipeline
    masker: Masker

    def writable(self, table: pa.Table) -> pa.Table:
        """Return the columns of an understood `table` that may be written: masked, without those that live in
        memory only. `KEYS` are left as they are: the caller makes pseudonyms of them."""
        for name in _FREE_TEXT:
            table = replaced(table, name, mask_strings(table[name], self.masker))
        table = replaced(table, "kept", mask_kept(table["kept"], self.masker))
        attachments = _masked_list(table["attachments"].combine_chunks(), self.masker)
        table = replaced(table, "attachments", attachments)
        return table.drop_columns([c for c in table.column_names if c in _MEMORY_ONLY])


def plan_stages(names: Sequence[str], *, model: Use | None = None, skip: Sequence[str] = ()) -> Plan:
    """Return the plan of the stages of these names for appeals as intake hands them over.

    Raises:
        UnknownStage, UsageError: as `veche.engine.registry.make` and `veche.engine.pipeline.plan`.
    """
    return plan(with_model(make(names), model, skip=skip), given=APPEAL.names, skip=skip)


def open_stages(chosen: Plan, context: Context) -> Opened:
    """Open the stages of a plan. It takes seconds: they build automatons and read models."""
    pipeline = Pipeline(chosen)
    pipeline.open(context)
    # The stage's own masker: what stands beside the text is masked no less thoroughly than the text.
    own = (stage.masker for stage in chosen.stages if isinstance(stage, MasksStage))
    return Opened(context.pack, pipeline, next(own, None) or Masker(context.pack))


def makers_of(chosen: Plan) -> dict[str, tuple[str, str]]:
    """Return the name and the version of what makes each column of a plan."""
    makers = {f.name: (s.name, s.version) for s in chosen.stages for f in s.adds}
    return makers | {"error": ("pipeline", "1")}


def replaced(table: pa.Table, name: str, column: pa.Array) -> pa.Table:
    """Return `table` with another column `name` in the same place."""
    return table.set_column(table.column_names.index(name), name, column)


def _masked_list(array: pa.ListArray, masker: Masker) -> pa.Array:
    return pa.ListArray.from_arrays(array.offsets, mask_strings(array.values, masker), mask=pc.is_null(array))
