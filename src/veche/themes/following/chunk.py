"""What goes into the follower and what comes out of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from veche.stages.repeats import normal_form, text_hash
from veche.themes.features import unit_rows

#: Stands for an unknown time.
NO_TIME = np.iinfo(np.int64).min


@dataclass(frozen=True)
class Chunk:
    """Appeals in the order in which they arrived.

    `ids` (str), `texts` (masked), `vectors` [n, d] (any float; a row with NaN, or of zeros, says nothing).
    Where known: `received` int64 [n], microseconds since 1970 (`NO_TIME` for unknown; they need not be in
    order), `hashes` uint64 [n] of the texts' normal form (0 for no text), `territories` and `authors`
    (codes, None for unknown).

    Raises:
        ValueError: the columns differ in length.
    """

    ids: Sequence[str]
    texts: pa.Array
    vectors: np.ndarray
    received: np.ndarray | None = None
    hashes: np.ndarray | None = None
    territories: Sequence[str | None] | None = None
    authors: Sequence[str | None] | None = None

    def __post_init__(self) -> None:
        """Refuse columns that do not belong together."""
        columns = (self.texts, self.vectors, self.received, self.hashes, self.territories, self.authors)
        if self.vectors.ndim != 2 or any(c is not None and len(c) != len(self.ids) for c in columns):
            raise ValueError("the columns of a chunk have one row for each id, the vectors two dimensions")

    def __len__(self) -> int:
        return len(self.ids)

    def text_hashes(self) -> np.ndarray:
        """Return the hashes of the texts, worked out where they were not given (uint64, 0 for no text)."""
        if self.hashes is not None:
            return self.hashes.astype(np.uint64)
        normal = normal_form(self.texts).to_pylist()
        return np.fromiter((text_hash(text) if text else 0 for text in normal), np.uint64, len(normal))

    def unit_vectors(self, centre: np.ndarray) -> np.ndarray:
        """Return unit rows around `centre` (float32); zeros where a vector is missing or holds a NaN.

        Raises:
            ValueError: the vectors have another length than `centre`.
        """
        if self.vectors.shape[1] != len(centre):
            raise ValueError(f"vectors of {self.vectors.shape[1]} numbers where {len(centre)} were announced")
        given = self.vectors.astype(np.float32)
        rows = unit_rows(np.nan_to_num(given, nan=np.nan, posinf=np.nan, neginf=np.nan))
        known = np.isfinite(rows).all(axis=1, keepdims=True) & rows.any(axis=1, keepdims=True)
        return unit_rows(np.where(known, rows - centre, 0).astype(np.float32))

    def instants(self) -> np.ndarray:
        """Return when each appeal came (int64, microseconds since 1970), `NO_TIME` where unknown."""
        return np.full(len(self), NO_TIME) if self.received is None else self.received

    def author_numbers(self) -> np.ndarray:
        """Return a number for each author (uint64), 0 for unknown."""
        if self.authors is None:
            return np.zeros(len(self), np.uint64)
        return np.array([0 if a is None else text_hash(a) for a in self.authors], np.uint64)


@dataclass(frozen=True)
class News:
    """Something new: `kind` is "theme", or "campaign" for many copies and near copies of few texts.

    `members` are ids of appeals that the follower still holds, in order of arrival; `size` counts them with
    their copies, `voices` the different texts of different authors among them. `since` is the earliest
    instant of a member (microseconds since 1970), None where unknown. `chance` bounds the probability that
    so many would say it if nothing had changed. `territories` has the most frequent first.
    """

    code: str
    kind: str
    name: str
    keywords: list[str]
    members: list[str]
    size: int
    voices: int
    since: int | None
    territories: list[tuple[str, int]]
    chance: float


@dataclass(frozen=True)
class Step:
    """What a chunk came to: per appeal the `themes` code that it joins (None: it waits) and its `strength`
    (float32, cosine to the centre, 0 for none); and what is `news`."""

    themes: list[str | None]
    strength: np.ndarray
    news: list[News] = field(default_factory=list)
