"""Passages that may be quoted: whole sentences of masked texts, short enough, without personal data.

A passage is refused if it holds the label of masked data, a long number or what looks like a person's
name that the masks missed, or if it is shouted. Nothing is reworded; only white space is tidied.
"""

import re

#: A quotation has at most so many code points, and at least so many words.
LONGEST = 280
LEAST_WORDS = 4

#: A digit string of this length may be a document or an account that the masks did not know.
LONG_NUMBER = 6

_END = re.compile(r"(?<=[.!?…])[\"'»”)]*\s+(?=[\"'«“(—–-]?\s?[^\W\d_a-zа-яё])|\s*\n\s*")
_LABEL = re.compile(r"\[[^\[\]]{1,40}\]")
_DIGITS = re.compile(rf"\d(?:[\s\-()]?\d){{{LONG_NUMBER - 1},}}")
_WORD = re.compile(r"[^\W\d_]+")

#: A title or an office before a capital letter, or initials beside a capitalised word.
_NAME = re.compile(
    r"\b(?:[Mm]rs?|[Mm]s|[Mm]iss|[Dd]r|[Ss]ir|[Oo]fficer|[Ss]gt|[Ss]ra?|[Dd]on|[Dd]oña|[Hh]err|[Ff]rau|[Gg]ospodin"
    r"|[Гг]-н|[Гг]-жа|[Гг]осподин\w*|[Гг]оспож\w+|[Вв]рач\w*|[Уу]частков\w+)\.?\s+[A-ZÀ-ÞА-ЯЁ][^\W\d_]"
    r"|\b[А-ЯЁ]\.\s?[А-ЯЁ]\.|\b[A-ZÀ-Þ]\.\s?[A-ZÀ-Þ]\.\s?[A-ZÀ-Þ][a-zà-þ]"
)
_CLOSED = re.compile(r"[.!?…][\"'»”)]*$")


def sentences(text: str) -> list[str]:
    """Split a text at ends of sentences and at line breaks."""
    return [s for s in (" ".join(part.split()) for part in _END.split(text)) if s]


def passage(text: str) -> str | None:
    """Return whole sentences of `text` that may be quoted, at most `LONGEST` long, None if there are none.

    Of the cells of a form ("|" between them) the one that gives the longest passage is taken; in a
    cell, the first sentences that may be quoted, without a gap.
    """
    found = [p for p in (_first_sentences(cell) for cell in text.split("|")) if p]
    return max(found, key=len) if found else None


def _first_sentences(text: str) -> str | None:
    taken: list[str] = []
    for sentence in sentences(text):
        fits = len(" ".join([*taken, sentence])) <= LONGEST
        if quotable(sentence) and fits:
            taken.append(sentence)
        elif _enough(taken):
            break
        else:
            taken = [sentence] if quotable(sentence) else []
    return " ".join(taken) if _enough(taken) else None


def quotable(sentence: str) -> bool:
    """Whether a sentence holds no label, no long number, no name and is not written in capitals."""
    if len(sentence) > LONGEST or any(found.search(sentence) for found in (_LABEL, _DIGITS, _NAME)):
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
