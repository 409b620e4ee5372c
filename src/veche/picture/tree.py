"""The trees of a pack as plain mappings: what lies above a topic, and where a territory belongs."""

from collections import Counter
from collections.abc import Mapping

from veche.packs.tree import Node, path_of


def paths(nodes: Mapping[str, Node]) -> dict[str, tuple[str, ...]]:
    """Return, for each code, itself and its ancestors upwards."""
    return {code: tuple(path_of(code, nodes)) for code in nodes}


def main_depth(nodes: Mapping[str, Node]) -> int:
    """Return the depth at which a country falls into parts: the first with more than one node."""
    sizes = Counter(len(path) - 1 for path in paths(nodes).values())
    return next((depth for depth in sorted(sizes) if sizes[depth] > 1), 0)


def places_of(nodes: Mapping[str, Node]) -> dict[str, tuple[str | None, str | None]]:
    """Return, for each code, its part of the country and, where it lies below one, itself.

    A node above the parts (the country as a whole) has neither.
    """
    depth = main_depth(nodes)
    result: dict[str, tuple[str | None, str | None]] = {}
    for code, path in paths(nodes).items():
        below = len(path) - 1 - depth
        if below < 0:
            result[code] = (None, None)
        else:
            result[code] = (path[below], code if below else None)
    return result
