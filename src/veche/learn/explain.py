"""Why a label got its score: what each word, pair of words and trait adds, summing to the score exactly."""

from typing import NamedTuple

import numpy as np

from veche.learn.design import design_of
from veche.learn.examples import Inputs
from veche.learn.features import BLOCKS, PAIRS, STEM_PAIRS, occurrences, words_of
from veche.learn.heads import Head

#: Kinds of what can weigh: a word (its letters with it), two neighbouring words, the sentence as a whole
#: (its vector), a trait ("territory=ru-75"), and what every appeal has.
WORD, PAIR, WHOLE, TRAIT, START = "word", "pair", "whole", "trait", "start"


class Reason(NamedTuple):
    """What `name` adds to a score; `name` is "" for `WHOLE` and `START`."""

    kind: str
    name: str
    weight: float


def explain(head: Head, inputs: Inputs, label: int) -> list[Reason]:
    """Return what adds to the score of `label` in the one appeal of `inputs`, the heaviest first.

    The weights sum to the score. What a letter sequence adds is shared out among the words that have it.
    Words are those of the masked text, in lower case.
    """
    words = words_of(inputs.texts)
    design = design_of(inputs, head.columns)
    weight = _weights(head, label)
    reasons: list[Reason] = []
    for block in BLOCKS:
        name, feature = occurrences(words, block, head.columns.lexicon)
        value = np.zeros(len(head.columns.lexicon))
        times = np.bincount(feature, minlength=len(value))
        value[design.words.indices] = design.words.data
        share = value[feature] * weight[feature] / np.maximum(times[feature], 1)
        kind = PAIR if block in (PAIRS, STEM_PAIRS) else WORD
        reasons += [Reason(kind, n, float(s)) for n, s in zip(name, share, strict=True)]
    added = design.traits.multiply(head.traits[:, label]).tocsr()
    names = [head.columns.traits[i] for i in added.indices]
    reasons += [Reason(TRAIT, n, float(w)) for n, w in zip(names, added.data, strict=True)]
    reasons.append(Reason(WHOLE, "", float(design.vectors[0].astype(np.float64) @ head.vector[:, label])))
    reasons.append(Reason(START, "", float(head.start[label])))
    return _joined(reasons)


def _weights(head: Head, label: int) -> np.ndarray:
    """Return what a unit of each feature of the words adds to the label, float64 [f]."""
    if head.out is None:
        return head.words[:, label].astype(np.float64)
    return head.words.astype(np.float64) @ head.out[:, label]


def _joined(reasons: list[Reason]) -> list[Reason]:
    """Add up what one word adds in several places, and sort by how much it weighs."""
    sums: dict[tuple[str, str], float] = {}
    for kind, name, weight in reasons:
        sums[kind, name] = sums.get((kind, name), 0.0) + weight
    joined = [Reason(kind, name, weight) for (kind, name), weight in sums.items()]
    return sorted(joined, key=lambda reason: (-abs(reason.weight), reason.kind, reason.name))
