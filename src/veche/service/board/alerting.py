"""Bursts in the counts of a board: topics, territories and themes that come much more often than usual.

The method is that of `veche.themes.following.bursts`; here it works on counts by day, as they are shown.
"""

import datetime as dt
from collections.abc import Callable, Sequence

import numpy as np

from veche.packs.rules.calendars import calendar_of
from veche.service.board.counting import Counter
from veche.service.desk import words
from veche.service.search.wording import NONE
from veche.themes.following.bursts import Alert, bursts_of

#: What bursts are looked for in, beside all appeals together.
ALERTED = ("topic", "territory", "theme")

#: Days up to the last that are looked at: the eight weeks that the expected number follows, and as many more
#: to learn the rhythm of the week from.
_DAYS = 112


def alerts_in(counter: Counter, *, until: dt.date, packs: Sequence[str]) -> list[Alert]:
    """Return the bursts that end on a day, the surest first.

    In these alerts `what` is the key of an address ("topic", "territory", "theme"; None for all appeals) and
    `where` the value.

    Args:
        counter: What is counted.
        until: The last day that is over.
        packs: The days off are those of the first.
    """
    span = counter.span
    days = min(_DAYS, (until - span[0]).days + 1) if span else 0
    if days < 1:
        return []
    since = until - dt.timedelta(days=days - 1)
    keys: list[tuple[str | None, str | None]] = [(None, None)]
    tables = [counter.days("state", since=since, days=days)[1].sum(axis=0, keepdims=True)]
    for dimension in ALERTED:
        labels, table = counter.days(dimension, since=since, days=days)
        told = [i for i, label in enumerate(labels) if label != NONE]
        keys += [(dimension, labels[i]) for i in told]
        tables.append(table[told])
    return bursts_of(keys, np.concatenate(tables), until=until, is_working=_is_working(packs))


def _is_working(packs: Sequence[str]) -> Callable[[dt.date], bool]:
    pack = words.pack_of(packs[0]) if packs else None
    return calendar_of(pack).is_working if pack else lambda day: day.weekday() < 5
