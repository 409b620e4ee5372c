"""Matrix work cut into fixed blocks of rows and spread over threads.

The blocks, and the order in which their results are joined, do not depend on the number of threads,
and each block runs on one BLAS thread: so the same input gives the same bits on one core or many.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from threadpoolctl import threadpool_limits

#: Rows of a block: 2,048 rows against 2,048 centroids make 16 MB of similarities.
BLOCK_ROWS = 2048

Result = TypeVar("Result")


class Blocks:
    """Runs a function over blocks of rows, `threads` at a time, results in the order of the blocks."""

    def __init__(self, pool: ThreadPoolExecutor, threads: int) -> None:
        self._pool = pool
        self._ahead = 2 * threads

    def map(self, work: Callable[[slice], Result], n_rows: int) -> Iterator[Result]:
        """Yield `work(rows)` for every block of `n_rows` rows; few results are held at once."""
        blocks = [slice(at, min(at + BLOCK_ROWS, n_rows)) for at in range(0, n_rows, BLOCK_ROWS)]
        waiting = [self._pool.submit(work, rows) for rows in blocks[: self._ahead]]
        for rows in blocks[self._ahead :]:
            yield waiting.pop(0).result()
            waiting.append(self._pool.submit(work, rows))
        for future in waiting:
            yield future.result()


@contextmanager
def blocks(threads: int) -> Iterator[Blocks]:
    """Open a pool of `threads` threads; BLAS itself uses one thread per block meanwhile."""
    with threadpool_limits(1), ThreadPoolExecutor(max(1, threads)) as pool:
        yield Blocks(pool, max(1, threads))
