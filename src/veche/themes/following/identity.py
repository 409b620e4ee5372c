"""Which theme of a run is which theme of the run before: same, split, merged, born or gone.

Themes are matched one to one by maximum weight (Kuhn 1955, Jonker and Volgenant 1987) over the texts
that both runs hold and the closeness of their centres. What happened to the others is read off the
shared texts, as in MONIC (Spiliopoulou et al., KDD 2006). Nothing is decided about single appeals.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from scipy import sparse
from scipy.optimize import linear_sum_assignment

from veche.themes.following.memory import Memory
from veche.themes.result import ASSIGNMENTS, Themes

#: Two themes that share this many texts are matched by them; with fewer the centres decide alone.
ENOUGH_SHARED = 5

#: Least overlap (Jaccard, among texts of both runs) and least cosine of centres for the same theme.
SAME_OVERLAP = 0.3
SAME_CLOSENESS = 0.8

#: A part of a split holds this share of the old theme's shared texts, and takes this share of its own
#: from there; a merge is the same the other way round.
PART_OF_WHOLE = 0.15
FROM_ONE = 0.5

#: Weight of shared texts against closeness where both are known.
BY_TEXTS = 0.75

#: `kind`: same, split, merge, birth or death. A split or merge has a row for each of its parts. `shared`
#: counts distinct texts, sizes count appeals; null where the theme is not in that run or nothing is known.
CHANGES = pa.schema(
    [
        pa.field("kind", pa.string()),
        pa.field("theme", pa.string()),
        pa.field("theme_before", pa.string()),
        pa.field("name", pa.string()),
        pa.field("name_before", pa.string()),
        pa.field("size", pa.int64()),
        pa.field("size_before", pa.int64()),
        pa.field("shared", pa.int64()),
        pa.field("overlap", pa.float64()),
        pa.field("closeness", pa.float64()),
    ]
)


@dataclass(frozen=True)
class Changes:
    """What became of the themes. `table` is in the `CHANGES` schema, with kept codes; `codes` gives for
    each code of the new run the one that it keeps; `memory` is what the next run is compared with."""

    table: pa.Table
    codes: Mapping[str, str]
    memory: Memory

    def write(self, folder: Path) -> None:
        """Write `theme_changes.parquet` and `themes-state.npz` to `folder`."""
        pq.write_table(self.table, folder / "theme_changes.parquet")
        self.memory.write(folder)


@dataclass(frozen=True)
class Likeness:
    """How like the themes of two runs are.

    Per old and new theme: `shared` texts, `overlap` and `closeness` (NaN where unknown); per theme (`before`
    and `now`) how many of its texts both runs hold."""

    shared: np.ndarray
    overlap: np.ndarray
    closeness: np.ndarray
    before: np.ndarray
    now: np.ndarray


def changes_between(
    previous: Path | Memory | None, current: Memory, *, named: Mapping[str, str] | None = None
) -> Changes:
    """Say what became of the themes since the run in the folder `previous` (None: there was none).

    `named` are names that a person gave, by code of the earlier run; a theme that goes on keeps them.

    Raises:
        UsageError: the earlier run's themes cannot be read.
    """
    old = Memory.read(previous) if isinstance(previous, Path) else previous
    if old is None:
        rows = [_row("birth", current, None, j) for j in range(len(current))]
        return Changes(pa.Table.from_pylist(rows, CHANGES), {c: c for c in current.codes.tolist()}, current)
    like = likeness(old, current)
    pairs = _matched(like)
    kept = _with_kept_codes(old, current, pairs, named or {})
    rows = _rows(old, kept, like, pairs)
    codes = dict(zip(current.codes.tolist(), kept.codes.tolist(), strict=True))
    return Changes(pa.Table.from_pylist(rows, CHANGES), codes, kept)


def likeness(old: Memory, new: Memory) -> Likeness:
    """Return how like the themes of two runs are."""
    _, at_old, at_new = np.intersect1d(old.texts, new.texts, assume_unique=True, return_indices=True)
    a, b = old.text_theme[at_old], new.text_theme[at_new]
    both = (a >= 0) & (b >= 0)
    cells = sparse.coo_array((np.ones(both.sum(), np.int64), (a[both], b[both])), (len(old), len(new)))
    shared = cells.toarray()
    before = np.bincount(a[a >= 0], minlength=len(old))
    now = np.bincount(b[b >= 0], minlength=len(new))
    union = before[:, None] + now[None, :] - shared
    overlap = np.where(
        np.minimum(before[:, None], now[None, :]) >= ENOUGH_SHARED, shared / np.maximum(union, 1), np.nan
    )
    return Likeness(shared, overlap, _closeness(old, new), before, now)


def _closeness(old: Memory, new: Memory) -> np.ndarray:
    """Cosines of the centres around a common middle; NaN where a theme has no vectors."""
    if old.means.shape[1] != new.means.shape[1]:
        return np.full((len(old), len(new)), np.nan)
    middle = (old.centre + new.centre) / 2
    a, b = old.centroids(middle), new.centroids(middle)
    known = np.outer(np.any(a, axis=1), np.any(b, axis=1))
    return np.where(known, a @ b.T, np.nan)


def _matched(like: Likeness) -> list[tuple[int, int]]:
    """Pairs of old and new themes that are the same."""
    close = np.nan_to_num(like.closeness, nan=0.0)
    by_texts = ~np.isnan(like.overlap)
    overlap = np.nan_to_num(like.overlap, nan=0.0)
    can = np.where(by_texts, overlap >= SAME_OVERLAP, close >= SAME_CLOSENESS)
    known = ~np.isnan(like.closeness)
    mixed = np.where(known, BY_TEXTS * overlap + (1 - BY_TEXTS) * np.maximum(close, 0), overlap)
    score = np.where(can, np.where(by_texts, mixed, close), 0.0)
    rows, columns = linear_sum_assignment(score, maximize=True)
    return [(i, j) for i, j in zip(rows.tolist(), columns.tolist(), strict=True) if can[i, j]]


def origins(like: Likeness) -> np.ndarray:
    """Return for each new theme the old one that it goes on (int64, -1 for none): the same theme, or that
    which it has split off from. Several new themes may go on one old theme."""
    if like.shared.size == 0:
        return np.full(like.shared.shape[1], -1)
    shared, close = like.shared, np.nan_to_num(like.closeness, nan=-1.0)
    by_texts = like.now >= ENOUGH_SHARED
    sure = np.where(by_texts, shared.max(axis=0) >= FROM_ONE * like.now, close.max(axis=0) >= SAME_CLOSENESS)
    out = np.where(sure, np.where(by_texts, shared.argmax(axis=0), close.argmax(axis=0)), -1)
    for i, j in _matched(like):
        # Where texts tell the origin, closeness alone does not overrule them.
        if not (by_texts[j] and np.isnan(like.overlap[i, j])):
            out[j] = i
    return out


def _with_kept_codes(
    old: Memory, new: Memory, pairs: list[tuple[int, int]], named: Mapping[str, str]
) -> Memory:
    before = {j: i for i, j in pairs}
    number = old.next_number
    codes, names = [], []
    for j, name in enumerate(new.names.tolist()):
        if j in before:
            code = str(old.codes[before[j]])
        else:
            code, number = f"t{number:03d}", number + 1
        codes.append(code)
        names.append(named.get(code, name) if j in before else name)
    return new.renamed(codes, names, next_number=number)


def _rows(old: Memory, new: Memory, like: Likeness, pairs: list[tuple[int, int]]) -> list[dict[str, Any]]:
    of_old = like.shared / np.maximum(like.before, 1)[:, None]
    of_new = like.shared / np.maximum(like.now, 1)[None, :]
    enough = like.shared >= ENOUGH_SHARED
    splits = enough & (of_old >= PART_OF_WHOLE) & (of_new >= FROM_ONE)
    splits[splits.sum(axis=1) < 2] = False
    merges = enough & (of_new >= PART_OF_WHOLE) & (of_old >= FROM_ONE)
    merges[:, merges.sum(axis=0) < 2] = False
    told = splits | merges
    found = [("same", i, j) for i, j in pairs if not told[i, j]]
    found += [("split", i, j) for i, j in np.argwhere(splits).tolist()]
    found += [("merge", i, j) for i, j in np.argwhere(merges & ~splits).tolist()]
    seen_old, seen_new = {i for _k, i, _j in found}, {j for _k, _i, j in found}
    rows = [_row(kind, new, old, j, i, like) for kind, i, j in found]
    rows += [_row("birth", new, old, j) for j in range(len(new)) if j not in seen_new]
    rows += [_row("death", new, old, None, i) for i in range(len(old)) if i not in seen_old]
    return rows


def _row(
    kind: str,
    new: Memory,
    old: Memory | None,
    j: int | None,
    i: int | None = None,
    like: Likeness | None = None,
) -> dict[str, Any]:
    before = old if i is not None else None
    both = None if like is None or i is None or j is None else (i, j)
    return {
        "kind": kind,
        "theme": None if j is None else str(new.codes[j]),
        "theme_before": None if before is None else str(before.codes[i]),
        "name": None if j is None else str(new.names[j]),
        "name_before": None if before is None else str(before.names[i]),
        "size": None if j is None else int(new.sizes[j]),
        "size_before": None if before is None else int(before.sizes[i]),
        "shared": int(like.shared[both]) if like and both else None,
        "overlap": _number(like.overlap, both) if like and both else None,
        "closeness": _number(like.closeness, both) if like and both else None,
    }


def _number(values: np.ndarray, at: tuple[int, int]) -> float | None:
    value = float(values[at])
    return None if np.isnan(value) else round(value, 4)


def with_kept_codes(themes: Themes, changes: Changes, *, named: Mapping[str, str] | None = None) -> Themes:
    """Return `themes` under the codes that `changes` keeps, and with names that a person gave (by code).

    Themes that say nothing are not followed; their codes begin with q. The order stays by size.
    """
    codes = _all_codes(themes, changes)
    called = named or {}
    table = themes.table
    theme, parent = (_recoded(table[name], codes) for name in ("theme", "parent"))
    names = [
        called.get(code, name)
        for code, name in zip(theme.to_pylist(), table["name"].to_pylist(), strict=True)
    ]
    for column, values in (("theme", theme), ("parent", parent), ("name", pa.array(names, pa.string()))):
        table = table.set_column(table.column_names.index(column), table.schema.field(column), values)
    given = themes.assignments
    columns = [
        given["appeal_id"],
        *(_recoded(given[c], codes) for c in ("theme", "subtheme")),
        given["strength"],
    ]
    digests = {
        **themes.digests,
        "themes": [_digest(d, codes, called) for d in themes.digests.get("themes", ())],
    }
    digest = None if themes.digest is None else [_quoted(q, codes) for q in themes.digest]
    assignments = pa.table(columns, schema=ASSIGNMENTS)
    return replace(themes, assignments=assignments, table=table, digests=digests, digest=digest)


def _all_codes(themes: Themes, changes: Changes) -> dict[str, str]:
    codes = dict(changes.codes)
    top = themes.table.filter(pc.is_null(themes.table["parent"]))["theme"].to_pylist()
    silent = [code for code in top if code not in codes]
    return codes | {code: f"q{number + 1:03d}" for number, code in enumerate(silent)}


def _recoded(column: pa.ChunkedArray, codes: Mapping[str, str]) -> pa.ChunkedArray:
    encoded = column.combine_chunks().dictionary_encode()
    values = [_kept(value, codes) for value in encoded.dictionary.to_pylist()]
    return pa.chunked_array([pa.array(values, pa.string()).take(encoded.indices)])


def _kept(code: str, codes: Mapping[str, str]) -> str:
    """The code of a theme or, behind a point, of a subtheme; others ("rare") stay."""
    theme, point, rest = code.partition(".")
    return codes.get(theme, theme) + point + rest


def _digest(entry: dict[str, Any], codes: Mapping[str, str], named: Mapping[str, str]) -> dict[str, Any]:
    code = _kept(entry["theme"], codes)
    out = {**entry, "theme": code, "name": named.get(code, entry.get("name"))}
    if "subthemes" in entry:
        out["subthemes"] = [_digest(sub, codes, named) for sub in entry["subthemes"]]
    return out


def _quoted(entry: dict[str, Any], codes: Mapping[str, str]) -> dict[str, Any]:
    """A quotation of the run's digest."""
    sub = entry["subtheme"]
    return {**entry, "theme": _kept(entry["theme"], codes), "subtheme": sub and _kept(sub, codes)}
