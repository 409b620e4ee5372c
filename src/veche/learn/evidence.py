"""Which words of an appeal speak for a label that a model gave it, as stretches of the original text.

A word weighs what it adds to the score by itself, its letters and its beginning with it, had the text no
other word; what pairs, the sentence as a whole and traits add has no place in the text.
"""

from functools import cache

import numpy as np
import pyarrow as pa
from scipy import sparse

from veche.core.text import Texts
from veche.learn.design import design_of
from veche.learn.examples import TRAITS, Inputs
from veche.learn.features import WORDS, words_of
from veche.learn.heads import Head
from veche.stages.columns import MASKS, MATTERS, TEXT, VECTOR_SIZE
from veche.stages.cues import CueHits, spans_of
from veche.stages.documents import Documents, per_document
from veche.stages.spans import inside_masks

#: Words that are shown for one label, and what a word weighs at least against the heaviest.
_MOST_WORDS, _LEAST_SHARE = 6, 0.3

#: Pairs of word and label that are weighed at once.
_BLOCK = 20_000

_TABLE_SIZE = 0x20000


def evidence(
    batch: pa.Table, documents: Documents, head: Head, *, document: np.ndarray, label: np.ndarray
) -> list[list[tuple[int, int]]]:
    """Return, for each finding (int64 [f] each: its document and its label), the spans of its words."""
    hits, holder, words = _words_in(batch, documents)
    if not len(hits.row) or not len(document):
        return [[] for _ in document]
    vector, index = _word_vectors(head, words)
    by_document = np.argsort(document, kind="stable")
    first = np.searchsorted(document[by_document], holder, side="left")
    counts = np.searchsorted(document[by_document], holder, side="right") - first
    hit = np.repeat(np.arange(len(holder)), counts)
    within = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    finding = by_document[np.repeat(first, counts) + within]
    word = index[hits.cue[hit]]
    kept = word >= 0
    hit, finding, word = hit[kept], finding[kept], word[kept]
    chosen = _heaviest(_weights(vector, head, word, label[finding]), word, finding)
    hit, finding = hit[chosen], finding[chosen]
    order = np.lexsort((hits.start[hit], finding))
    return spans_of(hits.where(hit[order]), len(document), finding[order])


def _words_in(batch: pa.Table, documents: Documents) -> tuple[CueHits, np.ndarray, pa.Array]:
    """Return where words stand outside the masks, the document of each, and the distinct words, which
    `cue` numbers."""
    texts = Texts(batch.column(TEXT.name))
    start, end = _words_at(texts.code_points)
    row = np.searchsorted(texts.starts, start, side="right") - 1
    folded = texts.folded
    spelt = [folded[a:b] for a, b in zip(start.tolist(), end.tolist(), strict=True)]
    encoded = pa.array(spelt, pa.string()).dictionary_encode()
    number = encoded.indices.to_numpy().astype(np.int64)
    none = np.zeros(len(number), np.int64)
    hits = CueHits(row, start - texts.starts[row], end - texts.starts[row], number, none, none)
    hits = hits.where(~inside_masks(hits, batch.column(MASKS.name)))
    whole, holder = per_document(hits, batch.column(MATTERS.name), documents)
    return whole, holder, encoded.dictionary


def _words_at(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where words begin and end in a joined text; what stands between texts is no letter."""
    inside = np.concatenate([[False], _letters()[np.minimum(codes, _TABLE_SIZE - 1)], [False]])
    edges = np.flatnonzero(inside[1:] != inside[:-1])
    return edges[::2], edges[1::2]


@cache
def _letters() -> np.ndarray:
    return np.fromiter((chr(i).isalnum() for i in range(_TABLE_SIZE)), bool, count=_TABLE_SIZE)


def _word_vectors(head: Head, words: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Return what the model makes of each word alone (float32 [w, r]), and the row of each of `words`."""
    read = words_of(words)
    single = np.diff(read.bounds) == 1
    index = np.full(len(words), -1, np.int64)
    index[single] = read.number[read.bounds[:-1][single]]
    return np.asarray(_alone(read.distinct, head) @ head.words.astype(np.float32)), index


def _alone(words: pa.Array, head: Head) -> sparse.csr_matrix:
    """Return each word as a text of its own, a rare one heavier than a frequent one, as in any text."""
    nothing = {name: pa.nulls(len(words), pa.string()) for name in TRAITS}
    inputs = Inputs(words, np.zeros((len(words), VECTOR_SIZE), np.float32), nothing)
    features, lexicon = design_of(inputs, head.columns).words, head.columns.lexicon
    row = np.repeat(np.arange(len(words)), np.diff(features.indptr))
    itself = lexicon.block[features.indices] == WORDS
    rarity = np.full(len(words), lexicon.unseen, np.float32)
    rarity[row[itself]] = lexicon.rarity[features.indices[itself]]
    return sparse.csr_matrix(sparse.diags(rarity) @ features, dtype=np.float32)


def _weights(vectors: np.ndarray, head: Head, word: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Return what each word adds to each label, float32 [pairs]."""
    if head.out is None:
        return vectors[word, label]
    out = head.out
    blocks = [slice(at, at + _BLOCK) for at in range(0, len(word), _BLOCK)]
    return np.concatenate([np.einsum("ij,ji->i", vectors[word[b]], out[:, label[b]]) for b in blocks])


def _heaviest(weight: np.ndarray, word: np.ndarray, finding: np.ndarray) -> np.ndarray:
    """Return the numbers of the places whose word is among the heaviest of its finding."""
    pairs, first, which = np.unique(
        np.stack([finding, word], axis=1), axis=0, return_index=True, return_inverse=True
    )
    owner, heavy = pairs[:, 0], weight[first]
    order = np.lexsort((-heavy, owner))
    starts = np.searchsorted(owner[order], owner[order], side="left")
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order)) - starts
    most = np.empty(len(order), np.float32)
    most[order] = heavy[order][starts]
    chosen = (rank < _MOST_WORDS) & (heavy > 0) & (heavy >= _LEAST_SHARE * most)
    return np.flatnonzero(chosen[which.ravel()])
