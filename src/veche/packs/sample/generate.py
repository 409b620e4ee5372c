"""Makes sample appeals block by block; each block comes from (seed, block) alone and in order of time."""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import date
from functools import partial
from itertools import chain
from random import Random
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from veche.packs.model import Pack
from veche.packs.sample.again import draw_pairs
from veche.packs.sample.answers import Answers
from veche.packs.sample.compose import Composer, Row
from veche.packs.sample.material import Campaign, Material, Theme, Voice, read_material
from veche.packs.sample.people import makers
from veche.packs.sample.places import Places, Spot
from veche.packs.sample.rhythm import Rhythm
from veche.packs.sample.writer import DRAWN, Writer

#: Appeals in a block.
BLOCK = 4096

APPEALS = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
        pa.field("received_at", pa.timestamp("us", "UTC")),
        pa.field("channel", pa.string()),
        pa.field("territory", pa.string()),
        pa.field("lat", pa.float64()),
        pa.field("lon", pa.float64()),
        pa.field("age", pa.int16()),
        pa.field("sex", pa.string()),
        pa.field("occupation", pa.string()),
        pa.field("author", pa.string()),
    ]
)

_SPAN = pa.struct([pa.field("start", pa.int32()), pa.field("end", pa.int32()), pa.field("type", pa.string())])

#: `place` is null where neither text nor declared territory tells it, `urgency` where it is open to dispute.
#: `body` is what the pack's rules say of topic, place and day. `copy_of` is the id of the first of its
#: copies, `repeat_of` that of the appeal which the same author now says in other words; `role` and `voice`
#: say how the text was made.
TRUTH = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("topic", pa.string()),
        pa.field("topics", pa.list_(pa.string())),
        pa.field("body", pa.string()),
        pa.field("place", pa.string()),
        pa.field("place_in_text", pa.bool_()),
        pa.field("kind", pa.string()),
        pa.field("urgency", pa.string()),
        pa.field("language", pa.string()),
        pa.field("group", pa.list_(pa.string())),
        pa.field("spans", pa.list_(_SPAN)),
        pa.field("copy_of", pa.string()),
        pa.field("repeat_of", pa.string()),
        pa.field("theme", pa.string()),
        pa.field("role", pa.string()),
        pa.field("voice", pa.string()),
    ]
)

#: Of the appeals in a campaign's days, at most this share are its copies.
_MOST_COPIES = 0.35

#: Roles that are placed by row, and not drawn for each.
_PLACED = ("campaign", "repeat", "again", "theme")

#: What the streams of numbers beside those of the blocks are drawn for.
_CAMPAIGNS, _ADDRESSES, _PAIRS = 2**32, 2**32 + 1, 2**32 + 2

_MOST_ADDRESSES = 1 << 14


class Block(NamedTuple):
    """Two tables with the same rows: `appeals` (`APPEALS`) and `truth` (`TRUTH`)."""

    appeals: pa.Table
    truth: pa.Table


class _Drive(NamedTuple):
    """A campaign in this sample: its first row, the row after its last, its place and its share."""

    campaign: Campaign
    first: int
    end: int
    spot: Spot
    share: float


def generate(pack: Pack, *, n: int, seed: int, start: date) -> Iterator[Block]:
    """Yield `n` appeals over four weeks from `start`, in blocks of 4,096 in order of time.

    Raises:
        PackError: the pack has no material for sample appeals, or a broken one.
    """
    sample = Sample(pack, n=n, seed=seed, start=start)
    for block in range(-(-n // BLOCK)):
        yield sample.block(block)


class Sample:
    """A sample of `n` appeals over four weeks from `start`, whose blocks can be made in any order."""

    def __init__(self, pack: Pack, *, n: int, seed: int, start: date) -> None:
        self._material: Material = read_material(pack.path)
        self._n, self._seed, self._zone = n, seed, pack.timezone
        writer = Writer(
            self._material,
            makers=makers(self._material.people),
            draw=_numbers(_generator(seed, _ADDRESSES)),
            year=start.year,
            addresses=min(n, _MOST_ADDRESSES),
        )
        situations = {s.topic: s for s in self._material.situations if s.topic in pack.topics}
        self._composer = Composer(
            self._material,
            situations,
            writer,
            # A topic is as frequent as there are ways of saying it.
            topics=[topic for topic, one in situations.items() for _phrase in one.phrases],
            urgencies={code: topic.urgency for code, topic in pack.topics.items()},
        )
        self._answers = Answers(pack)
        self._places = Places(pack, language=self._material.language)
        self._rhythm = Rhythm(start, zone=pack.timezone)
        shares, by_role = np.array(self._material.channel_shares), self._material.shares
        self._channels_cumulated = np.cumsum(shares / shares.sum()).tolist()
        plain = {k: v for k, v in by_role.items() if k not in _PLACED}
        self._roles = (*plain, "theme", "ordinary")
        self._roles_cumulated = np.cumsum([*plain.values(), self._theme_share()])
        self._drives = list(self._campaigns())
        self._themes = [(t, int(self._rhythm.quantile(t.day) * n)) for t in self._material.themes]
        self._pairs = draw_pairs(
            n,
            copied=by_role["repeat"],
            reworded=by_role["again"],
            places=self._places,
            spared={drive.first for drive in self._drives},
            rhythm=self._rhythm,
            rng=_generator(seed, _PAIRS),
        )

    def block(self, block: int) -> Block:
        """Make one block."""
        first = block * BLOCK
        size = min(BLOCK, self._n - first)
        rng = _generator(self._seed, block)
        uniform = rng.random((5, size))
        composer = self._composer.drawing(_numbers(rng))
        moments = self._rhythm.moments((first + np.arange(size) + uniform[0]) / self._n)
        rows = self._rows(composer, first, uniform)
        ids, arrived = self._ids(first, size), pa.array(moments, pa.timestamp("us", "UTC"))
        return Block(_appeals(rows, ids, arrived), _truth(rows, ids, self._bodies(rows, arrived)))

    def _rows(self, composer: Composer, first: int, uniform: np.ndarray) -> list[Row]:
        by_role, by_spot, by_channel = uniform[1:4]
        voices = uniform[4].tolist()
        roles = np.searchsorted(self._roles_cumulated, by_role, side="right").tolist()
        spots = self._places.draw(by_spot)
        channels = np.searchsorted(self._channels_cumulated, by_channel, side="right").tolist()
        rows: list[Row] = []
        for i in range(len(spots)):
            if first + i in self._pairs:
                rows.append(self._one_of_pair(first + i))
                continue
            channel, voice = self._heard(channels[i], voices[i])
            row = self._copy(composer, first + i, channel=channel, uniform=by_role[i])
            role = self._roles[min(roles[i], len(self._roles) - 1)]
            theme = self._theme(first + i)
            if row is not None:
                pass
            elif role == "theme" and theme is not None:
                row = composer.theme(theme, spot=spots[i], channel=channel, voice=voice)
            else:
                role = "ordinary" if role == "theme" else role
                row = composer.row(role, spot=spots[i], channel=channel, voice=voice)
            rows.append(row)
        return rows

    def _one_of_pair(self, row: int) -> Row:
        """Compose the first letter of a pair, and the second from it."""
        pair = self._pairs[row]
        # A generator of NumPy takes longer to make than the letter.
        numbers = Random(self._seed << 64 | pair.number)
        composer = self._composer.drawing(iter(partial(numbers.getrandbits, 31), -1))
        heard = [self._heard(self._channel(numbers.random()), numbers.random()) for _letter in range(2)]
        spot = self._places.spots[pair.spot]
        first = composer.row("ordinary", spot=spot, channel=heard[0][0], voice=heard[0][1])
        if row == pair.first:
            return first
        if pair.copied:
            return composer.repeat(first, of=self._id(pair.first))
        return composer.again(first, of=self._id(pair.first), channel=heard[1][0], voice=heard[1][1])

    def _channel(self, uniform: float) -> int:
        return bisect_right(self._channels_cumulated, uniform)

    def _bodies(self, rows: list[Row], arrived: pa.Array) -> list[str | None]:
        local = pc.call_function("local_timestamp", [arrived.cast(pa.timestamp("us", self._zone))])
        days = local.cast(pa.date32(), safe=False).to_pylist()
        return [
            self._answers.body(row.topics[0], place=_place(row) or "", day=day) if row.topics else None
            for row, day in zip(rows, days, strict=True)
        ]

    def _copy(self, composer: Composer, row: int, *, channel: str, uniform: float) -> Row | None:
        """Return a campaign's text where one stands at `row`; the first of a campaign always does."""
        for drive in self._drives:
            if row == drive.first:
                return composer.campaign(drive.campaign, first=None, spot=drive.spot, channel=channel)
        for drive in self._drives:
            if drive.first < row < drive.end and uniform > 1 - drive.share:
                first = self._id(drive.first)
                return composer.campaign(drive.campaign, first=first, spot=drive.spot, channel=channel)
        return None

    def _theme(self, row: int) -> Theme | None:
        begun = [theme for theme, first in self._themes if row >= first]
        return begun[row % len(begun)] if begun else None

    def _heard(self, channel: int, uniform: float) -> tuple[str, Voice]:
        heard = self._material.channels[min(channel, len(self._material.channels) - 1)]
        at = bisect_right(heard.cumulated, uniform)
        return heard.code, self._material.voices[heard.voices[min(at, len(heard.voices) - 1)]]

    def _campaigns(self) -> Iterator[_Drive]:
        """Place the campaigns; together they make the share of the appeals that the material asks for."""
        rng = _generator(self._seed, _CAMPAIGNS)
        spots = self._places.draw(rng.random(len(self._material.campaigns)))
        windows = []
        for campaign, spot in zip(self._material.campaigns, spots, strict=True):
            first = int(self._rhythm.quantile(campaign.day) * self._n)
            end = int(self._rhythm.quantile(campaign.day + campaign.days) * self._n)
            if end > first + 1:
                windows.append((campaign, first, end, spot))
        total = sum(end - first for _c, first, end, _s in windows)
        share = min(self._material.shares["campaign"] * self._n / max(total, 1), _MOST_COPIES)
        return (_Drive(campaign, first, end, spot, share) for campaign, first, end, spot in windows)

    def _theme_share(self) -> float:
        """Return the share of themes, raised for the days before they begin."""
        after = 1 - min((self._rhythm.quantile(t.day) for t in self._material.themes), default=0.0)
        return self._material.shares["theme"] / max(after, 0.1)

    def _id(self, row: int) -> str:
        return f"s{self._seed}-{row:08}"

    def _ids(self, first: int, size: int) -> list[str]:
        return [self._id(row) for row in range(first, first + size)]


def _generator(seed: int, stream: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64([seed, stream]))


def _numbers(rng: np.random.Generator) -> Iterator[int]:
    chunks = iter(lambda: rng.integers(0, DRAWN, size=1 << 15).tolist(), None)
    return chain.from_iterable(chunks)


def _appeals(rows: list[Row], ids: list[str], arrived: pa.Array) -> pa.Table:
    columns = [
        ids,
        [row.text for row in rows],
        arrived,
        [row.channel for row in rows],
        [_declared(row) for row in rows],
        [row.located[0] if row.located else None for row in rows],
        [row.located[1] if row.located else None for row in rows],
        [row.age for row in rows],
        [row.sex for row in rows],
        [row.occupation for row in rows],
        [row.author for row in rows],
    ]
    return pa.table(columns, schema=APPEALS)


def _declared(row: Row) -> str | None:
    if not row.declared:
        return None
    spot = row.spot
    return f"{spot.region}, {spot.title}" if spot.shared and spot.region != spot.title else spot.title


def _place(row: Row) -> str | None:
    return row.spot.code if row.named or row.declared else None


def _truth(rows: list[Row], ids: list[str], bodies: list[str | None]) -> pa.Table:
    columns = [
        ids,
        [row.topics[0] if row.topics else None for row in rows],
        [row.topics for row in rows],
        bodies,
        [_place(row) for row in rows],
        [row.named for row in rows],
        [row.kind for row in rows],
        [row.urgency for row in rows],
        [row.language for row in rows],
        [list(dict.fromkeys(row.groups)) for row in rows],
        _spans(rows),
        [row.copy_of for row in rows],
        [row.repeat_of for row in rows],
        [row.theme for row in rows],
        [row.role for row in rows],
        [row.voice for row in rows],
    ]
    return pa.table(columns, schema=TRUTH)


def _spans(rows: list[Row]) -> pa.Array:
    flat = [span for row in rows for span in row.spans]
    offsets = np.concatenate([[0], np.cumsum([len(row.spans) for row in rows])]).astype(np.int32)
    items = pa.StructArray.from_arrays(
        [
            pa.array([s[0] for s in flat], pa.int32()),
            pa.array([s[1] for s in flat], pa.int32()),
            pa.array([s[2] for s in flat], pa.string()),
        ],
        fields=list(_SPAN),
    )
    return pa.ListArray.from_arrays(pa.array(offsets), items)
