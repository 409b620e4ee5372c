"""A sheet of people's corrections becomes examples; rows that cannot be followed are told with reasons.

A row names an appeal, by its id in a run, by the id that people gave it or by its text, a facet, and what is
right (`value`). Rows without a value are passed over: a sheet need not be filled to its end.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
from scipy import sparse

from veche.core.errors import EmptyText, NoCorrections
from veche.core.i18n import _
from veche.intake import Intake, Reject
from veche.intake.headers import FIELDS
from veche.learn.copies import same_text
from veche.learn.corrections import widened
from veche.learn.examples import Examples, Labels, LabelSet
from veche.learn.labels import nodes_of
from veche.learn.model import Model
from veche.learn.notes import Notes
from veche.learn.spelling import LONGEST_LABEL, key, several, tidy
from veche.packs.model import Pack
from veche.run.again import Held, called, held_by, seen_again
from veche.run.personal import are_personal
from veche.run.sheet import FACET, FOREIGN, ID, TEXT, VALUE, columns_of
from veche.stages.masks import Masker


@dataclass(frozen=True)
class Refused:
    """A row of a source (from 1; 0 for the whole) that was not taken, and why; quotes no text."""

    source: str
    row: int
    reason: str


@dataclass(frozen=True)
class Corrections:
    """What a sheet says: `examples` to learn, `taken` rows, `refused` rows, and the labels that are `new` to
    the model, by facet."""

    examples: Examples
    taken: int
    refused: tuple[Refused, ...]
    new: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class _Row:
    source: str
    row: int
    appeal: str
    text: str
    facet: str
    values: tuple[str, ...]


def read_corrections(inputs: Sequence[str], *, model: Model, pack: Pack, run: Path | None) -> Corrections:
    """Read corrections of what `model` decided; `run` is the folder of the run that their ids belong to.

    Raises:
        MissingColumn: there is no column `value`.
        NoRun: `run` holds no appeals.
        NoCorrections: no row can be learnt from.
    """
    refused: list[Refused] = []
    rows = list(_rows(inputs, model=model, pack=pack, refused=refused))
    known = held_by(run, ids={row.appeal for row in rows}) if run else None
    rows = _found(rows, known, refused)
    appeals = list(dict.fromkeys(row.appeal or row.text for row in rows))
    held = [(known or {}).get(appeal, {}) for appeal in appeals]
    read = seen_again(appeals, held=held, pack=pack) if appeals else None
    if read is not None:
        copies = same_text(read.texts)
        rows = _agreeing(rows, {appeal: int(copies[i]) for i, appeal in enumerate(appeals)}, model, refused)
    if read is None or not rows:
        raise NoCorrections(refused=len(refused), reason=refused[0].reason if refused else _("it is empty"))
    labels, new = _labels(rows, appeals, model)
    examples = Examples(
        inputs=read,
        labels=labels,
        ids=pa.array(appeals, pa.string()),
        received=np.full(len(appeals), np.datetime64("NaT", "s")),
        copies=same_text(read.texts),
        notes=Notes(read=len(rows) + len(refused), accepted=len(rows), rejected=len(refused)),
    )
    refused.sort(key=lambda one: (one.source, one.row))
    return Corrections(examples, len(rows), tuple(refused), new)


def _rows(inputs: Sequence[str], *, model: Model, pack: Pack, refused: list[Refused]) -> Iterable[_Row]:
    """Yield the rows that are filled, with their labels as the model spells them."""
    blank = EmptyText().code

    def reject(reject: Reject) -> None:
        if reject.code != blank:
            refused.append(Refused(Path(reject.source).name, reject.row, reject.message))

    spelt = {facet: _spellings(one.labels, facet, pack) for facet, one in model.facets.items()}
    masker = Masker(pack)
    only = next(iter(model.facets)) if len(model.facets) == 1 else ""
    for table, named_so in _tables(inputs, pack=pack, on_reject=reject):
        values = table["text"].to_pylist()
        hidden = are_personal(values, masker=masker).tolist()
        cells_of = (dict(pairs or ()) for pairs in table["kept"].to_pylist())
        kept = [{own: cells.get(name) for own, name in named_so.items()} for cells in cells_of]
        places = zip(table["source"].to_pylist(), table["row"].to_pylist(), strict=True)
        for (source, row), cells, value, personal in zip(places, kept, values, hidden, strict=True):
            facet = (cells[FACET] or only).strip()
            reason = _wrong(facet, value, is_personal=personal, model=model)
            if reason:
                refused.append(Refused(Path(source).name, row, reason))
                continue
            multi = model.facets[facet].labels.multi
            labels = several(value) if multi else [tidy(value)]
            named = tuple(spelt[facet].get(key(label), label) for label in labels)
            appeal = (cells[ID] or cells[FOREIGN] or "").strip()
            text = (cells[TEXT] or "").strip()
            yield _Row(Path(source).name, row, appeal, text, facet, named)


def _tables(
    inputs: Sequence[str], *, pack: Pack, on_reject: Callable[[Reject], None]
) -> Iterator[tuple[pa.Table, dict[str, str]]]:
    """Yield the rows of each sheet, and what its columns are called."""
    for sheet in inputs:
        names = columns_of(
            next((names for _name, names in Intake([sheet], timezone=pack.timezone).headers()), [])
        )
        # The value stands in for the text: a row without one is blank to the reader.
        intake = Intake(
            [sheet],
            mapping=dict.fromkeys(FIELDS, "") | {"text": names[VALUE]},
            timezone=pack.timezone,
            reserved=tuple(names.values()),
            keep_columns=(),
            on_reject=on_reject,
        )
        for table in intake:
            yield table, names


def _wrong(facet: str, value: str, *, is_personal: bool, model: Model) -> str:
    """Return why a row cannot be followed, "" where it can."""
    if facet not in model.facets:
        known = ", ".join(model.facets)
        return _("the model has no facet “{facet}”; it has {known}").format(facet=facet, known=known)
    if len(value) > LONGEST_LABEL:
        return _("the value is as long as a text")
    return _("the value names a person, or holds a number or address of one") if is_personal else ""


def _spellings(labels: LabelSet, facet: str, pack: Pack) -> dict[str, str]:
    """Return the label for the `spelling.key` of each way to write it: as code, as title, of the pack too."""
    found: dict[str, str] = {}
    of_pack = not nodes_of(pack, facet).keys().isdisjoint(labels.names)
    for code, node in nodes_of(pack, facet).items():
        if of_pack:
            found |= {key(title): code for title in node.title.values()} | {key(code): code}
    found |= {key(title): name for name, title in zip(labels.names, labels.titles, strict=True) if title}
    return found | {key(name): name for name in labels.names}


def _found(rows: Sequence[_Row], known: Mapping[str, Held] | None, refused: list[Refused]) -> list[_Row]:
    """Return the rows whose appeal is known, by an id in the run or by its text."""
    kept = []
    for row in rows:
        meant = called(known, row.appeal) if known else []
        if len(meant) == 1:
            kept.append(replace(row, appeal=meant[0]))
        elif row.text:
            kept.append(replace(row, appeal=""))
        elif known is None and row.appeal:
            refused.append(Refused(row.source, row.row, _("it has no text, and no run was named for its id")))
        elif meant:
            refused.append(Refused(row.source, row.row, _("several appeals of the run have this id")))
        elif row.appeal:
            refused.append(Refused(row.source, row.row, _("the run has no appeal of this id")))
        else:
            refused.append(Refused(row.source, row.row, _("it has neither an id nor a text")))
    return kept


def _agreeing(
    rows: Sequence[_Row], text_of: Mapping[str, int], model: Model, refused: list[Refused]
) -> list[_Row]:
    """Return the rows of appeals about whose facet all rows with the same text say the same."""
    said: dict[tuple[int, str], set[tuple[str, ...]]] = {}
    for row in rows:
        if not model.facets[row.facet].labels.multi:
            said.setdefault((text_of[row.appeal or row.text], row.facet), set()).add(row.values)
    kept = []
    for row in rows:
        if len(said.get((text_of[row.appeal or row.text], row.facet), ())) > 1:
            reason = _("other rows say otherwise of the same text")
            refused.append(Refused(row.source, row.row, reason))
        else:
            kept.append(row)
    return kept


def _labels(
    rows: Sequence[_Row], appeals: Sequence[str], model: Model
) -> tuple[dict[str, Labels], dict[str, tuple[str, ...]]]:
    """Return the labels of each facet that has rows, and the names that are new to it."""
    at = {appeal: i for i, appeal in enumerate(appeals)}
    labels: dict[str, Labels] = {}
    new: dict[str, tuple[str, ...]] = {}
    for facet in dict.fromkeys(row.facet for row in rows):
        own = [row for row in rows if row.facet == facet]
        old = model.facets[facet].labels
        names = widened(old, [value for row in own for value in row.values])
        column = {name: i for i, name in enumerate(names.names)}
        given = sparse.lil_matrix((len(appeals), len(names)), dtype=bool)
        known = np.zeros(len(appeals), bool)
        for row in own:
            known[at[row.appeal or row.text]] = True
            for value in row.values:
                given[at[row.appeal or row.text], column[value]] = True
        labels[facet] = Labels(names, sparse.csr_matrix(given), known)
        if len(names) > len(old):
            new[facet] = names.names[len(old) :]
    return labels, new
