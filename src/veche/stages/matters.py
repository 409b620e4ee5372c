"""Finds the separate concerns in one appeal: the road, the clinic and the pension in one letter.

An appeal is cut where its author says so: numbered items, bullets, "во-вторых", "кроме того", "also". Without
such a sign it stays one concern. Greetings, sign-offs and the lead-in to a list belong to no concern.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from veche.core.finding import SPAN
from veche.core.text import Matches, Texts, compile_pattern
from veche.engine.stage import Context
from veche.stages.columns import MATTERS, TEXT
from veche.stages.sentences import sentences

#: Concerns beyond this are joined with the last: more is a list of examples, or a form.
MOST = 8
#: Letters that a concern has at least.
_FEW_LETTERS = 3

Span = tuple[int, int]

_EDGE, _OVER = r"(?:^|[^\p{L}\d])", r"(?:[^\p{L}\d]|$)"
#: Wherever they stand: each opens an item of a list that the author counts.
_COUNTED = compile_pattern(
    _EDGE + r"((?:во|в)[- ]?(?:первых|вторых|третьих|четвертых|пятых|шестых)|"
    r"(?:первое|второе|третье|четвертое|пятое)[,:–—]|firstly|secondly|thirdly|fourthly|lastly|"
    r"en (?:primer|segundo|tercer) lugar|біріншіден|екіншіден|үшіншіден)" + _OVER
)
#: At the beginning of a sentence: items by number, letter or bullet.
_ITEM = compile_pattern(r"(?:^|[\x00\s,;:.!?])((?:[0-9]{1,2}[.)]|[а-еa-e]\)|[-–—•*])\s?)[\p{L}«\"0-9]")
#: At the beginning of a sentence: something new comes.
_NEXT = compile_pattern(
    _EDGE + r"((?:кроме|помимо) (?:того|этого)|и еще|"
    r"еще (?:один|одна|одно|хочу|хотим|вопрос|проблема|прошу|просьба|у нас|у меня|не|нет|есть|бы|раз хочу)|"
    r"также|а также|втор(?:ая|ой) (?:проблема|вопрос)|третий вопрос|третья проблема|другой вопрос|"
    r"другая проблема|отдельн(?:о|ый вопрос)|что касается|теперь (?:о|об|про|по поводу)|по поводу|сверх того|"
    r"вдобавок|плюс ко всему|и последнее|сондай-ақ|оған қоса|"
    r"also|in addition|additionally|besides|furthermore|moreover|"
    r"another (?:issue|problem|thing|question|concern|point|matter)|(?:second|third)[,:]|"
    r"(?:my|the) (?:second|third|other|next) (?:issue|problem|question|concern|point|request)|"
    r"on another note|separately|as for|regarding|one more thing|on top of that|"
    r"por otr[oa] (?:lado|parte))" + _OVER
)
#: In the middle of a sentence too, since a new request follows.
_NEXT_INSIDE = compile_pattern(
    r"[,;] ((?:а также|а еще|и еще|кроме того,?|also,?|and also)(?: я| мы| we| i)? "
    r"(?:прошу|просим|хочу|хотим|требую|требуем|please|would like|want|ask)[^\p{L}])"
)
_GREETING = compile_pattern(
    r"^[^\p{L}]*(?:здравствуй|добр(?:ый|ое|ого) (?:день|вечер|утро|времени)|доброго|приветству|уважаем|"
    r"сәлеметсіз|қайырлы|құрметті|hello|hi|dear|good (?:morning|afternoon|evening)|to whom|hola|buenos|"
    r"estimad)"
)
_CLOSING = compile_pattern(
    r"^[^\p{L}]*(?:с уважением|заранее (?:спасибо|благодар)|спасибо|благодар|жд[уе]м? (?:ответ|ваш)|надеюсь|"
    r"надеемся|прошу (?:ответить|дать ответ|принять меры|разобраться|рассмотреть)|"
    r"просим (?:принять меры|разобраться|рассмотреть|ответить)|помогите,? пожалуйста|ответ прошу|рахмет|"
    r"құрметпен|thank|many thanks|sincerely|(?:kind|best|warm) regards|regards|yours|best,|i look forward|"
    r"looking forward|please (?:help|respond|advise|look into)|gracias|saludos|atentamente)"
)
_SHORT_GREETING, _SHORT_CLOSING = 70, 110


class Piece(NamedTuple):
    """A sentence or a part of one: its place in the row, and what it opens."""

    start: int
    end: int
    #: "item" of a list, "count" ("во-вторых"), "next" concern, or "" for none of them.
    opens: str
    is_frame: bool


class MattersStage:
    """Adds, per concern of an appeal with several, the spans of its sentences; none for one concern."""

    name = "matters"
    version = "1"
    reads = (TEXT,)
    adds = (MATTERS,)
    fallbacks: dict[str, str] = {}  # noqa: RUF012 - part of the contract, never changed

    def open(self, context: Context) -> None:
        """Nothing to load."""

    def __call__(self, batch: pa.Table) -> pa.Table:
        """Return `batch` with `matters`."""
        found = find_matters(Texts(batch.column(TEXT.name)))
        rows = [[[{"start": s, "end": e} for s, e in m] for m in found.get(r, [])] for r in range(len(batch))]
        return batch.append_column(MATTERS, pa.array(rows, pa.list_(pa.list_(SPAN))))


def find_matters(texts: Texts) -> dict[int, list[list[Span]]]:
    """Return row -> concerns -> spans of sentences, for the rows that have several concerns."""
    signs = [texts.search(p, folded=True, group=1) for p in (_COUNTED, _ITEM, _NEXT, _NEXT_INSIDE)]
    rows = np.unique(np.concatenate([m.row for m in signs])).tolist()
    if not rows:
        return {}
    some = texts.only(rows)
    split = sentences(some)
    pieces = _pieces(some, split)
    found = {}
    for at, row in enumerate(rows):
        matters = _group(some, at, pieces.get(at, []))
        if len(matters) > 1:
            found[row] = matters
    return found


def _pieces(texts: Texts, split: Matches) -> dict[int, list[Piece]]:
    """Return the sentences of each row, cut at signs that stand inside them."""
    counted, item = _places(texts, _COUNTED), _places(texts, _ITEM)
    following, inside = _places(texts, _NEXT), _places(texts, _NEXT_INSIDE)
    pieces: dict[int, list[Piece]] = {}
    for row, start, end in zip(split.row.tolist(), split.start.tolist(), split.end.tolist(), strict=True):
        cuts = sorted(p for p in {*counted.get(row, ()), *inside.get(row, ())} if start < p < end)
        for a, b in zip([start, *cuts], [*cuts, end], strict=True):
            is_next = a in following.get(row, ()) or a in inside.get(row, ())
            is_item = a in item.get(row, ())
            opens = "count" if a in counted.get(row, ()) else "item" if is_item else "next" if is_next else ""
            text = texts.folded[int(texts.starts[row]) + a : int(texts.starts[row]) + b].rstrip()
            pieces.setdefault(row, []).append(Piece(a, a + len(text), opens, _is_frame(text.strip(" ,;"))))
    return pieces


def _places(texts: Texts, pattern: object) -> dict[int, set[int]]:
    found = texts.search(pattern, folded=True, group=1)
    places: dict[int, set[int]] = {}
    for row, start in zip(found.row.tolist(), found.start.tolist(), strict=True):
        places.setdefault(row, set()).add(start)
    return places


def _is_frame(text: str) -> bool:
    """Tell whether a sentence is a greeting or a sign-off."""
    if len(text) <= _SHORT_GREETING and _GREETING.search(text):
        return True
    return len(text) <= _SHORT_CLOSING and bool(_CLOSING.search(text))


def _group(texts: Texts, row: int, pieces: list[Piece]) -> list[list[Span]]:
    """Return the concerns of one row."""
    listed = sum(p.opens in ("item", "count") for p in pieces) > 1
    if not listed:
        # A lone "во-вторых" opens a concern, a lone dash or "1." does not.
        pieces = [p._replace(opens={"item": "", "count": "next"}.get(p.opens, p.opens)) for p in pieces]
    matters: list[list[Span]] = []
    is_lead = listed
    signed = False
    for p in pieces:
        signed = signed or (p.is_frame and bool(matters) and _ends_letter(texts, row, p))
        if p.is_frame or signed:
            continue
        if p.opens in ("item", "count"):
            is_lead = False
        if is_lead:
            continue
        if p.opens or not matters:
            matters.append([])
        matters[-1].append((p.start, p.end))
    return _capped(_joined_short(texts, row, matters))


def _ends_letter(texts: Texts, row: int, piece: Piece) -> bool:
    """Tell whether only a signature can follow."""
    base = int(texts.starts[row])
    text = texts.folded[base + piece.start : base + piece.end]
    return text.startswith(
        ("с уважением", "құрметпен", "sincerely", "regards", "yours", "atentamente", "kind", "best")
    )


def _joined_short(texts: Texts, row: int, matters: list[list[Span]]) -> list[list[Span]]:
    """Join what is too short to be a concern with the one before it, or after it at the beginning."""
    joined: list[list[Span]] = []
    carried: list[Span] = []
    for spans in matters:
        letters = sum(c.isalpha() for s, e in spans for c in texts.slice(row, s, e))
        if letters >= _FEW_LETTERS:
            joined.append([*carried, *spans])
            carried = []
        elif joined:
            joined[-1].extend(spans)
        else:
            carried.extend(spans)
    return joined


def _capped(matters: list[list[Span]]) -> list[list[Span]]:
    if len(matters) <= MOST:
        return matters
    return [*matters[: MOST - 1], [span for spans in matters[MOST - 1 :] for span in spans]]
