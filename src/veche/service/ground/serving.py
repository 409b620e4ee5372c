"""`veche up`: brings a service up step by step, says where it is, and keeps it until it is told to stop."""

import errno
import http.client
import json
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

from veche.core.errors import NotPrepared, NotReady, PortTaken
from veche.core.i18n import _
from veche.core.library_words import reason
from veche.service.ground import children, processes
from veche.service.ground.children import Address
from veche.service.ground.database import Urls
from veche.service.ground.opened import Ground, open_ground
from veche.service.ground.readable import PLACE
from veche.service.ground.supervisor import Event, Lock, Stopped, Supervisor

#: The web server must answer within so many seconds; the stages are loaded meanwhile.
_READY_SECONDS = 120.0
#: A step whose database goes away is done again so often, after so many seconds; half a demonstration is not.
_AGAIN, _AGAIN_SECONDS = 4, 2.0
_ONCE = ("demo",)

Say = Callable[[str], object]


@dataclass(frozen=True)
class Wanted:
    """What the person who starts the service asked for."""

    data: Path
    host: str
    port: int
    workers: int
    database_url: str | None
    demo: bool


#: What the step "link" says where there is no administrator yet (`starting.NOBODY`; Django stays outside).
_NOBODY = "nobody"
_FIRST_TENANT = "town 'Our Town' --level municipality --pack ru --administrator you@town.example"


def serve(wanted: Wanted, *, say: Say) -> None:
    """Bring the service up and keep it until SIGTERM or SIGINT; then stop it within 15 seconds.

    Raises:
        ServiceError: one of its kinds says what stands in the way; nothing runs on then.
    """
    ground = open_ground(wanted.data, database_url=wanted.database_url)
    _say_where(ground, say)
    address = address_of(wanted.host, wanted.port)
    with Lock(ground.home), Supervisor(ground.home, tell=lambda event: say(_told(event))) as supervisor:
        with suppress(Stopped):
            _bring_up(ground, supervisor, wanted, address, say)
            supervisor.run()
        say(_("Stopping …"))
    say(_("Stopped."))


def _say_where(ground: Ground, say: Say) -> None:
    """Say what had to be laid elsewhere for the accounts of the service."""
    if ground.asked:
        say(
            _(
                "The service's accounts cannot enter {asked}: it is a link now, and the data lies in {path}."
            ).format(asked=ground.asked, path=ground.home.path)
        )
    if ground.python.executable.is_relative_to(PLACE) or ground.python.copied:
        say(
            _("The service's accounts cannot read all of Python: a copy in {path} is used.").format(
                path=PLACE
            )
        )


def _bring_up(ground: Ground, supervisor: Supervisor, wanted: Wanted, address: Address, say: Say) -> None:
    check_free(wanted.host, wanted.port)
    supervisor.note(address=address.public_url, database="own" if ground.cluster else "named")
    if ground.cluster:
        say(_("Starting PostgreSQL …"))
        ground.cluster.init()
        supervisor.add(children.postgres(ground.cluster))
        ground.cluster.wait_ready(pause=lambda: supervisor.pause(0.05))
    urls = ground.prepare_database()
    say(_("Preparing the database …"))
    _step(ground, supervisor, urls, "prepare")
    say(_("Starting the service …"))
    for child in children.of_service(ground, urls, address=address, workers=wanted.workers, demo=wanted.demo):
        supervisor.add(child)
    _wait_ready(ground, supervisor, wanted, address)
    if wanted.demo:
        say(_("Making three authorities, their people and sample appeals, if none are here yet …"))
        _step(ground, supervisor, urls, "demo", output=sys.stdout.buffer)
    say(_("Veche is at {address}").format(address=address.public_url))
    try:
        link = _link(ground, supervisor, urls, address, demo=wanted.demo)
    except NotPrepared as error:
        # The service runs, and recovers by itself if its database was killed just then.
        say(_("No link to sign in was made: {reason}").format(reason=error.text()))
        link = ""
    if link == _NOBODY:
        say(_("No authority is open yet. Open the first one, from another terminal, with:"))
        say(f"  veche manage --data {wanted.data} make_tenant {_FIRST_TENANT}")
    elif link:
        say(_("Sign in once, within a quarter of an hour: {link}").format(link=link))
    say(_("Stop it with Ctrl-C, or with: kill {pid}").format(pid=os.getpid()))


def address_of(host: str, port: int) -> Address:
    """Return the address for people; `VECHE_PUBLIC_URL`, `VECHE_ALLOWED_HOSTS` go before what is guessed."""
    everywhere = host in ("0.0.0.0", "::", "")
    known = socket.gethostname() if everywhere else host
    shown = f"[{known}]" if ":" in known else known
    public = os.environ.get("VECHE_PUBLIC_URL") or f"http://{shown}:{port}"
    named = urlsplit(public).hostname or ""
    hosts = dict.fromkeys(["localhost", "127.0.0.1", "[::1]", shown, f"[{named}]" if ":" in named else named])
    return Address(host, port, public, os.environ.get("VECHE_ALLOWED_HOSTS") or ",".join(filter(None, hosts)))


def check_free(host: str, port: int) -> None:
    """Make sure that nobody listens there yet.

    Raises:
        PortTaken: somebody does, or we may not listen there.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
            trial.listen()
        except OSError as error:
            why = _("another program listens there") if error.errno == errno.EADDRINUSE else reason(error)
            raise PortTaken(address=f"{host}:{port}", reason=why) from None


def _step(
    ground: Ground,
    supervisor: Supervisor,
    urls: Urls,
    step: str,
    *,
    output: BinaryIO | None = None,
    said: Mapping[str, str] | None = None,
) -> None:
    """Run a step of `veche.service.starting` as the owner of the tables and wait for it.

    Raises:
        NotPrepared: it failed, or its database went away again and again.
    """
    path = ground.home.logs / "prepare.log"
    run = partial(_run_step, ground, supervisor, urls, step, path, output=output, said=said)
    status, again = run(), 0 if step in _ONCE else _AGAIN
    while status == os.EX_TEMPFAIL and again:
        until = time.monotonic() + _AGAIN_SECONDS
        while time.monotonic() < until:
            supervisor.pause(0.2)
        status, again = run(), again - 1
    if status:
        raise NotPrepared(step=step, status=status, log=path)


def _run_step(
    ground: Ground,
    supervisor: Supervisor,
    urls: Urls,
    step: str,
    path: Path,
    *,
    output: BinaryIO | None,
    said: Mapping[str, str] | None,
) -> int:
    """Return the status with which a step ended; what goes wrong is written to the end of the file `path`."""
    with path.open("ab") as log:
        process = processes.start(
            [str(ground.python.executable), "-m", "veche.service.starting", step],
            environment=ground.environment(urls.owner) | dict(said or {}),
            account=ground.web,
            output=output or log,
            errors=log,
            dies_with_us=signal.SIGTERM,
        )
    try:
        return supervisor.wait(process)
    except Stopped:
        process.terminate()
        process.wait()
        raise


def _link(ground: Ground, supervisor: Supervisor, urls: Urls, address: Address, *, demo: bool) -> str:
    """Return an address that lets the first administrator in once; empty where nobody needs it."""
    step = "demo-link" if demo else "link"
    with tempfile.TemporaryFile() as file:
        _step(ground, supervisor, urls, step, output=file, said={"VECHE_PUBLIC_URL": address.public_url})
        file.seek(0)
        return file.read().decode().strip()


def _wait_ready(ground: Ground, supervisor: Supervisor, wanted: Wanted, address: Address) -> None:
    limit = time.monotonic() + _READY_SECONDS
    while lacking := _lacking(wanted.host, wanted.port):
        if time.monotonic() > limit:
            raise NotReady(
                address=address.public_url, seconds=int(_READY_SECONDS), reason=lacking, log=ground.home.logs
            )
        supervisor.pause(0.2)


def _lacking(host: str, port: int) -> str:
    """Return what the service says it lacks to be ready; empty when it is."""
    near = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)
    connection = http.client.HTTPConnection(near, port, timeout=2)
    try:
        connection.request("GET", "/readyz", headers={"Host": "localhost"})
        answer = connection.getresponse()
        if answer.status == http.HTTPStatus.OK:
            return ""
        checks = json.loads(answer.read()).get("checks", {})
        return ", ".join(name for name, holds in checks.items() if not holds) or str(answer.status)
    except (OSError, http.client.HTTPException, ValueError, AttributeError) as error:
        return reason(error)
    finally:
        connection.close()


def _told(event: Event) -> str:
    return _("{process} ended with status {status}; it is started again in {seconds} s.").format(
        process=event.child, status=event.status, seconds=event.delay_seconds
    )
