"""Finds the pairs of a pack's cues: words of two kinds that mean something when they stand near each other.

"Собаки" and "вцепилась" alone say little; in one sentence they are an attack. The words are found by one
`CueMatcher`; what a pair means is left to the stage that asks.
"""

from collections.abc import Sequence

import numpy as np

from veche.core.text import Texts
from veche.packs.model import Cue
from veche.packs.text import Phrases
from veche.stages.cues import CueHits, CueMatcher, overlaps

#: Code points that may stand between the two words of a pair.
NEAR = 70

_ROW = 1 << 32


class PairMatcher:
    """The pairs of several cues. A pair whose second word overlaps a `not_` phrase of its cue is dropped."""

    def __init__(self, cues: Sequence[Cue], *, negations: Phrases | None = None) -> None:
        parts: list[Cue] = []
        #: Per pair: the cue it belongs to, and the numbers of its two parts.
        self._pairs: list[tuple[int, int, int]] = []
        #: Per cue with pairs: the number of the part that holds what only looks so.
        self._vetoes: dict[int, int] = {}
        for index, cue in enumerate(cues):
            for pair in cue.pairs:
                self._pairs.append((index, len(parts), len(parts) + 1))
                parts += [Cue("", pair.one), Cue("", pair.other)]
            if cue.pairs:
                self._vetoes[index] = len(parts)
                parts.append(Cue("", cue.not_))
        self._matcher = CueMatcher(parts, negations=negations)

    def find(self, texts: Texts, *, sentence_ends: np.ndarray) -> CueHits:
        """Return the pairs in `texts`, each as a hit from its first word to its last.

        `cue` is the index of the cue that the pair belongs to; `before` and `after` are those of the second
        word. `sentence_ends` are sorted keys: row times 2**32 plus where a sentence of the row ends.
        """
        hits = self._matcher.find(texts)
        found = [self._join(hits, pair, sentence_ends) for pair in self._pairs]
        merged = (
            CueHits(*(np.concatenate(columns) for columns in zip(*found, strict=True))) if found else hits
        )
        order = np.lexsort((merged.cue, merged.end, merged.start, merged.row))
        return merged.where(order)

    def _join(self, hits: CueHits, pair: tuple[int, int, int], sentence_ends: np.ndarray) -> CueHits:
        cue, one, other = pair
        first, second = hits.where(hits.cue == one), hits.where(hits.cue == other)
        veto = hits.where(hits.cue == self._vetoes[cue])
        if len(veto.row):
            second = second.where(~overlaps(*_spans(second), *_spans(veto)))
        if not len(first.row) or not len(second.row):
            return hits.where(np.zeros(len(hits.row), bool))
        starts, ends = _spans(first)
        at, stop = _spans(second)
        left = np.searchsorted(ends, at, side="right") - 1
        right = np.minimum(np.searchsorted(starts, stop, side="left"), len(starts) - 1)
        sentence = np.searchsorted(sentence_ends, at, side="left")

        def near(index: np.ndarray, gap: np.ndarray) -> np.ndarray:
            same = np.searchsorted(sentence_ends, starts[index], side="left") == sentence
            return same & (gap >= 0) & (gap <= NEAR) & (first.row[index] == second.row)

        before = near(np.maximum(left, 0), at - ends[np.maximum(left, 0)]) & (left >= 0)
        behind = near(right, starts[right] - stop)
        start = np.where(before, first.start[np.maximum(left, 0)], second.start)
        end = np.where(before, second.end, first.end[right])
        joined = CueHits(second.row, start, end, np.full(len(start), cue), second.before, second.after)
        return joined.where(before | behind)


def _spans(hits: CueHits) -> tuple[np.ndarray, np.ndarray]:
    """Return starts and ends over all rows."""
    return hits.row * _ROW + hits.start, hits.row * _ROW + hits.end
