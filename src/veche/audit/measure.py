"""How well a digest represents people, compared with random samples of as many appeals.

A *voice* is one person with one text: copies by many people are as many voices of one text, a person
who sends a text twice is one voice. A voice is represented by the quotation that is most like its text;
how well is the share of the other voices' texts that are less like it than that quotation. So every
voice has a scale of its own, and k quotations drawn by lot reach k / (k + 1) on average whatever the
texts are like. docs/explanation/representation.md gives the reasons.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

#: Random samples that a digest is compared with.
SAMPLES = 1000

#: Texts whose scales are worked out together: 256 of them against 20,000 make 20 MB.
_BLOCK = 256


@dataclass(frozen=True)
class Voices:
    """The voices that are measured: `text` int64 [voices] is the number of each one's text.

    `whole` and `cut` float32 [texts, d] are unit rows, zeros where a text cannot be compared: the text as
    it was sent, and as it would be quoted. `groups` maps a dimension to codes int64 [voices] (-1 for not
    known) and their values.
    """

    text: np.ndarray
    whole: np.ndarray
    cut: np.ndarray
    groups: Mapping[str, tuple[np.ndarray, Sequence[str]]]


@dataclass(frozen=True)
class Scores:
    """Representation by the digest and by random samples.

    Row 0 of the arrays is everybody, then one row per group as listed in `groups` (dimension, value).
    `size` counts voices; `digest` and `heard` are means over them, `worse` the share below the median of
    the random samples; `drawn`, `drawn_heard` and `drawn_worse` [rows, samples] are the same under each
    random sample. `gap_error` is the standard error of `digest` minus the mean of `drawn` that comes from
    measuring these voices out of a larger number.
    """

    groups: list[tuple[str, str]]
    size: np.ndarray
    digest: np.ndarray
    heard: np.ndarray
    worse: np.ndarray
    drawn: np.ndarray
    drawn_heard: np.ndarray
    drawn_worse: np.ndarray
    gap_error: np.ndarray


def measure(voices: Voices, quoted: np.ndarray, *, k: int, seed: int, samples: int = SAMPLES) -> Scores:
    """Measure a digest whose quotations are the unit rows `quoted` float32 [quotations, d].

    `k` is the size of the random samples: different texts, drawn so that each voice has the same chance.
    """
    groups = [(name, i) for name, (_, values) in voices.groups.items() for i in range(len(values))]
    weight = np.bincount(voices.text, minlength=len(voices.whole)).astype(np.float64)
    members = np.stack([weight, *(_members(voices, name, i) for name, i in groups)])
    comparable = voices.whole.any(axis=1)
    members[:, ~comparable] = 0
    draws = _draws(weight, k, samples, np.random.default_rng(seed))
    total = _Totals(members, samples)
    with threadpool_limits(1):  # the same bits on one core or many
        for rows in _blocks(np.flatnonzero(comparable)):
            likeness = voices.cut @ voices.whole[rows].T
            others = voices.whole[rows] @ voices.whole.T
            best = np.full((1 + samples, len(rows)), -2.0, np.float32)
            if len(quoted):
                best[0] = (quoted @ voices.whole[rows].T).max(axis=0)
            drawn = np.empty((draws.shape[1], len(rows)), np.float32)
            for sample, chosen in enumerate(draws, start=1):
                np.take(likeness, chosen, axis=0, out=drawn, mode="clip").max(axis=0, out=best[sample])
            total.add(rows, _standing(others, best, weight, rows), k)
    names = [(name, voices.groups[name][1][i]) for name, i in groups]
    return total.scores(names)


def _members(voices: Voices, name: str, value: int) -> np.ndarray:
    """How many voices of a group each text has."""
    inside = voices.text[voices.groups[name][0] == value]
    return np.bincount(inside, minlength=len(voices.whole)).astype(np.float64)


def _blocks(rows: np.ndarray) -> Iterator[np.ndarray]:
    for at in range(0, len(rows), _BLOCK):
        yield rows[at : at + _BLOCK]


def _draws(weight: np.ndarray, k: int, samples: int, rng: np.random.Generator) -> np.ndarray:
    """Return int64 [samples, k]: texts in the order in which a voice drawn by lot first names them.

    Each text waits an exponential time at the rate of its voices; the first k are the sample
    (Efraimidis and Spirakis 2006, "Weighted random sampling with a reservoir").
    """
    k = min(k, len(weight))
    out = np.empty((samples, k), np.int64)
    for row in out:
        waits = rng.exponential(size=len(weight)) / weight
        row[:] = np.argpartition(waits, k - 1)[:k]
    return out


def _standing(others: np.ndarray, best: np.ndarray, weight: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return float64 [digest and samples, rows]: the share of other voices less like a text than its best
    quotation; those just as like count half."""
    out = np.empty(best.shape)
    everybody = weight.sum()
    for i, (own, like) in enumerate(zip(rows.tolist(), others, strict=True)):
        total = everybody - weight[own]
        if total == 0:
            out[:, i] = 1.0
            continue
        # Quotations are among the nearest: only those as near as the worst of them have to be sorted.
        near = np.flatnonzero(like >= best[:, i].min() - _SAME)
        order = near[np.argsort(like[near])]
        ranked = like[order]
        heavy = weight[order]
        heavy[order == own] = 0
        below = np.concatenate([[0.0], np.cumsum(heavy)])
        below += total - below[-1]
        left = below[np.searchsorted(ranked, best[:, i] - _SAME, side="left")]
        right = below[np.searchsorted(ranked, best[:, i] + _SAME, side="right")]
        out[:, i] = (left + right) / (2 * total)
    return out


#: Two likenesses this close are equal: products of the same vectors differ by as much.
_SAME = 1e-6


class _Totals:
    """Sums over texts, block by block, of what `Scores` holds."""

    def __init__(self, members: np.ndarray, samples: int) -> None:
        self._members = members
        shape = (len(members), 1 + samples)
        self._mean, self._heard, self._worse = (np.zeros(shape) for _ in range(3))
        self._gap = np.zeros((len(members), 2))

    def add(self, rows: np.ndarray, standing: np.ndarray, k: int) -> None:
        """Add the texts `rows` with their `standing` [digest and samples, rows]."""
        weight = self._members[:, rows]
        usual = np.median(standing[1:], axis=0)
        self._mean += weight @ standing.T
        self._heard += weight @ (standing >= 1 - 1 / k).T
        self._worse += weight @ ((standing < usual) + 0.5 * (standing == usual)).T
        gap = standing[0] - standing[1:].mean(axis=0)
        self._gap += weight @ np.stack([gap, gap**2], axis=1)

    def scores(self, names: list[tuple[str, str]]) -> Scores:
        """Return the means."""
        size = self._members.sum(axis=1)
        count = np.maximum(size, 1)[:, None]
        mean, heard, worse, gap = (x / count for x in (self._mean, self._heard, self._worse, self._gap))
        error = np.sqrt(np.maximum(gap[:, 1] - gap[:, 0] ** 2, 0) / count[:, 0])
        return Scores(
            groups=names,
            size=size.astype(np.int64),
            digest=mean[:, 0],
            heard=heard[:, 0],
            worse=worse[:, 0],
            drawn=mean[:, 1:],
            drawn_heard=heard[:, 1:],
            drawn_worse=worse[:, 1:],
            gap_error=error,
        )
