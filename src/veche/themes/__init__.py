"""Themes: what all appeals together say that nobody listed, from repeats to digests.

`discover` is the reduce step: it reads what the stages wrote and finds groups of appeals that say
much the same. It decides nothing about single appeals beyond their place in a theme.
"""

from pathlib import Path

import pyarrow as pa

from veche.packs.model import Pack
from veche.themes import assemble, material
from veche.themes.batches import blocks
from veche.themes.discovery import find_themes
from veche.themes.result import ASSIGNMENTS, THEMES, Themes

__all__ = ["ASSIGNMENTS", "THEMES", "THEMES_VERSION", "Themes", "discover"]

#: Part of every finding of the facet `theme`.
THEMES_VERSION = "2"


def discover(
    work: Path,
    *,
    repeats: pa.Table,
    pack: Pack,
    seed: int,
    n_themes: int | None = None,
    guided: bool = False,
    threads: int,
) -> Themes:
    """Find the themes of the run whose parts lie in `work`.

    Reads `work/map/part-*.parquet` and, where they are there, `work/vectors/part-*.npy` (float16
    [rows, d], rows of zeros for no vector). `repeats` has a row per appeal in part order. `n_themes`
    asks for about so many themes; without it the number follows from the data. With `guided`, themes
    follow the topics that the appeals were given. The result is the same for any number of `threads`.
    """
    read = material.read(work, repeats)
    with blocks(threads) as pool:
        found = find_themes(work, read, seed=seed, n_themes=n_themes, guided=guided, blocks=pool)
        # Here too BLAS keeps to one thread: its sums would depend on how many there are.
        return assemble.assemble(read, found, pack)
