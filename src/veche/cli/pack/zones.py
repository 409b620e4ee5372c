"""The time zone of this machine, and the country that a time zone lies in."""

import os
import zoneinfo
from importlib import resources
from pathlib import Path


def system_zone() -> str:
    """Return the name of the machine's time zone, "UTC" where it does not say."""
    known = zoneinfo.available_timezones()
    named = [os.environ.get("TZ", "").lstrip(":")]
    linked = Path("/etc/localtime")
    if linked.is_symlink():
        named.append(str(linked.resolve()).partition("zoneinfo/")[2])
    return next((name for name in named if name in known), "UTC")


def country_of_zone(zone: str) -> str:
    """Return the country (ISO 3166, "RU") of a time zone by the table of the tz database, "" for none."""
    table = resources.files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8")
    rows = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    return next((row[0] for row in rows if row[2] == zone), "")
