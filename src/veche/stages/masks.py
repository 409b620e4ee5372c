"""Personal data out of the text: finds it by type and puts a label such as "[phone]" in its place.

Everything that is shown or written derives from the masked text. The place of the problem stays. Other
strings of an appeal (kept columns, names of attachments) go through `mask_strings`, by the same rules.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from veche.core.errors import MissingLibrary
from veche.core.text import Texts
from veche.engine.stage import Context
from veche.packs.model import Pack
from veche.packs.text import in_language
from veche.stages.columns import MASK, MASKED_TEXT, MASKS, TEXT
from veche.stages.mask_contacts import CONTACTS
from veche.stages.mask_names import NameFinder
from veche.stages.mask_numbers import NUMBERS
from veche.stages.mask_rules import Found, Group, rule, run_groups

#: Every type, with the label that stands for it where the pack gives none.
TYPES = {
    "phone": "[phone]",
    "email": "[e-mail]",
    "card": "[card]",
    "snils": "[pension number]",
    "inn": "[taxpayer number]",
    "oms": "[medical insurance]",
    "passport": "[passport]",
    "driving_licence": "[driving licence]",
    "car_plate": "[car plate]",
    "iban": "[bank account]",
    "bank_account": "[bank account]",
    "national_insurance": "[national insurance]",
    "ssn": "[social security]",
    "home_address": "[home address]",
    "birth_date": "[date of birth]",
    "name": "[name]",
    "url_account": "[account]",
    "custom": "[number]",
}

#: What is masked may make a name or number beside it stand out; three looks were enough on all data tried.
_ROUNDS = 6

#: Above all rules of ours.
_OWN_PRIORITY = 100

#: One masked stretch: start and end in the original text, and the type.
Mask = tuple[int, int, str]


class Masker:
    """Masks strings by the rules of a pack. One per worker: it loads the morphology and remembers words."""

    def __init__(self, pack: Pack, *, thorough: bool = False) -> None:
        """Prepare; `thorough` adds natasha's recogniser and raises `MissingLibrary` without it."""
        self.labels = labels(pack)
        self._names = NameFinder(pack)
        self._people = _natasha() if thorough else None
        self._groups = (NUMBERS, *CONTACTS, *_own(pack))

    def __call__(self, column: pa.Array | pa.ChunkedArray) -> tuple[list[str | None], dict[int, list[Mask]]]:
        """Return the masked strings, and the masks of each row that has some (sorted, without overlap).

        Masks are found again on the masked text until nothing is found: so masking what is masked
        changes nothing.
        """
        original: list[str | None] = column.to_pylist()
        masked = list(original)
        masks: dict[int, list[Mask]] = {}
        rows: Sequence[int] = range(len(original))
        for _ in range(_ROUNDS):
            found = self._find([masked[r] or "" for r in rows])
            if not found:
                break
            for at, new in found.items():
                row = rows[at]
                masks[row] = self._joined(masks.get(row, []), new)
                masked[row] = self._replaced(original[row] or "", masks[row])
            rows = [rows[at] for at in found]
        return masked, masks

    def _find(self, strings: list[str]) -> dict[int, list[Mask]]:
        texts = Texts(pa.array(strings, pa.string()))
        found = [*run_groups(texts, self._groups), *self._names(texts)]
        if self._people is not None:
            found += self._people(texts)
        by_row: dict[int, list[Found]] = {}
        for f in found:
            by_row.setdefault(f.row, []).append(f)
        merged = {r: _merged(_outside(fs, strings[r], self.labels)) for r, fs in sorted(by_row.items())}
        return {r: m for r, m in merged.items() if m}

    def _joined(self, old: list[Mask], new: list[Mask]) -> list[Mask]:
        """Return old masks with new ones, whose offsets point into the text that the old ones made."""
        shifts = [0]
        for start, end, kind in old:
            shifts.append(shifts[-1] + (end - start) - len(self.labels[kind]))
        edges = [start - shift for (start, _, _), shift in zip(old, shifts, strict=False)]
        moved = []
        for start, end, kind in new:
            shift = shifts[sum(edge < start for edge in edges)]
            moved.append((start + shift, end + shift, kind))
        return sorted([*old, *moved])

    def _replaced(self, text: str, masks: list[Mask]) -> str:
        parts, at = [], 0
        for start, end, kind in masks:
            parts += [text[at:start], self.labels[kind]]
            at = end
        return "".join([*parts, text[at:]])


class MasksStage:
    """Adds the masked text and the masks. Option `masks.thorough` = "yes" adds natasha's recogniser."""

    name = "masks"
    version = "1"
    reads = (TEXT,)
    adds = (MASKED_TEXT, MASKS)
    fallbacks: dict[str, str] = {}  # noqa: RUF012 - part of the contract, never changed

    def open(self, context: Context) -> None:
        """Prepare the masker; raises `MissingLibrary` when thorough masking is asked for without natasha."""
        thorough = context.options.get("masks.thorough") == "yes"
        self.masker = Masker(context.pack, thorough=thorough)

    def __call__(self, batch: pa.Table) -> pa.Table:
        """Return `batch` with `masked_text` and `masks`."""
        masked, masks = self.masker(batch.column(TEXT.name))
        table = batch.append_column(MASKED_TEXT, pa.array(masked, pa.string()))
        return table.append_column(MASKS, _masks_column(len(masked), masks))


def labels(pack: Pack) -> dict[str, str]:
    """Return the label of each type, in the first language of the pack where it gives one."""
    given = {r.type: r.label for r in pack.recognisers}
    return {
        kind: _bracketed(in_language(given.get(kind, {}), *pack.languages[:1]) or default)
        for kind, default in TYPES.items()
    }


def _own(pack: Pack) -> tuple[Group, ...]:
    """Return the rules of the pack's own patterns: who wrote them knows their numbers best."""
    rules = (
        rule(r.type, pattern, priority=_OWN_PRIORITY, folded=False)
        for r in pack.recognisers
        for pattern in r.patterns
    )
    return (Group(None, found),) if (found := tuple(rules)) else ()


def _bracketed(label: str) -> str:
    return label if label.startswith("[") else f"[{label}]"


def mask_strings(column: pa.Array | pa.ChunkedArray, masker: Masker) -> pa.Array:
    """Return any other column of strings, masked (nulls stay); each distinct value is masked once."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    coded = array.dictionary_encode()
    return pa.array(masker(coded.dictionary)[0], pa.string()).take(coded.indices)


def mask_kept(column: pa.Array | pa.ChunkedArray, masker: Masker) -> pa.Array:
    """Return a column of type map<string, string> (`kept`) with its values masked and its keys kept."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    missing = array.is_null() if array.null_count else None
    return pa.MapArray.from_arrays(array.offsets, array.keys, mask_strings(array.items, masker), mask=missing)


def _outside(found: list[Found], text: str, labels: dict[str, str]) -> list[Found]:
    """Drop what touches a label that stands in the text already."""
    if "[" not in text:
        return found
    taken = []
    for label in set(labels.values()):
        at = text.find(label)
        while at >= 0:
            taken.append((at, at + len(label)))
            at = text.find(label, at + 1)
    return [f for f in found if all(f.end <= a or f.start >= b for a, b in taken)]


def _merged(found: list[Found]) -> list[Mask]:
    """Join what overlaps; the type is that of the highest priority, then of the longest."""
    masks: list[Mask] = []
    best: tuple[int, int, str] = (0, 0, "")
    for f in sorted(found, key=lambda f: (f.start, -f.end, -f.priority, f.type)):
        rank = (f.priority, f.end - f.start, f.type)
        if masks and f.start < masks[-1][1]:
            best = max(best, rank)
            masks[-1] = (masks[-1][0], max(masks[-1][1], f.end), best[2])
        else:
            best = rank
            masks.append((f.start, f.end, f.type))
    return masks


def _masks_column(n_rows: int, masks: dict[int, list[Mask]]) -> pa.ListArray:
    counts = np.zeros(n_rows, np.int32)
    for row, of_row in masks.items():
        counts[row] = len(of_row)
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    flat = [m for row in sorted(masks) for m in masks[row]]
    items = pa.StructArray.from_arrays(
        [
            pa.array([m[0] for m in flat], pa.int32()),
            pa.array([m[1] for m in flat], pa.int32()),
            pa.array([m[2] for m in flat], pa.string()),
        ],
        fields=list(MASK),
    )
    return pa.ListArray.from_arrays(pa.array(offsets), items)


def _natasha() -> Any:
    """Return a finder of people by natasha's recogniser."""
    try:
        from veche.stages.mask_natasha import PeopleFinder
    except ImportError as error:
        raise MissingLibrary(stage="masks", package="natasha", install="veche[thorough]") from error
    return PeopleFinder()
