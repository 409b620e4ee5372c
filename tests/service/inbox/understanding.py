"""What the tests of understanding share: packs opened once in this process, workers in this and in others."""

import os
import subprocess
import sys
from functools import cache

#: A worker that holds a claim for a second only, so that a test need not wait a minute for a dead one's.
WORKER = """
import signal, django
django.setup()
from veche.service.inbox.loop import Worker
from veche.service.settings import ENV
if __name__ == "__main__":
    worker = Worker(ENV.database_url, hold_seconds=1)
    signal.signal(signal.SIGTERM, worker.stop)
    worker.run()
"""


@cache
def opened(pack):
    """The stages of a pack; opening them takes seconds."""
    from veche.service.inbox.understand import Understanding

    return Understanding(pack)


def worker_here(url):
    """Return a worker of this process that shares its opened packs."""
    from veche.service.inbox.loop import Worker

    worker = Worker(url, hold_seconds=1)
    worker._understanding = opened
    return worker


def drain(worker):
    """Let a worker of this process do all that waits."""
    done = 0
    while step := worker.step():
        done += step
    return done


def start_worker(url, *, path=()):
    """Start a worker in a process of its own."""
    places = os.pathsep.join([*map(str, path), *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.Popen(
        [sys.executable, "-c", WORKER],
        env={**os.environ, "VECHE_DATABASE_URL": url, "PYTHONPATH": places},
        stderr=subprocess.DEVNULL,
    )
