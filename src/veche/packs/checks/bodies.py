"""Bodies: every topic is answered for, and by one body of a level only."""

from collections import defaultdict
from itertools import combinations

from veche.core.i18n import _
from veche.packs.checks.ground import Ground
from veche.packs.competence import LEVEL_WEIGHT, kind_of
from veche.packs.model import Body
from veche.packs.tree import leaves, path_of


def check(ground: Ground) -> None:
    """Note topics that nobody answers for, and bodies that answer for the same."""
    if not ground.unread("bodies.toml"):
        _answered(ground)
    _overlaps(ground)


def _answered(ground: Ground) -> None:
    topics = ground.pack.topics
    answered = {topic for body in ground.pack.bodies.values() for topic in body.topics}
    for code in leaves(topics):
        if answered.isdisjoint(path_of(code, topics)):
            ground.gap(
                "topic",
                code,
                _("No body answers for “{code}”.").format(code=code),
                _("Add it to the topics of a body in bodies.toml."),
            )


def _overlaps(ground: Ground) -> None:
    bodies: dict[tuple[str, float], list[Body]] = defaultdict(list)
    for body in ground.pack.bodies.values():
        for topic in dict.fromkeys(body.topics):
            bodies[topic, LEVEL_WEIGHT[body.level]].append(body)
    shared: dict[tuple[str, str], list[str]] = defaultdict(list)
    for (topic, _level), several in bodies.items():
        for one, other in combinations(several, 2):
            if _meet_in_time(one, other) and _meet_in_place(one, other, ground):
                shared[one.code, other.code].append(topic)
    for (one, other), topics in shared.items():
        ground.gap(
            "body",
            other,
            _("“{one}” and “{other}” of the same level both answer for: {topics}.").format(
                one=one, other=other, topics=", ".join(topics)
            ),
            _("Let one of them oversee (“oversees”), or part their topics, territories or times."),
        )


def _meet_in_time(one: Body, other: Body) -> bool:
    return all(not a.valid_to or b.valid_from <= a.valid_to for a, b in ((one, other), (other, one)))


def _meet_in_place(one: Body, other: Body, ground: Ground) -> bool:
    """Whether both work in one territory, as far as neither is the exception that the other allows for.

    A body of one territory comes before the kind of bodies that exists in each; that is no overlap.
    """
    territories = ground.pack.territories
    if one.territory and other.territory:
        return one.territory in path_of(other.territory, territories) or other.territory in path_of(
            one.territory, territories
        )
    return not one.territory and not other.territory and kind_of(one) == kind_of(other)
