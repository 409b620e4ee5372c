"""Plays an editor who knows what is right of the appeals he is shown, and sees cards only.

Every act costs one: to answer a card (accept or correct, the whole of it), to leave out of it all that is not
among those shown for which the answer is right, to check one appeal drawn at random. What an editor is not
shown he cannot mend: a wrong member of a large card is then wrong by his word, and counts as wrong.
"""

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from heapq import heapify, heappop
from typing import NamedTuple

import numpy as np

from veche.learn.cards import Card, Waiting, deal
from veche.learn.cards_numbers import shortened
from veche.learn.cards_proposed import Decided, propose

#: Members of a card that are shown and read: so many from the first on, and others spread evenly.
SHOWN_FIRST, SHOWN_OTHERS = 10, 10

#: A card is answered as it is though so large a share of those shown is wrong.
_FEW_WRONG = 0.1

#: What was decided is learnt after so many acts, and after such a share of all acts so far.
_EVERY, _EVERY_SHARE = 50, 0.15

#: After so many acts the findings are counted.
_LOOK = 25

#: Of so many acts one is a check.
_CHECK = 10

#: Appeals proposed with this chance wait for nobody.
SURE = 0.95


@dataclass
class Facet:
    """What is decided of n appeals: `right` holds the values that are right of each, the one an editor says
    first of all; `figures` tells of the values in force how many findings are right and how many there
    are, by name; `worth`: findings that one value mends."""

    name: str
    waiting: Waiting
    right: Sequence[tuple[str, ...]]
    figures: Callable[[np.ndarray], dict[str, tuple[int, int]]]
    worth: float = 1.0
    numbers: np.ndarray = field(repr=False, kw_only=True)
    cards: list[Card] = field(init=False, default_factory=list, repr=False)
    news: bool = field(init=False, default=True)
    proposed: Waiting = field(init=False, repr=False)
    rows: np.ndarray = field(init=False, repr=False)
    answers: np.ndarray = field(init=False, repr=False)
    decisions: np.ndarray = field(init=False, repr=False)
    checked: np.ndarray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.waiting = replace(self.waiting, read=shortened(self.numbers))
        self.proposed = self.waiting
        self.rows = np.arange(len(self.waiting))
        self.answers = np.full(len(self.waiting), "", object)
        self.decisions = np.full(len(self.waiting), -1, np.int64)
        self.checked = np.zeros(len(self.waiting), bool)

    def values(self) -> np.ndarray:
        """Return the value in force of each appeal (object)."""
        out = self.answers.copy()
        left = self.decisions[self.rows] < 0
        out[self.rows[left]] = self.proposed.values[left, 0]
        return out

    def open(self) -> np.ndarray:
        """Return the rows that no person decided (int64)."""
        return np.flatnonzero(self.decisions < 0)

    def decide(self, rows: np.ndarray, value: str, *, checked: bool = False) -> None:
        """Take an answer for `rows`."""
        self.checked[rows] = checked
        self.answers[rows] = value
        self.decisions[rows] = self.decisions.max() + 1
        self.news = True

    def learn(self) -> None:
        """Propose anew what nobody decided, from what was, and deal it."""
        self.news = False
        rows, old = self.open(), np.flatnonzero(self.decisions >= 0)
        decided = Decided(
            self.waiting.vectors[old],
            self.answers[old],
            self.decisions[old],
            proposed=self.waiting.values[old],
            chances=self.waiting.chances[old],
            checked=self.checked[old],
        )
        self.rows = rows
        self.proposed = propose(
            self.waiting.take(rows), decided, numbers=(self.numbers[rows], self.numbers[old])
        )
        self.cards = [card.of(rows) for card in deal(self.proposed, sure=SURE)]


class Check(NamedTuple):
    """One appeal that was checked: the facet, how sure the proposal was, and whether it was right."""

    facet: str
    chance: float
    right: bool


class Point(NamedTuple):
    """After so many acts: the share of all findings that is right, and by name."""

    acts: int
    right: float
    by_name: dict[str, float]


class Editor:
    """One who answers cards of `facets`, the most telling first."""

    def __init__(self, facets: Sequence[Facet], *, seed: int) -> None:
        self.facets = facets
        self.acts = 0
        self.kinds: Counter[str] = Counter()
        self.checks: list[Check] = []
        self._next_check = _CHECK - 1
        self._chance = np.random.default_rng(seed)

    def play(self, *, most: int, goal: float) -> list[Point]:
        """Return the curve up to `most` acts, or to the first point at which `goal` of the findings are
        right."""
        curve = [self._point()]
        while self.acts < most and curve[-1].right < goal:
            for facet in self.facets:
                if facet.news:
                    facet.learn()
            until = min(most, self.acts + max(_EVERY, int(_EVERY_SHARE * self.acts)))
            cards = self._queue()
            if not cards:
                break
            while cards and self.acts < until and curve[-1].right < goal:
                self._work(cards, until=min(until, curve[-1].acts + _LOOK))
                curve.append(self._point())
            print(f"{self.acts} acts: {curve[-1].right:.4f}", file=sys.stderr, flush=True)
        return curve

    def _queue(self) -> list[tuple[float, int, int, Card]]:
        """Return the cards of all facets as a heap, what is worth most first."""
        heap = [
            (-card.priority * facet.worth, at, order, card)
            for at, facet in enumerate(self.facets)
            for order, card in enumerate(facet.cards)
        ]
        heapify(heap)
        return heap

    def _work(self, cards: list[tuple[float, int, int, Card]], *, until: int) -> None:
        """Answer the first of `cards` and check between, up to so many acts."""
        while cards and self.acts < until:
            if self.acts >= self._next_check:
                self._next_check += _CHECK
                self._check()
                continue
            _, at, _, card = heappop(cards)
            members = card.members[self.facets[at].decisions[card.members] < 0]
            if len(members):  # of some cards one was checked meanwhile
                self._answer(self.facets[at], replace(card, members=members))

    def _answer(self, facet: Facet, card: Card) -> None:
        shown = _shown(card)
        value = _right_for_most(facet, shown, card.value)
        wrong = np.array([bool(facet.right[row]) and value not in facet.right[row] for row in shown.tolist()])
        kept = card.members
        if wrong.sum() > _FEW_WRONG * len(shown):
            # Of a card that is mixed nobody knows what those are who are not shown: they wait on.
            kept = shown[~wrong]
            self._act("left out")
        self._act("accepted" if value == card.value else "corrected")
        facet.decide(kept, value)

    def _check(self) -> None:
        """Say what is right of one appeal that nobody decided, drawn at random."""
        facet = self.facets[int(self._chance.integers(len(self.facets)))]
        rows = facet.open()
        row = rows[int(self._chance.integers(len(rows)))]
        at = int(np.searchsorted(facet.rows, row))
        said = facet.proposed.values[at, 0]
        right = facet.right[row]
        self._act("checked")
        self.checks.append(
            Check(facet.name, float(facet.proposed.chances[at, 0]), said in right or not right)
        )
        facet.decide(np.array([row]), said if said in right or not right else right[0], checked=True)

    def _act(self, kind: str) -> None:
        self.acts += 1
        self.kinds[kind] += 1

    def _point(self) -> Point:
        figures = {
            name: share for facet in self.facets for name, share in facet.figures(facet.values()).items()
        }
        right, whole = (sum(part) for part in zip(*figures.values(), strict=True))
        return Point(self.acts, right / whole, {name: r / n for name, (r, n) in figures.items()})


def _right_for_most(facet: Facet, shown: np.ndarray, proposed: str) -> str:
    """Return the value that is right for most of those shown; of equals the one proposed."""
    votes = Counter(value for row in shown.tolist() for value in facet.right[row])
    if not votes or votes[proposed] == max(votes.values()):
        return proposed
    return votes.most_common(1)[0][0]


def _shown(card: Card) -> np.ndarray:
    """Return the members that an editor reads."""
    rest = card.members[SHOWN_FIRST:]
    at = np.unique(np.linspace(0, len(rest) - 1, min(SHOWN_OTHERS, len(rest))).astype(np.int64))
    return np.concatenate([card.members[:SHOWN_FIRST], rest[at]])
