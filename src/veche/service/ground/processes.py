"""Processes: started under an account, tied to their starter's life, found again and ended for sure.

Linux only (`prctl`, `/proc`), as is the service. Starts have to come from the main thread: the
kernel ties a child to the life of the thread that started it.
"""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

#: `PR_SET_PDEATHSIG` of prctl(2).
_PARENT_DEATH_SIGNAL = 1
_LIBC = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Account:
    """A user of the machine, and the groups a process of theirs has."""

    name: str
    uid: int
    gid: int
    groups: tuple[int, ...] = ()


def start(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    account: Account | None,
    output: int | IO[bytes] | None,
    errors: int | IO[bytes] | None = None,
    dies_with_us: signal.Signals | None = signal.SIGKILL,
    stdin: int = subprocess.DEVNULL,
    niceness: int = 0,
) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own; what it says goes to `output`, `errors` apart if given.

    It gets exactly `environment`, runs as `account` (ours if none), gives way to others by `niceness`, and
    receives `dies_with_us` when this thread ends, however it ends.
    """
    ours = os.getpid()

    # The kernel forgets the signal when the user changes, so it is set after that; a starter that died
    # before it was set will not cause it any more.
    def tie() -> None:
        os.nice(niceness)
        if dies_with_us is not None:
            _LIBC.prctl(_PARENT_DEATH_SIGNAL, int(dies_with_us), 0, 0, 0)
            if os.getppid() != ours:
                os.kill(os.getpid(), dies_with_us)

    return subprocess.Popen(
        command,
        env=dict(environment),
        stdin=stdin,
        stdout=output,
        stderr=output if errors is None else errors,
        cwd="/",
        # Files are for the owner; for the group only in folders that are open to it.
        umask=0o027,
        start_new_session=True,
        preexec_fn=tie,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=account.groups if account else None,
    )


def identity(pid: int) -> str | None:
    """Return when a process began (clock ticks since boot), so that a pid used anew is told apart."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    # The name stands in brackets and may hold spaces; state and 18 fields come before the start.
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else fields[19]


def works_in(folder: Path, *, program: str) -> list[int]:
    """Return the processes of a program whose working directory is `folder`, oldest first."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fits = (entry / "cwd").samefile(folder) and (entry / "comm").read_text().strip() == program
        except OSError:
            continue
        if fits and (began := identity(int(entry.name))):
            found.append((int(began), int(entry.name)))
    return [pid for _, pid in sorted(found)]


def end(pids: Callable[[], list[int]], *, steps: Sequence[tuple[signal.Signals | None, float]]) -> bool:
    """Send signal after signal to what `pids` finds; return whether all ended.

    Each step is a signal, or none where only waiting is meant, and the seconds to wait after it.
    """
    for sent, limit_seconds in steps:
        for pid in pids():
            if sent is not None:
                send(pid, sent)
        if wait_until(lambda: not pids(), limit_seconds=limit_seconds):
            return True
    return not pids()


def send(pid: int, sent: signal.Signals) -> None:
    """Send a signal to a process that may be gone already."""
    try:
        os.kill(pid, sent)
    except (ProcessLookupError, PermissionError):
        return


def wait_until(condition: Callable[[], bool], *, limit_seconds: float, pause_seconds: float = 0.05) -> bool:
    """Wait for a condition; return whether it came true within the limit."""
    limit = time.monotonic() + limit_seconds
    while not condition():
        if time.monotonic() >= limit:
            return False
        time.sleep(pause_seconds)
    return True


def bury_strangers(ours: Collection[int]) -> None:
    """Bury processes that nobody else waits for; as the first process of a container we inherit them."""
    if os.getpid() != 1:
        return
    while True:
        try:
            found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return
        if found is None or found.si_pid in ours:
            return
        os.waitpid(found.si_pid, os.WNOHANG)
