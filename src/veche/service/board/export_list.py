"""The appeals behind a picture as rows of a table: codes in words, no text and no name.

It is made of the cube alone, so a list of a million leaves while no database is asked, a few thousand rows
in memory at a time. That it left is written to the ledger before the first row does.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from django.utils import timezone
from django.utils.translation import gettext as _

from veche.service.accounts.models import User
from veche.service.board.columns import labels_of
from veche.service.board.cube import NOT_DECIDED, SURE_STEPS, Cube
from veche.service.board.export import Cell
from veche.service.inbox import numbers
from veche.service.ledger.append import append_many
from veche.service.ledger.entries import New
from veche.service.search.filters import Filters, sure_of
from veche.service.search.found import look
from veche.service.search.wording import COUNTED, Wording, key_words

#: The columns behind number and time of receipt, as an address names them.
COLUMNS = (
    "tenant",
    "channel",
    "state",
    "language",
    "kind",
    "topic",
    "body",
    "territory",
    "urgency",
    "group",
    "theme",
)
_AT_ONCE = 5_000


def rows_of_list(user: User, filters: Filters) -> Iterator[Sequence[Cell]]:
    """Return the head and the rows of the appeals that a picture counts, those received last first.

    All that the database is asked for is asked at once; the rows are made as they are taken.
    """
    found = look(user, filters if filters.state else filters.narrowed(state=COUNTED))
    cube, at, wording = found.cube, np.flatnonzero(found.rows), filters.wording
    _note(user, cube, found.rows, wording)
    said = {key: _said(cube, key, wording) for key in COLUMNS}
    head = [_("Number"), _("Received"), *(key_words(key) for key in COLUMNS), key_words("sure")]
    steps = [wording.said("sure", sure_of(_confidence(step))) for step in range(256)]
    order = at[np.lexsort((cube.number[at], cube.received[at]))[::-1]]
    return _rows(cube, order, head, said, steps, timezone.get_current_timezone())


def _confidence(step: int) -> float | None:
    return None if step == NOT_DECIDED else step / SURE_STEPS


def _rows(
    cube: Cube,
    order: np.ndarray,
    head: Sequence[str],
    said: Mapping[str, Sequence[str]],
    sure: Sequence[str],
    zone: dt.tzinfo,
) -> Iterator[Sequence[Cell]]:
    yield head
    for start in range(0, len(order), _AT_ONCE):
        at = order[start : start + _AT_ONCE]
        columns = [[said[key][code] for code in cube.columns[key].codes[at].tolist()] for key in COLUMNS]
        received = (
            dt.datetime.fromtimestamp(micros / 1e6, zone).strftime("%Y-%m-%d %H:%M")
            for micros in cube.received[at].tolist()
        )
        shown = (numbers.shown(number) for number in cube.number[at].tolist())
        yield from zip(
            shown, received, *columns, (sure[step] for step in cube.sure[at].tolist()), strict=True
        )


def _said(cube: Cube, key: str, wording: Wording) -> list[str]:
    """Return each value of a column in words; nothing for what is not known."""
    values = cube.columns[key].dictionary.values
    words: dict[str, str] = {}
    made = []
    for value in list(values):
        labels = list(labels_of(key, value)) if value else []
        for label in labels:
            if label not in words:
                words[label] = wording.said(key, label)
        made.append("; ".join(words[label] for label in labels))
    return made


def _note(user: User, cube: Cube, rows: np.ndarray, wording: Wording) -> None:
    """Write to the ledger of each authority how many of its appeals leave."""
    counts = cube.count(rows, "tenant")
    owners = [(wording.tenants[slug].pk, n) for slug, n in sorted(counts.items()) if slug in wording.tenants]
    append_many(
        New(tenant, "picture.listed", f"user:{user.pk}", f"tenant:{tenant}", {"appeals": n})
        for tenant, n in owners
    )
