"""Audits texts or vectors: learns the encoder, cuts samples as a digest is cut, measures and judges."""

from collections.abc import Mapping, Sequence

import numpy as np

from veche.audit.encoder import Encoder
from veche.audit.judge import Audit, judge
from veche.audit.measure import SAMPLES, Voices, measure

#: So many voices are measured at most, and stand for the others: drawn by lot, each with equal chance.
PANEL = 20_000

#: At least so many times the quotations, or a random sample would be most of them.
PANEL_TIMES = 10

Codes = tuple[np.ndarray, Sequence[str]]


def panel(n_voices: int, *, k: int, seed: int) -> np.ndarray:
    """Return the sorted numbers of the voices that are measured out of `n_voices`, for `k` quotations."""
    most = max(PANEL, PANEL_TIMES * k)
    if n_voices <= most:
        return np.arange(n_voices)
    return np.sort(np.random.default_rng(seed).choice(n_voices, most, replace=False))


def audit_texts(
    texts: Sequence[str],
    quotations: Sequence[str],
    *,
    groups: Mapping[str, Codes] | None = None,
    text: np.ndarray | None = None,
    k: int | None = None,
    of_voices: int | None = None,
    seed: int = 7,
    samples: int = SAMPLES,
) -> Audit:
    """Audit a digest of `quotations` for the voices whose `texts` are given.

    `groups` maps a dimension to codes int64 [voices] (-1 where not known) and their values. `text` numbers
    the texts that count as one; without it, those with the same words do. `k` is the
    size of the random samples, where it is not the number of different quotations; their texts are cut
    at the length of the longest quotation, as a digest would. `of_voices` is how many voices the given
    ones were drawn from.
    """
    if text is None:
        number = {form: i for i, form in enumerate(dict.fromkeys(map(_same, texts)))}
        text = np.array([number[_same(t)] for t in texts], np.int64)
    _, first, text = np.unique(text, return_index=True, return_inverse=True)
    distinct = [texts[i] for i in map(int, first)]
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
        Voices(np.asarray(text), whole, cut, dict(groups or {})),
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
