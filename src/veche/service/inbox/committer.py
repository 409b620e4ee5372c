"""Group commit: the threads of a web process hand their appeals to one thread, which makes them durable.

A commit waits for the disk, some hundred times a second at best, however much it writes. So what comes in
within 5 ms, or while the last group was being written, goes into one transaction over several tenants. A
group that fails is tried again one by one, so that what is wrong with one request does not fail its
neighbours. Nothing is acknowledged before its transaction ended; where that is not certain, the client is
told to repeat the same request, which is safe.
"""

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction

from veche.core.errors import (
    KeyBusy,
    KeyReused,
    PersonErased,
    RepeatedOtherContent,
    RowsRefused,
    ServiceAway,
    TooBusy,
)
from veche.service.accounts.acting import enter_tenants
from veche.service.inbox import idempotency
from veche.service.inbox.idempotency import Key
from veche.service.inbox.limits import AWAY_SECONDS, BUSY_SECONDS, MAX_QUEUED
from veche.service.inbox.take import Arriving, Taken, known_of, take_arriving

log = logging.getLogger(__name__)

#: Seconds that a group is gathered, and the appeals after which it is full.
GATHER_SECONDS = 0.005
GROUP_APPEALS = 500
#: How long one transaction waits for another that holds the same key or contact.
LOCK_TIMEOUT = "2s"
#: Seconds after which a request no longer waits for its group.
PATIENCE = 30.0
#: Tries of one request alone where the database says that another try can go through.
_TRIES = 3
_PURGE_EVERY = 600.0

#: Classes of SQLSTATE where the same transaction can go through at another time: rollback by the server
#: (deadlock), and objects in use (a lock not to be had).
_PASSING = ("40", "55")
_LOCK_NOT_AVAILABLE = "55P03"


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What became of one request."""

    taken: list[Taken]
    #: Whether this was answered before to the same key.
    replayed: bool = False


@dataclass(eq=False, slots=True)
class Handed:
    """The appeals of one request on their way, and who waits for them."""

    rows: Sequence[Arriving]
    key: Key | None = None
    result: "Future[Acknowledged]" = field(default_factory=Future)


class Committer:
    """The queue of one process and the thread that empties it."""

    def __init__(self, *, max_queued: int = MAX_QUEUED) -> None:
        self._max_queued = max_queued
        self._queue: deque[Handed] = deque()
        self._queued = 0
        self._changed = threading.Condition()
        self._purged = 0.0
        self.process = os.getpid()
        threading.Thread(target=self._run, name="committer", daemon=True).start()

    @property
    def queued(self) -> int:
        """How many appeals wait for the next group."""
        return self._queued

    def put(self, handed: Handed) -> None:
        """Let a request wait for the next group.

        Raises:
            TooBusy: too many wait already.
        """
        with self._changed:
            if self._queued and self._queued + len(handed.rows) > self._max_queued:
                raise TooBusy(seconds=BUSY_SECONDS)
            self._queue.append(handed)
            self._queued += len(handed.rows)
            self._changed.notify()

    def _run(self) -> None:
        while True:
            group = self._gather()
            try:
                commit(group)
                self._purge(group)
            except Exception:
                # Nobody else would hear of it, and this thread must go on.
                log.exception("a group could not be committed")
            finally:
                _give_up_on(group)
                connection.close()

    def _gather(self) -> list[Handed]:
        with self._changed:
            self._changed.wait_for(lambda: self._queue)
            full = time.monotonic() + GATHER_SECONDS
            while self._queued < GROUP_APPEALS and (left := full - time.monotonic()) > 0:
                self._changed.wait(left)
            group, appeals, names = [], 0, set()
            while self._queue and appeals < GROUP_APPEALS:
                name = self._queue[0].key and self._queue[0].key.name
                if name in names:
                    break  # A repeat is answered from what this group stores.
                handed = self._queue.popleft()
                group.append(handed)
                appeals += len(handed.rows)
                if name:
                    names.add(name)
            self._queued -= appeals
            return group

    def _purge(self, group: Sequence[Handed]) -> None:
        if time.monotonic() - self._purged < _PURGE_EVERY:
            return
        self._purged = time.monotonic()
        with transaction.atomic(durable=True):
            enter_tenants(_tenants(group))
            idempotency.purge(now=datetime.now(UTC))


_lock = threading.Lock()
_committer: Committer | None = None


def submit(rows: Sequence[Arriving], *, key: Key | None = None) -> Acknowledged:
    """Take the appeals of one request, all or none; return when they are durable.

    Who waits outside a transaction holds no connection: as many as a process has would wait for the thread
    that waits for one of them. Only an operator's form waits inside one.

    Raises:
        RowsRefused: an id among them came before with another text; its fact `rows` says which.
        KeyReused, KeyBusy: the key came before with another request, or is being handled.
        TooBusy: too many wait already.
        ServiceAway: the database does not answer; whether it took them is not known if it was lost at the
            very end, so the client repeats the request.
    """
    handed = Handed(rows, key)
    if not connection.in_atomic_block:
        connection.close()
    _of_this_process().put(handed)
    try:
        return handed.result.result(PATIENCE)
    except TimeoutError:
        raise ServiceAway(seconds=AWAY_SECONDS) from None


def submit_alone(rows: Sequence[Arriving], *, key: Key | None = None) -> Acknowledged:
    """Do what `submit` does, in this thread and a transaction of its own: for appeals with files, whose
    sealing would keep a whole group waiting."""
    handed = Handed(rows, key)
    _alone(handed)
    return handed.result.result(0)


def commit(group: Sequence[Handed]) -> None:
    """Make a group durable and give each its result, which may be an error of its own."""
    try:
        _try(group)
    except Exception as error:
        connection.close()
        if is_away(error):
            _fail(group, ServiceAway(seconds=AWAY_SECONDS), error)
        elif len(group) == 1:
            _alone(group[0])
        else:
            log.warning("a group of requests is tried one by one", exc_info=error)
            for handed in group:
                _alone(handed)


def is_away(error: BaseException) -> bool:
    """Tell whether the database, or the disk under it, cannot be used at the moment."""
    if isinstance(error, OSError):
        return True
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    return not _sqlstate(error).startswith(_PASSING)


def _try(group: Sequence[Handed]) -> None:
    now = datetime.now(UTC)
    with transaction.atomic(durable=True):
        enter_tenants(_tenants(group))
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
        results = _results(group, now)
    for handed, result in results:
        if isinstance(result, Acknowledged):
            handed.result.set_result(result)
        else:
            handed.result.set_exception(result)


def _results(group: Sequence[Handed], now: datetime) -> list[tuple[Handed, Acknowledged | Exception]]:
    results: list[tuple[Handed, Acknowledged | Exception]] = []
    keys = [handed.key for handed in group if handed.key]
    stored = idempotency.claim(keys, now=now) if keys else {}
    asked = []
    for handed in group:
        before = handed.key and stored.get(handed.key.name)
        if not handed.key or not before:
            asked.append(handed)
        elif before.request_hash != handed.key.request_hash:
            results.append((handed, KeyReused()))
        else:
            results.append((handed, Acknowledged(before.taken, replayed=True)))
    return results + _taken(asked, now)


def _taken(group: Sequence[Handed], now: datetime) -> list[tuple[Handed, Acknowledged | Exception]]:
    known = known_of([row for handed in group for row in handed.rows])
    refused = {h: error for h in group if (error := _refusal(h, [known.get(r.appeal_id) for r in h.rows]))}
    good = [handed for handed in group if handed not in refused]
    taken = take_arriving([row for handed in good for row in handed.rows], known=known, now=now)
    results: list[tuple[Handed, Acknowledged | Exception]] = list(refused.items())
    start = 0
    for handed in good:
        own = taken[start : start + len(handed.rows)]
        start += len(handed.rows)
        error = _refusal(handed, own)
        if error:
            # Another took the id meanwhile, or an earlier row did: all is rolled back.
            raise error
        results.append((handed, Acknowledged(own)))
    _keep_answers(results)
    return results


def _keep_answers(results: Sequence[tuple[Handed, Acknowledged | Exception]]) -> None:
    with_key = [(handed.key.name, result) for handed, result in results if handed.key]
    answers = {name: result.taken for name, result in with_key if isinstance(result, Acknowledged)}
    free = [name for name, result in with_key if isinstance(result, Exception)]
    if answers:
        idempotency.answer(answers)
    if free:
        idempotency.release(free)


def _refusal(handed: Handed, taken: Sequence[Taken | None]) -> RowsRefused | None:
    other = {i: RepeatedOtherContent() for i, t in enumerate(taken) if t and not t.same}
    return RowsRefused(refused=len(other), handed=len(handed.rows), rows=other) if other else None


def _alone(handed: Handed) -> None:
    for attempt in range(1, _TRIES + 1):
        try:
            _try([handed])
        except RowsRefused as error:
            handed.result.set_exception(error)
        except (PersonErased, DatabaseError, InterfaceError, OSError) as error:
            connection.close()
            if is_away(error):
                _fail([handed], ServiceAway(seconds=AWAY_SECONDS), error)
            elif attempt < _TRIES and _can_pass(error):
                continue
            else:
                handed.result.set_exception(_busy(handed) if _is_passing(error) else error)
        except Exception as error:
            connection.close()
            handed.result.set_exception(error)
        return


def _can_pass(error: Exception) -> bool:
    """Waiting for a lock was long enough the first time."""
    return _is_passing(error) and _sqlstate(error) != _LOCK_NOT_AVAILABLE


def _is_passing(error: Exception) -> bool:
    return isinstance(error, PersonErased) or _sqlstate(error).startswith(_PASSING)


def _busy(handed: Handed) -> Exception:
    return KeyBusy() if handed.key else TooBusy(seconds=BUSY_SECONDS)


def _fail(group: Sequence[Handed], answer: Exception, cause: BaseException) -> None:
    log.warning("nothing can be stored", exc_info=cause, extra={"code": _sqlstate(cause)})
    for handed in group:
        if not handed.result.done():
            handed.result.set_exception(answer)


def _give_up_on(group: Sequence[Handed]) -> None:
    for handed in group:
        if not handed.result.done():
            handed.result.set_exception(ServiceAway(seconds=AWAY_SECONDS))


def _sqlstate(error: BaseException) -> str:
    return getattr(error.__cause__ or error, "sqlstate", None) or ""


def _tenants(group: Sequence[Handed]) -> set[UUID]:
    return {row.tenant_id for handed in group for row in handed.rows}


def _of_this_process() -> Committer:
    """A process that was forked has the memory of another's thread, but not the thread."""
    global _committer
    with _lock:
        if _committer is None or _committer.process != os.getpid():
            _committer = Committer()
        return _committer
