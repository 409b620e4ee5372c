"""Numbers, dates and sizes as readers of Russian and English write them.

Sources: Unicode CLDR 46 for the separators and the order of dates; GOST R 7.0.97-2016 for ДД.ММ.ГГГГ.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from veche.core.i18n import _

_NARROW = "\u202f"
_MINUS = "\u2212"
_MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS_RU = ("янв", "февр", "март", "апр", "май", "июнь", "июль", "авг", "сент", "окт", "нояб", "дек")


@dataclass(frozen=True)
class Formats:
    """The formats of one language: `thousands` and `decimal` separate digits, `space` stands before %."""

    language: str
    thousands: str
    decimal: str
    space: str
    day: Callable[[dt.date], str]
    month: Callable[[dt.date], str]

    def number(self, value: float, *, digits: int = 0) -> str:
        """Return a number with `digits` decimals."""
        text = f"{abs(value):,.{digits}f}".replace(",", "\0").replace(".", self.decimal)
        sign = _MINUS if value < 0 and text.strip("0.,\0") else ""
        return sign + text.replace("\0", self.thousands)

    def share(self, value: float) -> str:
        """Return a share (0 to 1) in percent, with a decimal where it is small."""
        if 0 < value < 0.001:
            return "<" + self.number(0.1, digits=1) + self.space + "%"
        return self.number(value * 100, digits=1 if 0 < value < 0.0995 else 0) + self.space + "%"

    def change(self, value: float | None) -> str:
        """Return a relative change: in percent up to a doubling and half, then as a multiple."""
        if value is None:
            return "–"
        if value >= 1.5:
            return "×" + self.number(value + 1, digits=1)
        whole = round(value * 100)
        sign = "+" if whole > 0 else _MINUS if whole < 0 else ""
        return f"{sign}{abs(whole)}{self.space}%"

    def size(self, n_bytes: int) -> str:
        """Return a size of a file."""
        for limit, unit in ((10**9, _("GB")), (10**6, _("MB")), (10**3, _("KB"))):
            if n_bytes >= limit:
                return f"{self.number(n_bytes / limit, digits=1)}\u00a0{unit}"
        return self.number(n_bytes) + "\u00a0" + _("bytes")

    def seconds(self, value: float) -> str:
        """Return a duration in seconds."""
        return self.number(value, digits=1 if value < 100 else 0) + "\u00a0" + _("s")


_EN = Formats(
    "en",
    ",",
    ".",
    "",
    day=lambda d: f"{d.day} {_MONTHS_EN[d.month - 1]} {d.year}",
    month=lambda d: f"{_MONTHS_EN[d.month - 1]} {d.year}",
)
_RU = Formats(
    "ru",
    _NARROW,
    ",",
    "\u00a0",
    day=lambda d: f"{d:%d.%m.}{d.year:04}",
    month=lambda d: f"{_MONTHS_RU[d.month - 1]} {d.year}",
)


def formats(language: str) -> Formats:
    """Return the formats of `language`, those of English where it is not known."""
    return _RU if language == "ru" else _EN
