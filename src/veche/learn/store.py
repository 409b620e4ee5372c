"""The versions of a model: a folder beside the model's file, and a log of who did what.

`topics.model` is the version in use; `topics.model.versions` holds every version that was made, numbered
from 1, and `log.jsonl`. A version is in use when its bytes were put in the place of the model's file, in one
move. Versions are never changed.
"""

import datetime as dt
import getpass
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import orjson

from veche.core.errors import (
    ModelDamaged,
    ModelNewer,
    NoEarlierVersion,
    NoSuchVersion,
    NotAModel,
    OutputError,
)
from veche.core.i18n import _
from veche.core.ids import file_digest
from veche.core.library_words import reason
from veche.learn.file import load, save
from veche.learn.model import Model

_FOLDER = ".versions"
_LOG = "log.jsonl"

MADE, PROMOTED, ROLLED_BACK = "made", "promoted", "rolled back"


@dataclass(frozen=True)
class Entry:
    """One line of the log: at `at` (ISO 8601, UTC) `who` did `did`, and `version` came into use."""

    at: str
    who: str
    did: str
    version: int
    sha256: str


@dataclass(frozen=True)
class Version:
    """A version that is kept: its number, when and by whom it was made, its digest and size on disk, and
    whether it is the one in use."""

    number: int
    at: str
    who: str
    sha256: str
    size_bytes: int
    in_use: bool
    path: Path


def keep(model: Model, path: Path, *, now: dt.datetime) -> Version:
    """Write `model` as the next version of the model at `path`, and put it in use.

    A model that stands at `path` and was never kept becomes a version first, so nothing is lost.

    Raises:
        NotAModel: something else stands there, which is left alone.
        OutputError: something cannot be written.
        UnsafeLabel: as `veche.learn.file.save`.
    """
    if check_place(path) and file_digest(path) not in {entry.sha256 for entry in _entries(path)}:
        _adopt(path, now=now)
    number = _highest(path) + 1
    try:
        digest = save(model, _file(path, number))
        _use(path, number)
        _note(path, Entry(now.isoformat(timespec="seconds"), _who(), MADE, number, digest))
    except OSError as error:
        raise OutputError(path=path, reason=reason(error)) from None
    return versions(path)[-1]


def check_place(path: Path) -> bool:
    """Return whether a sound model stands at `path`; a damaged one may be replaced.

    Raises:
        NotAModel: something else stands there.
    """
    if not path.exists():
        return False
    if path.is_dir():
        raise NotAModel(path=path)
    try:
        load(path)
    except ModelDamaged:
        return False
    except ModelNewer:
        return True
    return True


def versions(path: Path) -> list[Version]:
    """Return the versions of the model at `path`, from the oldest; a file without a history is version 1.

    Raises:
        NoSuchModel: there is neither a file nor a version.
        NotAModel: something else stands there.
    """
    if path.is_dir():
        raise NotAModel(path=path)
    entries = (entry for entry in _entries(path) if entry.did == MADE)
    made = {entry.version: entry for entry in entries if _file(path, entry.version).exists()}
    if not made:
        load(path)
        digest, size = file_digest(path), path.stat().st_size
        return [Version(1, "", "", digest, size, True, path)]
    current = file_digest(path) if path.exists() else ""
    used = _in_use(path)
    return [
        Version(
            number=number,
            at=entry.at,
            who=entry.who,
            sha256=entry.sha256,
            size_bytes=_file(path, number).stat().st_size,
            in_use=number == used and entry.sha256 == current,
            path=_file(path, number),
        )
        for number, entry in sorted(made.items())
    ]


def version_of(path: Path, number: int) -> Version:
    """Return one version. Raises `NoSuchVersion`."""
    known = versions(path)
    for version in known:
        if version.number == number:
            return version
    raise NoSuchVersion(path=path, version=number, known=", ".join(str(v.number) for v in known))


def open_version(version: Version) -> Model:
    """Return the model of a version; raises `ModelDamaged` where its bytes are not those that were made."""
    if file_digest(version.path) != version.sha256:
        raise ModelDamaged(path=version.path, reason=_("its digest is not the one in the log"))
    return load(version.path)


def promote(path: Path, number: int, *, now: dt.datetime) -> Version:
    """Put a version in use.

    Raises:
        NoSuchVersion: it is not kept.
        ModelDamaged: it is not what was made.
        OutputError: it cannot be put there.
    """
    return _switch(path, number, PROMOTED, now=now)


def roll_back(path: Path, *, now: dt.datetime) -> Version:
    """Put the version in use that was before the one in use, by the log. Raises `NoEarlierVersion` too."""
    check_place(path)
    used = _history(path)
    if len(used) < 2:
        raise NoEarlierVersion(path=path)
    return _switch(path, used[-2], ROLLED_BACK, now=now)


def log(path: Path) -> list[Entry]:
    """Return what was done with the model at `path`, from the oldest."""
    return _entries(path)


def _switch(path: Path, number: int, did: str, *, now: dt.datetime) -> Version:
    version = version_of(path, number)
    open_version(version)
    if version.path == path:
        return version
    try:
        _use(path, number)
        _note(path, Entry(now.isoformat(timespec="seconds"), _who(), did, number, version.sha256))
    except OSError as error:
        raise OutputError(path=path, reason=reason(error)) from None
    return version_of(path, number)


def _history(path: Path) -> list[int]:
    """Return the versions that were in use, each step back taken as one."""
    used: list[int] = []
    for entry in _entries(path):
        if entry.did == ROLLED_BACK:
            del used[-1:]
        elif not used or used[-1] != entry.version:
            used.append(entry.version)
    return used


def _in_use(path: Path) -> int:
    return (_history(path) or [0])[-1]


def _adopt(path: Path, *, now: dt.datetime) -> None:
    number = _highest(path) + 1
    target = _file(path, number)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        made = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)
        at = min(made, now).isoformat(timespec="seconds")
        _note(path, Entry(at, _who(), MADE, number, file_digest(target)))
    except OSError as error:
        raise OutputError(path=target, reason=reason(error)) from None


def _use(path: Path, number: int) -> None:
    begun = path.with_name(path.name + ".part")
    try:
        shutil.copyfile(_file(path, number), begun)
        begun.replace(path)
    finally:
        begun.unlink(missing_ok=True)


def _note(path: Path, entry: Entry) -> None:
    with (_folder(path) / _LOG).open("ab") as f:
        f.write(orjson.dumps(entry) + b"\n")
        f.flush()
        os.fsync(f.fileno())


def _entries(path: Path) -> list[Entry]:
    try:
        lines = (_folder(path) / _LOG).read_bytes().splitlines()
        entries = [Entry(**orjson.loads(line)) for line in lines if line.strip()]
        if not all(type(entry.version) is int and entry.version > 0 for entry in entries):
            raise TypeError("version")
        return entries
    except FileNotFoundError:
        return []
    except (OSError, TypeError, orjson.JSONDecodeError):
        raise ModelDamaged(path=_folder(path) / _LOG, reason=_("the log cannot be read")) from None


def _highest(path: Path) -> int:
    """Return the highest number in use; a version that was written and not noted counts too."""
    files = (int(p.stem) for p in _folder(path).glob("*.model") if p.stem.isdigit())
    return max([0, *files, *(entry.version for entry in _entries(path))])


def _folder(path: Path) -> Path:
    return path.with_name(path.name + _FOLDER)


def _file(path: Path, number: int) -> Path:
    return _folder(path) / f"{number:04}.model"


def _who() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""
