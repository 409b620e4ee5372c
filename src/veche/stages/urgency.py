"""Finds threats to life or health, and near deadlines, by the phrases of the pack and by its pairs of words.

A missed threat costs more than a false alarm: a hit that may be denied, imagined or long past keeps its
value with less confidence, and only a plain denial or a dated past sets it aside.
"""

import numpy as np
import pyarrow as pa

from veche.core.appeal import APPEAL
from veche.core.errors import N_
from veche.core.finding import decisions
from veche.core.text import Matches, Texts, compile_pattern
from veche.engine.stage import Context
from veche.stages.columns import TEXT, URGENCY
from veche.stages.cue_pairs import PairMatcher
from veche.stages.cues import CueHits, CueMatcher, spans_of
from veche.stages.patterns import whole

_RECEIVED = APPEAL.field("received_at")

#: How likely a hit means what it says: plainly; where something near makes it doubtful; denied or past.
_PLAIN, _DOUBTFUL, _SET_ASIDE = 0.9, 0.5, 0.12

#: From this probability on an appeal counts as a threat, or as having a deadline.
_LIFE, _DEADLINE = 0.35, 0.5

_MOST_SPANS = 8
_ROW = 1 << 32

#: A year that something happened in; whether it is past, the date of the appeal tells.
_YEAR = whole(r"(?:в|во|in|back in|of)\s+(?:19|20)\d\d")
_YEAR_DIGITS = 4

#: Words that put a sentence into the past, into the imagination, or back into the present.
_PAST = whole(
    *(
        "(?:год|года|лет|полгода|месяц|месяца|месяцев) (?:тому )?назад",
        "когда-то",
        "давным-давно",
        "в прошлом году",
        "прошлым летом",
        "прошлой (?:зимой|весной|осенью)",
        "в детстве",
    ),
    *("(?:years?|months?) ago", "last (?:year|summer|winter|spring|autumn|fall)", "used to"),
)
_IMAGINED = whole(
    *(
        "если",
        "вдруг",
        "чтобы",
        "во избежание",
        "на случай",
        "if",
        "in case",
        "in the event of",
        "to avoid",
        "to prevent",
    ),
)
_PRESENT = whole(
    *("сейчас", "сегодня", "снова", "опять", "до сих пор", "по-прежнему", "каждый день", "постоянно"),
    *("продолжа(?:ет|ют)(?:ся)?", "не прекраща(?:ет|ют)ся"),
    *("now", "again", "still", "today", "tonight", "every (?:day|night)", "keeps?", "ongoing"),
)
_SENTENCE_END = compile_pattern(r"[!?\n…;]")
#: A full stop ends a sentence unless the word before it is as short as an abbreviation ("ул. Мира").
_FULL_STOP = compile_pattern(r"[^\s.]{3}(\.)\s+[\p{Lu}«\"]")


class UrgencyStage:
    """Adds "life", "deadline" or "none" for every appeal, with the words that say so."""

    name = "urgency"
    version = "2"
    reads = (TEXT, _RECEIVED)
    adds = (URGENCY,)
    fallbacks: dict[str, str] = {  # noqa: RUF012 - part of the contract, never changed
        "received_at": N_("every year that is named counts as past"),
    }

    def open(self, context: Context) -> None:
        """Build the automaton of the pack's urgency phrases."""
        cues = [cue for cue in context.pack.urgencies if cue.value != "none"]
        self._is_life = np.array([cue.value == "life" for cue in cues], bool)
        self._matcher = CueMatcher(cues, negations=context.pack.negations)
        self._pairs = PairMatcher(cues, negations=context.pack.negations)

    def __call__(self, batch: pa.Table) -> pa.Table:
        """Return `batch` with `urgency`."""
        n = batch.num_rows
        texts = Texts(batch.column(TEXT.name))
        ends = [texts.search(_SENTENCE_END), texts.search(_FULL_STOP, group=1)]
        sentence_ends = np.sort(np.concatenate([found.row * _ROW + found.start for found in ends]))
        pairs = self._pairs.find(texts, sentence_ends=sentence_ends)
        hits = CueHits(*(np.concatenate(both) for both in zip(self._matcher.find(texts), pairs, strict=True)))
        chance = _chances(texts, hits, batch.column(_RECEIVED.name), sentence_ends)
        is_life = self._is_life[hits.cue]
        life = _any_of(hits.row[is_life], chance[is_life], n)
        deadline = _any_of(hits.row[~is_life], chance[~is_life], n)
        value = np.where(life >= _LIFE, 0, np.where(deadline >= _DEADLINE, 1, 2))
        confidence = np.choose(value, [life, deadline, 1.0 - np.maximum(life, deadline)])
        shown = np.where(value[hits.row] == np.where(is_life, 0, 1), hits.row, -1)
        evidence = [spans[:_MOST_SPANS] for spans in spans_of(hits, n, shown)]
        names = pa.array(["life", "deadline", "none"]).take(pa.array(value))
        return batch.append_column(URGENCY, decisions(n, np.arange(n), names, confidence, evidence=evidence))


def _chances(texts: Texts, hits: CueHits, received: pa.ChunkedArray, sentence_ends: np.ndarray) -> np.ndarray:
    """Return how likely each hit means what it says (float64)."""
    chance = np.full(len(hits.row), _PLAIN)
    if not len(chance):
        return chance

    def sentences(row: np.ndarray, at: np.ndarray) -> np.ndarray:
        return row * _ROW + np.searchsorted(sentence_ends, row * _ROW + at, side="left")

    own = sentences(hits.row, hits.start)

    def beside(found: Matches) -> np.ndarray:
        return np.isin(own, sentences(found.row, found.end - 1))

    chance[(hits.before <= 2) | (hits.after == 0) | beside(texts.search(_IMAGINED, folded=True, group=1))] = (
        _DOUBTFUL
    )
    past = beside(_past_years(texts, received)) | beside(texts.search(_PAST, folded=True, group=1))
    now = beside(texts.search(_PRESENT, folded=True, group=1))
    chance[(hits.before == 0) | (past & ~now)] = _SET_ASIDE
    return chance


def _past_years(texts: Texts, received: pa.ChunkedArray) -> Matches:
    found = texts.search(_YEAR, folded=True, group=1)
    years = [int(texts.slice(r, e - _YEAR_DIGITS, e)) for r, e in zip(found.row, found.end, strict=True)]
    days = received.cast(pa.date32()).cast(pa.int32()).fill_null(2**30).to_numpy()
    this_year = (days[found.row].astype("datetime64[D]")).astype("datetime64[Y]").astype(np.int64) + 1970
    past = np.array(years, np.int64) < this_year
    return Matches(*(column[past] for column in found))


def _any_of(row: np.ndarray, chance: np.ndarray, n: int) -> np.ndarray:
    """Return, per row, the probability that one of its hits is meant; 0.03 is for unknown words."""
    missed = np.zeros(n)
    np.add.at(missed, row, np.log1p(-chance))
    return 1.0 - 0.97 * np.exp(np.maximum(missed, np.log(0.02)))
