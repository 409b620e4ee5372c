"""Whether the model serves everyone alike: how often it is right for parts of the appeals."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc

from veche.learn.evaluate.intervals import Figure, interval, share
from veche.learn.evaluate.judged import Judged
from veche.learn.examples import TRAITS, Examples
from veche.stages.repeats import normal_form, word_count

#: A smaller part says nothing for certain, and few people in it could be recognised.
LEAST_ROWS = 20

#: Parts that are listed for each trait, the largest first.
_MOST_PARTS = 30

#: Parts by length: from so many words on.
LENGTHS = (0, 10, 30, 100)


@dataclass(frozen=True)
class Slice:
    """The appeals whose `by` is `value`: how many, the share that is `right`, the `gap` to all others (points
    of share, with its interval), the share decided `alone` and the share of that which is right."""

    by: str
    value: str
    rows: int
    right: Figure
    gap: Figure
    alone: float
    alone_right: float


def slices(tested: Judged, examples: Examples, weights: np.ndarray) -> list[Slice]:
    """Return the parts by each trait that has at least two values, and by "length" (least words)."""
    made = []
    for by, parts in _parts(tested, examples):
        large = [(value, inside) for value, inside in parts if inside.sum() >= LEAST_ROWS]
        if len(parts) > 1:
            made += [_slice(tested, weights, by, value, inside) for value, inside in large[:_MOST_PARTS]]
    return made


def _parts(tested: Judged, examples: Examples) -> Iterator[tuple[str, list[tuple[str, np.ndarray]]]]:
    inputs = examples.inputs.take(tested.rows)
    for name in TRAITS:
        column = inputs.traits[name]
        coded = column.dictionary_encode()
        codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        values = [str(value) for value in coded.dictionary.to_pylist()]
        counts = np.bincount(codes[codes >= 0], minlength=len(values))
        order = sorted(range(len(values)), key=lambda i: (-counts[i], values[i]))
        yield name, [(values[i], codes == i) for i in order[:_MOST_PARTS]]
    words = np.asarray(word_count(normal_form(pc.fill_null(inputs.texts, ""))))
    part = np.searchsorted(LENGTHS, words, side="right") - 1
    yield "length", [(str(LENGTHS[i]), part == i) for i in np.unique(part).tolist()]


def _slice(tested: Judged, weights: np.ndarray, by: str, value: str, inside: np.ndarray) -> Slice:
    right = tested.right()
    alone = inside & tested.alone
    return Slice(
        by=by,
        value=value,
        rows=int(inside.sum()),
        right=share(right, inside, weights),
        gap=_gap(right, inside, weights),
        alone=float(tested.alone[inside].mean()),
        alone_right=float(right[alone].mean()) if alone.any() else float("nan"),
    )


def _gap(right: np.ndarray, inside: np.ndarray, weights: np.ndarray) -> Figure:
    if inside.all():
        return Figure(float("nan"), -1.0, 1.0)
    sides = []
    for rows in (inside, ~inside):
        with np.errstate(invalid="ignore", divide="ignore"):
            sides.append((weights @ (right & rows).astype(float)) / (weights @ rows.astype(float)))
    value = float(right[inside].mean() - right[~inside].mean())
    return interval(value, sides[0] - sides[1], least=-1.0)
