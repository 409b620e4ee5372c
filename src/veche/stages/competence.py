"""Who answers for what: the competence rules of a pack, asked for a topic, a place and a day.

A rule is a body's list of topics. The most specific rule counts most, then the level of government: the
nearest to the person first. Bodies that exist in every municipality or region are filled with the one
that the place lies in.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from veche.packs.model import Body, Pack, Territory, in_language
from veche.packs.tree import path_of

#: What each level of government weighs where several have the same rule: the municipality acts first, the
#: region controls, the operator carries out, the federation regulates (131-FZ art. 14-16, 414-FZ art. 44).
_LEVEL_WEIGHT = {"city": 1.0, "municipal": 1.0, "regional": 0.6, "operator": 0.5, "federal": 0.35}

#: A rule for a topic one step deeper in the classifier weighs so many times more.
_STEP = 3.0

#: A body whose territory cannot be told weighs less than one whose can.
_UNFILLED = 0.4

_PLACEHOLDER = re.compile(r"\{(region|municipality|settlement)\}")
_DANGLING = re.compile(r"[\s,:–—-]*(?:\b(?:of|in|for|de|en)\s+)?\{(?:region|municipality|settlement)\}")

#: The territory that a level of bodies works in, where neither title nor territory says it.
_KIND_OF_LEVEL = {"regional": "region", "municipal": "municipality"}


class Candidate(NamedTuple):
    """A body that may answer: `value` as findings hold it, `strength` its share of all rules that fit
    (they sum up to 1), `placed` whether it is the right one only if the place is."""

    value: str
    strength: float
    placed: bool


class Competence:
    """The rules of one pack."""

    def __init__(self, pack: Pack) -> None:
        self._territories = pack.territories
        self._rules: dict[str, list[Body]] = {}
        for body in pack.bodies.values():
            for topic in body.topics:
                self._rules.setdefault(topic, []).append(body)
        ends = {day for b in pack.bodies.values() for day in (_after(b.valid_to), _day(b.valid_from)) if day}
        #: Days on which some body begins or has just ended; between two of them nothing changes.
        self.turns: tuple[date, ...] = tuple(sorted(ends))

    def candidates(self, topic: str, *, place: str, day: date | None) -> list[Candidate]:
        """Return the bodies that answer for `topic` at `place` ("" for unknown) on `day`, the best first.

        Without a day, the bodies that have no end answer.
        """
        weights: dict[tuple[str, bool], float] = {}
        parts = topic.split(".")
        for depth in range(len(parts), 0, -1):
            for body in self._rules.get(".".join(parts[:depth]), ()):
                filled = self._filled(body, place) if _valid(body, day) else None
                if filled is not None:
                    value, fit = filled
                    weight = _STEP**depth * _LEVEL_WEIGHT.get(body.level, 1.0) * fit
                    key = (value, "@" in value or bool(body.territory))
                    weights[key] = max(weights.get(key, 0.0), weight)
        total = sum(weights.values())
        found = [Candidate(value, weight / total, placed) for (value, placed), weight in weights.items()]
        return sorted(found, key=lambda c: -c.strength)

    def _filled(self, body: Body, place: str) -> tuple[str, float] | None:
        """Return the value for `body` at `place` and how well it fits, None where it has no say."""
        if body.territory:
            return self._with_territory(body, place)
        kind = _kind_of(body)
        if kind is None:
            return body.code, 1.0
        territory = self._nearest(place, kind)
        return (f"{body.code}@{territory}", 1.0) if territory else (body.code, _UNFILLED)

    def _with_territory(self, body: Body, place: str) -> tuple[str, float] | None:
        if not place:
            return body.code, _UNFILLED
        if body.territory in path_of(place, self._territories):
            return body.code, 1.0
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


def _kind_of(body: Body) -> str | None:
    titles: Mapping[str, str] = body.title
    for title in titles.values():
        found = _PLACEHOLDER.search(title)
        if found:
            return found.group(1)
    return _KIND_OF_LEVEL.get(body.level)


def _is_city_and_region(territory: Territory) -> bool:
    """Cities such as Moscow are one node of level region; only they have inhabitants or a point."""
    return territory.level == "region" and (territory.lat is not None or territory.population is not None)


def _valid(body: Body, day: date | None) -> bool:
    begin, end = _day(body.valid_from), _day(body.valid_to)
    if day is None:
        return end is None
    return (begin is None or begin <= day) and (end is None or day <= end)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _after(text: str) -> date | None:
    day = _day(text)
    return date.fromordinal(day.toordinal() + 1) if day else None
