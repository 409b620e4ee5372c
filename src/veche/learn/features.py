"""What is read of a text: words and their beginnings, alone and in pairs, and letter sequences, all hashed.

The letter sequences of a word depend on the word alone, so they are made once for each distinct word of a
batch; texts are products of sparse matrices. Nothing here holds a word: a feature is a 64-bit number that
does not depend on the process or the machine. It does not weigh features against labels.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

#: Characters of a text that are read.
LONGEST = 4_000

#: How many letters a sequence has, the spaces before and after the word included. Two and four as well make
#: nothing better and texts twice as long.
LETTERS = (3, 5)

#: How many letters of a word's beginning are read as its stem: no language has to be known.
STEM = 4

#: The blocks of features; each has length one in every text before the blocks are weighed.
BLOCKS = WORDS, PAIRS, SEQUENCES, STEMS, STEM_PAIRS = 0, 1, 2, 3, 4

_BASE = np.uint64(0x9E3779B97F4A7C15)
_PAIR = np.uint64(0xC2B2AE3D27D4EB4F)


@dataclass(frozen=True)
class Words:
    """Texts as numbers of their distinct words: text i has `number[bounds[i]:bounds[i + 1]]`, in order.

    `hashes`: uint64 of each distinct word.
    """

    distinct: pa.StringArray
    hashes: np.ndarray
    number: np.ndarray
    bounds: np.ndarray

    def __len__(self) -> int:
        return len(self.bounds) - 1


@dataclass(frozen=True)
class Lexicon:
    """The features that a model knows: `hashes` uint64 [f] ascending, `block` uint8 [f], `rarity` float32 [f]
    (inverse document frequency); `unseen`: the rarity of any other."""

    hashes: np.ndarray
    block: np.ndarray
    rarity: np.ndarray
    unseen: float

    def __len__(self) -> int:
        return len(self.hashes)


def words_of(texts: pa.Array | pa.ChunkedArray) -> Words:
    """Cut `texts` (string, never null) into words of letters and digits, in lower case, ё as е."""
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    cut = pc.utf8_slice_codeunits(texts.cast(pa.string()), 0, LONGEST)
    folded = pc.replace_substring(pc.utf8_lower(pc.utf8_normalize(cut, form="NFKC")), "ё", "е")
    parts = pc.split_pattern_regex(folded, r"[^\pL\pM\pN]+")
    flat = parts.flatten()
    kept = pc.not_equal(flat, "")
    ends = np.concatenate([[0], np.cumsum(kept.to_numpy(zero_copy_only=False))])
    bounds = ends[parts.offsets.to_numpy() - parts.offsets[0].as_py()]
    encoded = flat.filter(kept).dictionary_encode()
    distinct = encoded.dictionary
    return Words(distinct, _word_hashes(distinct), encoded.indices.to_numpy().astype(np.int64), bounds)


def learn_lexicon(words: Words, *, least_texts: int) -> Lexicon:
    """Return the features that stand in at least `least_texts` of the texts, with how rare they are."""
    parts = []
    for block, read in enumerate(_read(words)):
        hashes = np.unique(read.hashes)
        whole = Lexicon(hashes, np.full(len(hashes), block, np.uint8), np.ones(len(hashes), np.float32), 1.0)
        texts = np.bincount(_counts(read, block, whole)[0].indices, minlength=len(hashes))
        often = texts >= least_texts
        parts.append((hashes[often], texts[often], whole.block[often]))
    hashes, texts, blocks = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(hashes, kind="stable")
    n = len(words)
    unseen = float(_rarity(np.array([1]), n)[0])
    return Lexicon(hashes[order], blocks[order], _rarity(texts[order], n), unseen)


def _rarity(texts: np.ndarray, n: int) -> np.ndarray:
    return (np.log((1 + n) / (1 + texts)) + 1).astype(np.float32)


def matrix_of(words: Words, lexicon: Lexicon) -> list[sparse.csr_matrix]:
    """Return, for each block, float32 [n, f]; a row and what the lexicon lacks of its text have length one.

    A feature weighs 1 + log of how often it stands in the text, times its rarity. What the lexicon lacks is
    counted as rare, so that a text of unknown words gets small values.
    """
    return [_weighed(*_counts(read, block, lexicon), lexicon) for block, read in enumerate(_read(words))]


def _weighed(counts: sparse.csr_matrix, missing: np.ndarray, lexicon: Lexicon) -> sparse.csr_matrix:
    data = (1 + np.log(counts.data)) * lexicon.rarity[counts.indices]
    rows = np.repeat(np.arange(len(missing)), np.diff(counts.indptr))
    squares = np.bincount(rows, data.astype(np.float64) ** 2, minlength=len(missing))
    length = np.sqrt(squares + missing * float(lexicon.unseen) ** 2)
    data = (data / length[rows]).astype(np.float32)
    return sparse.csr_matrix((data, counts.indices, counts.indptr), shape=counts.shape)


def occurrences(words: Words, block: int, lexicon: Lexicon) -> tuple[list[str], np.ndarray]:
    """Return, for each place where a feature of `block` stands in the one text of `words`, the word or words
    that have it, and the number of the feature."""
    read = _read(words)[block]
    spelt = words.distinct.to_pylist()
    in_order = [spelt[number] for number in words.number.tolist()]
    if block in (PAIRS, STEM_PAIRS):
        names, hashes = [f"{a} {b}" for a, b in pairwise(in_order)], read.hashes
    else:
        at = [np.flatnonzero(read.owner == number) for number in words.number.tolist()]
        names = [name for name, own in zip(in_order, at, strict=True) for _ in own]
        hashes = read.hashes[np.concatenate(at)] if at else read.hashes
    feature = _found(hashes, lexicon, block)
    known = feature >= 0
    return [name for name, keep in zip(names, known.tolist(), strict=True) if keep], feature[known]


class _Read(NamedTuple):
    """A block of features in n texts: `holders` float32 CSR [n, h], how often each word (or whole text)
    stands in each text; item i, of `hashes` (uint64), is in holder `owner[i]`."""

    holders: sparse.csr_matrix
    hashes: np.ndarray
    owner: np.ndarray


def _read(words: Words) -> list[_Read]:
    """Return what stands in the texts, by block."""
    by_word = _by_word(words)
    itself = _csr(np.arange(len(words)), np.arange(len(words)), (len(words), len(words)))
    each = np.arange(len(words.hashes))
    stems = _word_hashes(pc.utf8_slice_codeunits(words.distinct, 0, STEM))
    return [
        _Read(by_word, words.hashes, each),
        _Read(itself, *_pairs(words, words.hashes)),
        _Read(by_word, *_sequences(words.distinct)),
        _Read(by_word, _mixed(stems + np.uint64(STEMS)), each),
        _Read(itself, *_pairs(words, _mixed(stems + np.uint64(STEM_PAIRS)))),
    ]


def _counts(read: _Read, block: int, lexicon: Lexicon) -> tuple[sparse.csr_matrix, np.ndarray]:
    """Return how often each feature of `block` stands in each text, and how many the lexicon lacks."""
    feature = _found(read.hashes, lexicon, block)
    known = feature >= 0
    n_holders = read.holders.get_shape()[1]
    held = _csr(read.owner[known], feature[known], (n_holders, len(lexicon)))
    lacking = np.bincount(read.owner[~known], minlength=n_holders).astype(np.float32)
    once = np.ones_like(read.holders.data)
    present = sparse.csr_matrix((once, read.holders.indices, read.holders.indptr), read.holders.get_shape())
    return sparse.csr_matrix(read.holders @ held), present @ lacking


def _by_word(words: Words) -> sparse.csr_matrix:
    """Return how often each distinct word stands in each text, float32 [n, distinct]."""
    text = np.repeat(np.arange(len(words)), np.diff(words.bounds))
    return _csr(text, words.number, (len(words), len(words.hashes)))


def _csr(row: np.ndarray, column: np.ndarray, shape: tuple[int, int]) -> sparse.csr_matrix:
    ones = np.ones(len(row), np.float32)
    return sparse.csr_matrix((ones, (row.astype(np.int32), column.astype(np.int32))), shape=shape)


def _found(hashes: np.ndarray, lexicon: Lexicon, block: int) -> np.ndarray:
    """Return the number of each feature, -1 where the lexicon has none such."""
    if not len(lexicon):
        return np.full(len(hashes), -1)
    at = np.minimum(np.searchsorted(lexicon.hashes, hashes), len(lexicon) - 1)
    return np.where((lexicon.hashes[at] == hashes) & (lexicon.block[at] == block), at, -1)


def _pairs(words: Words, of_word: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the hash of each pair of neighbouring words (`of_word`: hashes of words), and its text."""
    text = np.repeat(np.arange(len(words)), np.diff(words.bounds))
    same = text[1:] == text[:-1]
    of_token = of_word[words.number]
    return _mixed(of_token[:-1][same] * _PAIR + of_token[1:][same]), text[1:][same]


def _word_hashes(distinct: pa.StringArray) -> np.ndarray:
    letters, bounds = _letters(distinct)
    place = np.arange(len(letters)) - np.repeat(bounds[:-1], np.diff(bounds))
    weighed = letters * _powers(int(place.max(initial=0)) + 1)[place]
    return _mixed(np.add.reduceat(weighed, bounds[:-1]) if len(distinct) else np.empty(0, np.uint64))


def _sequences(distinct: pa.StringArray) -> tuple[np.ndarray, np.ndarray]:
    """Return the hashes of all letter sequences of the words, and which word each is of."""
    letters, bounds = _letters(pc.binary_join_element_wise(" ", distinct, " ", ""))
    word = np.repeat(np.arange(len(distinct)), np.diff(bounds))
    hashes, owners = [], []
    rolling = letters
    for n in range(2, max(LETTERS) + 1):
        rolling = rolling[:-1] * _BASE + letters[n - 1 :]
        ends = max(len(word) - n + 1, 0)
        inside = word[:ends] == word[n - 1 :]
        if n in LETTERS:
            hashes.append(_mixed(rolling[inside] * np.uint64(2 * n + 1) + np.uint64(n)))
            owners.append(word[:ends][inside])
    return np.concatenate(hashes), np.concatenate(owners)


def _letters(strings: pa.StringArray) -> tuple[np.ndarray, np.ndarray]:
    """Return the code points of all strings end to end (uint64), and where each begins and the last ends."""
    whole = "".join(strings.to_pylist()).encode("utf-32-le", "surrogatepass")
    lengths = pc.utf8_length(strings).to_numpy(zero_copy_only=False)
    return np.frombuffer(whole, np.uint32).astype(np.uint64), np.concatenate([[0], np.cumsum(lengths)])


def _powers(n: int) -> np.ndarray:
    out = np.full(n, _BASE, np.uint64)
    out[:1] = 1
    return np.cumprod(out, dtype=np.uint64)


def _mixed(hashes: np.ndarray) -> np.ndarray:
    """Spread the bits of hashes (the finaliser of SplitMix64)."""
    out = hashes ^ (hashes >> np.uint64(30))
    out = out * np.uint64(0xBF58476D1CE4E5B9)
    out = out ^ (out >> np.uint64(27))
    out = out * np.uint64(0x94D049BB133111EB)
    return out ^ (out >> np.uint64(31))
