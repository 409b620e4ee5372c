"""Signs that a history gives the answer away, so that what is learnt from it would be worth nothing."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from veche.learn.examples import Inputs, Labels
from veche.learn.notes import Leak
from veche.stages.repeats import normal_form

#: People name the matter they write about in a part of their texts; in so many only a form does.
_IN_TEXT = 0.9

#: A trait that tells the label in so many rows tells it by itself, unless one label has nearly all rows.
_BY_TRAIT = 0.98
_MOST_USUAL = 0.9

#: A trait with more values than one for so many rows is an id.
_ROWS_PER_VALUE = 5

#: Rows of a label that are looked at.
_SAMPLE = 200

#: A code shorter than this stands in many texts by chance.
_CODE_LENGTH = 3


def find_leaks(inputs: Inputs, labels: Labels) -> tuple[Leak, ...]:
    """Return what gives the labels away."""
    found = []
    in_text = _share_in_text(inputs.texts, labels)
    if in_text >= _IN_TEXT:
        found.append(Leak("text", round(in_text, 3)))
    if not labels.set.multi:
        label = labels.single()
        found += [Leak(name, share) for name, share in _telling_traits(inputs, label)]
    return tuple(found)


def _share_in_text(texts: pa.Array, labels: Labels) -> float:
    names = [_normal(name) for name in labels.set.names]
    codes = [_normal(_code(name)) for name in labels.set.names]
    columns = labels.given.tocsc()
    total = hits = 0.0
    for number, name in enumerate(names):
        rows = columns.indices[columns.indptr[number] : columns.indptr[number + 1]]
        if not len(rows):
            continue
        looked = np.sort(rows)[:: max(1, len(rows) // _SAMPLE)]
        share = _share_with(normal_form(texts.take(pa.array(looked))), [name, codes[number]])
        total += len(rows)
        hits += share * len(rows)
    return hits / total if total else 0.0


def _normal(text: str) -> str:
    return normal_form(pa.array([text]))[0].as_py()


def _code(name: str) -> str:
    """Return the code that a label begins with ("A-12 Street light"), "" where it has none."""
    code = name.partition(" ")[0]
    return code if any(map(str.isdigit, code)) and len(code) >= _CODE_LENGTH else ""


def _share_with(texts: pa.Array | pa.ChunkedArray, wanted: list[str]) -> float:
    """Return the share of texts that hold one of the `wanted` in whole words."""
    padded = pc.binary_join_element_wise("", texts, "", " ")
    found = [pc.match_substring(padded, f" {w} ").to_numpy(zero_copy_only=False) for w in wanted if w]
    return float(np.mean(np.any(found, axis=0))) if found else 0.0


def _telling_traits(inputs: Inputs, label: np.ndarray) -> Iterator[tuple[str, float]]:
    known = label >= 0
    if not known.any() or np.bincount(label[known]).max() >= _MOST_USUAL * known.sum():
        return
    for name, column in inputs.traits.items():
        coded = column.dictionary_encode()
        rows = np.flatnonzero(known & coded.is_valid().to_numpy(zero_copy_only=False))
        values = coded.indices.fill_null(0).to_numpy(zero_copy_only=False)[rows].astype(np.int64)
        n_values = len(np.unique(values))
        if n_values < 2 or len(rows) < 0.5 * known.sum() or n_values * _ROWS_PER_VALUE > len(rows):
            continue
        pair, counts = np.unique(values * (label.max() + 1) + label[rows], return_counts=True)
        owner = pair // (label.max() + 1)
        best = np.maximum.reduceat(counts, np.flatnonzero(np.append(True, owner[1:] != owner[:-1])))
        share = float(best.sum() / len(rows))
        if share >= _BY_TRAIT:
            yield name, round(share, 3)
