"""An evaluation from end to end: every facet tested, and all that is told about it as one document."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from veche.core.errors import UsageError
from veche.core.i18n import _
from veche.learn.evaluate.document import Extra, document, facet_document
from veche.learn.evaluate.drift import drift
from veche.learn.evaluate.growth import grow
from veche.learn.evaluate.intervals import replicates
from veche.learn.evaluate.judged import Judged, by_folds, by_model
from veche.learn.evaluate.scores import replicates_for
from veche.learn.examples import Examples
from veche.learn.file import to_bytes
from veche.learn.known import count_known
from veche.learn.model import Model
from veche.learn.portrait import portrait
from veche.learn.train import train

#: The newest part of the appeals, judged by what was learnt from the older.
_NEWEST = 0.2

#: With fewer appeals on either side a split by time says nothing.
_LEAST_SIDE = 30

#: Appeals that are scored to see how fast that is.
_TIMED = 5_000

#: Beyond so many appeals the learning curve costs minutes and is nearly flat.
_MOST_GROWN = 20_000


# The same bytes on one core or many: only the heads, which see to it themselves, use threads.
_one_thread = threadpool_limits.wrap(limits=1)


@dataclass(frozen=True)
class Evaluation:
    """What was found as JSON, and the tested appeals by facet."""

    document: dict[str, Any]
    tested: Mapping[str, Judged]


@dataclass(frozen=True)
class Asked:
    """How an evaluation is to be made: the `precision` promised, the seed, the number of threads, and whether
    what takes as long again (split by time, learning curve, cost) is left out (`quick`). `groupings` go from
    names to a number per appeal, negative for none: a group is decided once. `tell` is told (step, facet)."""

    precision: float = 0.95
    seed: int = 7
    threads: int = 2
    quick: bool = False
    groupings: Mapping[str, np.ndarray] | None = None
    tell: Callable[[str, str], None] = lambda _step, _facet: None


@_one_thread
def evaluate_by_folds(examples: Examples, *, folds: int, asked: Asked) -> Evaluation:
    """Return how good models of a labelled history are, each judged by a fold that it has not seen.

    Raises:
        UsageError: a facet has fewer different labelled texts than folds.
    """
    tested, facets = {}, {}
    for facet, labels in examples.labels.items():
        distinct = len(np.unique(examples.copies[labels.known]))
        if distinct < folds:
            problem = _("“{facet}” has {n} different labelled texts; {folds} folds need at least as many.")
            raise UsageError(problem=problem.format(facet=facet, n=distinct, folds=folds))
        asked.tell("judge", facet)
        one = by_folds(
            examples, facet, folds=folds, precision=asked.precision, seed=asked.seed, threads=asked.threads
        )
        tested[facet] = one
        extra = Extra(groupings=asked.groupings or {})
        if not asked.quick:
            extra = _measured(one, examples, facet, folds=folds, asked=asked)
        facets[facet] = facet_document(one, examples, seed=asked.seed, extra=extra)
    about = _about(examples) | {"folds": folds}
    return Evaluation(document(facets, how="folds", seed=asked.seed, about=about), tested)


@_one_thread
def evaluate_model(model: Model, examples: Examples, *, path: Path, asked: Asked) -> Evaluation:
    """Return how good a finished model, the file at `path`, is on labelled appeals of their own.

    Raises:
        UsageError: the model has learnt none of the facets that are labelled.
    """
    shared = [facet for facet in examples.labels if facet in model.facets]
    if not shared:
        problem = _("The model knows {known}, the appeals are labelled with {given}.")
        known, given = ", ".join(model.facets), ", ".join(examples.labels)
        raise UsageError(problem=problem.format(known=known, given=given))
    moved = drift(model.card["portrait"], examples.inputs)
    tested, facets = {}, {}
    for facet in shared:
        asked.tell("judge", facet)
        began = time.perf_counter()
        one = by_model(model, examples, facet, precision=asked.precision)
        rate = len(one) / max(time.perf_counter() - began, 1e-9)
        tested[facet] = one
        cost = {"train_seconds": None, "appeals_per_second": round(rate), "bytes": path.stat().st_size}
        extra = Extra(drift=moved, cost=cost, groupings=asked.groupings or {})
        facets[facet] = facet_document(one, examples, seed=asked.seed, extra=extra)
    about = _about(examples) | {
        "model": path.name,
        "learnt_from": {
            name: model.card["data"].get(name) for name in ("appeals", "distinct", "first", "last")
        },
        "learnt_before": _learnt_before(model, examples),
    }
    return Evaluation(document(facets, how="model", seed=asked.seed, about=about), tested)


def _learnt_before(model: Model, examples: Examples) -> int | None:
    """Return how many of the appeals have a text that the model learnt from; None where it cannot tell."""
    known = model.card["data"].get("texts")
    return None if known is None else count_known(examples.inputs.texts, known)


def _measured(one: Judged, examples: Examples, facet: str, *, folds: int, asked: Asked) -> Extra:
    """Measure what needs more models: newer appeals, fewer appeals, time and room."""
    asked.tell("learn", facet)
    cost = _cost(examples, facet, one, asked)
    sides = _by_time(examples, one)
    newest, moved = None, None
    if sides is not None:
        older, newer = examples.take(sides[0]), examples.take(sides[1])
        made = train(older, facets=[facet], seed=asked.seed, threads=asked.threads)
        newest = by_model(made, newer, facet, precision=asked.precision)
        moved = drift(portrait(older.inputs), newer.inputs)
    weights = replicates(one.copies, seed=asked.seed, count=replicates_for(one))
    curve = None
    if len(one) <= _MOST_GROWN:
        curve = grow(
            one, examples, facet, folds=folds, seed=asked.seed, threads=asked.threads, weights=weights
        )
    return Extra(newest, curve, moved, cost, asked.groupings or {})


def _cost(examples: Examples, facet: str, one: Judged, asked: Asked) -> dict[str, Any]:
    began = time.perf_counter()
    model = train(examples, facets=[facet], seed=asked.seed, threads=asked.threads)
    trained = time.perf_counter()
    inputs = examples.inputs.take(one.rows[:_TIMED])
    model.facets[facet].chances(inputs)
    scored = time.perf_counter()
    return {
        "train_seconds": round(trained - began, 2),
        "appeals_per_second": round(len(inputs) / max(scored - trained, 1e-9)),
        "bytes": len(to_bytes(model)),
    }


def _by_time(examples: Examples, one: Judged) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the older rows and the newest; an appeal whose copy is among the older is in neither."""
    received = examples.received[one.rows]
    dated = np.flatnonzero(~np.isnat(received))
    n_new = round(_NEWEST * len(dated))
    if min(n_new, len(dated) - n_new) < _LEAST_SIDE:
        return None
    order = dated[np.argsort(received[dated], kind="stable")]
    first_new = received[order[-n_new]]
    older, newer = dated[received[dated] < first_new], dated[received[dated] >= first_new]
    newer = newer[~np.isin(one.copies[newer], one.copies[older])]
    if min(len(older), len(newer)) < _LEAST_SIDE or _one_label(one, older):
        return None
    return one.rows[older], one.rows[newer]


def _one_label(one: Judged, rows: np.ndarray) -> bool:
    given = np.asarray(one.labels.given[rows].sum(axis=0)).ravel() > 0
    return int(given.sum()) < 2


def _about(examples: Examples) -> dict[str, Any]:
    notes = examples.notes
    days = examples.received[~np.isnat(examples.received)].astype("datetime64[D]")
    return {
        "sources": list(notes.sources),
        "fields": {source: dict(fields) for source, fields in notes.fields.items()},
        "columns": {facet: list(one.columns) for facet, one in notes.facets.items()},
        "read": notes.read,
        "rejected": notes.rejected,
        "reasons": dict(notes.reasons),
        "appeals": len(examples),
        "distinct": len(np.unique(examples.copies)),
        "first": str(days.min()) if len(days) else None,
        "last": str(days.max()) if len(days) else None,
        "leaks": {
            facet: {leak.where: leak.share for leak in one.leaks}
            for facet, one in notes.facets.items()
            if one.leaks
        },
    }
