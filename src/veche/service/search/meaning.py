"""Searches by meaning: appeals whose sentence vectors point the same way as what somebody says.

Sketches tell which may be near, the vectors themselves tell which are. Vectors are read through the walls.
"""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import numpy as np

from veche.service.board.cube import Cube
from veche.service.search.ids import binary_rows, ids_of
from veche.service.search.sketches import sketches_of
from veche.stages.columns import VECTOR_SIZE
from veche.stages.vectors import encode

#: Texts whose vectors are compared exactly, for a search that returns up to a few hundred.
COMPARED = 2_000

_VECTORS = "SELECT appeal_id, vector FROM inbox_appealtext WHERE appeal_id = ANY(%s) AND length(vector) > 0"


class Near(NamedTuple):
    """An appeal, and the cosine between its vector and what was looked for."""

    appeal_id: UUID
    likeness: float


def meant(text: str) -> np.ndarray:
    """Return the vector (float32 [512], unit length) of what somebody typed."""
    return encode([text])[0]


def vector_of(appeal_id: UUID) -> np.ndarray | None:
    """Return the vector of an appeal that the transaction may see; nothing where it has none."""
    _, vectors = _vectors([appeal_id])
    return vectors[0] if len(vectors) else None


def nearest(
    cube: Cube, wanted: np.ndarray, rows: np.ndarray, most: int, *, compared: int = COMPARED
) -> list[Near]:
    """Return up to `most` appeals of a cube, the nearest to a vector first.

    `rows` is the mask of those that count; `compared` is how many vectors are compared exactly. One without
    a vector is near nothing.
    """
    may_be = sketches_of(cube).nearest(cube, wanted, rows, compared)
    found, vectors = _vectors(ids_of(cube.id[may_be]))
    likeness = (vectors @ wanted).tolist()
    best = sorted(zip(found, likeness, strict=True), key=lambda pair: (-pair[1], pair[0]))
    return [Near(*pair) for pair in best[:most]]


def alike(cube: Cube, appeal_id: UUID, most: int) -> list[Near]:
    """Return the appeals that are nearest to one in meaning, without itself."""
    wanted = vector_of(appeal_id)
    if wanted is None:
        return []
    near = nearest(cube, wanted, cube.open, most + 1, compared=50 * most)
    return [one for one in near if one.appeal_id != appeal_id][:most]


def _vectors(among: Sequence[UUID]) -> tuple[list[UUID], np.ndarray]:
    rows = binary_rows(_VECTORS, [list(among)])
    packed = b"".join(bytes(vector) for _, vector in rows)
    vectors = np.frombuffer(packed, np.float16).reshape(-1, VECTOR_SIZE).astype(np.float32)
    return [id for id, _ in rows], vectors
