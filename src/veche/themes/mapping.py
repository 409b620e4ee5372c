"""Which of the themes that a person wrote down each text speaks of: several or none, with strengths.

Nothing is trained beforehand. A theme is its title, its description and, if there are any, a few texts
that a person put under it. Three things speak for a theme: the whole text's vector, the vectors of its
single words against the theme's words (so that "bookmaker" counts for "gambling"), and the texts given as
examples. The texts themselves, without labels, tell which words say little here, which texts say the same
and, where each theme has many, what else is said of it (`feedback`). Discovery of themes that nobody
wrote down is elsewhere.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from scipy.sparse import csr_array
from sklearn.feature_extraction.text import TfidfVectorizer

from veche.core.text import fold
from veche.stages.tokens import build_tokenizer
from veche.stages.tokens import encode as to_tokens
from veche.stages.topic_words import piece_scores
from veche.stages.vectors import encode
from veche.themes import feedback, nothing
from veche.themes.features import unit_rows

#: A text has at most so many themes, and those whose score is less than `GAP` below its best one, in
#: standard deviations of all scores. On the development consultation 0.4 to 1.0 did alike.
MOST = 3
GAP = 0.7

#: Two words whose centred vectors have a lower cosine have nothing to do with each other; above it a
#: likeness counts as this power of it.
ALIKE = 0.3
_LIKENESS = 1.5

#: Power of a word's rarity among the themes: what many of them say tells them apart little.
_APART = 1.5

#: Nats of information (unigram probability of the subwords) below which a word says nothing ("the").
_COMMON, _RARE = 7.0, 13.0

#: Part of a text's score that comes from the texts most like it, rounds, and how many texts are asked.
BORROWED = 0.3
_ROUNDS = 20
_LANDMARKS = 2048

#: How often the texts teach each other what else is said of a theme; later rounds add little.
_FEEDBACKS = 2

#: Means of this many texts are not believed wholly: how much all texts lean to a theme is taken away.
_FEW = 10

#: Ridge of the classifier over the examples, and what likeness in words weighs there beside that of vectors.
_RIDGE = 1.0
_WORDS = 0.5

_WORD = re.compile(r"[^\W\d_]{3,}(?:'[^\W\d_]+)*")
_BLOCK = 1024
_READ_CHARACTERS = 1000


@dataclass(frozen=True)
class GivenTheme:
    """A theme as a person wrote it; `examples` are texts that speak of it."""

    title: str
    description: str = ""
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mapped:
    """`strength` float32 [texts, themes]: 1 for a text's nearest theme, less for the others; rows of zeros
    for texts that say nothing. `chosen` bool [texts, themes]: the themes that a text speaks of."""

    strength: np.ndarray
    chosen: np.ndarray


def map_to_themes(texts: Sequence[str], themes: Sequence[GivenTheme], *, threads: int = 1) -> Mapped:
    """Return which of `themes` each of `texts` speaks of.

    The result depends on all texts together: what nearly all of them say tells none of them apart.
    """
    shape = (len(texts), len(themes))
    if 0 in shape:
        return Mapped(np.zeros(shape, np.float32), np.zeros(shape, bool))
    vectors = encode([text[:_READ_CHARACTERS] for text in texts], threads=threads)
    mean = vectors.mean(axis=0)
    inside = unit_rows(vectors - mean)
    score = _standard(_by_words(texts, themes, threads)) + _standard(_by_wholes(inside, themes, threads))
    score = _standard(_borrowed(score, inside))
    first = score
    for _ in range(_FEEDBACKS):
        told = _standard(feedback.from_the_others(score, inside))
        score = _standard(first + feedback.trust(*shape) * told)
    if any(theme.examples for theme in themes):
        score = _standard(score + _standard(_by_examples(texts, inside, mean, themes, threads)))
    below = score.max(axis=1, keepdims=True) - score
    rank = np.argsort(np.argsort(below, axis=1, kind="stable"), axis=1, kind="stable")
    says = np.array([nothing.judge(text) == nothing.SAYS_SOMETHING for text in texts])[:, None]
    strength = np.where(says, np.exp(-below), 0.0)
    return Mapped(strength.astype(np.float32), says & (below < GAP) & (rank < MOST))


def _standard(score: np.ndarray) -> np.ndarray:
    """Scores of one spread, without what a text gives to all themes or a theme gets from all texts."""
    score = score - score.mean(axis=1, keepdims=True)
    score = score - score.sum(axis=0) / (len(score) + _FEW)
    spread = float(score.std())
    return score / spread if spread > 0 else score


def _by_wholes(inside: np.ndarray, themes: Sequence[GivenTheme], threads: int) -> np.ndarray:
    """Cosines of texts with title and description, both without what all of their kind share."""
    titles = encode([theme.title for theme in themes], threads=threads)
    described = encode([theme.description or theme.title for theme in themes], threads=threads)
    own = unit_rows(titles + described)
    return (inside @ unit_rows(own - own.mean(axis=0)).T).astype(np.float64)


def _by_words(texts: Sequence[str], themes: Sequence[GivenTheme], threads: int) -> np.ndarray:
    """How well each word of the theme is met by a word of the text, and each word of the text by one of
    the theme; words weigh by their information and by how few themes or texts have them."""
    said = [_words(text) for text in texts]
    asked = [_words(f"{theme.title} {theme.description}") for theme in themes]
    vocabulary = sorted({word for words in (*said, *asked) for word in words})
    if not vocabulary:
        return np.zeros((len(texts), len(themes)))
    number = {word: i for i, word in enumerate(vocabulary)}
    vectors = encode(vocabulary, threads=threads)
    vectors = unit_rows(vectors - vectors.mean(axis=0))
    in_texts, in_themes = _presence(said, number), _presence(asked, number)
    information = _information(vocabulary)
    weight = information * _rarity(in_texts, len(vocabulary))
    theme_weight = information * _rarity(in_themes, len(vocabulary)) ** _APART
    told = in_texts @ weight
    score = np.zeros((len(texts), len(themes)))
    for at in range(len(themes)):
        words = in_themes.indices[in_themes.indptr[at] : in_themes.indptr[at + 1]]
        own = theme_weight[words]
        if not own.any():
            continue
        like = vectors @ vectors[words].T
        like = np.where(like > ALIKE, like, 0.0) ** _LIKENESS
        met = _row_max(in_texts, like * np.sqrt(weight)[:, None]) @ own / own.sum()
        meets = in_texts @ ((like * np.sqrt(own)).max(axis=1) * weight) / np.maximum(told, 1e-9)
        score[:, at] = met + meets
    return score


def _words(text: str) -> list[str]:
    return list(dict.fromkeys(_WORD.findall(_cut(text))))


def _presence(lists: Sequence[Sequence[str]], number: dict[str, int]) -> csr_array:
    flat = np.fromiter((number[word] for words in lists for word in words), np.int64)
    ends = np.cumsum([0, *map(len, lists)])
    return csr_array((np.ones(len(flat)), flat, ends), shape=(len(lists), len(number)))


def _rarity(presence: csr_array, n_words: int) -> np.ndarray:
    """From 0 to about 1 per word: the fewer of the rows have it, the more it tells."""
    rows = len(presence.indptr) - 1
    having = np.bincount(presence.indices, minlength=n_words)
    return np.maximum(np.log((1 + rows) / (0.5 + having)), 0.0) / np.log(2 + 2 * rows)


def _information(words: Sequence[str]) -> np.ndarray:
    tokens = to_tokens(build_tokenizer(), pa.array(words, pa.string()))
    ids = tokens.flatten().to_numpy(zero_copy_only=False)
    offsets = tokens.offsets.to_numpy()
    summed = np.concatenate([[0.0], np.cumsum(-piece_scores()[ids])])
    return np.clip((np.diff(summed[offsets - offsets[0]]) - _COMMON) / (_RARE - _COMMON), 0, 1)


def _row_max(presence: csr_array, values: np.ndarray) -> np.ndarray:
    """Per row of `presence`, the column-wise maximum of `values` [words, d] over its words, 0 for none."""
    rows = len(presence.indptr) - 1
    out = np.zeros((rows, values.shape[1]))
    for start in range(0, rows, _BLOCK):
        ends = presence.indptr[start : min(start + _BLOCK, rows) + 1]
        filled = np.flatnonzero(np.diff(ends))
        if len(filled):
            block = values[presence.indices[ends[0] : ends[-1]]]
            out[start + filled] = np.maximum.reduceat(block, ends[filled] - ends[0], axis=0)
    return out


def _borrowed(score: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Scores smoothed over like texts (label propagation, Zhou et al. 2004), by way of at most
    `_LANDMARKS` of them."""
    chosen = np.unique(np.linspace(0, len(inside) - 1, min(len(inside), _LANDMARKS)).astype(np.int64))
    link = _links(inside[chosen], inside[chosen], np.arange(len(chosen)))
    own = score[chosen]
    spread = own
    for _ in range(_ROUNDS):
        spread = (1 - BORROWED) * own + BORROWED * (link @ spread)
    place = np.full(len(inside), -1)
    place[chosen] = np.arange(len(chosen))
    out = np.empty_like(score)
    for start in range(0, len(inside), _BLOCK):
        rows = slice(start, start + _BLOCK)
        near = _links(inside[rows], inside[chosen], place[rows]) @ spread
        out[rows] = (1 - BORROWED) * score[rows] + BORROWED * near
    return out


def _links(rows: np.ndarray, others: np.ndarray, itself: np.ndarray) -> np.ndarray:
    """Shares of `others` in each row's neighbourhood; `itself` is the row's own place there or -1."""
    like = np.maximum(rows @ others.T, 0).astype(np.float64) ** 3
    there = np.flatnonzero(itself >= 0)
    like[there, itself[there]] = 0.0
    return 1.5 * like / np.maximum(like.sum(axis=1, keepdims=True), 1e-9)


def _by_examples(
    texts: Sequence[str], inside: np.ndarray, mean: np.ndarray, themes: Sequence[GivenTheme], threads: int
) -> np.ndarray:
    """What a ridge regression over the examples says, by vectors and by words; a text may be an example
    of several themes."""
    known = sorted({text for theme in themes for text in theme.examples})
    vectors = unit_rows(encode([text[:_READ_CHARACTERS] for text in known], threads=threads) - mean)
    words = TfidfVectorizer(
        sublinear_tf=True, ngram_range=(1, 2), token_pattern=_WORD.pattern, lowercase=False
    )
    said = words.fit_transform([*map(_cut, known), *map(_cut, texts)])
    taught, asked = said[: len(known)], said[len(known) :]
    label = np.array([[text in theme.examples for theme in themes] for text in known], np.float64)
    kernel = (vectors @ vectors.T).astype(np.float64) + _WORDS * (taught @ taught.T).toarray()
    weights = np.linalg.solve(kernel + _RIDGE * np.eye(len(known)), label - label.mean(axis=0))
    return inside @ (vectors.T @ weights) + _WORDS * (asked @ (taught.T @ weights))


def _cut(text: str) -> str:
    return fold(text[:_READ_CHARACTERS])
