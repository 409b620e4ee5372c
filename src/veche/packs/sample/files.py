"""Writes sample appeals as JSON Lines, CSV or Parquet, and their truth as Parquet."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import Protocol

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow.csv import CSVWriter

from veche.core.errors import OutputError, UsageError
from veche.core.i18n import _
from veche.core.library_words import reason
from veche.packs.model import Pack
from veche.packs.sample.generate import APPEALS, TRUTH
from veche.packs.sample.together import generate_together

#: What an authority's history says of an appeal, by the names that the truth has for it.
DECIDED = ("topic", "body", "kind", "topics")

#: The first day of a sample that is not told otherwise; a Monday.
START = date(2025, 11, 3)


class _Writer(Protocol):
    def write_table(self, table: pa.Table) -> None: ...


class _JsonLines:
    def __init__(self, file: pa.NativeFile) -> None:
        self._file = file

    def write_table(self, table: pa.Table) -> None:
        told = _told(table)
        names = told.column_names
        rows = zip(*(column.to_pylist() for column in told.columns), strict=True)
        lines = [
            orjson.dumps({name: value for name, value in zip(names, row, strict=True) if value is not None})
            for row in rows
        ]
        self._file.write(b"\n".join(lines) + b"\n")


class _Csv:
    def __init__(self, writer: CSVWriter) -> None:
        self._writer = writer

    def write_table(self, table: pa.Table) -> None:
        self._writer.write_table(_told(table))


def write_sample(
    pack: Pack,
    *,
    n: int,
    seed: int,
    out: Path,
    truth: Path | None = None,
    start: date = START,
    decided: bool = False,
    replace: bool = False,
    workers: int | None = None,
) -> int:
    """Write `n` sample appeals to `out` (.jsonl, .csv or .parquet) and their truth to `truth` (.parquet).

    With `decided` the appeals have what was decided of them beside them (`DECIDED`), as an authority's own
    history has.
    Of all appeals only pairs of the same author are kept in memory, as a few numbers each. A large sample is
    made by `workers` processes, by default one for each processor; the bytes are the same. Returns how many
    appeals were written.

    Raises:
        UsageError: `out` or `truth` has another ending, no folder to lie in, or is there already (unless
            `replace`); `n` is below 1, `seed` below 0.
        PackError: the pack has no material for sample appeals.
        OutputError: a file cannot be written.
    """
    if n < 1:
        raise UsageError(problem=_("A sample has at least one appeal."))
    if seed < 0:
        raise UsageError(problem=_("A seed is not below 0."))
    _check_endings(out, truth)
    _check_places(out, truth, replace=replace)
    with ExitStack() as stack:
        try:
            shape = _decided(APPEALS.empty_table(), TRUTH.empty_table()).schema if decided else APPEALS
            appeals = stack.enter_context(_open(out, shape))
            known = stack.enter_context(_open(truth, TRUTH)) if truth else None
            for block in generate_together(pack, n=n, seed=seed, start=start, workers=workers):
                appeals.write_table(_decided(block.appeals, block.truth) if decided else block.appeals)
                if known:
                    known.write_table(block.truth)
        except OSError as error:
            raise OutputError(path=error.filename or out, reason=reason(error)) from error
    return n


def _decided(appeals: pa.Table, truth: pa.Table) -> pa.Table:
    """Return the appeals with the columns `DECIDED`; several topics are parted by a semicolon."""
    for name in DECIDED:
        column = truth[name]
        several = pa.types.is_list(column.type)
        appeals = appeals.append_column(name, pc.binary_join(column, ";") if several else column)
    return appeals


def _check_endings(out: Path, truth: Path | None) -> None:
    if out.suffix not in (".jsonl", ".csv", ".parquet"):
        problem = _("{path}: the name must end in .jsonl, .csv or .parquet.")
        raise UsageError(problem=problem.format(path=out))
    if truth is not None and truth.suffix != ".parquet":
        raise UsageError(problem=_("{path}: the name must end in .parquet.").format(path=truth))


def _check_places(out: Path, truth: Path | None, *, replace: bool) -> None:
    """Refuse what cannot be written, or would be written over its own truth or over a file."""
    if truth is not None and truth.resolve() == out.resolve():
        raise UsageError(problem=_("{path}: appeals and truth need a file each.").format(path=out))
    for path in (out, truth):
        if path is None:
            continue
        if not path.parent.is_dir():
            raise UsageError(problem=_("There is no folder {path}; make it first.").format(path=path.parent))
        if not os.access(path.parent, os.W_OK):
            problem = _("The folder {path} may not be written to; name another one.")
            raise UsageError(problem=problem.format(path=path.parent))
        if path.exists() and not replace:
            problem = _("{path} is there already; name another file, or add --replace to write over it.")
            raise UsageError(problem=problem.format(path=path))


@contextmanager
def _open(path: Path, schema: pa.Schema) -> Iterator[_Writer]:
    if path.suffix == ".parquet":
        with pq.ParquetWriter(path, schema, compression="zstd") as writer:
            yield writer
    elif path.suffix == ".csv":
        with CSVWriter(path, _told(schema.empty_table()).schema) as writer:
            yield _Csv(writer)
    else:
        with pa.OSFile(str(path), "wb") as file:
            yield _JsonLines(file)


def _told(table: pa.Table) -> pa.Table:
    """Return the table with its moments as texts in ISO 8601."""
    at = table.schema.get_field_index("received_at")
    seconds = table.column(at).cast(pa.timestamp("s", "UTC"))
    column = pc.call_function("strftime", [seconds], pc.StrftimeOptions("%Y-%m-%dT%H:%M:%SZ"))
    return table.set_column(at, "received_at", column)
