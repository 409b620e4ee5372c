"""Terms that many say now and hardly anybody said before, and the appeals that say them.

The test is exact where nothing changes: if texts come in random order, those among all texts with a term
that fall into the window are binomial (Przyborowski and Wilenski, Biometrika 31, 1940). Every term of
every text is tested, so the bar is set by the number of tests (Bonferroni).
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.special import betainc

from veche.themes.following.recent import WINDOWS, Recent
from veche.themes.following.terms import Terms

#: About 60 terms in each of 100,000 texts are 6 million tests; fewer than one in fifty of them can be news
#: at all (`LEAST_VOICES`, `NEW_SHARE`). So 1e-8 allows far less than one false theme in 100,000 appeals.
CHANCE = 1e-8

#: So many voices make a theme; of fewer, so many appeals make a campaign.
LEAST_VOICES = 10
CAMPAIGN = 20

#: New is what at most half as many texts said in all the time before as say it now, and what is said so
#: many times more often than before.
NEW_SHARE = 0.5
NEW_RATIO = 4.0

#: Words that go with a new theme's first one: this share of its texts have them, and by this chance.
MARKER_SHARE = 0.25
MARKER_CHANCE = 1e-6
MOST_MARKERS = 12

#: Two texts are near copies if they share this part of their terms (Jaccard).
NEAR_COPY = 0.6

#: Where `Recent` counts all the latest appeals, and those of all time.
_LATEST, _EVER = len(WINDOWS) - 1, len(WINDOWS)

#: Of more texts than this the latest decide how many voices they are.
_MOST_COMPARED = 1_000


@dataclass(frozen=True)
class Emerging:
    """A term that emerges: how likely by chance, and since which window."""

    term: int
    chance: float
    window: int


def emerging(recent: Recent, terms: np.ndarray, *, chance: float = CHANCE) -> list[Emerging]:
    """Return those of `terms` (distinct) that emerge, the least likely by chance first."""
    best, where = np.ones(len(terms)), np.zeros(len(terms), np.int64)
    for window in range(len(WINDOWS)):
        p = _chances(recent, terms, window)
        better = p < best
        best[better], where[better] = p[better], window
    found = np.flatnonzero(best <= chance)
    order = found[np.lexsort((terms[found], best[found]))]
    return [Emerging(int(terms[i]), float(best[i]), int(where[i])) for i in order]


def _chances(
    recent: Recent, terms: np.ndarray, window: int, *, voices: float = np.inf, stale: int = 0
) -> np.ndarray:
    """The probability of so many texts with each term in the window; 1 where it is not new.

    Only `voices` of the texts count, and `stale` of those in the window count as said before. The window
    is held against all time before, and against the latest appeals before it: where another kind of people
    or another form came into the stream since long ago, only the latter says what is usual now.
    """
    lately = recent.size[window]
    seen = recent.counts[window, terms].astype(np.float64)
    count = np.minimum(seen - stale, voices)
    out = np.zeros(len(terms))
    for reference in (_LATEST, _EVER):
        earlier = recent.size[reference] - lately
        # Too few are left of the latest where the stream began just now, and none of the largest window.
        if reference == _EVER or earlier >= lately:
            before = np.maximum(recent.counts[reference, terms] - seen, 0) + stale
            out = np.maximum(out, _chance(count, before, lately, earlier))
    return out


def _chance(count: np.ndarray, before: np.ndarray, lately: float, earlier: float) -> np.ndarray:
    out = np.ones(len(count))
    can = (count >= LEAST_VOICES) & (before <= NEW_SHARE * count) & (earlier > 0)
    can &= count * earlier >= NEW_RATIO * before * lately
    out[can] = betainc(count[can], before[can] + 1, lately / (lately + earlier))
    return out


def chance_of(recent: Recent, found: Emerging, *, voices: int, stale: int) -> float:
    """Return how likely a term is by chance where only `voices` of its texts count, `stale` as earlier."""
    term = np.array([found.term])
    return float(_chances(recent, term, found.window, voices=voices, stale=stale)[0])


def markers(recent: Recent, rows: np.ndarray, first: Emerging) -> np.ndarray:
    """Return the terms (int64, at most `MOST_MARKERS`) by which the texts `rows` are known, `first` first."""
    seen, times = np.unique(recent.terms.take(rows).flat, return_counts=True)
    often = seen[times >= max(3, MARKER_SHARE * len(rows))].astype(np.int64)
    found = emerging(recent, often[often != first.term], chance=MARKER_CHANCE)
    return np.array([first.term, *(e.term for e in found[: MOST_MARKERS - 1])], np.int64)


def voices(recent: Recent, rows: np.ndarray) -> int:
    """Return how many the appeals `rows` are without near copies and further appeals of the same author."""
    rows = rows[-_MOST_COMPARED:]
    n = len(rows)
    near = near_copies(recent.terms.take(rows))
    author = recent.column("author")[rows]
    known = np.flatnonzero(author)
    _, first, inverse = np.unique(author[known], return_index=True, return_inverse=True)
    same = sparse.coo_array((np.ones(len(known), bool), (known, known[first[inverse]])), shape=(n, n))
    return int(connected_components(near + same, directed=False)[0]) if n else 0


def of_first_letters(recent: Recent, rows: np.ndarray) -> np.ndarray:
    """Return those of the appeals `rows` whose author is unknown or wrote nothing before.

    Who writes again says so, and many who do are no new theme.
    """
    author = recent.column("author")
    known, first = np.unique(author, return_index=True)
    earliest = first[np.searchsorted(known, author[rows])]
    return rows[(author[rows] == 0) | (earliest == rows)]


def near_copies(terms: Terms) -> sparse.csr_array:
    """Return which texts (bool [texts, texts]) are near copies of which."""
    _, column = np.unique(terms.flat, return_inverse=True)
    ones = np.ones(len(column), np.int32)
    width = int(column.max(initial=0)) + 1
    table = sparse.csr_array((ones, column, terms.offsets), shape=(len(terms), width))
    both = (table @ table.T).tocoo()
    size = np.diff(terms.offsets)
    row, other = both.coords
    near = both.data >= NEAR_COPY * (size[row] + size[other] - both.data)
    return sparse.csr_array((np.ones(near.sum(), bool), (row[near], other[near])), shape=both.shape)


def likeness(terms: Terms, text: np.ndarray) -> np.ndarray:
    """Return the Jaccard similarity (float64) of each text of `terms` to one with the terms `text`."""
    inside = np.concatenate([[0], np.cumsum(np.isin(terms.flat, text))])
    shared = inside[terms.offsets[1:]] - inside[terms.offsets[:-1]]
    return shared / np.maximum(np.diff(terms.offsets) + len(text) - shared, 1)


def having(terms: Terms, any_of: np.ndarray) -> np.ndarray:
    """Return which texts (bool) have any of the terms `any_of`."""
    inside = np.concatenate([[0], np.cumsum(np.isin(terms.flat, any_of))])
    return inside[terms.offsets[1:]] > inside[terms.offsets[:-1]]
