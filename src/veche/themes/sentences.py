"""Passages that may be quoted: whole sentences of masked texts, short enough, without personal data.

A passage is refused if it holds the label of masked data, a long number, or is shouted. Nothing is
reworded; only white space is tidied.
"""

import re

#: A quotation has at most so many code points, and at least so many words.
LONGEST = 280
LEAST_WORDS = 4

#: A digit string of this length may be a document or an account that the masks did not know.
LONG_NUMBER = 6

_END = re.compile(r"(?<=[.!?…])[\"'»”)]*\s+(?=[\"'«“(—–-]?\s?[^\W\d_a-zа-яё])|\s*\n\s*|\s+\|\s+")
_LABEL = re.compile(r"\[[^\[\]]{1,40}\]")
_DIGITS = re.compile(rf"\d(?:[\s\-()]?\d){{{LONG_NUMBER - 1},}}")
_WORD = re.compile(r"[^\W\d_]+")
_CLOSED = re.compile(r"[.!?…][\"'»”)]*$")


def sentences(text: str) -> list[str]:
    """Split a text at ends of sentences, line breaks and the bars of forms."""
    return [s for s in (" ".join(part.split()) for part in _END.split(text)) if s]


def passage(text: str) -> str | None:
    """Return the first stretch of whole sentences of `text` that may be quoted, None if there is none.

    Sentences are taken as long as the stretch is not longer than `LONGEST`.
    """
    taken: list[str] = []
    for sentence in sentences(text):
        fits = len(" ".join([*taken, sentence])) <= LONGEST
        if quotable(sentence) and fits:
            taken.append(sentence)
        elif taken and _enough(taken):
            break
        else:
            taken = []
    return " ".join(taken) if _enough(taken) else None


def quotable(sentence: str) -> bool:
    """Whether a sentence holds no label, no long number and is not written in capitals."""
    if len(sentence) > LONGEST or _LABEL.search(sentence) or _DIGITS.search(sentence):
        return False
    letters = [c for c in sentence if c.isalpha()]
    return bool(letters) and not (
        len(letters) > 12 and sum(c.isupper() for c in letters) > 0.5 * len(letters)
    )


def complete(text: str) -> bool:
    """Whether a passage ends as a sentence does."""
    return bool(_CLOSED.search(text))


def _enough(taken: list[str]) -> bool:
    return len(_WORD.findall(" ".join(taken))) >= LEAST_WORDS


def words(text: str) -> frozenset[str]:
    """Return the folded words of a passage, to tell near-identical ones."""
    return frozenset(w.casefold() for w in _WORD.findall(text))
