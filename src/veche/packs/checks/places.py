"""Territories: shapes that join, and counts of people with their source."""

import json
from pathlib import Path
from typing import Any

from veche.core.i18n import _
from veche.packs import territories
from veche.packs.checks.ground import Ground
from veche.packs.files import inside


def check(ground: Ground) -> None:
    """Note shapes that join no territory, territories without a shape, and people counted by nobody."""
    _population(ground)
    if ground.pack.shapes:
        _shapes(ground, ground.pack.shapes)


def _population(ground: Ground) -> None:
    covered = any(s.file == territories.FILE and "population" in s.covers for s in ground.pack.sources)
    # The counts of an extended pack have their source there.
    own = (c for c, t in ground.pack.territories.items() if t.population is not None and _own(ground, c))
    counted = next(own, "")
    if counted and not covered:
        ground.gap(
            "territory",
            counted,
            _("Population stands here without a source; rates per person need one."),
            _('Name it in pack.toml: a [[source]] of territories.csv with covers = ["population"].'),
        )


def _own(ground: Ground, code: str) -> bool:
    return ground.place("territory", code)[0] == territories.FILE


def readable(ground: Ground) -> None:
    """Note shapes that cannot be read; the pack does not load with them, or the map would fail in the end."""
    file = ground.pack.shapes
    if file and _codes(file) is None:
        ground.problems.add(
            file.name,
            1,
            _("This is not GeoJSON with a “code” for each feature."),
            _("Give each feature the code of its territory under “properties”."),
        )


def _shapes(ground: Ground, file: Path) -> None:
    pack = ground.pack
    codes = _codes(file) or ()
    for code in sorted(set(codes) - set(pack.territories)):
        ground.problems.add(
            file.name,
            1,
            _("The shape “{code}” joins no territory.").format(code=code),
            _("Correct its code, or take it out."),
            serious=False,
        )
    levels = {pack.territories[c].level for c in codes if c in pack.territories}
    drawn = {*codes, *pack.shapes_missing}
    for code, territory in pack.territories.items():
        if territory.level in levels and code not in drawn:
            ground.gap(
                "territory",
                code,
                _("“{code}” has no shape.").format(code=code),
                _("Add the shape, or name the code under “shapes_missing” in pack.toml."),
            )


def _codes(file: Path) -> list[str] | None:
    """Return the codes of the shapes, None where they cannot be read."""
    try:
        features: list[dict[str, Any]] = json.loads(inside(file.parent, file).read_bytes())["features"]
        codes = [feature["properties"]["code"] for feature in features]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return codes if all(isinstance(code, str) for code in codes) else None
