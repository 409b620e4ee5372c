"""What the law promises to somebody who has just written: the pack's clocks that run for every appeal."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from veche.packs.model import Pack
from veche.packs.rules.calendars import calendar_of
from veche.packs.rules.clocks import clocks_for, due
from veche.service import reader


@dataclass(frozen=True)
class Promise:
    """What is done, by when at the latest, by which law."""

    title: str
    by: datetime
    legal: str


def promises(pack: Pack | None, received: datetime, *, zone: str) -> list[Promise]:
    """Return what is promised to any appeal by the form, in the order of time; days are those of `zone`.

    What counts from registration is counted from the last day on which it is registered.
    """
    if pack is None:
        return []
    day = received.astimezone(ZoneInfo(zone)).date()
    clocks = clocks_for(pack, {"channel": "form"}, day)
    if not clocks:
        return []
    around = {"calendar": calendar_of(pack), "timezone": zone}
    first = {c.code: due(c, received, **around) for c in clocks if c.starts == "received"}
    registered = max(first.values(), default=received)
    later = {c.code: due(c, registered, **around) for c in clocks if c.starts == "registered"}
    ends = first | later
    language = reader.language()
    found = [
        Promise(c.title.get(language) or next(iter(c.title.values())), ends[c.code], c.legal)
        for c in clocks
        if c.code in ends
    ]
    return sorted(found, key=lambda promise: promise.by)
