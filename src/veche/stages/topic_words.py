"""What the words of a text say about its topic: how much they weigh in each topic's own words.

A pack's titles, descriptions, examples and keywords are the only teachers. Words are cut to stems of a
few letters, so that case endings do not matter; subword ids stand beside them for scripts without spaces.
It neither reads vectors nor decides: it gives a score per text and topic.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import csr_array, hstack

from veche.core.text import fold
from veche.packs.model import Topic
from veche.stages.tokens import build_tokenizer
from veche.stages.tokens import encode as to_tokens

#: How often a text of a topic counts: a keyword is chosen by a person for what it tells apart.
_WEIGHTS = {"title": 2.0, "description": 1.0, "example": 1.0, "keyword": 2.0}

#: Letters that are kept of a word: long enough to tell words apart, short enough to leave endings out.
_STEMS = (5, 8)
_SHORTEST = 3

#: Endings that are cut from a word by script, longest first, and the letters that must stay.
_ENDINGS = {
    "cyrillic": (
        frozenset(
            (
                *(
                    "иями",
                    "ями",
                    "ами",
                    "ого",
                    "его",
                    "ому",
                    "ему",
                    "ыми",
                    "ими",
                    "ах",
                    "ях",
                    "ам",
                    "ям",
                    "ом",
                ),
                *(
                    "ем",
                    "ов",
                    "ев",
                    "ей",
                    "ой",
                    "ий",
                    "ый",
                    "ая",
                    "яя",
                    "ое",
                    "ее",
                    "ые",
                    "ие",
                    "ых",
                    "их",
                    "ую",
                ),
                *("юю", "ть", "ся", "ла", "ло", "ли", "ет", "ит", "ут", "ют", "ат", "ят"),
                *("а", "я", "о", "е", "и", "ы", "у", "ю", "ь", "й"),
            )
        ),
        2,
    ),
    "latin": (frozenset(("ings", "ing", "ies", "ed", "es", "s", "e", "y")), 3),
}

#: Information of a word in nats (from the subword model's unigram probabilities) below which it says
#: nothing about a topic ("the", "и"), and above which it says no more than other rare words.
_COMMON, _RARE = 7.0, 13.0

#: Weight of the words of a text that says next to nothing: "hello there" must not look like a whole letter.
_LEAST_SAID = 4.0


class TopicWords:
    """The words of families of topics (or of each topic alone), as one sparse matrix [features, families]."""

    def __init__(self, families: Sequence[Sequence[Topic]]) -> None:
        texts, owners, weights = _teachers(families)
        column = pa.array(texts, pa.string())
        tokens = to_tokens(build_tokenizer(), column)
        self._stems: dict[str, int] = {}
        self._known: dict[str, tuple[int, ...]] = {}
        for words in _words(column).to_pylist():
            for word in words:
                for stem in _stems_of(word):
                    self._stems.setdefault(stem, len(self._stems))
        ids = np.unique(tokens.flatten().to_numpy(zero_copy_only=False))
        self._piece = np.full(build_tokenizer().get_vocab_size(), -1, np.int64)
        self._piece[ids] = np.arange(len(ids))
        self._n_pieces = len(ids)
        counts: Any = self._counts(column, tokens)
        group = csr_array(
            (np.array(weights), (np.array(owners), np.arange(len(texts)))), shape=(len(families), len(texts))
        )
        by_topic: Any = csr_array(group @ counts)
        spread = np.bincount(by_topic.indices, minlength=counts.shape[1])
        self._weight = np.log((1 + len(families)) / (0.5 + spread)) * self._information(ids)
        self._matrix = csr_array(self._weighted(by_topic, least=0.0).T)

    def score(self, texts: pa.Array, tokens: pa.Array) -> np.ndarray:
        """Return cosines (float64 [texts, families], 0 to 1) of the words of texts with those of families."""
        return (self._weighted(self._counts(texts, tokens), least=_LEAST_SAID) @ self._matrix).toarray()

    def _weighted(self, counts: Any, *, least: float) -> Any:
        """Return rows of unit length, less where a row says less than `least`.

        A word that is said again counts less, a telling word counts more.
        """
        data = np.log1p(counts.data) * self._weight[counts.indices]
        rows = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
        norms = np.sqrt(np.bincount(rows, data * data, minlength=counts.shape[0]))
        return csr_array(
            (data / np.sqrt(norms**2 + least**2 + 1e-12)[rows], counts.indices, counts.indptr),
            shape=counts.shape,
        )

    def _counts(self, texts: pa.Array, tokens: pa.Array) -> csr_array:
        words = _words(texts)
        coded = words.flatten().dictionary_encode()
        features = [self._features(word) for word in coded.dictionary.to_pylist()]
        sizes = np.fromiter(map(len, features), np.int64, count=len(features))
        flat = np.fromiter((f for group in features for f in group), np.int64, count=int(sizes.sum()))
        index = coded.indices.to_numpy(zero_copy_only=False)
        by_word = csr_array(
            (np.ones(len(flat)), flat, np.concatenate([[0], np.cumsum(sizes)])),
            shape=(len(features), len(self._stems)),
        )
        in_text = csr_array((np.ones(len(index)), index, _offsets(words)), shape=(len(texts), len(features)))
        pieces = self._piece[tokens.flatten().to_numpy(zero_copy_only=False)]
        row = np.repeat(np.arange(len(texts)), np.diff(_offsets(tokens)))
        seen = pieces >= 0
        by_piece = csr_array(
            (np.ones(int(seen.sum())), (row[seen], pieces[seen])), shape=(len(texts), self._n_pieces)
        )
        return csr_array(hstack([in_text @ by_word, by_piece], format="csr"))

    def _features(self, word: str) -> tuple[int, ...]:
        return tuple(i for stem in _stems_of(word) if (i := self._stems.get(stem, -1)) >= 0)

    def _information(self, ids: np.ndarray) -> np.ndarray:
        scores = piece_scores()
        stems = pa.array([stem.removeprefix("=") for stem in self._stems], pa.string())
        tokens = to_tokens(build_tokenizer(), stems)
        of_stem = csr_array(
            (
                -scores[tokens.flatten().to_numpy(zero_copy_only=False)],
                tokens.flatten().to_numpy(zero_copy_only=False),
                _offsets(tokens),
            ),
            shape=(len(stems), len(scores)),
        ).sum(axis=1)
        information = np.concatenate([of_stem, -scores[ids]])
        return np.clip((information - _COMMON) / (_RARE - _COMMON), 0, 1)


def _teachers(families: Sequence[Sequence[Topic]]) -> tuple[list[str], list[int], list[float]]:
    texts: list[str] = []
    owners: list[int] = []
    weights: list[float] = []

    def add(index: int, role: str, some: Iterable[str]) -> None:
        for text in some:
            texts.append(fold(text.replace("*", "")))
            owners.append(index)
            weights.append(_WEIGHTS[role])

    for index, topic in ((i, topic) for i, family in enumerate(families) for topic in family):
        add(index, "title", topic.title.values())
        add(index, "description", topic.description.values())
        add(index, "example", _flat(topic.examples))
        add(index, "keyword", _flat(topic.keywords))
    return texts, owners, weights


def _flat(phrases: Mapping[str, tuple[str, ...]]) -> Iterable[str]:
    return (phrase for group in phrases.values() for phrase in group)


def _words(texts: pa.Array) -> pa.ListArray:
    lower = pc.call_function("utf8_lower", [texts.fill_null("")])
    plain = pc.call_function("replace_substring", [lower], pc.ReplaceSubstringOptions("ё", "е"))
    return pc.call_function("split_pattern_regex", [plain], pc.SplitPatternOptions(r"[^\p{L}\p{N}]+"))


def _stems_of(word: str) -> tuple[str, ...]:
    if len(word) < _SHORTEST:
        return ()
    starts = (word[:n] for n in _STEMS if len(word) >= n or n == _STEMS[0])
    return tuple(dict.fromkeys((*starts, "=" + _without_ending(word))))


def _without_ending(word: str) -> str:
    endings, least = _ENDINGS["cyrillic" if "а" <= word[-1] <= "ӿ" else "latin"]
    for n in range(4, 0, -1):
        if word[-n:] in endings and len(word) - n >= least:
            return word[:-n]
    return word


def _offsets(lists: pa.Array) -> np.ndarray:
    offsets = lists.offsets.to_numpy().astype(np.int64)
    return offsets - offsets[0]


@cache
def piece_scores() -> np.ndarray:
    """Return the natural logarithm of each subword's probability in the multilingual subword model."""
    vocabulary = orjson.loads(build_tokenizer().to_str())["model"]["vocab"]
    return np.array([score for _, score in vocabulary], np.float64)
