"""The contract of a stage: a pure function from batch to batch that makes findings.

Third parties add stages through the entry-point group `veche.stages`; each entry is a class that is
called without arguments.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import pyarrow as pa

if TYPE_CHECKING:
    from veche.packs.model import Pack


@dataclass(frozen=True)
class Context:
    """What a stage may know beside the batch.

    `pack` holds what the country or city knows; `seed` is the run's; `threads` is how many threads
    a native library may use in this worker; `options` holds options of single stages by
    "stage.option" (for example "masks.thorough": "yes").
    """

    pack: "Pack"
    seed: int = 0
    threads: int = 1
    options: dict[str, str] = field(default_factory=dict)


@runtime_checkable
class Stage(Protocol):
    """A pure function from batch to batch.

    `reads` names the columns that the stage needs and `adds` those that it appends. `fallbacks`
    says, per column of `reads` that the stage can do without, what it does then; where such a column
    is missing the stage is given it as all nulls. A stage that misses any other column is skipped.
    """

    name: str
    version: str
    reads: tuple[pa.Field, ...]
    adds: tuple[pa.Field, ...]
    fallbacks: dict[str, str]

    def open(self, context: Context) -> None:
        """Load models, once per worker."""
        ...

    def __call__(self, batch: pa.Table) -> pa.Table:
        """Return `batch` with the columns of `adds` appended; rows keep their order."""
        ...
