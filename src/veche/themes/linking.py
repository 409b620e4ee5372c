"""Finding which texts may be near copies of one another, and cutting chains of them into groups.

Works on numbers alone: hashes of signatures' bands in, pairs out, groups out. What counts as alike is
decided by the caller. The cost is near-linear: a bucket that fills up gives a few pairs per member,
never all.
"""

from collections.abc import Callable, Iterator

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

#: In a bucket of up to so many texts each meets each; in a fuller one (a web form's fixed phrases
#: fill buckets with thousands) each meets the earliest and its nearest neighbours in the next band.
FULL_BUCKET = 8
NEIGHBOURS = 3

_PAIRS_AT_ONCE = 200_000

#: Chains are cut in rounds, each with new leaders; what is left after so many stays alone.
ROUNDS = 25

#: Takes two equally long arrays of text numbers and says for each pair whether the second, a
#: leader, may speak for the first.
Judge = Callable[[np.ndarray, np.ndarray], np.ndarray]


def meets_another(keys: np.ndarray) -> np.ndarray:
    """Return per text whether it shares a bucket with another (bool); `keys` is uint32 [texts, bands]."""
    out = np.zeros(len(keys), bool)
    for band in range(keys.shape[1]):
        _, inverse, counts = np.unique(keys[:, band], return_inverse=True, return_counts=True)
        out |= counts[inverse] > 1
    return out


def candidate_pairs(keys: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield, band by band, pairs (earlier, later) of texts that share a bucket, most of them once.

    `keys` is uint32 [texts, bands], texts in order of time.
    """
    n, bands = keys.shape
    complete = np.zeros((n, bands), bool)
    for band in range(bands):
        key, other = keys[:, band], keys[:, (band + 1) % bands]
        order = np.lexsort((np.arange(n), other, key))
        sorted_keys = key[order]
        starts = np.flatnonzero(np.concatenate([[True], sorted_keys[1:] != sorted_keys[:-1]])) if n else order
        sizes = np.diff(np.append(starts, n))
        many = sizes > 1
        starts, sizes = starts[many], sizes[many]
        if len(starts):
            codes = distinct(_in_buckets(order, starts, sizes))
            for at in range(0, len(codes), _PAIRS_AT_ONCE):
                chunk = codes[at : at + _PAIRS_AT_ONCE]
                first, second = chunk >> 32, chunk & 0xFFFFFFFF
                same = keys[first, :band] == keys[second, :band]
                new = ~(same & complete[first, :band]).any(axis=1)
                yield first[new], second[new]
        small = sizes <= FULL_BUCKET
        complete[order[_positions(starts[small], sizes[small])], band] = True


def _positions(starts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    return np.repeat(starts - (np.cumsum(sizes) - sizes), sizes) + np.arange(sizes.sum())


def distinct(codes: np.ndarray) -> np.ndarray:
    """Return the distinct values of an integer array in order; faster here than `np.unique`, which hashes."""
    ordered = np.sort(codes)
    return ordered[np.concatenate([[True], ordered[1:] != ordered[:-1]])] if len(ordered) else ordered


def _in_buckets(order: np.ndarray, starts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    position = _positions(starts, sizes)
    within = position - np.repeat(starts, sizes)
    size = np.repeat(sizes, sizes)
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
