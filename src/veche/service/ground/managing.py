"""`veche manage`: runs one of Django's commands on a service, whether it runs or not."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from veche.core.errors import AlreadyRunning
from veche.service.ground.database import Urls
from veche.service.ground.opened import Ground, open_existing
from veche.service.ground.supervisor import Lock


def manage(path: Path, arguments: Sequence[str]) -> int:
    """Run a command as the owner of the tables, in the terminal of whoever asked; return its status.

    Raises:
        ServiceError: one of its kinds says what stands in the way.
    """
    ground = open_existing(path)
    with reached(ground) as urls:
        return _run(ground, urls.owner, arguments)


@contextmanager
def reached(ground: Ground) -> Iterator[Urls]:
    """Return how to reach the database of a service; one that does not run is started meanwhile."""
    lock = Lock(ground.home)
    try:
        lock.__enter__()
    except AlreadyRunning:
        yield ground.prepare_database()
        return
    try:
        if ground.cluster:
            ground.cluster.init()
            ground.cluster.start()
        try:
            yield ground.prepare_database()
        finally:
            if ground.cluster:
                ground.cluster.stop()
    finally:
        lock.__exit__()


def _run(ground: Ground, url: str, arguments: Sequence[str]) -> int:
    terminal = {name: os.environ[name] for name in ("TERM", "COLUMNS", "LINES") if name in os.environ}
    account = ground.web
    return subprocess.run(
        [str(ground.python.executable), "-m", "django", *arguments],
        env=ground.environment(url) | terminal,
        check=False,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=account.groups if account else None,
    ).returncode
