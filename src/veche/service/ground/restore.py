"""`veche restore`: makes a service anew from a backup, in an empty folder and an empty database.

Whatever PostgreSQL the backup was made on, it goes into each of the supported versions. Nothing is
overwritten, and where it fails the folder is as empty as before.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from veche.core.errors import BackupNewer, OtherVaultKey, TargetNotEmpty
from veche.core.i18n import _
from veche.service.ground import contents
from veche.service.ground.archive import (
    ATTACHMENTS,
    HEADS,
    JOURNAL,
    MODELS,
    PUBLIC_KEY,
    SETTINGS,
    Backup,
    check_members,
    manifest_hash,
    open_backup,
)
from veche.service.ground.backup import note
from veche.service.ground.keys import vault_key_file
from veche.service.ground.managing import reached
from veche.service.ground.opened import Ground, open_ground
from veche.service.ground.os_account import give_file
from veche.service.ground.processes import Account
from veche.service.ground.steps import NOWHERE, step
from veche.service.ground.tools import play_in
from veche.service.ground.verifying import compare
from veche.service.vault.journal import read_journal
from veche.service.vault.keyfile import MasterKey, read_key_file, write_key_file

Say = Callable[[str], object]


@dataclass(frozen=True)
class Wanted:
    """What the person who restores asked for."""

    file: Path
    data: Path
    #: The recovery copy of the vault's key; without it originals stay shut.
    keys: Path | None
    database_url: str | None
    #: A journal of erasures that is newer than the backup.
    journal: Path | None


@dataclass(frozen=True)
class Restored:
    """What was restored, and what of it was erased again."""

    rows: int
    attachments: int
    erased: int
    #: Where the key of the vault has to be put, if originals cannot be opened with the one that is there.
    lacks_key: Path | None


def restore(wanted: Wanted, *, say: Say) -> Restored:
    """Make a service from a backup.

    Raises:
        NotABackup, BackupDamaged, BackupNewer: the file cannot be used.
        TargetNotEmpty: something is already in the folder or the database.
        VaultKeyUnusable, OtherVaultKey: the recovery copy is not that of this backup.
        JournalDamaged: the newer journal is none.
        ServiceError: one of its kinds says what else stands in the way.
    """
    backup = open_backup(wanted.file.absolute())
    if wanted.data.exists() and (not wanted.data.is_dir() or any(wanted.data.iterdir())):
        raise TargetNotEmpty(place=wanted.data)
    master = _master(backup, wanted.keys)
    journal = _journal(backup, wanted.journal)
    say(_("Checking the backup …"))
    check_members(backup)
    with _emptied_on_failure(wanted.data):
        ground = open_ground(wanted.data, database_url=wanted.database_url)
        return _restore(backup, ground, master, journal, say)


def _restore(backup: Backup, ground: Ground, master: MasterKey | None, journal: bytes, say: Say) -> Restored:
    _check_known(backup, ground)
    if master:
        write_key_file(vault_key_file(ground.home), master)
    with reached(ground) as urls:
        with psycopg.connect(urls.owner) as connection:
            if contents.has_tables(connection):
                raise TargetNotEmpty(place=connection.info.dbname)
        say(_("Restoring the database …"))
        play_in(backup, urls.owner)
        with psycopg.connect(urls.owner, autocommit=True) as connection:
            connection.execute("ANALYZE")
        say(_("Restoring files …"))
        files = _restore_files(backup, ground, journal)
        say(_("Comparing with what was backed up …"))
        compare(backup, urls.owner)
        step(ground, urls.owner, "migrate")
        erased = _replay(ground, urls.owner, journal)
        facts = {"backup": manifest_hash(backup), "erased": erased}
        note(urls.owner, "backup.restored", facts)
    lacking = master is None and bool(backup.manifest.vault_keys)
    return Restored(
        rows=sum(backup.manifest.rows.values()),
        attachments=files,
        erased=erased,
        lacks_key=vault_key_file(ground.home) if lacking else None,
    )


def _master(backup: Backup, copy: Path | None) -> MasterKey | None:
    if copy is None:
        return None
    master = read_key_file(copy)
    for name in backup.manifest.vault_keys:
        if not master.knows(name):
            raise OtherVaultKey(name=name)
    return master


def _check_known(backup: Backup, ground: Ground) -> None:
    known = set(step(ground, NOWHERE, "known"))
    if unknown := [name for name in backup.manifest.migrations if name not in known]:
        raise BackupNewer(path=backup.path, version=backup.manifest.veche, migration=unknown[0])


def _journal(backup: Backup, newer: Path | None) -> bytes:
    """Return the lines of both journals, each erasure once."""
    kept = backup.read(JOURNAL)
    if newer is None:
        return kept
    for _line in read_journal(newer):
        pass
    lines = dict.fromkeys(kept.splitlines()) | dict.fromkeys(newer.read_bytes().splitlines())
    return b"".join(line + b"\n" for line in lines if line.endswith(b"}"))


def _restore_files(backup: Backup, ground: Ground, journal: bytes) -> int:
    home, names = ground.home, [name for name in backup.places if name.startswith(ATTACHMENTS)]
    for name in names:
        _make_folders(home.attachments, (home.path / name).parent, ground.web)
        _write(home.path / name, backup.pieces(name), ground.web)
    for name in backup.places:
        if name.startswith(MODELS):
            _write(home.path / name, backup.pieces(name), ground.web)
    if HEADS in backup.places:
        _write(home.ledger / "heads.jsonl", backup.pieces(HEADS), ground.ledger)
    if PUBLIC_KEY in backup.places:
        # The new service signs with a key of its own; who checks earlier heads needs the earlier one.
        made = backup.manifest.made_at[:10]
        _write(home.ledger / f"public-{made}.pem", backup.pieces(PUBLIC_KEY), ground.ledger)
    if SETTINGS in backup.places:
        _write(home.path / SETTINGS, backup.pieces(SETTINGS), None)
    if journal:
        _write(home.ledger / "erasures.jsonl", [journal], ground.ledger)
    return len(names)


def _replay(ground: Ground, owner: str, journal: bytes) -> int:
    if not journal:
        return 0
    # The journal itself is readable by the sealer alone.
    path = ground.home.run / "replayed.jsonl"
    try:
        _write(path, [journal], ground.web)
        return int(step(ground, owner, "replay", str(path))["erased"])
    finally:
        path.unlink(missing_ok=True)


def _make_folders(top: Path, folder: Path, account: Account | None) -> None:
    if folder == top or folder.is_dir():
        return
    _make_folders(top, folder.parent, account)
    folder.mkdir(mode=0o700)
    if account:
        os.chown(folder, account.uid, account.gid)


def _write(path: Path, pieces: "Iterator[bytes] | list[bytes]", account: Account | None) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as f:
        f.writelines(pieces)
        f.flush()
        os.fsync(f.fileno())
    give_file(path, account)


@contextmanager
def _emptied_on_failure(data: Path) -> Iterator[None]:
    there = data.is_dir()
    try:
        yield
    except BaseException:
        shutil.rmtree(data.resolve(), ignore_errors=True)
        if data.is_symlink():
            data.unlink()
        if there:
            data.mkdir()
        raise
