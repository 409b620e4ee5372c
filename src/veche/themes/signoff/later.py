"""Carries what a person decided about an earlier run over to the themes of a later one.

Themes of the two runs are matched by the texts that both hold, else by what their clearest members
mean. What comes out are decisions about the later run, on a page like any other: the person sees them
and can change them.
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
from veche.themes.features import unit_rows
from veche.themes.signoff.decisions import Decision, Decisions, part_code
from veche.themes.signoff.held import Held, parts_of
from veche.themes.signoff.regroup import ASIDE, Encode, Tools
from veche.themes.signoff.sign import follow

#: Themes that share this many texts are matched by them: most of the shared texts must be in one theme.
#: With fewer, the centres decide, if their cosine around the common middle is at least this.
ENOUGH_SHARED = 5
MOSTLY = 0.5
CLOSE = 0.8

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
    shared = _shared(earlier, later, old_codes, new_codes)
    close = _closeness(earlier, later, old_codes, new_codes, tools.encode)
    match = _matches(shared, close)
    found: dict[str, Decision] = {}
    for one in kept:
        number = old_codes.index(one.code)
        mine = [code for code, old in zip(new_codes, match, strict=True) if old == number]
        if mine:
            found |= _decided(one, mine)
        elif one.guide:
            host = _host(shared[number], close[number], new_codes)
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


def _matches(shared: np.ndarray, close: np.ndarray) -> np.ndarray:
    """The earlier theme of each later one, -1 for none; `shared` and `close` are [earlier, later]."""
    if len(shared) == 0:
        return np.full(shared.shape[1], -1)
    total = shared.sum(axis=0)
    by_texts = total >= ENOUGH_SHARED
    sure = np.where(by_texts, shared.max(axis=0) > MOSTLY * total, close.max(axis=0) >= CLOSE)
    best = np.where(by_texts, shared.argmax(axis=0), close.argmax(axis=0))
    return np.where(sure, best, -1)


def _shared(earlier: Held, later: Held, old_codes: Sequence[str], new_codes: Sequence[str]) -> np.ndarray:
    """How many distinct texts each earlier theme shares with each later one."""
    machine = earlier.machine.assignments["theme"]
    place = pc.if_else(pc.equal(earlier.shown["theme"], ASIDE), machine, earlier.shown["theme"])
    old_texts, old = _distinct(earlier, place, old_codes)
    new_texts, new = _distinct(later, later.machine.assignments["theme"], new_codes)
    at = pc.call_function("index_in", [new_texts], pc.SetLookupOptions(old_texts))
    at = pc.fill_null(at, -1).to_numpy(zero_copy_only=False)
    both = (at >= 0) & (new >= 0)
    both[both] = old[at[both]] >= 0
    counts = np.zeros((len(old_codes), len(new_codes)), np.int64)
    np.add.at(counts, (old[at[both]], new[both]), 1)
    return counts


def _distinct(held: Held, theme: Any, codes: Sequence[str]) -> tuple[pa.Array, np.ndarray]:
    """The distinct texts of a run in one spelling, and the number of the theme of each, -1 for none."""
    column = pa.concat_tables([pq.read_table(p, columns=["masked_text"]) for p in parts_of(held.folder)])[0]
    normal = pc.utf8_trim_whitespace(pc.replace_substring_regex(pc.utf8_lower(column), r"\s+", " "))
    encoded = pc.fill_null(normal, "").combine_chunks().dictionary_encode()
    number = pc.call_function("index_in", [theme], pc.SetLookupOptions(pa.array(codes, pa.string())))
    out = np.full(len(encoded.dictionary), -1, np.int64)
    # Equal texts lie in one theme, so any of them tells which.
    out[encoded.indices.to_numpy()] = pc.fill_null(number, -1).to_numpy(zero_copy_only=False)
    return encoded.dictionary, out


def _closeness(
    earlier: Held, later: Held, old_codes: Sequence[str], new_codes: Sequence[str], encode: Encode
) -> np.ndarray:
    """Cosines of the centres of earlier and later themes around their common middle."""
    shown = pq.read_table(earlier.folder / "themes.parquet")
    tables = pa.concat_tables([shown, earlier.machine.table.cast(shown.schema)])
    old = _centres(earlier, tables, old_codes, encode)
    new = _centres(later, later.machine.table, new_codes, encode)
    if len(old) == 0 or len(new) == 0:
        return np.zeros((len(old), len(new)), np.float32)
    middle = np.concatenate([old, new]).mean(axis=0)
    return unit_rows(old - middle) @ unit_rows(new - middle).T


def _centres(held: Held, table: pa.Table, codes: Sequence[str], encode: Encode) -> np.ndarray:
    """The mean vector of the clearest members of each theme."""
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
