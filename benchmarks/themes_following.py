"""How early a theme that starts in the stream is told, and how often a quiet stream cries wolf.

    python benchmarks/themes_following.py [--seeds N] [--stream N]

Streams are shuffled, so that nothing in them is new but the theme that is held back until the stream
begins. Data: sample appeals of the pack ru (the theme that its classifier does not list) and requests of
the City of Boston (a narrow matter by its words). Prints members seen until the news, and news that are
not about the theme, per 100,000 appeals.
"""

import argparse
import datetime as dt
import re
import resource
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from measure import data_folder, print_table, write_results
from themes_data import vectors_of

from veche.packs import load_pack
from veche.packs.sample.generate import generate
from veche.themes.following import Chunk, Follower

#: Members of the theme that starts, appeals before the stream, appeals of a chunk.
MEMBERS = 200
HISTORY = 30_000
CHUNK = 200

#: Matters of Boston's requests that are held back, one for each seed.
MATTERS = (
    r"\brats?\b|rodent", "scooter", "shopping cart", "mattress", "graffiti", "fireworks", "needle|syringe",
)  # fmt: skip


@dataclass(frozen=True)
class Stream:
    """Texts with vectors and authors; `theme` (bool) marks those that may start late."""

    name: str
    language: str
    texts: list[str]
    vectors: np.ndarray
    authors: Sequence[str | None] | None
    theme: np.ndarray


def sample(n: int) -> Stream:
    """Return `n` sample appeals; the theme is the one that nobody listed."""
    blocks = list(generate(load_pack("ru"), n=n, seed=7, start=dt.date(2026, 2, 2)))
    appeals = pa.concat_tables([block.appeals for block in blocks])
    theme = pa.concat_tables([block.truth for block in blocks])["theme"].is_valid().to_numpy()
    texts = appeals["text"].to_pylist()
    vectors = vectors_of(f"sample-ru-{n}", texts)
    return Stream("sample ru", "ru", texts, vectors, appeals["author"].to_pylist(), theme)


def boston(n: int, seeds: int) -> Iterator[Stream]:
    """Yield the first `n` requests with one matter after the other as the theme."""
    table = pq.read_table(data_folder() / "boston311" / "requests_bulk.parquet")
    table = table.sort_by([("requested_datetime", "ascending"), ("service_request_id", "ascending")])
    texts = [text or "" for text in table["description"].to_pylist()[:n]]
    vectors = vectors_of(f"boston-{len(texts)}", texts)
    for matter in MATTERS[:seeds]:
        theme = np.array([bool(re.search(matter, text.lower())) for text in texts])
        yield Stream(f"boston: {matter}", "en", texts, vectors, None, theme)


def follow(stream: Stream, *, seed: int, length: int) -> dict[str, Any]:
    """Shuffle `stream`, let its theme start, and say what was told when."""
    random = np.random.default_rng(seed)
    others = random.permutation(np.flatnonzero(~stream.theme))
    members = random.permutation(np.flatnonzero(stream.theme))[:MEMBERS]
    history, rest = others[:HISTORY], others[HISTORY : HISTORY + length]
    order = np.insert(rest, np.sort(random.choice(len(rest), len(members), replace=False)), members)
    column = pa.array(stream.texts, pa.string())
    follower = Follower(
        None, texts_of=lambda ids: [stream.texts[int(i)] for i in ids], language=stream.language
    )
    follower.add_history(column.take(pa.array(history)))
    is_member = np.zeros(len(stream.texts), bool)
    is_member[members] = True
    told, names, wrong, campaigns, seconds = 0, [], 0, 0, []
    for at in range(0, len(order), CHUNK):
        rows = order[at : at + CHUNK]
        authors = None if stream.authors is None else [stream.authors[i] for i in rows]
        chunk = Chunk(
            [str(i) for i in rows], column.take(pa.array(rows)), stream.vectors[rows], authors=authors
        )
        began = time.perf_counter()
        step = follower.add(chunk)
        seconds.append(time.perf_counter() - began)
        for news in step.news:
            right = is_member[[int(i) for i in news.members]].mean() >= 0.5
            campaigns += news.kind == "campaign"
            wrong += news.kind == "theme" and not right
            if news.kind == "theme" and right:
                told = told or int(is_member[order[: at + len(rows)]].sum())
                names.append(news.name)
    return {
        "stream": stream.name,
        "seed": seed,
        "appeals": len(order),
        "members": len(members),
        "told_after": told or "never",
        "times_told": len(names),
        "false": wrong,
        "campaigns": campaigns,
        "ms_median": 1000 * float(np.median(seconds)),
        "ms_99": 1000 * float(np.quantile(seconds, 0.99)),
        "name": names[0] if names else "",
    }


def main() -> None:
    """Follow every stream and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--stream", type=int, default=100_000)
    asked = parser.parse_args()
    n = HISTORY + round(1.15 * asked.stream)
    rows = [follow(s, seed=seed, length=asked.stream) for seed, s in enumerate(boston(n, asked.seeds))]
    made = sample(n)
    rows += [follow(made, seed=seed, length=asked.stream) for seed in range(asked.seeds)]
    print_table(rows)
    appeals = sum(row["appeals"] for row in rows)
    rate = 100_000 * sum(row["false"] for row in rows) / appeals
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\nfalse themes per 100,000 appeals: {rate:.2f}; peak memory {peak:,.0f} MiB")
    write_results("themes_following", {"streams": rows, "false_per_100000": rate})


if __name__ == "__main__":
    main()
