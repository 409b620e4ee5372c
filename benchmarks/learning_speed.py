"""How fast a head is learnt and used, and how large it is: 3,000 Russian texts of 173 classes."""

import time
from typing import Any

import numpy as np
import pyarrow as pa
from learning_data import sample
from measure import print_table
from scipy import sparse

from veche.learn.calibrate import fit_calibration
from veche.learn.examples import Inputs, Labels, LabelSet
from veche.learn.heads import cross_scores, fit

CLASSES = 173
ROWS = 3_000
SCORED = 10_000
LETTERS = 350


def measure_speed() -> dict[str, Any]:
    """Seconds to learn (with the chances, which need five folds), appeals a second, and megabytes."""
    inputs = _inputs()
    labels = _labels()
    began = time.perf_counter()
    head = fit(inputs, labels, seed=7, threads=2)
    learnt = time.perf_counter() - began
    fit_calibration(cross_scores(inputs, labels, np.arange(ROWS), seed=7, threads=2), labels)
    judged = time.perf_counter() - began
    many = inputs.take(np.arange(SCORED) % ROWS)
    began, cpu = time.perf_counter(), time.process_time()
    head.scores(many, threads=2)
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    size = sum(part.nbytes for part in head.parts().values()) / 1e6
    rows = [
        {"": "learning, s", "measured": learnt, "asked": "<= 60"},
        {"": "learning and calibrating, s", "measured": judged, "asked": "<= 60"},
        {"": "scoring, appeals a second", "measured": SCORED / wall, "asked": ">= 5,000"},
        {"": "scoring, appeals a second of one core's time", "measured": SCORED / cpu, "asked": ""},
        {"": "size, MB", "measured": size, "asked": "<= 50"},
    ]
    print_table(rows)
    return {row[""]: row["measured"] for row in rows}


def _inputs() -> Inputs:
    """Return sample texts, joined until they are about as long as real appeals."""
    short, _, _ = sample("ru", 2 * ROWS, kind="topic")
    texts = short.texts.to_pylist()
    joined = [f"{texts[i % len(texts)]} {texts[(i + ROWS) % len(texts)]}"[:LETTERS] for i in range(ROWS)]
    rows = np.arange(ROWS) % len(texts)
    taken = short.take(rows)
    return Inputs(pa.array(joined), taken.vectors, taken.traits, taken.circumstances)


def _labels() -> Labels:
    """Return classes of which half have fewer than five texts, by chance: only the cost is measured."""
    sizes = np.random.default_rng(7).pareto(0.6, CLASSES) + 1
    number = np.random.default_rng(8).choice(CLASSES, ROWS, p=sizes / sizes.sum())
    given = sparse.csr_matrix((np.ones(ROWS, bool), (np.arange(ROWS), number)), shape=(ROWS, CLASSES))
    names = tuple(f"class {i}" for i in range(CLASSES))
    return Labels(LabelSet(names, names, np.full(CLASSES, -1), (), False), given, np.ones(ROWS, bool))
