"""People's corrections make a new version of a model: in seconds, and without the texts it was made from.

What the model said of each corrected appeal before it learnt it counts among what it said about appeals that
it had not seen, so a promise that fails in use is made good by deciding less.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy import sparse

from veche.learn.calibrate import Calibration
from veche.learn.card import alone_of
from veche.learn.examples import Examples, Inputs, Labels, LabelSet
from veche.learn.known import both_known, texts_known
from veche.learn.model import FacetModel, Model, Seen
from veche.learn.portrait import OTHER, portrait
from veche.learn.proximal import update
from veche.learn.train import fingerprint, seen_of


def learn(model: Model, corrections: Examples, *, parent: str) -> Model:
    """Return the model that has also learnt `corrections`.

    The labels of each facet of `corrections` stand in a set that `widened` made: it begins with the model's.
    Facets without corrections stay as they are. `parent`: SHA-256 of the file of `model`.
    """
    facets, cards = dict(model.facets), dict(model.card["facets"])
    for facet, labels in corrections.labels.items():
        rows = np.flatnonzero(labels.known)
        if len(rows):
            given, inputs = labels.take(rows), corrections.inputs.take(rows)
            copies = corrections.copies[rows]
            facets[facet], cards[facet] = _facet(model.facets[facet], cards[facet], inputs, given, copies)
    return Model(facets, _card(model.card, corrections, parent) | {"facets": cards})


def widened(labels: LabelSet, more: Sequence[str]) -> LabelSet:
    """Return the set with the new names `more` at its end, in no group."""
    new = [name for name in dict.fromkeys(more) if name not in labels.names]
    return LabelSet(
        (*labels.names, *new),
        (*labels.titles, *[""] * len(new)),
        np.concatenate([labels.groups, np.full(len(new), -1, np.int64)]),
        labels.group_names,
        labels.multi,
    )


def _facet(
    old: FacetModel, card: Mapping[str, Any], inputs: Inputs, given: Labels, copies: np.ndarray
) -> tuple[FacetModel, dict[str, Any]]:
    learnt = np.array([card["labels"].get(name, 0) for name in given.set.names], np.int64)
    head = update(old.head, inputs, given, learnt=learnt)
    counts = learnt + np.asarray(given.given.sum(axis=0)).ravel().astype(np.int64)
    labelled = card["labelled"] + len(inputs)
    calibration = _widened_calibration(old.calibration, learnt, counts, n=labelled)
    seen = _seen_too(old, inputs, given, copies)
    said = {
        "labelled": labelled,
        "labels": dict(zip(given.set.names, counts.tolist(), strict=True)),
        "corrected": card.get("corrected", 0) + len(inputs),
        # Measured on what was held back when the model was trained: of the version before any correction.
        "figures_of": card.get("figures_of", card["labelled"]),
        "added": [*card.get("added", []), *given.set.names[len(old.labels) :]],
        "alone": alone_of(seen),
    }
    return FacetModel(given.set, head, calibration, old.saying, seen), dict(card) | said


def _seen_too(old: FacetModel, inputs: Inputs, given: Labels, copies: np.ndarray) -> Seen:
    """Return what was seen with what the old model says of the new appeals, which it had not seen."""
    n_old = len(old.labels)
    told = Labels(old.labels, sparse.csr_matrix(given.given[:, :n_old]), given.known)
    new = seen_of(old.chances(inputs), told, copies)
    apart = int(old.seen.copies.max(initial=-1)) + 1
    return Seen(
        np.concatenate([old.seen.chance, new.chance]),
        np.concatenate([old.seen.label, new.label]),
        np.concatenate([old.seen.right, new.right]),
        np.concatenate([old.seen.copies, new.copies + apart]),
    )


def _widened_calibration(old: Calibration, learnt: np.ndarray, counts: np.ndarray, *, n: int) -> Calibration:
    """Return the calibration with lines for new labels: those of a known label as frequent as they are."""
    known = len(old.slope)
    size = np.maximum(np.where(np.arange(len(counts)) < known, learnt, counts), 0.5)
    frequency = np.log(size / (n - size + 1.0))
    steep, level = 0.0, float(old.start.mean()) if known else 0.0
    if known > 1 and np.ptp(frequency[:known]) > 0:
        steep, level = np.polyfit(frequency[:known], old.start.astype(np.float64), 1)
    slope = np.full(len(counts) - known, np.median(old.slope) if known else 0.0)
    start = steep * frequency[known:] + level
    return replace(
        old,
        slope=np.concatenate([old.slope, slope]).astype(np.float32),
        start=np.concatenate([old.start, start]).astype(np.float32),
    )


def _card(card: Mapping[str, Any], corrections: Examples, parent: str) -> dict[str, Any]:
    data, added = dict(card["data"]), fingerprint(corrections)
    days = corrections.received[~np.isnat(corrections.received)].astype("datetime64[D]")
    ends = [*(str(day) for day in days), *(day for day in (data["first"], data["last"]) if day)]
    data |= {
        "fingerprint": hashlib.sha256((data["fingerprint"] + added).encode()).hexdigest(),
        "appeals": data["appeals"] + len(corrections),
        "distinct": data["distinct"] + len(np.unique(corrections.copies)),
        "first": min(ends, default=None),
        "last": max(ends, default=None),
    }
    if "texts" in data:  # models of the first version have none
        data["texts"] = both_known(data["texts"], texts_known(corrections.inputs.texts))
    more = portrait(corrections.inputs)
    return dict(card) | {"data": data, "portrait": _both(card["portrait"], more), "parent": parent}


def _both(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Return the portrait of both kinds of appeals together."""
    n, more = old["appeals"], new["appeals"]

    def mean(a: float, b: float) -> float:
        return round((n * a + more * b) / max(1, n + more), 6)

    traits = {}
    for name, shares in old["traits"].items():
        values = [
            *shares,
            *(value for value in new["traits"][name] if value not in shares and value != OTHER),
        ]
        traits[name] = {v: mean(shares.get(v, 0.0), new["traits"][name].get(v, 0.0)) for v in values}
    bits = [np.frombuffer(base64.b64decode(one["known_words"]), np.uint8) for one in (old, new)]
    return dict(old) | {
        "appeals": n + more,
        "traits": traits,
        "lengths": [mean(a, b) for a, b in zip(old["lengths"], new["lengths"], strict=True)],
        "words": [a + b for a, b in zip(old["words"], new["words"], strict=True)],
        "known_words": base64.b64encode((bits[0] | bits[1]).tobytes()).decode(),
    }
