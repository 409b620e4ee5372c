"""Word sequences of a theme's texts, with how many texts have each: what names are made of.

A phrase never crosses punctuation, digits or the label of masked data. Words that differ only in
their ending count as one (`stem`); the spelling that is shown is the most frequent one.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from veche.core.text import fold
from veche.themes.passages import LABEL

#: Words of a phrase at most; the last one leaves room for a negation before five others.
LONGEST = 6

#: Only the beginning of a text is read (code points): people name their matter first.
READ_CHARACTERS = 400

#: The word before a label that says what was masked: "почта [почта]".
_BEFORE_LABEL = re.compile(r"\b(?:тел|телефон|почта|e-?mail|phone)\b[.: ]{0,3}(?=\[)", re.IGNORECASE)

#: A word, also one with a hyphen or an apostrophe inside.
WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")

#: The end of a sentence before a word: its capital letter says nothing about how it is written.
_STARTS_SENTENCE = re.compile(r"(?:^|[.!?…:\n|»)]\s*|^[-–—]\s*)$")

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


@dataclass
class Vocabulary:
    """Words by number, over all themes, and how often each is written small, with a capital, in capitals."""

    number: dict[str, int] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)
    cases: list[list[int]] = field(default_factory=list)

    def add(self, word: str) -> int:
        """Return the number of a folded word."""
        found = self.number.get(word)
        if found is None:
            found = self.number[word] = len(self.words)
            self.words.append(word)
            self.cases.append([0, 0, 0])
        return found

    def written(self, number: int) -> str:
        """Return the word as it is mostly written inside sentences, in doubt small."""
        word = self.words[number]
        small, capital, capitals = self.cases[number]
        if capitals > small + capital:
            return word.upper()
        return word.capitalize() if capital > 2 * small else word


@dataclass(frozen=True)
class Tokens:
    """The words of some texts: `word` int32 numbers, `text` int32, `joined` bool (the next word follows)."""

    word: np.ndarray
    text: np.ndarray
    joined: np.ndarray
    n_texts: int


@dataclass(frozen=True)
class Phrase:
    """A phrase of a theme: numbers of its most frequent wording, its key over all themes, and the share
    of the theme's texts that have it in any wording."""

    words: tuple[int, ...]
    key: int
    share: float
    count: int


def tokens(texts: Sequence[str], vocabulary: Vocabulary) -> Tokens:
    """Split `texts` into words, adding them to `vocabulary`."""
    words: list[int] = []
    owner: list[int] = []
    joined: list[bool] = []
    for number, whole in enumerate(texts):
        text = _BEFORE_LABEL.sub("", whole[:READ_CHARACTERS].replace("’", "'"))
        text = LABEL.sub("\x00", text)
        shouted = sum(map(str.isupper, text)) > sum(map(str.islower, text))
        end = -2
        for match in WORD.finditer(text):
            start = match.start()
            if joined and end >= 0:
                joined[-1] = start == end + 1 and text[end] in " \u00a0"
            surface = match.group()
            at = vocabulary.add(fold(surface))
            if not shouted:
                _note_case(vocabulary, at, surface, text, start)
            words.append(at)
            owner.append(number)
            joined.append(False)
            end = match.end()
    return Tokens(np.array(words, np.int32), np.array(owner, np.int32), np.array(joined, bool), len(texts))


def _note_case(vocabulary: Vocabulary, at: int, surface: str, text: str, start: int) -> None:
    if surface[0].islower():
        vocabulary.cases[at][0] += 1
    elif len(surface) > 1 and surface.isupper():
        vocabulary.cases[at][2] += 1
    elif not _STARTS_SENTENCE.search(text[max(0, start - 3) : start]):
        vocabulary.cases[at][1] += 1


def phrases(tokens: Tokens, stem: np.ndarray, *, least: int) -> list[Phrase]:
    """Return the phrases of 1 to `LONGEST` words that at least `least` texts have, the frequent first.

    `stem` uint64 [vocabulary] is what the words of one family have in common.
    """
    found: list[Phrase] = []
    keys = stem[tokens.word]
    begins = np.arange(len(keys))
    key = keys.copy()
    for length in range(1, LONGEST + 1):
        if length > 1:
            follows = tokens.joined[begins + length - 2] if len(begins) else np.zeros(0, bool)
            begins, key = begins[follows], key[follows]
            with np.errstate(over="ignore"):
                key = (key ^ (key >> np.uint64(29))) * _MULTIPLIER + keys[begins + length - 1]
        found += _frequent(tokens, begins, key, length, least)
    return sorted(found, key=lambda p: (-p.count, len(p.words), p.words))


def _frequent(tokens: Tokens, begins: np.ndarray, key: np.ndarray, length: int, least: int) -> list[Phrase]:
    if len(begins) == 0:
        return []
    text = tokens.text[begins]
    order = np.lexsort((text, key))
    sorted_key, sorted_text = key[order], text[order]
    new = np.ones(len(order), bool)
    new[1:] = (sorted_key[1:] != sorted_key[:-1]) | (sorted_text[1:] != sorted_text[:-1])
    starts = np.flatnonzero(np.concatenate([[True], sorted_key[1:] != sorted_key[:-1]]))
    counts = np.add.reduceat(new.astype(np.int64), starts)
    ends = np.append(starts[1:], len(order))
    out = []
    for at in np.flatnonzero(counts >= least):
        places = begins[order[starts[at] : ends[at]]]
        wordings = tokens.word[places[:, None] + np.arange(length)]
        rows, times = np.unique(wordings, axis=0, return_counts=True)
        words = tuple(int(w) for w in rows[times.argmax()])
        count = int(counts[at])
        out.append(Phrase(words, int(sorted_key[starts[at]]), count / tokens.n_texts, count))
    return out


def stems(vocabulary: Vocabulary, family: Callable[[str], str]) -> np.ndarray:
    """Return a number per word (uint64) that words with the same `family` share."""
    number: dict[str, int] = {}
    ids = np.fromiter(
        (number.setdefault(family(w), len(number)) for w in vocabulary.words),
        np.uint64,
        len(vocabulary.words),
    )
    with np.errstate(over="ignore"):
        return (ids + np.uint64(1)) * _MULTIPLIER
