"""Measures the live service on this machine: what it takes, how soon it understands, what a file costs.

    .venv/bin/python benchmarks/service.py [PART...]

Starts `veche up` in a folder of its own, hands in sample appeals over loopback, and reads from the database
when each was durable and understood. The client runs on the same cores as the service.
"""

import asyncio
import contextlib
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
from measure import print_table, write_results
from service_client import Answer, Client

from veche.packs import load_pack
from veche.packs.sample.generate import generate

VECHE = Path(sys.executable).parent / "veche"

#: Seconds of the sustained part; `VECHE_BENCH_SECONDS` shortens it.
SUSTAINED_SECONDS = int(os.environ.get("VECHE_BENCH_SECONDS", 600))
#: Rows of the file; `VECHE_BENCH_ROWS` shortens it.
FILE_ROWS = int(os.environ.get("VECHE_BENCH_ROWS", 300_000))
_START_SECONDS, _DRAIN_SECONDS = 120, 1800

_PREPARE = """
from veche.service.accounts.models import Tenant, User, Role
from veche.service.inbox.models import Channel
from veche.service.inbox import tokens
from veche.service.accounts.acting import working
from datetime import UTC, datetime
tenant = Tenant.objects.create(slug='bench', name='Bench', level='nation', pack='ru', territory='ru')
channel = Channel.objects.create(tenant=tenant, code='api', title='Programs')
with working(tenant.pk):
    _, secret = tokens.make(channel, 'bench', actor='bench', per_minute=10_000_000, burst=10_000_000)
print('TOKEN', secret)
"""


@dataclass
class Service:
    """A service that runs: how to reach it, and its database as the owner."""

    folder: Path
    port: int
    token: str
    url: str

    def ask(self, statement: str, *values: object) -> tuple[Any, ...]:
        """Return the first row of a query, as the owner of the tables."""
        with psycopg.connect(self.url) as connection:
            row = connection.execute(statement, values).fetchone()
            assert row is not None
            return row

    def drained(self) -> float:
        """Wait until nothing waits to be understood; return the seconds it took."""
        began = time.monotonic()
        while self.ask("SELECT count(*) FROM inbox_pending")[0]:
            if time.monotonic() - began > _DRAIN_SECONDS:
                raise SystemExit("The queue did not drain.")
            time.sleep(0.2)
        return time.monotonic() - began


@contextlib.contextmanager
def service() -> Iterator[Service]:
    """Start a service in a folder of its own, with one authority and one token."""
    with tempfile.TemporaryDirectory(prefix="veche-bench-") as name:
        Path(name).chmod(0o755)
        folder, port = Path(name) / "data", _free_port()
        command = [VECHE, "up", "--data", folder, "--port", str(port)]
        process = subprocess.Popen([str(c) for c in command], stdout=subprocess.DEVNULL)
        try:
            _wait_ready(port, process)
            manage = [str(VECHE), "manage", "--data", str(folder), "shell", "-v0", "-c", _PREPARE]
            said = subprocess.run(manage, check=True, capture_output=True, text=True).stdout
            token = next(line.split()[1] for line in said.splitlines() if line.startswith("TOKEN "))
            yield Service(folder, port, token, _owner_url(folder))
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def measure_sustained() -> dict[str, Any]:
    """50 appeals a second, one by one."""
    with service() as running:
        texts = _sample(SUSTAINED_SECONDS * 50)
        answers = asyncio.run(_paced(running, texts, per_second=50))
        waited = running.drained()
        understood = running.ask(
            "SELECT percentile_cont(0.95) WITHIN GROUP"
            " (ORDER BY extract(epoch FROM understood_at - taken_at)),"
            " count(*) FILTER (WHERE state = 'understood'), count(*) FROM inbox_appeal"
        )
    return _told(
        "sustained",
        {
            "appeals": len(texts),
            "taken": sum(a.status == 201 for a in answers),
            "in the database": understood[2],
            "understood": understood[1],
            "acknowledged p50 ms": _percentile(answers, 50),
            "acknowledged p95 ms": _percentile(answers, 95),
            "understood p95 s": float(understood[0]),
            "queue empty after s": waited,
        },
        holds=_percentile(answers, 95) < 300 and float(understood[0]) < 5 and understood[2] == len(texts),
    )


def measure_burst() -> dict[str, Any]:
    """500 a second for ten seconds: all acknowledged or told to come back, none lost."""
    with service() as running:
        texts = _sample(5_000)
        answers = asyncio.run(_paced(running, texts, per_second=500))
        taken = sum(a.status == 201 for a in answers)
        told = sum(a.status in (429, 503) and a.retry_after is not None for a in answers)
        waited = running.drained()
        stored = running.ask(
            "SELECT count(*), count(*) FILTER (WHERE state = 'understood') FROM inbox_appeal"
        )
    return _told(
        "burst",
        {
            "appeals": len(texts),
            "taken": taken,
            "told to come back": told,
            "in the database": stored[0],
            "understood": stored[1],
            "acknowledged p95 ms": _percentile(answers, 95),
            "queue empty after s": waited,
        },
        holds=taken + told == len(texts) and stored[0] == taken and waited < 120,
    )


def measure_acknowledged() -> dict[str, Any]:
    """Batches of a hundred while the workers stand still."""
    with service() as running, _paused(running):
        texts = _sample(30_000)
        batches = [texts[i : i + 100] for i in range(0, len(texts), 100)]
        began = time.perf_counter()
        answers = asyncio.run(_as_fast_as(running, batches, at_once=8))
        seconds = time.perf_counter() - began
        stored = running.ask("SELECT count(*) FROM inbox_appeal")[0]
    rate = stored / seconds
    return _told(
        "acknowledged",
        {
            "appeals": len(texts),
            "in the database": stored,
            "appeals/s": rate,
            "batch p95 ms": _percentile(answers, 95),
        },
        holds=rate >= 1000 and stored == len(texts),
    )


def measure_file() -> dict[str, Any]:
    """A file of 300,000 rows, while single appeals go on coming in."""
    with service() as running:
        path = running.folder.parent / "appeals.jsonl"
        command = [str(VECHE), "sample", "--pack", "ru", "--n", str(FILE_ROWS), "--out", str(path)]
        subprocess.run(command, check=True, capture_output=True)
        path.chmod(0o644)
        code = _IMPORT.format(path=str(path))
        began = time.monotonic()
        manage = [str(VECHE), "manage", "--data", str(running.folder), "shell", "-v0", "-c", code]
        subprocess.run(manage, check=True, capture_output=True)
        beside = asyncio.run(_beside(running, lambda: _imported(running)))
        listed = time.monotonic() - began
        beside += asyncio.run(
            _beside(running, lambda: not running.ask("SELECT count(*) FROM inbox_pending")[0])
        )
        understood = time.monotonic() - began
        stored = running.ask("SELECT count(*) FILTER (WHERE state = 'understood') FROM inbox_appeal")[0]
    return _told(
        "file",
        {
            "rows": FILE_ROWS,
            "understood": stored,
            "durable and listed after s": listed,
            "understood after s": understood,
            "single appeals meanwhile": len(beside),
            "their p95 ms": _percentile(beside, 95),
        },
        holds=listed < 300 and understood < 1200 and stored >= FILE_ROWS,
    )


_IMPORT = """
from pathlib import Path
from veche.service.accounts.models import Tenant, User
from veche.service.accounts.acting import working
from veche.service.inbox import imports, tasks
from veche.service.inbox.models import Channel
from datetime import UTC, datetime
tenant = Tenant.objects.get(slug='bench')
user = User.objects.create_user('bench@veche.example', 'Bench')
with working(tenant.pk):
    channel = Channel.objects.create(tenant=tenant, code='file', title='Files')
    with open({path!r}, 'rb') as f:
        brought = imports.receive(tenant, channel, user, iter(lambda: f.read(1 << 20), b''), suffix='.jsonl')
imports.look_through(tenant.pk, brought.pk, now=datetime.now(UTC))
with working(tenant.pk):
    imports.confirm(brought, actor='bench')
    tasks.bring_in.defer(tenant=str(tenant.pk), file=str(brought.pk))
"""

PARTS: dict[str, Callable[[], dict[str, Any]]] = {
    "sustained": measure_sustained,
    "burst": measure_burst,
    "acknowledged": measure_acknowledged,
    "file": measure_file,
}


def main() -> None:
    """Measure the parts named, or all."""
    chosen = sys.argv[1:] or list(PARTS)
    unknown = sorted(set(chosen) - set(PARTS))
    if unknown:
        raise SystemExit(f"No such part: {', '.join(unknown)}. There are: {', '.join(PARTS)}.")
    for part in chosen:
        write_results(f"service-{part}", PARTS[part]())


def _told(part: str, row: dict[str, Any], *, holds: bool) -> dict[str, Any]:
    print(f"\n{part}\n")
    print_table([row | {"holds": holds}])
    return row | {"holds": holds}


async def _paced(running: Service, texts: list[dict[str, Any]], *, per_second: int) -> list[Answer]:
    """Hand in one appeal each 1/`per_second` s, whether or not the one before was answered."""
    async with Client("127.0.0.1", running.port, running.token) as client:
        began = time.perf_counter()
        waiting = []
        for number, text in enumerate(texts):
            delay = began + number / per_second - time.perf_counter()
            if delay > 0:
                await asyncio.sleep(delay)
            waiting.append(asyncio.create_task(client.post("/api/v1/appeals", text)))
        return await asyncio.gather(*waiting)


async def _as_fast_as(running: Service, batches: list[Any], *, at_once: int) -> list[Answer]:
    async with Client("127.0.0.1", running.port, running.token) as client:
        left = iter(batches)
        answers: list[Answer] = []

        async def one() -> None:
            for batch in left:
                answer = await client.post("/api/v1/appeals", batch)
                answers.append(answer)

        await asyncio.gather(*(one() for _ in range(at_once)))
        return answers


async def _beside(running: Service, done: Callable[[], bool]) -> list[Answer]:
    """Hand in an appeal each half second until `done`."""
    answers = []
    async with Client("127.0.0.1", running.port, running.token) as client:
        while not await asyncio.to_thread(done):
            text = {"text": f"Во дворе дома номер {time.time_ns() % 1000} снова темно, почините фонарь."}
            answers.append(await client.post("/api/v1/appeals", text))
            await asyncio.sleep(0.5)
    return answers


def _imported(running: Service) -> bool:
    return running.ask("SELECT coalesce(bool_and(state = 'done'), false) FROM inbox_fileimport")[0]


@contextlib.contextmanager
def _paused(running: Service) -> Iterator[None]:
    """Stop the workers meanwhile, as a person would who wants all cores for intake."""
    children = json.loads((running.folder / "run" / "state.json").read_text())["children"]
    workers = [child["pid"] for child in children if child["name"].startswith("worker")]
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in workers:
            os.kill(pid, signal.SIGCONT)


def _sample(n: int) -> list[dict[str, Any]]:
    pack = load_pack("ru")

    rows = (
        row
        for block in generate(pack, n=n, seed=11, start=date(2026, 10, 1))
        for row in block.appeals.to_pylist()
    )
    return [{"text": row["text"], "id": row["id"]} for row in rows]


def _percentile(answers: list[Answer], percent: int) -> float:
    good = [a.seconds * 1000 for a in answers if a.status == 201]
    return statistics.quantiles(good, n=100)[percent - 1] if len(good) > 1 else float("nan")


def _owner_url(folder: Path) -> str:
    from veche.service.ground.opened import open_existing

    return open_existing(folder).prepare_database().owner


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def _wait_ready(port: int, process: subprocess.Popen[bytes]) -> None:
    limit = time.monotonic() + _START_SECONDS
    while time.monotonic() < limit and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as s:
            s.sendall(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            if b" 200 " in s.recv(64):
                return
        time.sleep(0.2)
    raise SystemExit("The service did not start.")


if __name__ == "__main__":
    main()
