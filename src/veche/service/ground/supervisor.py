"""Keeps the processes of the service running, and ends them all when it is told to.

One thread, one loop: it reads what the children say into log files, starts again what died, and says
in `run/state.json` what runs. A child lives no longer than the supervisor, even if that is killed.
"""

import datetime as dt
import fcntl
import json
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from veche.core.errors import AlreadyRunning
from veche.service.ground import processes
from veche.service.ground.keys import write_secret
from veche.service.ground.layout import Home
from veche.service.ground.logs import LogFile

#: Seconds before a child that died is started again: the first time, and at most.
FIRST_DELAY, LONGEST_DELAY = 0.5, 30.0
#: A child that ran so long had started well; its next delay is the first again.
_WELL_SECONDS = 60.0
#: When the children of each wave must have ended, in seconds after the stop began: those that take and
#: understand appeals finish what they hold, then the ledger is sealed, then the database closes.
_WAVE_LIMITS = (10.5, 12.0, 14.5)
#: What a supervisor that was killed left behind has this long to end by itself.
_LEFT_SECONDS = 5.0

#: What is told: a kind, and the name of the child with facts about it.
Tell = Callable[["Event"], object]


@dataclass(frozen=True)
class Child:
    """One process to keep running. `start` gets the descriptor that takes its output."""

    name: str
    start: Callable[[int], "subprocess.Popen[bytes]"]
    wave: int = 0
    stop: signal.Signals = signal.SIGTERM
    stop_at_once: signal.Signals = signal.SIGKILL


@dataclass(frozen=True)
class Event:
    """A child ended by itself with `status`, and is started again in `delay_seconds`."""

    child: str
    status: int
    delay_seconds: float


@dataclass
class _Kept:
    """A child and its process, if it runs."""

    child: Child
    log: LogFile
    process: "subprocess.Popen[bytes] | None" = None
    began: float = 0.0
    since: str = ""
    restarts: int = 0
    delay: float = FIRST_DELAY
    due: float | None = None
    pipes: list[int] = field(default_factory=list)


class Stopped(Exception):
    """We were told to stop while something was waited for."""


class Lock:
    """The right to start processes in a data folder; one process has it at a time."""

    def __init__(self, home: Home) -> None:
        self._path = home.lock
        self._home = home
        self._handle = -1

    def __enter__(self) -> "Lock":
        """Take it.

        Raises:
            AlreadyRunning: another process has it.
        """
        self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = os.read(self._handle, 20).decode().strip() or "?"
            os.close(self._handle)
            raise AlreadyRunning(path=self._home.path, pid=pid) from None
        os.ftruncate(self._handle, 0)
        os.pwrite(self._handle, str(os.getpid()).encode(), 0)
        return self

    def __exit__(self, *_: object) -> None:
        os.ftruncate(self._handle, 0)
        os.close(self._handle)


class Supervisor:
    """Starts children, keeps them, stops them. Use it in the main thread, in a `with`, under a `Lock`."""

    def __init__(self, home: Home, *, tell: Tell) -> None:
        self._home = home
        self._tell = tell
        self._kept: list[_Kept] = []
        self._selector = selectors.DefaultSelector()
        self._told_to_stop = 0
        self._notes: dict[str, object] = {}
        self._unwritten = False

    def __enter__(self) -> "Supervisor":
        """End what an earlier supervisor left, and listen to signals from now on."""
        _end_leftovers(self._home)
        self._heard, self._wake = os.pipe()
        os.set_blocking(self._heard, False)
        os.set_blocking(self._wake, False)
        self._selector.register(self._heard, selectors.EVENT_READ)
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        for told in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(told, self._on_stop)
        # Only to wake the loop; it looks itself who ended.
        signal.signal(signal.SIGCHLD, lambda *_: None)
        return self

    def __exit__(self, *_: object) -> None:
        """Stop all children, the database last, and remove the state."""
        self._stop_all()
        signal.set_wakeup_fd(-1)
        for told in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(told, signal.SIG_DFL)
        self._selector.close()
        os.close(self._heard)
        os.close(self._wake)
        self._home.state.unlink(missing_ok=True)

    def note(self, **facts: object) -> None:
        """Write facts beside the children into the state, for example the address."""
        self._notes |= facts
        self._write_state()

    def add(self, child: Child) -> None:
        """Start a child and keep it running."""
        kept = _Kept(child, LogFile(self._home.logs / f"{child.name}.log"))
        self._kept.append(kept)
        self._start(kept)
        self._write_state()

    def run(self) -> None:
        """Keep the children until we are told to stop.

        Raises:
            Stopped: we were.
        """
        while True:
            self.pause(1.0)

    def step(self, seconds: float) -> None:
        """Read, reap and start again for at most `seconds`; return earlier when something happened."""
        now = time.monotonic()
        waits = [kept.due - now for kept in self._kept if kept.due is not None and not self._told_to_stop]
        self._read(max(0.0, min([seconds, *waits])))
        changed = self._reap()
        for kept in self._kept:
            if kept.due is not None and kept.due <= time.monotonic() and not self._told_to_stop:
                self._start_again(kept)
                changed = True
        if changed or self._unwritten:
            self._write_state()

    def wait(self, process: "subprocess.Popen[bytes]") -> int:
        """Wait for a process that is no child to keep, while the children are kept; return its status.

        Raises:
            Stopped: we were told to stop before it ended.
        """
        while process.poll() is None:
            self.pause(0.05)
        return process.returncode

    def pause(self, seconds: float) -> None:
        """Keep the children for at most `seconds`.

        Raises:
            Stopped: we were told to stop.
        """
        self.step(seconds)
        if self._told_to_stop:
            raise Stopped

    def _on_stop(self, *_: object) -> None:
        self._told_to_stop += 1

    def _start_again(self, kept: _Kept) -> None:
        kept.restarts += 1
        try:
            self._start(kept)
        except OSError:
            # No room or no memory for it now.
            kept.due = time.monotonic() + kept.delay
            kept.delay = min(kept.delay * 2, LONGEST_DELAY)

    def _start(self, kept: _Kept) -> None:
        kept.due = None
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        try:
            kept.process = kept.child.start(writing)
        except BaseException:
            os.close(reading)
            raise
        finally:
            os.close(writing)
        kept.began = time.monotonic()
        kept.since = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        kept.pipes.append(reading)
        self._selector.register(reading, selectors.EVENT_READ, kept)

    def _read(self, seconds: float) -> None:
        for key, _mask in self._selector.select(seconds):
            kept = key.data
            if kept is None:
                with suppress(BlockingIOError):
                    os.read(self._heard, 4096)
            elif said := os.read(key.fd, 65536):
                kept.log.write(said)
            else:
                self._selector.unregister(key.fd)
                os.close(key.fd)
                kept.pipes.remove(key.fd)

    def _reap(self) -> bool:
        changed = False
        for kept in self._kept:
            if kept.process is not None and kept.process.poll() is not None:
                self._ended(kept, kept.process)
                changed = True
        processes.bury_strangers({kept.process.pid for kept in self._kept if kept.process})
        return changed

    def _ended(self, kept: _Kept, process: "subprocess.Popen[bytes]") -> None:
        # What it had started itself must not go on beside its successor.
        _kill_group(process.pid)
        now = time.monotonic()
        if now - kept.began > _WELL_SECONDS:
            kept.delay = FIRST_DELAY
        kept.process = None
        if not self._told_to_stop:
            kept.due = now + kept.delay
            with suppress(OSError):
                self._tell(Event(kept.child.name, process.returncode, kept.delay))
            kept.delay = min(kept.delay * 2, LONGEST_DELAY)

    def _stop_all(self) -> None:
        self._told_to_stop = max(self._told_to_stop, 1)
        began, hurry = time.monotonic(), self._told_to_stop + 1
        for wave, limit in enumerate(_WAVE_LIMITS):
            waiting = [kept for kept in self._kept if kept.child.wave == wave]
            _send(waiting, lambda child: child.stop)
            while _alive(waiting) and time.monotonic() - began < limit and self._told_to_stop < hurry:
                self.step(0.1)
            if _alive(waiting):
                _send(waiting, lambda child: child.stop_at_once)
                self._wait_for_end(waiting)
        self._read(0.0)
        for kept in self._kept:
            kept.log.close()
            for pipe in kept.pipes:
                os.close(pipe)

    def _wait_for_end(self, waiting: Sequence[_Kept]) -> None:
        until = time.monotonic() + 5.0
        while _alive(waiting):
            if time.monotonic() > until:
                _send(waiting, lambda _child: signal.SIGKILL)
            self.step(0.1)

    def _write_state(self) -> None:
        running = [
            {
                "name": kept.child.name,
                "pid": kept.process.pid if kept.process else None,
                "began": processes.identity(kept.process.pid) if kept.process else None,
                "since": kept.since,
                "restarts": kept.restarts,
            }
            for kept in self._kept
        ]
        state = {"supervisor": os.getpid(), "began": processes.identity(os.getpid()), **self._notes}
        # A full disk must not end what it keeps; the state is written as soon as there is room.
        self._unwritten = True
        with suppress(OSError):
            write_secret(self._home.state, json.dumps({**state, "children": running}, indent=1) + "\n")
            self._unwritten = False


def read_state(home: Home) -> dict[str, object] | None:
    """Return what a supervisor wrote of itself and its children; none if none wrote."""
    try:
        return json.loads(home.state.read_text())
    except (OSError, ValueError):
        return None


def _end_leftovers(home: Home) -> None:
    """End the children of a supervisor that was killed. They were told when it died; here we make sure."""
    state = read_state(home)
    children = state.get("children") if state else None
    left = {
        child["pid"]: child["began"]
        for child in (children if isinstance(children, list) else [])
        # The database is no concern here: its cluster ends it gently.
        if isinstance(child.get("pid"), int) and child.get("name") != "postgres"
    }
    processes.wait_until(
        lambda: not any(processes.identity(pid) == began for pid, began in left.items()),
        limit_seconds=_LEFT_SECONDS,
    )
    for pid, began in left.items():
        # One that is gone may have left what it had started itself, under its number.
        if processes.identity(pid) in (began, None):
            _kill_group(pid)
    # Their ports are free when they are gone, a moment after they were killed.
    processes.wait_until(lambda: not any(map(_group_is_there, left)), limit_seconds=_LEFT_SECONDS)
    home.state.unlink(missing_ok=True)


def _alive(waiting: Sequence[_Kept]) -> bool:
    return any(kept.process is not None for kept in waiting)


def _send(waiting: Sequence[_Kept], choose: Callable[[Child], signal.Signals]) -> None:
    for kept in waiting:
        if kept.process is not None:
            kept.process.send_signal(choose(kept.child))


def _kill_group(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _group_is_there(pid: int) -> bool:
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
