"""A made-up finished run to draw a picture of: invented regions, people and appeals, drawn from a seed."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from veche.core.finding import FINDING, SPAN
from veche.packs.model import Pack, Territory, Topic
from veche.stages.columns import MASK

_SECTIONS = {
    "roads": ("Дороги", "Roads", {"potholes": ("Ямы", "Potholes"), "snow": ("Уборка снега", "Snow clearing"),
              "lighting": ("Освещение улиц", "Street lights"), "buses": ("Автобусы", "Buses")}),
    "health": ("Здравоохранение", "Health", {"clinics": ("Поликлиники", "Clinics"),
               "ambulance": ("Скорая помощь", "Ambulance"), "medicines": ("Лекарства", "Medicines")}),
    "housing": ("Жильё и ЖКХ", "Housing", {"heating": ("Отопление", "Heating"), "water": ("Вода", "Water"),
                "bills": ("Начисления и платежи", "Bills"), "waste": ("Вывоз мусора", "Waste")}),
    "social": ("Социальная защита", "Welfare", {"pensions": ("Пенсии", "Pensions"),
               "children": ("Пособия на детей", "Child benefits")}),
    "schools": ("Образование", "Schools", {"places": ("Места в детских садах", "Nursery places"),
                "meals": ("Школьное питание", "School meals")}),
}  # fmt: skip

_REGIONS = [
    ("Озёрный край", "Lakeland", 1_240_000), ("Северная область", "Northshire", 410_000),
    ("Заречная область", "Overriver", 2_105_000), ("Приморье Дальнее", "Farcoast", 980_000),
    ("Степная область", "Steppe", 1_530_000), ("Каменный край", "Stonemark", 640_000),
    ("Лесная область", "Woodland", None), ("Верхняя область", "Upperdale", 3_320_000),
    ("Старогорье", "Oldhills", 770_000), ("Новая область", "Newfield", 1_115_000),
    ("Луговой край", "Meadowland", 505_000), ("Столичная область", "Capital Region", 6_900_000),
]  # fmt: skip

_TEXTS = {
    "ru": [
        "Во дворе третий день нет отопления, в квартире холодно, дети болеют. Звонили, телефон [телефон].",
        "После ремонта дороги на въезде в посёлок остались ямы, машины ломаются каждый день.",
        "Не могу записаться к врачу, запись закрыта на месяц вперёд. Меня зовут [имя].",
        "Мусор не вывозят вторую неделю, контейнеры полны, ветер разносит пакеты по двору.",
        "Автобус номер семь ходит раз в час, на остановке стоит толпа, люди опаздывают на работу.",
        "Прошу разъяснить, почему в этом месяце начислили за воду вдвое больше, чем обычно.",
    ],
    "en": [
        "No heating for three days in our block and the children are ill. Call me on [phone].",
        "Deep potholes were left after the works at the edge of the village; cars break every day.",
        "I cannot see a doctor, all the slots are taken for a month. My name is [name].",
        "Nobody has collected the waste for two weeks and the wind blows it around the yard.",
        "Bus seven comes once an hour and people are late for work because of it.",
        "Please explain why the water bill is twice what it was last month.",
    ],
}
_URGENT = {
    "ru": ("Пахнет газом в подъезде, аварийная не едет, людям плохо, [имя].", "Пахнет газом"),
    "en": ("There is a smell of gas in the hall and people feel sick, [name].", "smell of gas"),
}
_THEMES = {
    "ru": ["Нет отопления после праздников", "Отмена рейсов автобуса", "Запись к врачу закрыта на месяц",
           "Мусор не вывозят", "Двойные квитанции за воду", "Нет мест в детском саду", "Ямы после ремонта",
           "Задержка пособий", "Тёмные улицы у школы", "Снег у подъездов", "Школьные обеды остывают",
           "Нет инсулина в аптеках"],
    "en": ["No heating after the holidays", "Bus runs cancelled", "No doctor for a month",
           "Waste is not collected", "Double water bills", "No nursery places", "Potholes after works",
           "Benefits are late", "Dark streets near the school", "Snow at the doors", "School meals are cold",
           "No insulin at chemists"],
}  # fmt: skip
_AGES = ["0-17", "18-24", "25-34", "35-44", "45-54", "55-64", "65+"]


def make_pack(folder: Path, *, language: str = "ru", shapes: bool = True) -> Pack:
    """Return a small pack of an invented country; its shapes are written into `folder`."""
    topics: dict[str, Topic] = {}
    for code, (ru, en, children) in _SECTIONS.items():
        topics[code] = Topic(code, "", {"ru": ru, "en": en}, {}, {}, {})
        for name, (child_ru, child_en) in children.items():
            title = {"ru": child_ru, "en": child_en}
            topics[f"{code}.{name}"] = Topic(f"{code}.{name}", code, title, {}, {}, {})
    territories = {"land": Territory("land", "", "country", {"ru": "Страна", "en": "The land"}, {})}
    features = []
    for i, (ru, en, population) in enumerate(_REGIONS):
        lat, lon = 50 + 3.0 * (i // 4), 40 + 8.0 * (i % 4)
        code = f"land.r{i:02}"
        territories[code] = Territory(
            code, "land", "region", {"ru": ru, "en": en}, {}, population=population, lat=lat, lon=lon
        )
        town = {"ru": f"Город {i + 1}", "en": f"Town {i + 1}"}
        territories[f"{code}.t"] = Territory(f"{code}.t", code, "settlement", town, {})
        ring = [[lon - 4, lat - 1.5], [lon + 4, lat - 1.4], [lon + 3.9, lat + 1.5], [lon - 3.9, lat + 1.6]]
        geometry = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
        features.append({"type": "Feature", "properties": {"code": code}, "geometry": geometry})
    path = folder / "shapes.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return Pack(
        code="land",
        version="1",
        title={"ru": "Страна", "en": "The land"},
        languages=(language,),
        timezone="Europe/Moscow",
        path=folder,
        topics=topics,
        bodies={},
        territories=territories,
        kinds=(),
        urgencies=(),
        groups=(),
        recognisers=(),
        negations={},
        name_lists={},
        shapes=path if shapes else None,
    )


def make_run(out: Path, *, pack: Pack, n: int = 4000, seed: int = 7, language: str = "ru") -> dict[str, Any]:
    """Write `appeals/`, `findings/`, `themes.parquet` and `digests.json`; return the manifest."""
    rng = np.random.default_rng(seed)
    columns = _columns(rng, pack, n, language)
    for folder in ("appeals", "findings"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    half = n // 2
    table = pa.table(columns)
    for number, part in enumerate((table.slice(0, half), table.slice(half))):
        pq.write_table(part, out / "appeals" / f"part-{number:05}.parquet")
        pq.write_table(_findings(part, rng), out / "findings" / f"part-{number:05}.parquet")
    digests = make_digests(table, language)
    (out / "digests.json").write_text(json.dumps(digests, ensure_ascii=False), encoding="utf-8")
    return make_manifest(n)


def _columns(rng: np.random.Generator, pack: Pack, n: int, language: str) -> dict[str, pa.Array]:
    leaves = [c for c in pack.topics if "." in c]
    weights = np.linspace(3, 0.3, len(leaves))
    topic = rng.choice(leaves, n, p=weights / weights.sum()).astype(object)
    day = np.minimum(rng.integers(0, 63, n), 62)
    weekend = (day % 7) >= 5
    day = np.where(weekend & (rng.random(n) < 0.5), day - 2, day)
    late = day > 55
    topic[late & (rng.random(n) < 0.25)] = "housing.heating"
    seconds = day * 86400 + rng.integers(6 * 3600, 20 * 3600, n)
    start = dt.datetime(2025, 1, 6, tzinfo=dt.UTC)
    received = [start + dt.timedelta(seconds=int(s)) for s in seconds]
    places = [c for c, t in pack.territories.items() if t.level != "country"]
    share = rng.dirichlet(np.ones(len(places)) * 0.8)
    ages = np.clip(rng.normal(49, 16, n), 8, 95).astype(int)
    texts = rng.integers(0, len(_TEXTS[language]), n)
    urgent = rng.random(n) < 0.012
    text = [_URGENT[language][0] if u else _TEXTS[language][t] for u, t in zip(urgent, texts, strict=True)]
    ids = [f"{i:032x}" for i in range(0x5EED0000, 0x5EED0000 + n)]
    copy = rng.random(n) < 0.07
    theme = [f"t{t:02}" if t < 12 else "rare" if t == 12 else None for t in rng.integers(0, 16, n)]
    evidence = [
        [{"start": text[i].index(_URGENT[language][1]), "end": len(_URGENT[language][1])}]
        if urgent[i]
        else []
        for i in range(n)
    ]
    wide: dict[str, pa.Array] = {
        "appeal_id": pa.array(ids),
        "source": pa.array(["letters.csv"] * n),
        "row": pa.array(range(1, n + 1), pa.int64()),
        "received_at": pa.array(received, pa.timestamp("us", "UTC")),
        "channel": pa.array(rng.choice(["web", "phone", "email", "letter"], n, p=[0.5, 0.3, 0.15, 0.05])),
        "age": pa.array(ages, pa.int16(), mask=rng.random(n) < 0.4),
        "sex": pa.array(rng.choice(["female", "male"], n, p=[0.62, 0.38]), mask=rng.random(n) < 0.2),
        "author": pa.array([f"a{x}" for x in rng.integers(0, max(n * 3 // 4, 1), n)]),
        "masked_text": pa.array(text),
        "masks": pa.array([[]] * n, pa.list_(MASK)),
        "repeat_size": pa.array(np.where(copy, 3, 1), pa.int32()),
        "copy_of": pa.array(np.where(copy, ids[0], ""), mask=~copy),
        "campaign": pa.array(np.zeros(n, bool)),
        "theme": pa.array(theme, pa.string()),
        "theme_confidence": pa.array(rng.beta(5, 2, n).astype(np.float32)),
    }
    kinds = rng.choice(
        ["complaint", "request", "question", "proposal", "thanks"], n, p=[0.5, 0.2, 0.2, 0.07, 0.03]
    )
    facets = {
        "language": (rng.choice([language, "tt", "kk", "und"], n, p=[0.96, 0.02, 0.0007, 0.0193]), 30, 1),
        "kind": (kinds, 6, 2),
        "topic": (topic, 4, 2),
        "place": (rng.choice(places, n, p=share), 8, 1.5),
        "body": (rng.choice(["b1", "b2"], n), 3, 2),
        "urgency": (np.where(urgent, rng.choice(["life", "deadline"], n), "none"), 12, 1.2),
    }
    for facet, (value, a, b) in facets.items():
        missing = rng.random(n) < (0.08 if facet in ("topic", "place", "body") else 0.0)
        wide[facet] = pa.array(list(value), pa.string(), mask=missing)
        wide[f"{facet}_confidence"] = pa.array(rng.beta(a, b, n).astype(np.float32), mask=missing)
        spans = evidence if facet == "urgency" else [[]] * n
        wide[f"{facet}_evidence"] = pa.array(spans, pa.list_(SPAN))
    return wide


def _findings(part: pa.Table, rng: np.random.Generator) -> pa.Table:
    groups = ["status:pensioner", "status:disability", "status:large-family", "status:veteran",
              "occupation:teacher", "occupation:doctor", "occupation:driver",
              "occupation:beekeeper"]  # fmt: skip
    odds = np.array([0.4, 0.1, 0.14, 0.008, 0.15, 0.12, 0.08, 0.002])
    rows = [
        (appeal, 0, "group", 0, str(rng.choice(groups, p=odds)), 0.9, [], "group", "1", "1")
        for appeal, said in zip(part["appeal_id"].to_pylist(), rng.random(len(part)) < 0.45, strict=True)
        if said
    ]
    return pa.table([pa.array(list(c)) for c in zip(*rows, strict=True)], names=FINDING.names).cast(FINDING)


def make_digests(table: pa.Table, language: str) -> dict[str, Any]:
    """Return digests of the themes of `table`, in the shape that the themes room writes."""
    theme = np.array(table["theme"].to_pylist(), object)
    days = np.array([d.date().isoformat() for d in table["received_at"].to_pylist()])
    ids, texts = table["appeal_id"].to_pylist(), table["masked_text"].to_pylist()
    themes = []
    for number, name in enumerate(_THEMES[language]):
        code = f"t{number:02}"
        at = np.flatnonzero(theme == code)
        dates, counts = np.unique(days[at], return_counts=True)
        quotations = [
            {
                "appeal_id": ids[i],
                "text": texts[i],
                "language": language,
                "received_at": days[i] + "T09:00:00Z",
            }
            for i in at[:3]
        ]
        themes.append(
            {
                "theme": code, "name": name, "keywords": name.lower().split()[:4], "size": len(at),
                "distinct": int(len(at) * 0.9), "copies": len(at) - int(len(at) * 0.9),
                "share": len(at) / len(table), "topic": "housing.heating" if number == 0 else "roads.buses",
                "trend": [{"date": str(d), "count": int(c)} for d, c in zip(dates, counts, strict=True)],
                "first_seen": str(dates[0]) if len(dates) else None,
                "last_seen": str(dates[-1]) if len(dates) else None,
                "positions": _positions(number, len(at), quotations),
                "is_new": number in (0, 11), "change": [2.4, 0.3, -0.35, None][number % 4],
                "places": [["land.r00", len(at) // 3], ["land.r04", len(at) // 5]],
                "languages": {language: len(at)}, "quotations": quotations,
                "subthemes": [{"theme": code + ".1", "name": name + " (1)", "size": len(at) // 3,
                               "share": 0.33, "quotations": quotations[:1]}],
            }
        )  # fmt: skip
    themes.sort(key=lambda t: -t["size"])
    return {"version": 1, "appeals": len(table), "rare": {"size": 40, "share": 0.01}, "themes": themes}


def _positions(number: int, size: int, quotations: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Two sides for one theme, a mixture for another, one position for the rest."""
    if number == 2:
        return {"mixed": True, "neither": 0.0, "sides": []}
    if number != 1:
        return None
    shares = {"complaint": 0.62, "praise": 0.14}
    sides = [
        {"side": side, "share": part, "size": round(part * size), "quotations": quotations[i : i + 1]}
        for i, (side, part) in enumerate(shares.items())
    ]
    return {"mixed": False, "neither": 0.24, "sides": sides}


def make_manifest(n: int) -> dict[str, Any]:
    """Return a manifest of a run that took `n` appeals and rejected 23 rows."""
    stages = [
        ("masks", 3.1),
        ("language", 0.4),
        ("tokens", 1.2),
        ("kind", 2.0),
        ("topic", 4.4),
        ("place", 1.1),
    ]
    return {
        "veche": "0.1.0",
        "created": "2025-03-10T08:15:00+00:00",
        "seed": 7,
        "inputs": [
            {"name": "letters.csv", "digest": "ab" * 32, "size_bytes": 1_843_221, "format": "csv",
             "rows": n + 23, "accepted": n, "rejected": 23,
             "mapping": {"text": ("Текст", "named"), "received_at": ["Дата", "guessed"]}}
        ],
        "counts": {"read": n + 23, "accepted": n, "rejected": 23},
        "reject_reasons": {"VECHE-I010": 20, "VECHE-I011": 3},
        "pack": {"code": "land", "version": "1"},
        "stages": [
            *({"name": s, "version": "1", "status": "ran", "seconds": t, "fell_back": {}} for s, t in stages),
            {"name": "vectors", "status": "skipped", "reason": "--skip", "seconds": 0.0,
             "fell_back": {"vectors": "keywords alone"}},
        ],
        "steps": {"understand": 14.2, "themes": 3.3, "picture": 0.4},
        "machine": {"system": "Linux", "processor": "x86_64", "cores": 2, "python": "3.11.2", "workers": 2},
    }  # fmt: skip
