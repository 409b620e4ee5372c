"""What a learner is shown: appeals with what people decided about them.

Texts are masked before they come here, so nothing a model learns can name a person.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
from scipy import sparse

from veche.learn.notes import Notes

#: What else is known of an appeal; each a string column of `Inputs.traits`, null where unknown.
#: `age` holds one of `core.appeal.AGE_GROUPS`, `territory` a code of the pack.
TRAITS = ("language", "territory", "channel", "age", "sex")


@dataclass(frozen=True)
class Inputs:
    """Appeals as a model sees them, n rows.

    `texts`: masked texts, string [n], never null. `vectors`: unit sentence vectors, float32 [n, 512], zeros
    where an appeal has none. `traits`: a string column [n] for each of `TRAITS`. `circumstances`: a string
    column [n] for those of `veche.learn.circumstances` that are known of any.
    """

    texts: pa.Array
    vectors: np.ndarray
    traits: Mapping[str, pa.Array]
    circumstances: Mapping[str, pa.Array] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.texts)

    def take(self, rows: np.ndarray) -> "Inputs":
        """Return the appeals of `rows` (int64), in that order."""
        at = pa.array(rows)
        return Inputs(
            self.texts.take(at),
            self.vectors[rows],
            {name: c.take(at) for name, c in self.traits.items()},
            {name: c.take(at) for name, c in self.circumstances.items()},
        )


@dataclass(frozen=True)
class LabelSet:
    """The c values that a facet can take.

    `names` are what is written into findings: codes of the pack where labels were mapped to it, else the
    authority's own words in their usual spelling. `titles` are for people, and a learner may read them;
    "" where there is none beyond the name. `groups` says under which group each label lies (int64 [c], -1
    for none), as numbers of `group_names`. `multi`: an appeal may have several labels, or none.
    """

    names: tuple[str, ...]
    titles: tuple[str, ...]
    groups: np.ndarray
    group_names: tuple[str, ...]
    multi: bool

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True)
class Labels:
    """What people decided for one facet: `given` is boolean CSR [n, c]; a row that nobody labelled is not
    in `known` (bool [n]). In a facet that is not multi each known row holds one label."""

    set: LabelSet
    given: sparse.csr_matrix
    known: np.ndarray

    def take(self, rows: np.ndarray) -> "Labels":
        """Return the labels of `rows`, with the same label set."""
        return Labels(self.set, self.given[rows], self.known[rows])

    def single(self) -> np.ndarray:
        """Return the number of each row's label, -1 where none is known (int64 [n]); not for multi."""
        out = np.full(len(self.known), -1, np.int64)
        rows, columns = self.given.nonzero()
        out[rows] = columns
        return out


@dataclass(frozen=True)
class Examples:
    """A labelled history, n appeals in the order in which they were read.

    `received`: datetime64[s] [n], NaT where unknown. `copies`: int64 [n], rows with one number say the same
    and never stand on both sides of a split. `ids`: appeal ids, string [n].
    """

    inputs: Inputs
    labels: Mapping[str, Labels]
    ids: pa.Array
    received: np.ndarray
    copies: np.ndarray
    notes: Notes = field(default_factory=Notes)

    def __len__(self) -> int:
        return len(self.inputs)

    def take(self, rows: np.ndarray) -> "Examples":
        """Return the appeals of `rows` (int64), in that order, with the same label sets."""
        return replace(
            self,
            inputs=self.inputs.take(rows),
            labels={name: labels.take(rows) for name, labels in self.labels.items()},
            ids=self.ids.take(pa.array(rows)),
            received=self.received[rows],
            copies=self.copies[rows],
        )
