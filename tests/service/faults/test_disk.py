"""A supervisor whose disk is full goes on keeping what it keeps, and says what runs when there is room."""

import subprocess
import sys
from pathlib import Path

import pytest

from veche.service.ground import processes
from veche.service.ground.layout import Home
from veche.service.ground.logs import LogFile
from veche.service.ground.supervisor import read_state

_KEEPS = """
import signal, sys
from pathlib import Path
from veche.service.ground import processes
from veche.service.ground.layout import Home
from veche.service.ground.supervisor import Child, Lock, Supervisor

def start(output):
    return processes.start(
        ["/bin/sh", "-c", sys.argv[2]], environment={"PATH": "/usr/bin:/bin"}, account=None, output=output,
        dies_with_us=signal.SIGTERM)

home = Home(Path(sys.argv[1]))
with Lock(home), Supervisor(home, tell=lambda event: print(event, flush=True)) as supervisor:
    supervisor.add(Child("one", start))
    supervisor.run()
"""


@pytest.fixture(autouse=True)
def rows():
    """No rows of the shared database are touched here."""


@pytest.fixture(scope="module", autouse=True)
def rows_of_a_module():
    """No rows of the shared database are touched here."""


def test_what_does_not_fit_into_a_log_is_dropped():
    log = LogFile(Path("/dev/full"))
    log.write(b"a line\n")
    log.close()


def test_a_child_is_started_again_while_the_disk_is_full(tmp_path):
    home = Home(tmp_path / "data")
    home.make()
    ran = tmp_path / "ran"
    part = home.state.with_name(home.state.name + ".part")
    part.symlink_to("/dev/full")
    (home.logs / "one.log").symlink_to("/dev/full")
    with Path("/dev/full").open("wb") as full:
        does = f"echo one >> {ran}; echo said; exit 1"
        supervisor = subprocess.Popen([sys.executable, "-c", _KEEPS, home.path, does], stdout=full)
        try:
            again = processes.wait_until(lambda: _lines(ran) > 2, limit_seconds=60)
            assert again, supervisor.poll()
            assert supervisor.poll() is None
            part.unlink()
            assert processes.wait_until(lambda: read_state(home) is not None, limit_seconds=60)
        finally:
            supervisor.kill()
            supervisor.wait()


def _lines(path):
    return len(path.read_text().splitlines()) if path.exists() else 0
