"""Which sample appeals are written again on a later day by the same author, and in which of two ways.

Some authors send the same text with a word of complaint, others say it in other words. Both letters of a
pair come from numbers of their own, so that a block can be made without the one that holds the first.
"""

from collections.abc import Collection
from typing import NamedTuple

import numpy as np

from veche.packs.sample.places import Places
from veche.packs.sample.rhythm import DAYS, Rhythm

#: Days between the letters of a pair: at least and at most.
_SOONEST, _LATEST = 1.0, 12.0


class Pair(NamedTuple):
    """Two rows of one author, who lives at the spot of that index; `copied` where the text is the same."""

    number: int
    first: int
    second: int
    copied: bool
    spot: int


def draw_pairs(
    n: int,
    *,
    copied: float,
    reworded: float,
    places: Places,
    spared: Collection[int],
    rhythm: Rhythm,
    rng: np.random.Generator,
) -> dict[int, Pair]:
    """Return the pairs among `n` rows by their first and by their second row.

    `copied` and `reworded` are the shares of rows that are second letters of either kind; a few fewer come,
    for no row belongs to two pairs, and none of `spared` to any.
    """
    count = int((copied + reworded) * n)
    days = rng.random(count) * (DAYS - _SOONEST - 0.5)
    gaps = _SOONEST + rng.random(count) * np.minimum(_LATEST - _SOONEST, DAYS - _SOONEST - days)
    firsts = (rhythm.quantiles(days) * n).astype(np.int64).tolist()
    seconds = (rhythm.quantiles(days + gaps) * n).astype(np.int64).tolist()
    is_copied = (rng.random(count) * (copied + reworded) < copied).tolist()
    spots = places.index(rng.random(count)).tolist()
    pairs: dict[int, Pair] = {}
    taken = set(spared)
    drawn = zip(firsts, seconds, is_copied, spots, strict=True)
    for number, (first, second, copy, spot) in enumerate(drawn):
        if first < second < n and taken.isdisjoint((first, second)):
            taken |= {first, second}
            pairs[first] = pairs[second] = Pair(number, first, second, copy, spot)
    return pairs
