"""Names of themes: a readable phrase from the theme's own words, unlike its neighbours' names.

Phrases, not single words, are weighed by class: how many of the theme's texts have the phrase, and
how much rarer it is elsewhere (class-based TF-IDF, Grootendorst 2022, over phrases). Nothing is
written that nobody wrote; only Russian forms are put into the nominative.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from veche.themes import clauses, russian
from veche.themes.clauses import Samples
from veche.themes.phrases import LONGEST, Phrase, Tokens, Vocabulary, phrases, stems, tokens
from veche.themes.words import word_lists

#: A phrase counts if at least this share of the theme's texts, and this many, have it.
LEAST_SHARE = 0.02
LEAST_COUNT = 3

#: Longer phrases are rarer and say more: what a phrase is worth by its words with content; and the
#: part that the worth of each of its words adds, so that a name holds the theme's most telling words.
WORTH = {1: 0.0, 2: 2.6, 3: 3.8, 4: 4.0, 5: 4.0}
WORD_PART = 0.8

#: A phrase gives way to a longer one around it that has this share of its texts.
GIVES_WAY = 0.6

#: A phrase is no name where this share of its texts negate it: "переводит деньги" of "не переводит деньги".
NEGATED = 0.25

#: How common a phrase is taken to be where it was not seen.
UNSEEN = 0.004

#: A word that stands in this share of the texts of most themes has no content here.
EVERYWHERE = 0.08

#: Phrases of a theme that are looked at closely; words that a name taken from a quotation has at most.
CONSIDERED = 120
QUOTED_WORDS = 9

#: Names of two themes may share at most this part of their words.
OVERLAP = 0.5

KEYWORDS = 6

#: In these languages a plural -s is no other word.
_PLURAL_S = {"en", "es", "fr", "pt"}

#: Words that may open a name although they have no content.
_OPENERS = {"no", "not", "without", "не", "нет", "без", "sin", "kein", "keine", "ohne", "pas", "sans", "brak"}


@dataclass(frozen=True)
class Name:
    """What a theme is called, and its most telling words; `name` is "" where its texts share no words."""

    name: str
    keywords: list[str]


@dataclass(frozen=True)
class _Candidate:
    phrase: Phrase
    shown: str
    roots: frozenset[str]
    score: float


@dataclass(frozen=True)
class _Level:
    """Phrases of the themes that are compared with one another, and what is common to them."""

    found: list[list[Phrase]]
    elsewhere: dict[int, tuple[float, float, float]]
    empty: set[int]


def names(samples: Sequence[Samples], parents: Sequence[int]) -> list[Name]:
    """Return a name for each entry of `samples`.

    `parents` gives, per entry, the entry that it is a subtheme of, or -1. Themes have names unlike
    those of all other themes, subthemes unlike those of their theme and its other subthemes.
    """
    vocabulary, split = tokens([s.texts for s in samples])
    found: list[list[_Candidate]] = [[] for _ in samples]
    for language in sorted({s.language for s in samples}):
        stem = stems(vocabulary, _family(language))
        for is_sub in (False, True):
            at = [i for i, s in enumerate(samples) if s.language == language and (parents[i] >= 0) == is_sub]
            level = _level(language, [split[i] for i in at], vocabulary, stem)
            for i, own in zip(at, level.found, strict=True):
                found[i] = _candidates(language, own, level, vocabulary)
    chosen = _choose(found, parents)
    taken = {c.shown.casefold() for c in chosen if c}
    out = []
    for sample, best, own in zip(samples, chosen, found, strict=True):
        shown = best.shown if best else ""
        if best is None or len(best.roots) < 2:
            shown = clauses.most_telling(sample, _worth(own, vocabulary), taken) or shown
            taken.add(shown.casefold())
        out.append(Name(_capital(shown), _keywords(own, vocabulary)))
    return out


def name_from(quotation: str) -> str:
    """Return a name taken from a quotation, for a theme whose texts share no phrase."""
    words = quotation.split()
    end = next((i + 1 for i, w in enumerate(words) if w[-1] in ".!?…"), len(words))
    words = words[:end]
    if len(words) > QUOTED_WORDS:
        return " ".join(words[:QUOTED_WORDS]).rstrip(",;:–—-") + " …"
    return " ".join(words).rstrip(".…")


def _worth(own: list[_Candidate], vocabulary: Vocabulary) -> dict[str, float]:
    """What each word of the theme tells, by its root."""
    worth: dict[str, float] = {}
    for candidate in own:
        if len(candidate.phrase.words) == 1:
            root = vocabulary.words[candidate.phrase.words[0]][: clauses.ROOT]
            worth[root] = max(worth.get(root, 0.0), candidate.score)
    return worth


def _family(language: str) -> Callable[[str], str]:
    if language.split("-")[0] == "ru":
        return russian.lemma
    if language.split("-")[0] in _PLURAL_S:
        return lambda word: word[:-1] if len(word) > 3 and word.endswith("s") else word
    return lambda word: word


def _level(language: str, split: list[Tokens], vocabulary: Vocabulary, stem: np.ndarray) -> _Level:
    found = [phrases(t, stem, least=max(LEAST_COUNT, round(LEAST_SHARE * t.n_texts))) for t in split]
    elsewhere: dict[int, tuple[float, float, float]] = {}
    for own in found:
        for phrase in own:
            total, top, second = elsewhere.get(phrase.key, (0.0, 0.0, 0.0))
            second = max(second, min(top, phrase.share))
            elsewhere[phrase.key] = (total + phrase.share, max(top, phrase.share), second)
    return _Level(found, elsewhere, _empty_words(language, found, vocabulary))


def _empty_words(language: str, found: list[list[Phrase]], vocabulary: Vocabulary) -> set[int]:
    """Numbers of words without content: those of the language's list, and those that are everywhere."""
    listed = word_lists(language).function
    empty = {number for number, word in enumerate(vocabulary.words) if word in listed or len(word) < 2}
    if len(found) < 4:
        return empty
    often: dict[int, int] = {}
    for own in found:
        for phrase in own:
            if len(phrase.words) == 1 and phrase.share >= EVERYWHERE:
                often[phrase.words[0]] = often.get(phrase.words[0], 0) + 1
    return empty | {word for word, times in often.items() if times > 0.6 * len(found)}


def _candidates(language: str, own: list[Phrase], level: _Level, vocabulary: Vocabulary) -> list[_Candidate]:
    """The phrases that could name the theme, the best first."""
    weight = {p.words[0]: _weight(p, level) for p in own if len(p.words) == 1}
    negated = _negated(own, vocabulary)
    scored = sorted(
        (
            (_score(p, weight, level), p)
            for p in own
            if len(p.words) == 1 or p.words not in negated
            if _begins_and_ends_well(p.words, level.empty, vocabulary)
        ),
        key=lambda c: (-c[0], c[1].words),
    )
    scored = [(score, p) for score, p in scored[:CONSIDERED] if score > 0]
    around = _around(p for _, p in scored)
    out = []
    for score, phrase in scored:
        if around.get(phrase.words, 0) >= GIVES_WAY * phrase.count:
            continue
        shown = _shown(language, phrase, vocabulary)
        if shown is not None:
            out.append(_Candidate(phrase, shown, _roots(phrase, level.empty, vocabulary), score))
    return out


def _weight(phrase: Phrase, level: _Level) -> float:
    """Class-based TF-IDF, less where another theme has the phrase more often."""
    total, top, second = level.elsewhere[phrase.key]
    others = (total - phrase.share) / max(1, len(level.found) - 1)
    rival = second if phrase.share >= top else top
    unshared = min(1.0, phrase.share / rival) if rival > 0 else 1.0
    return max(0.0, float(phrase.share * np.log(phrase.share / max(others, UNSEEN)) * unshared))


def _score(phrase: Phrase, weight: dict[int, float], level: _Level) -> float:
    content = [w for w in phrase.words if w not in level.empty]
    if not content:
        return 0.0
    return WORTH[len(content)] * _weight(phrase, level) + WORD_PART * sum(
        weight.get(w, 0.0) for w in set(content)
    )


def _begins_and_ends_well(words: tuple[int, ...], empty: set[int], vocabulary: Vocabulary) -> bool:
    negated = vocabulary.words[words[0]] in _OPENERS
    opens = words[0] not in empty or (negated and len(words) > 1)
    closes = words[len(words) - 1] not in empty
    fits = len(words) < LONGEST or negated
    return opens and closes and fits and sum(w in empty for w in words) <= len(words) / 2


def _negated(own: list[Phrase], vocabulary: Vocabulary) -> set[tuple[int, ...]]:
    """The phrases that mean the opposite of what their texts say, as a negation goes before them."""
    count = {p.words: p.count for p in own}
    return {
        p.words[1:]
        for p in own
        if len(p.words) > 1
        and vocabulary.words[p.words[0]] in _OPENERS
        and p.count >= NEGATED * count.get(p.words[1:], 0)
    }


def _around(phrases: Iterable[Phrase]) -> dict[tuple[int, ...], int]:
    """The most texts that a longer phrase around each part of `phrases` has."""
    most: dict[tuple[int, ...], int] = {}
    for phrase in phrases:
        n = len(phrase.words)
        for start in range(n):
            for end in range(start + 1, n + 1):
                part = phrase.words[start:end]
                if len(part) < n:
                    most[part] = max(most.get(part, 0), phrase.count)
    return most


def _roots(phrase: Phrase, empty: set[int], vocabulary: Vocabulary) -> frozenset[str]:
    return frozenset(vocabulary.words[w][: clauses.ROOT] for w in phrase.words if w not in empty)


def _shown(language: str, phrase: Phrase, vocabulary: Vocabulary) -> str | None:
    if language.split("-")[0] == "ru":
        if russian.says_who_writes([vocabulary.written(w) for w in phrase.words]):
            return None
        shown = russian.readable([vocabulary.words[w] for w in phrase.words])
        return shown and " ".join(
            _cased(word, vocabulary.written(w)) for word, w in zip(shown.split(), phrase.words, strict=True)
        )
    return " ".join(vocabulary.written(w) for w in phrase.words)


def _cased(word: str, written: str) -> str:
    if written.isupper():
        return word.upper()
    return word.capitalize() if written[0].isupper() else word


def _choose(candidates: list[list[_Candidate]], parents: Sequence[int]) -> list[_Candidate | None]:
    """Give each theme its best phrase that is unlike the names already given, the surest themes first."""
    order = sorted(
        range(len(candidates)),
        key=lambda i: (parents[i] >= 0, -(candidates[i][0].score if candidates[i] else 0), i),
    )
    chosen: list[_Candidate | None] = [None] * len(candidates)
    given: dict[int, list[_Candidate]] = {}
    for at in order:
        parent = parents[at]
        above = chosen[parent] if parent >= 0 else None
        near = given.setdefault(parent, []) + ([above] if above else [])
        best = next((c for c in candidates[at] if all(_unlike(c, other) for other in near)), None)
        if best is not None:
            chosen[at] = best
            given[parent].append(best)
    return chosen


def _unlike(one: _Candidate, other: _Candidate) -> bool:
    common = len(one.roots & other.roots)
    return one.shown != other.shown and common <= OVERLAP * min(len(one.roots), len(other.roots))


def _keywords(candidates: list[_Candidate], vocabulary: Vocabulary) -> list[str]:
    singles = [c for c in candidates if len(c.phrase.words) == 1]
    return [vocabulary.written(c.phrase.words[0]) for c in singles[:KEYWORDS]]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
