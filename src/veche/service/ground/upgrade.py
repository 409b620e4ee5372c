"""`veche upgrade`: brings a service that does not run up to what is installed now, with a backup before.

A cluster of an earlier PostgreSQL is read out with its own programs and played into a new one beside it; then
they change places by rename. The old one stays until somebody removes it.
"""

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg

import veche
from veche.core.errors import NoService, OldPostgresGone
from veche.core.i18n import _
from veche.service.ground.archive import open_backup
from veche.service.ground.backup import back_up_running, note, note_made
from veche.service.ground.binaries import major, of_version
from veche.service.ground.database import Urls
from veche.service.ground.layout import SECRET, Home
from veche.service.ground.opened import Ground, open_existing
from veche.service.ground.os_account import own
from veche.service.ground.postgres import Cluster
from veche.service.ground.steps import step
from veche.service.ground.supervisor import Lock
from veche.service.ground.tools import play_in
from veche.service.ground.verifying import compare

Say = Callable[[str], object]


@dataclass(frozen=True)
class Upgraded:
    """Where what was before is kept: the backup, and the old cluster; none where there was no need."""

    backup: Path | None
    old_cluster: Path | None


@dataclass(frozen=True)
class _Beside(Home):
    """The same data folder, with a new cluster beside the one in force."""

    @property
    def postgres(self) -> Path:
        return self.path / "postgres-new"


def upgrade(data: Path, *, backup: Path | None, backed_up: bool, say: Say) -> Upgraded:
    """Upgrade a service; `backup` is the file to write, one in the data folder if none.

    A new version of PostgreSQL needs the backup, for the data comes from it.

    Raises:
        AlreadyRunning: the service runs.
        OldPostgresGone: the programs that made its cluster are not there any more.
        ServiceError: one of its kinds says what else stands in the way; the old state is untouched then, or
            in the backup.
    """
    if not (data / "keys").is_dir():
        raise NoService(path=data)
    ground = open_existing(data)
    with Lock(ground.home):
        old = _old_version(ground)
        file = (backup or _default_file(ground.home)) if backed_up or old else None
        if old and file:
            return Upgraded(file, _renew_cluster(ground, old, file, say))
        with _started(ground, ground.cluster) as urls:
            if file:
                made = back_up_running(ground, urls.owner, file, checked=True, say=say)
                note_made(urls.owner, made)
            _migrate(ground, urls.owner, say)
        return Upgraded(file, None)


def _migrate(ground: Ground, owner: str, say: Say) -> None:
    say(_("Bringing the tables up to date …"))
    step(ground, owner, "migrate")
    note(owner, "service.upgraded", {"veche": veche.__version__})


def _old_version(ground: Ground) -> int | None:
    """Return the version that made the cluster, if the one at hand is another."""
    made = ground.home.postgres / "PG_VERSION"
    if ground.cluster is None or not made.exists():
        return None
    version = int(made.read_text())
    return None if version == major(ground.cluster.binaries) else version


def _renew_cluster(ground: Ground, old: int, file: Path, say: Say) -> Path:
    binaries = of_version(old)
    if binaries is None:
        raise OldPostgresGone(path=ground.home.postgres, made=old)
    assert ground.cluster
    account = ground.cluster.account
    before = Cluster(ground.home, ground.python.place(binaries), account)
    with _started(replace(ground, cluster=before), before, made=True) as urls:
        backup = back_up_running(ground, urls.owner, file, checked=True, say=say)
    home = _Beside(ground.home.path)
    shutil.rmtree(home.postgres, ignore_errors=True)
    home.make()
    own(home, ground.accounts)
    after = Cluster(home, ground.cluster.binaries, account)
    say(_("Restoring into PostgreSQL {version} …").format(version=major(after.binaries)))
    with _started(replace(ground, cluster=after), after) as urls:
        saved = open_backup(file)
        play_in(saved, urls.owner)
        with psycopg.connect(urls.owner, autocommit=True) as connection:
            connection.execute("ANALYZE")
        compare(saved, urls.owner)
        note_made(urls.owner, backup)
        _migrate(ground, urls.owner, say)
    kept = ground.home.path / f"postgres-{old}-{dt.datetime.now(dt.UTC):%Y%m%d%H%M%S}"
    ground.home.postgres.rename(kept)
    home.postgres.rename(ground.home.postgres)
    return kept


@contextmanager
def _started(ground: Ground, cluster: Cluster | None, *, made: bool = False) -> Iterator[Urls]:
    if cluster is None:
        yield ground.prepare_database()
        return
    if not made:
        cluster.init()
    cluster.start()
    try:
        yield ground.prepare_database()
    finally:
        cluster.stop()


def _default_file(home: Home) -> Path:
    folder = home.path / "backups"
    folder.mkdir(mode=SECRET, exist_ok=True)
    return folder / f"before-upgrade-{dt.datetime.now(dt.UTC):%Y%m%d-%H%M%S}.tar"
