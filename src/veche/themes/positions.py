"""Opposing positions inside a theme, with the share of people on each side; none is ever invented.

Two witnesses have to agree. The first are phrases (`stances`); the second is what the sentence vectors
make of them: a ridge regression learns, over all themes, which direction goes with the phrases, and
judges each text by what it learnt from other texts. Inside a theme that holds two positions the second
tells apart what the first calls plus and minus; where it cannot, although there are phrases of both
sides, the theme is called mixed and no shares are given. No labelled data and no language model.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from veche.themes import voices
from veche.themes.discovery import Discovery
from veche.themes.material import Material
from veche.themes.stances import AXES, lean

#: Phrases of both sides in so many texts of the run before anything is learnt from them.
LEARN_FROM = 20

#: Each side of a theme has at least so many texts that phrases place there, and this share of its people.
SIDE_TEXTS = 5
SIDE_SHARE = 0.1

#: The second witness tells two texts of different sides apart with this probability at least (area under
#: the curve), and so that chance would do it less than once in a thousand themes (Mann and Whitney 1947).
TELLS_APART = 0.75
_DEVIATIONS = 3.1

#: A text whose two witnesses together say less is on neither side. On patients' comments 92 % of the
#: texts over it lie on the side of the sentiment that people marked, without it 83 %.
CLEAR = 0.5

#: Texts read per theme and in all; folds; ridge.
_EACH, _IN_ALL = 600, 40_000
_FOLDS = 5
_RIDGE = 5.0


@dataclass(frozen=True)
class Positions:
    """What a theme's people are for or against: `axis` of `stances.AXES`, `told_apart` whether two sides
    were found (else the theme is mixed), shares of people on the plus side, the minus side and neither
    (all 0 where mixed), and `agreement`, how well the two witnesses agree (0.5 is chance)."""

    axis: str
    told_apart: bool
    plus: float
    minus: float
    neither: float
    agreement: float


@dataclass(frozen=True)
class Stands:
    """The positions of themes by number, and how to place further texts."""

    themes: dict[int, Positions]
    _slopes: dict[str, np.ndarray]

    def sides(self, theme: int, texts: Sequence[str], vectors: np.ndarray) -> list[str | None]:
        """Return the side (as in `stances.AXES`) of each of `texts`, None for neither or where the theme
        has no two sides; `vectors` are their unit rows of the discovery."""
        found = self.themes.get(theme)
        if found is None or not found.told_apart or not texts:
            return [None] * len(texts)
        by_vector = np.clip(_with_one(vectors) @ self._slopes[found.axis], -1, 1)
        score = lean(texts)[found.axis] + by_vector
        plus, minus = AXES[found.axis]
        return [plus if s > CLEAR else minus if s < -CLEAR else None for s in score]


def find_positions(
    material: Material, discovery: Discovery, themes: Sequence[np.ndarray], heard: np.ndarray
) -> Stands:
    """Return the positions inside each theme; `themes` are places in `Discovery.units`, `heard` the people
    behind each unit."""
    if not themes:
        return Stands({}, {})
    each = min(_EACH, max(60, _IN_ALL // len(themes)))
    samples = [voices.even(units, each) for units in themes]
    read = list(voices.read(material, discovery, samples))
    units = np.concatenate([voice.units for voice in read]).astype(np.int64)
    theme = np.repeat(np.arange(len(read)), [len(voice.units) for voice in read])
    phrases = lean([text for voice in read for text in voice.texts])
    found: dict[int, Positions] = {}
    slopes: dict[str, np.ndarray] = {}
    for axis, said in phrases.items():
        if min((said > 0).sum(), (said < 0).sum()) < LEARN_FROM:
            continue
        vectors = _with_one(discovery.features[units])
        slopes[axis] = _learnt(vectors, said)
        judged = _left_out(vectors, said)
        for number in np.unique(theme).tolist():
            own = theme == number
            position = positions_of(axis, said[own], judged[own], heard[units[own]])
            if position is not None and _better(position, found.get(number)):
                found[number] = position
    return Stands(found, slopes)


def positions_of(axis: str, said: np.ndarray, judged: np.ndarray, people: np.ndarray) -> Positions | None:
    """Return the positions of one theme's texts, None where it has but one.

    `said` and `judged` float64 [texts] are the two witnesses from -1 to 1, `judged` made without the
    text's own phrases; `people` how many stand behind each text.
    """
    plus, minus = said > 0, said < 0
    n_plus, n_minus = int(plus.sum()), int(minus.sum())
    heard = float(people.sum())
    few = min(float(people[plus].sum()), float(people[minus].sum())) < SIDE_SHARE * heard
    score = said + judged
    for_it, against = (float(people[side].sum()) / heard for side in (score > CLEAR, score < -CLEAR))
    if min(n_plus, n_minus) < SIDE_TEXTS:
        return None
    agreement = _area(judged[plus], judged[minus])
    chance = np.sqrt((n_plus + n_minus + 1) / (12 * n_plus * n_minus))
    if agreement >= TELLS_APART and agreement - 0.5 >= _DEVIATIONS * chance:
        if min(for_it, against) < SIDE_SHARE:
            return None
        return Positions(axis, True, for_it, against, max(0.0, 1 - for_it - against), agreement)
    return None if few else Positions(axis, False, 0.0, 0.0, 0.0, agreement)


def _better(one: Positions, other: Positions | None) -> bool:
    """Two sides before a mixture, then the larger minority."""
    if other is None:
        return True
    return (one.told_apart, min(one.plus, one.minus)) > (other.told_apart, min(other.plus, other.minus))


def _area(plus: np.ndarray, minus: np.ndarray) -> float:
    """The probability that a plus text is judged above a minus text (ties count half)."""
    order = np.sort(minus)
    below = np.searchsorted(order, plus, side="left") + np.searchsorted(order, plus, side="right")
    return float(below.mean() / (2 * len(minus)))


def _with_one(vectors: np.ndarray) -> np.ndarray:
    return np.column_stack([vectors, np.ones(len(vectors))]).astype(np.float64)


def _left_out(vectors: np.ndarray, said: np.ndarray) -> np.ndarray:
    """What is judged of each text by slopes learnt from the other folds, from -1 to 1."""
    fold = np.arange(len(said)) % _FOLDS
    out = np.zeros(len(said))
    for number in range(_FOLDS):
        inside = fold == number
        out[inside] = vectors[inside] @ _learnt(vectors[~inside], said[~inside])
    return np.clip(out, -1, 1)


def _learnt(vectors: np.ndarray, said: np.ndarray) -> np.ndarray:
    """Slopes of a ridge regression of the side on the vectors, both sides weighing alike."""
    known = said != 0
    side = np.sign(said[known])
    n = len(side)
    weight = np.where(side > 0, n / (2 * max(1, (side > 0).sum())), n / (2 * max(1, (side < 0).sum())))
    rows = vectors[known]
    weighed = rows * weight[:, None]
    return np.linalg.solve(weighed.T @ rows + _RIDGE * np.eye(rows.shape[1]), weighed.T @ side)
