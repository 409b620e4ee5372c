"""Passages that may be quoted: whole sentences of masked texts, short enough, without personal data.

A passage is refused if it holds the label of masked data, a long number or what looks like a person's
name that the masks missed, or if it is shouted. Nothing is reworded; only white space is tidied.
"""

import re
from collections.abc import Sequence

import pyarrow as pa

from veche.core.text import Texts
from veche.stages.sentences import sentences

#: A quotation has at most so many code points, unless asked otherwise, and at least so many words.
LONGEST = 280
LEAST_WORDS = 4

#: A digit string of this length may be a document or an account that the masks did not know.
LONG_NUMBER = 6

#: The label of masked data.
LABEL = re.compile(r"\[[^\[\]]{1,40}\]")
_DIGITS = re.compile(rf"\d(?:[\s\-()]?\d){{{LONG_NUMBER - 1},}}")
_WORD = re.compile(r"[^\W\d_]+")

#: A title or an office before a capital letter, or initials beside a capitalised word.
_NAME = re.compile(
    r"\b(?:[Mm]rs?|[Mm]s|[Mm]iss|[Dd]r|[Ss]ir|[Oo]fficer|[Ss]gt|[Ss]ra?|[Dd]on|[Dd]oña|[Hh]err|[Ff]rau|[Gg]ospodin"
    r"|[Гг]-н|[Гг]-жа|[Гг]осподин\w*|[Гг]оспож\w+|[Вв]рач\w*|[Уу]частков\w+)\.?\s+[A-ZÀ-ÞА-ЯЁ][^\W\d_]"
    r"|\b[А-ЯЁ]\.\s?[А-ЯЁ]\.|\b[A-ZÀ-Þ]\.\s?[A-ZÀ-Þ]\.\s?[A-ZÀ-Þ][a-zà-þ]"
)
_CLOSED = re.compile(r"[.!?…][\"'»”)]*$")


def passages(texts: Sequence[str], *, longest: int = LONGEST) -> list[str | None]:
    """Return, per text, whole sentences that may be quoted, at most `longest` code points, None for none.

    Of the cells of a form ("|" between them) the one that gives the longest passage is taken; in a
    cell, the first sentences that may be quoted, without a gap.
    """
    cells = [(owner, cell) for owner, text in enumerate(texts) for cell in text.split("|")]
    best: list[str | None] = [None] * len(texts)
    for (owner, cell), spans in zip(cells, _sentences([cell for _, cell in cells]), strict=True):
        found = _first_sentences(cell, spans, longest)
        if found and len(found) > len(best[owner] or ""):
            best[owner] = found
    return best


def _sentences(cells: Sequence[str]) -> list[list[tuple[int, int]]]:
    """Return the spans of the sentences of each cell."""
    split = sentences(Texts(pa.array(cells, pa.string())))
    spans: list[list[tuple[int, int]]] = [[] for _ in cells]
    for row, start, end in zip(split.row.tolist(), split.start.tolist(), split.end.tolist(), strict=True):
        spans[row].append((start, end))
    return spans


def _first_sentences(text: str, spans: Sequence[tuple[int, int]], longest: int) -> str | None:
    taken = ""
    begin = 0
    for start, end in spans:
        longer = _tidy(text[begin:end]) if taken else _tidy(text[start:end])
        good = quotable(_tidy(text[start:end]), longest=longest)
        if good and len(longer) <= longest:
            begin, taken = (begin if taken else start), longer
        elif _enough(taken):
            break
        else:
            begin, taken = start, _tidy(text[start:end]) if good else ""
    return taken if _enough(taken) else None


def _tidy(text: str) -> str:
    return " ".join(text.split())


def quotable(sentence: str, *, longest: int = LONGEST) -> bool:
    """Whether a sentence holds no label, no long number, no name and is not written in capitals."""
    if len(sentence) > longest or any(found.search(sentence) for found in (LABEL, _DIGITS, _NAME)):
        return False
    letters = [c for c in sentence if c.isalpha()]
    return bool(letters) and not (
        len(letters) > 12 and sum(c.isupper() for c in letters) > 0.5 * len(letters)
    )


def complete(text: str) -> bool:
    """Whether a passage ends as a sentence does."""
    return bool(_CLOSED.search(text))


def _enough(passage: str) -> bool:
    return len(_WORD.findall(passage)) >= LEAST_WORDS


def words(text: str) -> frozenset[str]:
    """Return the folded words of a passage, to tell near-identical ones."""
    return frozenset(w.casefold() for w in _WORD.findall(text))
