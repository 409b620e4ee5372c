"""How far appeals have moved from those that a model learnt from, by the portraits of both."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from veche.learn.examples import Inputs
from veche.learn.portrait import UNKNOWN, portrait, unknown_share

#: From here on a change deserves a look, and from here on the model should learn anew (the usual bounds of
#: the population stability index in credit scoring: Siddiqi 2006).
LOOK, RELEARN = 0.1, 0.25

#: A share below this counts as this: the index knows no zero.
_LEAST_SHARE = 0.0005


def drift(then: Mapping[str, Any], inputs: Inputs) -> dict[str, Any]:
    """Return how `inputs` differ from the portrait `then`: the population stability index of each trait, of
    length and of words, the share of words that were never seen, and shares of appeals whose trait is not
    known, then and now. A trait that nobody's appeal has, neither then nor now, is left out."""
    now = portrait(inputs)
    nothing = {UNKNOWN: 1.0}
    pairs = {name: (then["traits"].get(name, nothing), shares) for name, shares in now["traits"].items()}
    traits = {
        name: {
            "psi": _rounded(stability(before, after)),
            "unknown_then": before.get(UNKNOWN, 0.0),
            "unknown_now": after.get(UNKNOWN, 0.0),
        }
        for name, (before, after) in pairs.items()
        if not before == after == nothing
    }
    return {
        "traits": traits,
        "length_psi": _rounded(stability(_numbered(then["lengths"]), _numbered(now["lengths"]))),
        "words_psi": _rounded(stability(_shares(then["words"]), _shares(now["words"]))),
        "new_words": _rounded(unknown_share(inputs, then["known_words"])),
        "appeals_then": then["appeals"],
        "appeals_now": now["appeals"],
    }


def stability(then: Mapping[Any, float], now: Mapping[Any, float]) -> float:
    """Return the population stability index of two distributions of shares: sum of (b - a) ln(b / a)."""
    names = [*dict.fromkeys([*then, *now])]
    a = np.maximum([then.get(name, 0.0) for name in names], _LEAST_SHARE)
    b = np.maximum([now.get(name, 0.0) for name in names], _LEAST_SHARE)
    return float(((b - a) * np.log(b / a)).sum()) if names else 0.0


def _numbered(shares: list[float]) -> dict[int, float]:
    return dict(enumerate(shares))


def _shares(counts: list[int]) -> dict[int, float]:
    total = max(1, sum(counts))
    return {i: count / total for i, count in enumerate(counts)}


def _rounded(value: float) -> float:
    return round(value, 4)
