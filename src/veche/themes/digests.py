"""Digests: for each theme its name, its numbers and a few quotations that speak for it.

Quotations cite the appeal they come from and are masked text, never reworded.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from veche.themes import voices
from veche.themes.discovery import Discovery
from veche.themes.facts import ThemeFacts, local_instant
from veche.themes.material import Material
from veche.themes.naming import Name
from veche.themes.passages import passages
from veche.themes.quotations import choose

#: Version of the file `digests.json`.
DIGESTS_VERSION = 1

QUOTATIONS = 5
SUBTHEME_QUOTATIONS = 2

Quotation = dict[str, Any]


def quotations(
    material: Material, discovery: Discovery, themes: Sequence[np.ndarray], *, timezone: str
) -> list[tuple[list[Quotation], dict[int, list[Quotation]]]]:
    """Return, per theme, its quotations and those of each of its subthemes by number.

    `themes` are places in `Discovery.units`, one array per theme.
    """
    samples = [voices.for_quotations(discovery, units) for units in themes]
    read = voices.without_form(list(voices.read(material, discovery, samples)))
    return [
        _of_theme(material, discovery, units, voice, timezone)
        for units, voice in zip(themes, read, strict=True)
    ]


def _of_theme(
    material: Material, discovery: Discovery, units: np.ndarray, voice: voices.Voices, timezone: str
) -> tuple[list[Quotation], dict[int, list[Quotation]]]:
    found = passages(voice.texts)
    usable = np.array([i for i, p in enumerate(found) if p], np.int64)
    at = voice.units[usable]
    vectors, group = discovery.features[at], discovery.unit_subtheme[at]
    texts = [found[i] or "" for i in usable]

    def quote(chosen: Sequence[int]) -> list[Quotation]:
        return [
            _quotation(material, discovery, int(at[i]), texts[i], voice.languages[usable[i]], timezone)
            for i in chosen
        ]

    whole = choose(texts, vectors, group, voices.covered(discovery, units), count=QUOTATIONS)
    parts: dict[int, list[Quotation]] = {}
    said = set(whole)
    for number in np.unique(discovery.unit_subtheme[units]):
        inside = np.array([i for i in np.flatnonzero(group == number) if i not in said], np.int64)
        if number < 0 or len(inside) == 0:
            continue
        to_cover = voices.covered(discovery, units[discovery.unit_subtheme[units] == number])
        picked = choose(
            [texts[i] for i in inside],
            vectors[inside],
            group[inside] * 0 - 1,
            to_cover,
            count=SUBTHEME_QUOTATIONS,
        )
        parts[int(number)] = quote(inside[picked].tolist())
    return quote(whole), parts


def _quotation(
    material: Material, discovery: Discovery, unit: int, text: str, language: str, timezone: str
) -> Quotation:
    appeal = int(material.first[discovery.units[unit]])
    return {
        "appeal_id": material.appeal_ids[appeal].as_py(),
        "text": text,
        "language": language or None,
        "received_at": local_instant(int(material.received[appeal]), timezone),
    }


def digest(
    code: str, name: Name, facts: ThemeFacts, *, says_nothing: bool, quoted: list[Quotation],
    subthemes: list[dict[str, Any]],
) -> dict[str, Any]:  # fmt: skip
    """Return the entry of one theme in `digests.json`."""
    return {
        "theme": code,
        "name": name.name,
        "keywords": name.keywords,
        "size": facts.size,
        "distinct": facts.distinct,
        "copies": facts.size - facts.distinct,
        "share": round(facts.share, 6),
        "topic": facts.topic,
        "trend": [{"date": day.isoformat(), "count": count} for day, count in facts.trend],
        "first_seen": facts.first_seen.isoformat() if facts.first_seen else None,
        "last_seen": facts.last_seen.isoformat() if facts.last_seen else None,
        "is_new": facts.is_new,
        "change": None if facts.change is None else round(facts.change, 4),
        "places": [[place, count] for place, count in facts.places],
        "languages": dict(facts.languages),
        "says_nothing": says_nothing,
        "quotations": quoted,
        "subthemes": subthemes,
    }


def subtheme(code: str, name: Name, facts: ThemeFacts, quoted: list[Quotation]) -> dict[str, Any]:
    """Return the entry of a subtheme inside its theme."""
    return {
        "theme": code,
        "name": name.name,
        "size": facts.size,
        "share": round(facts.share, 6),
        "quotations": quoted,
    }


def file(themes: list[dict[str, Any]], *, appeals: int, rare: int, trend_unit: str) -> dict[str, Any]:
    """Return the whole of `digests.json`."""
    return {
        "version": DIGESTS_VERSION,
        "appeals": appeals,
        "trend_unit": trend_unit,
        "rare": {"size": rare, "share": round(rare / appeals, 6) if appeals else 0.0},
        "themes": themes,
    }
