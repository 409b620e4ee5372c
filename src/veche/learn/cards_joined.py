"""Appeals that come later join the cards that are open, so that a million are never dealt anew."""

from collections.abc import Sequence

import numpy as np

from veche.learn.cards import Waiting
from veche.learn.cards_groups import ALIKE

_BLOCK = 1024


def join(waiting: Waiting, *, centres: np.ndarray, values: Sequence[str]) -> np.ndarray:
    """Return the number of the open card that each appeal joins, -1 for none (int64 [n]).

    A card is open with its `centre` (rows of `centres`, [m, d]) and the value it proposes. An appeal joins
    the nearest card with its own first proposal, if it is near enough; copies join together. The others are
    for `veche.learn.cards.deal`.
    """
    out = np.full(len(waiting), -1, np.int64)
    if not len(values) or not len(waiting):
        return out
    middle = np.asarray(centres, np.float32)
    own = np.asarray(values, object)
    first = waiting.values[:, 0]
    for at in range(0, len(waiting), _BLOCK):
        rows = slice(at, at + _BLOCK)
        likeness = waiting.vectors[rows].astype(np.float32) @ middle.T
        likeness[first[rows][:, None] != own[None, :]] = -1
        best = likeness.argmax(axis=1)
        near = likeness[np.arange(len(best)), best] >= ALIKE
        out[rows] = np.where(near, best, -1)
    _, leader, of_copy = np.unique(waiting.same, return_index=True, return_inverse=True)
    return out[leader][of_copy.ravel()]
