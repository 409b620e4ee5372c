"""Decides up to three topics of the pack's classifier for an appeal and for each of its matters.

Nothing is trained on labelled appeals here: vectors of the pack's examples and descriptions, the words of
its texts and its keywords each give a score, for each topic and for its family (the topics under one
parent, whose texts together say more than those of each). A fixed formula makes probabilities of them, with
a share for "none of these". An authority that has a labelled history gets better models elsewhere.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from veche.core.errors import N_
from veche.core.finding import decisions, first_values
from veche.core.text import Texts
from veche.engine.stage import Context
from veche.packs.model import Cue, Topic
from veche.packs.tree import leaves
from veche.stages.columns import (
    LANGUAGE,
    MASKED_TEXT,
    MASKS,
    MATTERS,
    TEXT,
    TOKENS,
    TOPIC,
    VECTORS,
)
from veche.stages.cues import CueHits, CueMatcher, spans_of
from veche.stages.documents import Documents, documents, per_document
from veche.stages.encoder import ENCODER, ENCODER_LANGUAGES
from veche.stages.prototypes import Prototypes, encode_groups
from veche.stages.spans import array_of, inside_masks
from veche.stages.tokens import build_tokenizer
from veche.stages.tokens import encode as to_tokens
from veche.stages.topic_words import TopicWords

#: Topics that are named for a matter, and the probability below which one is not worth naming.
MOST, LEAST = 3, 0.05

#: Evidence spans that are kept of one topic.
_MOST_SPANS = 8


class _Weights(NamedTuple):
    """What the scores of a level weigh in the logit of a topic; the last two where there is no vector."""

    vectors: float
    words: float
    keywords: float
    words_alone: float
    keywords_alone: float


#: Chosen on the examples of the packs (a quarter left out in turn, Russian and English alike).
_OF_TOPIC = _Weights(0.04, 14.0, 2.0, 24.0, 2.8)
_OF_FAMILY = _Weights(0.05, 30.0, 1.5, 30.0, 1.2)

#: Weight of "none of these" against exp(logit) - 1 of each topic. With 20, probabilities on left-out
#: examples are as often right as they say, and greetings get less than 0.1 for most.
_NONE = 20.0

#: Where masked data stood, with the word that says what it was: neither tells a topic.
_MASKED = (
    r"(?i)(?:(?:эл\.? ?|электронная )?почта|тел(?:\.|ефон)?|адрес|e-?mail|phone|address)?[: ]{0,3}"
    r"\[[^\[\]\n]{1,40}\]"
)

#: What the nearness of vectors is worth in a language that the encoder was not taught.
_FOREIGN_VECTORS = 0.5


class _Level:
    """The topics themselves or their families: whose texts speak for each, and the column of every topic.

    `members` are numbers of teachers: of the topic alone, or of a family's topics and of their parent.
    """

    def __init__(
        self,
        members: Sequence[Sequence[int]],
        teachers: Sequence[Topic],
        column: np.ndarray,
        weights: _Weights,
    ) -> None:
        self.weights = weights
        self.column = column
        self.words = TopicWords([[teachers[i] for i in numbers] for numbers in members])
        self.vectors: Prototypes | None = None
        self._members = members
        self._pool = np.zeros((len(teachers), len(members)))
        for i, numbers in enumerate(members):
            self._pool[numbers, i] = 1.0

    def learn_vectors(self, samples: Sequence[np.ndarray]) -> None:
        """Take in the vectors of each teacher's texts."""
        self.vectors = Prototypes(
            [np.concatenate([samples[i] for i in numbers]) for numbers in self._members]
        )

    def keywords(self, said: np.ndarray) -> np.ndarray:
        """Return a score from 0 to 1 per text and family of how much its keywords are said."""
        return 1.0 - np.exp(-(said @ self._pool))


class TopicStage:
    """Adds the topics of an appeal (matter 0) and, where it has several, of each matter.

    Confidence is the probability that the topic is right; what is missing to 1 falls to the topics that
    are not named and to none of the pack's. A text that nothing points anywhere gets no topic.
    """

    name = "topic"
    version = f"2+{ENCODER}"
    reads = (TEXT, MASKED_TEXT, MASKS, TOKENS, MATTERS, VECTORS, LANGUAGE)
    adds = (TOPIC,)
    fallbacks: dict[str, str] = {  # noqa: RUF012 - part of the contract, never changed
        "vectors": N_("words and keywords alone, with less confidence"),
        "matters": N_("topics of the whole appeal only"),
        "language": N_("all languages are trusted alike"),
        "masks": N_("keywords are looked for in all of the text"),
    }

    def open(self, context: Context) -> None:
        """Prepare the words and keywords of the topics; their vectors wait for the first batch."""
        topics = context.pack.topics
        leaf = leaves(topics)
        parents = [topics[code].parent or code for code in leaf]
        families = list(dict.fromkeys(parents))
        inner = [code for code in families if code in topics and code not in leaf]
        codes = [*leaf, *inner]
        #: The topics that can be decided, then the parents whose texts speak for all of their topics.
        self._teachers: list[Topic] = [topics[code] for code in codes]
        self._threads = context.threads
        self._values = pa.array(leaf, pa.string())
        members = [[i for i, parent in enumerate(parents) if parent == code] for code in families]
        for code in inner:
            members[families.index(code)].append(codes.index(code))
        alone, column = np.arange(len(leaf)), np.array([families.index(p) for p in parents], np.int64)
        self._levels = [
            _Level([[i] for i in alone.tolist()], self._teachers, column=alone, weights=_OF_TOPIC),
            _Level(members, self._teachers, column=column, weights=_OF_FAMILY),
        ]
        self._keywords = CueMatcher([Cue(t.code, t.keywords) for t in self._teachers])

    def __call__(self, batch: pa.Table) -> pa.Table:
        """Return `batch` with `topic`."""
        if not len(self._values) or not batch.num_rows:
            return batch.append_column(TOPIC, decisions(batch.num_rows, [], [], []))
        found = documents(batch)
        hits, document = self._hits(batch, found)
        chance = _chances(self._logits(batch, found, hits, document))
        return batch.append_column(TOPIC, self._decide(batch.num_rows, found, chance, hits, document))

    def _logits(
        self, batch: pa.Table, documents: Documents, hits: CueHits, document: np.ndarray
    ) -> np.ndarray:
        texts = _unmasked(documents.texts)
        tokens = _tokens(array_of(batch, TOKENS), documents)
        said = _said(hits, document, (len(documents.row), len(self._teachers)))
        with_vector = documents.has_vector[:, None]
        trust = self._trust(batch, documents)
        logits = np.zeros((len(said), len(self._values)))
        for level in self._levels:
            weights = level.weights
            score = np.where(with_vector, weights.words, weights.words_alone)
            score = score * level.words.score(texts, tokens)
            score += np.where(with_vector, weights.keywords, weights.keywords_alone) * level.keywords(said)
            if level.vectors is not None:
                near = level.vectors.score(documents.vectors)
                score += _relative(weights.vectors * trust[:, None] * near)
            logits += score[:, level.column]
        return logits

    def _trust(self, batch: pa.Table, documents: Documents) -> np.ndarray:
        """Return what the nearness of each vector is worth, 0 where there is none."""
        if documents.has_vector.any() and self._levels[0].vectors is None:
            samples = encode_groups(_samples(self._teachers), threads=self._threads)
            for level in self._levels:
                level.learn_vectors(samples)
        language = first_values(batch.column(LANGUAGE.name)).to_pylist()
        foreign = np.array([tag is not None and not _known(tag) for tag in language], bool)[documents.row]
        return np.where(foreign, _FOREIGN_VECTORS, 1.0) * documents.has_vector

    def _hits(self, batch: pa.Table, documents: Documents) -> tuple[CueHits, np.ndarray]:
        """Return keyword hits outside the masks, once for the whole and once per matter they stand in."""
        hits = self._keywords.find(Texts(batch.column(TEXT.name)))
        hits = hits.where(~inside_masks(hits, batch.column(MASKS.name)))
        return per_document(hits, batch.column(MATTERS.name), documents)

    def _decide(
        self, n_rows: int, documents: Documents, chance: np.ndarray, hits: CueHits, document: np.ndarray
    ) -> pa.Array:
        n_named = min(MOST, chance.shape[1])
        best = np.argsort(-chance, axis=1, kind="stable")[:, :n_named]
        confidence = np.take_along_axis(chance, best, axis=1)
        doc, rank = np.nonzero(confidence >= LEAST)
        topic = best[doc, rank]
        number = np.full((len(chance), len(self._teachers)), -1, np.int64)
        number[doc, topic] = np.arange(len(doc))
        return decisions(
            n_rows,
            documents.row[doc],
            self._values.take(pa.array(topic)),
            confidence[doc, rank],
            matters=documents.matter[doc],
            ranks=rank,
            evidence=_evidence(hits, number[document, hits.cue], len(doc)),
        )


def _unmasked(texts: pa.Array) -> pa.Array:
    """Return `texts` without the labels of masked data."""
    return pc.replace_substring_regex(texts, _MASKED, " ")


def _known(tag: str) -> bool:
    return tag == "und" or tag.split("-")[0] in ENCODER_LANGUAGES


def _samples(topics: Sequence[Topic]) -> list[list[str]]:
    """Return, per topic, its own texts and what its neighbours' files say belongs to it."""
    samples = {topic.code: [*topic.title.values(), *topic.description.values()] for topic in topics}
    for topic in topics:
        samples[topic.code] += [text for group in topic.examples.values() for text in group]
        for code, text in topic.not_:
            if text and code in samples:
                samples[code].append(text)
    return [list(dict.fromkeys(texts)) for texts in samples.values()]


def _tokens(wholes: pa.Array, documents: Documents) -> pa.Array:
    more = documents.matter_texts
    return pa.concat_arrays([wholes, to_tokens(build_tokenizer(), more)]) if len(more) else wholes


def _said(hits: CueHits, document: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Return how often each topic's keywords are said per text; a keyword of several counts less in each."""
    place = np.stack([document, hits.start, hits.end], axis=1)
    _, which, sharers = np.unique(place, axis=0, return_inverse=True, return_counts=True)
    total = np.zeros(shape)
    np.add.at(total, (document, hits.cue), 1.0 / sharers[which])
    return total


def _relative(logits: np.ndarray) -> np.ndarray:
    """Shift each row so that a row which prefers no topic is all zeros, and the highest is log(topics)."""
    top = logits.max(axis=1, keepdims=True)
    return logits - top - np.log(np.exp(logits - top).mean(axis=1, keepdims=True))


def _chances(logits: np.ndarray) -> np.ndarray:
    """Return probabilities of the topics, with a share left for none of them.

    A topic that nothing speaks for (logit 0 or less) has none: a softmax would let the many of them
    share what belongs to the few.
    """
    weights = np.expm1(np.clip(logits, 0.0, 50.0))
    return weights / (weights.sum(axis=1, keepdims=True) + _NONE)


def _evidence(hits: CueHits, number: np.ndarray, n: int) -> list[list[tuple[int, int]]]:
    return [spans[:_MOST_SPANS] for spans in spans_of(hits, n, number)]
