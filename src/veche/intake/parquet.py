"""Reads Parquet with Arrow, one batch at a time."""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from veche.core.errors import HeaderTooWide, SourceDamaged, SourceEmpty
from veche.intake.columns import unique_names
from veche.intake.model import CHUNK_ROWS, MAX_COLUMNS, Chunk
from veche.intake.opened import Opened


def read_parquet(source: Opened) -> Iterator[Chunk]:
    """Yield the rows of a Parquet file. Raises `SourceEmpty`, `SourceDamaged`, `HeaderTooWide`."""
    name, row = source.report.name, 1
    try:
        with pq.ParquetFile(source.seekable(), pre_buffer=False) as file:
            total = file.metadata.num_rows
            if not total:
                raise SourceEmpty(source=name)
            if len(file.schema_arrow) > MAX_COLUMNS:
                raise HeaderTooWide(source=name, columns=len(file.schema_arrow), limit=MAX_COLUMNS)
            names = unique_names(file.schema_arrow.names)
            for batch in file.iter_batches(CHUNK_ROWS, use_threads=False):
                table = pa.Table.from_arrays(batch.columns, names=names)
                yield Chunk(row, len(table), list(range(row, row + len(table))), table)
                row += len(table)
                source.share = (row - 1) / total
    except (pa.ArrowException, OSError, ValueError, UnicodeDecodeError) as e:
        raise SourceDamaged(source=name, row=row) from e
