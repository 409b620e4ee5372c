"""Word sequences of a theme's texts, with how many texts have each: what names are made of.

A phrase never crosses punctuation, digits or the label of masked data. Words that differ only in
their ending count as one (`stem`); the spelling that is shown is the most frequent one.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

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

_WORDS = re.compile(f"({WORD.pattern})")

#: Stands before what comes before the first word of a text.
_BEGIN = "\x01"

#: What may stand between two words of one phrase.
_JOINS = (" ", "\u00a0")

#: How a word is written: the columns of `Vocabulary.cases`.
_SMALL, _CAPITAL, _CAPITALS = range(3)

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Vocabulary:
    """Words by number, over all themes; `cases` int64 [words, 3], how often each is written small, with a
    capital inside a sentence, in capitals."""

    words: list[str]
    cases: np.ndarray

    def written(self, number: int) -> str:
        """Return the word as it is mostly written inside sentences, in doubt small."""
        word = self.words[number]
        small, capital, capitals = self.cases[number].tolist()
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


def tokens(samples: Sequence[Sequence[str]]) -> tuple[Vocabulary, list[Tokens]]:
    """Split the texts of each of `samples` into words; a text that stands in several is read once."""
    number: dict[str, int] = {}
    rows = [[number.setdefault(text, len(number)) for text in texts] for texts in samples]
    vocabulary, read = _read(
        list(number), np.bincount(np.array([row for own in rows for row in own], np.int64))
    )
    starts = np.searchsorted(read.text, np.arange(read.n_texts + 1))
    return vocabulary, [_chosen(read, starts, np.array(own, np.int64)) for own in rows]


def _chosen(read: Tokens, starts: np.ndarray, rows: np.ndarray) -> Tokens:
    sizes = starts[rows + 1] - starts[rows]
    places = _ranges(starts[rows], sizes)
    owner = np.repeat(np.arange(len(rows), dtype=np.int32), sizes)
    return Tokens(read.word[places], owner, read.joined[places], len(rows))


def _ranges(starts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    return np.repeat(starts - (np.cumsum(sizes) - sizes), sizes) + np.arange(sizes.sum())


def _read(texts: list[str], times: np.ndarray) -> tuple[Vocabulary, Tokens]:
    """The words of `texts`, which stand `times` in the samples."""
    written = _Numbers()
    before = _Numbers()
    word: list[int] = []
    gap: list[int] = []
    sizes = np.zeros(len(texts), np.int64)
    for row, text in enumerate(texts):
        # A word, what is before it, the next word ...
        pieces = _WORDS.split(_plain(text))
        found = pieces[1::2]
        if found:
            sizes[row] = len(found)
            pieces[0] = _BEGIN + pieces[0]
            word += map(written.__getitem__, found)
            gap += map(before.__getitem__, pieces[:-1:2])
    at, gaps = np.array(word, np.int64), np.array(gap, np.int64)
    owner = np.repeat(np.arange(len(texts), dtype=np.int32), sizes)
    joins = np.array([between in _JOINS for between in before], bool)
    folded = _Numbers()
    number = np.array([folded[fold(surface)] for surface in written], np.int32)
    noted, case = _noted(written, at, owner, len(texts), np.array([*map(_ends_sentence, before)], bool)[gaps])
    cases = np.zeros((len(folded), 3), np.int64)
    np.add.at(cases, (number[at[noted]], case[noted]), times[owner[noted]])
    joined = np.append(joins[gaps[1:]], False)[: len(at)]
    return Vocabulary(list(folded), cases), Tokens(number[at], owner, joined, len(texts))


def _noted(
    written: Iterable[str], at: np.ndarray, owner: np.ndarray, n_texts: int, opens: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Which words tell how they are written, and how each is: not those of texts in capitals, nor the
    capital of a word that opens a sentence (`opens`)."""
    listed = list(written)
    case = np.array([_case(surface) for surface in listed], np.int64)[at]
    more = np.array([sum(map(str.isupper, s)) - sum(map(str.islower, s)) for s in listed], np.int64)
    shouted = np.bincount(owner, weights=more[at], minlength=n_texts) > 0
    return ~shouted[owner] & ~((case == _CAPITAL) & opens), case


class _Numbers(dict[str, int]):
    """Numbers things in the order in which they are first asked for."""

    def __missing__(self, key: str) -> int:
        number = self[key] = len(self)
        return number


def _plain(text: str) -> str:
    """The beginning of a text; what was masked is no word and joins none."""
    plain = text[:READ_CHARACTERS].replace("’", "'")
    return LABEL.sub("\x00", _BEFORE_LABEL.sub("", plain)) if "[" in plain else plain


def _case(surface: str) -> int:
    if surface[0].islower():
        return _SMALL
    return _CAPITALS if len(surface) > 1 and surface.isupper() else _CAPITAL


def _ends_sentence(before: str) -> bool:
    """Whether what stands before a word ends a sentence; the three characters next to the word are read."""
    begin, before = before.startswith(_BEGIN), before.removeprefix(_BEGIN)
    near = before[-3:] if begin or len(before) >= 3 else "a" + before
    return _STARTS_SENTENCE.search(near) is not None


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
            follows = tokens.joined[begins + length - 2]
            begins, key = begins[follows], key[follows]
            with np.errstate(over="ignore"):
                key = (key ^ (key >> np.uint64(29))) * _MULTIPLIER + keys[begins + length - 1]
        begins, key, own = _frequent(tokens, begins, key, length, least)
        if len(begins) == 0:
            break
        found += own
    return sorted(found, key=lambda p: (-p.count, len(p.words), p.words))


def _frequent(
    tokens: Tokens, begins: np.ndarray, key: np.ndarray, length: int, least: int
) -> tuple[np.ndarray, np.ndarray, list[Phrase]]:
    """Where the phrases of enough texts begin, their keys, and these phrases: only they can be the
    beginning of longer ones."""
    text = tokens.text[begins]
    order = np.lexsort((text, key))
    sorted_key, sorted_text = key[order], text[order]
    other = np.ones(len(order), bool)
    other[1:] = sorted_key[1:] != sorted_key[:-1]
    new = other.copy()
    new[1:] |= sorted_text[1:] != sorted_text[:-1]
    starts = np.flatnonzero(other)
    counts = np.diff(np.append(np.cumsum(new)[starts] - 1, new.sum()))
    often = np.flatnonzero(counts >= least)
    sizes = np.diff(np.append(starts, len(order)))[often]
    kept = order[_ranges(starts[often], sizes)]
    group = np.repeat(np.arange(len(often)), sizes)
    usual = _usual(tokens.word[begins[kept][:, None] + np.arange(length)], group)
    found = [
        Phrase(tuple(words), own, count / tokens.n_texts, count)
        for words, own, count in zip(
            usual.tolist(), sorted_key[starts[often]].tolist(), counts[often].tolist(), strict=True
        )
    ]
    return begins[kept], key[kept], found


def _usual(wordings: np.ndarray, group: np.ndarray) -> np.ndarray:
    """The most frequent of the rows of each group (`group` is sorted, from 0), the first of equals."""
    exact = wordings[:, 0].astype(np.uint64)
    with np.errstate(over="ignore"):
        for column in wordings.T[1:]:
            exact = (exact ^ (exact >> np.uint64(29))) * _MULTIPLIER + column.astype(np.uint64)
    order = np.lexsort((exact, group))
    new = np.ones(len(order), bool)
    new[1:] = (exact[order][1:] != exact[order][:-1]) | (group[order][1:] != group[order][:-1])
    starts = np.flatnonzero(new)
    times = np.diff(np.append(starts, len(order)))
    rows, owner = wordings[order[starts]], group[order[starts]]
    best = np.lexsort((*rows.T[::-1], -times, owner))
    return rows[best[np.searchsorted(owner[best], np.arange(int(group.max(initial=-1)) + 1))]]


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
