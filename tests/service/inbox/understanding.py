"""What the tests of understanding share: packs that are open, workers in this and in others."""

import os
import subprocess
import sys

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


def opened(pack):
    """The stages of a pack, which workers of this process use too."""
    from veche.service.inbox.means import Means
    from veche.service.inbox.means import opened as of

    return of(Means(pack))


def worker_here(url):
    """Return a worker of this process."""
    from veche.service.inbox.loop import Worker

    return Worker(url, hold_seconds=1)


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
