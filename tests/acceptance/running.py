"""A service as a person runs it (`veche up`), what is killed in it, and what its database says."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg

from veche.service.ground.keys import passwords
from veche.service.ground.layout import Home
from veche.service.ground.supervisor import read_state

VECHE = Path(sys.executable).parent / "veche"

#: Seconds after which something that must happen is taken not to happen.
LIMIT = 300

#: Makes an authority with a token of its programs and an editor who signs in; says them as JSON.
_OPEN = """
import json
from django.utils import timezone
from veche.service.accounts.acting import working
from veche.service.accounts.models import Role, User
from veche.service.inbox import tokens
from veche.service.inbox.models import Channel
from veche.service.tenants import open_tenant
said = {{}}
parent = None
for slug, level, territory in {authorities!r}:
    tenant = open_tenant(slug=slug, name=slug, level=level, pack="ru", territory=territory, parent=parent)
    parent = parent or tenant
    user = User.objects.create_user(f"editor@{{slug}}.example", slug, {password!r})
    Role.objects.create(tenant=tenant, user=user, role="editor", valid_from=timezone.now())
    with working(tenant.pk):
        channel = Channel.objects.get(tenant=tenant, code="api")
        _, secret = tokens.make(channel, "A program", actor="process:test", burst=1_000_000)
    said[slug] = {{"id": str(tenant.pk), "token": secret}}
print(json.dumps(said))
"""

#: What the service does each minute; once more now.
_TAKE_UP_LOST = """
INSERT INTO procrastinate_jobs (queue_name, task_name, args)
VALUES ('default', 'jobs.take_up_lost', '{"timestamp": 0}')
"""


class Service:
    """One service in a folder of its own."""

    def __init__(self, folder):
        self.home = Home(folder / "data")
        self.said = folder / "said.log"
        self.port = _free_port()
        self.process = None
        self.ending = False

    def start(self):
        """Start it, or start it again, and wait until it is ready."""
        with self.said.open("ab") as said:
            self.process = subprocess.Popen(
                [VECHE, "up", "--data", self.home.path, "--port", str(self.port)],
                stdout=said,
                stderr=said,
                env={**os.environ, "LANGUAGE": "en"},
            )
        wait_for(self._ready_or_ended, "the service to be ready")
        assert self.process.poll() is None, self.said.read_text()

    def stop(self):
        """Stop it; what does not listen is killed with all that it started."""
        if self.process is None or self.process.poll() is not None:
            return
        everything = [self.process, *psutil.Process(self.process.pid).children(recursive=True)]
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(40)
        except subprocess.TimeoutExpired:
            for process in everything:
                with suppress(psutil.NoSuchProcess, ProcessLookupError):
                    process.kill()
            raise

    def kill(self, name):
        """Kill a process with -9: a child of the supervisor by its name, or the supervisor itself.

        `name` with a slash means a process that the child started: one web process, one connection of
        PostgreSQL. The supervisor is started again; returns whether there was something to kill.
        """
        if name == "supervisor":
            self.process.kill()
            self.process.wait()
            self.start()
            return True
        pid = self.pid(name.removesuffix("/one"))
        if pid is not None and name.endswith("/one"):
            pid = _a_child_of(pid)
        if pid is None:
            return False
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        return True

    def pid(self, name):
        """Return the process of a child; None while it is not running."""
        state = read_state(self.home) or {"children": []}
        return next((child["pid"] for child in state["children"] if child["name"] == name), None)

    def ready(self):
        """Tell whether it says that it is ready."""
        try:
            return self.get("/readyz")[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def get(self, path, **headers):
        """Return the status and the body of a page."""
        return self.ask("GET", path, headers=headers)

    def ask(self, method, path, body=None, headers=None):
        """Return the status and the body of an answer.

        Raises:
            OSError, HTTPException: none came.
        """
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def rows(self, statement, *values):
        """Return the rows of a query, as the owner of the tables, who stands before no wall."""
        with self.database() as connection:
            return connection.execute(statement, values or None).fetchall()

    def database(self, role="veche_owner"):
        """Return a connection of a role."""
        return psycopg.connect(
            host=str(self.home.run), user=role, password=passwords(self.home)[role], dbname="veche"
        )

    def manage(self, code):
        """Run code inside the service as its operator does, and return what it prints."""
        done = veche("manage", "--data", self.home.path, "shell", "-v0", "-c", code)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def open_authorities(self, authorities, password):
        """Make authorities (slug, level, territory; the first is above the others): id and token of each."""
        said = self.manage(_OPEN.format(authorities=authorities, password=password))
        return json.loads(said.splitlines()[-1])

    def hasten(self):
        """Let a minute pass for what processes held that are gone now, which others wait for."""
        with suppress(psycopg.OperationalError), self.database("postgres") as connection:
            connection.execute("UPDATE inbox_pending SET held_until = now() WHERE held_until > now()")
            connection.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")
            connection.execute(_TAKE_UP_LOST)

    def _ready_or_ended(self):
        return self.process.poll() is not None or self.ready()


@contextmanager
def running():
    """Start a service in a folder of its own; nothing of it is left afterwards."""
    with a_folder() as folder, running_in(folder) as service:
        yield service


@contextmanager
def running_in(folder):
    """Start a service in this folder."""
    service = Service(folder)
    try:
        service.start()
        yield service
    except BaseException:
        for log in sorted(service.home.logs.glob("*.log")):
            print(f"--- {log.name}", *log.read_text().splitlines()[-40:], sep="\n")
        raise
    finally:
        service.stop()


@contextmanager
def a_folder():
    """Make a folder that other accounts can go through."""
    folder = Path(tempfile.mkdtemp(prefix="veche-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def veche(*arguments):
    """Run a command of ours."""
    return subprocess.run(
        [VECHE, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LANGUAGE": "en"},
        timeout=LIMIT,
    )


def wait_for(condition, what, *, limit=LIMIT, pause=0.1):
    """Wait until a condition holds, and return what it gave."""
    until = time.monotonic() + limit
    while not (given := condition()):
        assert time.monotonic() < until, f"waited {limit} s for {what}"
        time.sleep(pause)
    return given


def _a_child_of(pid):
    with suppress(psutil.NoSuchProcess):
        children = psutil.Process(pid).children()
        return children[-1].pid if children else None
    return None


def _free_port():
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]
