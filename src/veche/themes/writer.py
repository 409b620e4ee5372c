"""The port through which quotations may become prose, and the check that holds prose to its ground.

A writer (a language model that an owner connected, or a person) is given quotations and returns sentences;
each names the quotations that it rests on. What rests on nothing, or quotes what nobody said, is refused.
The writer that is always there adds nothing: the quotations as they are.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from veche.core.text import fold


@dataclass(frozen=True)
class Ground:
    """A quotation that prose may rest on: the appeal it is from, its words, and its side if it has one."""

    appeal_id: str
    text: str
    position: str | None = None


@dataclass(frozen=True)
class Sentence:
    """A sentence of prose and the ids of the appeals whose quotations it rests on."""

    text: str
    rests_on: tuple[str, ...]


@dataclass(frozen=True)
class Flaw:
    """What is wrong with the sentence of this number: `nothing` (it rests on nothing), `unknown` (it names
    an appeal that was not quoted), `not_said` (words in quotation marks that none of its quotations has) or
    `number` (a figure that none of its quotations has); `detail` is the id, the words or the figure."""

    sentence: int
    kind: str
    detail: str


class Writer(Protocol):
    """Turns the quotations of one theme into prose."""

    def write(self, name: str, ground: Sequence[Ground], *, language: str) -> list[Sentence]:
        """Return sentences in `language` (BCP 47) about the theme called `name`."""
        ...


class QuotationsAsTheyAre:
    """The writer where none is connected: each quotation is a sentence of its own."""

    def write(self, name: str, ground: Sequence[Ground], *, language: str) -> list[Sentence]:
        """Return the quotations, in their order, in the languages of their authors."""
        del name, language
        return [Sentence(quotation.text, (quotation.appeal_id,)) for quotation in ground]


_QUOTED = re.compile(r"[«“„\"]([^«»“”„\"]{2,})[»”“\"]")
_NUMBER = re.compile(r"\d+(?:[.,\u00a0\u202f]\d+)*")


def flaws(sentences: Sequence[Sentence], ground: Sequence[Ground]) -> list[Flaw]:
    """Return what in `sentences` does not stand on `ground`; an empty list is prose that may be shown.

    It checks what can be checked without judgement: names of quotations, literal quotations, figures.
    Whether a sentence follows from its quotations is left to the person who signs it.
    """
    said = {quotation.appeal_id: fold(quotation.text) for quotation in ground}
    found: list[Flaw] = []
    for number, sentence in enumerate(sentences):
        if not sentence.rests_on:
            found.append(Flaw(number, "nothing", sentence.text))
        found += [Flaw(number, "unknown", name) for name in sentence.rests_on if name not in said]
        own = [said[name] for name in sentence.rests_on if name in said]
        for kind, pattern in (("not_said", _QUOTED), ("number", _NUMBER)):
            for match in pattern.finditer(sentence.text):
                words = match.group(match.lastindex or 0)
                if not any(fold(words).strip(" .,;") in text for text in own):
                    found.append(Flaw(number, kind, words))
    return found


def written(
    writer: Writer, name: str, ground: Sequence[Ground], *, language: str
) -> tuple[list[Sentence], list[Flaw]]:
    """Return what `writer` makes of the quotations, or the quotations as they are and why its prose was
    refused."""
    prose = writer.write(name, ground, language=language)
    wrong = flaws(prose, ground)
    if wrong:
        return QuotationsAsTheyAre().write(name, ground, language=language), wrong
    return prose, []
