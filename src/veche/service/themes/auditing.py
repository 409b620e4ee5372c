"""Whom the quotations of a theme leave out: the audit of representation (`veche.audit`) of each digest.

The people of the theme are compared with its quotations by territory, group of writers, language, channel
and subtheme; groups that are too small to be told are left out of the telling. What comes out is kept as
codes and shares, and worded when it is shown.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from veche.audit.compare import audit_texts
from veche.audit.judge import NEARLY_ALL, Audit, Group
from veche.packs.model import Pack
from veche.picture.disclosure import protect_line
from veche.picture.tree import places_of
from veche.service.themes.material import Laid
from veche.themes import forms, material
from veche.themes.result import Themes

#: Voices of a theme that are measured, drawn by lot, and random digests that its own is compared with.
VOICES, SAMPLES = 600, 60
#: Themes that are audited, the largest first: a page shows one, and a search must not cost minutes more.
MOST = 60
#: So few different texts leave nothing to represent.
LEAST_TEXTS = 10
#: Groups that are told, those left out and those behind.
_TOLD = 5


def audits(laid: Laid, themes: Themes, *, pack: Pack, seed: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield code and audit of each theme that has one, the largest themes first."""
    read = material.read(laid.folder, laid.repeats)
    author = laid.column("author").dictionary_encode()
    people = author.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    regions = {code: region for code, (region, _below) in places_of(pack.territories).items() if region}
    place = themes.assignments["theme"].combine_chunks().dictionary_encode()
    number = {code: i for i, code in enumerate(place.dictionary.to_pylist())}
    row_theme = place.indices.to_numpy(zero_copy_only=False)
    sub = themes.assignments["subtheme"].combine_chunks().dictionary_encode()
    subthemes = (sub.indices.fill_null(-1).to_numpy(zero_copy_only=False), sub.dictionary.to_pylist())
    for entry in themes.digests["themes"][:MOST]:
        if entry["says_nothing"] or entry["theme"] not in number:
            continue
        rows = np.flatnonzero(row_theme == number[entry["theme"]])
        quoted = [q["text"] for q in entry["quotations"]]
        found = _audit(read, people, rows, quoted, regions=regions, subthemes=subthemes, seed=seed)
        if found is not None:
            names = {sub["theme"]: sub["name"] for sub in entry["subthemes"]}
            yield entry["theme"], _told(found, names)


def _audit(
    read: material.Material,
    people: np.ndarray,
    rows: np.ndarray,
    quoted: list[str],
    *,
    regions: Mapping[str, str],
    subthemes: tuple[np.ndarray, list[str]],
    seed: int,
) -> Audit | None:
    text = read.leader[read.unit[rows]].astype(np.int64)
    person = np.where(people[rows] >= 0, people[rows], people.max(initial=-1) + 1 + rows)
    _, first = np.unique(np.stack([text, person]), axis=1, return_index=True)
    voices = np.sort(first)
    k = len(set(quoted))
    if k == 0 or len(np.unique(text[voices])) < max(LEAST_TEXTS, k + 1):
        return None
    measured = voices
    if len(voices) > VOICES:
        measured = np.sort(np.random.default_rng(seed).choice(voices, VOICES, replace=False))
    texts = read.texts(rows[measured])
    form = forms.find_form(texts)
    groups = dict(_groups(read, rows[measured], regions, subthemes))
    return audit_texts(
        [forms.without_form(one, form) or one for one in texts],
        quoted,
        groups=_large_enough(groups, person[measured]),
        text=text[measured],
        k=k,
        of_voices=len(voices),
        seed=seed,
        samples=SAMPLES,
    )


def _groups(
    read: material.Material,
    rows: np.ndarray,
    regions: Mapping[str, str],
    subthemes: tuple[np.ndarray, list[str]],
) -> Iterator[tuple[str, tuple[np.ndarray, list[str]]]]:
    for facet in ("language", "channel", "group"):
        codes = read.facets[facet]
        yield facet, (codes.code[rows].astype(np.int64), codes.values)
    places = read.facets["place"]
    named = sorted({regions[value] for value in places.values if value in regions})
    at = np.array([*(named.index(regions[v]) if v in regions else -1 for v in places.values), -1], np.int64)
    yield "territory", (at[places.code[rows]], named)
    yield "subtheme", (subthemes[0][rows].astype(np.int64), subthemes[1])


def _large_enough(
    groups: Mapping[str, tuple[np.ndarray, list[str]]], person: np.ndarray
) -> dict[str, tuple[np.ndarray, list[str]]]:
    """Leave out the values of so few people that nothing may be told of them."""
    kept = {}
    for name, (code, values) in groups.items():
        pairs = np.unique(np.stack([code, person]), axis=1)[0]
        hidden = protect_line(np.bincount(pairs[pairs >= 0], minlength=len(values)))
        shown = np.append(~hidden, True) if len(values) else np.ones(1, bool)
        code = np.where(shown[code], code, -1)
        if code.max(initial=-1) >= 0:
            kept[name] = (code, values)
    return kept


def _told(audit: Audit, subthemes: Mapping[str, str]) -> dict[str, Any]:
    """The audit as it is kept: shares of random digests that do no better, and who fares worse."""
    behind = sorted(
        (g for g in audit.failing_groups if not g.left_out and g.share <= NEARLY_ALL),
        key=lambda g: g.standing.value - g.standing.median,
    )
    return {
        "quotations": audit.k,
        "voices": audit.of_voices,
        "heard": round(audit.heard.value, 4),
        "beats": [round(audit.heard.beats, 3), round(audit.standing.beats, 3)],
        "left_out": [_group(g, subthemes) for g in audit.left_out[:_TOLD]],
        "behind": [_group(g, subthemes) for g in behind[:_TOLD]],
    }


def _group(group: Group, subthemes: Mapping[str, str]) -> dict[str, Any]:
    value = subthemes.get(group.value, group.value) if group.dimension == "subtheme" else group.value
    return {"dimension": group.dimension, "value": value, "share": round(group.share, 4)}
