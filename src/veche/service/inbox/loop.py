"""What a worker does: wake when something waits, claim a chunk, understand it, and save all of it at once.

What was claimed before in vain is tried in a process apart (`alone`): together, and one by one where that
fails. What fails by itself is set aside, and the rest goes on.
"""

import contextlib
import logging
import os
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from types import FrameType
from uuid import UUID

import psycopg
from django.db import InterfaceError, OperationalError, connection

from veche.core.errors import VecheError
from veche.core.ids import uuid7
from veche.service.accounts.acting import working
from veche.service.inbox import claims
from veche.service.inbox.alone import Alone, Broken
from veche.service.inbox.claims import Claim
from veche.service.inbox.means import Means, opened
from veche.service.inbox.repeats import Alike
from veche.service.inbox.save import Part, save
from veche.service.inbox.understand import Received, Understanding, Understood, originals_table
from veche.service.vault.seal import Original, open_appeals

_log = logging.getLogger("veche.worker")

#: A chunk is begun when so many appeals wait, or when the oldest has waited so long.
CHUNK, PATIENCE_SECONDS = 200, 0.25
#: Of a large backlog so many are taken at once: what comes in meanwhile waits no longer than a few seconds.
LARGE_CHUNK = 2_000
#: How long it sleeps where nothing wakes it, and for how long it tries appeals again before it looks for new.
_POLL_SECONDS = 1.0
_BEAT_SECONDS = 5.0

FAILED, GONE = "stage_failed", "original_missing"

_RECEIVED = """
SELECT a.id, a.tenant_id, a.person_id, a.thread_id, a.received_at, a.received_zone, c.code, t.pack, t.model
FROM unnest(%s::uuid[]) WITH ORDINALITY AS w (id, place)
JOIN inbox_appeal a ON a.id = w.id AND a.state = 'received'
JOIN inbox_channel c ON c.id = a.channel_id JOIN accounts_tenant t ON t.id = a.tenant_id
ORDER BY t.pack, t.model, a.tenant_id, w.place
"""
_BEAT = """
INSERT INTO inbox_worker AS w (id, pid, understood) VALUES (%s, %s, %s)
ON CONFLICT (id) DO UPDATE SET beat_at = clock_timestamp(), understood = excluded.understood
"""


class Worker:
    """Understands what waits, chunk by chunk. `url` is the database's, for a connection that listens."""

    def __init__(self, url: str, *, hold_seconds: float = claims.HOLD_SECONDS) -> None:
        self.id = uuid7()
        self._holder: int | None = None
        self._url = url
        self._hold = hold_seconds
        self._alike = Alike()
        self._alone = Alone()
        self._listener: psycopg.Connection | None = None
        self._beat_at = 0.0
        self._understood = 0
        self._stopping = False
        #: How many of those that are tried again are tried one by one.
        self._singly = 0
        #: What it held when the database went away, which says nothing about the appeals.
        self._owed: list[Claim] = []

    def stop(self, *_signal: int | FrameType | None) -> None:
        """End after the chunk in hand."""
        self._stopping = True

    def run(self) -> None:
        """Work until `stop`."""
        while not self._stopping:
            try:
                self._listen()
                self._settle()
                self._beat()
                self._open_means()
                while not self._stopping:
                    self._beat()
                    if not self.step():
                        self._sleep()
            except (OperationalError, InterfaceError, psycopg.OperationalError):
                _log.warning("The database is away.", exc_info=True)
                self._forget_connections()
                time.sleep(_POLL_SECONDS)
        self._leave()

    def step(self) -> int:
        """Do what is to be done now; return how many appeals were dealt with."""
        done = 0
        count, age = claims.waiting(LARGE_CHUNK)
        if count and count < CHUNK and age < PATIENCE_SECONDS:
            time.sleep(PATIENCE_SECONDS - age)
            count, age = claims.waiting(LARGE_CHUNK)
        if count:
            done += self._chunk(
                claims.claim_new(max(count, CHUNK), holder=self._holder, hold_seconds=self._hold)
            )
        until = time.monotonic() + _POLL_SECONDS
        while not self._stopping and time.monotonic() < until:
            most = 1 if self._singly else claims.BATCH
            claimed = claims.claim_again(most, holder=self._holder, hold_seconds=self._hold)
            if not claimed:
                break
            self._again(claimed)
            done += len(claimed)
        return done

    def _chunk(self, claimed: Sequence[Claim]) -> int:
        began = time.perf_counter()
        try:
            n = self._save(self._parts(claimed))
        except (OperationalError, InterfaceError):
            self._owed.extend(claimed)
            raise
        except Exception:
            _log.exception("A chunk failed; its appeals are tried again.", extra={"appeals": len(claimed)})
            claims.release(claimed)
            return len(claimed)
        ms = round((time.perf_counter() - began) * 1000)
        _log.info("Appeals understood.", extra={"appeals": n, "ms": ms})
        return len(claimed)

    def _parts(self, claimed: Sequence[Claim], *, apart: bool = False) -> list[Part]:
        """Understand appeals, those of the same means together; `apart` in a process of its own."""
        tries = {claim.appeal_id: claim.tries for claim in claimed}
        parts: list[Part] = []
        for means, rows in self._originals(claimed).items():
            understanding = opened(means)
            originals = originals_table(rows)
            understood = self._alone.understand(means, originals) if apart else understanding(originals)
            parts += _by_tenant([received for received, _ in rows], tries, understanding, understood)
        return parts

    def _originals(self, claimed: Sequence[Claim]) -> dict[Means, list[tuple[Received, Original]]]:
        """Return the originals by means, in the order of tenants; those that are gone are set aside."""
        ids = [claim.appeal_id for claim in claimed]
        with working(*{claim.tenant_id for claim in claimed}), connection.cursor() as cursor:
            cursor.execute(_RECEIVED, [ids])
            found = cursor.fetchall()
            originals = open_appeals(ids)
        by_means: dict[Means, list[tuple[Received, Original]]] = {}
        lost = set()
        for *known, pack, model in found:
            received = Received(*known)
            original = originals.get(received.appeal_id)
            if original is None:
                lost.add(received.appeal_id)
            else:
                by_means.setdefault(Means(pack, model), []).append((received, original))
        for claim in claimed:
            if claim.appeal_id in lost:
                claims.set_aside(claim, GONE)
        return by_means

    def _save(self, parts: Sequence[Part]) -> int:
        if not parts:
            return 0
        with working(*{part.tenant_id for part in parts}):
            n = save(parts, now=datetime.now(UTC), alike=self._alike)
        self._understood += n
        return n

    def _again(self, claimed: Sequence[Claim]) -> None:
        """Try appeals in a process apart; those that fail together are given back, to be tried one by one."""
        self._singly = max(self._singly - len(claimed), 0)
        for claim in claimed:
            if claim.tries > claims.MOST_TRIES:
                claims.set_aside(claim, claims.LOST)
        claimed = [claim for claim in claimed if claim.tries <= claims.MOST_TRIES]
        if len(claimed) < 2:
            for claim in claimed:
                self._one(claim)
            return
        try:
            self._save(self._parts(claimed, apart=True))
        except (OperationalError, InterfaceError):
            self._owed.extend(claimed)
            raise
        except Exception:
            _log.warning(
                "Appeals failed again; each is tried alone.", exc_info=True, extra={"appeals": len(claimed)}
            )
            claims.give_back(claimed)
            self._singly = len(claimed)

    def _one(self, claim: Claim) -> None:
        """Try one appeal alone, and set it aside if that fails."""
        try:
            self._save(self._parts([claim], apart=True))
        except (OperationalError, InterfaceError):
            self._owed.append(claim)
            raise
        except Broken as broken:
            self._aside(claim, broken.reason)
        except VecheError as error:
            self._aside(claim, error.code)
        except Exception:
            _log.exception("An appeal failed alone.", extra={"tries": claim.tries})
            self._aside(claim, FAILED)

    def _aside(self, claim: Claim, reason: str) -> None:
        _log.warning("An appeal was set aside.", extra={"code": reason, "tries": claim.tries})
        claims.set_aside(claim, reason)

    def _settle(self) -> None:
        """Give back what it held when the database went away: that was no try."""
        claims.give_back(self._owed)
        self._owed.clear()

    def _open_means(self) -> None:
        """Open what all tenants decide with before anything is claimed."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT DISTINCT pack, model FROM accounts_tenant ORDER BY pack, model")
            known = [Means(*row) for row in cursor.fetchall()]
        for means in known:
            try:
                opened(means)
            except VecheError as error:
                _log.error("A pack cannot be opened.", extra={"code": error.code})

    def _sleep(self) -> None:
        """Wait until something comes in, for a second at most."""
        for _notify in self._listen().notifies(timeout=_POLL_SECONDS, stop_after=1):
            pass

    def _listen(self) -> psycopg.Connection:
        """Return the session that wakes this worker, and whose advisory lock tells others that it lives."""
        if self._listener is None:
            self._holder = uuid7().int & (2**63 - 1)
            self._listener = psycopg.connect(self._url, autocommit=True)
            self._listener.execute("SELECT pg_advisory_lock(%s)", [self._holder])
            self._listener.execute("LISTEN veche_pending")
        return self._listener

    def _beat(self) -> None:
        if time.monotonic() - self._beat_at < _BEAT_SECONDS:
            return
        with connection.cursor() as cursor:
            cursor.execute(_BEAT, [self.id, os.getpid(), self._understood])
            cursor.execute("DELETE FROM inbox_worker WHERE beat_at < now() - interval '1 hour'")
        freed = claims.free_lost()
        if freed:
            _log.warning("A worker was lost; its appeals are tried again.", extra={"appeals": freed})
        self._beat_at = time.monotonic()

    def _forget_connections(self) -> None:
        connection.close()
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def _leave(self) -> None:
        self._alone.close()
        with contextlib.suppress(OperationalError, InterfaceError), connection.cursor() as cursor:
            self._settle()
            cursor.execute("DELETE FROM inbox_worker WHERE id = %s", [self.id])
        self._forget_connections()


def _by_tenant(
    received: Sequence[Received],
    tries: dict[UUID, int],
    understanding: Understanding,
    understood: Understood,
) -> list[Part]:
    """Cut what was understood into the parts of its tenants, whose rows stand together."""
    parts = []
    start = 0
    for i in range(1, len(received) + 1):
        if i < len(received) and received[i].tenant_id == received[start].tenant_id:
            continue
        ids = [r.appeal_id for r in received[start:i]]
        some = Understood(understood.table.slice(start, i - start), understood.vectors[start:i])
        parts.append(Part(received[start].tenant_id, ids, [tries[id] for id in ids], understanding, some))
        start = i
    return parts
