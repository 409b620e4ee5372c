"""Finds what authors say they are: age group, occupation, status. Declared fields first, then the text.

Only what people say about themselves counts: "моей маме 80 лет" and "my neighbour is disabled" name others.
Sex is taken from the declared field alone and never guessed from grammar or names.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import re2

from veche.core.appeal import APPEAL, SEXES, age_group
from veche.core.errors import N_
from veche.core.finding import decisions
from veche.core.text import Texts
from veche.engine.stage import Context
from veche.packs.model import Cue
from veche.stages.columns import GROUP, TEXT
from veche.stages.cues import CueHits, CueMatcher
from veche.stages.group_patterns import AGES, BORN, LETTER_END, OTHERS, OWN_VOICE, SELF_BEFORE

_AGE, _SEX, _OCCUPATION = APPEAL.field("age"), APPEAL.field("sex"), APPEAL.field("occupation")
_RECEIVED = APPEAL.field("received_at")

#: Ages that a number in the text can be.
_YOUNGEST, _OLDEST = 6, 110

#: Confidence in a declared field, in plain words of the author, and in a trade under or over the letter.
_DECLARED, _SAID, _SIGNED = 1.0, 0.9, 0.75

#: Code points before a hit in which the author must appear.
_REACH = 48


class _Decision(NamedTuple):
    row: int
    value: str
    confidence: float
    start: int
    end: int


class GroupStage:
    """Adds what the author is, as "family:value" ("age:65+", "occupation:teacher", "status:pensioner").

    An appeal has one decision per value, ranked by confidence; declared fields have confidence 1 and no
    evidence in the text.
    """

    name = "group"
    version = "1"
    reads = (TEXT, _AGE, _SEX, _OCCUPATION, _RECEIVED)
    adds = (GROUP,)
    fallbacks: dict[str, str] = {  # noqa: RUF012 - part of the contract, never changed
        "age": N_("age is read from the text alone"),
        "sex": N_("sex is not known"),
        "occupation": N_("occupation is read from the text alone"),
        "received_at": N_("years of birth say nothing"),
    }

    def open(self, context: Context) -> None:
        """Build the automaton of the pack's groups."""
        cues = context.pack.groups
        self._values = [_full_value(cue) for cue in cues]
        self._matcher = CueMatcher(cues)

    def __call__(self, batch: pa.Table) -> pa.Table:
        """Return `batch` with `group`."""
        texts = Texts(batch.column(TEXT.name))
        found = [*self._declared(batch), *self._said(texts), *_ages_said(texts)]
        found += _births_said(texts, batch.column(_RECEIVED.name))
        return batch.append_column(GROUP, _column(found, batch.num_rows))

    def _declared(self, batch: pa.Table) -> Iterator[_Decision]:
        for row, age in _present(batch.column(_AGE.name)):
            if 0 <= age <= _OLDEST:
                yield _Decision(row, f"age:{age_group(age)}", _DECLARED, 0, 0)
        for row, sex in _present(batch.column(_SEX.name)):
            if sex in SEXES:
                yield _Decision(row, f"sex:{sex}", _DECLARED, 0, 0)
        hits = self._matcher.find(Texts(batch.column(_OCCUPATION.name)))
        for row, cue in zip(hits.row.tolist(), hits.cue.tolist(), strict=True):
            if not self._values[cue].startswith("age:"):
                yield _Decision(row, self._values[cue], _DECLARED, 0, 0)

    def _said(self, texts: Texts) -> Iterator[_Decision]:
        hits = self._matcher.find(texts)
        for i in range(len(hits.row)):
            confidence = _own(texts, hits, i)
            if confidence:
                row, start, end = int(hits.row[i]), int(hits.start[i]), int(hits.end[i])
                yield _Decision(row, self._values[hits.cue[i]], confidence, start, end)


def _own(texts: Texts, hits: CueHits, i: int) -> float:
    """Return how likely the author speaks of himself or herself in hit `i`, 0 where of somebody else."""
    row, start, end = int(hits.row[i]), int(hits.start[i]), int(hits.end[i])
    at, length = int(texts.starts[row]), int(texts.lengths[row])
    said = texts.folded[at + start : at + end + 1]
    before = texts.folded[at + max(0, start - _REACH) : at + start]
    if OWN_VOICE.match(said):
        return _SAID
    clause = re2.split(r"[.!?;:\n]", before)[-1]
    author = SELF_BEFORE.search(clause)
    if author:
        return 0.0 if OTHERS.search(clause[author.start() :]) else _SAID
    after = texts.folded[at + end : at + length]
    if start == 0 and after.startswith((",", ".", ":", "\n")):
        return _SIGNED
    if len(after.strip(" .!\n")) <= 24 and start > 0 and LETTER_END.search(before):
        return 0.0 if OTHERS.search(clause) else _SIGNED
    return 0.0


def _ages_said(texts: Texts) -> Iterator[_Decision]:
    for pattern, confidence in AGES:
        for row, start, end in _places(texts, pattern):
            age = _number(texts.slice(row, start, end))
            if _YOUNGEST <= age <= _OLDEST:
                yield _Decision(row, f"age:{age_group(age)}", confidence, start, end)


def _births_said(texts: Texts, received: pa.ChunkedArray) -> Iterator[_Decision]:
    years = received.cast(pa.date32()).to_pylist()
    for row, start, end in _places(texts, BORN):
        if years[row] is not None:
            age = years[row].year - _number(texts.slice(row, start, end))
            if _YOUNGEST <= age <= _OLDEST:
                yield _Decision(row, f"age:{age_group(age)}", _SIGNED, start, end)


def _number(phrase: str) -> int:
    return int("".join(c for c in phrase if c.isdigit()))


def _places(texts: Texts, pattern: Any) -> Iterator[tuple[int, int, int]]:
    found = texts.search(pattern, folded=True, group=1)
    return zip(found.row.tolist(), found.start.tolist(), found.end.tolist(), strict=True)


def _present(column: pa.ChunkedArray) -> Iterator[tuple[int, Any]]:
    valid = np.flatnonzero(column.is_valid().to_numpy())
    return zip(valid.tolist(), column.take(pa.array(valid)).to_pylist(), strict=True)


def _column(found: list[_Decision], n_rows: int) -> pa.Array:
    """Keep one decision per row and value, the surest; a declared age or sex leaves no room for another."""
    best: dict[tuple[int, str], list[_Decision]] = {}
    sure = {(d.row, _family(d.value)) for d in found if d.confidence == _DECLARED and _single(d.value)}
    for decision in found:
        family = (decision.row, _family(decision.value))
        if decision.confidence == _DECLARED or family not in sure:
            best.setdefault((decision.row, decision.value), []).append(decision)
    kept = sorted((max(d.confidence for d in group), key) for key, group in best.items())
    kept.sort(key=lambda item: (item[1][0], -item[0], item[1][1]))
    rows = np.array([key[0] for _, key in kept], np.int64)
    ranks = np.arange(len(rows)) - np.searchsorted(rows, rows, side="left")
    evidence = [_spans(best[key]) for _, key in kept]
    return decisions(
        n_rows, rows, [key[1] for _, key in kept], [c for c, _ in kept], ranks=ranks, evidence=evidence
    )


def _spans(group: list[_Decision]) -> list[tuple[int, int]]:
    return sorted({(d.start, d.end) for d in group if d.end > d.start})


def _family(value: str) -> str:
    return value.split(":", 1)[0]


def _single(value: str) -> bool:
    return _family(value) in ("age", "sex")


def _full_value(cue: Cue) -> str:
    """Return "family:value", also where the pack wrote it out."""
    return cue.value if ":" in cue.value or not cue.family else f"{cue.family}:{cue.value}"
