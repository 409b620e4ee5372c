"""How rare words are in a tenant's texts, as one process knows it: from its latest texts, read now and then.

Likeness of texts is weighed by rarity (`veche.themes.shingles`). A file run counts all of its texts; here a
sample stands for those that are stored, and the texts of the chunk count as they come.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import numpy as np
import pyarrow as pa
from django.db import connection
from scipy.sparse import csr_array

from veche.stages.repeats import BANDS
from veche.themes import linking
from veche.themes.repeats import COMMON_SHARE, COMMON_TEXTS
from veche.themes.shingles import (
    COMMON_WEIGHT,
    LEAST_WEIGHT,
    MOST_WEIGHT,
    PRIOR_TEXTS,
    ShingleSets,
    bucketed,
)

#: Texts that stand for all of a tenant's.
SAMPLE = 4_000
#: What is known is read again when there are so many times more texts, or after so many seconds.
_GROWTH, _SECONDS = 1.25, 900.0

_COUNT = "SELECT count(*) FROM inbox_signature WHERE tenant_id = %s AND bands IS NOT NULL"
_LATEST = """
SELECT t.text, s.bands, s.text_leader = s.appeal_id FROM (
    SELECT * FROM inbox_signature WHERE tenant_id = %s AND bands IS NOT NULL ORDER BY appeal_id DESC LIMIT %s
) AS s JOIN inbox_appealtext t USING (appeal_id)
"""


class Sets(ShingleSets):
    """Sets over the shingles of a few texts alone, a column of `table` for each that they have."""

    def without_columns(self, common: np.ndarray) -> "Sets":
        """Return the same sets where `common` shingles (bool, one per column) hardly weigh."""
        return Sets(self.table, np.where(common, COMMON_WEIGHT, self.weights))


@dataclass(frozen=True)
class Rarity:
    """In how many texts of a tenant each shingle stands: `buckets` in order, `counts` of texts and of
    `leading` texts (the first of their group); `n_texts` different texts in all."""

    n_texts: int = 0
    buckets: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    counts: np.ndarray = field(default_factory=lambda: np.zeros(0))
    leading: np.ndarray = field(default_factory=lambda: np.zeros(0))

    def sets(self, earlier: Sequence[str], new: Sequence[str]) -> tuple[Sets, np.ndarray]:
        """Return the sets of texts, and which of their shingles belong to a form or to everyday speech.

        `earlier` texts are among those that were counted; `new` ones are not.
        """
        row, bucket = bucketed(pa.array([*earlier, *new], pa.string()))
        known, column = np.unique(bucket, return_inverse=True)
        shape = (len(earlier) + len(new), len(known))
        table = csr_array((np.ones(len(column), np.int8), (row, column)), shape=shape)
        added = np.bincount(column[row >= len(earlier)], minlength=len(known))
        n = self.n_texts + len(new)
        counts = self._of(known, self.counts) + added
        weights = np.log((n + PRIOR_TEXTS) / np.maximum(counts, 1))
        common = self._of(known, self.leading) + added > max(COMMON_TEXTS, COMMON_SHARE * n)
        return Sets(table, np.clip(weights, LEAST_WEIGHT, MOST_WEIGHT).astype(np.float32)), common

    def _of(self, buckets: np.ndarray, counts: np.ndarray) -> np.ndarray:
        if not len(self.buckets):
            return np.zeros(len(buckets))
        at = np.minimum(np.searchsorted(self.buckets, buckets), len(self.buckets) - 1)
        return np.where(self.buckets[at] == buckets, counts[at], 0.0)


class Alike:
    """What this process knows of the texts of tenants."""

    def __init__(self) -> None:
        self._known: dict[UUID, Rarity] = {}
        self._texts: dict[UUID, int] = {}
        self._read_at: dict[UUID, float] = {}

    def rarity(self, tenant_id: UUID) -> Rarity:
        """Return how rare words are in a tenant's texts, within `working` of it."""
        known = self._known.get(tenant_id)
        texts = self._texts.get(tenant_id, 0)
        age = time.monotonic() - self._read_at.get(tenant_id, -_SECONDS)
        if known is None or texts > known.n_texts * _GROWTH or age >= _SECONDS:
            known = _read(tenant_id)
            self._known[tenant_id] = known
            self._texts[tenant_id] = known.n_texts
            self._read_at[tenant_id] = time.monotonic()
        return known

    def grew(self, tenant_id: UUID, texts: int) -> None:
        """Note that a tenant has so many different texts more."""
        self._texts[tenant_id] = self._texts.get(tenant_id, 0) + texts


def _read(tenant_id: UUID) -> Rarity:
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [tenant_id])
        n_texts = cursor.fetchall()[0][0]
        cursor.execute(_LATEST, [tenant_id, SAMPLE])
        found = cursor.fetchall()
    if not found:
        return Rarity()
    keys = np.array([bands for _, bands, _ in found], np.int32).reshape(-1, BANDS).view(np.uint32)
    worth = linking.meets_another(keys)
    texts = [text for (text, _, _), chosen in zip(found, worth.tolist(), strict=True) if chosen]
    leads = np.array([leads for _, _, leads in found], bool)[worth]
    row, bucket = bucketed(pa.array(texts, pa.string()))
    buckets, column = np.unique(bucket, return_inverse=True)
    scale = n_texts / len(found)
    counts = np.bincount(column, minlength=len(buckets)) * scale
    leading = np.bincount(column[leads[row]], minlength=len(buckets)) * scale
    return Rarity(n_texts, buckets, counts, leading)
