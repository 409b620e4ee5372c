"""The digest of a whole run: a few quotations that stand for all of its appeals.

Every theme has quotations in proportion to its people, as far as it has a whole one coming; the rare and
singular appeals count as one more theme, and texts that say nothing are quoted as they are ("Nothing"),
or their authors would go unheard. The audit of representation reads it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from veche.themes import voices
from veche.themes.coverage import cover
from veche.themes.discovery import Discovery
from veche.themes.material import Material
from veche.themes.passages import passages, quotable
from veche.themes.positions import Stands
from veche.themes.quotations import Passages, People, seats

#: Quotations at most, and fewer where a tenth of them is more than the square root of the appeals.
QUOTATIONS = 30
_FEWEST = 3

#: Texts that may be quoted, in proportion to people with a floor for each theme; texts to be represented.
CANDIDATES, CANDIDATES_EACH = 1500, 12
PANEL = 2000

#: Longer passages than in a theme's own digest, up to so many code points: of long letters they say more.
#: Best reads what is as long as the longest tenth of what may be quoted, at most `GOOD_LENGTH`.
LONGEST, GOOD_LENGTH = 400, 360
_LONG = 0.9

#: Of fewer words a reader learns too little, unless nobody wrote more.
_LEAST_WORDS = 3

#: Quotations of one theme that says nothing.
_QUIET_EACH = 2

Entry = dict[str, Any]


@dataclass(frozen=True)
class Codes:
    """What the file calls the themes and the subthemes (by numbers of theme and subtheme); `parents` are
    the territories that others lie in."""

    themes: Sequence[str]
    subthemes: dict[tuple[int, int], str]
    parents: Mapping[str, str]


def run_digest(material: Material, discovery: Discovery, codes: Codes, stands: Stands) -> list[Entry]:
    """Return the quotations of `digest.json`, the most telling first; each is one appeal's own words.

    Keys: `text`, `appeal_id`, `theme` ("rare" for none), `subtheme` and `position` (null for none).
    """
    n_quiet, n_said = _quiet_sizes(discovery), float(people_behind(material, discovery).sum())
    count = min(QUOTATIONS, max(_FEWEST, round(len(material) ** 0.5)))
    quiet_seats = np.minimum(seats(np.append(n_quiet, n_said), count)[:-1], _QUIET_EACH)
    quiet = _quiet(material, discovery, quiet_seats, codes)
    said = _said(material, discovery, count - len(quiet), codes, stands)
    return [*said, *quiet]


def people_behind(material: Material, discovery: Discovery) -> np.ndarray:
    """Return how many appeals each deciding text stands for, near copies included (float64 [units])."""
    n_texts = len(material.first)
    return np.bincount(material.leader, weights=material.weight, minlength=n_texts)[discovery.units]


def even_over_people(heard: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the places of about `count` people spread evenly over all, each text once, and how many of
    them stand behind each text."""
    if len(heard) <= count:
        return np.arange(len(heard)), heard
    ends = np.cumsum(heard)
    people = (np.arange(count) + 0.5) * ends[-1] / count
    return np.unique(np.searchsorted(ends, people, side="right"), return_counts=True)


def _said(material: Material, discovery: Discovery, count: int, codes: Codes, stands: Stands) -> list[Entry]:
    """Quotations of all appeals that say something; the group of the rare has the last number."""
    heard = people_behind(material, discovery)
    n_groups = discovery.n_themes + 1
    group = discovery.unit_theme % n_groups
    size = np.bincount(group, weights=heard, minlength=n_groups)
    units = _candidates(group, size)
    read = voices.without_form(list(voices.read(material, discovery, [units])))[0]
    found = [p or _whole(t) for p, t in zip(passages(read.texts, longest=LONGEST), read.texts, strict=True)]
    told = [i for i, text in enumerate(found) if text and len(text.split()) >= _LEAST_WORDS]
    usable = np.array(told or [i for i, text in enumerate(found) if text], np.int64)
    at = units[usable]
    texts = [found[i] or "" for i in usable]
    panel, weight = even_over_people(heard, PANEL)
    chosen = cover(
        Passages(texts, discovery.features[at], group[at]),
        People(discovery.features[panel], weight.astype(np.float64), group[panel]),
        [group[panel], *_dimensions(material, material.first[discovery.units[panel]], codes.parents)],
        seats(size, count),
        count=count,
        good_length=_good_length(texts),
    )
    named = [*codes.themes, "rare"]
    entries = []
    for i in chosen:
        appeal = int(material.first[discovery.units[at[i]]])
        entries.append(
            {
                "text": texts[i],
                "appeal_id": material.appeal_ids[appeal].as_py(),
                "theme": named[group[at[i]]],
                "subtheme": codes.subthemes.get((int(group[at[i]]), int(discovery.unit_subtheme[at[i]]))),
                "position": stands.sides(int(group[at[i]]), [texts[i]], discovery.features[at[i]][None])[0],
            }
        )
    return entries


def _dimensions(material: Material, appeals: np.ndarray, parents: Mapping[str, str]) -> list[np.ndarray]:
    """By what the authors of `appeals` are told apart: language, channel, kind of writer, and territory at
    each height of the country's tree; -1 for not known."""
    found = [material.facets[facet].code[appeals] for facet in ("language", "channel", "group")]
    places = material.facets["place"]
    heights = [[*_path(place, parents)] for place in places.values]
    for height in range(max(map(len, heights), default=0)):
        names = [path[height] if height < len(path) else "" for path in heights]
        number = {name: i for i, name in enumerate(sorted(set(names) - {""}))}
        of_place = np.array([*(number.get(name, -1) for name in names), -1])
        found.append(of_place[places.code[appeals]])
    return found


def _path(place: str, parents: Mapping[str, str]) -> list[str]:
    """A territory and those that it lies in, the highest first."""
    path = [place]
    while (above := parents.get(path[0])) and above not in path:
        path.insert(0, above)
    return path


def _candidates(group: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Places of texts that may be quoted, even within each group, larger groups with more."""
    picked = [np.zeros(0, np.int64)]
    wanted = np.maximum(CANDIDATES_EACH, np.round(CANDIDATES * size / max(1.0, size.sum())))
    order = np.argsort(group, kind="stable")
    cuts = np.searchsorted(group[order], np.arange(len(size) + 1))
    for number, most in enumerate(wanted.astype(int)):
        picked.append(voices.even(order[cuts[number] : cuts[number + 1]], most))
    return np.sort(np.concatenate(picked))


def _good_length(texts: Sequence[str]) -> float:
    """The length from which a passage reads no better: titles are not held against letters."""
    if not texts:
        return GOOD_LENGTH
    return min(GOOD_LENGTH, float(np.quantile([len(text) for text in texts], _LONG)))


def _whole(text: str) -> str | None:
    """A text too short for a passage, as it is: where it is all that somebody said it may be quoted."""
    tidy = " ".join(text.split())
    return tidy if quotable(tidy) else None


def _quiet_sizes(discovery: Discovery) -> np.ndarray:
    """Appeals of each theme that says nothing; these themes come last."""
    size = np.bincount(discovery.theme[discovery.theme >= 0], minlength=discovery.n_themes)
    return size[discovery.says_nothing].astype(np.float64)


def _quiet(material: Material, discovery: Discovery, wanted: np.ndarray, codes: Codes) -> list[Entry]:
    """The most frequent texts of the themes that say nothing."""
    entries = []
    for number, most in zip(np.flatnonzero(discovery.says_nothing).tolist(), wanted.tolist(), strict=True):
        appeals = np.flatnonzero(discovery.theme == number)
        found, counts = np.unique(material.unit[appeals], return_counts=True)
        frequent = material.first[found[np.lexsort((material.first[found], -counts))[: 4 * most]]]
        said: dict[str, int] = {}
        for appeal, text in zip(frequent.tolist(), material.texts(frequent), strict=True):
            tidy = _whole(text)
            if tidy and tidy.casefold().strip(" .!") not in said:
                said[tidy.casefold().strip(" .!")] = appeal
                if len(said) <= most:
                    entries.append(
                        {
                            "text": tidy,
                            "appeal_id": material.appeal_ids[appeal].as_py(),
                            "theme": codes.themes[number],
                            "subtheme": None,
                            "position": None,
                        }
                    )
    return entries
