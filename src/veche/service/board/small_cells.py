"""Counts for people who may see the picture and not the appeals: small ones do not tell of anybody.

Every number is rounded to a multiple of five, up or down by a chance that keeps it right on average, and the
chance is drawn from the set of appeals that is counted: each appeal has a secret key, and their sum is the
key of the set. So one set of appeals has one number, on every screen and in every export, and asking again
tells nothing more; and since every number is a multiple of five, no difference of two numbers is 1, 2, 3 or
4, nor tells that so many people lie between two filters. After B. Fraser and J. Wooton, "A proposed method
for confidentialising tabular output to protect against differencing" (UNECE work session on statistical
data confidentiality, Geneva 2005), in the form of random rounding.

A number is less than five away from the truth; parts need not add up to their whole. Whoever compares very
many different sets that all differ by the same few appeals comes nearer to the truth, as with every method
of this kind; the number of filters that fit is what limits it.
"""

import hmac
from weakref import WeakKeyDictionary

import numpy as np
from django.conf import settings

from veche.service.accounts.access import Reach, reach
from veche.service.accounts.models import User
from veche.service.board.cube import Cube

#: What published numbers are multiples of.
BASE = 5
#: The action of those who see numbers as they are.
ACTION = "picture.small_cells"

#: Keys have so many bits: the sum of a million of them stays below 2**53.
_KEY_BITS = 30
_MASK = np.uint64((1 << _KEY_BITS) - 1)

_kept: "WeakKeyDictionary[Cube, np.ndarray]" = WeakKeyDictionary()


def are_hidden_from(user: User) -> bool:
    """Tell whether a person sees some of the picture without the right to its small numbers."""
    return not covers(reach(user, ACTION), reach(user, "picture.see"))


def covers(wide: Reach, narrow: Reach) -> bool:
    """Tell whether what is reached in one way is all reached in the other."""
    left = [grant for grant in narrow.parts if grant.tenant not in wide.tenants]
    places = {(grant.tenant, grant.territory, grant.body) for grant in wide.parts}
    within = all((grant.tenant, grant.territory, grant.body) in places for grant in left)
    return set(narrow.tenants) <= set(wide.tenants) and within


def keys_of(cube: Cube) -> np.ndarray:
    """Return the secret key of each row's appeal (int64 [rows])."""
    found = _kept.get(cube)
    if found is None:
        found = _kept[cube] = keys_of_ids(cube.id)
    return found


def keys_of_ids(ids: np.ndarray) -> np.ndarray:
    """Return the secret key of each id (int64, below 2**30), the same in all processes."""
    words = np.ascontiguousarray(ids).view(np.uint64).reshape(-1, 2)
    first, second, _ = _secrets()
    mixed = _mixed(_mixed(words[:, 0] ^ first) ^ words[:, 1] ^ second)
    return (mixed & _MASK).astype(np.int64)


def published(counts: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """Return what is shown of counts (int64, any shape).

    Args:
        counts: How many appeals each set has.
        keys: The sum of the keys of each set.
    """
    draw = _mixed((keys.astype(np.uint64) & _MASK) ^ _secrets()[2])
    over = counts % BASE
    up = (draw >> np.uint64(11)).astype(np.float64) / (1 << 53) * BASE < over
    return counts - over + BASE * up


def _secrets() -> np.ndarray:
    drawn = hmac.digest(settings.SECRET_KEY.encode(), b"veche.board.small_cells", "sha256")
    return np.frombuffer(drawn, np.uint64)[:3]


def _mixed(x: np.ndarray) -> np.ndarray:
    """Mix 64 bits so that each depends on all (the finisher of G. Steele et al., SplitMix, OOPSLA 2014)."""
    with np.errstate(over="ignore"):
        x = x + np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return x ^ (x >> np.uint64(31))
