"""Conditions: what they name exists, and something can fulfil them."""

from collections.abc import Iterator

from veche.core.i18n import _
from veche.packs.checks.ground import Ground
from veche.packs.rules.conditions import comparisons, nodes_of
from veche.packs.rules.facts import TREE_TYPES, known_facts
from veche.packs.rules.model import Condition
from veche.packs.rules.possible import possible
from veche.packs.tree import leaves


def unknown(ground: Ground) -> Iterator[tuple[str, str, str]]:
    """Yield (part, code, code that its condition names and the pack does not have)."""
    facts = [fact for fact in known_facts(ground.pack).values() if fact.type in TREE_TYPES]
    for part, code, condition in _all(ground):
        for fact in facts:
            nodes = nodes_of(fact, ground.pack)
            yield from (
                (part, code, target) for target in _named(condition, fact.code) if target not in nodes
            )


def check(ground: Ground) -> None:
    """Note conditions that nothing fulfils, and values in them that nothing ever has."""
    sections = ground.pack.topics.keys() - set(leaves(ground.pack.topics))
    groups = {f"{group.family}:{group.value}" for group in ground.pack.groups}
    dangling = {(part, code) for part, code, _target in unknown(ground)}
    for part, code, condition in _all(ground):
        if (part, code) not in dangling:
            _possible(ground, part, code, condition)
        for topic in _named(condition, "topic", without="under"):
            if topic in sections:
                ground.problems.add(
                    *ground.place_in(part, code, topic),
                    _("No appeal is given the topic “{topic}” itself: it has subtopics.").format(topic=topic),
                    _('Write op = "under", or name a subtopic.'),
                    serious=False,
                )
        for group in _named(condition, "groups"):
            if group not in groups:
                ground.problems.add(
                    *ground.place_in(part, code, group),
                    _("“{code}” asks about the group “{group}”, which groups.toml does not have.").format(
                        code=code, group=group
                    ),
                    _("Write family and value as they stand there, like status:pensioner."),
                    serious=False,
                )


def _possible(ground: Ground, part: str, code: str, condition: Condition) -> None:
    if not possible(condition, pack=ground.pack):
        ground.gap(
            part,
            code,
            _("“{code}” can never apply: its condition cannot hold.").format(code=code),
            _("Look for parts of “all” that contradict each other, and for values that nothing has."),
        )


def _named(condition: Condition, fact: str, *, without: str = "") -> list[str]:
    """Return the values that `condition` compares `fact` with, but for those of the operator `without`."""
    found: dict[str, None] = {}
    for compare in comparisons(condition):
        if compare.fact == fact and compare.op != without:
            several = compare.value if isinstance(compare.value, tuple) else (compare.value,)
            found |= {str(value): None for value in several}
    return list(found)


def _all(ground: Ground) -> Iterator[tuple[str, str, Condition]]:
    """Yield every condition of the pack: the part and code of the entry that it belongs to, the condition."""
    pack = ground.pack
    yield from (("clock", c.code, c.when) for c in pack.clocks.values() if c.when is not None)
    yield from (("protocol", p.code, p.when) for p in pack.protocols.values())
    yield from (("measure", m.code, m.entitled) for m in pack.measures.values())
