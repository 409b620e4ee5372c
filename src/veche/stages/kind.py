"""Decides what an appeal wants: question, complaint, request, proposal, thanks, threat, spam or other.

Phrases of the pack, question marks and imperatives speak first; sentence vectors of the pack's examples
help where there are some. What tells of trouble and asks for nothing is a complaint.
"""

import numpy as np
import pyarrow as pa

from veche.core.errors import N_
from veche.core.finding import decisions
from veche.core.text import Matches, Texts
from veche.engine.stage import Context
from veche.packs.model import KINDS, Cue
from veche.stages.columns import KIND, TEXT, VECTOR_SIZE, VECTORS
from veche.stages.cues import CueHits, CueMatcher, spans_of
from veche.stages.encoder import ENCODER
from veche.stages.patterns import whole
from veche.stages.prototypes import Prototypes, encode_groups
from veche.stages.spans import array_of, counts_of

#: Logits of the kinds before a word is read, in the order of `KINDS`: most appeals complain.
_PRIOR = dict(zip(KINDS, (0.0, 1.3, 0.4, -0.4, -0.5, -2.0, -1.5, -0.6), strict=True))

#: What the first phrase of a kind adds to its logit, each further one, and at most.
_FIRST, _FURTHER, _MOST = 2.2, 0.7, 3.6

#: Kinds whose phrases leave little room for another meaning.
_TELLING = {"threat": 3.0, "spam": 1.0, "proposal": 0.6}

#: A question mark at the end, and one elsewhere; an imperative; a polite word.
_ASKS_LAST, _ASKS, _IMPERATIVE, _PLEASE = 2.0, 1.2, 1.2, 1.0

#: Thanks in the last words of a longer letter are manners.
_MANNERS_LENGTH, _MANNERS_TAIL, _MANNERS_WEIGHT = 60, 45, 0.25

#: Weight of the log-likelihoods of the vectors, and the most that they may add or take.
_VECTORS, _MOST_BY_VECTORS = 0.05, 2.5

_FEWEST_LETTERS = 3
_MOST_SPANS = 8

#: Probability from which a second kind is named.
_SECOND = 0.2

_QUESTION = whole(r"[^\n\x00?]{2,}", after=r"\s*\?")
_IMPERATIVES = whole(r"\p{L}{2,}(?:йте|ьте|ите)(?:сь)?")
_POLITE = whole("пожалуйста", "please", "por favor", "bitte")

#: Words of the imperative's form that ask for nothing but an answer, or are no imperatives.
_NOT_DEEDS = frozenset(
    (
        *(
            "здравствуйте",
            "извините",
            "простите",
            "скажите",
            "подскажите",
            "объясните",
            "поясните",
            "сообщите",
        ),
        *("ответьте", "расскажите", "хотите", "видите", "говорите", "платите", "ходите", "живите", "поймите"),
        *("представьте", "смотрите", "посмотрите", "слушайте", "знайте", "стоите", "молчите", "верите"),
        *("сидите", "любите", "учите", "делите"),
    )
)


class KindStage:
    """Adds the kind of each appeal, and a second one where it is nearly as likely."""

    name = "kind"
    version = f"1+{ENCODER}"
    reads = (TEXT, VECTORS)
    adds = (KIND,)
    fallbacks: dict[str, str] = {"vectors": N_("phrases and punctuation alone")}  # noqa: RUF012 - never changed

    def open(self, context: Context) -> None:
        """Build the automaton of the pack's phrases; the vectors of its examples wait for the first batch."""
        self._cues = tuple(cue for cue in context.pack.kinds if cue.value in KINDS)
        self._kind = np.array([KINDS.index(cue.value) for cue in self._cues], np.int64)
        self._matcher = CueMatcher(self._cues, negations=context.pack.negations)
        self._samples = _samples(self._cues)
        self._prototypes: Prototypes | None = None
        self._threads = context.threads

    def __call__(self, batch: pa.Table) -> pa.Table:
        """Return `batch` with `kind`."""
        n = batch.num_rows
        texts = Texts(batch.column(TEXT.name))
        hits = self._matcher.find(texts)
        questions, deeds = _questions(texts), _deeds(texts)
        logits = np.tile(np.array(list(_PRIOR.values())), (n, 1))
        logits += self._phrases(texts, hits) + _form(texts, questions, deeds)
        self._add_vectors(logits, array_of(batch, VECTORS))
        logits[_letters(texts) < _FEWEST_LETTERS, KINDS.index("other")] += 6.0
        chance = np.exp(logits - logits.max(axis=1, keepdims=True))
        chance /= chance.sum(axis=1, keepdims=True)
        return batch.append_column(KIND, self._column(chance, hits, questions, deeds))

    def _phrases(self, texts: Texts, hits: CueHits) -> np.ndarray:
        """Return what the phrases add to the logits, float64 [rows, kinds]."""
        weight = np.where(hits.before == 0, 0.0, np.where(hits.before <= 2, 0.6, 1.0))
        length = texts.lengths[hits.row]
        manners = (length > _MANNERS_LENGTH) & (hits.start > length - _MANNERS_TAIL)
        weight[manners & (self._kind[hits.cue] == KINDS.index("thanks"))] *= _MANNERS_WEIGHT
        said = np.zeros((len(texts), len(KINDS)))
        np.add.at(said, (hits.row, self._kind[hits.cue]), weight)
        added = np.minimum(np.minimum(said, 1.0) * _FIRST + np.maximum(said - 1.0, 0.0) * _FURTHER, _MOST)
        for kind, more in _TELLING.items():
            added[:, KINDS.index(kind)] += more * np.minimum(said[:, KINDS.index(kind)], 1.0)
        return added

    def _add_vectors(self, logits: np.ndarray, column: pa.Array) -> None:
        has_vector = counts_of(column) > 0
        if not has_vector.any() or len(self._samples) < 2:
            return
        if self._prototypes is None:
            samples = list(self._samples.values())
            self._prototypes = Prototypes(encode_groups(samples, threads=self._threads))
        flat = column.values.flatten().to_numpy(zero_copy_only=False).reshape(-1, VECTOR_SIZE)
        near = _VECTORS * self._prototypes.score(flat[column.offsets.to_numpy()[:-1][has_vector]])
        columns = [KINDS.index(kind) for kind in self._samples]
        near = np.clip(near - near.mean(axis=1, keepdims=True), -_MOST_BY_VECTORS, _MOST_BY_VECTORS)
        logits[np.flatnonzero(has_vector)[:, None], np.array(columns)[None, :]] += near

    def _column(self, chance: np.ndarray, hits: CueHits, questions: Matches, deeds: Matches) -> pa.Array:
        n = len(chance)
        order = np.argsort(-chance, axis=1, kind="stable")[:, :2]
        two = np.take_along_axis(chance, order, axis=1)
        keep = np.stack([np.ones(n, bool), two[:, 1] >= _SECOND], axis=1)
        row, rank = np.nonzero(keep)
        kind = order[row, rank]
        number = np.full(chance.shape, -1, np.int64)
        number[row, kind] = np.arange(len(row))
        shown = np.where(hits.before == 0, -1, number[hits.row, self._kind[hits.cue]])
        evidence = spans_of(hits, len(row), shown)
        _add_spans(evidence, number[:, KINDS.index("question")], questions)
        _add_spans(evidence, number[:, KINDS.index("request")], deeds)
        return decisions(
            n,
            row,
            pa.array(KINDS).take(pa.array(kind)),
            two[row, rank],
            ranks=rank,
            evidence=[spans[:_MOST_SPANS] for spans in evidence],
        )


def _samples(cues: tuple[Cue, ...]) -> dict[str, list[str]]:
    samples: dict[str, list[str]] = {}
    for cue in cues:
        own = [text for group in cue.examples.values() for text in group]
        if own:
            samples.setdefault(cue.value, []).extend(own)
    return samples


def _form(texts: Texts, questions: Matches, deeds: Matches) -> np.ndarray:
    """Return what punctuation and grammar add to the logits."""
    added = np.zeros((len(texts), len(KINDS)))
    question, request = KINDS.index("question"), KINDS.index("request")
    added[questions.row, question] = _ASKS
    last = questions.end >= texts.lengths[questions.row] - 3
    added[questions.row[last], question] = _ASKS_LAST
    added[deeds.row, request] += _IMPERATIVE
    added[texts.search(_POLITE, folded=True, group=1).row, request] += _PLEASE
    return added


def _questions(texts: Texts) -> Matches:
    return texts.search(_QUESTION, folded=True, group=1)


def _deeds(texts: Texts) -> Matches:
    """Return the imperatives that ask for a deed."""
    found = texts.search(_IMPERATIVES, folded=True, group=1)
    base = texts.starts[found.row] if len(found.row) else found.start
    words = [
        texts.folded[a:b]
        for a, b in zip((base + found.start).tolist(), (base + found.end).tolist(), strict=True)
    ]
    keep = np.array([word not in _NOT_DEEDS for word in words], bool)
    return Matches(*(column[keep] for column in found))


def _letters(texts: Texts) -> np.ndarray:
    """Return the number of letters and digits of each text."""
    is_letter = np.fromiter(map(str.isalnum, texts.joined), bool, count=len(texts.joined))
    before = np.concatenate([[0], np.cumsum(is_letter)])
    return before[texts.starts[:-1] + texts.lengths] - before[texts.starts[:-1]]


def _add_spans(evidence: list[list[tuple[int, int]]], number: np.ndarray, found: Matches) -> None:
    for row, start, end in zip(found.row.tolist(), found.start.tolist(), found.end.tolist(), strict=True):
        if number[row] >= 0 and not any(a < end and start < b for a, b in evidence[number[row]]):
            evidence[number[row]].append((start, end))
