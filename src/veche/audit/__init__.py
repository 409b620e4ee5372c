"""The representation audit: how well a digest speaks for the people whose appeals it stands for.

Compares any digest with random samples of as many appeals, in all and for each group, by an encoder of
its own. Chooses nothing and changes nothing; quotations are chosen in `themes`.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from veche.audit.encoder import Encoder
from veche.audit.judge import Audit, Group, judge
from veche.audit.measure import SAMPLES, Voices, measure

__all__ = ["PANEL", "Audit", "Group", "audit", "audit_texts", "panel"]

#: So many voices are measured at most, and stand for the others: drawn by lot, each with equal chance.
PANEL = 20_000

#: A random sample has at most so many of the voices measured, or it would be no sample.
_LARGEST_SAMPLE = 0.5

Codes = tuple[np.ndarray, Sequence[str]]


def panel(n_voices: int, *, seed: int, most: int = PANEL) -> np.ndarray:
    """Return the sorted numbers of the voices that are measured out of `n_voices`."""
    if n_voices <= most:
        return np.arange(n_voices)
    return np.sort(np.random.default_rng(seed).choice(n_voices, most, replace=False))


def audit_texts(
    texts: Sequence[str],
    quotations: Sequence[str],
    *,
    groups: Mapping[str, Codes] | None = None,
    k: int | None = None,
    of_voices: int | None = None,
    seed: int = 7,
    samples: int = SAMPLES,
) -> Audit:
    """Audit a digest of `quotations` for the voices whose `texts` are given.

    `groups` maps a dimension to codes int64 [voices] (-1 where not known) and their values. `k` is the
    size of the random samples, where it is not the number of different quotations; their texts are cut
    at the length of the longest quotation, as a digest would. `of_voices` is how many voices the given
    ones were drawn from.
    """
    forms = {_same(t): t for t in reversed(texts)}
    number = {form: i for i, form in enumerate(forms)}
    text = np.array([number[_same(t)] for t in texts], np.int64)
    distinct = list(forms.values())
    said = list({_same(q): q for q in quotations}.values())
    encoder = Encoder(distinct, seed=seed)
    whole = encoder.encode(distinct)
    longest = max((len(q) for q in said), default=0)
    short = np.array([i for i, t in enumerate(distinct) if len(t) > longest], np.int64)
    cut = whole
    if len(short) and longest:
        cut = whole.copy()
        cut[short] = encoder.encode([_cut(distinct[i], longest) for i in short.tolist()])
    quoted = encoder.encode(said)
    return audit(
        Voices(text, whole, cut, dict(groups or {})),
        quoted,
        k=k or len(said),
        of_voices=of_voices,
        seed=seed,
        samples=samples,
    )


def audit(
    voices: Voices,
    quoted: np.ndarray,
    *,
    k: int,
    of_voices: int | None = None,
    seed: int = 7,
    samples: int = SAMPLES,
) -> Audit:
    """Audit a digest whose quotations have the unit rows `quoted` float32 [quotations, d].

    To audit a choice among the voices' own texts, `quoted` is `voices.cut[numbers of texts]`.
    Zero rows are quotations that cannot be compared; they count in `k` all the same.
    """
    known = quoted[quoted.any(axis=1)] if len(quoted) else quoted
    scores = measure(voices, known, k=k, seed=seed, samples=samples)
    return judge(
        scores,
        k=k,
        quoted=len(known),
        of_voices=of_voices or len(voices.text),
        n_voices=len(voices.text),
    )


def _same(text: str) -> str:
    """What two texts share that are one text: words, without case and white space."""
    return " ".join(text.casefold().split())


def _cut(text: str, longest: int) -> str:
    """The beginning of a text up to `longest` characters, at the end of a word."""
    return text[: longest + 1].rsplit(None, 1)[0] if len(text) > longest else text
