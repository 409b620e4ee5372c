"""Themes followed as appeals arrive: each joins a theme at once or waits, and what is new is told.

A theme is joined by nearness: the threshold was learnt from its own texts. What is new is told by words,
over all appeals and not only those that wait: a narrow new matter often lies inside a broad old theme.
Copies do not vote; near copies and letters of one author are one voice. Nothing here keeps a text.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from veche.themes import naming
from veche.themes.features import unit_rows
from veche.themes.following import emerging
from veche.themes.following.chunk import NO_TIME, Chunk, News, Step
from veche.themes.following.emerging import CAMPAIGN, CHANCE, LEAST_VOICES, Emerging
from veche.themes.following.memory import Memory, threshold_of
from veche.themes.following.recent import WAITING, Recent
from veche.themes.following.terms import Terms, terms_of

#: Gives the masked texts of appeals by id, "" where one is gone; read only when something new is named.
TextsOf = Callable[[Sequence[str]], Sequence[str]]

#: A term belongs to a new theme that is known already if it has claimed this share of its appeals, or
#: if this share of them is near its centre.
KNOWN_SHARE = 0.3
NEAR_SHARE = 0.5

#: Whatever a theme's threshold, a vector that says nothing is not near it.
_LEAST_CLOSE = 1e-6

#: A near copy of a campaign's text shares this part of its terms with it.
CAMPAIGN_LIKENESS = 0.5

#: Of a campaign each voice is heard this often; what few people say in few words is none.
COPIED = 4

#: A text that was sent this often makes a campaign if it has so many terms (about ten words).
TELLING = 20

#: What came so many days ago is not said now: where few write, thousands of appeals are a year.
FRESH_DAYS = 28
_DAY_US = 86_400_000_000

#: Texts read to name a new theme, and of other appeals that it is told apart from.
_NAMED_FROM = 200
_CONTRASTS, _CONTRAST_TEXTS = 12, 40

_NAMED = np.iinfo(np.int32).max
_NONE = np.zeros(0, np.int64)

#: Campaigns that are remembered.
_MOST_CAMPAIGNS = 100


@dataclass
class Found:
    """What the stream brought: `kind` is "theme", known by any of its `markers` (terms), or "campaign", known
    by the terms of its `text`."""

    kind: str
    markers: np.ndarray
    text: np.ndarray


class Follower:
    """Follows the themes of `memory` (None: none are known yet) through a stream of appeals.

    `language` is the main language, which names are made in; `dimensions` the length of the vectors. The
    result follows from the chunks alone. Not safe for several threads at once.
    """

    def __init__(
        self, memory: Memory | None, *, texts_of: TextsOf, language: str, dimensions: int = 512
    ) -> None:
        self.texts_of, self.language = texts_of, language
        known = memory is not None and memory.means.shape[1] == dimensions
        self.codes: list[str] = memory.codes.tolist() if memory else []
        empty = np.zeros((len(self.codes), dimensions), np.float32)
        self.centre = memory.centre if memory and known else np.zeros(dimensions, np.float32)
        self.centroids = memory.centroids() if memory and known else empty
        self.thresholds = memory.thresholds if memory else np.zeros(0, np.float32)
        self.texts = memory.texts if memory else np.zeros(0, np.uint64)
        self.text_theme = memory.text_theme if memory else np.zeros(0, np.int32)
        self.next_number = memory.next_number if memory else 1
        self.found: dict[int, Found] = {}
        self.territories: list[str] = []
        self.recent = Recent(dimensions)
        self.row_of: dict[int, int] = {}

    def add_history(self, texts: pa.Array) -> None:
        """Count the words of earlier appeals (masked, distinct), so that what they say is not new."""
        self.recent.add_history(terms_of(texts))

    def add(self, chunk: Chunk) -> Step:
        """Take the next appeals; return what they join and what is new."""
        if len(chunk) == 0:
            return Step([], np.zeros(0, np.float32))
        vectors = chunk.unit_vectors(self.centre)
        theme, strength = self._nearest(vectors)
        hashes = chunk.text_hashes()
        new = self._new_texts(hashes, theme)
        terms = terms_of(chunk.texts.take(pa.array(new)))
        theme[new] = self._by_words(terms, theme[new])
        self._take(chunk, new, hashes, vectors, terms, theme)
        news = self._examine(terms, theme[new], _fresh_since(chunk.instants()))
        news += self._copies(hashes, new)
        theme = self._settled(hashes, theme)
        self._drop()
        codes = [self.codes[t] if t >= 0 else None for t in theme.tolist()]
        return Step(codes, np.where(theme >= 0, strength, 0).astype(np.float32), news)

    def _nearest(self, vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The nearest theme of each row that is near enough, `WAITING` for none; and the cosine."""
        if not len(self.codes):
            return np.full(len(vectors), WAITING, np.int32), np.zeros(len(vectors), np.float32)
        cosine = vectors @ self.centroids.T
        # The nearest among those whose threshold is reached: a loose theme does not take from a tight one.
        reached = np.where(cosine >= np.maximum(self.thresholds, _LEAST_CLOSE), cosine, -2)
        best = reached.argmax(axis=1).astype(np.int32)
        near = reached[np.arange(len(best)), best]
        return np.where(near > -2, best, WAITING).astype(np.int32), np.clip(near, 0, 1)

    def _new_texts(self, hashes: np.ndarray, theme: np.ndarray) -> np.ndarray:
        """Rows whose text was not seen before; a text of the earlier run goes where it was."""
        at = np.minimum(np.searchsorted(self.texts, hashes), max(0, len(self.texts) - 1))
        seen = self.texts[at] == hashes if len(self.texts) else np.zeros(len(hashes), bool)
        before = self.text_theme[at[seen]]
        theme[seen] = np.where(before >= 0, before, theme[seen])
        held = np.fromiter((h in self.row_of for h in hashes.tolist()), bool, len(hashes))
        _, first = np.unique(hashes, return_index=True)
        new = np.zeros(len(hashes), bool)
        new[first] = True
        return np.flatnonzero(new & ~seen & ~held & (hashes != 0))

    def _by_words(self, terms: Terms, theme: np.ndarray) -> np.ndarray:
        """Give texts with the words of a new theme, and near copies of a campaign, to it."""
        out = theme.copy()
        for number, one in self.found.items():
            if one.kind == "campaign":
                out[emerging.likeness(terms, one.text) >= CAMPAIGN_LIKENESS] = number
            else:
                out[emerging.having(terms, one.markers)] = number
        return out

    def _take(
        self, chunk: Chunk, new: np.ndarray, hashes: np.ndarray, vectors: np.ndarray, terms: Terms,
        theme: np.ndarray,
    ) -> None:  # fmt: skip
        start = self.recent.dropped + len(self.recent)
        self.row_of.update(zip(hashes[new].tolist(), range(start, start + len(new)), strict=True))
        columns = {
            "vector": vectors[new].astype(np.float16),
            "text_hash": hashes[new],
            "theme": theme[new],
            "received": chunk.instants()[new],
            "territory": self._territories(chunk)[new],
            "author": chunk.author_numbers()[new],
            "copies": np.zeros(len(new), np.int32),
            "claimed": np.isin(theme[new], list(self.found)),
        }
        self.recent.add([str(chunk.ids[i]) for i in new.tolist()], terms, columns)

    def _territories(self, chunk: Chunk) -> np.ndarray:
        if chunk.territories is None:
            return np.full(len(chunk), -1, np.int32)
        known = {code: i for i, code in enumerate(self.territories)}
        codes = [-1 if t is None else known.setdefault(t, len(known)) for t in chunk.territories]
        self.territories = list(known)
        return np.array(codes, np.int32)

    def _examine(self, terms: Terms, theme: np.ndarray, since: int) -> list[News]:
        """Look whether the terms of the latest texts emerge, the most striking first."""
        free = np.flatnonzero(~np.isin(theme, list(self.found)))
        asked = np.unique(terms.take(free).flat).astype(np.int64)
        news = []
        for _ in range(len(asked)):
            striking = emerging.emerging(self.recent, asked)
            told, news_of = self._told(striking, since)
            news += news_of
            if not told:
                return news
        return news

    def _told(self, striking: Sequence[Emerging], since: int) -> tuple[bool, list[News]]:
        """Make something of the first of `striking` that is more than the copies of one text.

        Only appeals that came after the instant `since` count as said now.
        """
        having = self.recent.with_terms([one.term for one in striking])
        for first, rows in zip(striking, having, strict=True):
            known = self._known(rows)
            if known is not None:
                self._absorb(known, first.term, rows)
                return True, []
            rows = rows[~self.recent.column("claimed")[rows]]
            fresh = self._fresh(rows, since)
            stale, rows = len(rows) - len(fresh), fresh
            heard = emerging.voices(self.recent, rows)
            anew = emerging.voices(self.recent, emerging.of_first_letters(self.recent, rows))
            chance = emerging.chance_of(self.recent, first, voices=anew, stale=stale)
            if anew >= LEAST_VOICES and chance <= CHANCE:
                marks = emerging.markers(self.recent, rows, first)
                more = self._fresh(np.concatenate(self.recent.with_terms(marks.tolist())), since)
                rows = np.unique(more[~self.recent.column("claimed")[more]])
                heard = emerging.voices(self.recent, rows)
                return True, [self._begin("theme", marks, rows, heard, chance)]
            if self._size(rows) >= max(CAMPAIGN, COPIED * heard) and heard < LEAST_VOICES:
                return True, [self._begin("campaign", _NONE, rows, heard, first.chance)]
        return False, []

    def _fresh(self, rows: np.ndarray, since: int) -> np.ndarray:
        received = self.recent.column("received")[rows]
        return rows[(received == NO_TIME) | (received >= since)]

    def _known(self, rows: np.ndarray) -> int | None:
        """The number of the new theme that the appeals `rows` belong to already, None for none."""
        of = self.recent.column("theme")[rows]
        near = self.recent.column("vector")[rows].astype(np.float32)
        for number, one in self.found.items():
            if (of == number).mean() >= KNOWN_SHARE:
                return number
            close = near @ self.centroids[number] >= max(self.thresholds[number], _LEAST_CLOSE)
            if one.kind == "theme" and close.mean() >= NEAR_SHARE:
                return number
        return None

    def _absorb(self, number: int, term: int, rows: np.ndarray) -> None:
        one = self.found[number]
        one.markers = np.unique(np.append(one.markers, term))
        claimed = self.recent.column("claimed")[rows]
        self.recent.claim(rows[~claimed], number)

    def _begin(self, kind: str, marks: np.ndarray, rows: np.ndarray, heard: int, chance: float) -> News:
        text = self.recent.terms.take(rows[:1]).flat.copy()
        if kind == "campaign":
            alike = emerging.likeness(self.recent.terms, text) >= CAMPAIGN_LIKENESS
            more = np.flatnonzero(alike & ~self.recent.column("claimed"))
            rows = np.union1d(rows, more)
        number = len(self.codes)
        code = f"{kind[0]}{self.next_number:03d}"
        self.next_number += 1
        name = self._name(kind, rows)
        vectors = self.recent.column("vector")[rows].astype(np.float32)
        centroid = unit_rows(vectors.mean(axis=0, keepdims=True))
        self.codes.append(code)
        self.centroids = np.concatenate([self.centroids, centroid])
        # A campaign is joined by its words alone, so that it takes no other letters on the same matter.
        threshold = threshold_of(vectors @ centroid[0]) if kind == "theme" else 2.0
        self.thresholds = np.append(self.thresholds, np.float32(threshold))
        self.found[number] = Found(kind, marks, text)
        self.recent.claim(rows, number)
        self._forget_campaigns()
        return self._news(kind, code, name, rows, heard, chance)

    def _news(
        self, kind: str, code: str, name: naming.Name, rows: np.ndarray, heard: int, chance: float
    ) -> News:
        received = self.recent.column("received")[rows]
        dated = received[received != NO_TIME]
        places = self.recent.column("territory")[rows]
        tally = Counter(self.territories[place] for place in places[places >= 0].tolist())
        return News(
            code=code,
            kind=kind,
            name=name.name,
            keywords=name.keywords,
            members=[self.recent.ids[row] for row in rows.tolist()],
            size=self._size(rows),
            voices=heard,
            since=int(dated.min()) if len(dated) else None,
            territories=sorted(tally.items(), key=lambda t: (-t[1], t[0])),
            chance=chance,
        )

    def _name(self, kind: str, rows: np.ndarray) -> naming.Name:
        """A name from the texts of `rows`, unlike what others say now; of a campaign, its first words."""
        if kind == "campaign":
            most_sent = rows[np.argmax(self.recent.column("copies")[rows])]
            text = self.texts_of([self.recent.ids[most_sent]])[0]
            return naming.Name(naming.name_from(text) if text.strip() else "", [])
        theme = self.recent.column("theme").copy()
        theme[rows] = _NAMED
        groups = [rows[-_NAMED_FROM:]]
        known, count = np.unique(theme, return_counts=True)
        others = known[np.lexsort((known, -count))][: _CONTRASTS + 1]
        groups += [np.flatnonzero(theme == t)[-_CONTRAST_TEXTS:] for t in others if t != _NAMED]
        ids = [[self.recent.ids[row] for row in group.tolist()] for group in groups]
        texts = [self.texts_of([i for i in group if i]) for group in ids]
        samples = [naming.Samples([t for t in group if t], self.language) for group in texts]
        return naming.names(samples, [-1] * len(samples))[0]

    def _size(self, rows: np.ndarray) -> int:
        return len(rows) + int(self.recent.column("copies")[rows].sum())

    def _copies(self, hashes: np.ndarray, new: np.ndarray) -> list[News]:
        """Count further appeals with a text that is held; where it was sent often it is a campaign."""
        again = np.ones(len(hashes), bool)
        again[new] = False
        news = []
        for text in hashes[again].tolist():
            if text not in self.row_of:
                continue
            row = self.row_of[text] - self.recent.dropped
            self.recent.column("copies")[row] += 1
            often = self.recent.column("copies")[row] + 1 == CAMPAIGN
            if often and not self.recent.column("claimed")[row]:
                news += self._sent_often(np.array([row]))
        return news

    def _sent_often(self, rows: np.ndarray) -> list[News]:
        terms = self.recent.terms.take(rows).flat
        if len(terms) < TELLING:
            return []
        return [self._begin("campaign", _NONE, rows, len(rows), 0.0)]

    def _settled(self, hashes: np.ndarray, theme: np.ndarray) -> np.ndarray:
        """The theme of each appeal after what is new was found; copies go where their original is."""
        out = theme.copy()
        held = self.recent.column("theme")
        for at, text in enumerate(hashes.tolist()):
            if text in self.row_of:
                out[at] = held[self.row_of[text] - self.recent.dropped]
        return out

    def _drop(self) -> None:
        if self.recent.drop_oldest():
            self.row_of = {h: row for h, row in self.row_of.items() if row >= self.recent.dropped}

    def _forget_campaigns(self) -> None:
        campaigns = [number for number, one in self.found.items() if one.kind == "campaign"]
        for number in campaigns[:-_MOST_CAMPAIGNS]:
            del self.found[number]


def _fresh_since(received: np.ndarray) -> int:
    """The instant from which an appeal came lately, by the middle of the chunk."""
    dated = received[received != NO_TIME]
    return int(np.median(dated)) - FRESH_DAYS * _DAY_US if len(dated) else NO_TIME
