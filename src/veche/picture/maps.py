"""Maps as plain drawings: shapes or points of territories on a flat sheet, without a chart library.

The sheet is an Albers equal-area conic projection (Snyder, Map Projections: A Working Manual, USGS 1395,
1987, pp. 98-103), so that areas can be compared; how territories are coloured is decided by the report.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

#: Width of the sheet; its height follows.
WIDTH = 1000

#: How many classes of colour a map has.
CLASSES = 5


@dataclass(frozen=True)
class Sheet:
    """A drawn map: its height, the path of each territory (SVG), and points (x, y) where known."""

    height: int
    paths: dict[str, str]
    points: dict[str, tuple[int, int]]


@dataclass(frozen=True)
class Flat:
    """Outlines (int64 [n, 2]) and points on a sheet, x to the right and y downwards, in whole steps."""

    height: int
    rings: list[tuple[str, np.ndarray]]
    points: dict[str, tuple[int, int]]


def draw(shapes: Path | None, coordinates: Mapping[str, tuple[float, float]]) -> Sheet | None:
    """Draw the shapes of a GeoJSON file and points given as (latitude, longitude); None for nothing."""
    found = flat(shapes, coordinates)
    if found is None:
        return None
    paths: dict[str, str] = {}
    for code, ring in found.rings:
        paths[code] = paths.get(code, "") + _path(ring)
    return Sheet(found.height, {c: d for c, d in paths.items() if d}, found.points)


def flat(
    shapes: Path | None,
    coordinates: Mapping[str, tuple[float, float]],
    *,
    only: Collection[str] | None = None,
) -> Flat | None:
    """Lay shapes and points on a sheet as `draw` does, undrawn; `only` names the shapes wanted."""
    rings = list(_rings(shapes)) if shapes is not None else []
    rings = [ring for ring in rings if only is None or ring[0] in only]
    places = list(coordinates.items())
    lonlat = [ring for _, ring in rings] + [np.array([[lon, lat]]) for _, (lat, lon) in places]
    if not lonlat:
        return None
    whole = np.concatenate(lonlat)
    xy = _albers(_unwrapped(whole[:, 0]), whole[:, 1])
    low, high = xy.min(axis=0), xy.max(axis=0)
    span = np.maximum(high - low, 1e-9)
    scale = min(WIDTH / span[0], 0.8 * WIDTH / span[1])
    left = (WIDTH - span[0] * scale) / 2
    on_sheet = np.column_stack([left + (xy[:, 0] - low[0]) * scale, (high[1] - xy[:, 1]) * scale])
    pieces = np.split(np.rint(on_sheet).astype(int), np.cumsum([len(p) for p in lonlat])[:-1])
    outlines = [(code, piece) for (code, _ring), piece in zip(rings, pieces, strict=False)]
    points = {
        code: (int(p[0][0]), int(p[0][1])) for (code, _), p in zip(places, pieces[len(rings) :], strict=True)
    }
    return Flat(int(span[1] * scale) + 1, outlines, points)


def classes(values: Mapping[str, float]) -> tuple[dict[str, int], list[tuple[float, float]]]:
    """Put values into at most `CLASSES` classes of about equal size; return the class of each, and
    the lowest and highest value in each class."""
    ordered = np.array(sorted(values.values()))
    if not len(ordered):
        return {}, []
    borders = np.unique(np.quantile(ordered, np.linspace(0, 1, CLASSES + 1)[1:-1], method="higher"))
    of = {key: int(np.searchsorted(borders, value, side="right")) for key, value in values.items()}
    used = sorted(set(of.values()))
    rank = {c: i for i, c in enumerate(used)}
    ranges = []
    for c in used:
        inside = [values[k] for k, own in of.items() if own == c]
        ranges.append((min(inside), max(inside)))
    return {key: rank[c] for key, c in of.items()}, ranges


def _rings(shapes: Path) -> Iterator[tuple[str, np.ndarray]]:
    for feature in json.loads(shapes.read_text(encoding="utf-8"))["features"]:
        code = feature.get("properties", {}).get("code")
        for polygon in _polygons(feature.get("geometry") or {}):
            for ring in polygon:
                if code and len(ring) > 3:
                    yield code, np.array(ring, float)[:, :2]


def _polygons(geometry: Mapping[str, Any]) -> list[Any]:
    if geometry.get("type") == "Polygon":
        return [geometry["coordinates"]]
    return geometry["coordinates"] if geometry.get("type") == "MultiPolygon" else []


def _unwrapped(lon: np.ndarray) -> np.ndarray:
    """Shift longitudes so that a country that crosses the 180th meridian stays in one piece."""
    distinct = np.unique(np.round(lon))
    if distinct[-1] - distinct[0] <= 180:
        return lon
    at = int(np.argmax(np.diff(distinct)))
    return np.where(lon <= (distinct[at] + distinct[at + 1]) / 2, lon + 360, lon)


def _albers(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Project degrees to a plane, x to the east and y to the north, in radians of the globe."""
    low, high = np.radians(lat.min()), np.radians(lat.max())
    middle = np.radians((lon.min() + lon.max()) / 2)
    first, second = low + (high - low) / 6, high - (high - low) / 6
    n = (np.sin(first) + np.sin(second)) / 2
    phi, away = np.radians(lat), np.radians(lon) - middle
    if abs(n) < 0.05:
        return np.column_stack([away, np.sin(phi)])
    c = np.cos(first) ** 2 + 2 * n * np.sin(first)
    rho = np.sqrt(np.maximum(c - 2 * n * np.sin(phi), 0)) / n
    return np.column_stack([rho * np.sin(n * away), -rho * np.cos(n * away)])


def _path(ring: np.ndarray) -> str:
    """Return a closed SVG path in relative whole steps, without points that fall together."""
    steps = np.diff(ring, axis=0)
    steps = steps[np.any(steps != 0, axis=1)]
    if len(steps) < 3:
        return ""
    return f"M{ring[0][0]} {ring[0][1]}l" + " ".join(f"{x} {y}" for x, y in steps[:-1].tolist()) + "z"
