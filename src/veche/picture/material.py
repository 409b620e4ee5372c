"""All that a report is made of, read once, with the names that the sections call things by."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from veche.core import weeks
from veche.core.formats import Formats
from veche.core.i18n import _
from veche.core.weeks import LastWeek
from veche.packs.model import Pack
from veche.picture import trends
from veche.picture.cells import Cells
from veche.picture.facts import Facts
from veche.picture.words import apart_from_themes, title
from veche.picture.written import Written


@dataclass(frozen=True)
class Material:
    """All that a report is made of."""

    cells: Cells
    facts: Facts
    manifest: Mapping[str, Any]
    pack: Pack
    formats: Formats
    days: trends.Series | None
    topic_changes: Mapping[str, LastWeek]
    place_changes: Mapping[str, LastWeek]
    written: Written

    @cached_property
    def total(self) -> int:
        """How many appeals there are."""
        return self.cells.total()["count"]

    @property
    def digests(self) -> Mapping[str, Any]:
        """What was written of the themes."""
        return self.written.digests

    @cached_property
    def _theme_names(self) -> dict[str, str]:
        return {t["theme"]: t["name"] for t in self.digests.get("themes", ())}

    def theme(self, code: str) -> str:
        """Return a theme's name; its code where nothing was written of it."""
        apart = apart_from_themes(code)
        return apart or self._theme_names.get(code, code)

    def local_day(self, instant: dt.datetime | str | None) -> dt.date | None:
        """Return the day of an instant in the pack's zone."""
        if not instant:
            return None
        if isinstance(instant, str):
            instant = dt.datetime.fromisoformat(instant)
        zone = ZoneInfo(self.pack.timezone or "UTC")
        return instant.astimezone(zone).date() if instant.tzinfo else instant.date()

    def topic(self, code: str | None) -> str:
        """Return a topic's title; its code where the pack does not know it."""
        if code is None:
            return _("No topic found")
        node = self.pack.topics.get(code)
        return title(node.title, self.formats.language) if node else code

    def place(self, code: str | None) -> str:
        """Return a territory's title; its code where the pack does not know it."""
        if code is None:
            return _("No place found")
        node = self.pack.territories.get(code)
        return title(node.title, self.formats.language) if node else code


def gather(cells: Cells, **parts: Any) -> Material:
    """Return the material of a report, with the changes worked out from the cube."""
    days = trends.series({d: n for d, n in cells.counts("day").items() if d is not None})  # type: ignore[misc]
    changes: list[Mapping[str, LastWeek]] = [{}, {}]
    if days is not None:
        window = weeks.RECENT_DAYS * (1 + weeks.WEEKS_BEFORE)
        since = days.last - dt.timedelta(days=window)
        changes = [trends.changes(cells.by_day(name, since=since), days) for name in ("topic", "territory")]
    return Material(cells=cells, days=days, topic_changes=changes[0], place_changes=changes[1], **parts)
