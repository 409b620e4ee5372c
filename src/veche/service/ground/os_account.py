"""Accounts of the machine: as root, no part of the service runs as root.

PostgreSQL, the web server with the workers, and the sealer of the ledger each get an account of their
own, so that none reads what is another's: the web server cannot read the key that signs the ledger.
Started as a plain user, everything runs as that user.
"""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from veche.core.errors import FolderOfAnother, NoAccount
from veche.core.i18n import _
from veche.service.ground.layout import SECRET, THROUGH, Home
from veche.service.ground.processes import Account

WEB, DATABASE, LEDGER = "veche", "veche-db", "veche-ledger"

#: May reach by name what its group may, and nothing else.
_GROUP_THROUGH = 0o710
#: Each of the group adds files, and they stay the group's.
_GROUP_SHARED = 0o2770


@dataclass(frozen=True)
class Accounts:
    """The accounts that the parts of the service run under."""

    web: Account
    database: Account
    ledger: Account


def accounts() -> Accounts | None:
    """Return the accounts, made where they are missing; none when we are not root.

    Raises:
        NoAccount: one is missing and cannot be made.
    """
    if os.geteuid() != 0:
        return None
    web = _account(WEB)
    # All three meet at the database's socket, which belongs to the group of the web server.
    return Accounts(web, _account(DATABASE, web.gid), _account(LEDGER, web.gid))


def own(home: Home, accounts: Accounts | None) -> None:
    """Give each folder of `home` to the account whose it is, and close it to all others.

    Raises:
        FolderOfAnother: we are not root and the folder is another user's.
    """
    if accounts is None:
        owner = home.path.stat().st_uid
        if owner != os.geteuid():
            raise FolderOfAnother(path=home.path, owner=_name(owner))
        return
    web, database, ledger = accounts.web, accounts.database, accounts.ledger
    _give(home.path, 0, 0, THROUGH)
    shared = (home.attachments, home.imports, home.models, home.themes, home.static, home.cache)
    for folder in shared:
        _give_all(folder, web)
    _give_all(home.postgres, database)
    _give_all(home.ledger, ledger)
    _give(home.logs, 0, 0, SECRET)
    _give(home.run, database.uid, web.gid, _GROUP_THROUGH)
    _give(home.metrics, web.uid, web.gid, _GROUP_SHARED)
    _give(home.keys, 0, web.gid, _GROUP_THROUGH)


def give_file(path: Path, account: Account | None) -> None:
    """Make a secret file readable by one account only; as it is when there are no accounts."""
    if account:
        os.chown(path, account.uid, account.gid)
    path.chmod(0o600)


def _account(name: str, *groups: int) -> Account:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        _make(name)
        entry = pwd.getpwnam(name)
    if entry.pw_uid == 0:
        raise NoAccount(account=name, reason=_("it has the rights of root"))
    return Account(name, entry.pw_uid, entry.pw_gid, (entry.pw_gid, *groups))


def _make(name: str) -> None:
    if useradd := shutil.which("useradd"):
        command = [useradd, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
        command += ["--shell", shutil.which("nologin") or "/bin/false", name]
    elif adduser := shutil.which("adduser"):  # the one of BusyBox
        command = [adduser, "-S", "-D", "-H", "-h", "/nonexistent", "-s", "/bin/false", name]
    else:
        raise NoAccount(account=name, reason=_("this machine has no useradd"))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoAccount(account=name, reason=done.stderr.strip() or str(done.returncode))


def _give(path: Path, uid: int, gid: int, mode: int) -> None:
    os.chown(path, uid, gid)
    path.chmod(mode)


def _give_all(folder: Path, account: Account) -> None:
    """Give a folder away; with all it holds where it was another's (made by a plain user, or restored)."""
    if folder.stat().st_uid != account.uid:
        for inner, _folders, files in os.walk(folder):
            for path in (inner, *(os.path.join(inner, name) for name in files)):  # noqa: PTH118 - os.walk
                os.chown(path, account.uid, account.gid, follow_symlinks=False)
    _give(folder, account.uid, account.gid, SECRET)


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
