"""What corrections are worth: 500 labels to begin with, then 50 at a time, in random order and as asked.

Beside it what the model knew at first (nothing learnt) and a model made anew from all labels so far, which
corrections cannot beat: they come without the old texts.
"""

import time
from typing import Any

import numpy as np
from learning_data import boston_service, nhs_one_theme
from measure import print_table

from veche.learn.ask import ask
from veche.learn.corrections import learn
from veche.learn.examples import Examples, Inputs, Labels
from veche.learn.heads import fit
from veche.learn.model import Model
from veche.learn.train import train

SEED = 7
START, STEP, STEPS = 500, 50, 8
POOL, TEST = 2_000, 1_500

#: After so many corrections the model is judged.
_TOLD = (STEPS * STEP // 2, STEPS * STEP)
_SECONDS = "seconds a step"


def measure_corrections() -> dict[str, Any]:
    """Accuracy on appeals not seen, by how many corrections were taught."""
    rows: dict[str, Any] = {}
    for name, data in (("Boston", boston_service()), ("NHS", nhs_one_theme())):
        rows |= {f"{name}, {order}": figures for order, figures in _curves(*data).items()}
    print_table([{"": name, **row} for name, row in rows.items()])
    return rows


def _curves(inputs: Inputs, labels: Labels, same: np.ndarray) -> dict[str, dict[str, Any]]:
    _, firsts = np.unique(same, return_index=True)
    known = firsts[labels.known[firsts]]
    order = np.random.default_rng(SEED).permutation(known)
    start, pool, test = np.split(order[: START + POOL + TEST], [START, START + POOL])
    history = _examples(inputs, labels, start)
    begun = train(history, seed=SEED)
    right = {
        "nothing learnt": dict.fromkeys(_TOLD, _right(begun, inputs, labels, test)),
        "random": _taught(begun, inputs, labels, pool, test, asked=False),
        "asked": _taught(begun, inputs, labels, pool, test, asked=True),
        "made anew": {
            n: _right_of(fit(inputs.take(rows), labels.take(rows), seed=SEED), inputs, labels, test)
            for n in _TOLD
            for rows in [np.concatenate([start, pool[:n]])]
        },
    }
    return {way: {str(n): curve.get(n, "") for n in (*_TOLD, _SECONDS)} for way, curve in right.items()}


def _taught(
    begun: Model, inputs: Inputs, labels: Labels, pool: np.ndarray, test: np.ndarray, *, asked: bool
) -> dict[Any, float]:
    model, left, curve, spent = begun, pool, {}, 0.0
    for step in range(1, STEPS + 1):
        facets = list(model.facets.values())
        some = ask(facets, inputs.take(left), n=STEP) if asked else np.arange(STEP)
        rows, left = left[some], np.delete(left, some)
        began = time.perf_counter()
        model = learn(model, _examples(inputs, labels, rows), parent="")
        spent += time.perf_counter() - began
        if step * STEP in _TOLD:
            curve[step * STEP] = _right(model, inputs, labels, test)
    return curve | {_SECONDS: spent / STEPS}


def _examples(inputs: Inputs, labels: Labels, rows: np.ndarray) -> Examples:
    n = len(rows)
    return Examples(
        inputs=inputs.take(rows),
        labels={"label": labels.take(rows)},
        ids=inputs.take(rows).texts,
        received=np.full(n, np.datetime64("NaT", "s")),
        copies=np.arange(n),
    )


def _right(model: Model, inputs: Inputs, labels: Labels, test: np.ndarray) -> float:
    return _right_of(model.facets["label"].head, inputs, labels, test)


def _right_of(head: Any, inputs: Inputs, labels: Labels, test: np.ndarray) -> float:
    return float((head.scores(inputs.take(test)).argmax(axis=1) == labels.take(test).single()).mean())
