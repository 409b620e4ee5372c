"""How much may be handed in, how fast, and when to tell a client to come back.

A token's allowance lies in the database, in one row that every web process draws from with one short
statement before anything else is written: so it holds for the sum of them, however unevenly requests fall on
them. A bucket in each process would give every token as many times its limit as there are processes, or
refuse a client whose requests all fall on one. The row lies in an unlogged table: drawing waits for no disk.
"""

import math
import threading
import time
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection

from veche.core.errors import TooBusy, TooFast

#: Appeals in one request.
MAX_BATCH = 1_000
#: Bytes of one request; what is larger is refused before it is read.
MAX_BODY = 30 * 1024 * 1024
#: Appeals that wait in one process to be written; about two seconds of work.
MAX_QUEUED = 4_000
#: Seconds that a client is asked to wait when too much comes in, or the database is away.
BUSY_SECONDS, AWAY_SECONDS = 2, 5

_LOOK_EVERY = 1.0
_lock = threading.Lock()
_lag: tuple[float, bool] = (-math.inf, False)


def spend(token_id: UUID, cost: int) -> None:
    """Draw from a token's allowance: one for each appeal, or for a question.

    Raises:
        TooFast: there is not enough left; its fact `seconds` says when there will be.
    """
    wait: float = _asked("SELECT veche_spend(%s, %s)", token_id, cost)
    if wait > 0:
        raise TooFast(seconds=max(1, math.ceil(wait)))


def check_lag() -> None:
    """See that not too many appeals wait to be understood (setting INBOX_MAX_WAITING; None for any number).

    Looks at most once a second.

    Raises:
        TooBusy: more wait than the operator allowed.
    """
    global _lag
    most: int | None = getattr(settings, "INBOX_MAX_WAITING", None)
    if most is None:
        return
    with _lock:
        looked, behind = _lag
        if time.monotonic() - looked >= _LOOK_EVERY:
            behind = _asked("SELECT veche_waiting(%s)", most + 1) > most
            _lag = (time.monotonic(), behind)
    if behind:
        raise TooBusy(seconds=BUSY_SECONDS)


def forget_lag() -> None:
    """Look anew at the next request, however short ago the last look was."""
    global _lag
    with _lock:
        _lag = (-math.inf, False)


def _asked(query: str, *values: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        row = cursor.fetchone()
    return row[0] if row else None
