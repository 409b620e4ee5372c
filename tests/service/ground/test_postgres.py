import os
import signal
import subprocess
import sys

import psutil
import psycopg
import pytest
from tests.service.ground.conftest import discard, make_cluster, superuser

from veche.core.errors import NoPostgres, OtherPostgres, PostgresFailed
from veche.service.ground import processes
from veche.service.ground.binaries import find_binaries
from veche.service.ground.layout import Home
from veche.service.ground.os_account import accounts, own
from veche.service.ground.postgres import Cluster


@pytest.fixture(scope="module")
def cluster(place):
    cluster = make_cluster(place / "data")
    cluster.start()
    with psycopg.connect(superuser(cluster)) as connection:
        connection.execute("CREATE TABLE kept (word text UNIQUE)")
    yield cluster
    discard(cluster)


@pytest.fixture
def running(cluster):
    """The cluster; it runs before and after each test."""
    yield cluster
    if cluster.process is None:
        cluster.start()


def _ask(cluster, statement):
    with psycopg.connect(superuser(cluster)) as connection:
        return connection.execute(statement).fetchall()


def test_nothing_listens_on_the_network(running):
    assert psutil.Process(running.process.pid).net_connections("inet") == []
    assert _ask(running, "SHOW listen_addresses") == [("",)]


def test_others_of_the_machine_do_not_reach_the_socket(running):
    assert running.socket_dir.stat().st_mode & 0o007 == 0


@pytest.mark.parametrize("password", ["", "wrong"])
def test_nobody_is_let_in_without_the_right_password(running, password):
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(running.url("postgres", password, "postgres"), passfile="/nonexistent")


def test_letters_of_every_script_are_letters(running):
    assert _ask(running, "SELECT lower('ПРИВЕТ'), 'Ёлка' ~* 'ёЛКА'") == [("привет", True)]


def test_the_server_keeps_checksums_and_waits_for_the_disk(running):
    assert _ask(running, "SHOW data_checksums") == [("on",)]
    assert _ask(running, "SHOW synchronous_commit") == _ask(running, "SHOW fsync") == [("on",)]


def test_the_log_quotes_no_values(running):
    for _ in range(2):
        with psycopg.connect(superuser(running)) as connection:
            try:
                connection.execute("INSERT INTO kept VALUES (%s)", ["+7 900 000-00-01"])
            except psycopg.errors.UniqueViolation:
                break
    with psycopg.connect(superuser(running)) as connection, pytest.raises(psycopg.errors.UndefinedColumn):
        connection.execute("SELECT nobody FROM kept WHERE word = '+7 900 000-00-02'")
    log = (running.home.logs / "postgres.log").read_text()
    assert "duplicate key" in log
    assert "900" not in log


def test_a_second_start_goes_on_with_the_same_data(running):
    with psycopg.connect(superuser(running)) as connection:
        connection.execute("INSERT INTO kept VALUES ('second')")
    running.stop()
    running.init()
    running.start()
    assert _ask(running, "SELECT count(*) FROM kept WHERE word = 'second'") == [(1,)]


def test_a_server_killed_with_9_recovers_what_was_committed(running):
    with psycopg.connect(superuser(running)) as connection:
        connection.execute("INSERT INTO kept VALUES ('killed')")
    running.process.send_signal(signal.SIGKILL)
    running.process.wait()
    running.start()
    assert _ask(running, "SELECT count(*) FROM kept WHERE word = 'killed'") == [(1,)]


def test_a_pid_file_that_names_another_process_does_not_stop_the_start(running):
    running.stop()
    # PostgreSQL itself gives up where a process of the same account has the pid.
    other = processes.start(
        ["sleep", "60"], environment={"PATH": os.defpath}, account=running.account, output=None
    )
    (running.home.postgres / "postmaster.pid").write_text(f"{other.pid}\n{running.home.postgres}\n")
    running.start()
    assert other.poll() is None
    other.kill()
    other.wait()


def test_a_server_that_was_left_running_is_ended_by_the_next_start(running):
    left = running.process
    next_one = Cluster(running.home, running.binaries, running.account)
    next_one.start()
    assert left.wait(5) == 0
    assert _ask(next_one, "SELECT 1") == [(1,)]
    running.process = next_one.process


def test_a_server_that_cannot_start_says_why(running):
    running.stop()
    settings = running.home.postgres / "postgresql.conf"
    sound = settings.read_text()
    settings.write_text(sound + "no_such_setting = 1\n")
    with pytest.raises(PostgresFailed) as told:
        running.start()
    settings.write_text(sound)
    running.process = None
    assert "no_such_setting" in (running.home.logs / "postgres.log").read_text()
    assert "configuration" in told.value.text()


def test_data_of_another_version_is_refused_and_left_alone(running):
    version = running.home.postgres / "PG_VERSION"
    ours = version.read_text()
    version.write_text("14\n")
    with pytest.raises(OtherPostgres):
        running.init()
    version.write_text(ours)


def test_a_long_path_gets_a_short_socket(place, running):
    deep = place / ("long" * 20)
    home = Home(deep)
    home.make()
    own(home, accounts())
    cluster = Cluster(home, running.binaries, running.account)
    assert len(str(cluster.socket_dir)) < 80
    assert cluster.socket_dir == Cluster(cluster.home, cluster.binaries, cluster.account).socket_dir
    cluster.socket_dir.rmdir()


def test_the_binaries_that_are_named_are_taken_or_refused(monkeypatch, tmp_path):
    found = find_binaries()
    monkeypatch.setenv("VECHE_POSTGRES_BIN", str(found))
    assert find_binaries() == found
    monkeypatch.setenv("VECHE_POSTGRES_BIN", str(tmp_path))
    with pytest.raises(NoPostgres):
        find_binaries()


def test_the_server_ends_when_its_starter_is_killed(running):
    running.stop()
    code = (
        "import sys, time; from pathlib import Path\n"
        "from tests.service.ground.conftest import make_cluster\n"
        "cluster = make_cluster(Path(sys.argv[1])); cluster.start()\n"
        "print(cluster.process.pid, flush=True); time.sleep(60)\n"
    )
    starter = subprocess.Popen(
        [sys.executable, "-c", code, running.home.path], stdout=subprocess.PIPE, text=True
    )
    pid = int(starter.stdout.readline())
    starter.kill()
    starter.wait()
    starter.stdout.close()
    assert processes.wait_until(lambda: processes.identity(pid) is None, limit_seconds=10)
