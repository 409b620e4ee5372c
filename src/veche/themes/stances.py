"""What the words of a text say for and against: praise or complaint, and for or against a thing.

A list of phrases per language and the negations before them; no more is claimed than that such words
stand there. Whether a theme really holds two positions is decided in `positions`.
"""

import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa

from veche.core.text import Texts
from veche.packs.model import Cue
from veche.stages.cues import CueMatcher

#: The two ways to take a stand: the side that counts as plus, and the side that counts as minus.
AXES: dict[str, tuple[str, str]] = {"worth": ("praise", "complaint"), "will": ("for", "against")}

#: A negation turns a phrase round with at most so many words between ("not at all good").
TURNS_ROUND = 2

_READ_CHARACTERS = 600


def lean(texts: Sequence[str]) -> dict[str, np.ndarray]:
    """Return, per axis, from -1 to 1 (float64 [texts]) which side the phrases of each text are on.

    0 stands where there are none, or as many on either side.
    """
    sides = [side for pair in AXES.values() for side in pair]
    column = Texts(pa.array([text[:_READ_CHARACTERS] for text in texts], pa.string()))
    hits = _matcher().find(column)
    turned = hits.before <= TURNS_ROUND
    found = {}
    for axis, (plus, minus) in AXES.items():
        said = np.zeros(len(texts))
        for side, sign in ((plus, 1.0), (minus, -1.0)):
            own = hits.cue == sides.index(side)
            np.add.at(said, hits.row[own], np.where(turned[own], -sign, sign))
        found[axis] = np.tanh(said)
    return found


@cache
def _matcher() -> CueMatcher:
    lists = tomllib.loads((Path(__file__).parent / "stances.toml").read_text("utf-8"))
    cues = [
        Cue(side, {tag: tuple(words[side]) for tag, words in lists.items()})
        for pair in AXES.values()
        for side in pair
    ]
    return CueMatcher(cues, negations={tag: tuple(words["negations"]) for tag, words in lists.items()})
