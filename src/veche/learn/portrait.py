"""A portrait of appeals in numbers, so that later appeals can be told to differ from them (drift).

It holds shares and hashed counts of words, never a word or a text.
"""

import base64
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from veche.learn.examples import Inputs
from veche.stages.repeats import mix, normal_form, word_count, words

#: Upper bounds of the classes of length, in words; the last class has none.
LENGTHS = (1, 3, 5, 10, 20, 35, 60, 100, 200, 400)

#: Words are counted in so many buckets of their hashes.
WORD_BUCKETS = 1024

#: A word is known when the bit of its hash is set; 30,000 words set one bit in nine.
KNOWN_BITS = 1 << 18

#: Values of a trait that are named: those with enough appeals that none of them is anybody's, short enough
#: to be a value, and no more than so many.
_LEAST_APPEALS = 5
_LONGEST_VALUE = 60
_MOST_VALUES = 100

OTHER = "*"
UNKNOWN = ""


def portrait(inputs: Inputs) -> dict[str, Any]:
    """Return the portrait as JSON: shares of each trait's values (`""` unknown, `"*"` other), of classes of
    length (`LENGTHS`), counts of words by bucket, and the bits of the words that are known (base64)."""
    normal = normal_form(inputs.texts)
    flat, _bounds = words(normal)
    return {
        "appeals": len(inputs),
        "traits": {name: _shares(column) for name, column in inputs.traits.items()},
        "lengths": _length_shares(word_count(normal)),
        "words": np.bincount(_buckets(flat, WORD_BUCKETS), minlength=WORD_BUCKETS).tolist(),
        "known_words": _known_bits(flat),
    }


def unknown_share(inputs: Inputs, known_words: str) -> float:
    """Return the share of the words of `inputs` that a portrait's `known_words` does not know."""
    flat, _bounds = words(normal_form(inputs.texts))
    bits = np.unpackbits(np.frombuffer(base64.b64decode(known_words), np.uint8))
    return float(1 - bits[_buckets(flat, KNOWN_BITS)].mean()) if len(flat) else 0.0


def unknown_shares(texts: pa.Array, known_words: str) -> tuple[np.ndarray, np.ndarray]:
    """Return, of each text, the share of its words that `known_words` does not know (float64 [n], 0 where
    it has none), and how many words it has (int64 [n])."""
    normal = normal_form(texts)
    flat, bounds = words(normal)
    bits = np.unpackbits(np.frombuffer(base64.b64decode(known_words), np.uint8))
    row = np.repeat(np.arange(len(texts)), np.diff(bounds))
    unknown = np.bincount(row, weights=1.0 - bits[_buckets(flat, KNOWN_BITS)], minlength=len(texts))
    counts = word_count(normal)  # a text without a word has one empty word above
    return np.where(counts > 0, unknown / np.maximum(counts, 1), 0.0), counts


def _buckets(hashes: np.ndarray, count: int) -> np.ndarray:
    return (mix(hashes) % np.uint64(count)).astype(np.int64)


def _shares(column: pa.Array) -> dict[str, float]:
    n = max(1, len(column))
    counted = pc.value_counts(column.drop_null())
    pairs = [(entry["values"], entry["counts"]) for entry in counted.to_pylist()]
    pairs.sort(key=lambda pair: (-pair[1], pair[0]))
    named = [
        (value, count)
        for value, count in pairs[:_MOST_VALUES]
        if count >= _LEAST_APPEALS and len(value) <= _LONGEST_VALUE
    ]
    other = len(column) - column.null_count - sum(count for _value, count in named)
    shares = {value: count / n for value, count in named} | {OTHER: other / n, UNKNOWN: column.null_count / n}
    return {value: round(share, 6) for value, share in shares.items() if share}


def _length_shares(counts: np.ndarray) -> list[float]:
    found = np.bincount(np.searchsorted(LENGTHS, counts), minlength=len(LENGTHS) + 1)
    return (found / max(1, len(counts))).round(6).tolist()


def _known_bits(flat: np.ndarray) -> str:
    bits = np.zeros(KNOWN_BITS, np.uint8)
    bits[_buckets(flat, KNOWN_BITS)] = 1
    return base64.b64encode(np.packbits(bits).tobytes()).decode()
