"""Times in which entries hold: they begin before they end, and protocols and measures are not over."""

from collections.abc import Iterator
from datetime import date

from veche.core.i18n import _
from veche.packs.checks.ground import Ground
from veche.packs.model import Body
from veche.packs.rules.model import Clock, Measure, Protocol


def backwards(ground: Ground) -> None:
    """Note times that end before they begin; the pack does not load with them."""
    for part, entry in _dated(ground):
        if entry.valid_to and entry.valid_to < entry.valid_from:
            ground.fault(
                part,
                entry.code,
                _("The time of “{code}” ends before it begins.").format(code=entry.code),
                _("Exchange “valid_from” and “valid_to”, or correct the one that is wrong."),
            )


def check(ground: Ground, *, today: date) -> None:
    """Note protocols and measures that are over: nobody is offered them any more.

    Bodies and clocks that are over stay, for appeals of their time were theirs.
    """
    for part, entry in _dated(ground):
        if part in ("protocol", "measure") and entry.valid_to and entry.valid_to < today.isoformat():
            ground.gap(
                part,
                entry.code,
                _("“{code}” ended on {day}.").format(code=entry.code, day=entry.valid_to),
                _("Write the one that took its place, or take it out."),
            )


def _dated(ground: Ground) -> Iterator[tuple[str, Body | Clock | Protocol | Measure]]:
    """Yield every entry that holds for a time, with the name of its part."""
    pack = ground.pack
    yield from (("body", b) for b in pack.bodies.values())
    yield from (("clock", c) for c in pack.clocks.values())
    yield from (("protocol", p) for p in pack.protocols.values())
    yield from (("measure", m) for m in pack.measures.values())
