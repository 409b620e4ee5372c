"""What the texts themselves teach about given themes, once a first guess of each text's theme is made.

Pseudo-relevance feedback: the first guess, as chances, is the label of each text; a ridge regression over
the texts' vectors learns from it, and a text is told what the *others* taught (its own guess is left out).
So texts of a theme that share none of its words are found by their likeness to those that do. With few
texts per theme the guess would only be repeated louder, so it is trusted by how many there are.
"""

import numpy as np

#: Texts per theme at which the feedback has a quarter of its full weight, and that weight.
ENOUGH = 50
WEIGHT = 2.0

#: Ridge of the regression, and how sharply scores (in standard deviations) become chances.
_RIDGE = 3.0
_SHARPNESS = 0.3

_BLOCK = 4096


def trust(n_texts: int, n_themes: int) -> float:
    """Return how much the feedback counts beside the first guess: from 0 to `WEIGHT`."""
    per_theme = n_texts / n_themes
    return WEIGHT * (per_theme / (per_theme + ENOUGH)) ** 2


def from_the_others(score: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Return what the other texts say of each text's themes (float64 [texts, themes]).

    `score` is the first guess in standard deviations, `vectors` are centred unit rows. Time grows with the
    number of texts, memory beside the result does not.
    """
    chance = np.exp((score - score.max(axis=1, keepdims=True)) / _SHARPNESS)
    chance /= chance.sum(axis=1, keepdims=True)
    chance -= chance.mean(axis=0)
    size = vectors.shape[1]
    together, taught = np.eye(size) * _RIDGE, np.zeros((size, score.shape[1]))
    for start in range(0, len(vectors), _BLOCK):
        rows = vectors[start : start + _BLOCK].astype(np.float64)
        together += rows.T @ rows
        taught += rows.T @ chance[start : start + _BLOCK]
    inverse = np.linalg.inv(together)
    out = np.empty(score.shape)
    for start in range(0, len(vectors), _BLOCK):
        block = slice(start, start + _BLOCK)
        rows = vectors[block].astype(np.float64)
        learnt = rows @ inverse
        # Without its own label a text's prediction follows from the full one and its leverage.
        own = np.sum(learnt * rows, axis=1, keepdims=True)
        out[block] = (learnt @ taught - own * chance[block]) / (1 - own)
    return out
