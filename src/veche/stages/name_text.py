"""The words of a batch as the finder of names sees them: each in its place, with its neighbours.

Says what a word can be, what parts it from the next, and whether it belongs to a street, a town or an
institution named after somebody. What is a person's name, the rules of `mask_names` decide.
"""

from collections.abc import Iterator

import numpy as np

from veche.core.text import Matches, Texts
from veche.stages.mask_rules import Found
from veche.stages.name_kinds import WordReader, Words
from veche.stages.name_words import (
    FAMOUS,
    FAMOUS_FIRST,
    NAMED_AFTER,
    NOT_NAMES,
    PLACE_AFTER,
    PLACE_BEFORE,
    ROLES,
    SHORT_PLACE,
)

_KAZAKH = frozenset("әғқңөұүһі")


class NameText:
    """One batch of texts; all positions are in the joined text, all words are named by their index."""

    def __init__(self, texts: Texts, words: Words, read: WordReader) -> None:
        self.texts = texts
        self.words = words
        self.read = read
        self.start = words.start.tolist()
        self.end = words.end.tolist()
        self.capital = words.capital.tolist()

    # -- reading words

    def word(self, i: int) -> str:
        """Return word i, folded."""
        return self.texts.folded[self.start[i] : self.end[i]]

    def kind(self, i: int) -> int:
        """Return what word i can be, as bits of `Kind`."""
        return self.read(self.word(i))

    def gap(self, i: int) -> str:
        """Return what stands between word i and the next."""
        if not 0 <= i < len(self.start) - 1:
            return "\x00"
        return self.texts.joined[self.end[i] : self.start[i + 1]]

    def is_near(self, i: int) -> bool:
        """Tell whether only a space stands between word i and the next."""
        return self.gap(i) in (" ", "  ", "\u00a0", "\n", "\r\n")

    def at(self, position: int) -> int:
        """Return the first word that begins at or after a position of the joined text."""
        return int(np.searchsorted(self.words.start, position))

    def found(self, first: int, last: int, priority: int) -> Found:
        """Return the name from one word to another, both included."""
        return self.found_between(self.start[first], self.end[last], priority)

    def found_between(self, start: int, end: int, priority: int) -> Found:
        """Return the name between two positions of the joined text."""
        row = int(np.searchsorted(self.texts.starts, start, side="right")) - 1
        base = int(self.texts.starts[row])
        return Found(row, start - base, end - base, "name", priority)

    def is_kazakh(self, i: int) -> bool:
        """Tell whether the text of word i has letters that Russian lacks."""
        row = int(np.searchsorted(self.texts.starts, self.start[i], side="right")) - 1
        base = int(self.texts.starts[row])
        return not _KAZAKH.isdisjoint(self.texts.folded[base : base + int(self.texts.lengths[row])])

    def fits(self, i: int) -> bool:
        """Tell whether a word that no list has can be part of a name."""
        word = self.word(i)
        return word not in NOT_NAMES and word not in PLACE_AFTER and len(word) > 2

    def ends_line(self, i: int) -> bool:
        """Tell whether a line, a sentence or the text ends after word i."""
        return not self.gap(i).startswith(" ") or i == len(self.start) - 1

    def starting(self, matches: Matches) -> Iterator[tuple[int, int]]:
        """Yield (where it ends, index of its first word) of each match that begins with a whole word."""
        starts = self.texts.starts[matches.row] + matches.start
        ends = self.texts.starts[matches.row] + matches.end
        index = np.searchsorted(self.words.start, starts)
        for s, e, i in zip(starts.tolist(), ends.tolist(), index.tolist(), strict=True):
            if i < len(self.start) and self.start[i] == s and self.end[i] <= e:
                yield e, i

    # -- places named after people

    def is_place(self, first: int, last: int) -> bool:
        """Tell whether the words around make the name one of a street, a town or an institution."""
        if last > first and self.word(last) in PLACE_AFTER:
            return True
        return self.is_place_before(first) or self.is_place_after(last)

    def is_famous(self, first: int, last: int) -> bool:
        """Tell a street named after somebody ("на Карла Маркса") from a person ("Мария Морозова")."""
        return self.word(last) in FAMOUS and self.word(first) in FAMOUS_FIRST

    def is_place_before(self, first: int) -> bool:
        """Tell whether a word such as "street" or "named after" leads to word `first`."""
        before = first - 1
        if not first or not self.leads(before):
            return False
        word = self.word(before)
        if word in PLACE_BEFORE and (len(word) > 1 or "." in self.gap(before)):
            return True
        # "имени академика Павлова", "улица Героя Петрова"; but "у нашей школы врач Петров"
        if not before or not self.leads(before - 1) or self.word(before - 1) not in PLACE_BEFORE:
            return False
        return word not in ROLES or self.word(before - 1) in NAMED_AFTER

    def is_place_after(self, last: int) -> bool:
        """Tell whether a word such as "Street" follows word `last`, at most one capitalised word between."""
        for i in (last + 1, last + 2):
            if i >= len(self.start) or not self.is_near(i - 1):
                return False
            if self.word(i) in PLACE_AFTER:
                return True
            if not self.capital[i]:
                return False
        return False

    def leads(self, i: int) -> bool:
        """Tell whether word i belongs with the next: a space is between, or an abbreviation's full stop."""
        gap = self.gap(i)
        if gap in (" ", "  ", " «", ' "', "\u00a0"):
            return True
        return gap in (".", ". ", ".\u00a0") and self.word(i) in SHORT_PLACE
