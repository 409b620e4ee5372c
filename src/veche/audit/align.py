"""Finds the ground of a digest's sentences in the appeals: quoted, paraphrased, or without ground.

A sentence is *quoted* if its words stand in an appeal one after another (case, punctuation and spaces
aside). It is *paraphrased* if the words of one appeal hold at least half of what its words say, each
word weighed by how rare it is among the appeals; a word that no appeal has weighs most. Else no single
appeal says so, which does not make it false: it may sum up many.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import ahocorasick_rs
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse
from sklearn.feature_extraction.text import HashingVectorizer

from veche.audit.digest import Quotation
from veche.audit.folder import Appeals
from veche.core.text import fold

QUOTED, PARAPHRASED, NO_GROUND = "quoted", "paraphrased", "no ground"

#: The part of a sentence's weight that one appeal must hold. docs/explanation/representation.md has the test.
ENOUGH = 0.5

_BUCKETS = 1 << 20
_STEMS = r"(?u)\b[^\W\d_]{3,6}"
_WORDS: Any = HashingVectorizer(
    n_features=_BUCKETS,
    token_pattern=_STEMS,
    preprocessor=fold,
    alternate_sign=False,
    binary=True,
    norm=cast(Any, None),
)
_NO_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Grounded:
    """A quotation with its ground: what it is, the appeal (None without ground), and how much of its
    weight that appeal holds (1 where quoted). `named_wrongly`: the digest names an appeal that has not
    these words."""

    text: str
    ground: str
    appeal_id: str | None
    held: float
    named_wrongly: bool


def ground(quotations: Sequence[Quotation], appeals: Appeals) -> list[Grounded]:
    """Return the ground of each quotation, in the same order."""
    plain = [_plain(q.text) for q in quotations]
    where = _in_named(quotations, plain, appeals)
    confirmed = where >= 0
    rest = np.flatnonzero(~confirmed)
    where[rest] = _quoted([plain[n] for n in rest.tolist()], appeals)
    quoted = where >= 0
    held = np.ones(len(quotations))
    rest = np.flatnonzero(~quoted)
    where[rest], held[rest] = _nearest([quotations[n].text for n in rest.tolist()], appeals)
    found = []
    for n, quotation in enumerate(quotations):
        kind = QUOTED if quoted[n] else PARAPHRASED if held[n] >= ENOUGH else NO_GROUND
        appeal_id = None if kind == NO_GROUND else appeals.ids[int(where[n])].as_py()
        wrong = quotation.appeal_id is not None and not confirmed[n]
        found.append(Grounded(quotation.text, kind, appeal_id, float(held[n]), wrong))
    return found


def _plain(text: str) -> str:
    """Words with one space around each, in lower case."""
    return f" {_NO_WORD.sub(' ', fold(text)).strip()} "


def _in_named(quotations: Sequence[Quotation], plain: Sequence[str], appeals: Appeals) -> np.ndarray:
    """Return, per quotation, the appeal that it names if that has its words, else -1."""
    named = pa.array([q.appeal_id for q in quotations], pa.string())
    found = pc.call_function("index_in", [named], pc.SetLookupOptions(appeals.ids, skip_nulls=True))
    where = pc.fill_null(found, -1).to_numpy().astype(np.int64)
    rows = np.unique(where[where >= 0])
    texts = dict(zip(rows.tolist(), map(_plain, appeals.texts(rows)), strict=True))
    there = [row >= 0 and plain[n] in texts[row] for n, row in enumerate(where.tolist())]
    return np.where(there, where, -1)


def _quoted(plain: Sequence[str], appeals: Appeals) -> np.ndarray:
    """Return, per quotation, the first appeal that has its words one after another, else -1."""
    patterns = list(dict.fromkeys(plain))
    first = np.full(len(patterns), -1, np.int64)
    if not patterns:
        return first
    automaton: Any = ahocorasick_rs.AhoCorasick(patterns)
    for begin, texts in appeals.all_texts():
        plain_texts = [_plain(text) for text in texts]
        starts = np.cumsum([0, *(len(text) + 1 for text in plain_texts)])
        for which, start, _end in automaton.find_matches_as_indexes("\0".join(plain_texts), overlapping=True):
            if first[which] < 0:
                first[which] = begin + int(np.searchsorted(starts, start, side="right")) - 1
    number = {pattern: i for i, pattern in enumerate(patterns)}
    return first[[number[p] for p in plain]]


def _nearest(texts: Sequence[str], appeals: Appeals) -> tuple[np.ndarray, np.ndarray]:
    """Return, per text, the first appeal that holds most of its weight, and how much."""
    best, held = np.zeros(len(texts), np.int64), np.full(len(texts), -1.0)
    if not texts:
        return best, held
    said = sparse.csr_matrix(_WORDS.transform(list(texts)))
    weight = _rarity(said, appeals)
    total = np.asarray(said @ weight).ravel()
    weighted = sparse.csr_matrix(said @ sparse.diags(weight)).T.tocsr()
    for begin, batch in appeals.all_texts():
        shares = np.asarray((sparse.csr_matrix(_WORDS.transform(batch)) @ weighted).todense())
        shares = np.divide(shares, total, out=np.zeros_like(shares), where=total > 0)
        top = shares.argmax(axis=0)
        value = shares[top, np.arange(len(texts))]
        better = value > held + 1e-9
        best[better], held[better] = begin + top[better], value[better]
    return best, held


def _rarity(said: sparse.csr_matrix, appeals: Appeals) -> np.ndarray:
    """Inverse document frequency among all appeals of the stems that the digest has, 0 for others."""
    seen = np.zeros(_BUCKETS)
    for _begin, batch in appeals.all_texts():
        seen += np.bincount(
            np.asarray(sparse.csr_matrix(_WORDS.transform(batch)).indices), minlength=_BUCKETS
        )
    weight = np.log((1 + len(appeals)) / (1 + seen))
    used = np.zeros(_BUCKETS, bool)
    used[np.asarray(said.indices)] = True
    return np.where(used, weight, 0.0)
