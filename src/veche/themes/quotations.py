"""Which passages speak for a theme: few, unlike one another, covering its texts and its subthemes.

Greedy choice of passages that maximises how well the theme's texts are covered (facility location)
plus a reward for every subtheme that is heard (Lin and Bilmes 2011, "A class of submodular functions
for document summarization"). Both parts are monotone submodular, so the greedy choice reaches at
least 63 % of the best possible value (Nemhauser, Wolsey and Fisher 1978).
"""

from collections.abc import Sequence

import numpy as np

from veche.themes.passages import complete, words

#: Weight of the reward for subthemes against the coverage of texts (both from 0 to 1).
DIVERSITY = 0.5

#: Two passages that share this part of their words, or are this close in meaning, are one.
SAME_WORDS = 0.6
SAME_MEANING = 0.93

#: Passages of this length (code points) read best; far shorter ones say little.
GOOD_LENGTH = 90


def choose(
    passages: Sequence[str], vectors: np.ndarray, group: np.ndarray, texts: np.ndarray, *, count: int
) -> list[int]:
    """Return the numbers of at most `count` passages, the best first.

    `vectors` float32 [passages, d] and `texts` float32 [texts, d] are unit rows; `group` int32
    [passages] is the subtheme of each passage, -1 for none.
    """
    if not passages:
        return []
    likeness = np.maximum(texts @ vectors.T, 0)
    quality = np.array([_quality(p) for p in passages])
    bags = [words(p) for p in passages]
    covered = np.zeros(len(texts))
    heard = np.zeros(int(group.max(initial=-1)) + 2)
    allowed = np.ones(len(passages), bool)
    chosen: list[int] = []
    while len(chosen) < count and allowed.any():
        gain = np.maximum(likeness - covered[:, None], 0).mean(axis=0)
        reward = np.sqrt(heard[group] + quality) - np.sqrt(heard[group])
        value = gain * quality + DIVERSITY * gain.max() * reward * (group >= 0)
        best = int(np.where(allowed, value, -1.0).argmax())
        chosen.append(best)
        covered = np.maximum(covered, likeness[:, best])
        heard[group[best]] += quality[best]
        allowed &= (vectors @ vectors[best]) < SAME_MEANING
        allowed &= np.array([_apart(bags[best], bag) for bag in bags])
        allowed[best] = False
    return chosen


def _quality(passage: str) -> float:
    """From 0 to 1: whole sentences of a good length read best."""
    length = min(1.0, len(passage) / GOOD_LENGTH)
    return (0.5 + 0.5 * length) * (1.0 if complete(passage) else 0.85)


def _apart(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) <= SAME_WORDS * max(1, min(len(one), len(other)))
