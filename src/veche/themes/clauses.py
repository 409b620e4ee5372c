"""A name for a theme whose texts share no phrase: the short clause of its texts that tells the most.

A lone word ("Pain", "Long") names no matter. People who say the same in other words still write short
clauses ("pain relief was given late"); the one that holds most of the theme's telling words in the fewest
words is its name, as somebody wrote it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from veche.core.morphology import russian
from veche.core.text import fold
from veche.themes.passages import quotable
from veche.themes.phrases import WORD
from veche.themes.russian import says_who_writes
from veche.themes.words import word_lists

#: Letters by which words are compared, so that endings do not matter.
ROOT = 4

#: Texts that are read, the most central first; words of a clause.
_READ = 200
_FEWEST, _MOST = 2, 6

#: What a clause loses from the first text to the last, as a part: the central ones speak for more.
_FAR = 0.5

#: Words that join a clause to what went before it.
_JOINS = frozenset(
    (
        *(
            "and",
            "but",
            "because",
            "so",
            "or",
            "that",
            "which",
            "и",
            "но",
            "а",
            "что",
            "чтобы",
            "или",
            "потому",
        ),
        *(
            "поэтому",
            "так",
            "y",
            "o",
            "pero",
            "que",
            "porque",
            "und",
            "aber",
            "oder",
            "weil",
            "dass",
            "et",
            "mais",
        ),
    )
)

_ENDS = re.compile(r"[.!?…;:,()\n|–—]+|\s-\s")


@dataclass(frozen=True)
class Samples:
    """Texts of one theme in its main language, the most central first, and that language's tag."""

    texts: Sequence[str]
    language: str


def most_telling(samples: Samples, worth: Mapping[str, float], taken: set[str]) -> str:
    """Return the clause that tells most, "" where there is none.

    `worth` maps roots of words to what they tell; a clause has two words with content at least,
    ends with one, and does not begin with a word that joins it to another. `taken` are casefolded names that
    others have.
    """
    empty = word_lists(samples.language).function
    best, best_score = "", 0.0
    read = samples.texts[:_READ]
    for number, text in enumerate(read):
        nearness = 1 - _FAR * number / max(1, len(read))
        for clause in _ENDS.split(text[:400]):
            written = WORD.findall(clause)
            words = [fold(word) for word in written]
            if not _FEWEST <= len(words) <= _MOST:
                continue
            content = [word for word in words if word not in empty and len(word) > 2]
            if len(content) < 2 or words[-1] in empty or words[0] in _JOINS:
                continue
            told = sum(worth.get(root, 0.0) for root in {word[:ROOT] for word in content})
            score = nearness * told / len(words) ** 0.5
            shown = " ".join(clause.split())
            if score > best_score and shown.casefold() not in taken and _fit(shown):
                if samples.language == "ru" and (
                    _is_misspelt(written) or says_who_writes([words[0], *written[1:]])
                ):
                    continue
                best, best_score = shown, score
    return best


def _is_misspelt(words: Sequence[str]) -> bool:
    """Whether a Russian word is not in the dictionary; a word with a capital may be a name, the first not."""
    told = [word.lower() for number, word in enumerate(words) if number == 0 or word.islower()]
    return not all(russian().word_is_known(word) for word in told)


def _fit(clause: str) -> bool:
    return quotable(clause) and not any(c in '[]{}<>/\\@_=0123456789"«»' for c in clause)
