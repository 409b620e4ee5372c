"""Linear heads: from the numbers of an appeal to one score for each label.

A score is a sum over features of value times weight and nothing else, so it can be explained exactly. The
scores of a facet come about from one ridge regression over words, letters, sentence vectors and traits
together. How sure a score is, and what is said at what score, is for the calibration to tell.
"""

import math
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg
from scipy import sparse
from sklearn.utils.extmath import randomized_svd
from threadpoolctl import threadpool_limits

from veche.learn.choose import choose_circumstances
from veche.learn.circumstances import CIRCUMSTANCES
from veche.learn.design import Columns, Design, design_of, learn_columns
from veche.learn.examples import Inputs, Labels
from veche.learn.features import Lexicon
from veche.learn.ridge import CONSTANT, RIDGE, choose_ridge, gram, row_weights, solve, solve_in_steps, targets
from veche.learn.splits import splits
from veche.learn.titles import with_titles

#: Scores of the regression, about 0 to 1, are told times this, so that they differ as log-odds do.
SCALE = 10.0

#: Up to so many rows and labels the weights are solved for exactly; up to so many products of labels and
#: numbers of the rows (a minute of each), step by step; beyond, in `_DIRECTIONS` dimensions.
MOST_ROWS = 6_000
MOST_LABELS = 1_000
MOST_PRODUCTS = 2_000_000_000
_DIRECTIONS = 512

_SVD_ROUNDS: Any = 2

_BLOCK_ROWS = 1024

#: Parts of rows that are in no fold: those that nobody labelled, and titles, from which every fold learns.
_UNLABELLED, _ALWAYS_OLD = -1, -2


@dataclass(frozen=True)
class Head:
    """Weights: features of the words `words` (float16 [f, r]) through `out` (float32 [r, c]; none where r is
    c), `vector` (float32 [512, c]), `traits` (float32 [t, c]) and `start` (float32 [c])."""

    columns: Columns
    words: np.ndarray
    out: np.ndarray | None
    vector: np.ndarray
    traits: np.ndarray
    start: np.ndarray

    def scores(self, inputs: Inputs, *, threads: int = 2) -> np.ndarray:
        """Return a score for each label, float32 [n, c]; the number of threads changes no bit."""
        out = np.empty((len(inputs), len(self.start)), np.float32)
        words = self.words.astype(np.float32)

        def score(rows: np.ndarray) -> None:
            out[rows] = _scores(self, words, design_of(inputs.take(rows), self.columns))

        with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(max(1, threads)) as pool:
            list(pool.map(score, _blocks(len(inputs))))
        return out

    def parts(self) -> dict[str, np.ndarray]:
        """Return the arrays to be stored."""
        lexicon = self.columns.lexicon
        arrays = {
            "hashes": lexicon.hashes,
            "block": lexicon.block,
            "rarity": lexicon.rarity,
            "words": self.words,
            "vector": self.vector.astype(np.float16),
            "traits": self.traits,
            "start": self.start,
        }
        return arrays if self.out is None else arrays | {"out": self.out}

    def settings(self) -> dict[str, Any]:
        """Return what else is to be stored, as JSON."""
        return {"traits": list(self.columns.traits), "unseen": self.columns.lexicon.unseen}

    @staticmethod
    def of(parts: Mapping[str, np.ndarray], settings: Mapping[str, Any]) -> "Head":
        """Return the head that was stored; errors of type KeyError, TypeError or ValueError if it is none."""
        lexicon = Lexicon(parts["hashes"], parts["block"], parts["rarity"], float(settings["unseen"]))
        return Head(
            columns=Columns(lexicon, tuple(str(name) for name in settings["traits"])),
            words=parts["words"],
            out=parts.get("out"),
            vector=parts["vector"].astype(np.float32),
            traits=parts["traits"],
            start=parts["start"],
        )


def fit(
    inputs: Inputs,
    labels: Labels,
    *,
    seed: int,
    threads: int = 2,
    progress: Callable[[float], None] | None = None,
) -> Head:
    """Return the head learnt from the rows that have labels, and from the titles of the labels.

    `progress` is told the share that is done.
    """
    rows = np.flatnonzero(labels.known)
    known, given = with_titles(inputs.take(rows), labels.take(rows), threads=threads)
    columns = learn_columns(known, circumstances=CIRCUMSTANCES)
    tell = progress or (lambda _share: None)
    with threadpool_limits(1, user_api="blas"):
        design = _design(known, columns, threads)
        read = choose_circumstances(design, columns, given, len(rows))
        design, columns = design.with_traits(read), columns.with_traits(read)
        tell(0.3)
        alike = gram(design, design) if _is_small(design, given) else None
        ridge = _ridge(design, alike, given, len(rows))
        tell(0.6)
        head = _learn(design, alike, given, columns, ridge=ridge, seed=seed)
    tell(1.0)
    return head


def cross_scores(
    inputs: Inputs,
    labels: Labels,
    copies: np.ndarray,
    *,
    folds: int = 5,
    seed: int,
    threads: int = 2,
) -> np.ndarray:
    """Return scores (float32 [n, c]) of each row by a head that saw neither it nor its copies.

    Features are counted over all texts, and all folds share one of five ridges and the circumstances that are
    read, chosen over all rows. A row without a label gets the scores of all folds' rows together.
    """
    n = len(inputs)
    part = np.where(labels.known, splits(copies, labels, folds, seed), _UNLABELLED)
    part = np.concatenate([part, np.full(len(labels.set), _ALWAYS_OLD)])
    inputs, labels = with_titles(inputs, labels, threads=threads)
    columns = learn_columns(inputs, circumstances=CIRCUMSTANCES)
    known = np.flatnonzero(part != _UNLABELLED)
    with threadpool_limits(1, user_api="blas"):
        design = _design(inputs, columns, threads)
        n_known, given = len(known) - len(labels.set), labels.take(known)
        read = choose_circumstances(design.take(known), columns, given, n_known)
        design, columns = design.with_traits(read), columns.with_traits(read)
        alike = gram(design, design) if _is_small(design, labels) else None
        ridge = _ridge(
            design.take(known),
            None if alike is None else alike[np.ix_(known, known)],
            given,
            n_known,
        )
        out = np.zeros((n, len(labels.set)), np.float32)

        def judge(fold: int) -> None:
            old = np.flatnonzero((part != fold) & (part != _UNLABELLED))
            new = np.flatnonzero(part == fold)
            told = labels.take(old)
            if alike is not None:
                shares = solve(alike[np.ix_(old, old)], targets(told), row_weights(told), ridge)
                out[new] = SCALE * (alike[np.ix_(new, old)] @ shares)
            else:
                head = _learn(design.take(old), None, told, columns, ridge=ridge, seed=seed)
                out[new] = _scores(head, head.words.astype(np.float32), design.take(new))

        with ThreadPoolExecutor(max(1, threads)) as pool:
            list(pool.map(judge, np.unique(part[:n]).tolist()))
    return out


def _is_small(design: Design, labels: Labels) -> bool:
    return len(design) <= MOST_ROWS and len(labels.set) <= MOST_LABELS


def _is_bounded(design: Design, labels: Labels) -> bool:
    numbers = design.words.nnz + design.vectors.size + design.traits.nnz
    return len(labels.set) <= MOST_LABELS and numbers * len(labels.set) <= MOST_PRODUCTS


def _ridge(design: Design, alike: np.ndarray | None, labels: Labels, n: int) -> float:
    """Return the ridge that does best on the first `n` rows; the others are titles."""
    if len(labels.set) > MOST_LABELS:
        return RIDGE

    def among(rows: np.ndarray) -> np.ndarray:
        part = design.take(rows)
        return gram(part, part) if alike is None else alike[np.ix_(rows, rows)]

    return choose_ridge(among, labels, n)


def _learn(
    design: Design,
    alike: np.ndarray | None,
    labels: Labels,
    columns: Columns,
    *,
    ridge: float,
    seed: int,
) -> Head:
    """Return the head; `alike`: the gram of the rows, where they are few."""
    if alike is not None:
        shares = solve(alike, targets(labels), row_weights(labels), ridge)
    elif _is_bounded(design, labels):
        shares = solve_in_steps(design, targets(labels), row_weights(labels), ridge)
    else:
        return _learn_reduced(design, labels, columns, ridge=ridge, seed=seed)
    shares = np.float32(SCALE) * shares
    return Head(
        columns=columns,
        words=(design.words.T @ shares).astype(np.float16),
        out=None,
        vector=design.vectors.T @ shares,
        traits=design.traits.T @ shares,
        start=CONSTANT * shares.sum(axis=0),
    )


def _learn_reduced(design: Design, labels: Labels, columns: Columns, *, ridge: float, seed: int) -> Head:
    """Learn from the main directions of the words: cost grows with rows plus labels, not times."""
    size = max(min(_DIRECTIONS, len(design) - 1, len(columns.lexicon) - 1), 1)
    _, _, right = randomized_svd(design.words, size, n_iter=_SVD_ROUNDS, random_state=seed)
    words = right.T.astype(np.float16)
    dense = np.hstack(
        [
            design.words @ words.astype(np.float32),
            design.vectors,
            design.traits.toarray(),
            np.full((len(design), 1), math.sqrt(CONSTANT), np.float32),
        ]
    )
    weights = row_weights(labels)
    weighed = dense * weights[:, None]
    system = weighed.T @ dense + ridge * np.eye(dense.shape[1], dtype=np.float32)
    target = np.asarray((labels.given.astype(np.float32).T @ weighed).T)
    solved = SCALE * scipy.linalg.solve(system, target, assume_a="pos", check_finite=False)
    ends = np.cumsum([words.shape[1], design.vectors.shape[1], len(columns.traits)])
    out, vector, traits, start = np.split(solved.astype(np.float32), ends)
    return Head(columns, words, out, vector, traits, math.sqrt(CONSTANT) * start[0])


def _design(inputs: Inputs, columns: Columns, threads: int) -> Design:
    with ThreadPoolExecutor(max(1, threads)) as pool:
        parts = list(pool.map(lambda rows: design_of(inputs.take(rows), columns), _blocks(len(inputs))))
    return Design(
        sparse.csr_matrix(sparse.vstack([part.words for part in parts])),
        np.concatenate([part.vectors for part in parts]),
        sparse.csr_matrix(sparse.vstack([part.traits for part in parts])),
    )


def _scores(head: Head, words: np.ndarray, design: Design) -> np.ndarray:
    """Return the scores; `words`: the weights of the words as float32."""
    hidden = design.words @ words
    part = hidden if head.out is None else hidden @ head.out
    return part + design.vectors @ head.vector + design.traits @ head.traits + head.start


def _blocks(n: int) -> list[np.ndarray]:
    return [np.arange(at, min(at + _BLOCK_ROWS, n)) for at in range(0, n, _BLOCK_ROWS)] or [np.arange(0)]
