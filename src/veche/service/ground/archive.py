"""The file of a backup: a tar archive with a manifest at its end that holds the hash of each other member.

Any tar program opens it. It appears under its name whole or not at all, and only its owner reads it.
"""

import fcntl
import hashlib
import json
import os
import re
import tarfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import BinaryIO

from veche.core.errors import BackupDamaged, BackupNotMade, NotABackup
from veche.core.i18n import _
from veche.core.library_words import reason

FORMAT = "veche-backup-1"
MANIFEST, DUMP = "manifest.json", "database.dump"
#: The manifest's own hash, as sha256sum writes it.
MANIFEST_HASH = "manifest.json.sha256"
HEADS, JOURNAL, PUBLIC_KEY = "ledger/heads.jsonl", "ledger/erasures.jsonl", "ledger/public.pem"
SETTINGS = "veche.toml"
#: Models that authorities decide with, by their SHA-256.
MODELS = "models/"
#: Sealed files, by the ids of tenant and attachment, as in the data folder.
ATTACHMENTS = "attachments/"

_ID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_NAMES = re.compile(
    "|".join(map(re.escape, (MANIFEST, MANIFEST_HASH, DUMP, HEADS, JOURNAL, PUBLIC_KEY, SETTINGS)))
    + f"|{ATTACHMENTS}{_ID}/[0-9a-f]{{2}}/{_ID}|{MODELS}[0-9a-f]{{64}}\\.model"
)
_BLOCK = 1 << 20
#: A manifest has a line for each file that came along; a larger one is none of ours.
_LARGEST_MANIFEST = 1 << 30


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself. All of it is as of one moment of the database."""

    veche: str
    made_at: str
    #: Version of the server, and major version of the `pg_dump` that read it.
    postgresql: str
    dumped_by: int
    #: The role that owned the tables.
    owner: str
    migrations: list[str]
    rows: dict[str, int]
    #: The last entry of each chain of the ledger: number and hash, by tenant.
    chains: dict[str, tuple[int, str]]
    #: Names of the master keys that lock keys of persons; a name says nothing about its key.
    vault_keys: list[str]
    #: Files that the database lists and that were not there.
    missing: list[str]
    format: str = FORMAT
    #: SHA-256 of each member, by name.
    members: dict[str, str] = field(default_factory=dict)


class Archive:
    """A backup that is being written."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.members: dict[str, str] = {}

    def add(self, name: str, pieces: Iterable[bytes]) -> None:
        """Append a member whose size shows when it has been written.

        Raises:
            OSError: the disk is full.
        """
        info = tarfile.TarInfo(name)
        info.mode, info.mtime = 0o600, int(time.time())
        begin = self._file.tell()
        self._file.write(bytes(tarfile.BLOCKSIZE))
        digest = hashlib.sha256()
        for piece in pieces:
            digest.update(piece)
            self._file.write(piece)
            info.size += len(piece)
        self._file.write(bytes(-info.size % tarfile.BLOCKSIZE))
        end = self._file.tell()
        self._file.seek(begin)
        self._file.write(info.tobuf(tarfile.GNU_FORMAT))
        self._file.seek(end)
        self.members[name] = digest.hexdigest()

    def add_file(self, name: str, path: Path) -> bool:
        """Append a file as it is now; return whether it is there."""
        try:
            f = path.open("rb")
        except FileNotFoundError:
            return False
        with f:
            self.add(name, _blocks(f))
        return True

    def close(self, manifest: Manifest) -> None:
        """Append the manifest and the end."""
        text = json.dumps(asdict(manifest) | {"members": dict(self.members)}, indent=1)
        self.add(MANIFEST, [text.encode()])
        self.add(MANIFEST_HASH, [f"{self.members[MANIFEST]}  {MANIFEST}\n".encode()])
        self._file.write(bytes(2 * tarfile.BLOCKSIZE))


@contextmanager
def writing(path: Path) -> Iterator[tuple[Archive, Path]]:
    """Write a backup; return it and the file beside `path` that it is written to.

    The caller closes the archive, checks that file, and gives it its name (`settle`). Whatever happens before
    that, nothing is left.

    Raises:
        BackupNotMade: it cannot be written; the disk is full, or another backup is just written there.
    """
    part = path.with_name(path.name + ".part")
    try:
        handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise BackupNotMade(path=path, reason=reason(error)) from None
    with os.fdopen(handle, "r+b") as f:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupNotMade(path=path, reason=_("another backup is being written there")) from None
        try:
            os.fchmod(handle, 0o600)
            f.truncate()
            yield Archive(f), part
        except OSError as error:
            part.unlink(missing_ok=True)
            raise BackupNotMade(path=path, reason=reason(error)) from None
        except BaseException:
            part.unlink(missing_ok=True)
            raise


@dataclass(frozen=True)
class Backup:
    """A backup that was opened: its manifest, and where each member lies in the file."""

    path: Path
    manifest: Manifest
    places: dict[str, tuple[int, int]]

    def pieces(self, name: str) -> Iterator[bytes]:
        """Yield the bytes of a member."""
        offset, size = self.places[name]
        with self.path.open("rb") as f:
            f.seek(offset)
            yield from _blocks(f, size)

    def read(self, name: str) -> bytes:
        """Return the bytes of a small member; none where it is not there."""
        return b"".join(self.pieces(name)) if name in self.places else b""


def open_backup(path: Path) -> Backup:
    """Open a backup and read its manifest; what the members hold is checked by `check_members`.

    Raises:
        NotABackup: it is none.
    """
    places: dict[str, tuple[int, int]] = {}
    try:
        with tarfile.open(path, "r:") as tar:
            for member in tar:
                if not member.isreg() or not _NAMES.fullmatch(member.name) or member.name in places:
                    raise NotABackup(path=path, reason=_("it holds something that is in no backup"))
                places[member.name] = (member.offset_data, member.size)
    except tarfile.TarError:
        raise NotABackup(path=path, reason=_("it is another kind of file, or was cut off")) from None
    except OSError as error:
        raise NotABackup(path=path, reason=reason(error)) from None
    if places.get(MANIFEST, (0, 0))[1] not in range(1, _LARGEST_MANIFEST):
        raise NotABackup(path=path, reason=_("it has no manifest; the copy may have been cut off"))
    unread = Backup(path, _NOTHING, places)
    raw = unread.read(MANIFEST)
    if unread.read(MANIFEST_HASH).split()[:1] != [hashlib.sha256(raw).hexdigest().encode()]:
        raise NotABackup(path=path, reason=_("its manifest is not what was written"))
    return Backup(path, _manifest(path, raw), places)


def check_members(backup: Backup) -> None:
    """Check that each member is what was written, and that none is missing or added.

    Raises:
        BackupDamaged: one is not.
    """
    stated = backup.manifest.members
    if odd := sorted(stated.keys() ^ (backup.places.keys() - {MANIFEST, MANIFEST_HASH})):
        raise BackupDamaged(path=backup.path, member=odd[0])
    for name, expected in stated.items():
        digest = hashlib.sha256()
        for piece in backup.pieces(name):
            digest.update(piece)
        if digest.hexdigest() != expected:
            raise BackupDamaged(path=backup.path, member=name)


def manifest_hash(backup: Backup) -> str:
    """Return the SHA-256 of the manifest, which stands for the whole backup."""
    return hashlib.sha256(backup.read(MANIFEST)).hexdigest()


def _manifest(path: Path, raw: bytes) -> Manifest:
    try:
        said = json.loads(raw)
        if said["format"] != FORMAT:
            raise NotABackup(path=path, reason=_("a later Veche wrote it"))
        known = {f.name: said[f.name] for f in fields(Manifest)}
        known["chains"] = {tenant: (int(seq), str(hash)) for tenant, (seq, hash) in said["chains"].items()}
        return Manifest(**known)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise NotABackup(path=path, reason=_("its manifest cannot be read")) from None


def _blocks(f: BinaryIO, size: int | None = None) -> Iterator[bytes]:
    left = size
    while block := f.read(_BLOCK if left is None else min(_BLOCK, left)):
        yield block
        if left is not None:
            left -= len(block)


_NOTHING = Manifest("", "", "", 0, "", [], {}, {}, [], [])
