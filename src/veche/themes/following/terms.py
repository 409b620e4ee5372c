"""Words and pairs of words of texts as numbers of a bounded table.

A word counts by its first letters and without an s at its end, so that cases and endings fall together.
Labels of masked data and of forms, digits and words of one or two letters are left out (the short ones
stay in pairs). Two terms that meet in one number count together. Scripts without spaces between words
are not read here.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from veche.stages import repeats

#: Numbers that terms fall into: a power of two.
BUCKETS = 1 << 20

#: Letters that stand for a word; words read of one text; letters of a word that counts by itself.
STEM = 6
MOST_WORDS = 300
_SHORT = 2

#: A form's label ("| Color of the car: ") at the beginning of a text, a line or a cell, and a choice of at
#: most three words after it. Where a text has several labels, they are the form's words, and not the
#: citizen's: a form that is changed is no news. A label is marked by what ends a cell and what begins one.
_LABEL = r"(?:^|[|\n\]])\s*[^|\n:\[\].!?]+:(?:\s|$)"
_LABELS = 2
_BEGINS = " \x01\x02 "
_CHOICE = r"\x02(?:\s*[^\s\x01|]+){0,3}\s*(?:[\x01|\n]|$)"

#: Labels of masked data, and all but letters. One pattern: to build it takes longer than a small chunk.
_NO_WORD = r"(?:\[[^\]]{1,24}\]|[^\pL])+"


@dataclass(frozen=True)
class Terms:
    """Distinct terms of texts: those of text i are `flat[offsets[i]:offsets[i + 1]]` (int32, sorted)."""

    flat: np.ndarray
    offsets: np.ndarray

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def rows(self) -> np.ndarray:
        """Return for each entry of `flat` the text that it belongs to."""
        return np.repeat(np.arange(len(self)), np.diff(self.offsets))

    def take(self, texts: np.ndarray) -> "Terms":
        """Return the terms of `texts` (row numbers)."""
        size = np.diff(self.offsets)[texts]
        out = np.concatenate([[0], np.cumsum(size)])
        at = np.repeat(self.offsets[texts] - out[:-1], size) + np.arange(out[-1])
        return Terms(self.flat[at], out)


def terms_of(texts: pa.Array) -> Terms:
    """Return the terms of `texts` (strings, masked; a null has none)."""
    plain = pc.replace_substring_regex(_own_words(pc.fill_null(texts, "")), _NO_WORD, " ")
    plain = pc.replace_substring(pc.utf8_lower(plain), "ё", "е")
    lists = pc.split_pattern(pc.utf8_trim(plain, " "), " ")
    coded = pc.utf8_slice_codeunits(lists.flatten(), 0, STEM).dictionary_encode()
    words = coded.dictionary.to_pylist()
    hashes = np.fromiter((repeats.text_hash(_singular(word)) for word in words), np.uint64, len(words))
    counts = np.fromiter((len(word) > _SHORT for word in words), bool, len(words))
    index = coded.indices.to_numpy(zero_copy_only=False)
    length = pc.list_value_length(lists).to_numpy()
    row = np.repeat(np.arange(len(length)), length)
    kept = np.arange(len(row)) - np.repeat(np.cumsum(length) - length, length) < MOST_WORDS
    index, row = index[kept], row[kept]
    offsets = np.searchsorted(row, np.arange(len(length) + 1))
    pairs, pair_offsets = repeats.shingles(hashes[index], offsets, size=2)
    single = counts[index]
    rows = np.concatenate([row[single], np.repeat(np.arange(len(length)), np.diff(pair_offsets))])
    numbers = np.concatenate([hashes[index][single], pairs]) % np.uint64(BUCKETS)
    codes = np.unique(rows * BUCKETS + numbers.astype(np.int64))
    return Terms(
        (codes % BUCKETS).astype(np.int32), np.searchsorted(codes // BUCKETS, np.arange(len(length) + 1))
    )


def _own_words(texts: pa.Array) -> pa.Array:
    is_form = pc.greater_equal(pc.count_substring_regex(texts, _LABEL), _LABELS)
    if not pc.any(is_form).as_py():
        return texts
    cells = pc.replace_substring_regex(texts, _LABEL, _BEGINS)
    return pc.if_else(is_form, pc.replace_substring_regex(cells, _CHOICE, " "), texts)


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") else word
