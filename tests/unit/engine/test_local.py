"""The local engine: order, bounded look-ahead, and the end of a worker."""

import os
import signal

import pyarrow as pa
import pytest

from veche.core.errors import WorkerLost
from veche.engine.local import LocalEngine


class Doubling:
    def open(self):
        self.factor = 2

    def __call__(self, number, chunk):
        return number, self.factor * chunk["n"].to_pylist()[0]


class Dying:
    def open(self):
        pass

    def __call__(self, _number, _chunk):
        os.kill(os.getpid(), signal.SIGKILL)


def chunks(n):
    return ((i, pa.table({"n": [i]})) for i in range(n))


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_the_order_of_the_chunks(workers):
    assert list(LocalEngine(workers).map(Doubling(), chunks(7))) == [(i, 2 * i) for i in range(7)]


def test_no_more_chunks_are_read_than_the_workers_can_soon_use():
    taken = []

    def noted():
        for chunk in chunks(50):
            taken.append(chunk[0])
            yield chunk

    results = LocalEngine(2).map(Doubling(), noted())
    next(results)
    assert len(taken) <= 10
    assert len(list(results)) == 49


def test_a_worker_that_is_killed_ends_the_run_with_a_clear_error():
    with pytest.raises(WorkerLost, match="2 worker processes"):
        list(LocalEngine(2).map(Dying(), chunks(3)))
