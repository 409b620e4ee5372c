"""The place stage: which territory an appeal is about, and which others it names.

Reads the original text (a place inside a masked name or home address still counts), what the author
declared, and coordinates. It names nodes of the pack's tree only; streets and houses are left to others.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.spatial import KDTree

from veche.core.appeal import APPEAL
from veche.core.errors import N_
from veche.core.finding import decisions
from veche.core.text import Texts
from veche.engine.stage import Context
from veche.packs.model import LEVELS
from veche.stages.columns import MASK, MASKS, PLACE, TEXT
from veche.stages.cues import overlaps
from veche.stages.gazetteer import ADJECTIVE, PLAIN, WEAK, Gazetteer, Mentions

_DECLARED, _ADDRESS = APPEAL.field("declared_territory"), APPEAL.field("address")
_LAT, _LON = APPEAL.field("lat"), APPEAL.field("lon")

#: How likely a single mention means its place, before several nodes share it (from hand-written cases):
#: a plain name, one with "город" beside it, a doubtful word with a capital letter, one with "город"
#: beside it, an adjective, and anything that the declared or a named larger place supports.
_PLAIN, _PLAIN_BESIDE = 0.88, 0.94
_WEAK, _WEAK_BESIDE = 0.65, 0.9
_ADJECTIVE, _SUPPORTED = 0.5, 0.85
_ADDRESSED, _DECLARED_SURE = 0.9, 0.94

#: What makes one of several namesakes likelier, as factors of its prior.
_BY_DECLARED, _BY_PARENT, _BY_POINT, _BY_REGION = 300.0, 200.0, 100.0, 10.0

#: How far a point may lie from the coordinates of a node of each level to be taken as in it.
_REACH_METRES = dict(zip(LEVELS, (0.0, 40_000.0, 40_000.0, 25_000.0, 3_500.0), strict=True))

#: How sure the node with the nearest coordinates is: 1 - 0.6 * ratio**3, where ratio is its distance by
#: that of the second nearest. So it was on 9,000 service requests of the City of Boston, from 0.99 below
#: a ratio of 0.3 to 0.5 at 1 (right in 0.89 of all). Districts cover their city; around other places lies
#: open land, which takes something off.
_NEAREST_SURE, _RATIO_LOSS, _OPEN_LAND_LOSS = 0.98, 0.6, 0.3
_SUPPORT_METRES = 60_000.0
_EARTH_METRES = 6_371_000.0

#: Of several namesakes the likeliest is named, and only if it is likelier than all others together.
_LEAST_SHARE = 0.5

#: A place below this strength is not named, and at most so many are.
_LEAST, _MOST = 0.2, 5

#: A place in another counts as the better answer if it is at least so strong beside it.
_DEEPER_FROM = 0.5

#: What a second place, neither in the first nor around it, takes from the confidence in the first:
#: much where both are only named, little where the first is declared.
_DOUBT, _DOUBT_DECLARED = 0.4, 0.15

#: So many declared territories are remembered; then all are forgotten, so that memory is bounded.
_MEMORY = 100_000

_KEY = 1 << 32


class _Readings(NamedTuple):
    """One entry per mention and node that it may mean. `mention` is -1 beyond the text of the appeal."""

    row: np.ndarray
    node: np.ndarray
    occasion: np.ndarray
    weight: np.ndarray
    needs_support: np.ndarray
    supports: np.ndarray
    mention: np.ndarray


class PlaceStage:
    """Adds the territories of an appeal: rank 0 is the deepest certain one, others follow by strength."""

    name = "place"
    version = "1"
    reads = (TEXT, MASKS, _DECLARED, _ADDRESS, _LAT, _LON)
    adds = (PLACE,)
    fallbacks: dict[str, str] = {  # noqa: RUF012 - part of the contract, never changed
        "masks": N_("words inside people's names count as places"),
        "declared_territory": N_("namesakes are told apart by the text alone"),
        "address": N_("the text alone"),
        "lat": N_("no place without a name"),
        "lon": N_("no place without a name"),
    }

    def open(self, context: Context) -> None:
        """Build the automaton of names and the index of coordinates."""
        self._gazetteer = Gazetteer(context.pack)
        self._located = np.flatnonzero(~np.isnan(self._gazetteer.points).any(axis=1))
        self._reach = np.array([_REACH_METRES[level] for level in LEVELS])[self._gazetteer.level]
        whole = (self._gazetteer.depth == 0) & (len(self._located) > 1)
        self._located = self._located[((self._reach > 0) & ~whole)[self._located]]
        self._tree = KDTree(_on_sphere(self._gazetteer.points[self._located])) if len(self._located) else None
        self._declared: dict[str, tuple[int, float]] = {}

    def __call__(self, batch: pa.Table) -> pa.Table:
        """Return `batch` with the column of places."""
        n = len(batch)
        texts = Texts(batch[TEXT.name])
        mentions = self._gazetteer.mentions(texts)
        in_name = _in_names(mentions, batch[MASKS.name])
        declared, declared_sure = self._declared_nodes(batch[_DECLARED.name])
        points = _points(batch)
        readings = [
            _named(self._gazetteer, mentions, in_name),
            self._addressed(batch[_ADDRESS.name]),
            _given(np.arange(n), declared, declared_sure),
            self._nearest(points),
        ]
        places = self._strengths(_join(readings), declared, points)
        return batch.append_column(PLACE, _column(n, self._gazetteer, places, mentions, declared))

    def _declared_nodes(self, column: pa.ChunkedArray) -> tuple[np.ndarray, np.ndarray]:
        """Return the node (-1 for none) and strength of each row's declared territory."""
        coded = pc.dictionary_encode(column.cast(pa.string()).combine_chunks())
        values = coded.dictionary.to_pylist()
        if len(self._declared) > _MEMORY:
            self._declared = {}
        self._learn([v for v in values if v not in self._declared])
        pairs = [self._declared[v] for v in values] + [(-1, 0.0)]
        index = pc.fill_null(coded.indices, len(values)).to_numpy(zero_copy_only=False)
        nodes, sure = np.array([p[0] for p in pairs], np.int64), np.array([p[1] for p in pairs])
        return nodes[index], sure[index]

    def _learn(self, values: list[str]) -> None:
        """Remember what declared territories mean."""
        texts = Texts(pa.array(values, pa.string()))
        readings = _stated(self._gazetteer, self._gazetteer.mentions(texts), _DECLARED_SURE)
        nowhere = np.full(len(values), -1)
        places = self._strengths(readings, nowhere, np.full((len(values), 2), np.nan))
        best = dict(zip(places.row[::-1].tolist(), np.arange(len(places.row))[::-1].tolist(), strict=True))
        for i, value in enumerate(values):
            code = self._gazetteer.number.get(value.strip().lower())
            at = best.get(i)
            if code is not None:
                self._declared[value] = (code, _DECLARED_SURE)
            elif at is not None:
                self._declared[value] = (int(places.node[at]), float(places.strength[at]))
            else:
                self._declared[value] = (-1, 0.0)

    def _addressed(self, column: pa.ChunkedArray) -> _Readings:
        if column.null_count == len(column):
            return _nothing()
        return _stated(self._gazetteer, self._gazetteer.mentions(Texts(column)), _ADDRESSED)

    def _nearest(self, points: np.ndarray) -> _Readings:
        rows = np.flatnonzero(~np.isnan(points).any(axis=1))
        if self._tree is None or not len(rows):
            return _nothing()
        chord, nearest = map(np.asarray, self._tree.query(_on_sphere(points[rows]), k=2))
        node = self._located[nearest[:, 0]]
        share = chord[:, 0] * _EARTH_METRES / self._reach[node]
        ratio = np.minimum(chord[:, 0] / np.maximum(chord[:, 1], 1e-12), 1)
        open_land = self._gazetteer.level[node] != LEVELS.index("district")
        sure = _NEAREST_SURE * (1 - _RATIO_LOSS * ratio**3) * (1 - _OPEN_LAND_LOSS * share * open_land)
        close = share <= 1
        return _given(rows[close], node[close], sure[close])

    def _strengths(self, r: _Readings, declared: np.ndarray, points: np.ndarray) -> "_Places":
        """Weigh namesakes against each other and return places per row, the best first."""
        gazetteer = self._gazetteer
        deep = gazetteer.depth > 0
        sole = np.bincount(r.occasion)[r.occasion] == 1 if len(r.row) else np.zeros(0, bool)
        supporters = np.unique((r.row * _KEY + r.node)[sole & r.supports & deep[r.node]])
        by_declared = gazetteer.related(r.node, declared[r.row]) & deep[declared[r.row]]
        by_parent = _any_ancestor(gazetteer, r.row, r.node, supporters)
        by_region = _in_region_of(gazetteer, r.row, r.node, supporters)
        by_point = _metres(points[r.row], gazetteer.area_points[r.node]) < _SUPPORT_METRES
        likely = gazetteer.prior[r.node] * np.prod(
            [
                np.where(by_declared, _BY_DECLARED, 1.0),
                np.where(by_parent, _BY_PARENT, 1.0),
                np.where(by_point, _BY_POINT, 1.0),
                np.where(by_region, _BY_REGION, 1.0),
            ],
            axis=0,
        )
        known = ~r.needs_support | by_declared | by_parent | by_point
        likely *= known
        total = np.bincount(r.occasion, weights=likely)[r.occasion] if len(r.row) else likely
        share = np.divide(likely, total, out=np.zeros_like(likely), where=total > 0)
        share[share <= _LEAST_SHARE] = 0
        weight = np.where(by_declared | by_parent, np.maximum(r.weight, _SUPPORTED), r.weight)
        return _ranked(gazetteer, r, weight * share)


class _Places(NamedTuple):
    """Places of rows, sorted by row and rank. `reading` lists, per place, the mentions that name it."""

    row: np.ndarray
    node: np.ndarray
    strength: np.ndarray
    rank: np.ndarray
    mentions: list[list[int]]


def _named(gazetteer: Gazetteer, mentions: Mentions, in_name: np.ndarray) -> _Readings:
    """Read the names in the text of appeals."""
    at, node, kind = _expand(gazetteer, mentions)
    beside, capital = mentions.place_beside[at], mentions.capital[at]
    at_start, street = mentions.sentence_start[at], mentions.street[at]
    person = in_name[at]
    weight = np.zeros(len(at))
    weight[kind == PLAIN] = _PLAIN
    weight[(kind == PLAIN) & beside] = _PLAIN_BESIDE
    weight[(kind == PLAIN) & mentions.namesake[at]] = 0
    weak = (kind == WEAK) & ~street & (~person | beside)
    weight[weak] = _WEAK
    weight[weak & beside] = _WEAK_BESIDE
    needs_support = weak & ~(capital & ~at_start) & ~beside
    weight[(kind == ADJECTIVE) & ~street & ~person & (at_start | ~capital)] = _ADJECTIVE
    kept = weight > 0
    return _Readings(
        mentions.found.row[at][kept],
        node[kept],
        at[kept],
        weight[kept],
        needs_support[kept],
        ((kind == PLAIN) | (weak & beside))[kept],
        at[kept],
    )


def _stated(gazetteer: Gazetteer, mentions: Mentions, sure: float) -> _Readings:
    """Read the names in a text that states a place and nothing else."""
    at, node, kind = _expand(gazetteer, mentions)
    kept = (kind != ADJECTIVE) & ~mentions.namesake[at] & ~(mentions.street[at] & (kind == WEAK))
    at, node = at[kept], node[kept]
    no = np.zeros(len(at), bool)
    return _Readings(mentions.found.row[at], node, at, np.full(len(at), sure), no, ~no, np.full(len(at), -1))


def _given(rows: np.ndarray, nodes: np.ndarray, strength: np.ndarray) -> _Readings:
    """Read nodes that are known without a name (-1 for none)."""
    kept = nodes >= 0
    count = int(kept.sum())
    no = np.zeros(count, bool)
    return _Readings(rows[kept], nodes[kept], np.arange(count), strength[kept], no, no, np.full(count, -1))


def _nothing() -> _Readings:
    none = np.zeros(0, np.int64)
    return _given(none, none, np.zeros(0))


def _expand(gazetteer: Gazetteer, mentions: Mentions) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return mention, node and kind of each mention with each node that it may mean."""
    first, last = gazetteer.offsets[mentions.found.which], gazetteer.offsets[mentions.found.which + 1]
    counts = last - first
    at = np.repeat(np.arange(len(counts)), counts)
    entry = np.repeat(first - (np.cumsum(counts) - counts), counts) + np.arange(counts.sum())
    return at, gazetteer.nodes[entry].astype(np.int64), gazetteer.kinds[entry]


def _join(parts: list[_Readings]) -> _Readings:
    shifted, base = [], 0
    for part in parts:
        shifted.append(part._replace(occasion=part.occasion + base))
        base += int(part.occasion.max()) + 1 if len(part.occasion) else 0
    return _Readings(*(np.concatenate(columns) for columns in zip(*shifted, strict=True)))


def _any_ancestor(gazetteer: Gazetteer, row: np.ndarray, node: np.ndarray, keys: np.ndarray) -> np.ndarray:
    out = np.zeros(len(row), bool)
    for ancestors in gazetteer.ancestors[node].T:
        out |= (ancestors >= 0) & np.isin(row * _KEY + ancestors, keys)
    return out


def _in_region_of(gazetteer: Gazetteer, row: np.ndarray, node: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """Return whether a supporter of the row lies in the same child of the root."""
    top = _top(gazetteer, keys % _KEY)
    return np.isin(row * _KEY + _top(gazetteer, node), keys // _KEY * _KEY + top)


def _top(gazetteer: Gazetteer, node: np.ndarray) -> np.ndarray:
    below_root = gazetteer.depth[node] - 2
    return np.where(below_root < 0, node, gazetteer.ancestors[node, np.maximum(below_root, 0)])


def _ranked(gazetteer: Gazetteer, r: _Readings, weight: np.ndarray) -> _Places:
    keys, at = np.unique(r.row * _KEY + r.node, return_inverse=True)
    row, node = keys // _KEY, keys % _KEY
    strength = 1 - np.exp(np.bincount(at, weights=np.log1p(-np.minimum(weight, 0.999)), minlength=len(keys)))
    order_by = strength.copy()
    for ancestors in gazetteer.ancestors[node].T:
        where = np.searchsorted(keys, row * _KEY + ancestors)
        where[where == len(keys)] = 0
        above = np.where((ancestors >= 0) & (keys[where] == row * _KEY + ancestors), strength[where], 0.0)
        deeper = strength >= _DEEPER_FROM * above
        order_by = np.where(deeper & (above > 0), np.maximum(order_by, above + 0.01), order_by)
    kept = np.flatnonzero(strength >= _LEAST)
    # What is declared goes before what is as strong but only named in the text.
    declared = np.bincount(at, weights=r.mention < 0, minlength=len(keys))
    order = kept[np.lexsort((node[kept], -declared[kept], -order_by[kept], row[kept]))]
    rank = _rank_in_row(row[order])
    order, rank = order[rank < _MOST], rank[rank < _MOST]
    found: list[list[int]] = [[] for _ in keys]
    for key, mention in zip(at.tolist(), r.mention.tolist(), strict=True):
        if mention >= 0:
            found[key].append(mention)
    return _Places(row[order], node[order], strength[order], rank, [found[i] for i in order.tolist()])


def _rank_in_row(row: np.ndarray) -> np.ndarray:
    first = np.flatnonzero(np.concatenate([[True], row[1:] != row[:-1]])) if len(row) else row
    return np.arange(len(row)) - np.repeat(first, np.diff(np.append(first, len(row))))


def _column(
    n: int, gazetteer: Gazetteer, places: _Places, mentions: Mentions, declared: np.ndarray
) -> pa.Array:
    row, node, strength = places.row, places.node, places.strength
    heads = np.flatnonzero(places.rank == 0)
    head = heads[np.cumsum(places.rank == 0) - 1]
    other = ~gazetteer.related(node, node[head])
    rival = np.zeros(n)
    np.maximum.at(rival, row[other], strength[other])
    is_declared = gazetteer.related(node, declared[row])
    doubt = np.where(is_declared, _DOUBT_DECLARED, _DOUBT) * np.minimum(rival[row] / strength, 1)
    confidence = np.where(places.rank == 0, strength * (1 - doubt), np.where(other, strength / 2, strength))
    start, end = mentions.found.start, mentions.found.end
    evidence = [[(int(start[m]), int(end[m])) for m in several] for several in places.mentions]
    values = [gazetteer.codes[i] for i in node.tolist()]
    return decisions(n, row, values, confidence, ranks=places.rank, evidence=evidence)


def _in_names(mentions: Mentions, column: pa.ChunkedArray) -> np.ndarray:
    """Return per mention whether it touches a masked name of a person."""
    masks = column.combine_chunks()
    if masks.type != MASKS.type or not len(mentions.found.row):
        return np.zeros(len(mentions.found.row), bool)
    spans = masks.flatten()
    names = (
        pc.equal(spans.field(MASK.get_field_index("type")), "name")
        .to_numpy(zero_copy_only=False)
        .astype(bool)
    )
    base = pc.list_parent_indices(masks).to_numpy(zero_copy_only=False)[names] * _KEY
    start = base + spans.field("start").to_numpy(zero_copy_only=False)[names]
    end = base + spans.field("end").to_numpy(zero_copy_only=False)[names]
    if not len(start):
        return np.zeros(len(mentions.found.row), bool)
    at = mentions.found.row * _KEY
    return overlaps(at + mentions.found.start, at + mentions.found.end, start, end)


def _points(batch: pa.Table) -> np.ndarray:
    columns = [batch[f.name].cast(pa.float64()).fill_null(np.nan).to_numpy() for f in (_LAT, _LON)]
    return np.stack(columns, axis=1)


def _on_sphere(points: np.ndarray) -> np.ndarray:
    lat, lon = np.radians(points).T
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)


def _metres(points: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the distance along the chord, NaN where either is unknown."""
    return np.linalg.norm(_on_sphere(points) - _on_sphere(others), axis=1) * _EARTH_METRES
