"""The ground itself is tested here: on folders and servers of its own, without Django in this process."""

import os
import shutil
import signal
import tempfile
from pathlib import Path

import pytest

from veche.service.ground.binaries import find_binaries
from veche.service.ground.keys import passwords
from veche.service.ground.layout import Home
from veche.service.ground.os_account import accounts, own
from veche.service.ground.postgres import Cluster

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can start processes under other accounts")


@pytest.fixture(autouse=True)
def rows():
    """No rows of the shared database are touched here."""


@pytest.fixture(scope="module", autouse=True)
def rows_of_a_module():
    """No rows of the shared database are touched here."""


@pytest.fixture(scope="module", autouse=True)
def stranger():
    """Forget the service that other tests of this process use: commands would hear of it."""
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            if name.startswith(("VECHE_", "DJANGO_", "PROMETHEUS_")):
                patch.delenv(name)
        yield


@pytest.fixture(scope="module")
def place():
    """A folder that other accounts can go through."""
    path = Path(tempfile.mkdtemp(prefix="veche-ground-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


def make_cluster(path: Path, binaries: Path | None = None) -> Cluster:
    """Make a cluster in a new data folder; it does not run yet."""
    home = Home(path)
    home.make()
    ours = accounts()
    own(home, ours)
    cluster = Cluster(home, binaries or find_binaries(), ours.database if ours else None)
    cluster.init()
    return cluster


def discard(cluster: Cluster) -> None:
    """End a cluster that nobody needs any more, without writing down what it holds."""
    if cluster.process:
        cluster.process.send_signal(signal.SIGQUIT)
        cluster.process.wait()


def superuser(cluster: Cluster, database: str = "postgres") -> str:
    """Return the URL of the superuser."""
    return cluster.url("postgres", passwords(cluster.home)["postgres"], database)
