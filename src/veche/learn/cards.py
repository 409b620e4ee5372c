"""Appeals that wait for a decision, dealt into cards: groups that one answer of a person serves.

A card holds appeals with the same proposed value that say nearly the same, with those that may not belong
first. Many appeals that wait for one answer are one decision; a single odd one is a card of its own. What
people decided makes new proposals in `veche.learn.cards_proposed`; appeals that come later join the cards
there are in `veche.learn.cards_joined`. Nothing here knows a database, a clock or chance: the same appeals
make the same cards.
"""

from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa

from veche.learn.cards_groups import ALIKE, groups_of
from veche.learn.cards_numbers import numbers_of

#: Why a member of a card is an exception; "" for the others.
UNLIKE, PLACE, LANGUAGE = "unlike", "place", "language"

#: Most members of one card.
MOST = 10_000

#: A member is unlike the others where its cosine with their mean is below theirs by so many deviations, and
#: by so much at least.
_DEVIATIONS, _LEAST_APART = 2.5, 0.08

#: From such a share of the members on, what they share of place or language makes the others exceptions.
_MOSTLY = 0.6

#: What a card of danger is worth before any other, and one of a deadline among the others.
_DANGER, _DEADLINE = 1e6, 3.0


@dataclass(frozen=True)
class Waiting:
    """n appeals of which one facet waits to be decided.

    `vectors`: unit sentence vectors, float16 or float32 [n, d], zeros where an appeal has none.
    `values`: what the system proposes, str (object) [n, k], the best first, "" for none.
    `chances`: the probability of each, float32 [n, k].
    `same`: copies of one text share a number, int64 [n].
    `urgency`: 0 none, 1 a deadline, 2 danger to life, int [n].
    `places`, `languages`, `themes`: codes, str (object) [n], "" where unknown.
    `texts`: the masked texts, string [n]; where there are none the vectors alone tell what is alike.
    """

    vectors: np.ndarray
    values: np.ndarray
    chances: np.ndarray
    same: np.ndarray
    urgency: np.ndarray
    places: np.ndarray
    languages: np.ndarray
    themes: np.ndarray
    texts: pa.Array | None = None

    def __len__(self) -> int:
        return len(self.vectors)

    def take(self, rows: np.ndarray) -> "Waiting":
        """Return the appeals of `rows` (int64), in that order."""
        arrays = {name: getattr(self, name)[rows] for name in _COLUMNS}
        return Waiting(**arrays, texts=None if self.texts is None else self.texts.take(pa.array(rows)))

    def proposing(self, values: np.ndarray, chances: np.ndarray) -> "Waiting":
        """Return the appeals with other proposals."""
        return replace(self, values=values, chances=chances)


_COLUMNS = ("vectors", "values", "chances", "same", "urgency", "places", "languages", "themes")


@dataclass(frozen=True)
class Card:
    """Appeals that one answer serves.

    `members`: rows of the appeals (int64), exceptions first, then the most typical first; `why`: "" or why
    each is an exception (object). `value` is proposed with `confidence`, the mean chance that it is right of
    a member; `best`: up to three values with their mean chances. `centre`: unit mean of the vectors
    (float16 [d]), `reach`: cosine with it of the farthest member that is no exception. `urgency`: the
    highest of the members. `priority`: what the decision buys; cards are answered from the highest on.
    """

    members: np.ndarray
    why: np.ndarray
    value: str
    confidence: float
    best: tuple[tuple[str, float], ...]
    centre: np.ndarray = field(repr=False)
    reach: float
    urgency: int
    priority: float

    def __len__(self) -> int:
        return len(self.members)

    def of(self, rows: np.ndarray) -> "Card":
        """Return the card with members told as `rows` of all appeals, of which `rows` were dealt."""
        return replace(self, members=rows[self.members])

    @property
    def exceptions(self) -> int:
        """How many of the first members are exceptions."""
        return int((self.why != "").sum())


def deal(
    waiting: Waiting,
    *,
    sure: float | np.ndarray = 0.9,
    most: int = MOST,
    alike: float = ALIKE,
    numbers: np.ndarray | None = None,
) -> list[Card]:
    """Return the cards, the most urgent and most telling first.

    Appeals whose proposal has a chance of `sure` (one number, or one for each appeal) or more need nobody and
    are in no card; copies of one text are on one card, however many, unless it is full. A card has at most
    `most` members. Groups are joined down to a mean cosine of `alike`; `numbers` are what
    `veche.learn.cards_numbers.numbers_of` made of the appeals, where the caller keeps them.

    Raises:
        ValueError: `most` is below 1.
    """
    if most < 1:
        raise ValueError("a card has at least one member")
    first = waiting.chances[:, 0] if waiting.chances.shape[1] else np.zeros(len(waiting), np.float32)
    rows = np.flatnonzero(first < sure)
    if not len(rows):
        return []
    asked = waiting.take(rows)
    first_values = asked.values[:, 0] if asked.values.shape[1] else np.full(len(rows), "", object)
    read = numbers_of(asked.vectors, asked.texts) if numbers is None else numbers[rows]
    group = groups_of(read, first_values, asked.same, alike=alike)
    order = np.argsort(group, kind="stable")
    bounds = np.flatnonzero(np.diff(group[order])) + 1
    parts = [part[at : at + most] for part in np.split(order, bounds) for at in range(0, len(part), most)]
    cards = [_card(asked, part, rows) for part in parts]
    return sorted(cards, key=lambda card: (-card.priority, int(card.members.min())))


def _card(asked: Waiting, part: np.ndarray, rows: np.ndarray) -> Card:
    vectors = asked.vectors[part].astype(np.float32)
    centre = vectors.mean(axis=0)
    centre /= max(float(np.linalg.norm(centre)), 1e-9)
    likeness = vectors @ centre
    why = _why(asked, part, likeness)
    order = np.lexsort((part, np.where(why == "", -likeness, likeness), why == ""))
    best = _best(asked.values[part], asked.chances[part])
    value, confidence = best[0] if best else ("", 0.0)
    urgency = int(asked.urgency[part].max())
    return Card(
        members=rows[part[order]],
        why=why[order],
        value=value,
        confidence=confidence,
        best=best,
        centre=centre.astype(np.float16),
        reach=float(likeness[why == ""].min(initial=1.0)),
        urgency=urgency,
        priority=_priority(len(part), confidence, urgency),
    )


def _priority(size: int, confidence: float, urgency: int) -> float:
    """Return what a decision buys: how many appeals it probably mends, danger before all else."""
    worth = size * (1.0 - confidence) * (_DEADLINE if urgency else 1.0)
    return worth + (_DANGER if urgency >= 2 else 0.0)


def _best(values: np.ndarray, chances: np.ndarray) -> tuple[tuple[str, float], ...]:
    """Return the values with the highest mean chances over all members, three at most."""
    flat = values.ravel().astype(str)
    names, number = np.unique(flat, return_inverse=True)
    mean = np.bincount(number.ravel(), weights=chances.ravel(), minlength=len(names)) / max(len(values), 1)
    order = [i for i in np.argsort(-mean, kind="stable").tolist() if names[i]]
    return tuple((str(names[i]), float(mean[i])) for i in order[:3])


def _why(asked: Waiting, part: np.ndarray, likeness: np.ndarray) -> np.ndarray:
    """Return why each member is an exception, the reason that weighs most; "" for most of them."""
    out = np.full(len(part), "", object)
    if len(part) < 3:
        return out
    out[_others(asked.languages[part])] = LANGUAGE
    out[_others(asked.places[part])] = PLACE
    middle = float(np.median(likeness))
    usual = 1.4826 * float(np.median(np.abs(likeness - middle)))
    out[likeness < middle - max(_DEVIATIONS * usual, _LEAST_APART)] = UNLIKE
    return out


def _others(codes: np.ndarray) -> np.ndarray:
    """Return which members have another code than most of them (bool); none where most have none."""
    known = codes.astype(str)
    names, number, counts = np.unique(known, return_inverse=True, return_counts=True)
    common = int(counts.argmax())
    if counts[common] < _MOSTLY * len(codes) or not names[common]:
        return np.zeros(len(codes), bool)
    return (number.ravel() != common) & (known != "")
