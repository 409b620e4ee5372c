"""Understands appeals in a process of its own, for those with which a worker was lost or a chunk failed.

If that process dies or does not end, what it was given is what is wrong, and this process lives to say so. If
this process is killed, nothing is said of the appeals.
"""

import multiprocessing
import os
import threading
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait

import pyarrow as pa

from veche.service.inbox.means import Means, opened
from veche.service.inbox.understand import Understood

#: Seconds that a call may take; the longest text takes less than one, two hundred usual ones two, opening a
#: pack some.
MOST_SECONDS = 45.0

CRASHED, SLOW = "stage_crashed", "stage_slow"


class Broken(Exception):
    """An appeal ended the process that tried to understand it; `reason` is the code of how."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Alone:
    """A process that is started when it is needed, and again after it was lost."""

    def __init__(self, *, most_seconds: float = MOST_SECONDS) -> None:
        self._seconds = most_seconds
        self._pool: ProcessPoolExecutor | None = None

    def understand(self, means: Means, originals: pa.Table) -> Understood:
        """Return what is understood of appeals.

        Raises:
            Broken: the process died of it or did not end in time.
        """
        pool = self._pool or self._start()
        future: Future[Understood] = pool.submit(_understand, means, originals)
        try:
            return future.result(self._seconds)
        except BrokenProcessPool:
            self.close()
            raise Broken(CRASHED) from None
        except TimeoutError:
            self.close()
            raise Broken(SLOW) from None

    def close(self) -> None:
        """End the process, whatever it is doing."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        for process in list((pool._processes or {}).values()):
            process.kill()
        pool.shutdown(wait=True, cancel_futures=True)

    def _start(self) -> ProcessPoolExecutor:
        spawn = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(1, mp_context=spawn, initializer=_begin)
        return self._pool


def _begin() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def _understand(means: Means, originals: pa.Table) -> Understood:
    return opened(means)(originals)
