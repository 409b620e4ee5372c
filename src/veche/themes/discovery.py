"""From all appeals of a run to themes and subthemes by number: who belongs where, and how strongly.

Names, counts and quotations are made elsewhere from what is decided here. Every appeal has a place:
in a theme, or among the rare; texts that say nothing are kept apart in themes marked so.
"""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from veche.themes import judgements, nothing
from veche.themes.batches import Blocks
from veche.themes.features import features, unit_rows
from veche.themes.material import Material
from veche.themes.neighbours import drawn_to
from veche.themes.structure import LEAST_TEXTS, Groups, Limits, groups, least_texts
from veche.themes.views import joined

#: The number of an appeal that is in no theme.
RARE = -1

#: A text that is near no other is a theme by itself when it was sent this often.
LEAST_COPIES = 10

#: Subthemes: at most so many in a theme, none below this share of its texts or this many texts.
MOST_SUBTHEMES = 7
SUBTHEME_SHARE = 0.05
SUBTHEMES_FROM = 8 * LEAST_TEXTS
_MICRO_IN_THEME = 256


@dataclass(frozen=True)
class Discovery:
    """What was found, by number. Themes are numbered from 0: by size, those that say nothing last.

    Per appeal: `theme` int32 (`RARE` for none), `subtheme` int32 within the theme (-1 for none),
    `strength` float32 (cosine to the theme's centre, from 0 to 1; 0 for the rare).
    `says_nothing` bool [themes]. `units` int32 are the distinct texts that decided, sorted by their
    first appeal, `features` their vectors and `unit_theme`, `unit_subtheme` their places.
    """

    theme: np.ndarray
    subtheme: np.ndarray
    strength: np.ndarray
    says_nothing: np.ndarray
    units: np.ndarray
    features: np.ndarray
    unit_theme: np.ndarray
    unit_subtheme: np.ndarray

    @property
    def n_themes(self) -> int:
        """How many themes there are, with those that say nothing."""
        return len(self.says_nothing)


def find_themes(
    work: Path,
    material: Material,
    *,
    seed: int,
    n_themes: int | None,
    blocks: Blocks,
    guided: bool = False,
) -> Discovery:
    """Group the distinct texts of `material` and give every appeal its place.

    With `guided`, texts that lie under one topic of the pack are drawn together first, so that themes
    follow the topics where there are some; texts without a topic still make themes of their own.
    """
    judged = nothing.find(material)
    leads = material.leader == np.arange(len(material.first))
    units = np.flatnonzero(leads & (judged == nothing.SAYS_SOMETHING))
    units = units[np.argsort(material.first[units], kind="stable")]
    vectors = features(work, material, units, seed=seed, blocks=blocks)
    limits = Limits(least=least_texts(len(units)), wanted=n_themes)
    deciding = joined(material, units, vectors, seed=seed, blocks=blocks)
    if guided:
        deciding = drawn_to(deciding, material.facets["topic"].code[material.first[units]], blocks=blocks)
    only = judgements.find(material, units, least=limits.least)
    found = _parted(deciding, only, limits, seed=seed, blocks=blocks, witness=vectors)
    heard = np.bincount(material.leader, weights=material.weight, minlength=len(material.first))
    label, fit = _sent_often(found, heard[units])
    subtheme = subthemes(vectors, label, seed=seed, blocks=blocks)
    return _placed(material, judged, units, vectors, label, fit, subtheme)


def _parted(
    features: np.ndarray, only: np.ndarray, limits: Limits, *, seed: int, blocks: Blocks, witness: np.ndarray
) -> Groups:
    """Group the texts; those that only praise, and those that only blame, are groups of their own."""
    apart = np.flatnonzero(only > 0)
    if len(apart):
        features = features.copy()
        features[apart] = 0
    found = groups(features, limits, seed=seed, blocks=blocks, witness=witness)
    label, fit, centroids = found.label.copy(), found.fit.copy(), found.centroids
    for kind in np.unique(only[apart]).tolist():
        its = np.flatnonzero(only == kind)
        centre = unit_rows(witness[its].mean(axis=0, keepdims=True))
        label[its], fit[its] = len(centroids), witness[its] @ centre[0]
        centroids = np.concatenate([centroids, np.zeros((1, features.shape[1]), np.float32)])
    return Groups(label, fit, centroids)


def _sent_often(found: Groups, heard: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Make a theme of each rare text that was sent often."""
    alone = np.flatnonzero((found.label < 0) & (heard >= LEAST_COPIES))
    label, fit = found.label.copy(), found.fit.copy()
    label[alone] = len(found.centroids) + np.arange(len(alone))
    fit[alone] = 1.0
    return label, fit


def subthemes(vectors: np.ndarray, label: np.ndarray, *, seed: int, blocks: Blocks) -> np.ndarray:
    """The subtheme of each text within its theme, -1 for none; numbered by size in distinct texts."""
    out = np.full(len(label), -1, np.int32)
    order = np.argsort(label, kind="stable")
    cuts = np.searchsorted(label[order], np.arange(int(label.max(initial=-1)) + 2))
    for start, end in pairwise(cuts):
        if end - start < SUBTHEMES_FROM:
            continue
        members = order[start:end]
        inside = vectors[members]
        limits = Limits(
            least=max(LEAST_TEXTS, round(SUBTHEME_SHARE * len(members))),
            most=MOST_SUBTHEMES,
            micro=_MICRO_IN_THEME,
        )
        # What all members share says nothing about how they differ.
        found = groups(unit_rows(inside - inside.mean(axis=0)), limits, seed=seed, blocks=blocks)
        if len(found.centroids) > 1:
            out[members] = _by_size(found.label)
    return out


def _by_size(label: np.ndarray) -> np.ndarray:
    """Renumber groups so that 0 is the largest; equal sizes by first member; -1 stays."""
    known, first, count = np.unique(label[label >= 0], return_index=True, return_counts=True)
    if len(known) == 0:
        return label
    rank = np.full(int(known[-1]) + 2, -1, np.int32)
    rank[known[np.lexsort((first, -count))]] = np.arange(len(known))
    return rank[label]


def _placed(
    material: Material,
    judged: np.ndarray,
    units: np.ndarray,
    vectors: np.ndarray,
    label: np.ndarray,
    fit: np.ndarray,
    subtheme: np.ndarray,
) -> Discovery:
    """Carry the places of deciding texts over to all texts and all appeals, themes numbered by size."""
    n_units = len(material.first)
    of_unit = np.full(n_units, RARE, np.int32)
    of_unit[units] = label
    strength, sub = np.zeros(n_units, np.float32), np.full(n_units, -1, np.int32)
    strength[units], sub[units] = np.clip(fit, 0, 1), subtheme
    of_unit, strength, sub = of_unit[material.leader], strength[material.leader], sub[material.leader]
    n_found = int(label.max(initial=-1)) + 1
    quiet = _quiet_kinds(material, judged)
    for number, kind in enumerate(quiet):
        of_unit[judged == kind], strength[judged == kind] = n_found + number, 1.0
        sub[judged == kind] = -1
    theme = of_unit[material.unit]
    rank = _ranks(theme, n_found, n_found + len(quiet))
    theme = rank[theme]
    rare = theme == RARE
    says_nothing = np.zeros(n_found + len(quiet), bool)
    says_nothing[n_found:] = True
    return Discovery(
        theme=theme,
        subtheme=np.where(rare, -1, sub[material.unit]).astype(np.int32),
        strength=np.where(rare, 0, strength[material.unit]).astype(np.float32),
        says_nothing=says_nothing,
        units=units,
        features=vectors,
        unit_theme=rank[label],
        unit_subtheme=subtheme,
    )


def _quiet_kinds(material: Material, judged: np.ndarray) -> list[int]:
    """The ways to say nothing that are frequent enough to be shown, else their appeals are rare."""
    count = np.bincount(judged[material.unit], minlength=3)
    return [k for k in (nothing.NO_ANSWER, nothing.SAYS_NOTHING) if count[k] >= LEAST_TEXTS]


def _ranks(theme: np.ndarray, n_found: int, n_all: int) -> np.ndarray:
    """New numbers: found themes by appeals, then those that say nothing; the last entry keeps `RARE`."""
    count = np.bincount(theme[theme >= 0], minlength=n_all)
    order = np.lexsort((np.arange(n_found), -count[:n_found]))
    rank = np.full(n_all + 1, RARE, np.int32)
    rank[order] = np.arange(n_found)
    rank[n_found:n_all] = np.arange(n_found, n_all)
    return rank
