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
from veche.themes.positions import Positions, Stands
from veche.themes.quotations import Groups, Passages, People, choose, seats
from veche.themes.run_digest import even_over_people, people_behind
from veche.themes.stances import AXES

#: Version of the file `digests.json`.
DIGESTS_VERSION = 1

QUOTATIONS = 5
SUBTHEME_QUOTATIONS = 2
SIDE_QUOTATIONS = 2

#: People per theme whose texts the quotations are to represent.
COVERED = 400

Quotation = dict[str, Any]


@dataclass(frozen=True)
class Quoted:
    """The quotations of a theme: those that stand for the whole, those of each subtheme by number, and
    those of each side (as in `stances.AXES`) where it holds opposing positions."""

    whole: list[Quotation]
    subthemes: dict[int, list[Quotation]]
    sides: dict[str, list[Quotation]]


def quotations(
    material: Material, discovery: Discovery, themes: Sequence[np.ndarray], stands: Stands, *, timezone: str
) -> list[Quoted]:
    """Return the quotations of each of `themes`, which are places in `Discovery.units`."""
    heard = people_behind(material, discovery)
    samples = [voices.for_quotations(discovery, units) for units in themes]
    read = voices.without_form(list(voices.read(material, discovery, samples)))
    return [
        _of_theme(material, discovery, _Theme(number, units, voice, heard[units]), stands, timezone)
        for number, (units, voice) in enumerate(zip(themes, read, strict=True))
    ]


@dataclass(frozen=True)
class _Theme:
    """A theme's number, its deciding texts (`units`), how many people stand behind each, and the texts
    that were read."""

    number: int
    units: np.ndarray
    read: voices.Voices
    heard: np.ndarray


def _of_theme(
    material: Material, discovery: Discovery, theme: _Theme, stands: Stands, timezone: str
) -> Quoted:
    found = passages(theme.read.texts)
    usable = np.array([i for i, p in enumerate(found) if p], np.int64)
    at = theme.read.units[usable]
    group = discovery.unit_subtheme[at]
    texts: list[str] = [found[i] or "" for i in usable]

    def quote(chosen: Sequence[int]) -> list[Quotation]:
        return [
            _quotation(material, discovery, int(at[i]), texts[i], theme.read.languages[usable[i]], timezone)
            | {"position": sides[i]}
            for i in chosen
        ]

    candidates = Passages(texts, discovery.features[at], group)
    sides = stands.sides(theme.number, texts, candidates.vectors)
    sub = discovery.unit_subtheme[theme.units]
    size = np.bincount(sub[sub >= 0], weights=theme.heard[sub >= 0], minlength=int(sub.max(initial=-1)) + 1)
    groups = Groups(size / max(1.0, float(theme.heard.sum())), seats(size, QUOTATIONS))
    everybody = _people(discovery, theme, sub)
    whole = choose(candidates, everybody, groups, count=QUOTATIONS)
    parts: dict[int, list[Quotation]] = {}
    said = set(whole)
    for number in np.unique(sub[sub >= 0]).tolist():
        inside = np.array([i for i in np.flatnonzero(group == number) if i not in said], np.int64)
        people = _people(discovery, theme, sub, only=sub == number)
        picked = choose(_ungrouped(candidates, inside), people, _NO_GROUPS, count=SUBTHEME_QUOTATIONS)
        if picked:
            parts[number] = quote(inside[picked].tolist())
    shown = {}
    for side in sorted({side for side in sides if side}):
        inside = np.array([i for i, own in enumerate(sides) if own == side], np.int64)
        picked = choose(_ungrouped(candidates, inside), everybody, _NO_GROUPS, count=SIDE_QUOTATIONS)
        shown[side] = quote(inside[picked].tolist())
    return Quoted(quote(whole), parts, shown)


_NO_GROUPS = Groups(np.zeros(0), np.zeros(0, np.int64))


def _ungrouped(passages: Passages, inside: np.ndarray) -> Passages:
    texts = [str(passages.texts[i]) for i in inside]
    return Passages(texts, passages.vectors[inside], np.full(len(inside), -1))


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
    code: str, name: Name, facts: ThemeFacts, *, says_nothing: bool, quoted: Quoted,
    subthemes: list[dict[str, Any]], positions: Positions | None,
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
        "quotations": quoted.whole,
        "positions": _positions(positions, facts.size, quoted),
        "subthemes": subthemes,
    }


def _positions(found: Positions | None, size: int, quoted: Quoted) -> dict[str, Any] | None:
    """The positions of a theme as in the file: None where it holds one only, no sides where it is mixed."""
    if found is None:
        return None
    shares = zip(AXES[found.axis], (found.plus, found.minus), strict=True)
    sides = [
        {
            "side": side,
            "share": round(share, 4),
            "size": round(share * size),
            "quotations": quoted.sides.get(side, []),
        }
        for side, share in shares
    ]
    sides.sort(key=lambda side: -side["share"])
    told = found.told_apart
    return {"mixed": not told, "neither": round(found.neither, 4), "sides": sides if told else []}


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
