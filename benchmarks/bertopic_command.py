"""Runs in BERTopic's own environment: `bertopic_command.py FOLDER SEED yes|no` (reassign outliers or not).

Reads `texts.json` and `vectors.npy` of FOLDER, writes `found/topics.npy` and `found/reassigned.npy` there.
Settings are BERTopic's defaults; only the seed of UMAP is given, so that a run can be repeated.
"""

import json
import sys
from pathlib import Path

import numpy as np
from bertopic import BERTopic  # pyright: ignore[reportMissingImports]
from umap import UMAP  # pyright: ignore[reportMissingImports]


def main() -> None:
    """Find the topics."""
    folder, reassign = Path(sys.argv[1]), sys.argv[3] == "yes"
    seed = int(sys.argv[2]) if sys.argv[2] else None
    texts = json.loads((folder / "texts.json").read_text())
    vectors = np.load(folder / "vectors.npy").astype(np.float32)
    umap = UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=seed)
    model = BERTopic(umap_model=umap, embedding_model=None)
    topics, _ = model.fit_transform(texts, embeddings=vectors)
    (folder / "found").mkdir()
    np.save(folder / "found" / "topics.npy", np.asarray(topics))
    if reassign:
        moved = model.reduce_outliers(texts, topics, strategy="embeddings", embeddings=vectors)
        np.save(folder / "found" / "reassigned.npy", np.asarray(moved))


if __name__ == "__main__":
    main()
