"""The body stage: which authority answers for an appeal, by the pack's competence rules.

Decides nothing from the text: topics and place are decided before it. The rules are asked once for each
distinct topic, place and period; the rest is done on columns.
"""

from datetime import UTC, date, datetime, time

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from veche.core.appeal import APPEAL
from veche.core.errors import N_
from veche.core.finding import decisions, first
from veche.engine.stage import Context
from veche.packs.competence import Competence
from veche.stages.columns import BODY, PLACE, TOPIC
from veche.stages.spans import array_of

#: The first, second and third candidate are named.
_MOST = 3

#: A body below this confidence is not named, unless it is the first.
_LEAST = 0.02

_RECEIVED = APPEAL.field("received_at")


class BodyStage:
    """Adds up to three bodies per matter: "code", or "code@territory" for one of a kind of bodies.

    Confidence is the sum, over the matter's topics, of the topic's probability times the share of the
    rule among all that fit, times the confidence in the place where the body hangs on it.
    """

    name = "body"
    version = "2"
    reads = (TOPIC, PLACE, _RECEIVED)
    adds = (BODY,)
    fallbacks: dict[str, str] = {  # noqa: RUF012 - part of the contract, never changed
        "place": N_("kinds of bodies without their territory"),
        "received_at": N_("the bodies that have no end"),
    }

    def open(self, context: Context) -> None:
        """Read the rules of the pack."""
        self._competence = Competence(context.pack)
        self._values: dict[str, int] = {}
        self._known: dict[tuple[str, str, int], list[tuple[int, float, bool]]] = {}

    def __call__(self, batch: pa.Table) -> pa.Table:
        """Return `batch` with the column of bodies."""
        n = len(batch)
        topics = array_of(batch, TOPIC)
        items = topics.flatten()
        row = pc.list_parent_indices(topics).to_numpy(zero_copy_only=False).astype(np.int64)
        place, place_sure = _places(array_of(batch, PLACE))
        entries = self._entries(items.field("value"), row, place, self._periods(batch[_RECEIVED.name]))
        counts = np.array([len(e) for e in entries], np.int64)
        at = np.repeat(np.arange(len(entries)), counts)
        body = np.array([c[0] for e in entries for c in e], np.int64)
        strength = np.array([c[1] for e in entries for c in e], np.float64)
        placed = np.array([c[2] for e in entries for c in e], bool)
        probability = items.field("confidence").to_numpy(zero_copy_only=False).astype(np.float64)[at]
        confidence = probability * strength * np.where(placed, place_sure[row[at]], 1.0)
        matter = items.field("matter").to_numpy(zero_copy_only=False).astype(np.int64)[at]
        return batch.append_column(BODY, self._column(n, row[at], matter, body, confidence))

    def _entries(
        self, values: pa.Array, row: np.ndarray, place: np.ndarray, period: np.ndarray
    ) -> list[list[tuple[int, float, bool]]]:
        """Return the candidates (number of the value, strength, placed) of each topic decision."""
        keys = zip(values.to_pylist(), place[row].tolist(), period[row].tolist(), strict=True)
        return [self._known[k] if k in self._known else self._ask(k) for k in keys]

    def _ask(self, key: tuple[str, str, int]) -> list[tuple[int, float, bool]]:
        topic, place, period = key
        found = self._competence.candidates(topic, place=place, day=self._day(period)) if topic else []
        self._known[key] = [
            (self._values.setdefault(c.value, len(self._values)), c.strength, c.placed) for c in found
        ]
        return self._known[key]

    def _periods(self, received: pa.ChunkedArray) -> np.ndarray:
        """Return per row how many turns of competence came before it, -1 where the day is unknown."""
        days = received.cast(pa.timestamp("us", "UTC")).cast(pa.int64()).fill_null(np.iinfo(np.int64).min)
        turns = [datetime.combine(t, time(), UTC) for t in self._competence.turns]
        ends = np.array([int(t.timestamp() * 1e6) for t in turns], np.int64)
        period = np.searchsorted(ends, days.to_numpy(), side="right")
        return np.where(received.is_valid().to_numpy(), period, -1)

    def _day(self, period: int) -> date | None:
        """Return a day within a period."""
        if period < 0:
            return None
        turns = self._competence.turns
        return turns[period - 1] if period else date.min

    def _column(
        self, n: int, row: np.ndarray, matter: np.ndarray, body: np.ndarray, confidence: np.ndarray
    ) -> pa.Array:
        keys, at = np.unique(np.stack([row, matter, body], axis=1), axis=0, return_inverse=True)
        sums = np.minimum(np.bincount(at.ravel(), weights=confidence, minlength=len(keys)), 1.0)
        # Equals go by name: the numbers of values follow the order in which this worker met them.
        names = list(self._values)
        by_name = np.argsort(np.argsort(names)) if names else np.zeros(0, np.int64)
        order = np.lexsort((by_name[keys[:, 2]], -sums, keys[:, 1], keys[:, 0]))
        keys, sums = keys[order], sums[order]
        if len(keys):
            new = np.concatenate([[True], (keys[1:, :2] != keys[:-1, :2]).any(axis=1)])
            rank = np.arange(len(keys)) - np.maximum.accumulate(np.where(new, np.arange(len(keys)), 0))
        else:
            rank = np.zeros(0, np.int64)
        kept = (rank < _MOST) & ((rank == 0) | (sums >= _LEAST))
        values = [names[b] for b in keys[kept, 2].tolist()]
        return decisions(n, keys[kept, 0], values, sums[kept], matters=keys[kept, 1], ranks=rank[kept])


def _places(column: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Return per row the code of its first place ("" for none) and the confidence in it."""
    best = first(column)
    code = pc.fill_null(pc.struct_field(best, "value"), "").to_numpy(zero_copy_only=False)
    sure = pc.fill_null(pc.struct_field(best, "confidence"), 1.0).to_numpy(zero_copy_only=False)
    return code, sure.astype(np.float64)
