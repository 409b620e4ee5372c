"""The names of a pack's territories as one automaton, and how the nodes of the tree lie to one another.

Finds and judges single mentions of names in texts; which of them is the place of an appeal is decided
by the place stage.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from ahocorasick_rs import AhoCorasick, MatchKind

from veche.core.text import Matches, Texts, fold
from veche.packs.model import LEVELS, Pack, Territory
from veche.packs.tree import path_of

#: How a form names its place: by a name of its own, by a word that also means something else, or by
#: an adjective.
PLAIN, WEAK, ADJECTIVE = 0, 1, 2

#: Inhabitants that are assumed where none are given, by level; only their ratio counts.
_INHABITANTS: dict[str, float] = dict(zip(LEVELS, (1e8, 1e6, 3e4, 5e3, 1e5), strict=True))

#: Larger places are meant more often, but not in proportion.
_POPULATION_POWER = 0.7

_EDGE = r"(?:^|[^\pL\pN])"

#: Words before a name that say that a place follows. Single letters need their point: "с" is also "with".
_PLACE_BEFORE = _EDGE + (
    r"(?:(?:г|гор|город(?:а|е|у|ом|ской округ|ского округа|ском округе)?|пгт|пос|посел(?:ок|ка|ке|ку)|рп|"
    r"р\.п|сел(?:о|а|е|у)|дер|деревн(?:я|и|е|ю)|станиц(?:а|ы|е|у)|хутор(?:а|е)?|мо|муниципалитет(?:а|е)?)\.?|[спд]\.|"
    r"city of|town of|village of|neighbou?rhood of|here in|live in|living in|residents? of)[ ]*[«\"“]?$"
)

#: Words after a name that say the same.
_PLACE_AFTER = (
    r"^(?:[ ]*(?:city|town|neighbou?rhood|resident|residents|area)|"
    r"[ ]*,[ ]*(?:ул|улица|пр-т|пр-кт|проспект|просп|пер|переулок|мкр|мкрн|микрорайон|бульвар|шоссе))"
    r"(?:[^\pL\pN]|$)"
)

#: Words before an adjective or a doubtful name that make it the name of a street, square, station or house.
_STREET_BEFORE = _EDGE + (
    r"(?:ул|улиц(?:а|ы|е|у|ей)|просп|проспект(?:а|е|у|ом)?|пр|пр-т[а-я]?|пр-кт[а-я]?|пр-д[а-я]?|пер|переул(?:ок|ка|ке|ку)|"
    r"ш|шоссе|пл|площад(?:ь|и|ью)|бул|бульвар(?:а|е|у)?|б-р[а-я]?|наб|набережн(?:ая|ой|ую)|тракт(?:а|е|у)?|"
    r"проезд(?:а|е|у)?|алле(?:я|и|е|ю)|вокзал(?:а|е|у)?|станци(?:я|и|ю)|ст|метро|м|мост(?:а|у|ом)?|жк|имени|им|"
    r"больниц(?:а|ы|е|у)|школ(?:а|ы|е|у)|гостиниц(?:а|ы|е|у)|кинотеатр(?:а|е)?|ресторан(?:а|е)?|магазин(?:а|е)?|тц|трц)"
    r"\.?[ ]*(?:[\pL\pN]+(?:-[\pL]+)?(?:ая|ой|ый|ий|-я|-й)[ ]+)?[«\"“]?$"
)

#: The same before a name proper, where "улицы Казани" are the streets of Kazan.
_NAMESAKE_BEFORE = _EDGE + (
    r"(?:ул|улиц(?:а|е|у)|просп|проспект|пр-т|пр-кт|пер|бульвар|б-р|метро|жк|гостиниц(?:а|ы|е|у)|кинотеатр(?:а|е)?|"
    r"ресторан(?:а|е)?|магазин(?:а|е)?|тц|трц|фирм(?:а|ы|е)|ооо|ао)\.?[ ]*[«\"“]?$"
)

#: Words after an adjective that do it.
_STREET_AFTER = (
    r"^[ ]*(?:ул|улиц[а-я]*|просп|проспект[а-я]*|пр-т[а-я]?|пр-кт[а-я]?|пр|шоссе|ш|переул[а-я]+|пер|"
    r"бульвар[а-я]*|б-р|площад[а-я]+|пл|набережн[а-я]+|наб|тракт[а-я]*|проезд[а-я]*|вокзал[а-я]*|мост[а-я]*|станци[а-я]+|"
    r"кладбищ[а-я]+|рынок|рынк[а-я]+|комсомол[а-я]+|университет[а-я]*)(?:[^\pL\pN]|$)"
)

#: Words after any name in English that make it a street's or a bridge's.
_ROAD_AFTER = (
    r"^[ ]+(?:st|street|ave|av|avenue|rd|road|blvd|boulevard|pkwy|parkway|ln|lane|dr|drive|ct|court|pl|ter|"
    r"terrace|hwy|highway|turnpike|bridge|tunnel|way|row|path|expressway|expwy|extension|ext)(?:[^\pL\pN]|$)"
)

_SENTENCE_START = r"(?:^|\x00|[.!?…\n:;][\s»\"”)]*|[\n•–—-]\s*)[«\"“(]*$"
_HYPHENED_BEFORE, _HYPHENED_AFTER = r"[\pL\pN]-$", r"^-[\pL\pN]"

_WINDOW = 32


class Mentions(NamedTuple):
    """Names found in texts: where, by which form (`which`), and what stands around them (all bool)."""

    found: Matches
    capital: np.ndarray
    sentence_start: np.ndarray
    place_beside: np.ndarray
    street: np.ndarray
    namesake: np.ndarray

    def only(self, kept: np.ndarray) -> "Mentions":
        """Return the mentions that `kept` (bool) chooses."""
        return Mentions(Matches(*(a[kept] for a in self.found)), *(a[kept] for a in self[1:]))


class Gazetteer:
    """The territories of a pack, numbered in its order.

    `ancestors` (int32 [nodes, depth], -1 to fill) lists parent, grandparent and so on, `prior` (float64)
    how likely each is meant by a name that several share, `depth` how far it lies below the root, `points`
    (float64 [nodes, 2]) latitude and longitude or NaN, `area_points` the same, where a node has none those
    of what it lies in (the root aside).
    """

    def __init__(self, pack: Pack) -> None:
        territories = list(pack.territories.values())
        self.codes = [t.code for t in territories]
        self.number = {code: i for i, code in enumerate(self.codes)}
        self.level = np.array([LEVELS.index(t.level) for t in territories], np.int8)
        self.prior = np.array([_prior(t) for t in territories])
        self.ancestors = self._ancestors(pack)
        self.depth = (self.ancestors >= 0).sum(axis=1)
        self.points = np.array([[_degrees(t.lat), _degrees(t.lon)] for t in territories]).reshape(-1, 2)
        self.area_points = self._area_points()
        self._index(territories)

    def _ancestors(self, pack: Pack) -> np.ndarray:
        paths = ([self.number[c] for c in path_of(code, pack.territories)] for code in self.codes)
        chains = [path[1:] for path in paths]
        out = np.full((len(chains), max((len(c) for c in chains), default=0) or 1), -1, np.int32)
        for i, chain in enumerate(chains):
            out[i, : len(chain)] = chain
        return out

    def _area_points(self) -> np.ndarray:
        points = self.points.copy()
        for above in self.ancestors.T:
            inherits = np.isnan(points[:, 0]) & (above >= 0) & (self.depth[above] > 0)
            points[inherits] = self.points[above[inherits]]
        return points

    def _index(self, territories: Sequence[Territory]) -> None:
        named: dict[str, dict[int, int]] = {}
        for i, territory in enumerate(territories):
            for kind, forms in (
                (ADJECTIVE, territory.adjectives),
                (WEAK, territory.weak_forms),
                (PLAIN, territory.forms),
            ):
                for form in forms:
                    named.setdefault(fold(form), {})[i] = kind
        self.forms = list(named)
        counts = [len(nodes) for nodes in named.values()]
        self.offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        self.nodes = np.array([n for nodes in named.values() for n in nodes], np.int32)
        self.kinds = np.array([k for nodes in named.values() for k in nodes.values()], np.int8)
        self.automaton = AhoCorasick(self.forms, matchkind=MatchKind.LeftmostLongest) if named else None

    def within(self, node: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return for pairs of nodes whether the first is the second or lies in it; -1 lies nowhere."""
        inside = (self.ancestors[node] == np.asarray(other)[..., None]).any(axis=-1)
        return ((node == other) | inside) & (np.asarray(other) >= 0) & (np.asarray(node) >= 0)

    def related(self, node: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return for pairs of nodes whether one is the other or lies in it."""
        return self.within(node, other) | self.within(other, node)

    def mentions(self, texts: Texts) -> Mentions:
        """Find the names in `texts`; parts of hyphened words and of English street names are left out."""
        if self.automaton is None:
            none = np.zeros(0, np.int64)
            return Mentions(Matches(none, none, none, none), *(np.zeros(0, bool) for _ in range(5)))
        found = texts.phrases(self.automaton)
        start = texts.starts[found.row] + found.start
        end = texts.starts[found.row] + found.end
        text, original = texts.folded, texts.joined
        before = pa.array([text[max(s - _WINDOW, 0) : s] for s in start.tolist()], pa.string())
        after = pa.array([text[e : e + _WINDOW] for e in end.tolist()], pa.string())
        first_letters = [original[s : s + 2] for s in start.tolist()]
        capital = np.array([two[:1].isupper() and not two.isupper() for two in first_letters], bool)
        mentions = Mentions(
            found,
            capital,
            _match(before, _SENTENCE_START),
            _match(before, _PLACE_BEFORE) | _match(after, _PLACE_AFTER),
            _match(before, _STREET_BEFORE) | _match(after, _STREET_AFTER),
            _match(before, _NAMESAKE_BEFORE),
        )
        broken = (
            _match(before, _HYPHENED_BEFORE) | _match(after, _HYPHENED_AFTER) | _match(after, _ROAD_AFTER)
        )
        return mentions.only(~broken)


def _match(windows: pa.Array, pattern: str) -> np.ndarray:
    return pc.match_substring_regex(windows, pattern).to_numpy(zero_copy_only=False).astype(bool)


def _degrees(value: float | None) -> float:
    return math.nan if value is None else value


def _prior(territory: Territory) -> float:
    return (territory.population or _INHABITANTS[territory.level]) ** _POPULATION_POWER
