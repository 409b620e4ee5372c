"""All that an evaluation found as one JSON document; the page is made from it and from nothing else.

Shares are numbers from 0 to 1. `intervals` beside figures holds the ends of their 95 % intervals. What
cannot be measured is null.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import veche
from veche.learn.calibrate import expected_calibration_error
from veche.learn.evaluate import alone, classes, slices, suspects
from veche.learn.evaluate.growth import Growth, growth_json
from veche.learn.evaluate.intervals import CONFIDENCE, Figure, replicates
from veche.learn.evaluate.judged import Judged
from veche.learn.evaluate.scores import ClassFigures, class_figures, replicates_for, whole_figures
from veche.learn.examples import Examples

#: Version of the document's form.
FORMAT = 1

_DIGITS = 4


@dataclass(frozen=True)
class Extra:
    """What is measured beside the test itself, each None where it could not be: `by_time` (the newest part
    judged by a model of the older), `growth` (the learning curve), `drift` and `cost`, all as JSON but
    `by_time`. `groupings` go from a name to a number per row of the examples (int64, negative for none)."""

    by_time: Judged | None = None
    growth: Growth | None = None
    drift: Mapping[str, Any] | None = None
    cost: Mapping[str, Any] | None = None
    groupings: Mapping[str, np.ndarray] = field(default_factory=dict)


def document(
    facets: Mapping[str, Mapping[str, Any]], *, how: str, seed: int, about: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the whole document. Where there is one facet only its plain figures stand at the top, too.

    Args:
        facets: what `facet_document` returned for each.
        how: "folds" or "model".
        seed: of all chance.
        about: where the appeals came from.
    """
    made: dict[str, Any] = {
        "format": FORMAT,
        "veche": veche.__version__,
        "how": how,
        "seed": seed,
        "confidence": CONFIDENCE,
        "about": dict(about),
        "facets": dict(facets),
    }
    if len(facets) == 1:
        (only,) = facets.values()
        made |= {name: v for name, v in only.items() if v is None or isinstance(v, bool | int | float)}
    return made


def facet_document(tested: Judged, examples: Examples, *, seed: int, extra: Extra) -> dict[str, Any]:
    """Return what was found about one facet."""
    weights = replicates(tested.copies, seed=seed, count=replicates_for(tested))
    kept = alone.alone_of(tested, weights)
    figures = dict(whole_figures(tested, weights)) | {"coverage": kept.coverage, "precision": kept.precision}
    names = tested.labels.set.names
    groupings = {name: group[tested.rows] for name, group in extra.groupings.items()}
    human = alone.human_decisions(tested, weights, {"copies": tested.copies} | groupings)
    return {
        "multi": tested.labels.set.multi,
        "rows": len(tested),
        "distinct": len(np.unique(tested.copies)),
        "classes": len({one.label for one in class_figures(tested, weights[:1]) if one.given}),
        "never_learnt": int((~tested.learnt).sum()),
        **{name: _number(figure.value) for name, figure in figures.items()},
        "ece": _number(float(expected_calibration_error(tested.chances, tested.labels))),
        "promise": tested.precision,
        "promise_held": _number(tested.held),
        "decided_alone": kept.decided,
        "alone_of_said": _number(_share_alone(tested)),
        "titles": {n: t for n, t in zip(names, tested.labels.set.titles, strict=True) if t and t != n},
        "intervals": {name: _ends(figure) for name, figure in figures.items()},
        "human_decisions_per_1000": {
            name or "each": {
                "value": _number(one.per_thousand.value),
                "interval": _ends(one.per_thousand),
                "right": _number(one.right),
            }
            for name, one in human.items()
        },
        "curve": [
            {"chance": _number(p.chance), "coverage": _number(p.coverage), **_whole("precision", p.precision)}
            for p in alone.curve(tested)
        ],
        "reliability": [
            {"chance": _number(b.chance), "count": b.count, **_whole("right", b.right)}
            for b in alone.reliability(tested)
        ],
        "per_class": [_class(one, names) for one in class_figures(tested, weights)],
        "confusions": [
            {
                "a": names[pair.a],
                "b": names[pair.b],
                "a_said_b": pair.a_said_b,
                "b_said_a": pair.b_said_a,
                "a_given": pair.a_given,
                "b_given": pair.b_given,
                "remedy": pair.remedy,
            }
            for pair in classes.confusions(tested)
        ],
        "slices": [
            {
                "by": one.by,
                "value": one.value,
                "rows": one.rows,
                **_whole("right", one.right),
                **_whole("gap", one.gap),
                "alone": _number(one.alone),
                "alone_right": _number(one.alone_right),
            }
            for one in slices.slices(tested, examples, weights)
        ],
        "suspects": suspects.as_json(tested, examples),
        "by_time": None if extra.by_time is None else _by_time(extra.by_time, seed),
        "growth": None if extra.growth is None else growth_json(extra.growth),
        "drift": extra.drift,
        "cost": extra.cost,
    }


def _by_time(tested: Judged, seed: int) -> dict[str, Any]:
    weights = replicates(tested.copies, seed=seed, count=replicates_for(tested))
    kept = alone.alone_of(tested, weights)
    figures = dict(whole_figures(tested, weights)) | {"coverage": kept.coverage, "precision": kept.precision}
    return {
        "rows": len(tested),
        "never_learnt": int((~tested.learnt).sum()),
        **{name: _number(figure.value) for name, figure in figures.items()},
        "ece": _number(float(expected_calibration_error(tested.chances, tested.labels))),
        "intervals": {name: _ends(figure) for name, figure in figures.items()},
    }


def _share_alone(tested: Judged) -> float:
    return float(tested.sayings.alone.mean()) if len(tested.sayings.alone) else math.nan


def _class(one: ClassFigures, names: tuple[str, ...]) -> dict[str, Any]:
    return {
        "label": names[one.label],
        "given": one.given,
        "said": one.told,
        **_whole("precision", one.precision),
        **_whole("recall", one.recall),
        **_whole("f1", one.f1),
    }


def _whole(name: str, figure: Figure) -> dict[str, Any]:
    return {name: _number(figure.value), f"{name}_interval": _ends(figure)}


def _ends(figure: Figure) -> list[float | None] | None:
    return None if math.isnan(figure.value) else [_number(figure.low), _number(figure.high)]


def _number(value: float) -> float | None:
    return None if not math.isfinite(value) else round(float(value), _DIGITS)
