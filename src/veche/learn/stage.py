"""What a model decides in a run: for each of its facets a stage that adds the facet's decisions.

Where a facet is one of the pack's, and labels of the model are codes of the pack, the stage takes the place
of the pack's own. That one still runs inside it: it speaks for the values that the model has no word for, so
that a new topic needs no training.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from veche.core.appeal import APPEAL
from veche.core.errors import N_, ModelDamaged, ModelOfOtherPack, UnknownFacet
from veche.core.finding import decisions, facet_field, first_values
from veche.core.i18n import _
from veche.core.ids import file_digest
from veche.engine.stage import Context, Stage
from veche.learn.alone import STRANGE, Doubt, Doubts
from veche.learn.card import PRECISION
from veche.learn.circumstances import circumstances
from veche.learn.evidence import evidence
from veche.learn.examples import TRAITS, Inputs
from veche.learn.file import load
from veche.learn.labels import codes_of
from veche.learn.rivals import Rivals, part_of, rivals_of, share_of
from veche.packs.model import Pack
from veche.stages.columns import LANGUAGE, MASKED_TEXT, MASKS, MATTERS, PLACE, TEXT, TOKENS, VECTORS
from veche.stages.documents import Documents, documents
from veche.stages.spans import array_of

#: Labels that are named of a matter, and the chance below which only the first of them is worth naming.
MOST, LEAST = 3, 0.05

#: Ends the name of the column that says which decisions of a facet need nobody.
DECIDED = "_decided"

#: A facet whose name the run needs for something else is written under this and its name.
_OWN = "label_"

_CHANNEL = APPEAL.field("channel")
_RECEIVED, _LAT, _LON = (APPEAL.field(name) for name in ("received_at", "lat", "lon"))
_DIGEST_SHOWN = 12


@dataclass(frozen=True)
class Role:
    """A facet of a model in a run: the `column` that it is written to, whether it takes the place of the
    pack's stage (`replaces`), and the `precision` that is promised."""

    facet: str
    column: str
    replaces: bool
    precision: float


@dataclass(frozen=True)
class Use:
    """A model that a run uses: its file, the file's SHA-256, code and version of the pack that it was made
    with, and its facets."""

    path: Path
    sha256: str
    pack: tuple[str, str]
    roles: tuple[Role, ...]


def use_of(path: Path, *, pack: Pack, precision: Mapping[str, float], taken: Sequence[str]) -> Use:
    """Return how a run uses the model at `path`.

    `precision` goes from facet to what is promised, "" for those not named. `taken` are the columns that a
    run writes beside the model's.

    Raises:
        NoSuchModel, NotAModel, ModelDamaged, ModelNewer: as `veche.learn.file.load`.
        ModelOfOtherPack: it was made with a pack that is neither `pack` nor one that `pack` extends.
        UnknownFacet: `precision` names a facet that the model does not have.
    """
    model, digest = load(path), file_digest(path)
    theirs = model.card["pack"]
    # A model of examples that came with no pack knows nothing of any.
    if theirs["code"] not in ("", pack.code, *pack.extends):
        raise ModelOfOtherPack(path=path, theirs=theirs["code"], pack=pack.code)
    unknown = [facet for facet in precision if facet and facet not in model.facets]
    if unknown:
        raise UnknownFacet(path=path, facet=unknown[0], known=", ".join(model.facets))
    usual = precision.get("", PRECISION)
    roles = []
    used = {name.casefold() for name in taken}
    for facet, one in model.facets.items():
        replaces = not _codes(one.labels.names).isdisjoint(codes_of(pack, facet))
        column = facet
        while (column.casefold() in used and not (replaces and column == facet)) or not column:
            column = _OWN + column
        used |= {column.casefold(), (column + DECIDED).casefold()}
        roles.append(Role(facet, column, replaces, precision.get(facet, usual)))
    return Use(path, digest, (theirs["code"], theirs["version"]), tuple(roles))


def with_model(stages: Sequence[Stage], use: Use | None, *, skip: Collection[str] = ()) -> list[Stage]:
    """Return `stages` with those of the model, each in the place of the stage that adds its column.

    A stage that is skipped does not speak beside the model either.
    """
    found = list(stages)
    if use is None:
        return found
    for role in use.roles:
        replaced = [s for s in found if role.replaces and [f.name for f in s.adds] == [role.column]]
        rival = next((stage for stage in replaced if stage.name not in skip), None)
        found = [stage for stage in found if stage not in replaced]
        found.append(LearntStage(use, role, rival))
    return found


class _Named(NamedTuple):
    """Labels that are named, f in all, by document and `rank`: their `label` or, where the pack's stage
    speaks, the number of the `rival` (the other is -1), their `chance`, and which of them `stand` as
    decided: the first, or in a multi facet all that are said."""

    document: np.ndarray
    rank: np.ndarray
    label: np.ndarray
    rival: np.ndarray
    chance: np.ndarray
    stands: np.ndarray


class LearntStage:
    """Adds one facet of a model and, in a second column, which of its decisions need nobody.

    `rival`: the stage of the pack whose place it takes, where there is one.
    """

    def __init__(self, use: Use, role: Role, rival: Stage | None) -> None:
        own = (TEXT, MASKED_TEXT, MASKS, TOKENS, MATTERS, VECTORS, LANGUAGE, PLACE)
        beside = (_CHANNEL, _RECEIVED, _LAT, _LON)
        inner = rival.reads if rival else ()
        made = {field.name for field in rival.adds} if rival else set()
        self._use, self._role, self._rival = use, role, rival
        self.name = f"model.{role.column}"
        self.version = use.sha256[:_DIGEST_SHOWN] + (f"+{rival.name} {rival.version}" if rival else "")
        self.reads = tuple({f.name: f for f in (*own, *beside, *inner) if f.name not in made}.values())
        self.adds = (facet_field(role.column), facet_field(role.column + DECIDED))
        self.fallbacks = dict(rival.fallbacks if rival else {}) | {
            "vectors": N_("words alone, with less confidence"),
            "tokens": N_("words alone, with less confidence"),
            "matters": N_("the whole appeal only"),
            "masks": N_("words are looked for in all of the text"),
            "language": N_("all languages are trusted alike"),
            "place": N_("without the territory"),
            "channel": N_("without the channel"),
            "received_at": N_("without the time"),
            "lat": N_("without the point"),
            "lon": N_("without the point"),
        }

    def open(self, context: Context) -> None:
        """Read the model and choose the chances from which on nobody is asked.

        Raises:
            ModelDamaged: the file is not the one that the run began with.
        """
        use = self._use
        if file_digest(use.path) != use.sha256:
            raise ModelDamaged(path=use.path, reason=_("it was changed while the run went on"))
        model = load(use.path)
        self._facet = model.facets[self._role.facet]
        self._doubts = Doubts(model.card["portrait"], self._facet.seen, precision=self._role.precision)
        self._threads, self._timezone = context.threads, context.pack.timezone
        self._names = pa.array(self._facet.labels.names, pa.string())
        if self._rival:
            self._rival.open(context)

    def __call__(self, batch: pa.Table) -> pa.Table:
        """Return `batch` with the facet's decisions, and which of them need nobody."""
        column, decided = self.adds
        if not batch.num_rows:
            nothing = decisions(0, [], [], [])
            return batch.append_column(column, nothing).append_column(decided, nothing)
        pack_says = self._rival(batch).column(column.name) if self._rival else None
        found = documents(batch)
        places = pack_says if column.name == PLACE.name else _column(batch, PLACE.name)
        inputs = inputs_of(batch, found, places, timezone=self._timezone)
        doubt = self._doubts.of(inputs)
        rivals = rivals_of(pack_says, found, self._facet.labels)
        named = self._named(inputs, doubt.readable, rivals)
        made = self._decisions(batch, found, named, rivals)
        return batch.append_column(column, made).append_column(
            decided, self._decided(batch, found, named, doubt)
        )

    def _named(self, inputs: Inputs, readable: np.ndarray, rivals: Rivals) -> _Named:
        facet = self._facet
        chances = facet.calibration.chances(facet.head.scores(inputs, threads=self._threads))
        said = facet.saying.said(chances)
        document, label = _likeliest(chances, said)
        kept = readable[document]
        document, label = document[kept], label[kept]
        new = share_of(rivals, chances.max(axis=1, initial=0.0), facet.seen.chance)
        chance = chances[document, label] * (1.0 - new[document])
        theirs = new[rivals.document] * part_of(rivals)
        none, no_rival = np.full(len(theirs), -1, np.int64), np.full(len(label), -1, np.int64)
        return _ranked(
            np.concatenate([document, rivals.document]),
            np.concatenate([label, none]),
            np.concatenate([no_rival, np.arange(len(theirs))]),
            np.concatenate([chance, theirs]),
            said=said if facet.labels.multi else None,
        )

    def _decisions(self, batch: pa.Table, found: Documents, named: _Named, rivals: Rivals) -> pa.Array:
        own = np.flatnonzero(named.label >= 0)
        spans: list[list[tuple[int, int]]] = [
            rivals.evidence[i] if i >= 0 else [] for i in named.rival.tolist()
        ]
        shown = evidence(batch, found, self._facet.head, document=named.document[own], label=named.label[own])
        for at, words in zip(own.tolist(), shown, strict=True):
            spans[at] = words
        values = pa.concat_arrays([self._names, rivals.value])
        at = np.where(named.label >= 0, named.label, len(self._names) + named.rival)
        return decisions(
            batch.num_rows,
            found.row[named.document],
            values.take(pa.array(at)),
            named.chance,
            matters=found.matter[named.document],
            ranks=named.rank,
            evidence=spans,
        )

    def _decided(self, batch: pa.Table, found: Documents, named: _Named, doubt: Doubt) -> pa.Array:
        document, label = named.document[named.stands], named.label[named.stands]
        chance = named.chance[named.stands]
        codes = self._doubts.codes(doubt, document=document, label=label, chance=chance)
        unread = np.flatnonzero(~doubt.readable & (np.bincount(document, minlength=len(found.row)) == 0))
        document = np.concatenate([document, unread])
        return decisions(
            batch.num_rows,
            found.row[document],
            pa.array([*codes, *[STRANGE] * len(unread)], pa.string()),
            np.ones(len(document)),
            matters=found.matter[document],
            ranks=np.concatenate([named.rank[named.stands], np.zeros(len(unread), np.int64)]),
        )


def _column(batch: pa.Table, name: str) -> pa.ChunkedArray | None:
    return batch.column(name) if name in batch.column_names else None


def _codes(names: Sequence[str]) -> set[str]:
    """Return the codes of values "code" and "code@territory"."""
    return {name.split("@")[0] for name in names}


def inputs_of(batch: pa.Table, found: Documents, places: pa.ChunkedArray | None, *, timezone: str) -> Inputs:
    """Return the documents as a model sees them; `places`: the column of places, None where there is none;
    hours and days are those of `timezone`."""
    rows = pa.array(found.row)
    place = pa.nulls(batch.num_rows, pa.string()) if places is None else first_values(places)
    traits = {
        "language": first_values(array_of(batch, LANGUAGE)),
        "territory": place,
        "channel": array_of(batch, _CHANNEL),
    }
    when, lat, lon = (array_of(batch, field) for field in (_RECEIVED, _LAT, _LON))
    beside = circumstances(when, lat, lon, timezone=timezone)
    unread = {name: pa.nulls(batch.num_rows, pa.string()) for name in TRAITS if name not in traits}
    return Inputs(
        pc.fill_null(found.texts, ""),
        found.vectors,
        {name: column.take(rows) for name, column in (traits | unread).items()},
        {name: column.take(rows) for name, column in beside.items()},
    )


def _likeliest(chances: np.ndarray, said: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return document and label of the first, of the next that are likely enough, and of all `said`."""
    d, c = chances.shape
    k = min(MOST, c)
    if not d or not k:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    near = np.sort(np.argpartition(-chances, k - 1, axis=1)[:, :k], axis=1)
    named = said.copy()
    document = np.repeat(np.arange(d), k)
    named[document, near.ravel()] |= chances[document, near.ravel()] >= LEAST
    named[np.arange(d), chances.argmax(axis=1)] = True
    document, label = np.nonzero(named)
    return document, label


def _ranked(
    document: np.ndarray, label: np.ndarray, rival: np.ndarray, chance: np.ndarray, *, said: np.ndarray | None
) -> _Named:
    """Return the candidates by chance, `MOST` of each document and in a multi facet all that are `said`."""
    order = np.lexsort((rival, label, -chance, document))
    document, label, rival, chance = document[order], label[order], rival[order], chance[order]
    rank = np.arange(len(document)) - np.searchsorted(document, document, side="left")
    own = label >= 0
    stands = rank == 0 if said is None else own & said[document, np.maximum(label, 0)]
    kept = stands | ((rank < MOST) & (own | (chance >= LEAST)))
    return _Named(document[kept], rank[kept], label[kept], rival[kept], chance[kept], stands[kept])
