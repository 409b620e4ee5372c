"""Instants from whatever a column calls a date.

Numbers are read by Arrow and NumPy for the whole column at once; months written as words, value by
value but each distinct value once. Whether day or month comes first is decided per source.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_TIME = (
    r"(?:(?:[T ,]|\s+(?:в|at)\s|\s)\s*(?P<H>\d{1,2}):(?P<M>\d{2})(?::(?P<S>\d{2})(?:[.,](?P<f>\d{1,9}))?)?)?"
)
_ZONE = r"\s*(?P<p>[AaPp]\.?[Mm]\.?)?\s*(?P<z>Z|z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?"
_YEAR_FIRST = rf"^\s*(?P<y>\d{{4}})[-./](?P<b>\d{{1,2}})[-./](?P<a>\d{{1,2}}){_TIME}{_ZONE}\s*$"
_COMPACT = (
    r"^\s*(?P<y>(?:19|20)\d{2})(?P<b>[01]\d)(?P<a>[0-3]\d)"
    r"(?:T(?P<H>\d{2})(?P<M>\d{2})(?P<S>\d{2})?)?(?P<f>x)?(?P<p>x)?(?P<z>Z|[+-]\d{4})?\s*$"
)
_YEAR_LAST = (
    rf"^\s*(?P<a>\d{{1,2}})[-./ ](?P<b>\d{{1,2}})[-./ ](?P<y>\d{{4}}|\d{{2}})(?:\s*г\.?)?{_TIME}{_ZONE}\s*$"
)
_NUMBER = r"^\s*\d{5}(?:\.\d+)?\s*$|^\s*\d{9,10}(?:\.\d+)?\s*$|^\s*\d{12,13}\s*$|^\s*\d{16}\s*$"

#: "2024-03-01", with a clock, with Z, with +03:00.
_ISO_LENGTHS = (10, 19, 20, 25)

_DAY = 86_400_000_000
_HOUR = 3_600_000_000
#: Days from 1899-12-30, the zero of Excel's calendar, to 1970-01-01.
_EXCEL_ZERO = 25_569

_MONTHS = {
    stem: number
    for number, stems in enumerate(
        (
            ["jan", "янв", "ene", "jän"],
            ["feb", "фев"],
            ["mar", "мар", "mär"],
            ["apr", "апр", "abr"],
            ["may", "мая", "май", "mai"],
            ["jun", "июн"],
            ["jul", "июл"],
            ["aug", "авг", "ago"],
            ["sep", "сен", "set"],
            ["oct", "окт", "okt"],
            ["nov", "ноя"],
            ["dec", "дек", "dic", "dez"],
        ),
        1,
    )
    for stem in stems
}
_WORDY = re.compile(
    r"^\W*(?:[^\W\d]+\.?,?\s+)?(?P<d>\d{1,2})\.?(?:st|nd|rd|th)?[\s-]+(?:de\s+|of\s+)?(?P<m>[^\W\d]{3,})\.?,?[\s-]+(?:de\s+|del\s+)?(?P<y>\d{4})"
)
_WORDY_MONTH_FIRST = re.compile(
    r"^\W*(?:[^\W\d]+,?\s+)?(?P<m>[^\W\d]{3,})\.?\s+(?P<d>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<y>\d{4})"
)
_CTIME = re.compile(
    r"^\s*[A-Za-z]{3} (?P<m>[A-Za-z]{3}) +(?P<d>\d{1,2}) \d\d:\d\d:\d\d (?:[A-Z]{2,5} )?(?P<y>\d{4})\s*$"
)
_CLOCK = re.compile(r"(?P<H>\d{1,2}):(?P<M>\d{2})(?::(?P<S>\d{2}))?\s*(?P<p>[AaPp]\.?[Mm])?")
_OFFSET = re.compile(r"(?:[+-]\d{2}:?\d{2}|\bUTC|\bGMT|\dZ)\s*$")


@dataclass
class Instants:
    """`at` (timestamp us, UTC) and `zone` (string), null where `bad`; `out_of_range` is a part of `bad`.

    `bad` and `out_of_range` are boolean arrays; a blank cell is not bad.
    """

    at: pa.Array
    zone: pa.Array
    bad: np.ndarray
    out_of_range: np.ndarray


def can_read_dates(column: pa.Array | pa.ChunkedArray) -> bool:
    """Return whether at least half of the filled cells of a column's first hundred are dates."""
    values = [v for v in column.slice(0, 100).to_pylist() if isinstance(v, str) and v.strip()]
    if not values:
        return False
    reader = DateReader(timezone="UTC", month_first=False)
    return int(reader.read(pa.array(values)).bad.sum()) * 2 <= len(values)


def find_month_first(column: pa.Array | pa.ChunkedArray) -> bool | None:
    """Return whether months come before days, None where the values leave it open.

    A second number above 12 proves it, a first number above 12 the opposite; the clock of twelve
    hours with slashes is taken for the American custom.
    """
    values = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    parts = _extract(values, _YEAR_LAST)
    if parts is None:
        return None
    first, second = parts["a"], parts["b"]
    if (first > 12).any():
        return False
    if (second > 12).any():
        return True
    return True if parts["p"].any() else None


def has_day_and_month(column: pa.Array | pa.ChunkedArray) -> bool:
    """Return whether a column has dates in which day and month could be mixed up."""
    return bool(pc.any(pc.match_substring_regex(column, _YEAR_LAST)).as_py())


def _extract(values: pa.Array, pattern: str) -> dict[str, np.ndarray] | None:
    """Named numbers of the rows that match: y a b H M S f as int64 (-1 for none), p z as strings, `rows`."""
    found = pc.extract_regex(values, pattern)
    rows = np.flatnonzero(found.is_valid().to_numpy(zero_copy_only=False))
    if not len(rows):
        return None
    found = found.take(pa.array(rows))
    parts: dict[str, np.ndarray] = {"rows": rows}
    for name in ("y", "a", "b", "H", "M", "S"):
        group = found.field(name)
        filled = pc.if_else(pc.equal(group, ""), "-1", group)
        parts[name] = pc.cast(filled, pa.int64()).to_numpy(zero_copy_only=False)
    fraction = pc.utf8_slice_codeunits(pc.utf8_rpad(found.field("f"), 6, "0"), 0, 6)
    parts["f"] = pc.cast(fraction, pa.int64()).to_numpy(zero_copy_only=False)
    afternoon = pc.utf8_slice_codeunits(pc.utf8_lower(found.field("p")), 0, 1)
    parts["p"] = np.select(
        [
            pc.equal(afternoon, "a").to_numpy(zero_copy_only=False),
            pc.equal(afternoon, "p").to_numpy(zero_copy_only=False),
        ],
        [1, 2],
        0,
    )
    parts["z"] = found.field("z").dictionary_encode()  # type: ignore[assignment]
    return parts


class DateReader:
    """Reads the dates of one source.

    `timezone` is for dates without one; `month_first` as found by `find_month_first`; instants before
    `not_before` or after `not_after` are taken for mistakes.
    """

    def __init__(
        self,
        *,
        timezone: str,
        month_first: bool = False,
        not_before: datetime | None = None,
        not_after: datetime | None = None,
    ) -> None:
        self.zone_name = timezone
        self._zone = ZoneInfo(timezone)
        self.month_first = month_first
        self._low = _micros(not_before) if not_before else np.iinfo(np.int64).min
        self._high = _micros(not_after) if not_after else np.iinfo(np.int64).max
        self._words: dict[str, tuple[int, str] | None] = {}

    def read(self, column: pa.Array | pa.ChunkedArray) -> Instants:
        """Read a column of strings, dates or timestamps."""
        values = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        if pa.types.is_temporal(values.type) and not pa.types.is_time(values.type):
            return self._read_typed(values)
        values = values.cast(pa.string())
        found = self._uniform(values)
        if found is not None:
            return self._finish(*found)
        n = len(values)
        at, zones = np.zeros(n, np.int64), np.full(n, None, object)
        done = np.zeros(n, bool)
        filled = pc.fill_null(pc.match_substring_regex(values, r"\S"), False).to_numpy(zero_copy_only=False)
        for reads in (
            self._numeric(_YEAR_FIRST),
            self._numeric(_YEAR_LAST),
            self._numeric(_COMPACT),
            self._count,
            self._wordy,
        ):
            left = np.flatnonzero(filled & ~done)
            if not len(left):
                break
            rows, micros, names = reads(values if len(left) == n else values.take(pa.array(left)))
            rows = left[rows]
            at[rows], zones[rows], done[rows] = micros, names, True
        return self._finish(at, zones, done, filled)

    def _uniform(self, values: pa.Array) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray] | None:
        """ISO 8601 of one length throughout, which Arrow reads twenty times as fast; None for all else."""
        lengths = pc.min_max(pc.binary_length(values)).as_py()
        length = lengths["min"]
        if length not in _ISO_LENGTHS or lengths["max"] != length:
            return None
        local = length in (10, 19)
        try:
            instants = values.cast(pa.timestamp("us", None if local else "UTC"))
        except pa.ArrowInvalid:
            return None
        filled = values.is_valid().to_numpy(zero_copy_only=False)
        at = pc.fill_null(instants.cast(pa.int64()), 0).to_numpy(zero_copy_only=False)
        if local:
            return self._to_utc(at), np.full(len(at), self.zone_name, object), filled, filled
        tails = pc.utf8_slice_codeunits(values, 19).dictionary_encode()
        names = np.array([_offset(t)[1] for t in tails.dictionary.to_pylist()] or [""], object)
        return at, names[pc.fill_null(tails.indices, 0).to_numpy(zero_copy_only=False)], filled, filled

    def _finish(self, at: np.ndarray, zones: np.ndarray, done: np.ndarray, filled: np.ndarray) -> Instants:
        outside = done & ((at < self._low) | (at > self._high))
        good = done & ~outside
        return Instants(
            pa.array(at, mask=~good).cast(pa.timestamp("us", "UTC")),
            pa.array(zones, pa.string(), mask=~good),
            filled & ~good,
            outside,
        )

    def _read_typed(self, values: pa.Array) -> Instants:
        filled = values.is_valid().to_numpy(zero_copy_only=False)
        zone = getattr(values.type, "tz", None)
        plain = values.cast(pa.timestamp("us", zone), safe=False).cast(pa.int64(), safe=False)
        at = pc.fill_null(plain, 0).to_numpy(zero_copy_only=False).copy()
        if zone is None:
            at = self._to_utc(at)
        return self._finish(at, np.full(len(at), zone or self.zone_name, object), filled.copy(), filled)

    def _numeric(self, pattern: str) -> Callable[[pa.Array], tuple[np.ndarray, np.ndarray, np.ndarray]]:
        def read(values: pa.Array) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
            parts = _extract(values, pattern)
            if parts is None:
                return _nothing()
            day, month = parts["a"], parts["b"]
            if pattern == _YEAR_LAST:
                swap = (day <= 12) if self.month_first else (month > 12)
                day, month = np.where(swap, month, day), np.where(swap, day, month)
            return self._assemble(parts, day=day, month=month)

        return read

    def _assemble(
        self, parts: dict[str, np.ndarray], *, day: np.ndarray, month: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        year = np.where(parts["y"] < 100, parts["y"] + np.where(parts["y"] < 70, 2000, 1900), parts["y"])
        hour, minute, second = (np.maximum(parts[k], 0) for k in "HMS")
        half = parts["p"]
        hour = np.where((half == 1) & (hour == 12), 0, np.where((half == 2) & (hour < 12), hour + 12, hour))
        days, valid = _days(year, month, day)
        valid &= (hour < 24) & (minute < 60) & (second < 61)
        at = days * _DAY + hour * _HOUR + minute * 60_000_000 + second * 1_000_000 + parts["f"]
        at, names = self._with_zones(at, parts["z"])  # type: ignore[arg-type]
        return parts["rows"][valid], at[valid], names[valid]

    def _with_zones(self, at: np.ndarray, zones: pa.DictionaryArray) -> tuple[np.ndarray, np.ndarray]:
        code = zones.indices.to_numpy()
        names = np.full(len(at), self.zone_name, object)
        at = at.copy()
        for i, text in enumerate(zones.dictionary.to_pylist()):
            rows = code == i
            if text:
                offset, names[rows] = _offset(text)
                at[rows] -= offset
            else:
                at[rows] = self._to_utc(at[rows])
        return at, names

    def _to_utc(self, local: np.ndarray) -> np.ndarray:
        """Zones change their offset on the hour, so each distinct local hour is asked for once."""
        hours, where = np.unique(local // _HOUR, return_inverse=True)
        return local - np.array([self._offset_at(int(h)) for h in hours], np.int64)[where]

    def _offset_at(self, hour: int) -> int:
        try:
            moment = datetime(1970, 1, 1, tzinfo=self._zone) + timedelta(hours=hour)
        except OverflowError:
            return 0
        return int((moment.utcoffset() or timedelta()) / timedelta(microseconds=1))

    def _count(self, values: pa.Array) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Seconds, milliseconds or microseconds since 1970, or days of a spreadsheet."""
        rows = np.flatnonzero(pc.match_substring_regex(values, _NUMBER).to_numpy(zero_copy_only=False))
        if not len(rows):
            return _nothing()
        number = pc.cast(pc.utf8_trim_whitespace(values.take(pa.array(rows))), pa.float64()).to_numpy()
        spreadsheet = number < 100_000
        scale = np.select([number < 1e11, number < 1e14], [1e6, 1e3], 1.0)
        at = np.where(spreadsheet, np.round((number - _EXCEL_ZERO) * 86_400) * 1e6, number * scale).astype(
            np.int64
        )
        at[spreadsheet] = self._to_utc(at[spreadsheet])
        return rows, at, np.where(spreadsheet, self.zone_name, "UTC").astype(object)

    def _wordy(self, values: pa.Array) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        found = [(i, r) for i, v in enumerate(values.to_pylist()) if (r := self._word_date(v))]
        if not found:
            return _nothing()
        return (
            np.array([i for i, _ in found]),
            np.array([at for _, (at, _) in found], np.int64),
            np.array([zone for _, (_, zone) in found], object),
        )

    def _word_date(self, value: str) -> tuple[int, str] | None:
        if value not in self._words:
            if len(self._words) > 100_000:
                self._words.clear()
            self._words[value] = self._read_words(value) if len(value) <= 80 else None
        return self._words[value]

    def _read_words(self, value: str) -> tuple[int, str] | None:
        if _OFFSET.search(value):
            return _mail_date(value)
        found = _CTIME.match(value) or _WORDY.match(value) or _WORDY_MONTH_FIRST.match(value)
        month = _MONTHS.get(found["m"].lower()[:3]) if found else None
        if found is None or month is None:
            return None
        clock = _CLOCK.search(value)
        hour, minute, second = (int(clock[k] or 0) for k in "HMS") if clock else (0, 0, 0)
        half = (clock["p"] or "")[:1].lower() if clock else ""
        hour = hour % 12 + (12 if half == "p" else 0) if half else hour
        try:
            moment = datetime(
                int(found["y"]), month, int(found["d"]), hour, minute, second, tzinfo=self._zone
            )
        except ValueError:
            return None
        return _micros(moment), self.zone_name


def _mail_date(value: str) -> tuple[int, str] | None:
    try:
        moment = parsedate_to_datetime(value)
        offset = moment.utcoffset()
        micros = _micros(moment if offset is not None else moment.replace(tzinfo=UTC))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return micros, _zone_name(int((offset or timedelta()).total_seconds()))


def _nothing() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, object)


def _micros(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _offset(text: str) -> tuple[int, str]:
    """Microseconds east of Greenwich, and the name that is kept."""
    if text[0] not in "+-":
        return 0, "UTC"
    digits = text[1:].replace(":", "").ljust(4, "0")
    seconds = (int(digits[:2]) * 3600 + int(digits[2:]) * 60) * (-1 if text[0] == "-" else 1)
    return seconds * 1_000_000, _zone_name(seconds)


def _zone_name(seconds: int) -> str:
    if not seconds:
        return "UTC"
    sign = "-" if seconds < 0 else "+"
    minutes = abs(seconds) // 60
    return f"{sign}{minutes // 60:02d}:{minutes % 60:02d}"


def _days(year: np.ndarray, month: np.ndarray, day: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Days since 1970-01-01 and whether there is such a day."""
    valid = (year >= 1) & (year <= 9999) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    months = ((np.where(valid, year, 1970) - 1970) * 12 + np.where(valid, month, 1) - 1).astype(
        "datetime64[M]"
    )
    start = months.astype("datetime64[D]").astype(np.int64)
    length = (months + 1).astype("datetime64[D]").astype(np.int64) - start
    return start + np.where(valid, day, 1) - 1, valid & (day <= length)
