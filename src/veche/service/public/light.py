"""The light part of understanding, in the web process: is somebody in danger, and which place is meant.

Only two stages of the pack run here, both without a model: urgency and place (60 MB, 3 s to open, 10 to 60 ms
a text with the pack of a nation). They are opened by a thread of their own when somebody opens the form.
Whoever waits longer than `PATIENCE_SECONDS` goes on without: an appeal is taken, looked at or not.
"""

import logging
import os
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import pyarrow as pa

from veche.core.appeal import APPEAL
from veche.core.errors import PackError
from veche.engine.stage import Context
from veche.packs import load_pack
from veche.packs.model import Pack
from veche.stages.columns import MASKS, PLACE, URGENCY
from veche.stages.place import PlaceStage
from veche.stages.urgency import UrgencyStage

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 2.0
#: Characters that are looked at: what endangers, and where, people write at the beginning.
MAX_CHARACTERS = 20_000
#: Texts that wait for the thread; whoever comes then goes on without.
_MAX_WAITING = 8


@dataclass(frozen=True)
class Seen:
    """What was seen in a text."""

    #: Whether somebody's life or health is in danger.
    life: bool
    #: Code of the territory that is meant, and how sure that is (0 to 1); "" where none is named.
    territory: str
    sure: float
    #: Whether the text or the address names it, rather than only the authority's own territory.
    named: bool


class Light:
    """The two stages of one pack."""

    def __init__(self, name: str) -> None:
        self.pack = load_pack(name)
        context = Context(self.pack, seed=0, threads=1)
        self._stages = (UrgencyStage(), PlaceStage())
        for stage in self._stages:
            stage.open(context)

    def __call__(self, text: str, *, address: str, home: str, now: datetime) -> Seen:
        """Return what is seen in a text; `home` is the territory that is meant where none is named."""
        row = {
            **dict.fromkeys(APPEAL.names),
            "appeal_id": "",
            "source": "form",
            "row": 1,
            "text": text[:MAX_CHARACTERS],
            "received_at": now,
            "address": address or None,
            "declared_territory": home or None,
        }
        table = pa.Table.from_pylist([row], schema=APPEAL).append_column(MASKS, pa.array([[]], MASKS.type))
        for stage in self._stages:
            table = stage(table)
        urgency = table[URGENCY.name].to_pylist()[0]
        places = table[PLACE.name].to_pylist()[0]
        best = places[0] if places else None
        return Seen(
            life=any(found["value"] == "life" for found in urgency),
            territory=best["value"] if best else "",
            sure=float(best["confidence"]) if best else 0.0,
            named=bool(best) and (best["value"] != home or bool(best["evidence"])),
        )


def warm(pack: str) -> None:
    """Let the stages of a pack be opened, without waiting for it."""
    _threads(os.getpid()).submit(_light, pack)


def look(pack: str, text: str, *, address: str, home: str, now: datetime) -> Seen | None:
    """Return what is seen in a text; None where it takes too long, or fails."""
    threads = _threads(os.getpid())
    with _lock:
        global _waiting
        if _waiting >= _MAX_WAITING:
            return None
        _waiting += 1
    asked = threads.submit(lambda: _light(pack)(text, address=address, home=home, now=now))
    asked.add_done_callback(_done)
    try:
        return asked.result(PATIENCE_SECONDS)
    except TooLate:
        asked.cancel()
    except Exception:
        # A text that breaks a stage is taken as any other; the worker will set it aside.
        log.exception("a text could not be looked at")
    return None


@cache
def pack_of(name: str) -> Pack | None:
    """Return a pack, read once in this process; None where it cannot be used, so that people still write."""
    try:
        return load_pack(name)
    except PackError:
        log.exception("the pack of an authority cannot be used")
        return None


_lock = threading.Lock()
_waiting = 0


def _done(_asked: "Future[Seen]") -> None:
    global _waiting
    with _lock:
        _waiting -= 1


@cache
def _threads(_process: int) -> ThreadPoolExecutor:
    """A process that was forked has the memory of another's thread, but not the thread."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="light")


@cache
def _light(name: str) -> Light:
    return Light(name)
