"""From examples to a model: what a head learns, how sure it may be, and what is said about it.

Chances are calibrated on what the head said about appeals that it had not seen (out of fold, copies kept
together). Where one text came with several labels the head learns the one that holds; it is judged by what
people gave.
"""

import hashlib
from collections.abc import Callable, Collection
from typing import Any

import numpy as np
from scipy import sparse

import veche
from veche.learn.calibrate import expected_calibration_error, fit_calibration
from veche.learn.card import alone_of
from veche.learn.copies import same_text, settle
from veche.learn.examples import Examples, Labels
from veche.learn.figures import figures
from veche.learn.heads import cross_scores, fit
from veche.learn.known import texts_known
from veche.learn.model import FacetModel, Model, Seen
from veche.learn.notes import FacetNotes
from veche.learn.portrait import portrait
from veche.learn.saying import learn_saying
from veche.stages.repeats import normal_form, text_hash

#: In a multi facet, labels with a smaller chance are nowhere near to being said.
NEAR = 0.1

FOLDS = 5

#: Lists of labels in the card end after so many; the counts are whole.
_MOST_LISTED = 50


def train(
    examples: Examples,
    *,
    facets: Collection[str] | None = None,
    seed: int = 7,
    threads: int = 2,
    folds: int = FOLDS,
    progress: Callable[[str, str], None] | None = None,
) -> Model:
    """Return the model of `facets` (all that have labels, by default) learnt from `examples`.

    `progress` is told ("judge" or "learn", facet) when a step begins. The same examples and seed give the
    same model, whatever `threads`.
    """
    tell = progress or (lambda _step, _facet: None)
    same = same_text(examples.inputs.texts)
    models, cards = {}, {}
    for facet in examples.labels if facets is None else facets:
        given = examples.labels[facet]
        rows = np.flatnonzero(given.known)
        settled, _changed = settle(given, same=same, received=examples.received)
        inputs, copies = examples.inputs.take(rows), examples.copies[rows]
        tell("judge", facet)
        scores = cross_scores(inputs, settled.take(rows), copies, folds=folds, seed=seed, threads=threads)
        calibration = fit_calibration(scores, given.take(rows), copies)
        chances = calibration.chances(scores)
        tell("learn", facet)
        head = fit(inputs, settled.take(rows), seed=seed, threads=threads)
        saying = learn_saying(chances, given.take(rows))
        seen = seen_of(chances, given.take(rows), copies)
        models[facet] = FacetModel(given.set, head, calibration, saying, seen)
        cards[facet] = _facet_card(given.take(rows), chances, models[facet], examples.notes.facets.get(facet))
    return Model(models, _card(examples, seed, folds) | {"facets": cards})


def seen_of(chances: np.ndarray, labels: Labels, copies: np.ndarray) -> Seen:
    """Return what out-of-fold `chances` (float32 [n, c]) said about n known rows."""
    if labels.set.multi:
        row, label = np.nonzero(chances >= NEAR)
        right = np.asarray(sparse.csr_matrix(labels.given)[row, label], bool).ravel()
    else:
        row, label = np.arange(len(chances)), chances.argmax(axis=1)
        right = labels.single() == label
    return Seen(
        chance=chances[row, label].astype(np.float32),
        label=label.astype(np.int32),
        right=right.astype(bool),
        copies=copies[row].astype(np.int64),
    )


def fingerprint(examples: Examples) -> str:
    """Return a digest of the texts and their labels, whatever their order; it tells nothing about a text."""
    texts = normal_form(examples.inputs.texts).to_pylist()
    lines = [text_hash(text or "").to_bytes(8, "little") for text in texts]
    for facet, labels in sorted(examples.labels.items()):
        names, given = labels.set.names, labels.given.tocsr()
        for row in range(len(lines)):
            said = sorted(names[i] for i in given.indices[given.indptr[row] : given.indptr[row + 1]])
            lines[row] += "\x00".join(["", facet, *said]).encode()
    digest = hashlib.sha256()
    for line in sorted(lines):
        digest.update(hashlib.sha256(line).digest())
    return digest.hexdigest()


def _card(examples: Examples, seed: int, folds: int) -> dict[str, Any]:
    notes = examples.notes
    days = examples.received[~np.isnat(examples.received)].astype("datetime64[D]")
    return {
        "veche": veche.__version__,
        "pack": {"code": notes.pack[0], "version": notes.pack[1]},
        "stages": dict(notes.stages),
        "seed": seed,
        "folds": folds,
        "data": {
            "fingerprint": fingerprint(examples),
            "sources": list(notes.sources),
            "read": notes.read,
            "rejected": notes.rejected,
            "appeals": len(examples),
            "distinct": len(np.unique(examples.copies)),
            "first": str(days.min()) if len(days) else None,
            "last": str(days.max()) if len(days) else None,
            "texts": texts_known(examples.inputs.texts),
        },
        "portrait": portrait(examples.inputs),
    }


def _facet_card(
    labels: Labels, chances: np.ndarray, model: FacetModel, notes: FacetNotes | None
) -> dict[str, Any]:
    counts = np.asarray(labels.given.sum(axis=0)).ravel()
    card: dict[str, Any] = {
        "multi": labels.set.multi,
        "labelled": len(chances),
        "labels": {name: int(count) for name, count in zip(labels.set.names, counts, strict=True)},
        "figures": figures(chances, labels, said=model.saying.said(chances))
        | {"calibration_error": round(float(expected_calibration_error(chances, labels)), 4)},
        "alone": alone_of(model.seen),
    }
    if notes is not None:
        card |= {
            "columns": list(notes.columns),
            "path": notes.path,
            "mapped": dict(notes.mapped),
            "unlabelled": notes.unlabelled,
            "spellings": {name: list(others) for name, others in [*notes.spellings.items()][:_MOST_LISTED]},
            "lonely": list(notes.lonely[:_MOST_LISTED]),
            "left_out": {"too_long": notes.too_long, "personal": notes.personal},
            "contradicted": len(notes.contradicted),
            "leaks": {leak.where: leak.share for leak in notes.leaks},
            "unmapped": list(notes.unmapped[:_MOST_LISTED]),
        }
    return card
