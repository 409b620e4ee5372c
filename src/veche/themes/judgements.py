"""Texts that only judge: "Excellent service, thank you" praises or blames, and names no matter.

Told by the word lists, in each language by itself, and kept apart from discovery: by their vectors they
would be spread over all themes, wherever a matter is praised in the same tone. With a negation only the
denial of a fault is taken for praise ("no complaints"): of the rest nothing can be told word by word.
"""

import re
from functools import cache

import numpy as np

from veche.core.text import fold
from veche.themes.material import Material
from veche.themes.words import WordLists, languages, word_lists

#: What a text can be: more than a judgement, praise alone, blame alone.
MORE, PRAISE, BLAME = 0, 1, 2

#: Longer texts are never taken for a mere judgement (code points).
MAX_CHARACTERS = 100

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def judgement(text: str) -> int:
    """Return which of `MORE`, `PRAISE` and `BLAME` a `text` is."""
    if len(text) > MAX_CHARACTERS:
        return MORE
    words = frozenset(_WORD.findall(fold(text).replace("’", "'")))
    if not words <= _all_known():
        return MORE
    found = {_judgement(words, word_lists(tag)) for tag in languages()} - {MORE}
    return found.pop() if len(found) == 1 else MORE


@cache
def _all_known() -> frozenset[str]:
    """The words that may stand in a judgement, of all languages."""
    return frozenset().union(*(_known(word_lists(tag)) for tag in languages()))


@cache
def _known(lists: WordLists) -> frozenset[str]:
    judging = lists.praise | lists.blame | lists.judged | lists.negations | lists.faults
    return judging | lists.function | lists.nothing


def _judgement(words: frozenset[str], lists: WordLists) -> int:
    if not words <= _known(lists):
        return MORE
    blame = bool(words & lists.blame)
    if words & lists.negations:
        return PRAISE if words & lists.faults and not blame else MORE
    praise = bool(words & lists.praise)
    return MORE if praise == blame else PRAISE if praise else BLAME


def find(material: Material, units: np.ndarray, *, least: int) -> np.ndarray:
    """Return the judgement of each of the distinct texts `units` (int8); kinds of too few are `MORE`."""
    texts = material.texts(material.first[units])
    out = np.fromiter((judgement(text) for text in texts), np.int8, len(texts))
    few = np.bincount(out, minlength=3) < least
    return np.where(few[out], MORE, out).astype(np.int8)
