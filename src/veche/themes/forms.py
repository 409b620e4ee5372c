"""Web forms inside texts ("Make of the car: FORD | Comments: ..."): the form's words, not the citizen's.

A label is a short beginning of a text, a line or a cell ("|") that ends in a colon or a question mark
and stands word for word in many texts; a choice is a short cell that follows a label in many texts.
Names and quotations are made of what is left without both.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

#: A label or a choice stands in this many of the texts looked at, and in this share of them.
LEAST_TEXTS = 20
LEAST_SHARE = 0.002

#: Words of a choice at most.
CHOICE_WORDS = 3

_CELL = re.compile(r"(?:^|(?<=[|\n]))[ \t]*([^|\n:?]{3,80}[:?])(?=\s|$)([^|\n]*)")

_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Form:
    """The labels of a form and the choices that it offers."""

    labels: frozenset[str]
    choices: frozenset[str]


def find_form(texts: Iterable[str]) -> Form:
    """Return what is form in `texts`."""
    labels: Counter[str] = Counter()
    cells: Counter[tuple[str, str]] = Counter()
    n = 0
    for text in texts:
        n += 1
        found = {(label, cell.strip()) for label, cell in _CELL.findall(text)}
        labels.update({label for label, _ in found})
        cells.update(found)
    least = max(LEAST_TEXTS, LEAST_SHARE * n)
    known = frozenset(label for label, count in labels.items() if count >= least)
    choices = frozenset(
        cell
        for (label, cell), count in cells.items()
        if count >= least and label in known and cell and len(cell.split()) <= CHOICE_WORDS
    )
    return Form(known, choices)


def without_form(text: str, form: Form) -> str:
    """Return `text` without labels and choices; the bar or line break before them stays."""
    if not form.labels or not (":" in text or "?" in text):
        return text

    def left(found: re.Match[str]) -> str:
        label, cell = found.groups()
        if label not in form.labels:
            return found.group()
        return "" if cell.strip() in form.choices else cell

    return _CELL.sub(left, text)


def labels_in(texts: Iterable[str], form: Form) -> list[str]:
    """Return the labels of `form` that stand in `texts`, the frequent first."""
    counts = Counter(label for text in texts for label, _ in _CELL.findall(text) if label in form.labels)
    return [label for label, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]


def shared_words(labels: Sequence[str]) -> list[str]:
    """Return each of `labels` with a bar for every word that no other of them has."""
    split = [_WORD.findall(label.lower()) for label in labels]
    counts = Counter(word for words in split for word in set(words))
    return [" ".join(word if counts[word] > 1 else "|" for word in words) for words in split]
