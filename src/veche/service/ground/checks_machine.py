"""Checks of the machine and the data folder, for `veche doctor`; nothing is changed by looking."""

import os
import pwd
import shutil
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from veche.core.i18n import _
from veche.service.ground.binaries import find_binaries, major
from veche.service.ground.found import Found
from veche.service.ground.layout import Home
from veche.service.ground.os_account import DATABASE, LEDGER, WEB

#: Less free than this on disk or in memory is too little for a day's work.
_FREE_SHARE, _FREE_BYTES, _FREE_MEMORY = 0.1, 2 << 30, 512 << 20
_OLDEST_PYTHON = (3, 11)

#: Whose each key is, when the service was started as root.
_KEYS = {"passwords.json": "root", "secret": WEB, "vault.key": WEB, "ledger.key": LEDGER}


def versions(home: Home) -> Iterator[Found]:
    """Check Python, and that the PostgreSQL at hand is the one that made the cluster."""
    said = ".".join(map(str, sys.version_info[:3]))
    yield Found(
        "python", sys.version_info[:2] >= _OLDEST_PYTHON, f"Python {said}", _("Install Python 3.11 or later.")
    )
    if (home.keys / "database-url").exists():
        return
    found, made = major(find_binaries()), home.postgres / "PG_VERSION"
    before = made.read_text().strip() if made.exists() else str(found)
    yield Found(
        "postgresql",
        before == str(found),
        _("PostgreSQL {found}, data of {made}").format(found=found, made=before),
        _("Run: veche upgrade --data {path}").format(path=home.path),
    )


def folders(home: Home) -> Iterator[Found]:
    """Check that no stranger reads or writes in the data folder."""
    owners = {home.postgres: DATABASE, home.ledger: LEDGER}
    owners |= dict.fromkeys((home.attachments, home.imports, home.models, home.themes), WEB)
    for folder in (home.path, *home.folders()):
        if not folder.is_dir():
            continue
        status = folder.stat()
        open_to_others = status.st_mode & (0o006 if folder == home.path else 0o007)
        expected = owners.get(folder, "root") if _as_root(home) else None
        another = folder in (home.path, *owners) and expected not in (None, _name(status.st_uid))
        if open_to_others or another:
            mode = stat.S_IMODE(status.st_mode)
            said = _("{path} is open to others, or another's: {owner}, {mode}").format(
                path=folder, owner=_name(status.st_uid), mode=f"{mode:o}"
            )
            yield Found("folder", False, said, _("Stop the service and start it again: it sets this right."))
            return
    yield Found("folder", True, _("no stranger reads in {path}").format(path=home.path))


def keys(home: Home) -> Iterator[Found]:
    """Check that each key is there and is read by its process alone; remind of the recovery copy."""
    lacking = [name for name in _KEYS if not (home.keys / name).is_file()]
    if lacking:
        yield Found(
            "keys",
            False,
            _("missing: {names}").format(names=", ".join(lacking)),
            _("Put vault.key back from its recovery copy before anything else is started here."),
        )
        return
    for name, owner in _KEYS.items():
        status = (home.keys / name).stat()
        expected = owner if _as_root(home) else _name(home.path.stat().st_uid)
        if status.st_mode & 0o077 or _name(status.st_uid) != expected:
            advice = _("Run: chown {owner} {path} && chmod 600 {path}")
            yield Found(
                "keys",
                False,
                _("{name} can be read by others").format(name=name),
                advice.format(owner=expected, path=home.keys / name),
            )
            return
    yield Found("keys", True, _("each is read by its own process alone"))
    yield Found(
        "recovery copy",
        True,
        _("cannot be seen from here"),
        _(
            "Make sure that a copy of the vault's key lies in another place, newer than its last change: "
            "veche vault copy"
        ),
    )


def room(home: Home) -> Iterator[Found]:
    """Check free space of the disk, and free memory."""
    disk = shutil.disk_usage(home.path)
    enough = disk.free > min(_FREE_BYTES, disk.total * _FREE_SHARE) and disk.free / disk.total > 0.03
    said = _("{free} GB of {total} GB are free").format(free=disk.free >> 30, total=disk.total >> 30)
    yield Found(
        "disk", enough, said, _("Make room: a full disk stops intake. Old logs and backups go first.")
    )
    memory = _memory()
    yield Found(
        "memory",
        memory > _FREE_MEMORY,
        _("{free} MB are free").format(free=memory >> 20),
        _("Start with fewer workers (--workers), or give the machine more."),
    )


def keys_are_there(home: Home) -> bool:
    """Return whether the folder can be opened without new keys being made."""
    return all((home.keys / name).is_file() for name in _KEYS)


def _as_root(home: Home) -> bool:
    return home.path.stat().st_uid == 0 and os.geteuid() == 0


def _memory() -> int:
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) << 10
    return 0


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
