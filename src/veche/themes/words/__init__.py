"""Small word lists by language: words without content of their own, and ways to say nothing.

The lists are short on purpose and written for citizens' appeals; where a language has none, the
callers go by numbers (how evenly a word is spread over the themes) instead.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from veche.core.text import fold


class WordLists(NamedTuple):
    """Folded words: `function` has no content, `nothing` makes up answers that say nothing, `no_answer`
    holds whole texts that stand for a missing answer. `praise` and `blame` judge, `judged` is what they may
    be said of without naming a matter, `negations` turn a judgement round, and
    `faults` are what praise denies ("no complaints", "could not be better")."""

    function: frozenset[str]
    nothing: frozenset[str]
    no_answer: frozenset[str]
    praise: frozenset[str]
    blame: frozenset[str]
    judged: frozenset[str]
    negations: frozenset[str]
    faults: frozenset[str]


_JUDGING = ("praise", "blame", "judged", "negations", "faults")


@cache
def word_lists(language: str) -> WordLists:
    """Return the lists of a BCP 47 language tag; empty lists where there are none."""
    path = Path(__file__).parent / f"{language.split('-')[0]}.toml"
    if not path.is_file():
        return WordLists(*[frozenset()] * len(WordLists._fields))
    data = tomllib.loads(path.read_text("utf-8"))
    return WordLists(
        function=frozenset(fold(data["function"]).split()),
        nothing=frozenset(fold(data["nothing"]).split()),
        no_answer=frozenset(fold(text) for text in data["no_answer"]),
        **{name: frozenset(fold(data[name]).split()) for name in _JUDGING},
    )


@cache
def languages() -> tuple[str, ...]:
    """Return the languages that have lists, in order of their tags."""
    return tuple(sorted(p.stem for p in Path(__file__).parent.glob("*.toml")))
