"""What was noticed while a history was read: told to people, and written into the model's card.

Holds labels, counts and ids of appeals; never a text.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Leak:
    """A sign that the answer is given away: `share` of the labelled appeals have their label in
    the text (`where` "text"), or are told it by a trait alone (`where` is the name of the trait)."""

    where: str
    share: float


@dataclass(frozen=True)
class FacetNotes:
    """What was noticed about the labels of one facet.

    `columns` are those the labels came from, `path` parts their levels within a cell ("" for none),
    `mapped` goes from the `spelling.key` of a label to the code of the pack that stands for it;
    `unlabelled` counts appeals without a label. `spellings` goes from a label to the other spellings that
    were joined with it. `lonely` are labels with one example. `too_long` and `personal` count labels that
    were left out because they look like a text or hold personal data. `contradicted` are ids of appeals
    whose text came with another label more often: suspects. `unmapped` are labels that the pack has
    nothing for.
    """

    columns: tuple[str, ...]
    labelled: int
    unlabelled: int
    spellings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lonely: tuple[str, ...] = ()
    too_long: int = 0
    personal: int = 0
    contradicted: tuple[str, ...] = ()
    leaks: tuple[Leak, ...] = ()
    unmapped: tuple[str, ...] = ()
    path: str = ""
    mapped: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Notes:
    """Where a history came from: counts of rows (`read` = `accepted` + `rejected`, the latter by `reasons`),
    the names of its sources, by source the column that each field was read from (`fields`), the pack, the
    versions of the stages, and what was noticed by facet."""

    read: int = 0
    accepted: int = 0
    rejected: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    fields: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    pack: tuple[str, str] = ("", "")
    stages: Mapping[str, str] = field(default_factory=dict)
    facets: Mapping[str, FacetNotes] = field(default_factory=dict)
