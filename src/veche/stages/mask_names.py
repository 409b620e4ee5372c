"""Finds people's names: by morphology in Russian, by lists in English, by the words around them in both.

All people are masked, officials too; names of streets, towns, schools and clinics stay. A lone first name
that is a word as well (Вера, Mark) is masked only where the text introduces a person.
"""

from collections.abc import Iterator

import numpy as np

from veche.core.text import Texts
from veche.packs.model import Pack
from veche.stages.mask_rules import Found
from veche.stages.name_kinds import Kind, WordReader, split_words
from veche.stages.name_text import NameText
from veche.stages.name_words import (
    GREETED,
    INITIALS_SURNAME,
    NOT_NAMES,
    NUMBERED,
    PATRONYMIC,
    PLACE_BEFORE,
    PLACE_BEFORE_TITLE,
    ROLES,
    SIGN_OFF,
    SIGNED,
    STRONG_CUE,
    SURNAME_INITIALS,
    TITLES,
)

_LONGEST_NAME = 4
_CONFIRMED, _LOOSE = 45, 35
#: A word that ends so and can be a surname is one beside a first name or initials, even in small letters.
_SURNAME_ENDINGS = (
    "ов",
    "ев",
    "ин",
    "ова",
    "ева",
    "ина",
    "ову",
    "еву",
    "ину",
    "овой",
    "евой",
    "иной",
    "ский",
    "ская",
)
_PERSON = Kind.FIRST | Kind.SURNAME | Kind.PATRONYMIC


class NameFinder:
    """Finds names in batches; remembers the readings of words it has met."""

    def __init__(self, pack: Pack) -> None:
        self.kind = WordReader(pack)

    def __call__(self, texts: Texts) -> Iterator[Found]:
        """Yield the names in a batch; hits may overlap."""
        words = split_words(texts)
        if not len(words.start):
            return
        batch = _Batch(texts, words, self.kind)
        yield from batch.capitalised()
        yield from batch.patronymics()
        yield from batch.initials()
        yield from batch.introduced()
        yield from batch.named_beside()


class _Batch(NameText):
    """The rules, over one batch."""

    def capitalised(self) -> Iterator[Found]:
        """Runs of capitalised words with a first name, a patronymic or a title among them."""
        capital = np.flatnonzero(self.words.capital).tolist()
        at = 0
        while at < len(capital):
            run = [capital[at]]
            while (
                at + len(run) < len(capital)
                and capital[at + len(run)] == run[-1] + 1
                and self.is_near(run[-1])
            ):
                run.append(run[-1] + 1)
            at += len(run)
            yield from self.in_run(run)

    def in_run(self, run: list[int]) -> Iterator[Found]:
        kinds = [self.kind(i) for i in run]
        at = 0
        while at < len(run):
            size, priority = self.name_at(run, kinds, at)
            last = run[at + size - 1]
            if size and not self.is_place(run[at], last) and not self.is_famous(run[at], last):
                yield self.found(run[at], self.with_initial(last), priority)
            at += size or 1

    def with_initial(self, last: int) -> int:
        """Return the last word of a name with the initial after it ("Michael W. Kelleher", "Brian O.")."""
        i = last + 1
        if not (
            i < len(self.start)
            and self.capital[i]
            and self.end[i] - self.start[i] == 1
            and self.gap(last) == " "
        ):
            return last
        if self.gap(i) in (" ", ". ") and self.capital[i + 1] and self.fits(i + 1):
            return i + 1
        return i if self.gap(i).startswith(".") else last

    def name_at(self, run: list[int], kinds: list[int], at: int) -> tuple[int, int]:
        """Return how many words from `at` of a run are a name (0 for none), and its priority."""
        here = kinds[at]
        if not here & _PERSON and not here & Kind.UNKNOWN:
            return 0, 0
        following = kinds[at + 1] if at + 1 < len(run) else Kind.NONE
        if self.after_title(run[at]):
            return (2 if following & (_PERSON | Kind.UNKNOWN) and self.fits(run[at + 1]) else 1), _CONFIRMED
        # The surname comes first in Russian and Kazakh; in English "Black Mercedes" is a car.
        swapped = not here & Kind.FIRST and self.word(run[at])[0] < "а"
        if _is_pair(here, following) and not swapped:
            third = kinds[at + 2] if at + 2 < len(run) else Kind.NONE
            full = third & Kind.PATRONYMIC or (third & Kind.SURNAME and not third & Kind.WORD)
            return (3 if full else 2), _CONFIRMED
        if (
            here & Kind.FIRST
            and not here & (Kind.WORD | Kind.PLACE | Kind.SURNAME | Kind.WEAK)
            and self.stands_alone(run[at])
        ):
            return (2 if following & Kind.UNKNOWN and self.fits(run[at + 1]) else 1), _LOOSE
        return 0, 0

    def stands_alone(self, i: int) -> bool:
        """Tell whether a first name can be trusted without a second word.

        Not in capitals, where every word looks like a name; nor at the beginning of a sentence in Kazakh,
        where cases of Russian names are everyday words ("терезе" is a window).
        """
        if self.texts.joined[self.start[i] : self.end[i]].isupper():
            return False
        return self.gap(i - 1) == " " or not self.is_kazakh(i)

    def after_title(self, i: int) -> bool:
        if not i:
            return False
        before = self.word(i - 1)
        if before in TITLES:
            return self.gap(i - 1) in (" ", ". ", ".") and self.is_title(i - 1)
        if before not in ROLES:
            return False
        return self.gap(i - 1) in (" ", ". ") and bool(self.kind(i) & Kind.SURNAME)

    def is_title(self, i: int) -> bool:
        """Tell a person's title from "4dr", from "Elm Dr", and from that of a street ("calle Dr. Arce")."""
        text, at = self.texts.joined, self.start[i]
        if (at and text[at - 1].isalnum()) or text[at : self.end[i]] == "MS":
            return False
        if self.word(i) == "dr" and i and self.capital[i - 1] and self.gap(i - 1) == " ":
            return False
        near = [self.word(j) for j in range(max(0, i - 3), i) if "\x00" not in self.gap(j)]
        return PLACE_BEFORE_TITLE.isdisjoint(near)

    def patronymics(self) -> Iterator[Found]:
        """A patronymic in any case of letters, with the first name and the surname beside it."""
        for _, first in self.starting(self.texts.search(PATRONYMIC, folded=True)):
            kind, word = self.kind(first), self.word(first)
            if not kind & Kind.PATRONYMIC and not self.is_kazakh_patronymic(first, word):
                continue
            a = b = first
            if self.beside(a - 1, a - 1, Kind.FIRST):
                a -= 1
            if self.beside(a - 1, a - 1, Kind.SURNAME) or (
                a < first and self.is_near(a - 1) and self.is_like_surname(a - 1)
            ):
                a -= 1
            elif self.beside(b, b + 1, Kind.SURNAME) or (
                a < first and self.is_near(b) and self.is_like_surname(b + 1)
            ):
                b += 1
            if not self.is_place(a, b):
                yield self.found(a, b, _CONFIRMED)

    def is_kazakh_patronymic(self, i: int, word: str) -> bool:
        if not word.endswith(("ұлы", "қызы", "улы", "кызы")) or not self.capital[i]:
            return False
        beside = i and self.capital[i - 1] and self.gap(i - 1) == " "
        return bool(beside) or (word.endswith(("ұлы", "қызы")) and len(word) > 6)

    def is_like_surname(self, i: int) -> bool:
        """Tell whether a word beside "Имя Отчество" or initials is a surname like "Белый", "Толстая"."""
        if not 0 <= i < len(self.start) or not self.capital[i] or self.word(i) in NOT_NAMES:
            return False
        return self.word(i).endswith(("ый", "ий", "ой", "ая", "яя", "ого", "ому", "ым", "ую"))

    def beside(self, gap: int, i: int, kind: int) -> bool:
        """Tell whether word i can be `kind` and only a space parts it from its neighbour."""
        if not 0 <= i < len(self.start) or not self.is_near(gap):
            return False
        found = self.kind(i)
        if found & kind:
            # Beside a patronymic any first name is one: "любовь петровна", "максим ильич".
            sure = kind == Kind.FIRST or self.capital[i] or not found & Kind.WORD
            return sure or self.word(i).endswith(_SURNAME_ENDINGS)
        return bool(found & Kind.UNKNOWN and self.capital[i])

    def initials(self) -> Iterator[Found]:
        """A surname with initials on either side."""
        for end, i in self.starting(self.texts.search(SURNAME_INITIALS, folded=True)):
            if self.is_surname_with(i, end - self.end[i]) and not self.is_place(i, i):
                yield self.found_between(self.start[i], end, _CONFIRMED)
        for end, i in self.starting(self.texts.search(INITIALS_SURNAME, folded=True)):
            last = self.at(end) - 1
            if self.end[last] != end or self.end[i] - self.start[i] != 1 or i == last:
                continue
            if self.is_surname_with(last, self.start[last] - self.start[i]) and not self.is_place(i, last):
                yield self.found(i, last, _CONFIRMED)

    def is_surname_with(self, i: int, length: int) -> bool:
        """Tell whether word i is a surname; `length` is that of the initials (two need less proof)."""
        kind = self.kind(i)
        if self.word(i) in PLACE_BEFORE or self.word(i) in NOT_NAMES:
            return False
        two = length >= 4
        if kind & Kind.SURNAME:
            typical = self.word(i).endswith(_SURNAME_ENDINGS)
            return not kind & Kind.WORD or (two and (self.capital[i] or typical))
        return two and (self.is_like_surname(i) or (self.capital[i] and bool(kind & Kind.UNKNOWN)))

    def introduced(self) -> Iterator[Found]:
        """Names after "меня зовут", "my name is", "с уважением"."""
        for cue, strong in ((STRONG_CUE, True), (SIGN_OFF, False)):
            matches = self.texts.search(cue, folded=True, group=1)
            ends = self.texts.starts[matches.row] + matches.end
            for end in ends.tolist():
                first = self.at(end)
                if first < len(self.start) and self.start[first] == end:
                    size = self.introduced_size(first, strong=strong)
                    if size:
                        start, last = self.start[first], first + size - 1
                        yield self.found_between(start, self.after_initials(last), _CONFIRMED)

    def named_beside(self) -> Iterator[Found]:
        """First names of the lists after a greeting or beside a telephone number, in any case of letters."""
        for cue, after in ((GREETED, True), (SIGNED, False), (NUMBERED, False)):
            matches = self.texts.search(cue, folded=True, group=1)
            base = self.texts.starts[matches.row]
            for at in (base + (matches.end if after else matches.start)).tolist():
                i = self.at(at)
                if i < len(self.start) and self.start[i] == at and self.kind(i) & Kind.FIRST:
                    beside = self.is_near(i) and bool(self.kind(i + 1) & (Kind.SURNAME | Kind.UNKNOWN))
                    last = i + 1 if beside and self.fits(i + 1) else i
                    if self.word(i) not in NOT_NAMES and not self.is_place(i, last):
                        yield self.found(i, last, _LOOSE)

    def after_initials(self, last: int) -> int:
        """Return where the initials after word `last` end ("Петров И. О."), or where the word does."""
        end = self.end[last]
        for i in (last + 1, last + 2):
            if i >= len(self.start) or self.end[i] - self.start[i] != 1:
                break
            if self.gap(i - 1) not in (" ", ".", ". ") or not self.gap(i).startswith("."):
                break
            end = self.end[i] + 1
        return end

    def introduced_size(self, first: int, *, strong: bool) -> int:
        """Return how many words from `first` are the name that a cue leads to."""
        size, listed = 0, strong
        while size < _LONGEST_NAME and first + size < len(self.start):
            i = first + size
            if size and self.gap(i - 1) not in (" ", "  ", "\u00a0"):
                break
            trusted = strong and (not size or bool(self.kind(i - 1) & (Kind.FIRST | Kind.UNKNOWN)))
            if not self.is_introduced(i, strong=trusted):
                break
            listed = listed or bool(self.kind(i) & _PERSON)
            size += 1
        return size if size and (listed or self.ends_line(first + size - 1)) else 0

    def is_introduced(self, i: int, *, strong: bool) -> bool:
        word, kind = self.word(i), self.kind(i)
        if word in NOT_NAMES or word in PLACE_BEFORE:
            return False
        if kind & _PERSON:
            return self.capital[i] or strong or not kind & Kind.WORD
        if not self.capital[i]:
            return strong and kind == Kind.UNKNOWN and len(word) > 2
        return bool(kind & Kind.UNKNOWN) or strong


def _is_pair(a: int, b: int) -> bool:
    """Tell whether two capitalised words side by side are a person; not if both are everyday words."""
    both_words = a & Kind.WORD and b & Kind.WORD
    if a & Kind.FIRST and b & (Kind.SURNAME | Kind.PATRONYMIC):
        return not both_words
    if a & Kind.SURNAME and b & Kind.FIRST:
        return not both_words
    if b == Kind.UNKNOWN:
        # A word of Latin letters that no list has; one of Cyrillic letters is read as a surname or not.
        return a & (Kind.FIRST | Kind.WORD) == Kind.FIRST
    return bool(a & Kind.FIRST and not a & (Kind.WORD | Kind.PLACE) and b & Kind.UNKNOWN and b & Kind.SURNAME)
