"""Vectors of a pack's own sample texts, remembered from one process to the next.

A pack of a nation has thousands of samples, and every worker of every run needs their vectors. They follow
from the texts and the encoder alone, so they lie in a cache under a digest of both; what cannot be read is
made anew. Appeals never come here.
"""

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from veche.stages.encoder import ENCODER

_WIDTH = 512


def cache_folder() -> Path:
    """Return where caches lie: in `VECHE_HOME` for a service, else in the user's cache folder."""
    home = os.environ.get("VECHE_HOME")
    if home:
        return Path(home) / "cache"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "veche"


def remembered(texts: Sequence[str], make: Callable[[], np.ndarray]) -> np.ndarray:
    """Return the vectors (float32 [len(texts), 512]) of a pack's texts, from the cache or from `make`."""
    digest = hashlib.sha256(ENCODER.encode())
    for text in texts:
        digest.update(b"\0" + text.encode())
    path = cache_folder() / "vectors" / f"{digest.hexdigest()}.npy"
    with contextlib.suppress(OSError, ValueError, EOFError):
        kept = np.load(path, allow_pickle=False)
        if kept.dtype == np.float32 and kept.shape == (len(texts), _WIDTH):
            return kept
    made = make()
    _keep(path, made)
    return made


def _keep(path: Path, vectors: np.ndarray) -> None:
    """Write a whole file or none, as others may look for it; where nothing can be written, nothing is."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as part:
            try:
                np.save(part, vectors, allow_pickle=False)
                part.flush()
                Path(part.name).replace(path)
            except BaseException:
                Path(part.name).unlink(missing_ok=True)
                raise
