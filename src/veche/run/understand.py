"""The map step of a run: what a worker does with one chunk of appeals.

It runs the stages and writes one part of the work folder, by name and at once, so that a part either
is there whole or is not there; a run that was interrupted goes on with the parts that are missing.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from veche.core.errors import OutputError
from veche.core.ids import keyed_hash
from veche.core.keys import seal
from veche.core.library_words import reason
from veche.engine.stage import Context
from veche.learn.stage import Use
from veche.packs import load_pack
from veche.run.opened import KEYS, Opened, open_stages, plan_stages, replaced
from veche.stages.columns import VECTOR_SIZE, VECTORS


@dataclass(frozen=True)
class Layout:
    """Where the parts of a run lie in its work folder."""

    work: Path

    def part(self, number: int) -> Path:
        """The columns of chunk `number`."""
        return self.work / "map" / f"part-{number:05}.parquet"

    def vectors(self, number: int) -> Path:
        """The sentence vectors of chunk `number`, float16 [rows, size]."""
        return self.work / "vectors" / f"part-{number:05}.npy"

    def originals(self, number: int) -> Path:
        """The sealed originals of chunk `number`."""
        return self.work / "originals" / f"part-{number:05}.parquet"

    def done(self, number: int) -> Path:
        """The mark that chunk `number` is finished, with its figures."""
        return self.work / "done" / f"part-{number:05}.json"


def chunk_digest(chunk: pa.Table) -> str:
    """Return a digest of a chunk's ids, which name the bytes of the sources and the rows."""
    ids = "".join(chunk["appeal_id"].to_pylist())
    return hashlib.blake2b(ids.encode(), digest_size=16).hexdigest()


def is_done(layout: Layout, number: int, digest: str) -> bool:
    """Return whether the work folder holds the finished part of this very chunk."""
    try:
        return json.loads(layout.done(number).read_text())["digest"] == digest
    except (OSError, ValueError, KeyError):
        return False


@dataclass
class Understand:
    """Runs the stages over a chunk and writes its part. Opened once per worker."""

    layout: Layout
    pack: str
    stages: tuple[str, ...]
    skip: tuple[str, ...]
    seed: int
    threads: int
    options: dict[str, str]
    author_key: bytes
    originals_key: bytes | None
    model: Use | None = None
    _opened: Opened | None = field(default=None, repr=False)

    def open(self) -> None:
        """Load the pack and open the stages."""
        pa.set_cpu_count(self.threads)
        chosen = plan_stages(self.stages, model=self.model, skip=self.skip)
        context = Context(load_pack(self.pack), seed=self.seed, threads=self.threads, options=self.options)
        self._opened = open_stages(chosen, context)

    def __call__(self, number: int, chunk: pa.Table) -> int:
        """Understand `chunk`, write its part, and return how many appeals it held."""
        assert self._opened is not None
        pipeline = self._opened.pipeline
        pipeline.seconds.clear()
        table = pipeline(chunk)
        layout = self.layout
        if self.originals_key is not None:
            write_whole(layout.originals(number), _parquet(_sealed(chunk, self.originals_key)))
        if VECTORS.name in table.column_names:
            write_whole(layout.vectors(number), _numpy(appeal_vectors(table[VECTORS.name])))
        write_whole(layout.part(number), _parquet(self._written(table, self._opened)))
        mark = {"digest": chunk_digest(chunk), "rows": len(chunk), "seconds": pipeline.seconds}
        write_whole(layout.done(number), lambda path: path.write_text(json.dumps(mark)))
        return len(chunk)

    def _written(self, table: pa.Table, opened: Opened) -> pa.Table:
        """Return the columns that may be written: masked, pseudonymous, without the in-memory ones."""
        for name in KEYS:
            hashes = [None if v is None else keyed_hash(self.author_key, v) for v in table[name].to_pylist()]
            table = replaced(table, name, pa.array(hashes, pa.string()))
        return opened.writable(table)


def appeal_vectors(column: pa.ChunkedArray) -> np.ndarray:
    """Return the vector of each appeal as a whole: float16 [rows, size], zeros where there is none."""
    array = column.combine_chunks()
    lengths = pc.fill_null(pc.list_value_length(array), 0).to_numpy(zero_copy_only=False)
    starts = np.cumsum(lengths) - lengths
    rows = np.flatnonzero(lengths)
    flat = array.flatten().flatten().to_numpy(zero_copy_only=False).reshape(-1, VECTOR_SIZE)
    out = np.zeros((len(array), VECTOR_SIZE), np.float16)
    out[rows] = flat[starts[rows]]
    return out


def _sealed(chunk: pa.Table, key: bytes) -> pa.Table:
    ids = chunk["appeal_id"].to_pylist()
    sealed = [seal(key, i, t) for i, t in zip(ids, chunk["text"].to_pylist(), strict=True)]
    return pa.table({"appeal_id": pa.array(ids, pa.string()), "sealed_text": pa.array(sealed, pa.binary())})


def _parquet(table: pa.Table) -> Callable[[Path], object]:
    return lambda path: pq.write_table(table, path, compression="zstd")


def _numpy(array: np.ndarray) -> Callable[[Path], object]:
    def save(path: Path) -> None:
        with path.open("wb") as f:
            np.save(f, array, allow_pickle=False)

    return save


def write_whole(path: Path, save: Callable[[Path], object]) -> None:
    """Write a file so that it appears under its name only when it is whole.

    Raises:
        OutputError: the disk is full, or the folder cannot be written.
    """
    begun = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        save(begun)
        begun.replace(path)
    except OSError as error:
        begun.unlink(missing_ok=True)
        raise OutputError(path=path, reason=reason(error)) from None
