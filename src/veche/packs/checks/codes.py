"""Codes that point to something, and trees that end."""

from collections.abc import Iterator, Mapping

from veche.core.i18n import _
from veche.packs.checks import conditions
from veche.packs.checks.ground import Ground
from veche.packs.tree import Node


def check(ground: Ground) -> None:
    """Note every code that points to nothing and every circle."""
    pack = ground.pack
    _trees(ground)
    for part, code, target, nodes in _pointers(ground):
        if target not in nodes:
            _dangling(ground, part, code, target)
    for part, code, target in conditions.unknown(ground):
        _dangling(ground, part, code, target)
    for code in pack.shapes_missing:
        if code not in pack.territories:
            ground.problems.add(
                "pack.toml",
                1,
                _("“{code}” under “shapes_missing” does not exist.").format(code=code),
                _("Correct the code, or take it out."),
            )


def _pointers(ground: Ground) -> Iterator[tuple[str, str, str, Mapping[str, object]]]:
    """Yield (part, code, code that it points to, where that must stand)."""
    pack = ground.pack
    for code, topic in pack.topics.items():
        for neighbour, _means in topic.not_:
            yield "topic", code, neighbour, pack.topics
    for code, body in pack.bodies.items():
        for target in (*body.topics, *body.oversees):
            yield "body", code, target, pack.topics
        if body.territory:
            yield "body", code, body.territory, pack.territories
    for code, measure in pack.measures.items():
        if measure.body:
            yield "measure", code, measure.body, pack.bodies
        for target in measure.topics:
            yield "measure", code, target, pack.topics


def _trees(ground: Ground) -> None:
    pack = ground.pack
    for part, nodes in (("topic", pack.topics), ("body", pack.bodies), ("territory", pack.territories)):
        _tree(ground, part, nodes)


def _tree(ground: Ground, part: str, nodes: Mapping[str, Node]) -> None:
    safe: set[str] = set()
    for code, node in nodes.items():
        if node.parent and node.parent not in nodes:
            _dangling(ground, part, code, node.parent)
        path: list[str] = []
        at = code
        while at in nodes and at not in safe and at not in path:
            path.append(at)
            at = nodes[at].parent
        if at in path:
            ground.fault(
                part,
                code,
                _("“{code}” is its own ancestor: {path}.").format(code=code, path=" > ".join([*path, at])),
                _("Change the parent of one of them."),
            )
        safe.update(path)


def _dangling(ground: Ground, part: str, code: str, target: str) -> None:
    ground.problems.add(
        *ground.place_in(part, code, target),
        _("“{code}” points to “{target}”, which does not exist.").format(code=code, target=target),
        _("Correct the code, or add what it points to."),
    )
