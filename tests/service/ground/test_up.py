import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

import psutil
import psycopg
import pytest
from tests.service.ground.conftest import as_root

from veche.service.ground import processes
from veche.service.ground.keys import passwords
from veche.service.ground.layout import Home
from veche.service.ground.os_account import accounts
from veche.service.ground.readable import readable_python
from veche.service.ground.supervisor import read_state

_VECHE = [sys.executable, "-c", "from veche.cli import main; main()"]


class Service:
    """`veche up` on a folder, as a person starts it."""

    def __init__(self, data, *, python=None, account=None):
        self.home = Home(data)
        self.port = _free_port()
        self.said = []
        self._python = python
        self._account = account
        self.process = None

    def start(self, heard=lambda _line: None):
        python = self._python
        command = [python.executable, *_VECHE[1:]] if python else _VECHE
        variables = python.variables if python else {}
        self.process = subprocess.Popen(
            [*command, "up", "--data", self.home.path, "--port", str(self.port)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "LC_ALL": "C.UTF-8", "LANGUAGE": "en", **variables},
            **_as(self._account),
        )
        for line in self.process.stdout:
            self.said.append(line)
            heard(line)
            if line.startswith("Stop it"):
                return self
        self.process.communicate(timeout=20)
        raise AssertionError("".join(self.said))

    def stop(self, told=signal.SIGTERM):
        pids = self.pids()
        self.process.send_signal(told)
        self.process.communicate(timeout=20)
        return pids

    def pids(self):
        return [self.process.pid, *(p.pid for p in psutil.Process(self.process.pid).children(recursive=True))]

    def pid(self, name):
        return next(c["pid"] for c in read_state(self.home)["children"] if c["name"] == name)

    def ready(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def database(self):
        password = passwords(self.home)["veche_owner"]
        return psycopg.connect(
            host=str(self.home.run), user="veche_owner", password=password, dbname="veche", autocommit=True
        )


def _as(account):
    return {"user": account.uid, "group": account.gid, "extra_groups": account.groups} if account else {}


def _free_port():
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]


def _all_gone(pids):
    return processes.wait_until(lambda: not any(processes.identity(pid) for pid in pids), limit_seconds=20)


@pytest.fixture(scope="module")
def once(place):
    service = Service(place / "up")
    yield service
    if service.process and service.process.poll() is None:
        service.stop()


@pytest.fixture
def service(once):
    """A service that runs before the test, as the test before left it or started again."""
    if once.process is None or once.process.poll() is not None:
        once.start()
    return once


def _restarted(service, name, pid):
    found = processes.wait_until(lambda: service.pid(name) not in (None, pid), limit_seconds=15)
    return found and processes.wait_until(service.ready, limit_seconds=30, pause_seconds=0.2)


def test_it_says_where_it_is_and_answers_there(service):
    assert service.ready()
    assert any(f"http://127.0.0.1:{service.port}" in line for line in service.said)


@as_root
def test_nothing_but_the_supervisor_runs_as_root(service):
    users = {psutil.Process(pid).uids().effective for pid in service.pids()[1:]}
    ours = accounts()
    assert users <= {ours.web.uid, ours.database.uid, ours.ledger.uid}
    assert {ours.web.uid, ours.database.uid} <= users


def test_pages_come_before_what_is_understood_and_that_before_what_follows(service):
    niceness = {c["name"]: psutil.Process(c["pid"]).nice() for c in read_state(service.home)["children"]}
    assert niceness["web"] == niceness["files"] < niceness["worker-1"] < niceness["jobs"]


@as_root
def test_the_web_server_cannot_read_the_ledger_s_key_nor_the_database(service):
    ours = accounts()
    keys = service.home.keys

    def reads(account, path):
        return subprocess.run(["cat", path], capture_output=True, **_as(account)).returncode == 0

    assert reads(ours.web, keys / "secret")
    assert reads(ours.ledger, keys / "ledger.key")
    assert not reads(ours.web, keys / "ledger.key")
    assert not reads(ours.web, keys / "passwords.json")
    assert not reads(ours.web, service.home.postgres / "PG_VERSION")
    assert not reads(ours.ledger, keys / "vault.key")


def test_secrets_are_in_no_command_line(service):
    lines = " ".join(" ".join(psutil.Process(pid).cmdline()) for pid in service.pids())
    secrets = passwords(service.home).values()
    assert not any(secret in lines for secret in secrets)


def test_a_second_start_on_the_same_folder_says_that_it_is_running(service):
    second = subprocess.run([*_VECHE, "up", "--data", service.home.path], capture_output=True, text=True)
    assert second.returncode == 1
    assert "VECHE-V012" in second.stderr
    assert service.ready()


def test_a_port_that_is_taken_is_told_and_nothing_is_left_running(service, place):
    other = Service(place / "other")
    other.port = service.port
    with pytest.raises(AssertionError, match="VECHE-V011"):
        other.start()
    assert other.process.returncode == 1
    assert read_state(other.home) is None


def test_it_goes_on_when_postgres_was_killed(service):
    pid = service.pid("postgres")
    os.kill(pid, signal.SIGKILL)
    assert _restarted(service, "postgres", pid)


def test_it_comes_up_although_postgres_is_killed_while_it_starts(service):
    service.stop()
    killed, since = [], len(service.said)

    def kill(line):
        if line.startswith(("Preparing", "Veche is at")):
            os.kill(service.pid("postgres"), signal.SIGKILL)
            killed.append(line)

    service.start(kill)
    assert len(killed) == 2
    assert processes.wait_until(service.ready, limit_seconds=30, pause_seconds=0.2)
    assert any(line.startswith("No authority is open yet") for line in service.said[since:])


def test_it_goes_on_when_the_web_server_was_killed(service):
    pid = service.pid("web")
    os.kill(pid, signal.SIGKILL)
    assert _restarted(service, "web", pid)


def test_manage_reaches_the_running_service(service):
    done = subprocess.run(
        [*_VECHE, "manage", "showmigrations", "--plan", "--data", service.home.path],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "[X]  accounts.0001_initial" in done.stdout


def test_a_killed_supervisor_leaves_nothing_and_the_next_start_has_the_data(service):
    with service.database() as connection:
        connection.execute("CREATE TABLE kept AS SELECT 'word' AS word")
    pids = service.pids()
    service.process.kill()
    service.process.wait()
    service.process.stdout.close()
    service.start()
    assert _all_gone(pids)
    assert service.ready()
    with service.database() as connection:
        assert connection.execute("TABLE kept").fetchall() == [("word",)]
        connection.execute("DROP TABLE kept")


@pytest.mark.parametrize("told", [signal.SIGTERM])
def test_it_stops_with_status_0_and_leaves_nothing_running(service, told):
    pids = service.stop(told)
    assert service.process.returncode == 0
    assert _all_gone(pids)
    assert read_state(service.home) is None
    assert not (service.home.postgres / "postmaster.pid").exists()


@as_root
def test_a_plain_user_starts_it_under_their_own_account():
    ours = accounts().web
    folder = Path(tempfile.mkdtemp(prefix="veche-plain-"))
    os.chown(folder, ours.uid, ours.gid)
    service = Service(folder / "data", python=readable_python(ours), account=ours).start()
    users = {psutil.Process(pid).uids().effective for pid in service.pids()}
    state = json.loads(service.home.state.read_text())
    service.stop()
    assert users == {ours.uid}
    assert {child["name"] for child in state["children"]} >= {"postgres", "web", "jobs", "files", "sealer"}
    subprocess.run(["rm", "-r", folder], check=True)
