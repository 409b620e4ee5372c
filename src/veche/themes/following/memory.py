"""What a run leaves for the next one about its themes: arrays without a word of any text.

Distinct texts are kept as the hashes of their normal form, so that two runs know what they share even
where the file was exported anew and every appeal has another id. Written as `themes-state.npz`.
"""

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from itertools import pairwise
from pathlib import Path
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from scipy import sparse

from veche.core.errors import OutputError, UsageError
from veche.core.i18n import _
from veche.core.library_words import reason
from veche.stages.columns import CONTENT_HASH
from veche.themes.features import MEAN_PRIOR, unit_rows
from veche.themes.result import Themes

#: Beside `themes.parquet` in the folder of a run.
FILE = "themes-state.npz"

#: A text joins a theme if it is nearer to its centre than this share of the theme's own texts are.
JOIN_QUANTILE = 0.05

#: Of a theme with fewer texts than this the quantile says little; its threshold is at least `LOOSEST`.
FEW = 20
LOOSEST = 0.35

#: The mean of fewer texts says too much about each of them once one has to be forgotten.
LEAST_LEFT = 5

_VERSION = 1


@dataclass(frozen=True)
class Memory:
    """Themes as they were at the end of a run, those that say nothing left out.

    Per theme: `codes` and `names` (str), `sizes` int64 (appeals), `means` float32 [themes, d] (mean of the
    unit vectors of its distinct texts, zeros where there are no vectors), `thresholds` float32 (cosine to
    the centred mean from which a text belongs). `centre` float32 [d] is the mean over all distinct texts.
    Per distinct text: `texts` uint64, sorted hashes, and `text_theme` int32, -1 for the rare.
    `next_number` is a number that no theme of this or an earlier run had.
    """

    codes: np.ndarray
    names: np.ndarray
    sizes: np.ndarray
    means: np.ndarray
    thresholds: np.ndarray
    centre: np.ndarray
    texts: np.ndarray
    text_theme: np.ndarray
    next_number: int = 1

    def __len__(self) -> int:
        return len(self.codes)

    def centroids(self, centre: np.ndarray | None = None) -> np.ndarray:
        """Return unit centroids (float32 [themes, d]) around `centre`, this memory's own if None."""
        middle = self.centre if centre is None else centre
        known = self.means.any(axis=1, keepdims=True)
        return unit_rows(np.where(known, self.means - middle, 0).astype(np.float32))

    def renamed(self, codes: list[str], names: list[str], *, next_number: int) -> Self:
        """Return the same themes under other codes and names."""
        return replace(self, codes=strings(codes), names=strings(names), next_number=next_number)

    def without(self, texts: np.ndarray) -> Self:
        """Return the same without the texts of these hashes.

        A theme that fewer than `LEAST_LEFT` of its texts are left of loses its mean, which would say what
        the erased text said; one without texts loses its name too. Sizes stay, as counts do.
        """
        gone = np.isin(self.texts, texts)
        hit = np.unique(self.text_theme[gone & (self.text_theme >= 0)])
        kept = self.text_theme[~gone]
        left = np.bincount(kept[kept >= 0], minlength=len(self))
        means, names = self.means.copy(), self.names.copy()
        means[hit[left[hit] < LEAST_LEFT]] = 0
        names[hit[left[hit] == 0]] = ""
        return replace(self, texts=self.texts[~gone], text_theme=kept, means=means, names=names)

    def write(self, folder: Path) -> None:
        """Write `themes-state.npz`.

        Raises:
            OutputError: the file cannot be written.
        """
        arrays = {f.name: np.asarray(getattr(self, f.name)) for f in fields(self)}
        begun = folder / f"{FILE}.part"
        try:
            with begun.open("wb") as file:
                np.savez_compressed(file, version=np.array(_VERSION), allow_pickle=False, **arrays)
            begun.replace(folder / FILE)
        except OSError as error:
            raise OutputError(path=folder / FILE, reason=reason(error)) from error

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """Return what the run in `folder` left, None where it left nothing.

        Raises:
            UsageError: the file is damaged, or of another version.
        """
        path = folder / FILE
        if not path.is_file():
            return None
        try:
            with np.load(path, allow_pickle=False) as found:
                if int(found["version"]) != _VERSION:
                    raise ValueError("version")
                arrays = {f.name: found[f.name] for f in fields(cls)}
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            problem = _("{path} holds no themes that can be followed; run again without the earlier run.")
            raise UsageError(problem=problem.format(path=path)) from error
        return cls(**{**arrays, "next_number": int(arrays["next_number"])})


def remember(work: Path, themes: Themes) -> Memory:
    """Return what is to be kept of `themes`, found in the run whose parts lie in `work`.

    Reads the content hashes of `work/map/part-*.parquet` and, where they are there, `work/vectors`.
    """
    silent = pc.fill_null(themes.table["says_nothing"], False)
    top = themes.table.filter(pc.and_(pc.is_null(themes.table["parent"]), pc.invert(silent)))
    codes = top["theme"].to_pylist()
    theme = _numbers(themes.assignments["theme"], codes)
    hashes, rows = _distinct(work)
    means, thresholds, centre = _centres(work, np.sort(rows), theme, len(codes))
    return Memory(
        codes=strings(codes),
        names=strings([name or "" for name in top["name"].to_pylist()]),
        sizes=np.array(top["size"].to_pylist(), np.int64),
        means=means,
        thresholds=thresholds,
        centre=centre,
        texts=hashes,
        text_theme=theme[rows],
        next_number=next_number(codes),
    )


def strings(values: Sequence[str]) -> np.ndarray:
    """Return an array of strings that is saved without pickling."""
    return np.array(list(values), np.str_)


def next_number(codes: Sequence[str]) -> int:
    """Return the number after the largest of codes such as "t017"."""
    return 1 + max((int(code[1:]) for code in codes if code[1:].isdecimal()), default=0)


def _numbers(themes: pa.ChunkedArray, codes: list[str]) -> np.ndarray:
    found = pc.call_function("index_in", [themes], pc.SetLookupOptions(pa.array(codes, pa.string())))
    return pc.fill_null(found, -1).to_numpy().astype(np.int32)


def _parts(work: Path) -> list[Path]:
    return sorted((work / "map").glob("part-*.parquet"))


def _distinct(work: Path) -> tuple[np.ndarray, np.ndarray]:
    """The hash of each distinct text, sorted, and the first row that has it; rows without text left out."""
    columns = [_hashes(part) for part in _parts(work)]
    column = pa.chunked_array([c for found in columns for c in found.chunks], pa.uint64())
    known = np.flatnonzero(column.is_valid().to_numpy())
    hashes, first = np.unique(pc.fill_null(column, 0).to_numpy()[known], return_index=True)
    return hashes, known[first]


def _hashes(part: Path) -> pa.ChunkedArray:
    """The content hashes of a part; without them no text is known again."""
    schema = pq.read_schema(part)
    if CONTENT_HASH.name in schema.names:
        return pq.read_table(part, columns=[CONTENT_HASH.name]).column(0).cast(pa.uint64())
    return pa.chunked_array([pa.nulls(pq.read_metadata(part).num_rows, pa.uint64())])


def _vectors(work: Path, rows: np.ndarray, theme: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield, part by part, the unit vectors of the sorted `rows` that have one, and their themes."""
    start = 0
    for part in _parts(work):
        end = start + pq.read_metadata(part).num_rows
        path = work / "vectors" / f"{part.stem}.npy"
        chosen = rows[np.searchsorted(rows, start) : np.searchsorted(rows, end)]
        if len(chosen) and path.is_file():
            found = np.load(path, mmap_mode="r")[chosen - start].astype(np.float32)
            known = np.isfinite(found).all(axis=1) & found.any(axis=1)
            yield unit_rows(found[known]), theme[chosen[known]]
        start = end


def _centres(
    work: Path, rows: np.ndarray, theme: np.ndarray, n_themes: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Means and thresholds of the themes, and the mean of all; two passes, so vectors are never all held."""
    total: np.ndarray = np.zeros((n_themes + 1, 1))
    count = np.zeros(n_themes + 1, np.int64)
    for vectors, label in _vectors(work, rows, theme):
        ones = sparse.csr_matrix(
            (np.ones(len(label)), (label % (n_themes + 1), np.arange(len(label)))), (n_themes + 1, len(label))
        )
        total = total + ones @ vectors.astype(np.float64)
        count += np.bincount(label % (n_themes + 1), minlength=n_themes + 1)
    means = (total[:n_themes] / np.maximum(count[:n_themes], 1)[:, None]).astype(np.float32)
    # As in discovery, the mean is drawn towards nothing: among few texts it is mostly the texts themselves.
    centre = (total.sum(axis=0) / (count.sum() + MEAN_PRIOR)).astype(np.float32)
    centroids = unit_rows(np.where(means.any(axis=1, keepdims=True), means - centre, 0).astype(np.float32))
    fits = [np.zeros(0, np.float32)]
    labels = [np.zeros(0, np.int32)]
    for vectors, label in _vectors(work, rows, theme):
        inside = np.flatnonzero(label >= 0)
        fits.append(np.einsum("ij,ij->i", unit_rows(vectors[inside] - centre), centroids[label[inside]]))
        labels.append(label[inside])
    return means, _thresholds(np.concatenate(fits), np.concatenate(labels), n_themes), centre


def _thresholds(fit: np.ndarray, label: np.ndarray, n_themes: int) -> np.ndarray:
    order = np.argsort(label, kind="stable")
    cuts = np.searchsorted(label[order], np.arange(n_themes + 1))
    return np.array(
        [threshold_of(fit[order[a:b]]) for a, b in pairwise(cuts)],
        np.float32,
    )


def threshold_of(fit: np.ndarray) -> float:
    """Return the cosine from which a text belongs to the theme whose own texts have cosines `fit`."""
    if len(fit) == 0:
        return 1.0
    learnt = float(np.quantile(fit, JOIN_QUANTILE))
    return max(learnt, LOOSEST) if len(fit) < FEW else learnt
