"""A sheet for a person to fill: the appeals whose labels would teach a model most, with what it thinks.

The sheet is one that `veche.run.teaching` reads back.
"""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow as pa
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from veche.core.errors import NothingToAsk, OutputError
from veche.core.library_words import reason
from veche.intake import Intake
from veche.learn.ask import ask
from veche.learn.examples import Inputs
from veche.learn.labels import nodes_of
from veche.learn.model import Model
from veche.packs.model import Pack
from veche.packs.text import in_language
from veche.run.again import held_by, is_run, seen_again, understood
from veche.run.rejects import defused
from veche.run.sheet import FACET, FOREIGN, ID, TEXT, VALUE, headers, suggestion
from veche.stages.masks import Masker, mask_strings

#: Labels that are suggested.
_SUGGESTED = 3

#: Appeals that are looked at; of more, so many drawn by lot (of files, the first).
MOST_LOOKED_AT = 5_000

_WIDTHS = {ID: 12, FOREIGN: 16, TEXT: 90, FACET: 12, VALUE: 30}


def write_questions(
    model: Model, source: Sequence[str], out: Path, *, n: int, pack: Pack, language: str, seed: int
) -> int:
    """Write a sheet (.xlsx, else CSV) with the `n` appeals of a run's folder, or of files, that would teach
    `model` most: a row for each facet, with the first labels and an empty `value`. Return how many appeals.

    Raises:
        NothingToAsk: there is no appeal.
        OutputError: the sheet cannot be written.
        NoInput, NothingReadable ...: as the intake.
    """
    ids, foreign, inputs = _looked_at(source, pack=pack, seed=seed)
    rows = ask(list(model.facets.values()), inputs, n=n)
    chosen = inputs.take(rows)
    named = headers()
    theirs = [named[FOREIGN]] if any(foreign) else []
    suggestions = [suggestion(i + 1) for i in range(_SUGGESTED)]
    header = [named[ID], *theirs, named[TEXT], named[FACET], *suggestions, named[VALUE]]
    suggested = {facet: _suggestions(model, facet, chosen, pack, language) for facet in model.facets}
    texts = chosen.texts.to_pylist()
    lines = [
        [ids[row], *([foreign[row] or ""] if theirs else []), texts[i], facet, *said[i], ""]
        for i, row in enumerate(rows.tolist())
        for facet, said in suggested.items()
    ]
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        (_write_sheet if out.suffix.lower() == ".xlsx" else _write_csv)(out, header, lines)
    except OSError as error:
        raise OutputError(path=out, reason=reason(error)) from None
    return len(rows)


def _looked_at(source: Sequence[str], *, pack: Pack, seed: int) -> tuple[list[str], list[str | None], Inputs]:
    """Return appeals with their own ids and those that people gave them."""
    if len(source) == 1 and is_run(Path(source[0])):
        held = held_by(Path(source[0]), most=MOST_LOOKED_AT, seed=seed)
        foreign = [row.get("foreign_id") for row in held.values()]
        return list(held), foreign, seen_again([""] * len(held), held=list(held.values()), pack=pack)
    intake = Intake(source, timezone=pack.timezone, limit=MOST_LOOKED_AT)
    tables = list(intake)
    if not tables:
        raise NothingToAsk(source=", ".join(Path(name).name for name in source))
    appeals = pa.concat_tables(tables)
    foreign = mask_strings(appeals["foreign_id"], Masker(pack)).to_pylist()
    return appeals["appeal_id"].to_pylist(), foreign, understood(appeals, pack=pack)


def _suggestions(model: Model, facet: str, inputs: Inputs, pack: Pack, language: str) -> list[list[str]]:
    """Return the first labels of each appeal, in words where the pack or the model has some."""
    one, nodes = model.facets[facet], nodes_of(pack, facet)
    titles = [
        in_language(nodes[name].title, language, *pack.languages) if name in nodes else title or name
        for name, title in zip(one.labels.names, one.labels.titles, strict=True)
    ]
    chances = one.chances(inputs)
    best = np.argsort(-chances, axis=1, kind="stable")[:, :_SUGGESTED]
    blank = [""] * (_SUGGESTED - best.shape[1])
    return [[*(titles[i] for i in row), *blank] for row in best.tolist()]


def _write_sheet(out: Path, header: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    own = {title: name for name, title in headers().items()}
    for number, title in enumerate(header):
        sheet.column_dimensions[chr(ord("A") + number)].width = _WIDTHS.get(own.get(title, ""), 24)
    for line in [header, *lines]:
        cells = [WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub(" ", text)) for text in line]
        for cell in cells:
            cell.data_type = "s"  # what begins with = is no formula
        sheet.append(cells)
    book.save(out)


def _write_csv(out: Path, header: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    with out.open("w", newline="", encoding="utf-8-sig") as f:
        csv.writer(f).writerows([header, *([defused(cell) for cell in line] for line in lines)])
