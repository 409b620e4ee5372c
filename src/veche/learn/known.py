"""Which texts a model learnt from, so that a test can be told from its own history.

The card keeps a number of 24 bits for each longer text. It tells that a text stands in the history to those
who have that text, and nothing to anybody else: no text can be made of it, and with many texts it begins to
fit others too.
"""

import base64

import numpy as np
import pyarrow as pa
from scipy.stats import binom

from veche.stages.repeats import mix, normal_form, text_hash, word_count

_BYTES = 3

#: Shorter texts come from different people in the same words, and could be guessed.
_LEAST_WORDS = 6

#: So many by chance alone would be less likely than this.
_BY_CHANCE = 0.001


def texts_known(texts: pa.Array) -> str:
    """Return what a card keeps of `texts` (string [n]): base64 of the sorted numbers."""
    long, numbers = _numbers(texts)
    return _packed(numbers[long])


def both_known(one: str, other: str) -> str:
    """Return what a card keeps of the texts of both."""
    return _packed(np.concatenate([_unpacked(one), _unpacked(other)]))


def count_known(texts: pa.Array, known: str) -> int:
    """Return how many of `texts` a model learnt from, by what its card keeps.

    0 where there are no more than chance would have it; shorter texts are not counted. Case and punctuation
    do not matter.
    """
    held = _unpacked(known)
    long, numbers = _numbers(texts)
    found = int(np.isin(numbers[long], held).sum())
    by_chance = binom.sf(found - 1, int(long.sum()), len(held) / (1 << 8 * _BYTES))
    return found if found and by_chance < _BY_CHANCE else 0


def _numbers(texts: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    normal = normal_form(texts)
    hashes = np.fromiter((text_hash(text or "") for text in normal.to_pylist()), np.uint64, len(texts))
    return word_count(normal) >= _LEAST_WORDS, (mix(hashes) >> np.uint64(64 - 8 * _BYTES)).astype("<u4")


def _packed(numbers: np.ndarray) -> str:
    raw = np.unique(numbers).astype("<u4").view(np.uint8).reshape(-1, 4)
    return base64.b64encode(raw[:, :_BYTES].tobytes()).decode()


def _unpacked(known: str) -> np.ndarray:
    """Return the numbers; ValueError where it is none of ours."""
    raw = np.frombuffer(base64.b64decode(known, validate=True), np.uint8).reshape(-1, _BYTES)
    return np.pad(raw, ((0, 0), (0, 4 - _BYTES))).view("<u4").ravel()


def check_known(known: str) -> None:
    """See that a card's entry can be read. Raises TypeError or ValueError where it cannot."""
    _unpacked(known)
