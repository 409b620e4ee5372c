"""PostgreSQL's own programs, as they are used here: reading a database out, and playing it in again.

Passwords reach them by the environment, never by the command line. What they say of rows is not passed on.
"""

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import IO

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.pq import Conninfo

from veche.core.errors import ToolFailed
from veche.service.ground import processes
from veche.service.ground.archive import DUMP, Backup
from veche.service.ground.binaries import find_tools

_BLOCK = 1 << 20
#: Faster building of indexes; the memory is given back with the connection.
_OPTIONS = "-c maintenance_work_mem=256MB -c statement_timeout=0"

_PREAMBLE = (b"--", b"SET ", b"SELECT ", b"\\", b"\n")
_SET = re.compile(rb"SET (\w+) = ")
#: The statements of a dump that name the role that owned the tables, once objects are restored without owner.
_NAMING_ROLES = (b"CREATE POLICY ", b"ALTER DEFAULT PRIVILEGES ", b"GRANT ", b"REVOKE ")


def dumped(url: str, *, snapshot: str) -> Iterator[bytes]:
    """Yield a dump of a database, in PostgreSQL's own format, as its owner sees it in a snapshot.

    The owner is under the walls as everybody is, and its policies show it all rows; without the option
    `pg_dump` refuses to read tables with row-level security.

    Raises:
        ToolFailed: pg_dump did not go through.
        NoTools: it is not there.
    """
    command = [
        "pg_dump",
        "--format=custom",
        "--compress=1",
        "--enable-row-security",
        f"--snapshot={snapshot}",
    ]
    with _running(command, url) as process:
        assert process.stdout
        while block := process.stdout.read(_BLOCK):
            yield block


def play_in(backup: Backup, url: str) -> None:
    """Make the tables of a backup, with all rows, in an empty database, as its owner; all or nothing.

    Policies and default privileges of the role that owned the tables become those of the role in `url`.

    Raises:
        ToolFailed: the database did not take it.
        NoTools: pg_restore is not there, or older than what wrote the backup.
    """
    manifest = backup.manifest
    owner = re.escape(manifest.owner.encode())
    named = re.compile(rb'(?<![\w"])(?:"%b"|%b)(?![\w"])' % (owner, owner))
    known = _settings(url)
    reading = ["pg_restore", "--format=custom", "--no-owner", "--no-tablespaces", "--file=-"]
    playing = ["psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"]
    playing += ["--set=VERBOSITY=sqlstate", "--file=-"]
    needed = manifest.dumped_by
    with backup.path.open("rb", buffering=0) as f:
        f.seek(backup.places[DUMP][0])
        with (
            _running(playing, url, needed=needed, stdin=subprocess.PIPE) as player,
            _running(reading, None, needed=needed, stdin=f.fileno()) as reader,
        ):
            assert reader.stdout
            assert player.stdin
            for line in _fitting(reader.stdout, known, named):
                player.stdin.write(line)
            player.stdin.close()


def _fitting(sql: IO[bytes], known: set[bytes], owner: "re.Pattern[bytes]") -> Iterator[bytes]:
    """Yield the statements as this server takes them; rows pass as they are.

    A newer `pg_restore` begins with settings that an older server does not know (`transaction_timeout`
    is of version 17).
    """
    in_rows, beginning = False, True
    for line in sql:
        if in_rows:
            in_rows = line != b"\\.\n"
        elif beginning and line.startswith(_PREAMBLE):
            found = _SET.match(line)
            if found and found[1].lower() not in known:
                continue
        else:
            beginning = False
            in_rows = line.startswith(b"COPY ") and line.endswith(b" FROM stdin;\n")
            if line.startswith(_NAMING_ROLES):
                line = owner.sub(b"CURRENT_USER", line)
        yield line


def _settings(url: str) -> set[bytes]:
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT lower(name) FROM pg_settings").fetchall()
    return {name.encode() for (name,) in rows}


@contextmanager
def _running(
    command: Sequence[str], url: str | None, *, needed: int | None = None, stdin: int = subprocess.DEVNULL
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a program; when the body ends it must have ended well, when the body fails it is ended."""
    folder = find_tools(oldest=needed) if needed else find_tools()
    where, variables = _address(url) if url else ([], {})
    with tempfile.TemporaryFile() as errors:
        process = processes.start(
            [str(folder / command[0]), *command[1:], *where],
            environment={
                "PATH": os.defpath,
                "HOME": os.environ.get("HOME", "/"),
                "LC_ALL": "C.UTF-8",
                "PGOPTIONS": _OPTIONS,
                **variables,
            },
            account=None,
            output=subprocess.PIPE,
            errors=errors,
            stdin=stdin,
        )
        try:
            yield process
            ended_well = process.wait() == 0
        except BrokenPipeError:
            # It ended while it was written to, and says itself why.
            ended_well = False
        finally:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                with suppress(BrokenPipeError):
                    if pipe:
                        pipe.close()
        if not ended_well:
            raise ToolFailed(program=command[0], reason=_reason(errors, process.returncode))


def _reason(errors: IO[bytes], status: int) -> str:
    errors.seek(0)
    lines = [line for line in errors.read().decode(errors="replace").splitlines() if line.strip()]
    said = next((line for line in lines if "rror" in line), lines[-1] if lines else str(status))
    state = re.search(r"ERROR:\s+(\w{5})$", said)
    return _meaning(state[1]) if state else said


def _meaning(state: str) -> str:
    """Return what an SQLSTATE means in a word; the server's own sentence could quote a row."""
    try:
        return f"{psycopg.errors.lookup(state).__name__} ({state})"
    except KeyError:
        return state


def _address(url: str) -> tuple[list[str], dict[str, str]]:
    """Return a libpq URL as variables, and as an option where libpq has no variable for something."""
    given = [option for option in Conninfo.parse(url.encode()) if option.val is not None]
    variables = {o.envvar.decode(): o.val.decode() for o in given if o.envvar and o.val is not None}
    rest = {o.keyword.decode(): o.val.decode() for o in given if not o.envvar and o.val is not None}
    return ([f"--dbname={make_conninfo('', **rest)}"] if rest else []), variables
