"""Digests: for each theme its name, its numbers and a few quotations that speak for it.

Quotations cite the appeal they come from and are masked text, never reworded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from veche.themes import voices
from veche.themes.discovery import Discovery
from veche.themes.facts import ThemeFacts, local_instant
from veche.themes.material import Material
from veche.themes.naming import Name
from veche.themes.passages import passages
from veche.themes.quotations import Groups, Passages, People, choose, seats
from veche.themes.run_digest import even_over_people, people_behind

#: Version of the file `digests.json`.
DIGESTS_VERSION = 1

QUOTATIONS = 5
SUBTHEME_QUOTATIONS = 2

#: People per theme whose texts the quotations are to represent.
COVERED = 400

Quotation = dict[str, Any]


def quotations(
    material: Material, discovery: Discovery, themes: Sequence[np.ndarray], *, timezone: str
) -> list[tuple[list[Quotation], dict[int, list[Quotation]]]]:
    """Return, per theme, its quotations and those of each of its subthemes by number.

    `themes` are places in `Discovery.units`, one array per theme.
    """
    heard = people_behind(material, discovery)
    samples = [voices.for_quotations(discovery, units) for units in themes]
    read = voices.without_form(list(voices.read(material, discovery, samples)))
    return [
        _of_theme(material, discovery, _Theme(units, voice, heard[units]), timezone)
        for units, voice in zip(themes, read, strict=True)
    ]


@dataclass(frozen=True)
class _Theme:
    """A theme's deciding texts (`units`), how many people stand behind each, and those that were read."""

    units: np.ndarray
    read: voices.Voices
    heard: np.ndarray


def _of_theme(
    material: Material, discovery: Discovery, theme: _Theme, timezone: str
) -> tuple[list[Quotation], dict[int, list[Quotation]]]:
    found = passages(theme.read.texts)
    usable = np.array([i for i, p in enumerate(found) if p], np.int64)
    at = theme.read.units[usable]
    group = discovery.unit_subtheme[at]
    texts = [found[i] or "" for i in usable]

    def quote(chosen: Sequence[int]) -> list[Quotation]:
        return [
            _quotation(material, discovery, int(at[i]), texts[i], theme.read.languages[usable[i]], timezone)
            for i in chosen
        ]

    candidates = Passages(texts, discovery.features[at], group)
    sub = discovery.unit_subtheme[theme.units]
    size = np.bincount(sub[sub >= 0], weights=theme.heard[sub >= 0], minlength=int(sub.max(initial=-1)) + 1)
    groups = Groups(size / max(1.0, float(theme.heard.sum())), seats(size, QUOTATIONS))
    whole = choose(candidates, _people(discovery, theme, sub), groups, count=QUOTATIONS)
    parts: dict[int, list[Quotation]] = {}
    said = set(whole)
    nobody = Groups(np.zeros(0), np.zeros(0, np.int64))
    for number in np.unique(sub[sub >= 0]).tolist():
        inside = np.array([i for i in np.flatnonzero(group == number) if i not in said], np.int64)
        if len(inside) == 0:
            continue
        own = Passages([texts[i] for i in inside], candidates.vectors[inside], np.full(len(inside), -1))
        people = _people(discovery, theme, np.where(sub == number, 0, -1), only=sub == number)
        picked = choose(own, people, nobody, count=SUBTHEME_QUOTATIONS)
        parts[number] = quote(inside[picked].tolist())
    return quote(whole), parts


def _people(
    discovery: Discovery, theme: _Theme, group: np.ndarray, *, only: np.ndarray | None = None
) -> People:
    """An even sample of the people of a theme, or of the part of it that `only` marks."""
    inside = np.flatnonzero(only) if only is not None else np.arange(len(theme.units))
    places, weight = even_over_people(theme.heard[inside], COVERED)
    chosen = inside[places]
    return People(discovery.features[theme.units[chosen]], weight.astype(np.float64), group[chosen])


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
