import json
import os
import signal
import socket
import subprocess
import sys
import time

import psutil
import pytest

from veche.core.errors import AlreadyRunning
from veche.service.ground import processes
from veche.service.ground.layout import Home
from veche.service.ground.logs import LogFile
from veche.service.ground.supervisor import Lock, read_state

#: A supervisor over small processes: each argument is a name, a wave and what the shell does there.
_KEEPS = """
import signal, sys
from pathlib import Path
from veche.service.ground import processes
from veche.service.ground.layout import Home
from veche.service.ground.supervisor import Child, Lock, Stopped, Supervisor

def child(name, wave, does):
    def start(output):
        return processes.start(
            ["/bin/sh", "-c", does], environment={"PATH": "/usr/bin:/bin"}, account=None, output=output,
            dies_with_us=signal.SIGTERM)
    return Child(name, start, int(wave))

home = Home(Path(sys.argv[1]))
home.make()
with Lock(home), Supervisor(home, tell=lambda event: print(event, flush=True)) as supervisor:
    for argument in sys.argv[2:]:
        supervisor.add(child(*argument.split("|")))
    print("kept", flush=True)
    try:
        supervisor.run()
    except Stopped:
        pass
"""
_WAITS = "sleep 60 & wait"


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "data")


@pytest.fixture
def keep(home):
    """Start a supervisor over children; what is left of them is ended after the test."""
    started = []

    def start(*children):
        supervisor = subprocess.Popen(
            [sys.executable, "-c", _KEEPS, home.path, *children], stdout=subprocess.PIPE, text=True
        )
        started.append(supervisor)
        while supervisor.stdout.readline().strip() != "kept":
            pass
        return supervisor

    yield start
    for supervisor in started:
        supervisor.kill()
        supervisor.wait()
        supervisor.stdout.close()


def _pid(home, name):
    return next(child["pid"] for child in read_state(home)["children"] if child["name"] == name)


def _gone(pid):
    return processes.wait_until(lambda: processes.identity(pid) is None, limit_seconds=8)


def _log(home, name):
    return (home.logs / f"{name}.log").read_text()


def test_a_child_that_died_is_started_again_and_that_is_told(keep, home):
    supervisor = keep(f"one|0|{_WAITS}")
    first = _pid(home, "one")
    os.kill(first, signal.SIGKILL)
    assert "delay_seconds=0.5" in supervisor.stdout.readline()
    assert processes.wait_until(lambda: _pid(home, "one") not in (None, first), limit_seconds=5)
    assert next(child["restarts"] for child in read_state(home)["children"]) == 1


def test_each_start_that_fails_makes_the_next_wait_longer(keep):
    supervisor = keep("one|0|exit 3")
    told = [supervisor.stdout.readline() for _ in range(3)]
    assert all(f"delay_seconds={n}" in line for n, line in zip((0.5, 1.0, 2.0), told, strict=True))
    assert all("status=3" in line for line in told)


def test_what_a_dead_child_had_started_does_not_go_on(keep, home):
    keep(f"one|0|{_WAITS}")
    pid = _pid(home, "one")
    (inner,) = _children(pid)
    os.kill(pid, signal.SIGKILL)
    assert _gone(inner)


def test_a_port_that_a_killed_supervisor_left_taken_is_free_for_the_next(keep, home):
    # Deaf, and so large that it is a while in dying.
    holds = (
        "import signal, socket, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        'held = bytearray(range(256)) * 2_000_000; s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen();'
        "print(s.getsockname()[1], flush=True); time.sleep(60)"
    )
    first = keep(f"web|0|exec {sys.executable} -c '{holds}'")
    assert processes.wait_until(lambda: _log(home, "web").endswith("\n"), limit_seconds=20)
    port = int(_log(home, "web"))
    first.kill()
    first.wait()
    keep()
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        trial.bind(("127.0.0.1", port))
        trial.listen()


def _children(pid):
    found = []
    processes.wait_until(
        lambda: bool(found.extend(p.pid for p in psutil.Process(pid).children()) or found), limit_seconds=5
    )
    return found


def test_waves_end_one_after_the_other_with_status_0(keep, home):
    says = "trap 'sleep 0.3; date +%s.%N; exit 0' TERM; echo up; while :; do sleep 0.05; done"
    supervisor = keep(f"web|0|{says}", f"sealer|1|{says}", f"last|2|{says}")
    processes.wait_until(
        lambda: all("up" in _log(home, n) for n in ("web", "sealer", "last")), limit_seconds=5
    )
    supervisor.send_signal(signal.SIGTERM)
    assert supervisor.wait(15) == 0
    ends = [float(_log(home, name).splitlines()[-1]) for name in ("web", "sealer", "last")]
    assert ends == sorted(ends)
    assert not home.state.exists()


def test_being_told_twice_ends_what_does_not_listen(keep, home):
    supervisor = keep("deaf|0|trap '' TERM; echo up; while :; do sleep 0.05; done")
    processes.wait_until(lambda: "up" in _log(home, "deaf"), limit_seconds=5)
    pid = _pid(home, "deaf")
    supervisor.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    supervisor.send_signal(signal.SIGTERM)
    assert supervisor.wait(5) == 0
    assert _gone(pid)


def test_children_end_with_a_supervisor_that_was_killed(keep, home):
    supervisor = keep(f"one|0|{_WAITS}", f"two|1|{_WAITS}")
    pids = [_pid(home, "one"), _pid(home, "two")]
    supervisor.kill()
    assert all(_gone(pid) for pid in pids)


def test_the_next_supervisor_ends_children_that_outlived_a_killed_one(keep, home):
    supervisor = keep("deaf|0|trap '' TERM; echo up; while :; do sleep 0.05; done")
    processes.wait_until(lambda: "up" in _log(home, "deaf"), limit_seconds=5)
    pid = _pid(home, "deaf")
    supervisor.kill()
    supervisor.wait()
    assert processes.identity(pid)
    keep(f"one|0|{_WAITS}")
    assert processes.identity(pid) is None


def test_a_pid_that_is_another_process_s_now_is_left_alone(keep, home):
    home.make()
    stranger = subprocess.Popen(["sleep", "60"], start_new_session=True)
    state = {"children": [{"name": "one", "pid": stranger.pid, "began": "1"}]}
    home.state.write_text(json.dumps(state))
    keep(f"one|0|{_WAITS}")
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_a_folder_has_one_supervisor(keep, home):
    supervisor = keep(f"one|0|{_WAITS}")
    with pytest.raises(AlreadyRunning, match=str(supervisor.pid)), Lock(home):
        pass
    supervisor.kill()
    supervisor.wait()
    with Lock(home):
        pass


def test_what_a_child_says_to_its_last_breath_is_in_its_log(keep, home):
    supervisor = keep(
        "one|0|trap 'echo out; echo err >&2; exit 0' TERM; echo up; while :; do sleep 0.05; done"
    )
    processes.wait_until(lambda: "up" in _log(home, "one"), limit_seconds=5)
    supervisor.send_signal(signal.SIGINT)
    assert supervisor.wait(10) == 0
    assert _log(home, "one").splitlines() == ["up", "out", "err"]


def test_a_log_is_put_aside_when_it_is_full_and_nothing_is_lost(tmp_path):
    log = LogFile(tmp_path / "web.log", largest_bytes=10, kept=3)
    for number in range(7):
        log.write(b"line %d\n" % number)
    log.close()
    names = ["web.log.3", "web.log.2", "web.log.1", "web.log"]
    assert [(tmp_path / name).read_text() for name in names] == [f"line {n}\n" for n in (3, 4, 5, 6)]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
