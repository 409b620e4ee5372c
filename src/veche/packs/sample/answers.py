"""Which body answers for a sample appeal, asked of the pack's rules of competence.

The rules cost much and say the same for all places that lie alike in the tree; they are asked once for each
kind of place and the territory of the answer is found anew in each.
"""

from bisect import bisect_right
from datetime import date

from veche.packs.competence import Competence
from veche.packs.model import Pack
from veche.packs.tree import path_of


class Answers:
    """Bodies by topic, place and day, as findings hold them: "code" or "code@territory"."""

    def __init__(self, pack: Pack) -> None:
        self._competence = Competence(pack)
        self._territories = pack.territories
        # Bodies of one territory make the places there and above it unlike all others.
        owned = {body.territory for body in pack.bodies.values() if body.territory}
        self._owned = owned | {above for code in owned for above in path_of(code, pack.territories)}
        self._paths: dict[str, tuple[tuple[str, ...], object]] = {}
        self._known: dict[tuple[str, object, int], tuple[str, int]] = {}

    def body(self, topic: str, *, place: str, day: date) -> str | None:
        """Return the body that answers for `topic` at `place` ("" for unknown) on `day`, None for none."""
        if place not in self._paths:
            self._paths[place] = self._path(place)
        path, alike = self._paths[place]
        key = (topic, alike, bisect_right(self._competence.turns, day))
        if key not in self._known:
            value = self._competence.answering(topic, place=place, day=day)
            code, _at, territory = value.partition("@")
            self._known[key] = (code, path.index(territory) if territory else -1)
        code, at = self._known[key]
        return (f"{code}@{path[at]}" if at >= 0 else code) or None

    def _path(self, place: str) -> tuple[tuple[str, ...], object]:
        """Return the path of a place, and what it shares with all places that lie alike."""
        path = tuple(path_of(place, self._territories)) if place else ()
        nodes = [self._territories[code] for code in path]
        alike = tuple(
            (t.level, t.lat is None and t.population is None, t.code in self._owned and t.code) for t in nodes
        )
        return path, alike
