"""Makes the blocks of a large sample in several processes, in order; each block is the same wherever made."""

import gc
import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from veche.packs.loader import load_pack
from veche.packs.model import Pack
from veche.packs.sample.generate import BLOCK, Block, Sample

#: Blocks that this process makes alone while the others start; a sample of fewer is made by it alone.
_ALONE = 8

#: Blocks per worker that may be ahead of the writer: made or being made, and kept in memory.
_AHEAD = 4

#: More processes wait for the one that writes.
_MOST_WORKERS = 8


def generate_together(
    pack: Pack, *, n: int, seed: int, start: date, workers: int | None = None
) -> Iterator[Block]:
    """Yield what `generate` yields, made by `workers` processes, this one among them."""
    wanted = min(workers or os.cpu_count() or 1, _MOST_WORKERS)
    sample = Sample(pack, n=n, seed=seed, start=start)
    blocks = -(-n // BLOCK)
    with _uncollected():
        if wanted < 2 or blocks <= _ALONE:
            yield from map(sample.block, range(blocks))
            return
        with ProcessPoolExecutor(
            wanted - 1,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_open,
            initargs=(pack.path, n, seed, start),
        ) as pool:
            others: dict[int, Future[Block]] = {}
            at = _ALONE
            for block in range(blocks):
                while at < blocks and at <= block + _ALONE + _AHEAD * wanted:
                    if at % wanted:
                        others[at] = pool.submit(_make, at)
                    at += 1
                made = others.pop(block, None)
                yield made.result() if made else sample.block(block)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Look for no garbage meanwhile: rows leave none in circles, and looking takes a fifth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


_samples: list[Sample] = []


def _open(pack: Path, n: int, seed: int, start: date) -> None:
    gc.disable()
    _samples.append(Sample(load_pack(str(pack)), n=n, seed=seed, start=start))


def _make(block: int) -> Block:
    return _samples[0].block(block)
