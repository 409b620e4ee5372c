"""Opens the data folder of a service: whose it is, where it lies, which Python and which database it uses."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from veche.core.errors import FolderUnusable, NoService, OwnDatabase
from veche.core.i18n import _
from veche.core.library_words import reason
from veche.service.ground import keys
from veche.service.ground.database import Urls, place, prepare
from veche.service.ground.layout import Home
from veche.service.ground.os_account import Accounts, accounts, give_file, own
from veche.service.ground.postgres import Cluster, find_binaries
from veche.service.ground.processes import Account
from veche.service.ground.readable import PLACE, Python, passes, readable_python


@dataclass(frozen=True)
class Ground:
    """A data folder that is ready for processes to be started on it."""

    home: Home
    accounts: Accounts | None
    python: Python
    #: The embedded PostgreSQL; none where `database_url` names a server.
    cluster: Cluster | None
    database_url: str | None
    #: Where the folder was asked for, if the data had to be laid elsewhere.
    asked: Path | None = None

    @property
    def web(self) -> Account | None:
        """The account of everything but the database and the sealer."""
        return self.accounts.web if self.accounts else None

    @property
    def ledger(self) -> Account | None:
        """The account of the sealer."""
        return self.accounts.ledger if self.accounts else None

    def prepare_database(self) -> Urls:
        """Make roles and database ready; the database has to run. Errors are those of `database.prepare`."""
        passwords = keys.passwords(self.home)
        if self.cluster:
            return prepare(
                self.cluster.url("postgres", passwords["postgres"], "postgres"), passwords=passwords
            )
        assert self.database_url is not None
        return prepare(self.database_url, passwords=passwords)

    def environment(self, url: str) -> dict[str, str]:
        """Return the variables of a process of the service that reaches the database by `url`."""
        home = self.home
        return {
            **_passed_on(),
            **self.python.variables,
            "PATH": os.defpath,
            "HOME": "/nonexistent" if self.accounts else str(Path.home()),
            "LC_ALL": "C.UTF-8",
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "DJANGO_SETTINGS_MODULE": "veche.service.settings",
            "VECHE_HOME": str(home.path),
            "VECHE_DATABASE_URL": url,
            "VECHE_SECRET_FILE": str(keys.secret_file(home)),
            "VECHE_VAULT_KEY_FILE": str(keys.vault_key_file(home)),
        }


def open_ground(path: Path, *, database_url: str | None = None) -> Ground:
    """Make a data folder, or open the one that is there.

    Raises:
        ServiceError: one of its kinds says what stands in the way.
    """
    ours = accounts()
    try:
        home = Home(_settle(path, ours))
        home.make()
        own(home, ours)
        kept = _database(home, database_url)
        for file, account in (
            (keys.secret_file(home), ours and ours.web),
            (keys.vault_key_file(home), ours and ours.web),
            (keys.ledger_key_file(home), ours and ours.ledger),
        ):
            give_file(file, account)
    except OSError as error:
        raise FolderUnusable(path=path, reason=reason(error)) from None
    asked = path if home.path != path.resolve() or path.is_symlink() else None
    python = readable_python(ours.web if ours else None)
    cluster = None if kept else Cluster(home, python.place(find_binaries()), ours.database if ours else None)
    return Ground(home, ours, python, cluster, kept, asked)


def open_existing(path: Path) -> Ground:
    """Open a data folder in which a service was started before.

    Raises:
        NoService: there was none.
    """
    if not (path / "keys").is_dir():
        raise NoService(path=path)
    return open_ground(path)


def _database(home: Home, asked: str | None) -> str | None:
    """Return the URL of the server that this folder uses, none for its own; a folder never changes it."""
    file = home.keys / "database-url"
    kept = file.read_text() if file.exists() else None
    if asked is None:
        return kept
    if (home.postgres / "PG_VERSION").exists():
        raise OwnDatabase(path=home.path, kept=home.postgres)
    if kept and place(kept) != place(asked):
        raise OwnDatabase(path=home.path, kept=place(kept))
    keys.write_secret(file, asked)
    return asked


def _settle(path: Path, ours: Accounts | None) -> Path:
    """Return where the data lies: `path`, or where the accounts can reach it if they cannot enter there.

    Then `path` becomes a link. Modes of the folders above are not changed: they are not ours.
    """
    path = Path(os.path.abspath(path))  # noqa: PTH100 - a link keeps its own name
    if ours is None or _reachable(path.resolve(), ours):
        return path.resolve()
    if path.is_dir() and any(path.iterdir()):
        raise FolderUnusable(path=path, reason=_("the accounts of the service cannot enter it"))
    PLACE.mkdir(mode=0o755, parents=True, exist_ok=True)
    target = PLACE / f"{path.name}-{secrets.token_hex(4)}"
    target.mkdir(mode=0o700)
    if path.is_dir() and not path.is_symlink():
        path.rmdir()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)
    return target


def _reachable(path: Path, ours: Accounts) -> bool:
    above = next(folder for folder in path.parents if folder.is_dir())
    return all(passes(account, above) for account in (ours.web, ours.database, ours.ledger))


def _passed_on() -> dict[str, str]:
    """Return the variables that an owner may set for the service, and those that say whom to trust."""
    starts = ("VECHE_", "SSL_CERT_", "LANGUAGE")
    return {name: value for name, value in os.environ.items() if name.startswith(starts)}
