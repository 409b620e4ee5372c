"""Who answers for what: the competence rules of a pack, asked for a topic, a place and a day.

A rule is one topic of a body. The most specific rule counts most, then the nearest to the person. Bodies
that exist in every municipality or region are filled with the one that the place lies in. Those who oversee
come after all who answer.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from veche.packs.model import Body, Pack, Territory
from veche.packs.text import in_language
from veche.packs.tree import path_of

#: What each level weighs where several have the same rule: the municipality acts first, the operator carries
#: out, the region follows, the federation regulates (131-FZ art. 14-16, 414-FZ art. 44).
LEVEL_WEIGHT = {"city": 1.0, "municipal": 1.0, "operator": 0.75, "regional": 0.5, "federal": 0.4}

#: A rule for a topic one step deeper in the classifier weighs so many times more: more than level and
#: territory together can make up for.
_STEP = 3.0

#: A body of this very territory comes before the kind of bodies that exists in each.
_OWN = 1.1

#: A body whose territory cannot be told weighs less than one whose can.
_UNFILLED = 0.4

#: What all who oversee weigh together, measured by the weakest of those who answer.
_OVERSEERS = 0.25

_PLACEHOLDER = re.compile(r"\{(region|municipality|settlement)\}")
_DANGLING = re.compile(r"[\s,:–—-]*(?:\b(?:of|in|for|de|en)\s+)?\{(?:region|municipality|settlement)\}")

#: The territory that a level of bodies works in, where neither title nor territory says it.
_KIND_OF_LEVEL = {"regional": "region", "municipal": "municipality"}

#: Bodies by the topic that they are named for.
_Rules = Mapping[str, Sequence[Body]]

#: A value, and whether it hangs on the place.
_Key = tuple[str, bool]


class Candidate(NamedTuple):
    """A body that may be asked: `value` as findings hold it, `strength` its share of all rules that fit
    (they sum up to 1), `placed` whether it is the right one only if the place is, `answers` whether it
    answers itself or oversees those who do."""

    value: str
    strength: float
    placed: bool
    answers: bool


class Competence:
    """The rules of one pack."""

    def __init__(self, pack: Pack) -> None:
        bodies = pack.bodies.values()
        self._topics = pack.topics
        self._territories = pack.territories
        self._answer = _by_topic((topic, body) for body in bodies for topic in body.topics)
        self._oversee = _by_topic((topic, body) for body in bodies for topic in body.oversees)
        self._kinds = {body.code: kind_of(body) for body in bodies}
        self._times = {body.code: (_day(body.valid_from), _day(body.valid_to)) for body in bodies}
        # Many bodies ask for the same territory; it is looked for once.
        self._near: dict[tuple[str, str], str] = {}
        ends = {day for b in bodies for day in (_after(b.valid_to), _day(b.valid_from)) if day}
        #: Days on which some body begins or has just ended; between two of them nothing changes.
        self.turns: tuple[date, ...] = tuple(sorted(ends))

    def answering(self, topic: str, *, place: str, day: date | None) -> str:
        """Return the body that answers for `topic` at `place` on `day`, as findings hold it; "" for none."""
        return next((c.value for c in self.candidates(topic, place=place, day=day) if c.answers), "")

    def candidates(self, topic: str, *, place: str, day: date | None) -> list[Candidate]:
        """Return the bodies to ask about `topic` at `place` ("" for unknown) on `day`, the best first.

        Those who answer stand before those who oversee. Without a day, the bodies that have no end count.
        """
        path = list(path_of(topic, self._topics))
        answer = self._weights(self._answer, path, place=place, day=day)
        oversee = self._weights(self._oversee, path, place=place, day=day)
        oversee = {key: weight for key, weight in oversee.items() if key not in answer}
        if answer and oversee:
            scale = _OVERSEERS * min(answer.values()) / sum(oversee.values())
            oversee = {key: weight * scale for key, weight in oversee.items()}
        total = sum(answer.values()) + sum(oversee.values())
        found = [
            Candidate(value, weight / total, placed, part is answer)
            for part in (answer, oversee)
            for (value, placed), weight in part.items()
        ]
        return sorted(found, key=lambda c: (not c.answers, -c.strength))

    def _weights(self, rules: _Rules, path: list[str], *, place: str, day: date | None) -> dict[_Key, float]:
        """Return how much each body weighs that has a rule for a topic on `path`, the deepest first."""
        weights: dict[_Key, float] = {}
        for depth, topic in zip(range(len(path), 0, -1), path, strict=True):
            for body in rules.get(topic, ()):
                filled = self._filled(body, place) if self._exists(body, day) else None
                if filled is not None:
                    value, fit = filled
                    weight = _STEP**depth * LEVEL_WEIGHT.get(body.level, 1.0) * fit
                    key = (value, "@" in value or bool(body.territory))
                    weights[key] = max(weights.get(key, 0.0), weight)
        return weights

    def _exists(self, body: Body, day: date | None) -> bool:
        begin, end = self._times[body.code]
        if day is None:
            return end is None
        return (begin is None or begin <= day) and (end is None or day <= end)

    def _filled(self, body: Body, place: str) -> tuple[str, float] | None:
        """Return the value for `body` at `place` and how well it fits, None where it has no say."""
        if body.territory:
            return self._with_territory(body, place)
        kind = self._kinds[body.code]
        if not kind:
            return body.code, 1.0
        if (place, kind) not in self._near:
            self._near[place, kind] = self._nearest(place, kind)
        territory = self._near[place, kind]
        return (f"{body.code}@{territory}", 1.0) if territory else (body.code, _UNFILLED)

    def _with_territory(self, body: Body, place: str) -> tuple[str, float] | None:
        if not place:
            return body.code, _UNFILLED
        if body.territory in path_of(place, self._territories):
            return body.code, _OWN
        return (body.code, _UNFILLED) if place in path_of(body.territory, self._territories) else None

    def _nearest(self, place: str, kind: str) -> str:
        """Return the code of the region or municipality that `place` is or lies in, "" for none."""
        chain = [self._territories[code] for code in path_of(place, self._territories)]
        if kind == "region":
            return next((t.code for t in chain if t.level == "region"), "")
        wanted = ("municipality", "settlement") if kind == "municipality" else ("settlement", "municipality")
        for level in wanted:
            found = next((t.code for t in chain if t.level == level), "")
            if found:
                return found
        return next((t.code for t in chain if _is_city_and_region(t)), "")


def body_title(value: str, *, pack: Pack, language: str) -> str:
    """Return the name of the body that a finding's `value` ("code" or "code@territory") stands for.

    The title is in `language`, else in the pack's first language that has one. A body that the pack does
    not know is shown by its code.
    """
    code, _, territory = value.partition("@")
    body = pack.bodies.get(code)
    if body is None:
        return value
    title = in_language(body.title, language, *pack.languages) or code
    node = pack.territories.get(territory)
    if node is None:
        return _DANGLING.sub("", title).strip()
    name = in_language(node.title, language, *pack.languages) or territory
    return _PLACEHOLDER.sub(lambda _match: name, title)


def kind_of(body: Body) -> str:
    """Return what a kind of bodies exists in each of: "region", "municipality", "settlement"; "" for none."""
    if body.territory:
        return ""
    for title in body.title.values():
        found = _PLACEHOLDER.search(title)
        if found:
            return found.group(1)
    return _KIND_OF_LEVEL.get(body.level, "")


def _by_topic(pairs: Iterable[tuple[str, Body]]) -> _Rules:
    rules: dict[str, list[Body]] = {}
    for topic, body in pairs:
        rules.setdefault(topic, []).append(body)
    return rules


def _is_city_and_region(territory: Territory) -> bool:
    """Cities such as Moscow are one node of level region; only they have inhabitants or a point."""
    return territory.level == "region" and (territory.lat is not None or territory.population is not None)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _after(text: str) -> date | None:
    day = _day(text)
    return date.fromordinal(day.toordinal() + 1) if day else None
