"""How early a theme that starts in the stream is told, and what is told where nothing starts.

A shuffled stream holds nothing new but the theme that is held back until the stream begins: what else is
told is false. In the true order of time seasons and storms are news, so what is told there is printed, to
be read. Data: requests of the City of Boston (a narrow matter by its words, with the vectors of the
encoder, read from `.cache` after the first time), and sample appeals of the pack ru with the theme that its
classifier does not list. The sample is followed by words alone: to encode it takes longer than all the rest,
and without vectors nothing hides what is told, so its false news are an upper bound.
"""

import datetime as dt
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from measure import data_folder, print_table
from themes_data import vectors_of

from veche.packs import load_pack
from veche.packs.sample.generate import generate
from veche.themes.following import Chunk, Follower, News

#: Appeals of a stream and of its history, members of the theme that starts, appeals of a chunk.
APPEALS = 100_000
HISTORY = 20_000
MEMBERS = 200
CHUNK = 200

#: The theme has to be told within so many members; at most so many false ones in 100,000 appeals.
WITHIN, FALSE = 50, 1

#: Matters of Boston's requests that are held back, one for each stream.
MATTERS = (
    r"\brats?\b|rodent", "scooter", "shopping cart", "mattress", "graffiti", "fireworks", "needle|syringe",
)  # fmt: skip

#: Orders in which the sample is shuffled.
SHUFFLES = 3


@dataclass(frozen=True)
class Stream:
    """Texts in the order in which they come, the first `history` of them before the stream begins.

    `vectors` [n, d], `received` int64 (microseconds since 1970) or None, `theme` (bool) marks the members
    of the theme that starts.
    """

    name: str
    language: str
    texts: list[str]
    vectors: np.ndarray
    theme: np.ndarray
    history: int
    received: np.ndarray | None = None
    authors: Sequence[str | None] | None = None


def sample() -> Stream:
    """Return sample appeals in order of time; what nobody listed starts on the eleventh day."""
    blocks = list(generate(load_pack("ru"), n=APPEALS, seed=7, start=dt.date(2026, 2, 2)))
    appeals = pa.concat_tables([block.appeals for block in blocks])
    theme = pa.concat_tables([block.truth for block in blocks])["theme"].is_valid().to_numpy()
    texts, authors = appeals["text"].to_pylist(), appeals["author"].to_pylist()
    received = appeals["received_at"].cast(pa.int64()).to_numpy()
    none = np.zeros((APPEALS, 1), np.float32)
    return Stream("sample, order of time", "ru", texts, none, theme, 0, received, authors)


def boston() -> Stream:
    """Return the first requests in order of time; they have no dates once they are shuffled."""
    table = pq.read_table(data_folder() / "boston311" / "requests_bulk.parquet")
    order = [("requested_datetime", "ascending"), ("service_request_id", "ascending")]
    table = table.sort_by(order)[:APPEALS]
    texts = [text or "" for text in table["description"].to_pylist()]
    instants = [dt.datetime.fromisoformat(instant) for instant in table["requested_datetime"].to_pylist()]
    received = np.array([round(instant.timestamp() * 1e6) for instant in instants])
    vectors = vectors_of(f"boston-{len(texts)}", texts)
    nothing = np.zeros(len(texts), bool)
    return Stream("boston, order of time", "en", texts, vectors, nothing, HISTORY, received)


def about(stream: Stream, matter: str) -> np.ndarray:
    """Return which texts (bool) are about `matter`, a pattern."""
    return np.array([bool(re.search(matter, text.lower())) for text in stream.texts])


def shuffled(stream: Stream, theme: np.ndarray, *, name: str, seed: int) -> Stream:
    """Return `stream` in no order of time; `MEMBERS` of the `theme` come after the history, others never."""
    random = np.random.default_rng(seed)
    others = random.permutation(np.flatnonzero(~theme))
    history, rest = others[:HISTORY], others[HISTORY:]
    rows = np.concatenate([history, _joined(rest, theme, random)])
    return replace(_taken(stream, rows, theme), name=name, history=HISTORY, received=None)


def planted(stream: Stream, theme: np.ndarray, *, name: str, seed: int) -> Stream:
    """Return `stream` in order of time, with `MEMBERS` of the `theme` in its second half alone."""
    others = np.flatnonzero(~theme)
    half = len(others) // 2
    rows = np.concatenate([others[:half], _joined(others[half:], theme, np.random.default_rng(seed))])
    out = _taken(stream, rows, theme)
    assert out.received is not None
    # A member comes when its neighbour comes.
    instants = np.maximum.accumulate(np.where(out.theme, np.iinfo(np.int64).min, out.received))
    return replace(out, name=name, received=instants)


def _joined(rest: np.ndarray, theme: np.ndarray, random: np.random.Generator) -> np.ndarray:
    members = random.permutation(np.flatnonzero(theme))[:MEMBERS]
    return np.insert(rest, np.sort(random.choice(len(rest), len(members), replace=False)), members)


def _taken(stream: Stream, rows: np.ndarray, theme: np.ndarray) -> Stream:
    return replace(
        stream,
        texts=[stream.texts[i] for i in rows.tolist()],
        vectors=stream.vectors[rows],
        theme=theme[rows],
        received=None if stream.received is None else stream.received[rows],
        authors=None if stream.authors is None else [stream.authors[i] for i in rows.tolist()],
    )


def follow(stream: Stream) -> tuple[dict[str, Any], list[tuple[int, News]]]:
    """Follow `stream`; return a row of the table, and what was told with the appeals before it."""
    column = pa.array(stream.texts, pa.string())
    follower = Follower(
        None,
        texts_of=lambda ids: [stream.texts[int(i)] for i in ids],
        language=stream.language,
        dimensions=stream.vectors.shape[1],
    )
    # Copies are no earlier voices either.
    follower.add_history(column.slice(0, stream.history).unique())
    told, seconds = [], []
    for at in range(stream.history, len(stream.texts), CHUNK):
        rows = slice(at, min(at + CHUNK, len(stream.texts)))
        chunk = Chunk(
            [str(i) for i in range(rows.start, rows.stop)],
            column.slice(at, rows.stop - at),
            stream.vectors[rows],
            received=None if stream.received is None else stream.received[rows],
            authors=None if stream.authors is None else stream.authors[rows],
        )
        began = time.process_time()
        step = follower.add(chunk)
        seconds.append(time.process_time() - began)
        told += [(rows.stop, news) for news in step.news]
    return _row(stream, told, seconds), told


def _row(stream: Stream, told: list[tuple[int, News]], seconds: list[float]) -> dict[str, Any]:
    right = [(end, news) for end, news in told if _is_right(stream, news)]
    end, first = right[0] if right else (0, None)
    seen, members = int(stream.theme[:end].sum()), int(stream.theme.sum())
    return {
        "stream": stream.name,
        "appeals": len(stream.texts) - stream.history,
        "members": members or "",
        "told after": seen or ("never" if members else ""),
        "times told": len(right) if members else "",
        "other themes": sum(news.kind == "theme" for _end, news in told) - len(right),
        "campaigns": sum(news.kind == "campaign" for _end, news in told),
        "CPU ms, median": 1000 * float(np.median(seconds)),
        "99 %": 1000 * float(np.quantile(seconds, 0.99)),
        "longest": 1000 * max(seconds),
        "name": first.name if first else "",
    }


def _is_right(stream: Stream, news: News) -> bool:
    return news.kind == "theme" and stream.theme[[int(i) for i in news.members]].mean() >= 0.5


def in_shuffled(requests: Stream, made: Stream) -> Iterator[Stream]:
    """Yield the streams in which all but the theme that starts is false."""
    for seed, matter in enumerate(MATTERS):
        yield shuffled(requests, about(requests, matter), name=f"boston, shuffled: {matter}", seed=seed)
    for seed in range(SHUFFLES):
        yield shuffled(made, made.theme, name=f"sample, shuffled {seed + 1}", seed=seed)


def in_time(requests: Stream, made: Stream) -> Iterator[Stream]:
    """Yield the streams in their true order, in which other things may be news too."""
    yield made
    yield requests
    for seed, matter in enumerate(MATTERS):
        yield planted(requests, about(requests, matter), name=f"boston, in time: {matter}", seed=seed)


def measure_following() -> dict[str, Any]:
    """Print and return what is told in each stream, and every news of the true order of time."""
    requests, made = boston(), sample()
    quiet, rows, news = [], [], []
    for stream in in_shuffled(requests, made):
        quiet.append(follow(stream)[0])
        print_table(quiet[-1:])
    for stream in in_time(requests, made):
        row, told = follow(stream)
        rows.append(row)
        print_table(rows[-1:])
        if stream is requests or stream is made:
            news += [_told(stream, one) for _end, one in told]
    rows = quiet + rows
    print_table(rows)
    appeals = sum(row["appeals"] for row in quiet)
    rate = APPEALS * sum(row["other themes"] for row in quiet) / appeals
    starting = [row for row in rows if row["members"]]
    late = sum(row["told after"] == "never" or row["told after"] > WITHIN for row in starting)
    print(f"\nthemes told later than after {WITHIN} members: {late} of {len(starting)}")
    print(f"false themes in {APPEALS:,} appeals of shuffled streams: {rate:.2f} (at most {FALSE})\n")
    print_table(news)
    return {"streams": rows, "false_per_100000": rate, "news_in_time": news}


def _told(stream: Stream, news: News) -> dict[str, Any]:
    since = dt.date(1970, 1, 1) + dt.timedelta(microseconds=news.since or 0)
    return {
        "stream": stream.name,
        "since": since.isoformat(),
        "kind": news.kind,
        "voices": news.voices,
        "appeals ": news.size,
        "name": news.name,
        "keywords": ", ".join(news.keywords[:4]),
    }
