"""Where sample appeals come from: territories by population, their names in the case a phrase needs.

It prefers nothing but population; a fixed small share goes to names that several territories bear.
"""

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from veche.core.text import fold
from veche.packs import forms
from veche.packs.model import Pack, Territory

#: Share of appeals from territories whose name another territory bears too.
AMBIGUOUS = 0.04

#: Names before which the preposition is "во": two consonants, the first of them в or ф.
_DOUBLED = re.compile(r"[ВФ][бвгджзклмнпрстфхцчшщ]")


@dataclass(frozen=True)
class Spot:
    """A territory that appeals come from, with the forms of its name and its region's name."""

    code: str
    title: str
    region: str
    shared: bool
    lat: float | None
    lon: float | None
    russian: bool

    @cached_property
    def slots(self) -> dict[str, str]:
        """The name as phrases take it: place, in_place (with its preposition), from_place, region."""
        return {
            "place": self.title,
            "in_place": _within(self.title) if self.russian else f"in {self.title}",
            "from_place": _declined(self.title, "gent") if self.russian else self.title,
            "region": self.region,
        }


class Places:
    """The territories of a pack to draw from."""

    def __init__(self, pack: Pack, *, language: str) -> None:
        parents = {t.parent for t in pack.territories.values()}
        peopled = [t for t in pack.territories.values() if t.population]
        plain = peopled or [t for t in pack.territories.values() if t.code not in parents]
        titles = Counter(_title(t, language) for t in pack.territories.values() if t.level != "country")
        shared = [t for t in pack.territories.values() if titles[_title(t, language)] > 1 and t.parent]
        chosen = [*plain, *shared]
        weights = np.array([float(t.population or 1) for t in plain])
        self._cumulated = np.cumsum(weights / weights.sum()) * (1 - AMBIGUOUS if shared else 1)
        if shared:
            tail = 1 - AMBIGUOUS + AMBIGUOUS * np.arange(1, len(shared) + 1) / len(shared)
            self._cumulated = np.concatenate([self._cumulated, tail])
        self.spots = [
            Spot(
                code=t.code,
                title=_title(t, language),
                region=_title(_region(pack, t), language),
                shared=titles[_title(t, language)] > 1,
                lat=t.lat,
                lon=t.lon,
                russian=language == "ru",
            )
            for t in chosen
        ]

    def draw(self, uniform: np.ndarray) -> list[Spot]:
        """Return one spot per number of `uniform` in [0, 1)."""
        return [self.spots[i] for i in self.index(uniform).tolist()]

    def index(self, uniform: np.ndarray) -> np.ndarray:
        """Return the index in `spots` of one spot per number of `uniform` in [0, 1)."""
        index = np.searchsorted(self._cumulated, uniform, side="right")
        return np.minimum(index, len(self.spots) - 1)


def _title(territory: Territory, language: str) -> str:
    return territory.title.get(language) or next(iter(territory.title.values()))


def _region(pack: Pack, territory: Territory) -> Territory:
    """Return the ancestor just below the root, or the territory itself."""
    path = [territory]
    while path[-1].parent in pack.territories:
        path.append(pack.territories[path[-1].parent])
    return path[-2] if len(path) > 1 else territory


def _within(title: str) -> str:
    return f"{'во' if _DOUBLED.match(title) else 'в'} {_declined(title, 'loct')}"


def _declined(title: str, case: str) -> str:
    """Return a title in a case, with the capital letters of the title."""
    form = forms.in_case(fold(title), case)
    words, declined = re.split(r"([ -])", title), re.split(r"([ -])", form)
    if len(words) != len(declined):
        return title
    return "".join(
        new[:1].upper() + new[1:] if old[:1].isupper() else new
        for old, new in zip(words, declined, strict=True)
    )
