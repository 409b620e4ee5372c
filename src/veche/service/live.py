"""What happens, told to the pages that are open: `tell` in a transaction, server-sent events at `/live/`.

A notification says the tenant, a kind and a key, and nothing else: a page that hears of it asks for what it
shows through the walls, as ever. One connection of each process listens. A stream is told of the tenants
that its reader sees (of one seen in part only the kind), holds no connection of the database, and ends by
itself after some minutes, so that roles that ended are noticed. There are at most `MOST` streams in a
process; whoever comes then is told to come back, and looks now and then until there is room.
"""

import json
import logging
import os
import select
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

import psycopg
from django.contrib.auth.decorators import login_required
from django.db import connection, connections
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

log = logging.getLogger(__name__)

#: What can be told. `counts`: appeals came or were understood; `card`: the desk's card `key` changed;
#: `urgent`: somebody may be in danger, or was taken care of; `theme`, `import`: that theme, or that file.
KINDS = ("counts", "card", "urgent", "theme", "import")
CHANNEL = "veche_live"

#: Streams in one process: its other threads answer pages.
MOST = 40
#: Seconds after which a stream ends and its page asks for another.
LAST_SECONDS = 300.0
#: Seconds of silence after which something is sent, so that nothing on the way takes it for dead.
BEAT_SECONDS = 15.0
#: Seconds after which a page that found no room asks again.
RETRY_SECONDS = 60
#: Events that wait for a slow reader; of more the page is told that it missed some.
_WAITING = 200
_LOOK_SECONDS = 1.0


def tell(tenant_id: UUID, kind: str, key: object = "") -> None:
    """Tell the pages of this tenant what happened, when the caller's transaction commits.

    Equal ones of one transaction are told once.

    Raises:
        ValueError: there is no such kind.
    """
    if kind not in KINDS:
        raise ValueError(kind)
    said = json.dumps([str(tenant_id), kind, str(key)])
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, said])


@dataclass(eq=False)
class Stream:
    """One open page, as the listener sees it."""

    whole: frozenset[str]
    partly: frozenset[str]
    #: The socket of the reader, where the server gives it away.
    wire: socket.socket | None = None
    waiting: "deque[tuple[str, str]]" = field(default_factory=lambda: deque(maxlen=_WAITING))
    changed: threading.Condition = field(default_factory=threading.Condition)
    over: bool = False

    def hear(self, tenant: str, kind: str, key: str) -> None:
        """Let the reader know what happened, as far as they may."""
        if tenant in self.whole:
            self._put(kind, {"tenant": tenant, "key": key})
        elif tenant in self.partly:
            self._put(kind, {"tenant": tenant, "key": ""})

    def miss(self) -> None:
        """Tell the page that it is told from now on: what happened before, it may have missed."""
        self._put("ready", {})

    def end(self) -> None:
        """Let it end."""
        with self.changed:
            self.over = True
            self.changed.notify()

    def _put(self, kind: str, facts: dict[str, str]) -> None:
        said = (kind, json.dumps(facts))
        with self.changed:
            if len(self.waiting) == _WAITING:
                self.waiting.clear()
                said = ("ready", "{}")
            if said not in self.waiting:
                self.waiting.append(said)
            self.changed.notify()

    def next(self, seconds: float) -> tuple[str, str] | None:
        """Return what is told next; nothing where it is silent so long, or over."""
        with self.changed:
            self.changed.wait_for(lambda: self.waiting or self.over, seconds)
            return self.waiting.popleft() if self.waiting else None


class Listener:
    """The streams of one process, and the thread that listens for them while there are any."""

    def __init__(self) -> None:
        self._streams: set[Stream] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._hears = False

    def open(self, stream: Stream) -> bool:
        """Let a stream be told, from the moment it is told that it is; return whether there was room."""
        with self._lock:
            if self.full:
                return False
            self._streams.add(stream)
            if self._hears:
                stream.miss()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="live", daemon=True)
                self._thread.start()
        return True

    def close(self, stream: Stream) -> None:
        """Forget a stream."""
        with self._lock:
            self._streams.discard(stream)

    @property
    def full(self) -> bool:
        """Whether there is room for no further stream."""
        return len(self._streams) >= MOST

    def _run(self) -> None:
        while True:
            try:
                self._listen()
                return
            except (psycopg.Error, OSError):
                self._hears = False
                log.warning("what happens cannot be heard; it is tried again")
                time.sleep(_LOOK_SECONDS)
            if not self._goes_on():
                return

    def _listen(self) -> None:
        """Listen until there is no stream, or the database is lost."""
        with psycopg.connect(**_parameters(), autocommit=True) as listening:
            listening.execute(f"LISTEN {CHANNEL}")
            with self._lock:
                # What happened before this moment was told to nobody here.
                self._hears = True
                for stream in self._streams:
                    stream.miss()
            while self._goes_on():
                for notification in listening.notifies(timeout=_LOOK_SECONDS, stop_after=1):
                    tenant, kind, key = json.loads(notification.payload)
                    for stream in self._now():
                        stream.hear(tenant, kind, key)

    def _goes_on(self) -> bool:
        """End streams that nobody reads any more; return whether there are others."""
        stopping = not _alive()
        for stream in self._now():
            if stream.over:
                self.close(stream)
            elif stopping or _left(stream.wire):
                stream.end()
        with self._lock:
            if self._streams and not stopping:
                return True
            self._thread, self._hears = None, False
            return False

    def _now(self) -> list[Stream]:
        with self._lock:
            return list(self._streams)


def stop_with(alive: Callable[[], bool]) -> None:
    """Let streams end when `alive` says no, so that a server that stops waits for none."""
    global _alive
    _alive = alive


def _always() -> bool:
    return True


_alive: Callable[[], bool] = _always


@cache
def listener(_process: int) -> Listener:
    """Return the listener of this process (`os.getpid()`); a thread does not survive a fork."""
    return Listener()


@require_GET
@login_required
def live(request: HttpRequest) -> HttpResponseBase:
    """Answer with a stream of what happens in the tenants that the person sees."""
    whole, partly = _sees()
    stream = Stream(whole, partly, request.META.get("gunicorn.socket"))
    here = listener(os.getpid())
    if here.full:
        return HttpResponse(status=503, headers={"Retry-After": str(RETRY_SECONDS)})
    response = StreamingHttpResponse(_events(here, stream), content_type="text/event-stream; charset=utf-8")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


def _sees() -> tuple[frozenset[str], frozenset[str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT veche_ids('veche.reads')::text[], veche_ids('veche.partly')::text[]")
        [(whole, partly)] = cursor.fetchall()
    return frozenset(whole), frozenset(partly)


def _events(here: Listener, stream: Stream) -> Iterator[bytes]:
    """The transaction of the request is over when the first of these is asked for."""
    connections.close_all()
    if not here.open(stream):
        yield f"retry: {RETRY_SECONDS * 1000}\n\n".encode()
        return
    try:
        end = time.monotonic() + LAST_SECONDS
        yield b"retry: 3000\n\n"
        while not stream.over and (left := end - time.monotonic()) > 0:
            told = stream.next(min(BEAT_SECONDS, left))
            yield f"event: {told[0]}\ndata: {told[1]}\n\n".encode() if told else b":\n\n"
    finally:
        here.close(stream)


def _left(wire: socket.socket | None) -> bool:
    """Tell whether the reader closed the connection; a page that was left would else keep its place."""
    if wire is None:
        return False
    try:
        poll = select.poll()
        poll.register(wire, select.POLLIN)
        return bool(poll.poll(0)) and not wire.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except (OSError, ValueError):
        return True


def _parameters() -> dict[str, Any]:
    asked = connection.get_connection_params()
    return {k: v for k, v in asked.items() if k not in ("context", "cursor_factory", "prepare_threshold")}
