"""The sketch of a sentence vector: the sign of each of its numbers."""

import numpy as np

from veche.stages.columns import VECTOR_SIZE

#: Bytes of a sketch.
SIZE = VECTOR_SIZE // 8


def sketch(vectors: np.ndarray) -> np.ndarray:
    """Return the sketches (uint8 [n, 64]) of vectors (floats [n, 512]).

    The first number is the highest bit of the first byte, and 1 stands for a negative one; the function
    `veche_sketch` of the database makes the same.
    """
    return np.packbits(np.signbit(vectors), axis=1)
