"""Which labels are about a person, and so may stand neither in a model nor in a sheet's answers."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from veche.stages.masks import Masker

#: A label of which so much is a person's name is that person, and not "the Pushkin Library".
_NAME_SHARE = 0.5


def are_personal(strings: Sequence[str], *, masker: Masker) -> np.ndarray:
    """Return which strings hold contacts or numbers of a person, or are a person's name (bool)."""
    _masked, masks = masker(pa.array(list(strings), pa.string()))
    out = np.zeros(len(strings), bool)
    for row, found in masks.items():
        hidden = sum(end - start for start, end, _kind in found)
        names_only = all(kind == "name" for _start, _end, kind in found)
        out[row] = not names_only or hidden >= _NAME_SHARE * len(strings[row])
    return out
