"""Carries what a person decided about an earlier run over to the themes of a later one.

Themes of the two runs are matched as `veche.themes.following.identity` matches them, but the earlier ones
as the person left them. What comes out are decisions about the later run, on a page like any other: the
person sees them and can change them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from veche.core.errors import SplitWithoutEffect
from veche.stages.repeats import normal_form, text_hash
from veche.themes.following.identity import likeness, origins
from veche.themes.following.memory import Memory, strings
from veche.themes.signoff.decisions import Decision, Decisions, part_code
from veche.themes.signoff.held import Held, parts_of
from veche.themes.signoff.regroup import ASIDE, Encode, Tools
from veche.themes.signoff.sign import follow

#: A theme that has to stay is looked for in the later theme that is nearest, from this cosine on.
PERHAPS = 0.5


@dataclass(frozen=True)
class _Kept:
    """A theme of the earlier run as the person left it: `decision` holds its name, pin, drop and note.

    `is_one`: later themes that match it are one theme; `guide` is a sentence that says what it is about
    where it has to stay apart, else "".
    """

    code: str
    decision: Decision
    is_one: bool
    guide: str


def carry(earlier: Held, later: Held, tools: Tools) -> Decisions:
    """Return decisions about `later` that do there what a person decided about `earlier`.

    Decisions that `later` holds of its own come first. What has no counterpart any more is left out.
    """
    kept = _kept(earlier)
    old_codes = list(earlier.names) + [k.code for k in kept if k.code not in earlier.names]
    new_codes = list(later.names)
    like = likeness(
        _remembered(earlier, _places(earlier), old_codes, tools.encode),
        _remembered(later, later.machine.assignments["theme"], new_codes, tools.encode),
    )
    match = origins(like)
    found: dict[str, Decision] = {}
    for one in kept:
        number = old_codes.index(one.code)
        mine = [code for code, old in zip(new_codes, match, strict=True) if old == number]
        if mine:
            found |= _decided(one, mine)
        elif one.guide:
            host = _host(like.shared[number], np.nan_to_num(like.closeness[number]), new_codes)
            if host:
                _add_part(found, host, one)
    merged = Decisions({**found, **later.last_decisions().themes}, folder=str(later.folder))
    return _with_effect(later, merged, tools)


def _kept(earlier: Held) -> list[_Kept]:
    """The themes of the earlier run that a person decided about, as they were signed last."""
    decisions = earlier.last_decisions()
    shown = orjson.loads((earlier.folder / "digests.json").read_bytes())["themes"]
    kept = []
    for theme in shown:
        decided, code = theme.get("decided", ()), theme["theme"]
        own = decisions.of(code)
        apart = "part" in decided or "pinned" in decided
        if decided or own:
            name = theme["name"] if own.name or "part" in decided else ""
            quoted = next((q["text"] for q in theme["quotations"]), "")
            left = Decision(name=name, pin=own.pin, note=own.note)
            kept.append(_Kept(code, left, bool({"merged", "pinned"} & set(decided)), quoted if apart else ""))
    dropped = [code for code, decision in decisions.themes.items() if decision.drop]
    return kept + [
        _Kept(code, Decision(drop=True, note=decisions.of(code).note), True, "") for code in dropped
    ]


def _decided(one: _Kept, mine: Sequence[str]) -> dict[str, Decision]:
    """What is decided about the later themes `mine` (the largest first), all of which match one earlier."""
    if one.decision.drop:
        return dict.fromkeys(mine, one.decision)
    joining = {code: Decision(into=mine[0]) for code in mine[1:]} if one.is_one else {}
    return {mine[0]: one.decision, **joining}


def _add_part(found: dict[str, Decision], host: str, one: _Kept) -> None:
    """Part the earlier theme from the later one that took it in."""
    before = found.get(host, Decision())
    found[host] = replace(before, split=(*before.split, one.guide))
    found[part_code(host, len(before.split) + 1)] = one.decision


def _host(shared: np.ndarray, close: np.ndarray, codes: Sequence[str]) -> str:
    if len(codes) == 0:
        return ""
    if shared.max() > 0:
        return codes[int(shared.argmax())]
    return codes[int(close.argmax())] if close.max() >= PERHAPS else ""


def _with_effect(later: Held, decisions: Decisions, tools: Tools) -> Decisions:
    """Leave out examples that part nothing here."""
    while True:
        try:
            follow(later, decisions, tools)
        except SplitWithoutEffect as error:
            code, number = str(error.facts["theme"]), int(str(error.facts["number"]))
            decisions = _without_example(decisions, code, number)
        else:
            return decisions


def _without_example(decisions: Decisions, code: str, number: int) -> Decisions:
    themes, own = dict(decisions.themes), decisions.of(code)
    for later in range(number, len(own.split) + 1):
        moved = themes.pop(part_code(code, later + 1), None)
        themes.pop(part_code(code, later), None)
        if moved:
            themes[part_code(code, later)] = moved
    rest = tuple(example for i, example in enumerate(own.split) if i != number - 1)
    return replace(decisions, themes={**themes, code: replace(own, split=rest)})


def _places(earlier: Held) -> Any:
    """The theme of each appeal as the person left it; that of the machine for what was set aside."""
    shown = earlier.shown["theme"]
    return pc.if_else(pc.equal(shown, ASIDE), earlier.machine.assignments["theme"], shown)


def _remembered(held: Held, theme: Any, codes: Sequence[str], encode: Encode) -> Memory:
    """The themes `codes` of a run, in which the appeals have the places `theme`."""
    texts, number = _distinct(held, theme, codes)
    means = _means(held, codes, encode)
    return Memory(
        codes=strings(codes),
        names=strings([""] * len(codes)),
        sizes=np.bincount(number[number >= 0], minlength=len(codes)),
        means=means,
        thresholds=np.zeros(len(codes), np.float32),
        centre=means.mean(axis=0) if len(codes) else np.zeros(means.shape[1], np.float32),
        texts=texts,
        text_theme=number,
    )


def _distinct(held: Held, theme: Any, codes: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """The sorted hashes of a run's distinct texts, and the number of the theme of each, -1 for none."""
    column = pa.concat_tables([pq.read_table(p, columns=["masked_text"]) for p in parts_of(held.folder)])[0]
    encoded = normal_form(pc.fill_null(column, "").combine_chunks()).dictionary_encode()
    hashes = np.array([text_hash(text) for text in encoded.dictionary.to_pylist()], np.uint64)
    number = pc.call_function("index_in", [theme], pc.SetLookupOptions(pa.array(codes, pa.string())))
    out = np.full(len(hashes), -1, np.int32)
    # Equal texts lie in one theme, so any of them tells which.
    out[encoded.indices.to_numpy()] = pc.fill_null(number, -1).to_numpy(zero_copy_only=False)
    distinct, first = np.unique(hashes, return_index=True)
    return distinct, out[first]


def _means(held: Held, codes: Sequence[str], encode: Encode) -> np.ndarray:
    """The mean vector of the clearest members of each theme."""
    shown = pq.read_table(held.folder / "themes.parquet")
    table = pa.concat_tables([shown, held.machine.table.cast(shown.schema)])
    samples: dict[str, list[str]] = {}
    for code, ids in zip(table["theme"].to_pylist(), table["samples"].to_pylist(), strict=True):
        samples.setdefault(code, ids)
    ids = [i for code in codes for i in samples[code]]
    columns = ["appeal_id", "masked_text"]
    appeals = pa.concat_tables([pq.read_table(path, columns=columns) for path in parts_of(held.folder)])
    rows = pc.call_function(
        "index_in", [pa.array(ids, pa.string())], pc.SetLookupOptions(appeals["appeal_id"])
    )
    vectors = encode([text or "" for text in appeals["masked_text"].take(rows).to_pylist()])
    owner = np.repeat(np.arange(len(codes)), [len(samples[code]) for code in codes])
    total = np.zeros((len(codes), vectors.shape[1]), np.float32)
    np.add.at(total, owner, vectors)
    return total / np.maximum(np.bincount(owner, minlength=len(codes)), 1)[:, None]
