"""What a search finds: by filters, by words, by meaning, in the order that the reader wants, page by page.

Everything that fits is counted, however much it is. Only what a person could look at is put in the order of
how well it fits: the newest of those that have the words, and those nearest in meaning.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np

from veche.core.errors import NumberMistyped
from veche.service.accounts.models import User
from veche.service.board.cube import ID, Cube
from veche.service.board.scopes import cube_of
from veche.service.inbox import numbers
from veche.service.inbox.models import Appeal
from veche.service.search import meaning, words
from veche.service.search.filters import Filters
from veche.service.search.ids import ids_of, packed_ids

#: Appeals that a search by meaning finds.
MEANT = 200


@dataclass(frozen=True)
class Found:
    """What fits an address."""

    cube: Cube
    #: The mask of the rows of the cube that fit.
    rows: np.ndarray
    n: int
    #: The best first, where they are in that order; the newest first otherwise.
    best: Sequence[UUID] | None = None
    #: The words that were looked for.
    asked: words.Asked | None = None
    #: What the reader should know: "small words", "only without", "phrase", "ranked", "meant"; or "".
    note: str = ""
    #: The mask of the rows that have what was searched, whatever the filters say; None where nobody knows.
    searched: np.ndarray | None = None


class Page(NamedTuple):
    """Some of what was found, and whether there is more before and behind."""

    ids: list[UUID]
    earlier: bool
    later: bool


def look(user: User, filters: Filters, *, best: bool = False) -> Found:
    """Return what fits an address among what a person may list, within `acting(user)`.

    `best` puts what has the words in the order of how well it fits; what is found by meaning always is.
    """
    cube = cube_of(user)
    rows = cube.rows(filters)
    if not filters.q or filters.errors:
        return _found(cube, rows, searched=np.ones(len(cube), bool))
    number = _number(filters.q)
    if number is not None:
        there = _mask(cube, _packed(number))
        return _found(cube, rows & there, searched=there)
    if filters.by == "meaning":
        near = meaning.nearest(cube, meaning.meant(filters.q), rows, MEANT)
        order = [one.appeal_id for one in near]
        return _found(cube, _mask(cube, _array(order)), order, note="meant")
    return _by_words(cube, rows, words.ask(filters.q), best=best)


def page(found: Found, size: int, *, after: UUID | None = None, before: UUID | None = None) -> Page:
    """Return up to `size` of what was found: behind one appeal, or before one, or the first."""
    if found.best is not None:
        return _page_of(found.best, size, after, before)
    cube = found.cube
    at = np.flatnonzero(found.rows)
    if after is not None:
        behind = at[_less(cube, at, after)]
        some = latest(cube, behind, size)
        return Page(some, len(behind) < len(at), len(behind) > size)
    if before is not None:
        above = at[_less(cube, at, before, above=True)]
        some = latest(cube, above, size, oldest=True)
        return Page(some, len(above) > size, len(above) < len(at))
    return Page(latest(cube, at, size), False, len(at) > size)


def beside(found: Found, appeal_id: UUID) -> tuple[UUID | None, UUID | None]:
    """Return the appeals before and behind one in what was found; None where there is none."""
    if found.best is not None:
        earlier, later = (
            _page_of(found.best, 1, None, appeal_id).ids,
            _page_of(found.best, 1, appeal_id, None).ids,
        )
        there = appeal_id in found.best
        return (earlier[0] if earlier and there else None), (later[0] if later and there else None)
    cube, at = found.cube, np.flatnonzero(found.rows)
    above, behind = at[_less(cube, at, appeal_id, above=True)], at[_less(cube, at, appeal_id)]
    return _edge(cube, above, np.min), _edge(cube, behind, np.max)


def _by_words(cube: Cube, rows: np.ndarray, asked: words.Asked, *, best: bool) -> Found:
    if not asked.has_words or not asked.says_what:
        note = "only without" if asked.has_words else "small words"
        return _found(cube, np.zeros(len(cube), bool), note=note)
    note = ""
    there = _mask(cube, packed_ids(words.find(asked)))
    rows, searched = rows & there, None if asked.ordered else there
    if asked.ordered:
        at = np.flatnonzero(rows)
        note = "phrase" if len(at) > words.LOOKED_THROUGH else ""
        rows = _mask(cube, _array(words.through(asked, latest(cube, at, words.LOOKED_THROUGH))))
    if not best:
        return _found(cube, rows, asked=asked, note=note, searched=searched)
    at = np.flatnonzero(rows)
    note = note or ("ranked" if len(at) > words.RANKED else "")
    order = words.ranked(asked, latest(cube, at, words.RANKED))
    return _found(cube, rows, order, asked, note, searched)


def _found(
    cube: Cube,
    rows: np.ndarray,
    best: Sequence[UUID] | None = None,
    asked: words.Asked | None = None,
    note: str = "",
    searched: np.ndarray | None = None,
) -> Found:
    return Found(cube, rows, int(np.count_nonzero(rows)), best, asked, note, searched)


def _number(typed: str) -> int | None:
    try:
        return numbers.read(typed)
    except NumberMistyped:
        return None


def _packed(number: int) -> np.ndarray:
    return _array(list(Appeal.objects.filter(number=number).values_list("pk", flat=True)))


def _array(found: Sequence[UUID]) -> np.ndarray:
    return packed_ids(b"".join(id.bytes for id in found))


def _mask(cube: Cube, ids: np.ndarray) -> np.ndarray:
    """Return the rows of these appeals, of those that may be seen."""
    made = np.zeros(len(cube), bool)
    at = cube.find(ids, cube.open)
    made[at[at >= 0]] = True
    return made


def _less(cube: Cube, at: np.ndarray, than: UUID, *, above: bool = False) -> np.ndarray:
    """Return which rows come behind an appeal in the order of the newest first; with `above`, before it.

    All do where the appeal is not there any more.
    """
    key = np.array([than.bytes], ID)
    [row] = cube.find(key, cube.open).tolist()
    if row < 0:
        return np.ones(len(at), bool)
    times, moment = cube.received[at], cube.received[row]
    same = times == moment
    if above:
        return (times > moment) | (same & (cube.id[at] > key[0]))
    return (times < moment) | (same & (cube.id[at] < key[0]))


def latest(cube: Cube, at: np.ndarray, most: int, *, oldest: bool = False) -> list[UUID]:
    """Return the ids of the latest of some rows, or of the oldest of them; always the latest first."""
    if len(at) > most:
        times = cube.received[at]
        place = most - 1 if oldest else len(at) - most
        edge = np.partition(times, place)[place]
        at = at[times <= edge] if oldest else at[times >= edge]
    order = np.lexsort((cube.id[at], cube.received[at]))
    chosen = order[:most][::-1] if oldest else order[::-1][:most]
    return ids_of(cube.id[at[chosen]])


def _edge(cube: Cube, at: np.ndarray, edge: Callable[[np.ndarray], Any]) -> UUID | None:
    """Return the appeal of some rows that was received first (`np.min`) or last (`np.max`)."""
    if not len(at):
        return None
    times = cube.received[at]
    ids = cube.id[at[times == edge(times)]]
    return ids_of(np.sort(ids)[[0 if edge is np.min else -1]])[0]


def _page_of(order: Sequence[UUID], size: int, after: UUID | None, before: UUID | None) -> Page:
    if before is not None and before in order:
        end = order.index(before)
        start = max(0, end - size)
    else:
        start = order.index(after) + 1 if after is not None and after in order else 0
        end = start + size
    return Page(list(order[start:end]), start > 0, end < len(order))
