"""The peers of theme discovery: k-means, and BERTopic in an environment of its own.

BERTopic brings torch and a gigabyte of other things, so it lives in `.cache/benchmarks/bertopic`, made on
first use with the versions below, and is never imported here: it is run as a command that reads our vectors.
"""

import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import Any, cast

import numpy as np
import orjson
from measure import Measured, measure
from sklearn.cluster import KMeans
from themes_data import CACHE

#: torch first, so that the others find it there. No part of it computes anything here: vectors are given.
VERSIONS = (
    ("torch==2.13.0",),
    ("bertopic==0.17.4", "umap-learn==0.5.12", "hdbscan==0.8.44", "scikit-learn==1.9.1", "numpy==2.4.6"),
)

_SCRIPT = Path(__file__).resolve().parent / "bertopic_command.py"


def k_means(vectors: np.ndarray, n_clusters: int, *, seed: int) -> np.ndarray:
    """Return the cluster of each row."""
    model: Any = KMeans(n_clusters, n_init=cast(Any, 1), random_state=seed)
    return model.fit_predict(vectors.astype(np.float32))


def bertopic_python() -> Path:
    """Return the interpreter of BERTopic's environment, made if it is not there yet."""
    folder = CACHE / "bertopic"
    python, made = folder / "bin" / "python", folder / "versions.txt"
    versions = " ".join(package for step in VERSIONS for package in step)
    if not made.exists() or made.read_text() != versions:
        print("Making the environment of BERTopic (once, some minutes) ...", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        for step in VERSIONS:
            subprocess.run([python, "-m", "pip", "install", "--quiet", *step], check=True)
        made.write_text(versions)
    return python


def bertopic(
    texts: list[str],
    vectors: np.ndarray,
    *,
    seed: int | None,
    reassign: bool,
    limit_seconds: float | None = None,
) -> tuple[Measured, dict[str, np.ndarray]]:
    """Run BERTopic with its own settings; return what it took and the topics per text.

    Topics are under `topics` (-1: outlier) and, with `reassign`, under `reassigned` (outliers to the nearest
    topic by vector); there are none if it failed or took longer than `limit_seconds`. Without a seed it
    may use all cores.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "texts.json").write_bytes(orjson.dumps(texts))
        np.save(folder / "vectors.npy", vectors)
        command = [
            "nice",
            bertopic_python(),
            _SCRIPT,
            folder,
            "" if seed is None else str(seed),
            "yes" if reassign else "no",
        ]
        taken = measure(command, limit_seconds=limit_seconds)
        if taken.status != 0:
            return taken, {}
        return taken, {p.stem: np.load(p) for p in (folder / "found").glob("*.npy")}
