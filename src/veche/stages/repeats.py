"""The repeats stage: what an appeal needs to be compared with all others.

A hash of the text's normal form finds exact copies, a MinHash signature near ones. Nothing is
compared here: groups need all appeals at once and are made by `veche.themes.repeats`.
"""

from hashlib import blake2b

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from rensa import RMinHash  # pyright: ignore[reportAttributeAccessIssue]  # it has no types

from veche.core.errors import N_
from veche.engine.stage import Context
from veche.stages.columns import CONTENT_HASH, MASKED_TEXT, SIGNATURE, TOKENS

#: Values of MinHash and the bands that they are cut into. Two texts of Jaccard similarity 0.7 share a
#: band with probability 0.9999, 0.5 with 0.87, 0.2 with 0.05 (Leskovec, Rajaraman and Ullman, Mining of
#: Massive Datasets, 3.4). Only the hashes of the bands are kept: 128 bytes of 512.
PERMUTATIONS = 128
BANDS = 32

#: Texts of fewer words ("спасибо", "did not answer") say the same without being copies, so they
#: get no signature and meet only as exact copies.
MIN_WORDS = 5

#: Tokens in a shingle. Single ones let unrelated texts look alike, three lose much of a text to one
#: changed word.
SHINGLE = 2

#: Never changes: signatures of different runs stay comparable.
_SEED = 20_240_229

_JUNK = r"[^\pL\pN\[\]]+"
_MIX = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


def normal_form(texts: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Return texts in lower case, ё as е, one space for all but letters, digits and brackets of labels."""
    lower = pc.replace_substring(pc.utf8_lower(texts), "ё", "е")
    return pc.utf8_trim(pc.replace_substring_regex(lower, _JUNK, " "), " ")


def word_count(normal: pa.Array | pa.ChunkedArray) -> np.ndarray:
    """Return the number of words (int64) of each text in normal form, 0 for null."""
    spaces = pc.fill_null(pc.count_substring(normal, " "), 0).to_numpy(zero_copy_only=False)
    empty = pc.fill_null(pc.equal(normal, ""), True).to_numpy(zero_copy_only=False)
    return np.where(empty, 0, spaces.astype(np.int64) + 1)


def text_hash(text: str) -> int:
    """Return the 64-bit BLAKE2b hash of a text, the same on every machine and in every year."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


def words(normal: pa.Array | pa.ChunkedArray) -> tuple[np.ndarray, np.ndarray]:
    """Return the words of texts in normal form as flat hashes (uint64), and offsets of the rows (int64)."""
    array = normal.combine_chunks() if isinstance(normal, pa.ChunkedArray) else normal
    lists = pc.split_pattern(pc.fill_null(array, ""), " ")
    coded = lists.flatten().dictionary_encode()
    table = np.fromiter(
        (text_hash(w) for w in coded.dictionary.to_pylist()), np.uint64, len(coded.dictionary)
    )
    flat = table[coded.indices.to_numpy(zero_copy_only=False)] if len(coded) else np.zeros(0, np.uint64)
    return flat, _offsets(pc.list_value_length(lists))


def mix(values: np.ndarray) -> np.ndarray:
    """Return uint64 values scattered over all 64 bits (the finaliser of SplitMix64, Steele et al. 2014)."""
    x = values + _MIX[0]
    x = (x ^ (x >> np.uint64(30))) * _MIX[1]
    x = (x ^ (x >> np.uint64(27))) * _MIX[2]
    return x ^ (x >> np.uint64(31))


def shingles(flat: np.ndarray, offsets: np.ndarray, *, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return hashes of all `size` consecutive items of each row, and offsets of the rows.

    `flat` (uint64) holds the items of all rows, row i at `offsets[i]:offsets[i + 1]`. A row with
    fewer items than `size` has no shingles.
    """
    counts = np.maximum(np.diff(offsets) - size + 1, 0)
    out = np.concatenate([[0], np.cumsum(counts)])
    first = np.repeat(offsets[:-1] - out[:-1], counts) + np.arange(out[-1])
    hashes = mix(flat[first])
    for k in range(1, size):
        hashes = mix(hashes ^ flat[first + k])
    return hashes, out


class RepeatsStage:
    """Adds `signature` (null for a text too short to compare) and `content_hash` (null for no text)."""

    name = "repeats"
    version = "1"
    reads = (TOKENS, MASKED_TEXT)
    adds = (SIGNATURE, CONTENT_HASH)
    fallbacks = {TOKENS.name: N_("shingles of words instead of subwords")}  # noqa: RUF012

    def open(self, context: Context) -> None:
        """Need nothing: the method knows no language and no pack."""

    def __call__(self, batch: pa.Table) -> pa.Table:
        """Return `batch` with signatures and hashes."""
        normal = normal_form(batch[MASKED_TEXT.name])
        n_words = word_count(normal)
        hashes = np.fromiter((text_hash(t) if t else 0 for t in normal.to_pylist()), np.uint64, len(normal))
        return batch.append_column(SIGNATURE, _signatures(batch[TOKENS.name], normal, n_words)).append_column(
            CONTENT_HASH, pa.array(hashes, mask=n_words == 0)
        )


def _signatures(tokens: pa.ChunkedArray, normal: pa.ChunkedArray, n_words: np.ndarray) -> pa.Array:
    if tokens.null_count == len(tokens):
        flat, offsets = words(normal)
    else:
        lists = tokens.combine_chunks()
        flat = lists.flatten().to_numpy(zero_copy_only=False).astype(np.uint64)
        offsets = _offsets(pc.list_value_length(lists))
    hashes, rows = shingles(flat, offsets, size=SHINGLE)
    usable = (n_words >= MIN_WORDS) & (np.diff(rows) > 0)
    if not usable.any():
        return pa.nulls(len(n_words), pa.binary())
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(
        hashes, rows.astype(np.uint64), num_perm=PERMUTATIONS, seed=_SEED
    )
    data = _band_hashes(np.array(matrix.to_rows(), np.uint32))
    fixed = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(4 * BANDS), len(data), [None, pa.py_buffer(data.astype("<u4").tobytes())]
    )
    return pc.if_else(pa.array(usable), fixed.cast(pa.binary()), pa.scalar(None, pa.binary()))


def _band_hashes(signatures: np.ndarray) -> np.ndarray:
    """Return uint32 [texts, BANDS] of uint32 [texts, PERMUTATIONS] (FNV-1a over the values of a band)."""
    cut = signatures.reshape(len(signatures), BANDS, PERMUTATIONS // BANDS)
    hashes = np.full(cut.shape[:2], 2166136261, np.uint32)
    for k in range(cut.shape[2]):
        hashes = (hashes ^ cut[:, :, k]) * np.uint32(0x01000193)
        hashes ^= hashes >> np.uint32(15)
    return hashes


def _offsets(lengths: pa.Array | pa.ChunkedArray) -> np.ndarray:
    counts = pc.fill_null(lengths, 0).to_numpy(zero_copy_only=False).astype(np.int64)
    return np.concatenate([[0], np.cumsum(counts)])
