"""What is understood while an operator types: topic, place, body, danger, and appeals that say the same.

The same stages as a worker's, with the means of the authority, in a thread of its own of the web process:
what the operator sees is what the system will decide. Nothing is written. They are opened when somebody opens
the form; whoever waits longer than `PATIENCE_SECONDS` is shown nothing new.
"""

import logging
import os
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa
from django.db.models import QuerySet

from veche.core.appeal import APPEAL
from veche.service.inbox.means import Means, opened
from veche.service.inbox.models import Appeal
from veche.stages.columns import VECTOR_SIZE

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 2.0
#: Characters that are looked at; an operator types less.
MAX_CHARACTERS = 4_000
#: Fewer say nothing.
MIN_CHARACTERS = 12
#: Texts that wait for the thread; whoever comes then is shown nothing new.
_MAX_WAITING = 8

#: Appeals that say the same are looked for among the latest of the likely topics, from these days.
_DAYS, _OF_TOPIC = 60, 1_000
#: Cosine of sentence vectors from which two appeals probably say the same, and how many are shown.
_ALIKE, _MOST_ALIKE = 0.6, 5


@dataclass(frozen=True)
class Guess:
    """A value that is likely, and how likely (0 to 1)."""

    code: str
    sure: float


@dataclass(frozen=True)
class Glance:
    """What is understood of a text so far."""

    topics: tuple[Guess, ...]
    #: Path of codes from the country down; None where no place is meant.
    place: Guess | None
    body: Guess | None
    #: Whether somebody's life or health is in danger.
    life: bool
    #: Sentence vector (float32 [512]), zeros where there is none.
    vector: np.ndarray


def warm(means: Means) -> None:
    """Let stages be opened, without waiting for it."""
    _threads(os.getpid()).submit(_glance, means, "…", "", "", datetime.now(UTC))


def is_enough(text: str) -> bool:
    """Tell whether a text says enough to be looked at."""
    return len(text.strip()) >= MIN_CHARACTERS


def glance(means: Means, text: str, *, address: str, home: str, now: datetime) -> Glance | None:
    """Return what is understood of a text; None where it is too short, takes too long, or fails.

    `home` is the territory that is meant where none is named.
    """
    if not is_enough(text):
        return None
    global _waiting
    with _lock:
        if _waiting >= _MAX_WAITING:
            return None
        _waiting += 1
    asked = _threads(os.getpid()).submit(_glance, means, text, address, home, now)
    asked.add_done_callback(_done)
    try:
        return asked.result(PATIENCE_SECONDS)
    except TooLate:
        asked.cancel()
    except Exception:
        # The text is taken as any other; the worker will say what is wrong with it.
        log.exception("a text could not be looked at")
    return None


def alike(seen: Glance, appeals: "QuerySet[Appeal]", *, now: datetime) -> list[tuple[Appeal, float]]:
    """Return those of the appeals that probably say the same, the nearest first, with their cosine.

    They are looked for among the latest of the likely topics, so the time does not grow with the number of
    appeals; a copy under a topic that is not likely is found later, by the worker.
    """
    if not seen.vector.any() or not seen.topics:
        return []
    found: list[tuple[UUID, bytes]] = []
    for topic in seen.topics:
        recent = appeals.filter(topic=topic.code, received_at__gte=now - timedelta(days=_DAYS))
        vectors = recent.order_by("-received_at").values_list("pk", "masked__vector")[:_OF_TOPIC]
        found += [(pk, bytes(vector)) for pk, vector in vectors if vector]
    if not found:
        return []
    table = np.frombuffer(b"".join(v for _, v in found), np.float16).reshape(-1, VECTOR_SIZE)
    near = table.astype(np.float32) @ seen.vector
    best = [i for i in np.argsort(-near, kind="stable")[:_MOST_ALIKE].tolist() if near[i] >= _ALIKE]
    known = Appeal.objects.in_bulk([found[i][0] for i in best])
    return [(known[found[i][0]], float(near[i])) for i in best if found[i][0] in known]


def _glance(means: Means, text: str, address: str, home: str, now: datetime) -> Glance:
    row = {
        **dict.fromkeys(APPEAL.names),
        "appeal_id": "",
        "source": "call",
        "row": 1,
        "text": text[:MAX_CHARACTERS],
        "received_at": now,
        "address": address or None,
        "declared_territory": home or None,
    }
    understanding = opened(means)
    understood = understanding(pa.Table.from_pylist([row], schema=APPEAL))
    facets = {name: understood.table[name].to_pylist()[0] or [] for name in understood.facets}
    [place], [body] = (_guesses(facets.get(name, ()), 1) or [None] for name in ("place", "body"))
    if place is not None:
        place = Guess(understanding.territories.get(place.code, place.code), place.sure)
    return Glance(
        topics=tuple(_guesses(facets.get("topic", ()), 3)),
        place=place,
        body=body,
        life=any(found["value"] == "life" for found in facets.get("urgency", ())),
        vector=understood.vectors[0].astype(np.float32),
    )


def _guesses(found: Sequence[dict[str, Any]], most: int) -> list[Guess]:
    whole = sorted((f for f in found if f["matter"] == 0 and f["value"]), key=lambda f: f["rank"])
    return [Guess(f["value"], float(f["confidence"] or 0.0)) for f in whole[:most]]


_lock = threading.Lock()
_waiting = 0


def _done(_asked: "Future[Glance]") -> None:
    global _waiting
    with _lock:
        _waiting -= 1


@cache
def _threads(_process: int) -> ThreadPoolExecutor:
    """A process that was forked has the memory of another's thread, but not the thread."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="operator")
