"""Finds the phrases of a pack's cues in a batch of texts: one automaton, one pass, whole words.

It says where each phrase stands, what vetoes it and how near a negation is; what a hit means is left to
the stage that asks. Offsets are code points of the row's own text, for the text is only folded.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from ahocorasick_rs import AhoCorasick

from veche.core.text import SEPARATOR, Texts, fold
from veche.packs.model import Cue
from veche.packs.text import Phrases

#: Stands for "no negation near" in `CueHits.before` and `CueHits.after`.
FAR = 99

#: Scripts that put no space between words: a phrase may begin and end anywhere in them.
_UNSPACED = ((0x0E00, 0x0E7F), (0x3040, 0x30FF), (0x3400, 0x9FFF), (0xF900, 0xFAFF))
_TABLE_SIZE = 0x20000
_CLAUSE_ENDS = ".,;:!?()" + SEPARATOR


class CueHits(NamedTuple):
    """Where cues were found, sorted by row, start and end.

    `row`, `start`, `end`: int64, code points of the row's text, with the ending that a `*` let through.
    `cue`: index of the cue. `before`, `after`: words between the hit and the nearest negation of the
    same clause before or after it, `FAR` where there is none.
    """

    row: np.ndarray
    start: np.ndarray
    end: np.ndarray
    cue: np.ndarray
    before: np.ndarray
    after: np.ndarray

    def where(self, keep: np.ndarray) -> "CueHits":
        """Return the hits that the boolean mask or the index array `keep` names."""
        return CueHits(*(column[keep] for column in self))


class _Entry(NamedTuple):
    """One phrase: `tail` are the parts after the first `*`; the last is "" where the ending is open."""

    cue: int
    role: int
    tail: tuple[str, ...]


_HIT, _VETO, _NEGATION = 0, 1, 2


class CueMatcher:
    """The phrases of several cues in one automaton.

    A phrase matches at word boundaries; a `*` lets any ending of the word follow ("запах* газ*"). A hit
    that overlaps a `not_` phrase of its own cue is dropped. `negations` are words such as "не" and "no".
    """

    def __init__(self, cues: Sequence[Cue], *, negations: Phrases | None = None) -> None:
        entries: dict[str, list[_Entry]] = {}
        for index, cue in enumerate(cues):
            _add(entries, _all(cue.phrases), cue=index, role=_HIT)
            _add(entries, _all(cue.not_), cue=index, role=_VETO)
        _add(entries, _all(negations or {}), cue=-1, role=_NEGATION)
        self._size = len(cues)
        self._automaton = AhoCorasick(list(entries)) if entries else None
        flat = [entry for group in entries.values() for entry in group]
        self._counts = np.array([len(group) for group in entries.values()], np.int64)
        self._firsts = np.cumsum(self._counts) - self._counts
        self._cue = np.array([entry.cue for entry in flat], np.int64)
        self._role = np.array([entry.role for entry in flat], np.int8)
        self._open = np.array([bool(entry.tail) for entry in flat], bool)
        self._tails = [entry.tail[:-1] if entry.tail[-1:] == ("",) else entry.tail for entry in flat]
        self._has_tail = np.array([bool(tail) for tail in self._tails], bool)
        self._open_end = np.array([entry.tail[-1:] == ("",) for entry in flat], bool)

    def find(self, texts: Texts) -> CueHits:
        """Return where the cues stand in `texts`."""
        if self._automaton is None:
            return _none()
        text = texts.folded.replace("\n", " ").replace("\t", " ")
        raw = self._automaton.find_matches_as_indexes(text, overlapping=True)
        found = np.array(raw, np.int64).reshape(-1, 3)
        words = _Words(text)
        found = found[words.at_edge(found[:, 1])]
        # One head may begin several phrases: repeat the match for each of them.
        counts = self._counts[found[:, 0]]
        entry = np.repeat(self._firsts[found[:, 0]], counts) + _ranges(counts)
        start, end = np.repeat(found[:, 1], counts), np.repeat(found[:, 2], counts)
        keep = words.at_edge(end) | self._open[entry]
        entry, start, end = entry[keep], start[keep], end[keep]
        end = np.where(self._open[entry], words.word_end(end), end)
        entry, start, end = self._follow(text, words, entry, start, end)
        return self._judge(texts, words, entry, start, end)

    def _follow(
        self, text: str, words: "_Words", entry: np.ndarray, start: np.ndarray, end: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Drop the hits whose further words do not follow, and stretch the others over them."""
        keep = np.ones(len(entry), bool)
        for i in np.flatnonzero(self._has_tail[entry]).tolist():
            at = int(end[i])
            tail = self._tails[entry[i]]
            for k, part in enumerate(tail):
                if not text.startswith(part, at):
                    keep[i] = False
                    break
                at += len(part)
                closed = k == len(tail) - 1 and not self._open_end[entry[i]]
                stop = int(words.word_end(np.array([at]))[0])
                if closed and stop != at:
                    keep[i] = False
                at = stop
            end[i] = at
        return entry[keep], start[keep], end[keep]

    def _judge(
        self, texts: Texts, words: "_Words", entry: np.ndarray, start: np.ndarray, end: np.ndarray
    ) -> CueHits:
        role, cue = self._role[entry], self._cue[entry]
        hit = role == _HIT
        for index in np.unique(cue[role == _VETO]).tolist():
            veto = (role == _VETO) & (cue == index)
            hit &= ~((cue == index) & overlaps(start, end, start[veto], end[veto]))
        negation = role == _NEGATION
        before, after = words.negation_distance(
            start[hit], end[hit], np.sort(start[negation]), np.sort(end[negation])
        )
        row = np.searchsorted(texts.starts, start[hit], side="right") - 1
        base = texts.starts[row] if len(row) else start[hit]
        hits = CueHits(row, start[hit] - base, end[hit] - base, cue[hit], before, after)
        inside = hits.end <= texts.lengths[row] if len(row) else np.zeros(0, bool)
        order = np.lexsort((hits.cue, hits.end, hits.start, hits.row))
        return hits.where(order[inside[order]])


class _Words:
    """Where words and clauses begin and end in a joined text."""

    def __init__(self, text: str) -> None:
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        self._letter = np.concatenate([_letters()[np.minimum(codes, _TABLE_SIZE - 1)], [False]])
        begins = self._letter[:-1].copy()
        begins[1:] &= ~self._letter[:-2]
        self._words_before = np.concatenate([[0], np.cumsum(begins, dtype=np.int64)])
        stops = np.isin(codes, [ord(c) for c in _CLAUSE_ENDS])
        self._clauses_before = np.concatenate([[0], np.cumsum(stops, dtype=np.int64)])
        self._gaps = np.flatnonzero(~self._letter)

    def at_edge(self, at: np.ndarray) -> np.ndarray:
        """True where no word reaches over `at`; the text is taken to end in a gap, also before its start."""
        return ~(self._letter[at - 1] & self._letter[at])

    def word_end(self, at: np.ndarray) -> np.ndarray:
        """Return the end of the word that `at` stands in, or `at` between words."""
        return self._gaps[np.searchsorted(self._gaps, at)]

    def negation_distance(
        self, start: np.ndarray, end: np.ndarray, negation_start: np.ndarray, negation_end: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the number of words to the nearest negation before and after, `FAR` beyond the clause."""
        before = np.full(len(start), FAR, np.int64)
        after = np.full(len(start), FAR, np.int64)
        if len(negation_start) == 0:
            return before, after
        i = np.searchsorted(negation_end, start, side="right") - 1
        left = negation_end[np.maximum(i, 0)]
        same = (i >= 0) & (self._clauses_before[left] == self._clauses_before[start])
        before[same] = (self._words_before[start] - self._words_before[left])[same]
        j = np.searchsorted(negation_start, end, side="left")
        right = negation_start[np.minimum(j, len(negation_start) - 1)]
        same = (j < len(negation_start)) & (self._clauses_before[end] == self._clauses_before[right])
        after[same] = (self._words_before[right] - self._words_before[end])[same]
        return np.minimum(before, FAR), np.minimum(after, FAR)


@cache
def _letters() -> np.ndarray:
    table = np.fromiter((chr(i).isalnum() for i in range(_TABLE_SIZE)), bool, count=_TABLE_SIZE)
    for first, last in _UNSPACED:
        table[first : last + 1] = False
    return table


def _all(phrases: Phrases) -> Iterable[str]:
    return (phrase for group in phrases.values() for phrase in group)


def _add(entries: dict[str, list[_Entry]], phrases: Iterable[str], *, cue: int, role: int) -> None:
    for phrase in phrases:
        head, *tail = " ".join(fold(phrase).split()).split("*")
        entry = _Entry(cue, role, tuple(tail))
        group = entries.setdefault(head, []) if head else []
        if entry not in group:
            group.append(entry)


def _ranges(counts: np.ndarray) -> np.ndarray:
    """Return 0..n-1 for each n of `counts`, end to end."""
    ends = np.cumsum(counts)
    return np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - counts, counts)


def _none() -> CueHits:
    empty = np.zeros(0, np.int64)
    return CueHits(empty, empty, empty, empty, empty, empty)


def spans_of(hits: CueHits, n_decisions: int, decision: np.ndarray) -> list[list[tuple[int, int]]]:
    """Return, per decision, the spans of the hits that `decision` assigns to it (-1: to none), merged."""
    spans: list[list[tuple[int, int]]] = [[] for _ in range(n_decisions)]
    chosen = np.flatnonzero(decision >= 0)
    rows = zip(decision[chosen].tolist(), hits.start[chosen].tolist(), hits.end[chosen].tolist(), strict=True)
    for owner, start, end in rows:
        own = spans[owner]
        if own and start <= own[-1][1]:
            own[-1] = (own[-1][0], max(end, own[-1][1]))
        else:
            own.append((start, end))
    return spans


def overlaps(
    start: np.ndarray, end: np.ndarray, other_start: np.ndarray, other_end: np.ndarray
) -> np.ndarray:
    """Return a boolean array: whether each [start, end) shares a code point with any of the others."""
    order = np.argsort(other_start, kind="stable")
    reach = np.maximum.accumulate(other_end[order])
    last = np.searchsorted(other_start[order], end, side="left") - 1
    return (last >= 0) & (reach[np.maximum(last, 0)] > start)
