"""The audit's own encoder: words and subwords, weighted by rarity, reduced by a truncated SVD.

Quotations are chosen with the sentence vectors of the `vectors` stage; auditing them with the same
vectors would only ask whether the choice did what it aimed at. This encoder shares no weights with
those: it knows nothing but which beginnings of words, and which subwords, stand together in these
texts. So it compares texts of one language only.
"""

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import pyarrow as pa
from scipy import sparse
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.utils.extmath import randomized_svd

from veche.core.text import fold
from veche.stages import tokens

#: Directions kept; docs/explanation/representation.md compares 64, 128 and 256 with human judgements.
DIMENSIONS = 128

#: The weights and directions are learnt from at most so many texts.
LEARN_FROM = 20_000

#: Only the beginning of a text is read (code points).
READ_CHARACTERS = 1000

#: Buckets of hashed word beginnings, and of subwords, whose vocabulary is smaller than that.
BUCKETS = 1 << 18

#: A word counts by its first letters, so that its cases and endings fall together.
_STEMS = r"(?u)\b[^\W\d_]{3,6}"

#: What stands in more than this share of the texts, and in more than so many, says nothing about any.
_MAX_SHARE = 0.3
_MANY = 10

#: A text of which this little is left by the SVD (length of its vector) is not comparable.
_NOTHING = 1e-4

_HASHING: Any = HashingVectorizer(
    n_features=BUCKETS, token_pattern=_STEMS, preprocessor=fold, alternate_sign=False, norm=cast(Any, None)
)


class Encoder:
    """Turns texts into unit vectors (float32 [n, d]); a row of zeros is a text that cannot be compared."""

    def __init__(self, texts: Sequence[str], *, seed: int) -> None:
        """Learn from `texts`: an even sample of what is to be compared, each different text once."""
        self._directions: np.ndarray | None = None
        if not texts:
            return
        learnt = _Words(texts[:LEARN_FROM])
        self._weights = [_rarity(learnt.stems), _rarity(learnt.pieces)]
        matrix = self._weighted(learnt)
        size = min(DIMENSIONS, min(len(texts), LEARN_FROM) - 1)
        if size >= 1 and matrix.nnz:
            self._directions = _directions(matrix, size, seed=seed)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return the vectors of `texts`."""
        if self._directions is None or not texts:
            return np.zeros((len(texts), 1), np.float32)
        return _unit_rows(np.asarray(self._weighted(_Words(texts)) @ self._directions, np.float32))

    def _weighted(self, words: "_Words") -> sparse.csr_matrix:
        """Stems and subwords side by side, each half a vector of length 1."""
        halves = [
            _damped(counts, weight)
            for counts, weight in zip((words.stems, words.pieces), self._weights, strict=True)
        ]
        return sparse.csr_matrix(sparse.hstack(halves), dtype=np.float32)


class _Words:
    """How often each stem and each subword stands in each text."""

    def __init__(self, texts: Sequence[str]) -> None:
        cut = [text[:READ_CHARACTERS] for text in texts]
        self.stems = sparse.csr_matrix(_HASHING.transform(cut))
        ids = tokens.encode(tokens.build_tokenizer(), pa.array([fold(text) for text in cut], pa.string()))
        flat, offsets = ids.values.to_numpy().copy(), ids.offsets.to_numpy().copy()
        self.pieces = sparse.csr_matrix(
            (np.ones(len(flat), np.float32), flat, offsets), (len(cut), BUCKETS), dtype=np.float32
        )
        self.pieces.sum_duplicates()


def _directions(matrix: sparse.csr_matrix, size: int, *, seed: int) -> np.ndarray:
    """The first right singular vectors (float32 [columns, size]).

    Most buckets are empty: they are left out while the directions are learnt, which is ten times faster.
    """
    used = np.unique(np.asarray(matrix.indices))
    solve: Any = randomized_svd  # its annotations are narrower than what it takes
    found = solve(matrix[:, used], size, n_iter=4, random_state=seed, transpose=True)[2]
    out = np.zeros((matrix.get_shape()[1], len(found)), np.float32)
    out[used] = found.T
    return out


def _rarity(counts: sparse.csr_matrix) -> np.ndarray:
    """Inverse document frequency; nothing for what stands in one text only or nearly everywhere."""
    n_texts = len(counts.indptr) - 1
    seen = np.bincount(np.asarray(counts.indices), minlength=BUCKETS)
    weight = np.log((1 + n_texts) / (1 + seen)) + 1
    weight[(seen < 2) | (seen > max(_MANY, _MAX_SHARE * n_texts))] = 0
    return weight


def _damped(counts: sparse.csr_matrix, weight: np.ndarray) -> sparse.csr_matrix:
    values = (1 + np.log(np.asarray(counts.data))) * weight[np.asarray(counts.indices)]
    matrix = sparse.csr_matrix((values, counts.indices, counts.indptr), counts.shape)
    matrix.eliminate_zeros()
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    scale = np.divide(1, length, out=np.zeros_like(length), where=length > 0)
    return sparse.csr_matrix(sparse.diags(scale) @ matrix)


def _unit_rows(matrix: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(matrix, axis=1, keepdims=True)
    return np.divide(matrix, length, out=np.zeros_like(matrix), where=length > _NOTHING)
