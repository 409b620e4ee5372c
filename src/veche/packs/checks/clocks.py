"""Clocks: each says where it comes from, and runs for a time that people wait for."""

from veche.core.i18n import _
from veche.packs.checks.ground import Ground
from veche.packs.rules.model import Clock

#: Days in one of each unit; five working days make a week.
_DAYS = {"hour": 1 / 24, "calendar_day": 1.0, "working_day": 7 / 5, "month": 365.25 / 12}

#: A deadline that is further away is a slip of the pen or of the unit.
_MOST_YEARS = 10


def check(ground: Ground) -> None:
    """Note clocks without source or law, of no length or of too much, and those that need a calendar."""
    for clock in ground.pack.clocks.values():
        _sourced(ground, clock)
        _length(ground, clock)
    _calendar(ground)


def _sourced(ground: Ground, clock: Clock) -> None:
    for key, value in (("legal", clock.legal), ("source", clock.source)):
        if not value:
            ground.gap(
                "clock",
                clock.code,
                _("The clock “{code}” has no “{key}”.").format(code=clock.code, key=key),
                _("Name the law with its article, and the address where it can be read."),
            )


def _length(ground: Ground, clock: Clock) -> None:
    if not clock.length:
        ground.gap(
            "clock",
            clock.code,
            _("The clock “{code}” ends as it starts.").format(code=clock.code),
            _("Give “length” a number above 0."),
        )
    days = clock.length * _DAYS[clock.unit] + clock.extension * _DAYS[clock.extension_unit]
    if days > _MOST_YEARS * 366:
        ground.gap(
            "clock",
            clock.code,
            _("The clock “{code}” runs for more than {n} years.").format(code=clock.code, n=_MOST_YEARS),
            _("Correct “length”, “extension” or their units."),
        )
    if clock.extension_notice and not clock.extension:
        ground.gap(
            "clock",
            clock.code,
            _("The clock “{code}” has a notice of an extension, but no extension.").format(code=clock.code),
            _("Give “extension” a number above 0, or take the notice out."),
        )


def _calendar(ground: Ground) -> None:
    """Note the first clock that asks which days are worked, where the pack does not know it."""
    asking = (
        clock.code
        for clock in ground.pack.clocks.values()
        if clock.day_off != "none" or "working_day" in (clock.unit, clock.extension_unit)
    )
    first = next(asking, "")
    if first and ground.pack.calendar is None:
        ground.gap(
            "clock",
            first,
            _("“{code}” counts working days, and the pack has no calendar.toml.").format(code=first),
            _("Add the file; without it only the weekends are days off."),
        )
