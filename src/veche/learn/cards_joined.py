"""Appeals that come later join the cards that are open, so that those there are need not be dealt anew."""

from collections.abc import Sequence

import numpy as np

from veche.learn.cards import Waiting

#: An appeal joins a card from this cosine with its centre on. Stricter than what a card is made by: there is
#: the vector alone to go by.
NEAR = 0.6

_BLOCK = 2048


def join(waiting: Waiting, *, centres: np.ndarray, values: Sequence[str], near: float = NEAR) -> np.ndarray:
    """Return the number of the open card that each appeal joins, -1 for none (int64 [n]).

    `centres` holds `Card.centre` of the open cards (float16 or float32 [m, d]), `values` what they propose.
    An appeal joins the nearest card that has its own first proposal, if it is as near as `near` (cosine); its
    copies join with it. The others are for `veche.learn.cards.deal`.
    """
    out = np.full(len(waiting), -1, np.int64)
    if not len(values) or not len(waiting):
        return out
    _, leader, of_copy = np.unique(waiting.same, return_index=True, return_inverse=True)
    found = np.full(len(leader), -1, np.int64)
    of_value: dict[str, list[int]] = {}
    for card, value in enumerate(values):
        of_value.setdefault(value, []).append(card)
    first = waiting.values[leader, 0]
    for value, cards in of_value.items():
        own = np.flatnonzero(first == value)
        middle = np.asarray(centres[cards], np.float32).T
        for at in range(0, len(own), _BLOCK):
            rows = own[at : at + _BLOCK]
            likeness = waiting.vectors[leader[rows]].astype(np.float32) @ middle
            best = likeness.argmax(axis=1)
            close = likeness[np.arange(len(rows)), best] >= near
            found[rows] = np.where(close, np.array(cards)[best], -1)
    return found[of_copy.ravel()]
