"""The reduce step of repeats: groups of appeals that are copies or near copies of one another.

Exact copies meet by the hash of their normal form. Near copies are proposed by bands of their MinHash
signatures and confirmed by the weighted likeness of their words, with who wrote, where and when as
evidence. Texts that only share a form, or a commonplace ("спасибо", "sidewalk not shoveled"), are not
copies. It decides nothing from meaning: two reports of one pothole in different words are a matter for
`veche.themes`' discovery.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from veche.stages.columns import CONTENT_HASH, MASKED_TEXT, SIGNATURE
from veche.stages.repeats import BANDS
from veche.themes import linking
from veche.themes.circumstances import Circumstances, campaigns, close_pairs
from veche.themes.shingles import ShingleSets, shingle_sets

#: Part of every finding of the facet `repeat`.
REPEATS_VERSION = "1"

#: Likeness of near copies where nothing else is known, where the same person or the same place and
#: days speak for it, and where the places lie apart. One changed word in twenty gives about 0.86.
NEAR, NEAR_CONFIRMED, NEAR_APART = 0.5, 0.45, 0.75

#: A member may be so much less like the earliest of its group than two neighbours in it must be.
LEADER_SLACK = 0.1

#: A shingle that so many groups of texts have (a share of all texts, and at least a number) belongs
#: to a form or to everyday speech. A text with fewer than `COMMONPLACE` others is a commonplace, one
#: with fewer than `TELLING` (about ten words of its own) may be written twice by chance, so it is a
#: copy only of an appeal from about the same place and time or of the same author, where these are known.
COMMON_SHARE, COMMON_TEXTS = 0.001, 30
COMMONPLACE, TELLING = 3, 20

#: One row per appeal. `repeat` is the id of the group's earliest member, null for an appeal alone;
#: `copy_of` the same for all but the earliest, null also in a group of commonplaces (`boilerplate`)
#: that no place ties together; `similarity` to the earliest, 1 for its own text.
REPEATS = pa.schema(
    [
        pa.field("appeal_id", pa.string()),
        pa.field("repeat", pa.string()),
        pa.field("repeat_size", pa.int32()),
        pa.field("copy_of", pa.string()),
        pa.field("similarity", pa.float32()),
        pa.field("boilerplate", pa.bool_()),
        pa.field("campaign", pa.bool_()),
    ]
)


@dataclass(frozen=True)
class _Texts:
    """Distinct texts, numbered in order of their first appeal; -1 in `of_row` where there is no text."""

    of_row: np.ndarray
    first_row: np.ndarray
    copies: np.ndarray


@dataclass(frozen=True)
class _Near:
    """Per distinct text: the one that leads its group, the likeness to it, the number of its own shingles."""

    leader: np.ndarray
    likeness: np.ndarray
    own: np.ndarray


def group_repeats(parts: Sequence[Path]) -> pa.Table:
    """Return the groups of the appeals of `parts` in the `REPEATS` schema, a row per appeal in their order.

    The Parquet files hold `appeal_id`, `content_hash`, `signature` and `masked_text` (without hashes
    every appeal is alone); `received_at`, `author`, `lat` and `lon` count where they are there. Memory
    grows by less than a kilobyte per appeal. The outcome depends on the input alone.
    """
    ids, hashes, facts = _read_facts(parts)
    texts = _distinct(hashes, facts)
    near = _near_groups(parts, texts, facts)
    group = _group_of_rows(texts, near, facts)
    return _assemble(ids, texts, group, near, facts)


def _read_facts(parts: Sequence[Path]) -> tuple[pa.ChunkedArray, pa.ChunkedArray, Circumstances]:
    wanted = ("appeal_id", CONTENT_HASH.name, *Circumstances.COLUMNS)
    tables = [pa.schema([REPEATS.field("appeal_id"), CONTENT_HASH]).empty_table()]
    for part in parts:
        names = pq.read_schema(part).names
        tables.append(pq.read_table(part, columns=[c for c in wanted if c in names]))
    table = pa.concat_tables(tables, promote_options="permissive")
    return table["appeal_id"], table[CONTENT_HASH.name], Circumstances.of(table)


def _distinct(hashes: pa.ChunkedArray, facts: Circumstances) -> _Texts:
    has_text = hashes.is_valid().to_numpy()
    rows = facts.order[has_text[facts.order]]
    values = hashes.fill_null(0).to_numpy()[rows]
    _, first, inverse, counts = np.unique(values, return_index=True, return_inverse=True, return_counts=True)
    by_time = np.argsort(first, kind="stable")
    number = np.empty(len(first), np.int64)
    number[by_time] = np.arange(len(first))
    of_row = np.full(len(hashes), -1, np.int64)
    of_row[rows] = number[inverse]
    return _Texts(of_row, rows[first[by_time]], counts[by_time])


def _read_keys(parts: Sequence[Path], texts: _Texts) -> tuple[np.ndarray, np.ndarray]:
    is_first = np.full(len(texts.of_row), -1, np.int64)
    is_first[texts.first_row] = np.arange(len(texts.first_row))
    numbers, keys, at = [], [], 0
    for part in parts if len(texts.first_row) else ():
        column = pq.read_table(part, columns=[SIGNATURE.name])[SIGNATURE.name]
        number = is_first[at : at + len(column)]
        at += len(column)
        chosen = (number >= 0) & column.is_valid().to_numpy()
        data = b"".join(column.filter(pa.array(chosen)).to_pylist())
        numbers.append(number[chosen])
        keys.append(np.frombuffer(data, "<u4").reshape(-1, BANDS))
    if not numbers:
        return np.zeros(0, np.int64), np.zeros((0, BANDS), np.uint32)
    signed = np.concatenate(numbers)
    order = np.argsort(signed)
    return signed[order], np.concatenate(keys)[order]


def _near_groups(parts: Sequence[Path], texts: _Texts, facts: Circumstances) -> _Near:
    n = len(texts.first_row)
    signed, keys = _read_keys(parts, texts)
    near = _Near(np.arange(n), np.ones(n), np.zeros(n))
    near.own[signed] = TELLING
    worth = linking.meets_another(keys) | (texts.copies[signed] > 1)
    chosen, keys = signed[worth], keys[worth]
    if not len(chosen):
        return near
    rows = texts.first_row[chosen]
    sets = shingle_sets(_read_texts(parts, rows), n_texts=n)
    judge = Judge(sets, sets.totals(), facts, rows)
    alike = [np.stack(pair)[:, judge.surplus(*pair) >= 0] for pair in linking.candidate_pairs(keys)]
    first, second = np.unique(np.concatenate([*alike, np.zeros((2, 0), np.int64)], axis=1), axis=1)
    led = linking.led_groups(len(chosen), first, second, judge=judge.speaks_for)
    common = sets.frequencies(np.unique(led)) > max(COMMON_TEXTS, COMMON_SHARE * n)
    own = sets.count(~common)
    sets = sets.without(common)
    judge = Judge(sets, sets.totals(), facts, rows)
    says = (own[first] >= COMMONPLACE) & (own[second] >= COMMONPLACE) & (judge.surplus(first, second) >= 0)
    led = linking.led_groups(len(chosen), first[says], second[says], judge=judge.speaks_for)
    near.leader[chosen], near.own[chosen] = chosen[led], own
    follows = np.flatnonzero(led != np.arange(len(led)))
    near.likeness[chosen[follows]] = judge.likeness(follows, led[follows])
    return near


@dataclass(frozen=True)
class Judge:
    """Says how like two texts are, and whether that is enough where, when and by whom they were written."""

    sets: ShingleSets
    totals: np.ndarray
    facts: Circumstances
    rows: np.ndarray

    def likeness(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """Return how like the texts of each pair are, from 0 to 1."""
        return self.sets.likeness(first, second, totals=self.totals)

    def surplus(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """Return by how much each pair is more alike than it has to be to count as copies."""
        needed = _likeness_needed(self.facts, self.rows[first], self.rows[second])
        return self.likeness(first, second) - needed

    def speaks_for(self, member: np.ndarray, head: np.ndarray) -> np.ndarray:
        """Return whether each head is like enough to its member to speak for it."""
        return self.surplus(member, head) >= -LEADER_SLACK


def _read_texts(parts: Sequence[Path], rows: np.ndarray) -> Iterator[pa.Array]:
    """Yield the masked texts of `rows` (any order), in that order, with one pass over the parts."""
    order = np.argsort(rows)
    sorted_rows = rows[order]
    at, found = 0, []
    for part in parts:
        column = pq.read_table(part, columns=[MASKED_TEXT.name])[MASKED_TEXT.name]
        low, high = np.searchsorted(sorted_rows, [at, at + len(column)])
        found.extend(column.take(pa.array(sorted_rows[low:high] - at)).chunks)
        at += len(column)
    back = np.empty(len(rows), np.int64)
    back[order] = np.arange(len(rows))
    yield from pa.chunked_array(found, pa.string()).take(pa.array(back)).chunks


def _likeness_needed(facts: Circumstances, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    needed = np.full(len(first), NEAR)
    needed[facts.far_apart(first, second)] = NEAR_APART
    needed[facts.same_author(first, second) | facts.close_by(first, second)] = NEAR_CONFIRMED
    return needed


def _group_of_rows(texts: _Texts, near: _Near, facts: Circumstances) -> np.ndarray:
    """Return the leading row of each row, itself where it is alone."""
    group = np.arange(len(texts.of_row))
    rows = facts.order[texts.of_row[facts.order] >= 0]
    leader = near.leader[texts.of_row[rows]]
    by_chance = near.own[leader] < TELLING
    placed = by_chance & facts.has_place()[rows]
    for chosen in (~by_chance, by_chance & ~placed):
        _, head, inverse = np.unique(leader[chosen], return_index=True, return_inverse=True)
        group[rows[chosen]] = rows[chosen][head[inverse]]
    rows, leader = rows[placed], leader[placed]
    first, second = close_pairs(facts, rows, leader)

    def speaks_for(member: np.ndarray, head: np.ndarray) -> np.ndarray:
        return facts.close_by(rows[member], rows[head]) | facts.same_author(rows[member], rows[head])

    group[rows] = rows[linking.led_groups(len(rows), first, second, judge=speaks_for)]
    return group


def _assemble(
    ids: pa.ChunkedArray, texts: _Texts, group: np.ndarray, near: _Near, facts: Circumstances
) -> pa.Table:
    rows = np.arange(len(group))
    size = np.bincount(group, minlength=len(group))[group]
    own = np.where(texts.of_row >= 0, near.own[texts.of_row], TELLING) if len(near.own) else rows + TELLING
    commonplace = own < COMMONPLACE
    other_text = texts.of_row != texts.of_row[group]
    likeness = np.ones(len(group))
    likeness[other_text] = near.likeness[texts.of_row[other_text]]
    is_copy = (group != rows) & (~commonplace | facts.has_place())
    alone = size == 1
    leading = ids.combine_chunks().take(pa.array(group))
    columns = [
        ids,
        pc.if_else(pa.array(alone), None, leading),
        pa.array(size, pa.int32()),
        pc.if_else(pa.array(is_copy), leading, None),
        pa.array(likeness, pa.float32(), mask=alone),
        pa.array(commonplace & ~alone),
        pa.array(campaigns(facts, group, likeness, allowed=(own >= TELLING) & ~alone)),
    ]
    return pa.table(columns, schema=REPEATS)
