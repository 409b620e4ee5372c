"""What a word can be: a first name, a surname, a patronymic, an everyday word, a place.

Russian words are read by their morphology, others looked up in lists. Says nothing about a word in its
sentence: that is for the finder of names.
"""

from functools import cache
from typing import NamedTuple

import numpy as np

from veche.core.morphology import russian
from veche.core.text import Texts, fold
from veche.packs.model import Pack
from veche.stages.name_words import AMBIGUOUS_EN, FIRST_NAMES_EN, SURNAMES_EN, WORDS_EN
from veche.stages.tokens import build_tokenizer

#: How many distinct words are remembered: enough for every name of a nation's yearly mail.
_MEMORY = 300_000


class Kind:
    """What a word can be, as bits of an int: `enum.IntFlag` would take half of the time of the stage."""

    NONE = 0
    FIRST = 1
    SURNAME = 2
    PATRONYMIC = 4
    #: An everyday word too.
    WORD = 8
    #: A place too.
    PLACE = 16
    #: Not in any dictionary.
    UNKNOWN = 32
    #: A first name from a long list, which holds cars and saints too: trusted only beside a surname.
    WEAK = 64


class Words(NamedTuple):
    """The words of a batch in order: offsets into the joined text, and whether each begins with a capital."""

    start: np.ndarray
    end: np.ndarray
    capital: np.ndarray


class WordReader:
    """Says what words can be; remembers the words it has met."""

    def __init__(self, pack: Pack) -> None:
        """Take the lists of names of a pack: those called first_names*, diminutives* and surnames*."""
        self._first = _union(pack, ("first_names", "diminutives"))
        self._surnames = SURNAMES_EN | _union(pack, ("surnames",))
        self._known: dict[str, int] = {}

    def __call__(self, word: str) -> int:
        """Return what a folded word can be."""
        found = self._known.get(word)
        if found is None:
            if len(self._known) >= _MEMORY:
                self._known.clear()
            found = self._known[word] = self._look_up(word)
        return found

    def _look_up(self, word: str) -> int:
        if len(word) < 2:
            return Kind.NONE
        return self._cyrillic(word) if "а" <= word[0] <= "ӿ" else self._latin(word)

    def _cyrillic(self, word: str) -> int:
        kind, bases = _russian(word)
        if not self._first.isdisjoint(bases):
            kind |= Kind.FIRST
        return kind if self._surnames.isdisjoint(bases) else kind | Kind.SURNAME

    def _latin(self, word: str) -> int:
        kind = Kind.NONE
        if word in FIRST_NAMES_EN:
            kind |= Kind.FIRST
        elif word in self._first:
            kind |= Kind.FIRST | Kind.WEAK
        if word in self._surnames:
            kind |= Kind.SURNAME
        if word in AMBIGUOUS_EN or word in WORDS_EN:
            kind |= Kind.WORD
        return kind or Kind.UNKNOWN

    @staticmethod
    def _is_everyday(word: str) -> bool:
        """Tell whether a word in small letters is so frequent that the subword model has it whole."""
        return build_tokenizer().token_to_id(f"▁{word}") is not None


def _is_everyday(word: str) -> bool:
    """Tell whether a word in small letters is so frequent that the subword model has it whole."""
    return build_tokenizer().token_to_id(f"▁{word}") is not None


def _union(pack: Pack, beginnings: tuple[str, ...]) -> frozenset[str]:
    lists = [words for name, words in pack.name_lists.items() if name.startswith(beginnings)]
    return frozenset(fold(word) for words in lists for word in words)


#: A reading less likely than this is not held against a name ("Света" is "of light" 99 times in 100).
_LIKELY = 0.02


def _russian(word: str) -> tuple[int, set[str]]:
    """Return what a word can be, and its possible base forms."""
    morphology = russian()
    parses = morphology.parse(word)
    known = morphology.word_is_known(word)
    kind = Kind.NONE if known else Kind.UNKNOWN
    for parse in parses:
        tag = parse.tag
        if "Patr" in tag:
            kind |= Kind.PATRONYMIC if known else Kind.NONE
        elif "Name" in tag:
            kind |= Kind.FIRST if known else Kind.NONE
        elif "Surn" in tag:
            kind |= Kind.SURNAME
        elif "Geox" in tag:
            kind |= Kind.PLACE
        elif (known and tag.POS not in {"ADJF", "ADJS"} and parse.score >= _LIKELY) or (
            known and tag.POS in {"ADJF", "ADJS"} and "Poss" not in tag and parse.score >= _LIKELY
        ):
            kind |= Kind.WORD
    return kind, {word, *(fold(p.normal_form) for p in parses)}


def split_words(texts: Texts) -> Words:
    """Return the words of a batch: runs of letters, with hyphens and apostrophes inside them."""
    letter, upper, inner = _tables()
    small = np.minimum(texts.code_points, len(letter) - 1)
    is_letter = letter[small]
    joint = inner[small].copy()
    joint[1:-1] &= is_letter[:-2] & is_letter[2:]
    joint[:1] = joint[-1:] = False
    body = np.concatenate([[False], is_letter | joint, [False]])
    edges = np.flatnonzero(body[1:] != body[:-1])
    start, end = edges[::2], edges[1::2]
    return Words(start, end, upper[small[start]])


@cache
def _tables() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return which code points below 0x3000 are letters, capitals, and marks inside a word."""
    points = [chr(c) for c in range(0x3000)]
    letter = np.array([c.isalpha() for c in points])
    upper = np.array([c.isupper() for c in points])
    inner = np.array([c in "-'’\u2011\u0301" for c in points])
    return letter, upper, inner
