"""Codes that conditions name: whether the pack has them."""

from collections.abc import Iterator

from veche.core.i18n import _
from veche.packs.conditions import comparisons, nodes_of
from veche.packs.facts import TREE_TYPES, known_facts
from veche.packs.model import Condition, Pack
from veche.packs.parts import Origins
from veche.packs.problems import Problems


def conditions_of(pack: Pack) -> Iterator[tuple[str, str, Condition]]:
    """Yield every condition of the pack with the name of its part and the code of its entry."""
    yield from (("clock", code, clock.when) for code, clock in pack.clocks.items() if clock.when)
    yield from (("protocol", code, protocol.when) for code, protocol in pack.protocols.items())
    yield from (("measure", code, measure.entitled) for code, measure in pack.measures.items())


def unknown_codes(condition: Condition, *, pack: Pack) -> tuple[str, ...]:
    """Return the codes of topics, territories and bodies that `condition` names and the pack lacks."""
    known = known_facts(pack)
    found: dict[str, None] = {}
    for compare in comparisons(condition):
        fact = known[compare.fact]
        if fact.type in TREE_TYPES:
            several = compare.value if isinstance(compare.value, tuple) else (compare.value,)
            nodes = nodes_of(fact, pack)
            found |= {str(code): None for code in several if code not in nodes}
    return tuple(found)


def unknown_groups(condition: Condition, *, pack: Pack) -> tuple[str, ...]:
    """Return the groups of authors that `condition` names and the pack cannot recognise."""
    groups = {f"{cue.family}:{cue.value}" for cue in pack.groups}
    named = (str(c.value) for c in comparisons(condition) if c.fact == "groups")
    return tuple(dict.fromkeys(group for group in named if group not in groups))


def check(pack: Pack, origins: Origins, problems: Problems) -> None:
    """Note the codes that conditions name and the pack lacks, each on its line."""
    for part, entry, condition in conditions_of(pack):
        place = origins.get((part, entry), ("pack.toml", 1))
        for code in unknown_codes(condition, pack=pack):
            problems.add(
                *origins.get((f"{part}:{entry}", code), place),
                _("“{code}” points to “{target}”, which does not exist.").format(code=entry, target=code),
                _("Correct the code, or add what it points to."),
            )
        for group in unknown_groups(condition, pack=pack):
            problems.add(
                *origins.get((f"{part}:{entry}", group), place),
                _("“{code}” asks about the group “{group}”, which nothing in groups.toml recognises.").format(
                    code=entry, group=group
                ),
                _("Correct the group, or add it to groups.toml."),
                serious=False,
            )
