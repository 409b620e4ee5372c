"""Where the parts of a territory lie on the map: their own outlines, else points, on a sheet that keeps areas
comparable (`veche.picture.maps`). No tile and no address of a map server is ever asked for.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from veche.packs.model import Pack, Territory
from veche.packs.text import in_language
from veche.picture import maps
from veche.service.desk import words

#: How many maps a process keeps drawn: as many as authorities that people look at.
_KEPT = 64


@lru_cache(maxsize=_KEPT)
def sheet(pack_name: str, within: str) -> Mapping[str, Any] | None:
    """Return the map of the parts of a territory (by code), None where nothing is known of where they lie.

    It has "width", "height", "areas" {code: [[x, y, x, y ...], ...]}, "points" {code: [x, y]} and "outline"
    [[x, y ...], ...] in whole steps, y downwards. The outline is the own one, where the parts have none.
    """
    pack = words.pack_of(pack_name)
    if pack is None or within not in pack.territories:
        return None
    parts = [t.code for t in pack.territories.values() if t.parent == within]
    # Of parts without a shape only those are points that the pack says have none; else all of them are.
    shaped = bool(parts) and _has_shapes(pack, parts)
    bare = [p for p in parts if not shaped or p in pack.shapes_missing]
    located = {code: at for code in bare if (at := _position(pack.territories, code))}
    drawn = maps.flat(pack.shapes, located, only={*parts} if shaped else {within})
    if drawn is None or not (drawn.points or shaped):
        return None
    outlines: dict[str, list[list[int]]] = {}
    for code, ring in drawn.rings:
        outlines.setdefault(code, []).append(_thinned(ring.tolist()))
    return {
        "width": maps.WIDTH,
        "height": drawn.height,
        "areas": outlines if shaped else {},
        "points": {code: list(at) for code, at in drawn.points.items()},
        "outline": [] if shaped else outlines.get(within, []),
    }


def sources(pack_name: str, language: str) -> list[str]:
    """Return who has to be named beside the map, and under which licence."""
    pack = words.pack_of(pack_name)
    if pack is None or pack.shapes is None:
        return []
    return [
        f"{in_language(s.title, language)} ({s.licence})" for s in pack.sources if s.file == pack.shapes.name
    ]


def version(pack_name: str) -> str:
    """Return the version of a pack, for addresses of maps that browsers keep."""
    pack = words.pack_of(pack_name)
    return f"{pack.code}-{pack.version}" if pack else ""


def parts_of(pack_name: str, within: str) -> list[str]:
    """Return the territories right below one."""
    pack = words.pack_of(pack_name)
    return [t.code for t in pack.territories.values() if t.parent == within] if pack else []


def above(pack_name: str, code: str) -> str:
    """Return the territory that one lies in; "" for the whole country and for what is not known."""
    pack = words.pack_of(pack_name)
    node = pack.territories.get(code) if pack else None
    return node.parent if node else ""


def holding(pack_name: str, code: str) -> list[str]:
    """Return a territory and all that it lies in."""
    found = []
    while code and code not in found:
        found.append(code)
        code = above(pack_name, code)
    return found


def root_of(pack_name: str) -> str:
    """Return the code of the territory that holds all others of a pack; "" where there is none."""
    pack = words.pack_of(pack_name)
    return next((t.code for t in pack.territories.values() if not t.parent), "") if pack else ""


def _has_shapes(pack: Pack, parts: list[str]) -> bool:
    drawn = maps.flat(pack.shapes, {}, only=set(parts)) if pack.shapes else None
    return drawn is not None and len({code for code, _ring in drawn.rings}) * 2 > len(parts)


def _position(nodes: Mapping[str, Territory], code: str) -> tuple[float, float] | None:
    """Return latitude and longitude of a territory, else of the largest place in it."""
    inside = [nodes[code], *(t for t in nodes.values() if t.parent == code)]
    placed = [(t, t.lat, t.lon) for t in inside if t.lat is not None and t.lon is not None]
    own = [found for found in placed if found[0].code == code]
    best = max(own or placed, key=lambda found: found[0].population or 0, default=None)
    return (best[1], best[2]) if best else None


def _thinned(ring: list[list[int]]) -> list[int]:
    """Return a ring as one row of numbers, without points that fall together."""
    kept = [at for i, at in enumerate(ring) if i == 0 or at != ring[i - 1]]
    return [step for at in kept for step in at]
