"""Patients' comments against the themes that people gave them: ours, BERTopic and k-means, same vectors."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from measure import print_table
from themes_data import Texts, nhs, write_run
from themes_peers import bertopic, k_means
from themes_scores import extended_bcubed, mutual_information, one_hot

from veche.themes import material
from veche.themes.batches import blocks
from veche.themes.discovery import RARE, find_themes

SEEDS = range(5)
CLUSTERS = (30, 60, 120)

#: The figures at least, against the best of the peers.
TIMES_BEST = 1.15
MOST_RARE = 0.10

#: Given to comments that carry no theme at all; the scores without it tell more.
_NO_THEME = "Labelling not possible"


class Grouping(NamedTuple):
    """`group` [texts]: one group of each text, -1 for rare; `groups` 0/1 [texts, groups]: all of them."""

    group: np.ndarray
    groups: np.ndarray


def measure_nhs() -> dict[str, Any]:
    """Print and return the agreement of each method (median of the seeds) and the ratio to the best peer."""
    data = nhs()
    peers = [
        _row(data, f"k-means {k}", lambda seed, k=k: _single(k_means(data.vectors, k, seed=seed)))
        for k in CLUSTERS
    ]
    found = [bertopic(data.texts, data.vectors, seed=seed, reassign=True)[1] for seed in SEEDS]
    peers.append(_row(data, "BERTopic", lambda seed: _single(found[seed]["topics"])))
    peers.append(_row(data, "BERTopic, outliers reassigned", lambda seed: _single(found[seed]["reassigned"])))
    with tempfile.TemporaryDirectory() as folder:
        work = write_run(Path(folder), data.texts, data.vectors)
        ours = _row(data, "Veche", lambda seed: _ours(work, seed))
    print_table([*peers, ours])
    scores = ("AMI", "AMI labelled", "B-cubed")
    ratios = {score: ours[score] / max(peer[score] for peer in peers) for score in scores}
    for score, ratio in ratios.items():
        print(f"{score}: {ratio:.2f} times the best peer (at least {TIMES_BEST})")
    print(f"rare: {ours['rare']:.3f} (at most {MOST_RARE})")
    return {"rows": [*peers, ours], "times the best peer": ratios}


def _row(data: Texts, name: str, grouping: Callable[[int], Grouping]) -> dict[str, Any]:
    runs = [_scores(data, grouping(seed)) for seed in SEEDS]
    return {"method": name, **{key: median(run[key] for run in runs) for key in runs[0]}}


def _scores(data: Texts, found: Grouping) -> dict[str, float]:
    one = data.labels.sum(axis=1) == 1
    label = data.labels.argmax(axis=1)
    labelled = one & (label != data.label_names.index(_NO_THEME))
    return {
        "groups": len(np.unique(found.group[found.group >= 0])),
        "rare": float((found.group == RARE).mean()),
        "AMI": mutual_information(label[one], found.group[one]),
        "AMI labelled": mutual_information(label[labelled], found.group[labelled]),
        "B-cubed": extended_bcubed(data.labels, found.groups),
    }


def _single(group: np.ndarray) -> Grouping:
    return Grouping(group, one_hot(group))


def _ours(work: Path, seed: int) -> Grouping:
    with blocks(os.cpu_count() or 1) as pool:
        read = material.read(work, pa.table({}))
        found = find_themes(work, read, seed=seed, n_themes=None, blocks=pool)
    return _single(found.theme)
