"""Samples of a theme's texts, for names and quotations; the number read is bounded, whatever the size.

Samples are even over the theme's distinct texts in order of time or file; for quotations the texts
nearest to the centre of each subtheme come first.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from veche.themes import forms
from veche.themes.discovery import Discovery
from veche.themes.material import Material

#: Distinct texts read for names: at most so many per theme, and in all.
NAMING_EACH = 2000
NAMING_IN_ALL = 60_000

#: Distinct texts per theme that may be quoted.
QUOTABLE = 160

#: Texts of which less than this part is left without the form are named by its labels.
MOSTLY_FORM = 0.5


@dataclass(frozen=True)
class Voices:
    """Texts read for one theme: `units` (places in `Discovery.units`), their texts and languages ("" if
    unknown)."""

    units: np.ndarray
    texts: list[str]
    languages: list[str]

    def central(self, discovery: Discovery, chosen: np.ndarray) -> list[int]:
        """Return the places of the `chosen` texts, those nearest to their common centre first."""
        vectors = discovery.features[self.units[chosen]]
        near = vectors @ vectors.mean(axis=0) if len(chosen) else np.zeros(0)
        return chosen[np.argsort(-near, kind="stable")].tolist()


def for_names(material: Material, discovery: Discovery, themes: list[np.ndarray]) -> list[Voices]:
    """Return an even sample of each theme; `themes` are places in `Discovery.units`."""
    each = min(NAMING_EACH, max(50, NAMING_IN_ALL // max(1, len(themes))))
    return for_naming(list(read(material, discovery, [even(units, each) for units in themes])))


def for_quotations(discovery: Discovery, units: np.ndarray) -> np.ndarray:
    """Return which of `units` may be quoted: the most central of each subtheme, in equal parts."""
    sub = discovery.unit_subtheme[units]
    groups = np.unique(sub)
    each = max(1, QUOTABLE // max(1, len(groups)))
    picked = []
    for group in groups:
        inside = units[sub == group]
        centre = discovery.features[inside].mean(axis=0)
        order = np.argsort(-(discovery.features[inside] @ centre), kind="stable")
        picked.append(inside[order[:each]])
    return np.concatenate(picked) if picked else units[:0]


def without_form(read: list[Voices]) -> list[Voices]:
    """Return the voices without the labels and choices of the form that the texts were filled into."""
    form = forms.find_form(text for voice in read for text in voice.texts)
    return [replace(v, texts=[forms.without_form(text, form) for text in v.texts]) for v in read]


def for_naming(read: list[Voices]) -> list[Voices]:
    """Return the voices without form, but for themes whose texts are mostly form what its labels share.

    There the form says what the theme is: "abandoned car" of "Make of the abandoned car" and "Color of
    the abandoned car". The shared words of each label stand in turn for the texts.
    """
    form = forms.find_form(text for voice in read for text in voice.texts)
    named = []
    for voice in read:
        bare = replace(voice, texts=[forms.without_form(text, form) for text in voice.texts])
        if _length(bare) < MOSTLY_FORM * _length(voice):
            shared = forms.shared_words(forms.labels_in(voice.texts, form)) or [""]
            bare = replace(bare, texts=[shared[i % len(shared)] for i in range(len(bare.texts))])
        named.append(bare)
    return named


def _length(voice: Voices) -> int:
    return sum(map(len, voice.texts))


def read(material: Material, discovery: Discovery, samples: list[np.ndarray]) -> Iterator[Voices]:
    """Read the texts of all `samples` in one pass over the parts."""
    sizes = np.cumsum([0, *(len(s) for s in samples)])
    together = np.concatenate(samples) if samples else np.zeros(0, np.int64)
    appeals = material.first[discovery.units[together]]
    texts = material.texts(appeals)
    codes = material.facets["language"]
    tags = [*codes.values, ""]
    languages = [tags[c] for c in codes.code[appeals]]
    for units, a, b in zip(samples, sizes[:-1], sizes[1:], strict=True):
        yield Voices(units, texts[a:b], languages[a:b])


def even(units: np.ndarray, most: int) -> np.ndarray:
    """Return at most `most` of `units`, spread evenly."""
    if len(units) <= most:
        return units
    return units[np.linspace(0, len(units) - 1, most).astype(np.int64)]
