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
from scipy import sparse

from veche.learn.cards_groups import ALIKE, groups_of
from veche.learn.cards_numbers import numbers_of, unit_rows

#: Why a member of a card is an exception; "" for the others.
DANGER, UNLIKE, PLACE, LANGUAGE = "danger", "unlike", "place", "language"

#: Most members of one card.
MOST = 10_000

#: A member is unlike the others where its cosine with their mean is below theirs by so many deviations, and
#: by so much at least.
_DEVIATIONS, _LEAST_APART = 2.5, 0.08

#: The deviation of a normal distribution, in medians of how far off its values are.
_NORMAL = 1.4826

#: Nobody is an exception among fewer.
_FEWEST = 3

_BLOCK = 4_096

#: From such a share of the members on, what they share of place or language, or that they are in no danger,
#: makes the others exceptions.
_MOSTLY = 0.6

#: Who is in danger to life, as a number of `Waiting.urgency`.
LIFE = 2

#: What it is worth to decide about a member by its urgency. Who is in danger rings a bell besides.
_URGENCY = np.array([1.0, 2.0, 4.0])


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
    `read`: what tells which are alike, float32 [n, r]; `veche.learn.cards_proposed.propose` makes it of texts
    and of how well each value fits; where it is not made the texts tell.
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
    read: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.vectors)

    def take(self, rows: np.ndarray) -> "Waiting":
        """Return the appeals of `rows` (int64), in that order."""
        arrays = {name: getattr(self, name)[rows] for name in _COLUMNS}
        texts = None if self.texts is None else self.texts.take(pa.array(rows))
        return Waiting(**arrays, texts=texts, read=None if self.read is None else self.read[rows])


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
) -> list[Card]:
    """Return the cards, the most urgent and most telling first.

    Appeals whose proposal has a chance of `sure` (one number, or one for each appeal) or more need nobody and
    are in no card; copies of one text are on one card, however many, unless it is full. A card has at most
    `most` members. Groups are joined down to a mean cosine of `alike`.

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
    read = numbers_of(asked.vectors, asked.texts) if asked.read is None else asked.read
    group = groups_of(read, first_values, asked.same, alike=alike)
    order = np.argsort(group, kind="stable")
    bounds = np.flatnonzero(np.diff(group[order])) + 1
    parts = [part[at : at + most] for part in np.split(order, bounds) for at in range(0, len(part), most)]
    looks = _Looks(asked, parts)
    cards = [looks.card(i, part, rows) for i, part in enumerate(parts)]
    return sorted(cards, key=lambda card: (-card.priority, int(card.members.min())))


class _Looks:
    """What is told of all cards is reckoned at once."""

    def __init__(self, asked: Waiting, parts: list[np.ndarray]) -> None:
        size = np.array([len(part) for part in parts])
        member, card = np.concatenate(parts), np.repeat(np.arange(len(parts)), size)
        share = (1.0 / size)[card].astype(np.float32)
        mean = sparse.csr_matrix((share, (card, member)), shape=(len(parts), len(asked)))
        self._centres = unit_rows(np.asarray(mean @ asked.vectors.astype(np.float32), np.float32))
        self._likeness = np.empty(len(asked), np.float32)
        for at in range(0, len(member), _BLOCK):
            rows, own = member[at : at + _BLOCK], card[at : at + _BLOCK]
            vectors = asked.vectors[rows].astype(np.float32)
            self._likeness[rows] = np.einsum("nd,nd->n", vectors, self._centres[own])
        self._names, number = _numbered(asked.values)
        shape = (len(asked), len(self._names))
        row = np.repeat(np.arange(len(asked)), asked.values.shape[1])
        said = sparse.csr_matrix((asked.chances.ravel(), (row, number)), shape=shape)
        self._said = sparse.csr_matrix(mean @ said)
        self._places, self._languages = _numbered(asked.places)[1], _numbered(asked.languages)[1]
        self._known = asked.places != "", asked.languages != ""
        self._urgency = asked.urgency

    def card(self, number: int, part: np.ndarray, rows: np.ndarray) -> Card:
        """Return card `number`, whose members are `part` of those asked about, `rows` of all."""
        likeness = self._likeness[part]
        why = self._why(part, likeness)
        usual = why == ""
        order = np.lexsort((part, np.where(usual, -likeness, likeness), usual))
        best = self._best(number)
        value, confidence = best[0] if best else ("", 0.0)
        urgency = int(self._urgency[part].max())
        return Card(
            members=rows[part[order]],
            why=why[order],
            value=value,
            confidence=confidence,
            best=best,
            centre=self._centres[number].astype(np.float16),
            reach=float(likeness[usual].min(initial=1.0)),
            urgency=urgency,
            priority=_priority(confidence, self._urgency[part]),
        )

    def _best(self, number: int) -> tuple[tuple[str, float], ...]:
        """Return the values with the highest mean chances over all members, three at most."""
        own = slice(self._said.indptr[number], self._said.indptr[number + 1])
        names, means = self._names[self._said.indices[own]], self._said.data[own]
        found = sorted((-float(mean), str(name)) for name, mean in zip(names, means, strict=True) if name)
        return tuple((name, -mean) for mean, name in found[:3])

    def _why(self, part: np.ndarray, likeness: np.ndarray) -> np.ndarray:
        places = _others(self._places[part], self._known[0][part])
        languages = _others(self._languages[part], self._known[1][part])
        danger = self._urgency[part] == LIFE
        return _reasons(likeness, places=places, languages=languages, danger=danger)


def exceptions_of(
    likeness: np.ndarray, *, places: np.ndarray, languages: np.ndarray, danger: np.ndarray
) -> np.ndarray:
    """Return why each member of a card is an exception, the reason that weighs most (object [n]); mostly "".

    `likeness`: cosine of each with the centre, float [n]; `places`, `languages`: as in `Waiting`;
    `danger`: who is in danger to life (bool).
    """
    elsewhere, otherwise = (_others(_numbered(codes)[1], codes != "") for codes in (places, languages))
    return _reasons(likeness, places=elsewhere, languages=otherwise, danger=danger)


def _reasons(
    likeness: np.ndarray, *, places: np.ndarray, languages: np.ndarray, danger: np.ndarray
) -> np.ndarray:
    """Return why each is an exception; `places`, `languages`: which have another than most (bool [n])."""
    out = np.full(len(likeness), "", object)
    if len(likeness) < _FEWEST:
        return out
    out[languages] = LANGUAGE
    out[places] = PLACE
    middle = float(np.median(likeness))
    usual = _NORMAL * float(np.median(np.abs(likeness - middle)))
    out[likeness < middle - max(_DEVIATIONS * usual, _LEAST_APART)] = UNLIKE
    if (~danger).sum() >= _MOSTLY * len(danger):
        out[danger] = DANGER
    return out


def _numbered(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct codes (str) and the number of each of `codes`, in one row."""
    names, number = np.unique(codes.ravel().astype(str), return_inverse=True)
    return names, number.ravel()


def _others(codes: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return which members have another code than most of them (bool); none where most have none."""
    common = int(np.bincount(codes).argmax())
    if (codes == common).sum() < _MOSTLY * len(codes) or not known[codes == common].any():
        return np.zeros(len(codes), bool)
    return (codes != common) & known


def _priority(confidence: float, urgency: np.ndarray) -> float:
    """Return what a decision buys about members of such `urgency`.

    The root of the size: large groups that the system is unsure of are those that are least of one kind, and
    what is learnt from a decision hardly grows with the group.
    """
    weight = float(_URGENCY[np.clip(urgency, 0, len(_URGENCY) - 1)].mean())
    return len(urgency) ** 0.5 * (1.0 - confidence) * weight
