"""How much the themes of one sample agree with those of another, against k-means with as many clusters."""

import os
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pyarrow as pa
from measure import print_table
from themes_data import Texts, nhs, write_run
from themes_peers import k_means
from themes_scores import agreement_of_samples

from veche.themes import material, nothing
from veche.themes.batches import blocks
from veche.themes.discovery import find_themes

SAMPLES = 10
SHARE = 0.8

#: Numbers of themes asked for; `None`: as many as the data have.
WANTED = (None, 10, 30, 60)
TIMES_K_MEANS = 1.3


def measure_stability() -> dict[str, Any]:
    """Print and return the mean adjusted Rand index over all pairs of samples of the patients' comments."""
    data = _distinct(nhs())
    random = np.random.default_rng(0)
    samples = [np.sort(random.permutation(len(data))[: int(SHARE * len(data))]) for _ in range(SAMPLES)]
    rows = []
    for wanted in WANTED:
        ours = [_ours(data, sample, wanted) for sample in samples]
        k = int(median(len(np.unique(label[label >= 0])) for label in ours))
        peer = [k_means(data.vectors[sample], k, seed=i) for i, sample in enumerate(samples)]
        row = {
            "asked for": wanted or "none",
            "themes": k,
            "Veche": agreement_of_samples(ours, samples),
            "k-means": agreement_of_samples(peer, samples),
        }
        rows.append({**row, "ratio": row["Veche"] / row["k-means"], "at least": TIMES_K_MEANS})
    print_table(rows)
    return {"rows": rows}


def _distinct(data: Texts) -> Texts:
    """Each text that says something once: copies would make every method look steady."""
    first = np.unique(np.array([" ".join(t.casefold().split()) for t in data.texts]), return_index=True)[1]
    keep = [i for i in sorted(first.tolist()) if nothing.judge(data.texts[i]) == nothing.SAYS_SOMETHING]
    return Texts([data.texts[i] for i in keep], data.vectors[keep], data.labels[keep], data.label_names)


def _ours(data: Texts, sample: np.ndarray, wanted: int | None) -> np.ndarray:
    with tempfile.TemporaryDirectory() as folder, blocks(os.cpu_count() or 1) as pool:
        work = write_run(Path(folder), [data.texts[i] for i in sample], data.vectors[sample])
        read = material.read(work, pa.table({}))
        return find_themes(work, read, seed=0, n_themes=wanted, blocks=pool).theme
