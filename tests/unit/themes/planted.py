"""Small runs made by hand: texts, times and vectors written as the workers write them."""

import datetime as dt
import hashlib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from veche.core.finding import decisions
from veche.packs.model import Pack
from veche.themes import discover

PART_ROWS = 64

#: Three matters in Russian: each line is one way to say it, {} takes a street.
HEATING = (
    "Отсутствие отопления в доме на улице {}, батареи холодные.",
    "Из-за отсутствия отопления на улице {} в квартире холодно.",
    "На улице {} жалуемся на отсутствие отопления. Дети мёрзнут!",
    "Сколько можно терпеть отсутствие отопления? Улица {}, батареи ледяные.",
)
PITS = (
    "Ямы на дорогах возле улицы {}, разбил колесо.",
    "Заделайте ямы на дорогах у улицы {}. Машины ломаются.",
    "По улице {} не проехать: ямы на дорогах после зимы.",
    "Опять ямы на дорогах, улица {}. Когда будет ремонт?",
)
WASTE = (
    "Не вывозят мусор с улицы {}, контейнеры переполнены.",
    "Уже неделю не вывозят мусор на улице {}! Запах ужасный.",
    "Во дворе на улице {} не вывозят мусор, бегают крысы.",
    "Почему не вывозят мусор? Улица {}, площадка завалена.",
)
STREETS = (
    "Садовой",
    "Лесной",
    "Речной",
    "Полевой",
    "Горной",
    "Новой",
    "Южной",
    "Зелёной",
    "Вишнёвой",
    "Озёрной",
)


def say(ways, count):
    """Return `count` distinct texts about one matter."""
    return [
        ways[i % len(ways)].format(f"{STREETS[i // len(ways) % 10]} {'абвгдежзик'[i // 40 % 10]}")
        for i in range(count)
    ]


def pack(language="ru"):
    """Return a pack that knows nothing but its language."""
    return Pack("t", "1", {}, (language,), "Europe/Moscow", Path(), {}, {}, {}, (), (), (), (), {}, {})


def around(centre, count, *, seed, spread=0.5, size=512):
    """Return `count` unit vectors around the direction number `centre`."""
    random = np.random.default_rng(seed)
    middle = np.random.default_rng(1000 + centre).normal(size=size)
    vectors = middle / np.linalg.norm(middle) + spread * random.normal(size=(count, size)) / size**0.5
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float16)


def write(work, texts, *, vectors=None, days=None, language="ru", topic=None, place=None, with_hash=True):
    """Write the parts of a run; `days` are days since 1 January 2024 (None: no date)."""
    (work / "map").mkdir(parents=True)
    if vectors is not None:
        (work / "vectors").mkdir()
    for number, at in enumerate(range(0, len(texts), PART_ROWS)):
        rows = range(at, min(at + PART_ROWS, len(texts)))
        columns = {
            "appeal_id": [f"a{i:05d}" for i in rows],
            "masked_text": [texts[i] for i in rows],
            "received_at": pa.array(
                [_instant(days[i] if days else None) for i in rows], pa.timestamp("us", "UTC")
            ),
            "language": _facet(len(rows), [language] * len(rows)),
            "topic": _facet(len(rows), [topic[i] if topic else None for i in rows]),
            "place": _facet(len(rows), [place[i] if place else None for i in rows]),
        }
        if with_hash:
            columns["content_hash"] = pa.array([_hash(texts[i]) for i in rows], pa.uint64())
        pq.write_table(pa.table(columns), work / "map" / f"part-{number:05d}.parquet")
        if vectors is not None:
            np.save(work / "vectors" / f"part-{number:05d}.npy", vectors[at : at + PART_ROWS])
    return work


def _instant(day):
    return None if day is None else dt.datetime(2024, 1, 1, 9, tzinfo=dt.UTC) + dt.timedelta(days=day)


def _facet(n, values):
    rows = [i for i, v in enumerate(values) if v]
    return decisions(n, rows, [values[i] for i in rows], np.full(len(rows), 0.9))


def _hash(text):
    normal = " ".join((text or "").casefold().split())
    return (
        int.from_bytes(hashlib.blake2b(normal.encode(), digest_size=8).digest(), "little") if normal else None
    )


def themes_of(work, *, repeats=None, n_themes=None, guided=False, threads=1, seed=0, language="ru"):
    """Run the discovery over `work`."""
    return discover(
        work,
        repeats=repeats if repeats is not None else pa.table({}),
        pack=pack(language),
        seed=seed,
        n_themes=n_themes,
        guided=guided,
        threads=threads,
    )
