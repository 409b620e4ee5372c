"""Numbers for distinct texts: sentence vectors, centred and reduced; hashed words where there are none.

Rows are unit length, so a product is a cosine. A row of zeros is a text about which nothing is known.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from scipy import sparse
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import HashingVectorizer

from veche.core.text import fold
from veche.themes.batches import Blocks
from veche.themes.material import Material

#: Directions kept. On patients' comments 64, 96, 128 and 192 gave like themes; 128 the best names.
DIMENSIONS = 128

#: The directions are learnt from at most so many texts, spread evenly over all.
LEARN_FROM = 40_000

#: The mean that is taken away is drawn towards nothing as if so many texts without direction were
#: there too: among a handful of texts the mean is mostly the texts themselves.
MEAN_PRIOR = 32

#: Buckets of hashed word beginnings where there are no vectors.
BUCKETS = 1 << 16

#: A word counts by its first letters, so that its cases and endings fall together.
_STEMS = r"(?u)\b[^\W\d_]{3,6}"

#: A word that stands in more than this share of the texts says nothing about any of them.
_MAX_SHARE = 0.3

#: Only the beginning of a text is read (code points).
READ_CHARACTERS = 1000

_HASHING: Any = HashingVectorizer(
    n_features=BUCKETS, token_pattern=_STEMS, preprocessor=fold, alternate_sign=False, norm=cast(Any, None)
)


def unit_rows(matrix: np.ndarray) -> np.ndarray:
    """Return `matrix` with rows of length 1 (rows of zeros stay)."""
    length = np.linalg.norm(matrix, axis=1, keepdims=True)
    return np.divide(matrix, length, out=np.zeros_like(matrix), where=length > 1e-6)


def features(work: Path, material: Material, units: np.ndarray, *, seed: int, blocks: Blocks) -> np.ndarray:
    """Return float32 [len(units), up to `DIMENSIONS`] for the distinct texts `units` (sorted by `first`).

    Reads `vectors/part-*.npy` of `work` if they are there; otherwise the masked texts.
    """
    if len(units) == 0:
        return np.zeros((0, 1), np.float32)
    if any((work / "vectors").glob("part-*.npy")):
        return _from_vectors(work, material, units, blocks)
    return _from_words(material, units, seed)


def _vectors(
    work: Path, material: Material, units: np.ndarray, keep: np.ndarray | None = None
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield places in `units` and their vectors (float32, unit rows or zeros), part by part."""
    for part, rows, at in material.parts_of(material.first[units]):
        if keep is not None:
            rows, at = rows[keep[at]], at[keep[at]]
        path = work / "vectors" / f"{part.stem}.npy"
        if len(rows) == 0 or not path.is_file():
            continue
        found = np.load(path, mmap_mode="r")[rows].astype(np.float32)
        found[~np.isfinite(found).all(axis=1)] = 0
        yield at, unit_rows(found)


def _from_vectors(work: Path, material: Material, units: np.ndarray, blocks: Blocks) -> np.ndarray:
    sample = np.zeros(len(units), bool)
    sample[:: -(-len(units) // LEARN_FROM)] = True
    total: np.ndarray | float = 0.0
    products: np.ndarray | float = 0.0
    n = 0
    for _, vectors in _vectors(work, material, units, sample):
        known = vectors[vectors.any(axis=1)]
        total = total + known.sum(axis=0, dtype=np.float64)
        products = products + (known.T @ known).astype(np.float64)
        n += len(known)
    if n == 0:
        return np.zeros((len(units), 1), np.float32)
    mean = np.asarray(total) / (n + MEAN_PRIOR)
    covariance = (products - np.outer(total, mean) - np.outer(mean, total)) / n + np.outer(mean, mean)
    directions = main_directions(np.asarray(covariance))
    out = np.zeros((len(units), directions.shape[1]), np.float32)
    centre = mean.astype(np.float32)
    for at, vectors in _vectors(work, material, units):
        known = vectors.any(axis=1, keepdims=True)
        out[at] = np.where(known, vectors - centre, 0) @ directions
    for _ in blocks.map(lambda rows: _normalise(out, rows), len(out)):
        pass
    return out


def _normalise(matrix: np.ndarray, rows: slice) -> None:
    matrix[rows] = unit_rows(matrix[rows])


def main_directions(covariance: np.ndarray) -> np.ndarray:
    """The eigenvectors of the largest variance, signs fixed by their largest entry; float32 [d, k]."""
    variance, vectors = np.linalg.eigh(covariance)
    keep = variance[::-1][:DIMENSIONS] > 1e-9
    vectors = vectors[:, ::-1][:, :DIMENSIONS][:, keep]
    largest = np.abs(vectors).argmax(axis=0)
    signs = np.sign(vectors[largest, np.arange(vectors.shape[1])])
    return (vectors * signs).astype(np.float32)


def _from_words(material: Material, units: np.ndarray, seed: int) -> np.ndarray:
    """Hashed word beginnings, weighted by rarity, reduced by a truncated SVD; learnt from a sample."""
    firsts = material.first[units]
    sample = _counts(material.texts(firsts[:: -(-len(units) // LEARN_FROM)]))
    n_sample = len(sample.indptr) - 1
    seen = np.bincount(_indices(sample), minlength=BUCKETS)
    weight = np.log((1 + n_sample) / (1 + seen)) + 1
    weight[(seen < 2) | (seen > max(2, _MAX_SHARE * n_sample))] = 0
    size = min(DIMENSIONS, n_sample - 1)
    if size < 2 or not weight.any():
        return np.zeros((len(units), 1), np.float32)
    svd = TruncatedSVD(size, n_iter=3, random_state=seed).fit(_weighted(sample, weight))
    directions = np.asarray(svd.components_, np.float32).T
    out = np.zeros((len(units), directions.shape[1]), np.float32)
    for part, rows, at in material.parts_of(firsts):
        column = pq.read_table(part, columns=["masked_text"]).column(0)
        texts = [text or "" for text in column.take(pa.array(rows)).to_pylist()]
        out[at] = unit_rows(np.asarray(_weighted(_counts(texts), weight) @ directions, np.float32))
    return out


def _counts(texts: list[str]) -> sparse.csr_matrix:
    return sparse.csr_matrix(_HASHING.transform([text[:READ_CHARACTERS] for text in texts]))


def _indices(matrix: sparse.csr_matrix) -> np.ndarray:
    return np.asarray(matrix.indices)


def _weighted(counts: sparse.csr_matrix, weight: np.ndarray) -> sparse.csr_matrix:
    """Damped counts times weights, rows of length 1."""
    values = (1 + np.log(np.asarray(counts.data))) * weight[_indices(counts)]
    matrix = sparse.csr_matrix((values, _indices(counts), np.asarray(counts.indptr)), counts.shape)
    matrix.eliminate_zeros()
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    scale = np.divide(1, length, out=np.zeros_like(length), where=length > 0)
    return sparse.csr_matrix(sparse.diags(scale) @ matrix, dtype=np.float32)
