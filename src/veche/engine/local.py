"""The engines that run work over chunks: here, the one that uses the processes of this machine.

An engine only spreads chunks and brings back what the work returns, in the order of the chunks; what
the work does, and that it gives the same bytes anywhere, is the work's affair.
"""

import itertools
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from typing import Any, Protocol

import pyarrow as pa

from veche.core.errors import WorkerLost
from veche.core.i18n import language, set_language

#: Chunks that wait in the queue per worker: enough to keep it busy, few enough to bound memory.
_AHEAD = 2


class Work(Protocol):
    """What is done to each chunk. It is sent to the workers, so it must be picklable."""

    def open(self) -> None:
        """Load what the work needs, once per worker."""
        ...

    def __call__(self, number: int, chunk: pa.Table) -> Any:
        """Do the work on chunk `number` and return something small and picklable."""
        ...


class Engine(Protocol):
    """Spreads work over chunks."""

    def map(self, work: Work, chunks: Iterable[tuple[int, pa.Table]]) -> Iterator[Any]:
        """Yield what `work` returns for each chunk, in the order of the chunks."""
        ...


class LocalEngine:
    """Runs the work in `workers` processes of this machine, or in this process where it is 1."""

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def map(self, work: Work, chunks: Iterable[tuple[int, pa.Table]]) -> Iterator[Any]:
        """Yield what `work` returns for each chunk, in the order of the chunks.

        Raises:
            WorkerLost: a worker process ended by itself (killed, or out of memory).
        """
        chunks = iter(chunks)
        first = next(chunks, None)
        if first is None:  # nothing to do, so nothing to load
            return
        chunks = itertools.chain([first], chunks)
        if self.workers == 1:
            work.open()
            for number, chunk in chunks:
                yield work(number, chunk)
            return
        pool = ProcessPoolExecutor(
            self.workers,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_begin,
            initargs=(work, language()),
        )
        pending: deque[Future[Any]] = deque()
        try:
            for number, chunk in chunks:
                pending.append(pool.submit(_do, number, chunk))
                while len(pending) >= self.workers * _AHEAD or (pending and pending[0].done()):
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        except BrokenProcessPool:
            raise WorkerLost(workers=self.workers) from None
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


_work: Work | None = None


def _begin(work: Work, language: str) -> None:
    """Set up a worker: leave Ctrl-C to the parent and end when the parent ends, even by kill -9."""
    global _work
    set_language(language)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None
    threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    work.open()
    _work = work


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def _do(number: int, chunk: pa.Table) -> Any:
    assert _work is not None
    return _work(number, chunk)
