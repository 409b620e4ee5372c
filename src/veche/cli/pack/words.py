"""What parts, levels and events of a pack are called, in the reader's language."""

from collections.abc import Mapping

from veche.core.i18n import _, ngettext


def part_title(part: str) -> str:
    """Return the heading of a part ("topic" gives "Topics")."""
    return {
        "pack": _("The pack itself"),
        "source": _("Sources"),
        "topic": _("Topics"),
        "body": _("Bodies"),
        "territory": _("Territories"),
        "kind": _("Kinds of appeals"),
        "urgency": _("Urgency"),
        "group": _("Groups of people"),
        "recogniser": _("Masks"),
        "negations": _("Negations"),
        "names": _("Lists of names"),
        "shapes": _("Outlines"),
        "fact": _("Facts"),
        "calendar": _("Calendar"),
        "clock": _("Deadlines"),
        "protocol": _("Standard responses"),
        "measure": _("Support measures"),
    }[part]


def entry_title(part: str) -> str:
    """Return what one entry of a part is called."""
    return {
        "topic": _("Topic"),
        "body": _("Body"),
        "territory": _("Territory"),
        "kind": _("Kind of appeal"),
        "urgency": _("Urgency"),
        "group": _("Group of people"),
        "fact": _("Fact"),
        "clock": _("Deadline"),
        "protocol": _("Standard response"),
        "measure": _("Support measure"),
    }[part]


def level_title(level: str) -> str:
    """Return the level of a body or of a territory in words."""
    return _levels().get(level, level)


def _levels() -> Mapping[str, str]:
    return {
        "federal": _("federal"),
        "regional": _("regional"),
        "municipal": _("municipal"),
        "operator": _("operators"),
        "city": _("of the city"),
        "country": _("countries"),
        "region": _("regions"),
        "municipality": _("municipalities"),
        "settlement": _("settlements"),
        "district": _("districts"),
    }


def start_title(event: str) -> str:
    """Return the event that a deadline is counted from."""
    return {
        "received": _("from receipt"),
        "registered": _("from registration"),
        "forwarded": _("from forwarding"),
        "assigned": _("from assignment"),
        "answered": _("from the answer"),
        "asked": _("from the request"),
    }.get(event, event)


def span_title(n: int, unit: str) -> str:
    """Return a length of time: "3 working days"."""
    return {
        "hour": ngettext("{n} hour", "{n} hours", n),
        "calendar_day": ngettext("{n} calendar day", "{n} calendar days", n),
        "working_day": ngettext("{n} working day", "{n} working days", n),
        "month": ngettext("{n} month", "{n} months", n),
    }[unit].format(n=n)
