"""From the cells of a spreadsheet to labels: one, levelled or several to an appeal, told apart by meaning
and not by spelling. What is odd is noted and never stops the rest."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from veche.core.errors import NoLabels, OneClass, OwnLabels
from veche.intake.values import join_filled
from veche.learn import spelling
from veche.learn.examples import Labels, LabelSet
from veche.learn.notes import FacetNotes
from veche.learn.wanted import Wanted
from veche.packs.model import KINDS, Body, Pack, Territory, Topic
from veche.packs.text import in_language
from veche.packs.tree import path_of

#: Parts the levels that stand in columns of their own.
LEVEL = ">"

#: Columns of which so many filled cells say yes or no stand for one label each.
_FLAGS_SHARE = 0.95

#: Labels of which so many are codes of the pack are the pack's.
_PACK_SHARE = 0.9

#: Where so many labels, and so much of what was given, stand at one appeal each, the column holds something
#: else: a model would only carry it away.
_MOST_LONELY, _LONELY_SHARE = 50, 0.5

#: Says for each string whether it holds personal data (bool).
Personal = Callable[[Sequence[str]], np.ndarray]

Nodes = Mapping[str, Topic] | Mapping[str, Body] | Mapping[str, Territory]


@dataclass(frozen=True)
class Found:
    """Labels as they were written: entry i says that row `row[i]` (int64) has the label `piece[i]` (int64), a
    number of `pieces`. `known` (bool) are the rows that somebody looked at, though they may have none."""

    row: np.ndarray
    piece: np.ndarray
    pieces: list[str]
    known: np.ndarray


def nodes_of(pack: Pack, facet: str) -> Nodes:
    """Return the values that the pack knows of a facet; none where the facet is not the pack's."""
    known: dict[str, Nodes] = {"topic": pack.topics, "body": pack.bodies, "place": pack.territories}
    return known.get(facet, {})


def codes_of(pack: Pack, facet: str) -> Collection[str]:
    """Return the codes that a run knows of a facet; none where it is no facet of a run.

    Urgency is not among them: what the pack's rules say of danger is not left to what was labelled.
    """
    return KINDS if facet == "kind" else nodes_of(pack, facet).keys()


def find_labels(wanted: Wanted, cells: Sequence[pa.ChunkedArray], names: Sequence[str]) -> Found:
    """Return the labels that stand in `cells`, the columns `names` of the sheet (strings of n rows)."""
    if not wanted.multi:
        return _single(wanted, cells)
    if len(cells) > 1 and _are_flags(cells):
        return _flags(cells, names)
    return _several(wanted, cells)


def make_labels(
    wanted: Wanted,
    found: Found,
    *,
    columns: Sequence[str],
    pack: Pack,
    personal: Personal,
    mapping: Mapping[str, str] | None = None,
) -> tuple[Labels, FacetNotes]:
    """Return the labels of a facet, and what was noticed about them.

    `mapping` goes from the `spelling.key` of a label to a code of the pack; labels that it does not name
    stay as they are.

    Raises:
        NoLabels: no row has a label.
    """
    counts = np.bincount(found.piece, minlength=len(found.pieces))
    too_long = np.array([len(p) > spelling.LONGEST_LABEL for p in found.pieces], bool)
    named = np.zeros(len(found.pieces), bool)
    short = np.flatnonzero(~too_long)
    named[short] = personal([found.pieces[i] for i in short])
    usable = ~too_long & ~named
    names, of_piece, spellings = _usual(found.pieces, counts, usable)
    nodes = nodes_of(pack, wanted.facet)
    unmapped: tuple[str, ...] = ()
    mapped: dict[str, str] = {}
    if mapping is not None:
        unmapped = tuple(n for n in names if spelling.key(n) not in mapping)
        mapped = {k: mapping[k] for k in map(spelling.key, names) if k in mapping}
        names, of_piece = _mapped(names, of_piece, mapping)
    kept = usable[found.piece]
    row, label = found.row[kept], of_piece[found.piece[kept]]
    given = sparse.csr_matrix(
        (np.ones(len(row), bool), (row, label)), shape=(len(found.known), len(names)), dtype=bool
    )
    known = found.known.copy()
    known[found.row[~kept]] = False
    known[row] = True
    if not len(row):
        raise NoLabels(facet=wanted.facet, column=", ".join(columns[:3]))
    made = Labels(
        _label_set(wanted, names, np.bincount(label, minlength=len(names)), nodes, pack), given, known
    )
    examples = np.asarray(given.sum(axis=0)).ravel()
    notes = FacetNotes(
        columns=tuple(columns),
        labelled=int(known.sum()),
        unlabelled=int((~known).sum()),
        spellings=spellings,
        lonely=tuple(names[i] for i in np.flatnonzero(examples == 1)),
        too_long=int(too_long.sum()),
        personal=int(named.sum()),
        unmapped=unmapped,
        path=wanted.path,
        mapped=mapped,
    )
    return made, notes


def check_learnable(facet: str, labels: Labels) -> None:
    """See that there is something to learn, and that what stands for labels is no text of a citizen.

    Raises:
        OneClass: all rows have the same label.
        OwnLabels: most labels were given to one row each.
    """
    if len(labels.set) < 2 and not labels.set.multi:
        raise OneClass(facet=facet)
    given = np.asarray(labels.given.sum(axis=0)).ravel()
    lonely, labelled = int((given == 1).sum()), int(given.sum())
    if lonely >= _MOST_LONELY and lonely > _LONELY_SHARE * labelled:
        raise OwnLabels(facet=facet, lonely=lonely, labelled=labelled)


def _filled(column: pa.ChunkedArray) -> pa.ChunkedArray:
    trimmed = pc.utf8_trim_whitespace(column)
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)


def _coded(column: pa.ChunkedArray) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Return the rows that are filled, the number of each one's cell, and the distinct cells."""
    coded = _filled(column).combine_chunks().dictionary_encode()
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.combine_chunks()
    rows = np.flatnonzero(coded.is_valid().to_numpy(zero_copy_only=False))
    codes = coded.indices.drop_null().to_numpy(zero_copy_only=False).astype(np.int64)
    return rows, codes, coded.dictionary.to_pylist()


def _single(wanted: Wanted, cells: Sequence[pa.ChunkedArray]) -> Found:
    separator = wanted.path or (LEVEL if len(cells) > 1 else "")
    column = cells[0]
    if len(cells) > 1:
        column = join_filled([_filled(cell) for cell in cells], separator)
    rows, codes, distinct = _coded(column)
    pieces = [spelling.joined(spelling.levels(cell, separator), separator) for cell in distinct]
    known = np.zeros(len(column), bool)
    filled = np.array([bool(p) for p in pieces], bool)
    rows, codes = rows[filled[codes]], codes[filled[codes]]
    known[rows] = True
    return Found(rows, codes, pieces, known)


def _are_flags(cells: Sequence[pa.ChunkedArray]) -> bool:
    said = total = 0
    for column in cells:
        _rows, codes, distinct = _coded(column)
        counts = np.bincount(codes, minlength=len(distinct))
        total += len(codes)
        said += sum(
            int(n) for cell, n in zip(distinct, counts, strict=True) if spelling.flag(cell) is not None
        )
    return bool(total) and said >= _FLAGS_SHARE * total


def _flags(cells: Sequence[pa.ChunkedArray], names: Sequence[str]) -> Found:
    known = np.zeros(len(cells[0]), bool)
    parts = []
    for column in cells:
        rows, codes, distinct = _coded(column)
        yes = np.array([spelling.flag(cell) is True for cell in distinct], bool)
        known[rows] = True
        parts.append(rows[yes[codes]])
    piece = np.repeat(np.arange(len(parts)), [len(p) for p in parts])
    return Found(np.concatenate(parts), piece, [spelling.tidy(name) for name in names], known)


def _several(wanted: Wanted, cells: Sequence[pa.ChunkedArray]) -> Found:
    numbers: dict[str, int] = {}
    rows_of, pieces_of = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for column in cells:
        rows, codes, distinct = _coded(column)
        lists = [
            [numbers.setdefault(_level(wanted, p), len(numbers)) for p in spelling.several(cell)]
            for cell in distinct
        ]
        counts = np.array([len(entry) for entry in lists], np.int64)
        starts = np.cumsum(counts) - counts
        flat = np.array([n for entry in lists for n in entry], np.int64)
        many = counts[codes]
        within = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
        rows_of.append(np.repeat(rows, many))
        pieces_of.append(flat[np.repeat(starts[codes], many) + within])
    row = np.concatenate(rows_of)
    known = np.zeros(len(cells[0]), bool)
    known[row] = True
    return Found(row, np.concatenate(pieces_of), list(numbers), known)


def _level(wanted: Wanted, label: str) -> str:
    return spelling.joined(spelling.levels(label, wanted.path), wanted.path) or label


def _usual(
    pieces: Sequence[str], counts: np.ndarray, usable: np.ndarray
) -> tuple[list[str], np.ndarray, dict[str, tuple[str, ...]]]:
    """Return the names in their usual spelling and in order, the name of each piece, and what was joined."""
    by_key: dict[str, list[int]] = {}
    for i in np.flatnonzero(usable & (counts > 0)).tolist():
        by_key.setdefault(spelling.key(pieces[i]), []).append(i)
    ordered = {k: sorted(by_key[k], key=lambda i: (-counts[i], pieces[i])) for k in sorted(by_key)}
    of_piece = np.full(len(pieces), -1, np.int64)
    for number, members in enumerate(ordered.values()):
        of_piece[members] = number
    names = [pieces[members[0]] for members in ordered.values()]
    spellings = {
        pieces[first]: tuple(pieces[i] for i in others) for first, *others in ordered.values() if others
    }
    return names, of_piece, spellings


def _mapped(
    names: Sequence[str], of_piece: np.ndarray, mapping: Mapping[str, str]
) -> tuple[list[str], np.ndarray]:
    wanted = [mapping.get(spelling.key(name), name) for name in names]
    final = sorted(set(wanted))
    number = {name: i for i, name in enumerate(final)}
    moved = np.array([number[name] for name in wanted], np.int64)
    return final, np.where(of_piece >= 0, moved[of_piece], -1)


def _label_set(
    wanted: Wanted, names: Sequence[str], counts: np.ndarray, nodes: Nodes, pack: Pack
) -> LabelSet:
    codes = np.array([name.partition("@")[0] in nodes for name in names], bool)
    if nodes and counts[codes].sum() >= _PACK_SHARE * counts.sum():
        titles = [_title(nodes, name, pack) for name in names]
        above = [_root(nodes, name) for name in names]
    else:
        separator = wanted.path or LEVEL
        levelled = bool(wanted.path) or "+" in wanted.columns
        titles = [""] * len(names)
        above = [spelling.levels(name, separator)[0] if levelled else "" for name in names]
    keys = sorted({spelling.key(group) for group in above if group})
    number = {k: i for i, k in enumerate(keys)}
    groups = np.array([number.get(spelling.key(group), -1) for group in above], np.int64)
    shown = {spelling.key(group): group for group in reversed(above) if group}
    return LabelSet(tuple(names), tuple(titles), groups, tuple(shown[k] for k in keys), wanted.multi)


def _title(nodes: Nodes, name: str, pack: Pack) -> str:
    node = nodes.get(name.partition("@")[0])
    return in_language(node.title, *pack.languages[:1]) if node else ""


def _root(nodes: Nodes, name: str) -> str:
    return next(reversed([*path_of(name.partition("@")[0], nodes)]), "")
