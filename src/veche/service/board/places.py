"""The territories of packs as boards need them: what lies above them, and how many people live there."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from veche.packs.model import Pack
from veche.packs.text import in_language
from veche.service.desk import words


@dataclass(frozen=True)
class Place:
    """A territory. `population` is None where no source that the pack names tells it."""

    parent: str
    population: int | None


@lru_cache(maxsize=16)
def places(packs: tuple[str, ...]) -> Mapping[str, Place]:
    """Return the territories of packs by their codes; where two packs have one, it is that of the first."""
    found: dict[str, Place] = {}
    for name in packs:
        pack = words.pack_of(name)
        if pack is None:
            continue
        sourced = _population_is_sourced(pack)
        for code, node in pack.territories.items():
            found.setdefault(code, Place(node.parent, node.population if sourced else None))
    return found


def population_sources(packs: tuple[str, ...], language: str) -> list[str]:
    """Return the titles of the sources that say how many people live somewhere."""
    found: dict[str, None] = {}
    for name in packs:
        pack = words.pack_of(name)
        if pack is None:
            continue
        counted = [source for source in pack.sources if "population" in source.covers]
        found |= dict.fromkeys(in_language(source.title, language) for source in counted)
    return list(found)


def _population_is_sourced(pack: Pack) -> bool:
    return any("population" in source.covers for source in pack.sources)
