"""Holds what was restored against what the backup says of itself; on trial, in a cluster thrown away."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg

from veche.core.errors import BackupDiffers
from veche.core.i18n import _
from veche.service.ground import contents
from veche.service.ground.archive import HEADS, Backup, check_members
from veche.service.ground.layout import Home
from veche.service.ground.opened import Ground
from veche.service.ground.os_account import own
from veche.service.ground.postgres import Cluster, find_binaries
from veche.service.ground.supervisor import Lock
from veche.service.ground.tools import play_in

#: Nothing in it is kept, so nobody waits for the disk.
_CARELESS = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nautovacuum = off\n"


def verify(backup: Backup, ground: Ground) -> None:
    """Restore a backup on trial, into a cluster below the data folder that is removed afterwards.

    Raises:
        BackupDamaged: the file is not what was written.
        BackupDiffers: what it holds is not what it says it holds.
        ServiceError: it could not be tried.
    """
    check_members(backup)
    with _trial(ground) as url:
        play_in(backup, url)
        compare(backup, url)


def compare(backup: Backup, owner: str) -> None:
    """Hold a database against the manifest: rows of each table, migrations, and each chain of the ledger.

    Raises:
        BackupDiffers: they differ.
    """
    with psycopg.connect(owner) as connection:
        what = _difference(backup, connection)
    if what:
        raise BackupDiffers(path=backup.path, what=what)


def _difference(backup: Backup, connection: contents.Connection) -> str:
    manifest = backup.manifest
    contents.check_all_seen(connection)
    counts = contents.row_counts(connection)
    for table in sorted(manifest.rows.keys() | counts.keys()):
        if manifest.rows.get(table) != counts.get(table):
            return _("rows of {table}").format(table=table)
    if contents.migrations(connection) != manifest.migrations:
        return _("the list of migrations")
    if contents.chain_ends(connection) != manifest.chains:
        return _("the ends of the ledger")
    seals = contents.standing_seals(backup.read(HEADS).splitlines(keepends=True))
    return contents.broken_chain(connection, manifest.chains, seals)


@contextmanager
def _trial(ground: Ground) -> Iterator[str]:
    home = Home(ground.home.path / "trial")
    home.make()
    own(home, ground.accounts)
    with Lock(home):
        try:
            # What a trial that was killed has left.
            shutil.rmtree(home.postgres)
            home.make()
            own(home, ground.accounts)
            account = ground.accounts.database if ground.accounts else None
            cluster = Cluster(home, ground.python.place(find_binaries()), account)
            with running(replace(ground, home=home, cluster=cluster, database_url=None)) as url:
                yield url
        finally:
            shutil.rmtree(home.path, ignore_errors=True)


@contextmanager
def running(ground: Ground) -> Iterator[str]:
    """Make the cluster of a ground and let it run carelessly; return the URL of its owner."""
    cluster = ground.cluster
    assert cluster
    cluster.init()
    settings = cluster.home.postgres / "postgresql.conf"
    with settings.open("a") as f:
        f.write(_CARELESS)
    cluster.start()
    try:
        yield ground.prepare_database().owner
    finally:
        cluster.stop()
