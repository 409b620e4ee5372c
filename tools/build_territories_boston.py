"""Makes `territories.csv` of the `boston` pack.

    VECHE_DATA=... python tools/build_territories_boston.py packs/boston

Coordinates are means over published service requests of the neighborhood (City of Boston, PDDL),
rounded to three decimals; neighborhoods that the data does not name have approximate centres of ours.
"""

import csv
import os
import sys
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

HEADER = [
    *("code", "parent", "level", "title_en", "title_es", "names_en", "names_es", "context_names"),
    *("population", "lat", "lon", "timezone"),
]

#: A street that runs through several, or is named after another, stands in each that it runs through.
#: Name: (everyday names and places inside it, names that count only in context).
NEIGHBORHOODS = {
    "Allston": (
        "Brighton Ave|Brighton Avenue|Allston Village|Lower Allston|Allston/Brighton|Allston-Brighton|"
        "Packards Corner|Packard's Corner",
        "",
    ),
    "Back Bay": ("Backbay|Copley|Copley Square|Copley Sq|Newbury St|Newbury Street", ""),
    "Bay Village": ("", ""),
    "Beacon Hill": ("", ""),
    "Brighton": (
        "Oak Square|Cleveland Circle|Brighton Center|St Elizabeths|Allston/Brighton|Allston-Brighton",
        "",
    ),
    "Charlestown": ("Bunker Hill|Charlestown Navy Yard|Navy Yard", "Chucktown"),
    "Chinatown": ("Leather District", ""),
    "Dorchester": (
        "Fields Corner|Savin Hill|Uphams Corner|Upham's Corner|Codman Square|Codman Sq|Ashmont|Neponset|"
        "Lower Mills|Four Corners|Jones Hill|Meeting House Hill|Bowdoin-Geneva|Bowdoin Geneva|Columbia Point|"
        "Port Norfolk|Dorchester Center|Peabody Square|Adams Village|Dot Ave|Dorchester Ave|"
        "Dorchester Avenue",
        "Dot|Clam Point|Cedar Grove|Popes Hill",
    ),
    "Downtown": ("Downtown Crossing|Financial District|Faneuil Hall|Government Center|Quincy Market", ""),
    "East Boston": (
        "Eastie|E Boston|E. Boston|East Bos|Orient Heights|Jeffries Point|Maverick Square|Maverick Sq|"
        "Day Square",
        "Eagle Hill|Maverick",
    ),
    "Fenway": (
        "Fenway-Kenmore|Fenway/Kenmore|Kenmore Square|Kenmore Sq|The Fenway|West Fens|East Fens|Kenmore",
        "",
    ),
    "Hyde Park": (
        "Hyde Park Ave|Hyde Park Avenue|Neponset Valley|Neponset Valley Parkway|Readville|"
        "Cleary Square|Cleary Sq|Fairmount Hill|Logan Square Hyde Park",
        "",
    ),
    "Jamaica Plain": (
        "Jamaica Pl|Hyde Square|Forest Hills|Jackson Square|Pondside|Jamaica Pond|Sumner Hill|"
        "Moss Hill|JP|J.P.|Hyde Park Ave|Hyde Park Avenue",
        "",
    ),
    "Longwood": ("Longwood Medical Area|LMA", ""),
    "Mattapan": ("Mattapan Square|Mattapan Sq|Wellington Hill", ""),
    "Mission Hill": ("Brigham Circle|Roxbury Crossing|Back of the Hill", ""),
    "North End": ("", ""),
    "Roslindale": (
        "Hyde Park Ave|Hyde Park Avenue|Rozzie|Roslindale Village|Roslindale Square|Roslindale Sq|"
        "Rosi Square",
        "Rosi",
    ),
    "Roxbury": (
        "Dudley Square|Dudley Sq|Nubian Square|Nubian Sq|Grove Hall|Fort Hill|"
        "Highland Park Roxbury|Warren Gardens",
        "The Bury|Rox",
    ),
    "South Boston": (
        "Southie|S Boston|S. Boston|South Bos|So. Boston|So Boston|City Point|Andrew Square|"
        "Andrew Sq|Castle Island|Telegraph Hill|Dorchester St|Dorchester Street|Dorchester Ave|"
        "Dorchester Avenue|Dot Ave",
        "the Point",
    ),
    "South Boston Waterfront": ("Seaport District|Fort Point|Seaport", "the Seaport"),
    "South End": ("SoWa", ""),
    "West End": ("", ""),
    "West Roxbury": ("Westie|W Roxbury|W. Roxbury|West Rox", ""),
}


#: Approximate centres of neighborhoods that the data does not name, from general knowledge.
CENTRES = {
    "Back Bay": (42.350, -71.081),
    "Bay Village": (42.349, -71.070),
    "Beacon Hill": (42.358, -71.067),
    "Chinatown": (42.350, -71.061),
    "Downtown": (42.356, -71.059),
    "Fenway": (42.343, -71.096),
    "Longwood": (42.338, -71.107),
    "North End": (42.365, -71.054),
    "South End": (42.341, -71.074),
    "South Boston Waterfront": (42.350, -71.043),
    "West End": (42.364, -71.066),
}


def main() -> int:
    """Write the table into the pack's folder."""
    if "VECHE_DATA" not in os.environ or len(sys.argv) != 2:
        print(
            "Usage: VECHE_DATA=FOLDER python tools/build_territories_boston.py packs/boston", file=sys.stderr
        )
        return 2
    centres = means(Path(os.environ["VECHE_DATA"]) / "boston311/requests_bulk.parquet")
    zone = {"timezone": "America/New_York"}
    root = {"code": "boston", "level": "settlement", "title_en": "Boston", "title_es": "Boston"}
    rows = [root | {"names_en": "City of Boston", "names_es": "Ciudad de Boston"} | zone | centres["Boston"]]
    for name, (names, context) in NEIGHBORHOODS.items():
        row = {
            "code": f"boston-{name.lower().replace(' ', '-')}",
            "parent": "boston",
            "level": "district",
            "title_en": name,
            "title_es": name,
            "names_en": names,
            "context_names": context,
        }
        centre = centres.get(name) or (_point(*CENTRES[name]) if name in CENTRES else {})
        rows.append(row | zone | centre)
    with (Path(sys.argv[1]) / "territories.csv").open("w", encoding="utf-8", newline="") as f:
        writer = csv.DictWriter(f, HEADER, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(f"{len(rows)} territories")
    return 0


def means(path: Path) -> dict[str, dict[str, str]]:
    """Return the mean coordinates by neighborhood; "Boston" stands for all requests."""
    table = pq.read_table(path, columns=["neighborhood", "lat", "lon"])
    table = table.filter(pc.and_(pc.is_valid(table["lat"]), pc.greater(table["lat"], 42)))
    grouped = table.group_by("neighborhood").aggregate([("lat", "mean"), ("lon", "mean")]).to_pylist()
    found = {r["neighborhood"]: _point(r["lat_mean"], r["lon_mean"]) for r in grouped}
    whole = pc.mean(table["lat"]).as_py(), pc.mean(table["lon"]).as_py()
    return found | {"Boston": _point(*whole)}


def _point(lat: float, lon: float) -> dict[str, str]:
    return {"lat": f"{lat:.3f}", "lon": f"{lon:.3f}"}


if __name__ == "__main__":
    raise SystemExit(main())
