"""Follows a person's decisions: gives every appeal its place, and renews what is said of changed themes.

Texts are encoded again from their masked form, but only those of themes that change; all other themes
keep their names, numbers and quotations as they stood.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from veche.core.errors import SignoffError, SplitWithoutEffect, UnknownTheme
from veche.core.i18n import _
from veche.packs.model import Pack
from veche.themes import assemble, material, nothing
from veche.themes.batches import Blocks
from veche.themes.discovery import RARE, Discovery, subthemes
from veche.themes.features import features, unit_rows
from veche.themes.material import Material
from veche.themes.result import Themes
from veche.themes.signoff.decisions import Decisions, part_code
from veche.themes.signoff.parting import STAYS, part

#: The place of appeals whose theme a person dropped. They are not rare: the share of rare appeals says
#: how well the machine did, and what a person sets aside (spam, a campaign) may be large.
ASIDE = "aside"

#: Distinct texts read of each theme that stays, so that names tell the changed themes from it, and
#: those encoded of the whole run, so that what all appeals share is known.
CONTRAST = 100
BACKGROUND = 1000

#: Turns texts into unit vectors (float32 [texts, d]).
Encode = Callable[[list[str]], np.ndarray]


@dataclass(frozen=True)
class Tools:
    """What is needed to follow decisions: the pack, the encoder, the threads' blocks, the run's seed."""

    pack: Pack
    encode: Encode
    blocks: Blocks
    seed: int = 0


@dataclass
class Regrouping:
    """The appeals of a run on their way from the machine's places to the person's.

    `codes` are all places by number (themes, parts, rare, aside); `place` int32 [appeals].
    """

    machine: Themes
    parts: tuple[Path, ...]
    tools: Tools
    codes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        encoded = self.machine.assignments["theme"].combine_chunks().dictionary_encode()
        themes = [t["theme"] for t in self.machine.digests["themes"]]
        self.codes = list(dict.fromkeys([*themes, *encoded.dictionary.to_pylist(), ASIDE]))
        number = np.array([self.codes.index(c) for c in encoded.dictionary.to_pylist()], np.int32)
        self.began = number[encoded.indices.to_numpy()]
        self.place = self.began.copy()

    @cached_property
    def material(self) -> Material:
        """The appeals and their distinct texts."""
        repeats = pa.concat_tables([pq.read_table(path, columns=["copy_of"]) for path in self.parts])
        return material.of_parts(self.parts, repeats)

    @property
    def lead(self) -> np.ndarray:
        """The distinct text that decides for each appeal: its own, or the one that it nearly copies."""
        return self.material.leader[self.material.unit]

    def vectors(self, units: np.ndarray) -> np.ndarray:
        """Return the vectors of distinct texts."""
        return self.tools.encode(self.material.texts(self.material.first[units]))

    def number(self, code: str) -> int:
        """Return the number of a place, a new one for a new code."""
        if code not in self.codes:
            self.codes.append(code)
        return self.codes.index(code)

    def inside(self, code: str) -> np.ndarray:
        """Return the appeals (row numbers) that are at a place."""
        return np.flatnonzero(self.place == self.number(code))


def regroup(state: Regrouping, decisions: Decisions) -> None:
    """Move the appeals: parts first, then merges, then themes that are set aside.

    Raises:
        SplitWithoutEffect: an example parts nothing, or everything.
        SignoffError: an example is an appeal of another theme.
    """
    for code, decision in decisions.themes.items():
        if decision.split:
            _split(state, decisions, code)
    joined = {c: decisions.end_of(c) for c in decisions.themes if decisions.of(c).into}
    joined |= {c: ASIDE for c in decisions.themes if decisions.of(c).drop}
    target = np.arange(len(state.codes), dtype=np.int32)
    for code, end in joined.items():
        target[state.number(code)] = state.number(end)
    state.place = target[state.place]


def _split(state: Regrouping, decisions: Decisions, code: str) -> None:
    appeals, lead = state.inside(code), state.lead
    units = np.unique(lead[appeals])
    examples = decisions.of(code).split
    rows = [_row_of(state, decisions, code, example) for example in examples]
    vectors = state.vectors(units)
    guides = state.tools.encode(list(examples))
    for number, row in enumerate(rows):
        if row is not None:
            guides[number] = vectors[np.searchsorted(units, lead[row])]
    label = part(vectors, guides)
    for number, row in enumerate(rows):
        if row is not None:
            label[np.searchsorted(units, lead[row])] = number
    _check_effect(decisions, code, label, len(examples))
    names = [*(part_code(code, number + 1) for number in range(len(examples))), code]
    places = np.array([state.number(name) for name in names], np.int32)
    state.place[appeals] = places[label[np.searchsorted(units, lead[appeals])]]


def _row_of(state: Regrouping, decisions: Decisions, code: str, example: str) -> int | None:
    """The row of the appeal whose id the example is, None for a sentence."""
    if " " in example:
        return None
    row = state.material.appeal_ids.index(example).as_py()
    if row < 0:
        if len(example) == 32 and all(c in "0123456789abcdef" for c in example):
            raise SignoffError(
                **decisions.at(code, "split"),
                problem=_("there is no appeal {id} in this run.").format(id=example),
                advice=_("Take an id from veche themes show, or write a sentence."),
            )
        return None
    there = state.codes[state.place[row]]
    if there != code:
        raise SignoffError(
            **decisions.at(code, "split"),
            problem=_("appeal {id} lies in “{there}”, not in “{theme}”.").format(
                id=example, there=there, theme=code
            ),
            advice=_("Take an id from veche themes show, or write a sentence."),
        )
    return row


def _check_effect(decisions: Decisions, code: str, label: np.ndarray, examples: int) -> None:
    found = np.bincount(label + 1, minlength=examples + 1)
    at = decisions.at(code, "split")
    for number in range(examples):
        if found[number + 1] == 0:
            advice = _("No text of the theme is near it. Write a sentence as people in the theme do.")
            raise SplitWithoutEffect(**at, number=number + 1, theme=code, advice=advice)
    if found[STAYS + 1] == 0:
        advice = _("All texts of the theme are near an example. Take one out, or give the theme a new name.")
        raise SplitWithoutEffect(**at, number=examples, theme=code, advice=advice)


def check_named(state: Regrouping, decisions: Decisions) -> None:
    """Check that no theme that people joined or named came out empty.

    Raises:
        UnknownTheme: the theme has no appeals.
    """
    held = np.bincount(state.place, minlength=len(state.codes))
    for code, decision in decisions.themes.items():
        wanted = (decision.name or decision.pin) and not decision.into and not decision.drop
        if wanted and held[state.number(code)] == 0:
            raise UnknownTheme(**decisions.at(code), theme=code, near="–", path=decisions.folder or ".")


def themes_in(state: Regrouping) -> tuple[list[str], set[str]]:
    """Return the codes of the themes that hold appeals, as they are shown, and those that changed.

    The largest come first, those that say nothing last.
    """
    silent = {t["theme"] for t in state.machine.digests["themes"] if t["says_nothing"]}
    held = np.bincount(state.place, minlength=len(state.codes))
    there = [c for c in state.codes if c not in (ASIDE, assemble.RARE_CODE) and held[state.number(c)]]
    there.sort(key=lambda c: (c in silent, -held[state.number(c)], c))
    moved = state.place != state.began
    changed = np.unique(np.concatenate([state.place[moved], state.began[moved]]))
    return there, {state.codes[n] for n in changed} & set(there)


def described(state: Regrouping, codes: list[str], changed: set[str]) -> Themes:
    """Return what is found out about the themes `codes` of which `changed` are new: names, quotations,
    numbers. What it says of the others is not to be used; codes are t001 and up in the order of `codes`."""
    m = state.material
    number = np.full(len(state.codes), RARE, np.int32)
    number[[state.number(code) for code in codes]] = np.arange(len(codes))
    theme = number[state.place]
    judged = nothing.find(m)
    speaks = np.unique(state.lead[judged[state.lead] == nothing.SAYS_SOMETHING])
    speaks = speaks[np.argsort(m.first[speaks], kind="stable")]
    of_unit = theme[m.first[speaks]]
    fresh = np.array([code in changed for code in codes])
    units = speaks[_read(of_unit, fresh)]
    at = theme[m.first[units]]
    vectors = _features(state, units, known=fresh[at], speaks=speaks)
    label = np.where(fresh[at], at, -1).astype(np.int32)
    sub = subthemes(vectors, label, seed=state.tools.seed, blocks=state.tools.blocks)
    fit = _fit(vectors, at, len(codes))
    strength, of_sub = np.ones(len(m.first), np.float32), np.full(len(m.first), -1, np.int32)
    strength[units], of_sub[units] = fit, sub
    silent = {t["theme"] for t in state.machine.digests["themes"] if t["says_nothing"]}
    found = Discovery(
        theme=theme,
        subtheme=np.where(theme == RARE, -1, of_sub[state.lead]).astype(np.int32),
        strength=np.where(theme == RARE, 0, strength[state.lead]).astype(np.float32),
        says_nothing=np.array([code in silent for code in codes]),
        units=units.astype(np.int32),
        features=vectors,
        unit_theme=at,
        unit_subtheme=sub,
    )
    return assemble.assemble(m, found, state.tools.pack)


def _read(of_unit: np.ndarray, fresh: np.ndarray) -> np.ndarray:
    """Which texts are read: all of the changed themes, and some of each other."""
    wanted = np.zeros(len(of_unit), bool)
    for number, is_fresh in enumerate(fresh):
        inside = np.flatnonzero(of_unit == number)
        step = 1 if is_fresh else max(1, -(-len(inside) // CONTRAST))
        wanted[inside[::step]] = True
    return np.flatnonzero(wanted)


def _features(state: Regrouping, units: np.ndarray, *, known: np.ndarray, speaks: np.ndarray) -> np.ndarray:
    """The features of `units`, as the discovery makes them; zeros where they are not `known`.

    The directions are learnt from the known and from texts spread over all that `speaks`.
    """
    m = state.material
    spread = speaks[:: max(1, -(-len(speaks) // BACKGROUND))]
    encoded = np.union1d(units[known], spread)
    encoded = encoded[np.argsort(m.first[encoded], kind="stable")]
    vectors = state.vectors(encoded).astype(np.float16)
    together = np.union1d(units, encoded)
    together = together[np.argsort(m.first[together], kind="stable")]
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        (work / "vectors").mkdir()
        for path, rows, at in m.parts_of(m.first[encoded]):
            shape = (pq.read_metadata(path).num_rows, vectors.shape[1])
            place = work / "vectors" / f"{path.stem}.npy"
            # The file has holes where nothing is known, so it takes little room.
            held = np.lib.format.open_memmap(place, mode="w+", dtype=np.float16, shape=shape)
            held[rows] = vectors[at]
            held.flush()
        made = features(work, m, together, seed=state.tools.seed, blocks=state.tools.blocks)
    order = np.argsort(together, kind="stable")
    found = made[order[np.searchsorted(together[order], units)]]
    return np.where(known[:, None], found, 0).astype(np.float32)


def _fit(vectors: np.ndarray, at: np.ndarray, n_themes: int) -> np.ndarray:
    """The cosine of each text to the centre of its theme, from 0 to 1."""
    centres = np.zeros((n_themes, vectors.shape[1]), np.float32)
    np.add.at(centres, at, vectors)
    return np.clip(np.einsum("ij,ij->i", vectors, unit_rows(centres)[at]), 0, 1).astype(np.float32)
