"""Makes `territories.csv` and `shapes.geojson` of the `ru` pack from published tables.

    VECHE_DATA=... python tools/build_territories_ru.py packs/ru

Codes, names, time zones, coordinates and populations come from "Regions of Russia" and "Cities of
Russia" by HFLabs (CC BY-SA 4.0), shapes from simplified OpenStreetMap boundaries (ODbL). Codes of ours
follow KLADR, so that they stay when a name changes: ru-16 is a region, ru-16-005 a district of it,
ru-16-005-001 a city. Run `build_pack.py` afterwards.
"""

import csv
import json
import os
import re
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from names_ru import DISTRICTS, ENGLISH, EVERYDAY, EVERYDAY_IN_CONTEXT, OTHER, REGIONS

HEADER = [
    *(
        "code",
        "parent",
        "level",
        "title_ru",
        "title_en",
        "names_ru",
        "names_en",
        "names_tt",
        "names_ba",
        "names_kk",
    ),
    *("context_names", "population", "lat", "lon", "timezone", "kladr", "fias", "okato", "oktmo", "iso"),
]

ZONES = {
    "UTC+2": "Europe/Kaliningrad",
    "UTC+3": "Europe/Moscow",
    "UTC+4": "Europe/Samara",
    "UTC+5": "Asia/Yekaterinburg",
    "UTC+6": "Asia/Omsk",
    "UTC+7": "Asia/Krasnoyarsk",
    "UTC+8": "Asia/Irkutsk",
    "UTC+9": "Asia/Yakutsk",
    "UTC+10": "Asia/Vladivostok",
    "UTC+11": "Asia/Magadan",
    "UTC+12": "Asia/Kamchatka",
}

#: BGN/PCGN romanisation of Russian in its simplified form: no signs for ъ and ь.
LATIN = dict(
    zip(
        "абвгдежзийклмнопрстуфхцчшщъыьэюя",
        "a b v g d e zh z i y k l m n o p r s t u f kh ts ch sh shch _ y _ e yu ya".replace("_", "").split(
            " "
        ),
        strict=True,
    )
)

Row = dict[str, Any]
Ring = list[list[float]]
Polygon = list[Ring]


def latin(name: str) -> str:
    """Return a Russian name in Latin letters."""
    out = []
    before = " "
    for letter in name:
        low = letter.lower()
        if low in "её":
            soft = before in " -ьъаеёиоуыэюя"
            sound = ("ye" if soft else "e") if low == "е" else ("yo" if soft or before not in "жчшщ" else "o")
        else:
            sound = LATIN.get(low, low)
        out.append(sound.capitalize() if letter != low else sound)
        before = low
    return re.sub(r"(?<=[^\W\d_])(iy|yy)\b", "y", "".join(out))


def main() -> int:
    """Write the two files into the pack's folder."""
    if "VECHE_DATA" not in os.environ or len(sys.argv) != 2:
        print("Usage: VECHE_DATA=FOLDER python tools/build_territories_ru.py packs/ru", file=sys.stderr)
        return 2
    data, pack = Path(os.environ["VECHE_DATA"]), Path(sys.argv[1])
    regions = read(data / "territories_ru/region.csv")
    cities = read(data / "territories_ru/city.csv")
    rows = list(territories(regions, cities))
    with (pack / "territories.csv").open("w", encoding="utf-8", newline="") as f:
        writer = csv.DictWriter(f, HEADER, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    shapes = json.loads((data / "maps/russia_regions_simplified.geojson").read_text("utf-8"))
    (pack / "shapes.geojson").write_text(trimmed(shapes), "utf-8", newline="\n")
    print(f"{len(rows)} territories, {len(shapes['features'])} shapes")
    return 0


def read(path: Path) -> list[Row]:
    """Return the rows of a CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as f:
        return list(csv.DictReader(f))


def territories(regions: list[Row], cities: list[Row]) -> Iterator[Row]:
    """Yield the rows of the table, parents before children."""
    yield {
        "code": "ru",
        "level": "country",
        "title_ru": "Россия",
        "title_en": "Russia",
        "names_ru": "Российская Федерация|РФ",
        "names_en": "Russian Federation",
        "timezone": "Europe/Moscow",
        "iso": "RU",
    }
    for region in sorted(regions, key=lambda r: r["kladr_id"]):
        number = region["kladr_id"][:2]
        own = sorted((c for c in cities if c["kladr_id"][:2] == number), key=lambda c: c["kladr_id"])
        whole = [c for c in own if not int(c["kladr_id"][2:])]
        yield region_row(region, whole[0] if whole else None)
        yield from district_rows(number, "", f"ru-{number}")
        yield from municipalities(number, own)
        for city in own:
            if city not in whole:
                row = city_row(number, city)
                yield row
                yield from district_rows(number, row["title_ru"], row["code"])


def region_row(region: Row, city: Row | None) -> Row:
    """Return the row of a region; a city that is a region brings its population and coordinates."""
    number = region["kladr_id"][:2]
    title, english, names, context = REGIONS[number]
    return {
        "code": f"ru-{number}",
        "parent": "ru",
        "level": "region",
        "title_ru": title,
        "title_en": english,
        "names_ru": names,
        "names_en": alternative(english, region["geoname_name"]),
        "context_names": context,
        **others(number, ""),
        **registers(region),
        "iso": region["iso_code"],
        "timezone": ZONES[region["timezone"]],
        **(located(city) if city else {}),
    }


def municipalities(number: str, cities: list[Row]) -> Iterator[Row]:
    """Yield the districts that the table of cities names."""
    seen: set[str] = set()
    for city in cities:
        area = city["kladr_id"][2:5]
        kind = {"р-н": ("район", "District"), "у": ("улус", "Ulus")}.get(city["area_type"])
        if kind and area not in seen:
            seen.add(area)
            yield {
                "code": f"ru-{number}-{area}",
                "parent": f"ru-{number}",
                "level": "municipality",
                "title_ru": f"{city['area']} {kind[0]}",
                "title_en": f"{latin(city['area'])} {kind[1]}",
                "timezone": ZONES[city["timezone"]],
                "kladr": f"{city['kladr_id'][:5]}00000000",
            }


def city_row(number: str, city: Row) -> Row:
    """Return the row of a city; its parent is its district where the table names one."""
    digits = city["kladr_id"]
    name = city["settlement"] or city["city"] or city["area"]
    parts = [digits[2:5], digits[5:8], *([digits[8:11]] if int(digits[8:11]) else [])]
    in_district = city["area_type"] in ("р-н", "у")
    english = ENGLISH.get(name, latin(name))
    return {
        "code": "-".join((f"ru-{number}", *parts)),
        "parent": f"ru-{number}-{digits[2:5]}" if in_district else f"ru-{number}",
        "level": "settlement",
        "title_ru": name,
        "title_en": english,
        "names_ru": EVERYDAY.get((number, name), ""),
        "context_names": EVERYDAY_IN_CONTEXT.get((number, name), ""),
        **others(number, name),
        **registers(city),
        "timezone": ZONES[city["timezone"]],
        **located(city),
    }


def district_rows(number: str, city: str, parent: str) -> Iterator[Row]:
    """Yield the districts of a large city."""
    kind, names = DISTRICTS.get((number, city), ("", ""))
    english = {"район": "District", "округ": "Okrug", "административный округ": "Administrative Okrug"}
    for name, _, short in (entry.partition(":") for entry in names.split()):
        yield {
            "code": f"{parent}-{latin(name).lower().replace('-', '')}",
            "parent": parent,
            "level": "district",
            "title_ru": f"{name} {kind}",
            "title_en": f"{latin(name)} {english[kind]}",
            "names_ru": short,
        }


def others(number: str, name: str) -> Row:
    """Return the names in other languages of the country."""
    return {f"names_{tag}": names.get((number, name), "") for tag, names in OTHER.items()}


def alternative(english: str, other: str) -> str:
    """Return the source's English name where it says something that our title does not."""
    return "" if other in english else other


def registers(row: Row) -> Row:
    """Return the official codes of a row."""
    return {"kladr": row["kladr_id"], "fias": row["fias_id"], "okato": row["okato"], "oktmo": row["oktmo"]}


def located(city: Row) -> Row:
    """Return population and coordinates, these to four decimals (eleven metres)."""
    return {
        "population": int(city["population"]),
        "lat": f"{float(city['geo_lat']):.4f}",
        "lon": f"{float(city['geo_lon']):.4f}",
    }


#: Shapes that are wrong in the source: that of Yakutia (14) is a copy of Sakhalin's.
WRONG_SHAPES = {"14"}


def trimmed(shapes: Row) -> str:
    """Return the shapes with our codes, names alone, two decimals and Chukotka in one piece."""
    features = []
    for feature in sorted(shapes["features"], key=lambda f: f["properties"]["kladr_id"]):
        number = feature["properties"]["kladr_id"][:2]
        if number in WRONG_SHAPES:
            continue
        geometry = feature["geometry"]
        polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
        drawn = [p for p in map(polygon, polygons) if p]
        features.append(
            {
                "type": "Feature",
                "properties": {"code": f"ru-{number}", "title": REGIONS[number][0]},
                "geometry": {
                    "type": "MultiPolygon",
                    "coordinates": whole(drawn),
                },
            }
        )
    lines = ",\n".join(json.dumps(f, ensure_ascii=False, separators=(",", ":")) for f in features)
    return f'{{"type":"FeatureCollection","features":[\n{lines}\n]}}\n'


def whole(polygons: list[Polygon]) -> list[Polygon]:
    """Return the polygons with those that share an edge on the 180th meridian sewn together along it."""
    done: list[Polygon] = []
    for piece in polygons:
        for i, other in enumerate(done):
            outline = sewn(other[0], piece[0])
            if outline:
                done[i] = [outline, *other[1:], *piece[1:]]
                break
        else:
            done.append(piece)
    return done


def sewn(one: Ring, two: Ring) -> Ring | None:
    """Return the ring around both where an edge of `one` on the meridian is an edge of `two` reversed."""
    edges = {(tuple(a), tuple(b)): i for i, (a, b) in enumerate(pairwise(two))}
    for i, (a, b) in enumerate(pairwise(one)):
        at = edges.get((tuple(b), tuple(a)))
        if at is not None and a[0] == b[0] == 180:
            open_two = two[:-1]
            path = [*open_two[at + 1 :], *open_two[: at + 1]]
            return [*one[: i + 1], *path[1:-1], *one[i + 1 :]]
    return None


def polygon(rings: Polygon) -> Polygon:
    """Return a polygon rounded, without doubled points; rings that shrank to nothing are dropped."""
    rounded = [ring for ring in map(rounded_ring, rings) if len(ring) >= 4]
    return rounded if rounded and rings and len(rounded_ring(rings[0])) >= 4 else []


def rounded_ring(ring: Ring) -> Ring:
    """Return a ring to two decimals (a kilometre); what lies beyond 180° goes on past it, not far west."""
    out: Ring = []
    for lon, lat in ring:
        point = [round(lon + 360 if lon < -30 else lon, 2), round(lat, 2)]
        if not out or point != out[-1]:
            out.append(point)
    return out


if __name__ == "__main__":
    raise SystemExit(main())
