"""What a pack makes of appeals: the same stages, columns and findings as `veche run` gives for the same rows.

Nothing here knows the database: originals in, findings out. What needs all appeals at once (themes) is not
made here, and copies are found by `repeats`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
import pyarrow as pa

from veche.core.appeal import APPEAL
from veche.core.finding import DECISIONS
from veche.engine.registry import available
from veche.engine.stage import Context
from veche.packs import load_pack
from veche.run.learnt import use_model
from veche.run.opened import makers_of, open_stages, plan_stages
from veche.run.understand import appeal_vectors
from veche.service.vault.seal import Original
from veche.stages.columns import VECTOR_SIZE, VECTORS

#: As a run has it without `--seed`.
_SEED = 7


class Received(NamedTuple):
    """What is known of an appeal beside its original."""

    appeal_id: UUID
    tenant_id: UUID
    person_id: UUID
    thread_id: UUID
    received_at: datetime
    received_zone: str
    channel: str


class Understood(NamedTuple):
    """Appeals that were understood, a row each, in their order.

    `table` has the columns that a run writes (masked; `author` and `thread` are our own ids), `vectors` the
    sentence vector of each appeal as a whole (float16 [rows, 512], zeros where there is none).
    """

    table: pa.Table
    vectors: np.ndarray

    @property
    def facets(self) -> list[str]:
        """The facet columns of the table."""
        return [field.name for field in self.table.schema if field.type == DECISIONS]


class Understanding:
    """The stages of one pack, with one model or none, opened in this process with one thread.

    Opening takes seconds: it is done once for each pack.

    Raises:
        UnknownPack, BrokenPack: the pack cannot be used.
        NotAModel, ModelDamaged, ModelNewer: the model cannot be used.
    """

    def __init__(self, pack: str, *, model: Path | None = None) -> None:
        pa.set_cpu_count(1)
        self.pack = load_pack(pack)
        chosen = plan_stages(tuple(available()), model=use_model(model, {}, pack=self.pack))
        #: Name and version of what makes each facet.
        self.makers = makers_of(chosen)
        self._opened = open_stages(chosen, Context(self.pack, seed=_SEED, threads=1))

    def __call__(self, originals: pa.Table) -> Understood:
        """Return what is understood of `originals` (the columns of `APPEAL`)."""
        table = self._opened.pipeline(originals)
        if VECTORS.name in table.column_names:
            vectors = appeal_vectors(table[VECTORS.name])
        else:
            vectors = np.zeros((len(table), VECTOR_SIZE), np.float16)
        return Understood(self._opened.writable(table), vectors)

    @property
    def labels(self) -> Mapping[str, str]:
        """What stands in a masked text for each type of personal data."""
        return self._opened.masker.labels

    @cached_property
    def territories(self) -> Mapping[str, str]:
        """The path of each territory from the country down ("ru/ru-16/kazan"), by its code."""
        nodes = self.pack.territories
        paths: dict[str, str] = {}

        def path(code: str) -> str:
            if code not in paths:
                parent = nodes[code].parent
                paths[code] = f"{path(parent)}/{code}" if parent in nodes else code
            return paths[code]

        return {code: path(code) for code in nodes}


def originals_table(rows: Sequence[tuple[Received, Original]]) -> pa.Table:
    """Return originals as a table of the columns of `APPEAL`, as intake hands them to a run."""
    return pa.Table.from_pylist([_row(i, *pair) for i, pair in enumerate(rows, 1)], schema=APPEAL)


def _row(number: int, received: Received, original: Original) -> dict[str, Any]:
    return {
        "appeal_id": str(received.appeal_id),
        "source": received.channel,
        "row": number,
        "foreign_id": original.foreign_id,
        "text": original.text,
        "received_at": received.received_at,
        "received_zone": received.received_zone or None,
        "channel": received.channel,
        "declared_language": original.declared_language,
        "declared_territory": original.declared_territory,
        "address": original.address,
        "lat": original.lat,
        "lon": original.lon,
        "age": original.age,
        "sex": original.sex,
        "occupation": original.occupation,
        "author": str(received.person_id),
        "thread": str(received.thread_id),
        "attachments": list(original.attachments.values()) or None,
        "kept": list(original.kept.items()),
    }
