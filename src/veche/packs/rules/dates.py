"""Whether an entry of a pack holds on a day."""

from datetime import date
from typing import Protocol


class Dated(Protocol):
    """An entry with the first and last day on which it holds, "2026-01-31" or "" for no bound."""

    @property
    def valid_from(self) -> str:
        """The first day."""
        ...

    @property
    def valid_to(self) -> str:
        """The last day."""
        ...


def valid_on(entry: Dated, day: date) -> bool:
    """Whether `entry` holds on `day`; its first and last day count."""
    text = day.isoformat()
    return entry.valid_from <= text and (not entry.valid_to or text <= entry.valid_to)
