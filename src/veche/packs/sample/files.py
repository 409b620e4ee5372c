"""Writes sample appeals as JSON Lines, CSV or Parquet, and their truth as Parquet."""

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
from veche.packs.sample.generate import APPEALS, TRUTH, generate

#: The first day of a sample that is not told otherwise; a Monday.
START = date(2025, 11, 3)


class _Writer(Protocol):
    def write_table(self, table: pa.Table) -> None: ...


class _JsonLines:
    def __init__(self, file: pa.NativeFile) -> None:
        self._file = file

    def write_table(self, table: pa.Table) -> None:
        rows = _told(table).to_pylist()
        lines = (orjson.dumps({k: v for k, v in row.items() if v is not None}) for row in rows)
        self._file.write(b"\n".join(lines) + b"\n")


class _Csv:
    def __init__(self, writer: CSVWriter) -> None:
        self._writer = writer

    def write_table(self, table: pa.Table) -> None:
        self._writer.write_table(_told(table))


def write_sample(
    pack: Pack, *, n: int, seed: int, out: Path, truth: Path | None = None, start: date = START
) -> int:
    """Write `n` sample appeals to `out` (.jsonl, .csv or .parquet) and their truth to `truth` (.parquet).

    Memory does not grow with `n`. Returns how many were written.

    Raises:
        UsageError: `out` or `truth` has another ending, or `n` is below 1.
        PackError: the pack has no material for sample appeals.
        OutputError: a file cannot be written.
    """
    if n < 1:
        raise UsageError(problem=_("A sample has at least one appeal."))
    _check_endings(out, truth)
    with ExitStack() as stack:
        try:
            appeals = stack.enter_context(_open(out, APPEALS))
            known = stack.enter_context(_open(truth, TRUTH)) if truth else None
            for block in generate(pack, n=n, seed=seed, start=start):
                appeals.write_table(block.appeals)
                if known:
                    known.write_table(block.truth)
        except OSError as error:
            raise OutputError(path=error.filename or out, reason=reason(error)) from error
    return n


def _check_endings(out: Path, truth: Path | None) -> None:
    if out.suffix not in (".jsonl", ".csv", ".parquet"):
        problem = _("{path}: the name must end in .jsonl, .csv or .parquet.")
        raise UsageError(problem=problem.format(path=out))
    if truth is not None and truth.suffix != ".parquet":
        raise UsageError(problem=_("{path}: the name must end in .parquet.").format(path=truth))


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
