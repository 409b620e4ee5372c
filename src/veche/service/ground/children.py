"""Which processes a service consists of."""

import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from veche.service.ground import keys, processes
from veche.service.ground.database import Urls
from veche.service.ground.opened import Ground
from veche.service.ground.postgres import Cluster
from veche.service.ground.processes import Account
from veche.service.ground.supervisor import Child

#: Processes of the web server, and threads of each: `live.MOST` of them stream, so 24 are left for pages.
WEB_PROCESSES, WEB_THREADS = 2, 64
#: Seconds that a request which was begun has to finish when the service stops.
_GRACE_SECONDS = 10


@dataclass(frozen=True)
class Address:
    """Where the web server listens, and under which URL people know it."""

    host: str
    port: int
    public_url: str
    allowed_hosts: str

    @property
    def bind(self) -> str:
        """As gunicorn takes it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


#: Processes that do jobs, with the queues that each serves: a file is read beside what is reckoned all day.
QUEUES = {"jobs": ("default", "themes"), "files": ("imports",)}
#: Who gives way: pages and files that are read come first, then what is understood, then what follows.
NICENESS = {"worker": 10, "jobs": 15}
#: A long search leaves room for what is due every few seconds; jobs that went well are not kept.
_JOBS = ("--concurrency=3", "--delete-jobs=successful")


def postgres(cluster: Cluster) -> Child:
    """The embedded PostgreSQL; it closes last."""
    return Child("postgres", cluster.spawn, wave=2, stop=signal.SIGINT, stop_at_once=signal.SIGQUIT)


def of_service(ground: Ground, urls: Urls, *, address: Address, workers: int, demo: bool) -> list[Child]:
    """Return the children that take, understand and record appeals, once the database is ready."""
    said = {
        "VECHE_PUBLIC_URL": address.public_url,
        "VECHE_ALLOWED_HOSTS": address.allowed_hosts,
        "VECHE_DEMO": "yes" if demo else "",
    }
    web = ground.environment(urls.web) | said
    worker = ground.environment(urls.worker) | said
    sealer = ground.environment(urls.sealer) | said
    sealer["VECHE_LEDGER_KEY_FILE"] = str(keys.ledger_key_file(ground.home))
    python = str(ground.python.executable)
    return [
        _child("web", [python, "-m", "gunicorn", *_gunicorn(address)], web, ground.web),
        *(
            _child(f"worker-{number}", [python, "-m", "veche.service.inbox.worker"], worker, ground.web)
            for number in range(1, workers + 1)
        ),
        *(_child(name, [python, *_jobs(queues)], worker, ground.web) for name, queues in QUEUES.items()),
        _child("sealer", [python, "-m", "veche.service.ledger.sealer"], sealer, ground.ledger, wave=1),
    ]


def _child(
    name: str, command: list[str], environment: Mapping[str, str], account: Account | None, *, wave: int = 0
) -> Child:
    niceness = NICENESS.get(name.partition("-")[0], 0)

    def start(output: int) -> "subprocess.Popen[bytes]":
        return processes.start(
            command,
            environment=environment,
            account=account,
            output=output,
            dies_with_us=signal.SIGTERM,
            niceness=niceness,
        )

    return Child(name, start, wave)


def _jobs(queues: Sequence[str]) -> list[str]:
    return ["-m", "django", "procrastinate", "worker", f"--queues={','.join(queues)}", *_JOBS]


def _gunicorn(address: Address) -> list[str]:
    # Heartbeats in memory: on a busy disk they would come late and a sound process be taken for dead.
    memory = Path("/dev/shm")
    return [
        "veche.service.wsgi:application",
        "--config=python:veche.service.gunicorn_config",
        f"--bind={address.bind}",
        "--worker-class=gthread",
        f"--workers={WEB_PROCESSES}",
        f"--threads={WEB_THREADS}",
        f"--graceful-timeout={_GRACE_SECONDS}",
        "--timeout=60",
        "--no-control-socket",
        *([f"--worker-tmp-dir={memory}"] if memory.is_dir() else []),
    ]
