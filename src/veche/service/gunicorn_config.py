"""What gunicorn does at its start and when one of its processes begins or ends."""

import os
import shutil
from pathlib import Path
from typing import Any

from veche.service.environment import share_figures

HOME = Path(os.environ["VECHE_HOME"])

#: Requests are logged by the application itself, by their route.
accesslog = None


def on_starting(_server: Any) -> None:
    """Forget the figures of processes that a former server left behind."""
    shutil.rmtree(share_figures(HOME), ignore_errors=True)
    share_figures(HOME)


def post_worker_init(worker: Any) -> None:
    """Let open streams end when the process is told to stop."""
    from veche.service.live import stop_with

    stop_with(lambda: worker.alive)


def child_exit(_server: Any, worker: Any) -> None:
    """Keep the counts of a process that ended, and forget its present figures."""
    share_figures(HOME)
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)
