"""The embedded PostgreSQL: a server of our own, a child of the process that starts it.

It listens on a socket in a private folder and nowhere else, and asks every role for its password.
"""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import psycopg

from veche.core.errors import OtherPostgres, PostgresFailed
from veche.core.i18n import _
from veche.service.ground import processes
from veche.service.ground.binaries import find_binaries, major
from veche.service.ground.keys import passwords
from veche.service.ground.layout import Home
from veche.service.ground.processes import Account

__all__ = ["Cluster", "find_binaries"]

#: Written once into a new cluster; the owner of the machine may change them there.
#: For 2 cores and 24 GB that the workers share; nothing here trades safety for speed.
_SETTINGS = """\
# Settings of a Veche service. Changes take effect at its next start.
max_connections = 120
shared_buffers = 1GB
effective_cache_size = 4GB
work_mem = 16MB
maintenance_work_mem = 256MB
max_wal_size = 4GB
checkpoint_timeout = 15min
min_wal_size = 128MB
checkpoint_completion_target = 0.9
random_page_cost = 1.1
jit = off
fsync = on
synchronous_commit = on
full_page_writes = on
log_timezone = 'UTC'
timezone = 'UTC'
default_text_search_config = 'pg_catalog.simple'
"""

#: The same at each start, whatever the file says: who is let in, and that logs never quote what people wrote.
_ALWAYS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0770",
    "password_encryption": "scram-sha-256",
    "logging_collector": "off",
    "log_destination": "stderr",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_line_prefix": "%m [%p] %u ",
}

_ACCESS = """\
# A Veche service: the socket only, and only with a password.
local all all scram-sha-256
"""

#: A socket's path may have 107 bytes (sun_path of unix(7)); the file's own name is among them.
_LONGEST_PATH = 100
_SOCKET = ".s.PGSQL.5432"

#: Recovery after a crash may take this long before the start counts as failed.
_START_SECONDS = 600.0
#: Fast shutdown gets this long, immediate shutdown the rest.
_FAST_SECONDS, _IMMEDIATE_SECONDS = 20.0, 5.0
#: Connections whose server was killed notice it and end by themselves, at the latest when idle.
_ORPHAN_SECONDS = 2.0


class Cluster:
    """The PostgreSQL of one data folder."""

    def __init__(self, home: Home, binaries: Path, account: Account | None = None) -> None:
        self.home = home
        self.binaries = binaries
        self.account = account
        self.process: subprocess.Popen[bytes] | None = None

    def init(self) -> None:
        """Make the cluster if there is none yet.

        Raises:
            OtherPostgres: there is one, of another major version.
            PostgresFailed: initdb did not go through.
        """
        made = self.home.postgres / "PG_VERSION"
        if made.exists():
            self._check_version(made.read_text().strip())
            return
        with tempfile.NamedTemporaryFile("w", dir=self._socket_folder(), suffix=".pw") as f:
            f.write(passwords(self.home)["postgres"] + "\n")
            f.flush()
            if self.account:
                os.fchown(f.fileno(), self.account.uid, self.account.gid)
            self._initdb(Path(f.name))
        (self.home.postgres / "postgresql.conf").write_text(_SETTINGS)
        (self.home.postgres / "pg_hba.conf").write_text(_ACCESS)

    def start(self, output: int | None = None) -> None:
        """Start the server as a child of ours and wait until it answers.

        What a killed starter left behind is ended first. `output` takes what the server says; the
        file `postgres.log` of the logs if none.

        Raises:
            PostgresFailed: it ended before it answered.
        """
        self.spawn(output)
        self.wait_ready()

    def spawn(self, output: int | None = None) -> subprocess.Popen[bytes]:
        """Start the server without waiting for it."""
        self._clear()
        with self._log().open("ab") as log:
            self.process = processes.start(
                self._command(),
                environment=self._environment(),
                account=self.account,
                output=log if output is None else output,
                dies_with_us=signal.SIGINT,
            )
        return self.process

    def wait_ready(self, *, pause: Callable[[], object] = lambda: time.sleep(0.05)) -> None:
        """Wait until the server lets us in; `pause` is what is done between two attempts.

        Raises:
            PostgresFailed: it ended before that.
        """
        url = self.url("postgres", passwords(self.home)["postgres"], "postgres")
        limit = time.monotonic() + _START_SECONDS
        while True:
            try:
                psycopg.connect(url, connect_timeout=5).close()
                return
            except psycopg.OperationalError as error:
                ended = self.process is None or self.process.poll() is not None
                if ended or time.monotonic() > limit:
                    raise PostgresFailed(reason=_last_line(self._log(), error), log=self._log()) from None
            pause()

    def stop(self) -> None:
        """Stop the server: connections are ended (SIGINT); if that takes too long, at once (SIGQUIT)."""
        process, self.process = self.process, None
        if process is None:
            return
        for sent, limit in (
            (signal.SIGINT, _FAST_SECONDS),
            (signal.SIGQUIT, _IMMEDIATE_SECONDS),
            (signal.SIGKILL, None),
        ):
            process.send_signal(sent)
            try:
                process.wait(limit)
                return
            except subprocess.TimeoutExpired:
                continue

    @property
    def socket_dir(self) -> Path:
        """The folder of the socket; short enough for the kernel."""
        return self._socket_folder()

    def url(self, role: str, password: str, database: str) -> str:
        """Return the libpq URL by which `role` reaches a database of this cluster."""
        role, password, database, host = (
            quote(part, safe="") for part in (role, password, database, str(self.socket_dir))
        )
        return f"postgresql://{role}:{password}@/{database}?host={host}"

    def _command(self) -> list[str]:
        folder = self.socket_dir
        # Whoever may enter the folder may use the socket: where it is open to a group, that group.
        settings = _ALWAYS | {
            "unix_socket_directories": str(folder),
            "unix_socket_group": str(folder.stat().st_gid),
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(self.binaries / "postgres"), "-D", str(self.home.postgres), *options]

    def _environment(self) -> dict[str, str]:
        return {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}

    def _initdb(self, password_file: Path) -> None:
        # Letters of every script are letters, but order is that of the bytes, the same on every machine.
        locale = ["--locale=C.UTF-8"]
        if major(self.binaries) >= 17:
            locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        command = [
            str(self.binaries / "initdb"),
            f"--pgdata={self.home.postgres}",
            "--username=postgres",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--data-checksums",
            "--no-instructions",
            *locale,
        ]
        with self._log().open("ab") as log:
            made = processes.start(command, environment=self._environment(), account=self.account, output=log)
            status = made.wait()
        if status:
            raise PostgresFailed(reason=_last_line(self._log(), None), log=self._log())

    def _check_version(self, made: str) -> None:
        found = major(self.binaries)
        if made != str(found):
            raise OtherPostgres(path=self.home.postgres, made=made, found=found)

    def _clear(self) -> None:
        """End what an earlier start left: an orphaned server, or a pid file whose pid is another's now.

        A server whose postmaster was killed still has connections that finish on their own; a new one
        must not start before they are gone, and PostgreSQL itself sees to that as well.
        """
        folder = self.home.postgres

        def servers() -> list[int]:
            return processes.works_in(folder, program="postgres")

        pid = _postmaster_pid(folder)
        if running := servers():
            if pid in running:
                processes.send(pid, signal.SIGINT)
            patience = _FAST_SECONDS if pid in running else _ORPHAN_SECONDS
            if not processes.end(
                servers,
                steps=(
                    (None, patience),
                    (signal.SIGQUIT, _IMMEDIATE_SECONDS),
                    (signal.SIGKILL, _IMMEDIATE_SECONDS),
                ),
            ):
                raise PostgresFailed(
                    reason=_("the server that an earlier start left behind does not end"), log=self._log()
                )
        elif pid is not None and processes.identity(pid):
            (folder / "postmaster.pid").unlink(missing_ok=True)

    def _log(self) -> Path:
        return self.home.logs / "postgres.log"

    def _socket_folder(self) -> Path:
        folder = self.home.run
        # libpq takes a comma for the end of a host's name.
        if len(os.fsencode(folder / _SOCKET)) <= _LONGEST_PATH and "," not in str(folder):
            return folder
        # The name is not guessable, so nobody can have made it before us; it is kept for the next start.
        noted = folder / "socket-folder"
        if (
            noted.exists()
            and (short := Path(noted.read_text())).is_dir()
            and short.stat().st_uid in self._ours()
        ):
            return short
        short = Path(tempfile.mkdtemp(prefix="veche-"))
        if self.account:
            run = folder.stat()
            os.chown(short, run.st_uid, run.st_gid)
            short.chmod(run.st_mode & 0o777)
        noted.write_text(str(short))
        return short

    def _ours(self) -> tuple[int, ...]:
        return (os.geteuid(), *((self.account.uid,) if self.account else ()))


def _postmaster_pid(folder: Path) -> int | None:
    try:
        return int((folder / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def _last_line(log: Path, error: Exception | None) -> str:
    lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
    return lines[-1] if lines else str(error or "").strip()
