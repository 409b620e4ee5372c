"""Who wrote, where and when: what speaks for or against two like texts being copies, and what makes
many copies a campaign. Nothing here looks at the text."""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.spatial import KDTree

#: City staff mark a second report as a duplicate of one within this distance and time of it (the
#: pairs of the City of Boston lie so).
CLOSE_METRES, CLOSE_DAYS = 300.0, 30.0

#: Likely another place, even where a point was set on the wrong side of a block.
APART_METRES = 1_000.0

#: An organised campaign: near-identical appeals of so many authors, most of them within two weeks.
#: Where authors are unknown one person may stand behind several, so more appeals are asked for.
CAMPAIGN_AUTHORS, CAMPAIGN_APPEALS = 10, 20
CAMPAIGN_DAYS = 14.0
CAMPAIGN_SHARE = 0.5
CAMPAIGN_LIKENESS = 0.75

_METRES_PER_DEGREE = 111_320.0
_MICROSECONDS_PER_DAY = 86_400e6


@dataclass(frozen=True)
class Circumstances:
    """Per appeal: `day` (float64 days since 1970), `lat`, `lon` (degrees), NaN where unknown; `author`
    (int32, -1 unknown); `order` holds the rows from the earliest to the latest, those without a time last."""

    day: np.ndarray
    lat: np.ndarray
    lon: np.ndarray
    author: np.ndarray
    order: np.ndarray

    COLUMNS: ClassVar[tuple[str, ...]] = ("received_at", "author", "lat", "lon")

    @classmethod
    def of(cls, table: pa.Table) -> Self:
        """Take what `table` has of `COLUMNS`."""
        n = len(table)
        unknown = np.full(n, np.nan)
        names = table.column_names
        day = _days(table["received_at"]) if "received_at" in names else unknown
        lat, lon = (_floats(table[c]) if c in names else unknown for c in ("lat", "lon"))
        author = _codes(table["author"]) if "author" in names else np.full(n, -1, np.int32)
        return cls(day, lat, lon, author, np.argsort(day, kind="stable"))

    def metres(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """Return the distance of pairs of rows, NaN where one is unknown (flat, fine below 100 km)."""
        north = self.lat[first] - self.lat[second]
        east = (self.lon[first] - self.lon[second]) * np.cos(np.radians(self.lat[first]))
        return np.hypot(north, east) * _METRES_PER_DEGREE

    def same_author(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """Return for pairs of rows whether one known author wrote both."""
        return (self.author[first] >= 0) & (self.author[first] == self.author[second])

    def close_by(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """Return for pairs of rows whether both are known to be about one place, and no time parts them."""
        near = self.metres(first, second) <= CLOSE_METRES
        return near & ~(np.abs(self.day[first] - self.day[second]) > CLOSE_DAYS)

    def far_apart(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """Return for pairs of rows whether they are known to be about different places."""
        return self.metres(first, second) > APART_METRES

    def has_place(self) -> np.ndarray:
        """Return per row whether its coordinates are known."""
        return ~np.isnan(self.lat) & ~np.isnan(self.lon)


def close_pairs(facts: Circumstances, rows: np.ndarray, text: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs of positions in `rows` of one `text` that are close in place and time or of one author.

    `rows` go from the earliest to the latest, and all have a place; where times are unknown the place
    alone decides. Of rows within about 50 metres and a day only the first meets others, and an author's
    rows meet the first: so a default point set a thousand times costs little.
    """
    at = np.arange(len(rows))
    if not len(rows):
        return at, at
    lat, lon = facts.lat[rows], facts.lon[rows]
    scale = _METRES_PER_DEGREE / CLOSE_METRES
    north, east = lat * scale, lon * np.cos(np.radians(lat)) * scale
    day = np.nan_to_num(facts.day[rows], nan=0.0)
    cell = np.stack([text, np.floor(north * 6), np.floor(east * 6), np.floor(day)], axis=1)
    head, to_head = _firsts(cell.astype(np.int64))
    points = np.stack([north, east, day / CLOSE_DAYS, text * 10.0], axis=1)[head]
    pairs = KDTree(points).query_pairs(1.0, output_type="ndarray")
    author = facts.author[rows]
    known = np.flatnonzero(author >= 0)
    earlier, to_earlier = _firsts(np.stack([text[known], author[known]], axis=1))
    first = np.concatenate([at, head[pairs[:, 0]], known])
    return first, np.concatenate([head[to_head], head[pairs[:, 1]], known[earlier[to_earlier]]])


def _firsts(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where each distinct row of `keys` stands first, and which of these each row equals."""
    _, first, inverse = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    return first, inverse.ravel()


def campaigns(
    facts: Circumstances, group: np.ndarray, likeness: np.ndarray, *, allowed: np.ndarray
) -> np.ndarray:
    """Return per row whether its group is an organised campaign.

    `group` is the leading row of each row, `likeness` its similarity to that; a row that is not
    `allowed` (a commonplace) makes no campaign. Where no time is known only authors and likeness count.
    """
    out = np.zeros(len(group), bool)
    rows = facts.order[allowed[facts.order]]
    rows = rows[np.argsort(group[rows], kind="stable")]
    cuts = np.flatnonzero(np.diff(group[rows])) + 1
    for members in np.split(rows, cuts):
        if len(members) >= CAMPAIGN_AUTHORS and likeness[members].mean() >= CAMPAIGN_LIKENESS:
            out[members] = _is_campaign(facts.day[members], facts.author[members])
    return out


def _is_campaign(day: np.ndarray, author: np.ndarray) -> bool:
    known = author >= 0
    _, once = np.unique(author[known], return_index=True)
    needed = CAMPAIGN_AUTHORS if 2 * known.sum() >= len(author) else CAMPAIGN_APPEALS
    voices = np.sort(np.concatenate([day[known][once], day[~known]]))
    if len(voices) < needed:
        return False
    dated = voices[~np.isnan(voices)]
    if not len(dated):
        return True
    in_window = np.searchsorted(dated, dated + CAMPAIGN_DAYS, side="right") - np.arange(len(dated))
    return bool(in_window.max() >= max(needed, CAMPAIGN_SHARE * len(voices)))


def _days(column: pa.ChunkedArray) -> np.ndarray:
    micros = column.cast(pa.timestamp("us", "UTC")).cast(pa.int64())
    return _floats(micros) / _MICROSECONDS_PER_DAY


def _floats(column: pa.ChunkedArray) -> np.ndarray:
    return column.cast(pa.float64()).fill_null(np.nan).to_numpy()


def _codes(column: pa.ChunkedArray) -> np.ndarray:
    codes = pc.dictionary_encode(column.cast(pa.string()).combine_chunks()).indices
    return pc.fill_null(codes, -1).to_numpy(zero_copy_only=False).astype(np.int32)
