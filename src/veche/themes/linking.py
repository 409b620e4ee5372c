"""Finding which texts may be near copies of one another, and cutting chains of them into groups.

Works on numbers alone: signatures in, pairs out, groups out. What counts as alike is decided by the
caller. The cost is near-linear: a bucket that fills up gives a few pairs per member, never all.
"""

from collections.abc import Callable, Iterator

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

#: 16 bands of 4 values: see `veche.stages.repeats.PERMUTATIONS`.
BANDS = 16

#: In a bucket of up to so many texts each meets each; in a fuller one (a web form's fixed phrases
#: fill buckets with thousands) each meets the earliest and its nearest neighbours in the next band.
FULL_BUCKET = 8
NEIGHBOURS = 3

#: Chains are cut in rounds, each with new leaders; what is left after so many stays alone.
ROUNDS = 25

#: Takes two equally long arrays of text numbers and says for each pair whether the second, a
#: leader, may speak for the first.
Judge = Callable[[np.ndarray, np.ndarray], np.ndarray]


def band_keys(signatures: np.ndarray) -> np.ndarray:
    """Return uint32 keys [texts, BANDS] of MinHash signatures (uint32 [texts, permutations])."""
    cut = np.ascontiguousarray(signatures).reshape(len(signatures), BANDS, signatures.shape[1] // BANDS)
    keys = np.full(cut.shape[:2], 2166136261, np.uint32)
    for k in range(cut.shape[2]):
        keys = (keys ^ cut[:, :, k]) * np.uint32(0x01000193)
        keys ^= keys >> np.uint32(15)
    return keys


def meets_another(keys: np.ndarray) -> np.ndarray:
    """Return per text whether it shares a bucket with another (bool)."""
    out = np.zeros(len(keys), bool)
    for band in range(keys.shape[1]):
        _, inverse, counts = np.unique(keys[:, band], return_inverse=True, return_counts=True)
        out |= counts[inverse] > 1
    return out


def candidate_pairs(keys: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield, band by band, pairs (earlier, later) of texts that share a bucket, each once per band.

    `keys` is the outcome of `band_keys`, texts in order of time.
    """
    n = len(keys)
    for band in range(BANDS):
        key, other = keys[:, band], keys[:, (band + 1) % BANDS]
        order = np.lexsort((np.arange(n), other, key))
        sorted_keys = key[order]
        starts = np.flatnonzero(np.concatenate([[True], sorted_keys[1:] != sorted_keys[:-1]])) if n else order
        sizes = np.diff(np.append(starts, n))
        many = sizes > 1
        starts, sizes = starts[many], sizes[many]
        if len(starts):
            codes = np.unique(_in_buckets(order, starts, sizes))
            yield codes >> 32, codes & 0xFFFFFFFF


def _in_buckets(order: np.ndarray, starts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    members = np.repeat(starts, sizes)
    within = np.arange(len(members)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    size = np.repeat(sizes, sizes)
    position = members + within
    parts = []
    for step in range(1, FULL_BUCKET):
        reach = (within + step < size) & ((size <= FULL_BUCKET) | (step <= NEIGHBOURS))
        parts.append(_codes(order[position[reach]], order[position[reach] + step]))
    full = sizes > FULL_BUCKET
    if full.any():
        bucket = np.repeat(np.arange(full.sum()), sizes[full])
        text = order[position[np.repeat(full, sizes)]]
        earliest = np.minimum.reduceat(text, np.cumsum(sizes[full]) - sizes[full])
        parts.append(_codes(earliest[bucket], text))
    codes = np.concatenate(parts)
    return codes[codes >> 32 != codes & 0xFFFFFFFF]


def _codes(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (np.minimum(a, b).astype(np.int64) << 32) | np.maximum(a, b).astype(np.int64)


def led_groups(n: int, first: np.ndarray, second: np.ndarray, *, judge: Judge) -> np.ndarray:
    """Return the leader (int64) of each of `n` texts, which are numbered in order of time.

    Texts that a chain of pairs (`first`, `second`) joins follow the earliest of them, as far as
    `judge` lets it speak for them; the others of the chain are tried again among themselves. So a
    chain of small differences never joins texts that have little in common.
    """
    leader = np.full(n, -1, np.int64)
    for _ in range(ROUNDS):
        open_pair = (leader[first] < 0) & (leader[second] < 0)
        first, second = first[open_pair], second[open_pair]
        if not len(first):
            break
        chained = np.unique(np.concatenate([first, second]))
        a, b = np.searchsorted(chained, first), np.searchsorted(chained, second)
        graph = coo_array((np.ones(len(a), np.int8), (a, b)), shape=(len(chained), len(chained)))
        _, label = connected_components(graph, directed=False)
        _, head = np.unique(label, return_index=True)
        heads = chained[head[label]]
        led = heads == chained
        led[~led] = judge(chained[~led], heads[~led])
        leader[chained[led]] = heads[led]
    alone = leader < 0
    leader[alone] = np.flatnonzero(alone)
    return leader
