"""The trees of a pack (topics, bodies, territories): what lies above a node."""

from collections.abc import Iterator, Mapping
from typing import Protocol


class Node(Protocol):
    """A node of a tree: it knows the code of its parent, "" for none."""

    @property
    def parent(self) -> str:
        """Code of the parent."""
        ...


def path_of(code: str, nodes: Mapping[str, Node]) -> Iterator[str]:
    """Yield `code` and its ancestors upwards; nothing for a code that is unknown.

    A tree that bites its own tail, which `veche.packs.checks` refuses, ends where it would repeat itself.
    """
    seen: set[str] = set()
    while code in nodes and code not in seen:
        seen.add(code)
        yield code
        code = nodes[code].parent


def leaves(nodes: Mapping[str, Node]) -> list[str]:
    """Return the codes of the nodes that have none below them, in the order of `nodes`."""
    parents = {node.parent for node in nodes.values()}
    return [code for code in nodes if code not in parents]
