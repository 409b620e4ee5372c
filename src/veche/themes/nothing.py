"""Texts that say nothing: no answer at all, or only that there is nothing to say.

They are kept together, apart from discovery, so that they are neither spread over the themes nor
counted as one that people care about. A short text that names something ("potholes") is not one.
"""

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from veche.core.text import fold
from veche.themes.material import Material
from veche.themes.passages import LABEL
from veche.themes.words import languages, word_lists

#: What a distinct text can be: something is said, no answer was given, or nothing is said.
SAYS_SOMETHING, NO_ANSWER, SAYS_NOTHING = 0, 1, 2

#: Longer texts are never taken for saying nothing (code points, words).
MAX_CHARACTERS = 48
MAX_WORDS = 6

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


def judge(text: str) -> int:
    """Return which of `SAYS_SOMETHING`, `NO_ANSWER` and `SAYS_NOTHING` a short `text` is."""
    folded = fold(text).strip()
    plain = folded.strip(" .,!?…\"'«»()")
    words = _WORD.findall(LABEL.sub(" ", folded))
    if not words or any(plain in word_lists(tag).no_answer for tag in languages()):
        return NO_ANSWER
    if len(words) <= MAX_WORDS and any(_all_empty(words, tag) for tag in languages()):
        return SAYS_NOTHING
    return SAYS_SOMETHING


def _all_empty(words: list[str], language: str) -> bool:
    lists = word_lists(language)
    return all(word in lists.nothing for word in words)


def find(material: Material) -> np.ndarray:
    """Return the judgement of every distinct text of `material` (int8 [units])."""
    out = np.zeros(len(material.first), np.int8)
    order = np.argsort(material.first, kind="stable")
    for part, rows, at in material.parts_of(material.first[order]):
        column = pq.read_table(part, columns=["masked_text"]).column(0).take(pa.array(rows))
        length = pc.call_function("utf8_length", [column]).fill_null(0).to_numpy()
        short = length <= MAX_CHARACTERS
        texts = column.filter(pa.array(short)).to_pylist()
        out[order[at[short]]] = np.fromiter((judge(t or "") for t in texts), np.int8, len(texts))
    return out
