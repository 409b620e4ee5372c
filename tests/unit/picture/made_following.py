"""What an audit, an earlier run and bursts add to a made-up run, in the shapes that their rooms write."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from veche.audit import Whole
from veche.audit.judge import Audit, Compared, Group
from veche.themes.following.identity import CHANGES


def add_following(out: Path) -> None:
    """Write beside a made-up run what an audit, an earlier run and a burst add to it."""
    themes = json.loads((out / "digests.json").read_text(encoding="utf-8"))["themes"]
    quotations = [
        {"text": q["text"], "appeal_id": q["appeal_id"], "theme": t["theme"], "subtheme": None,
         "position": "complaint"}
        for t in themes[:5] for q in t["quotations"][:2]
    ]  # fmt: skip
    quotations.append({**quotations[0], "theme": "rare", "position": None})
    (out / "digest.json").write_text(json.dumps(quotations), encoding="utf-8")
    (out / "audit.json").write_text(json.dumps(make_audit(themes).to_json()), encoding="utf-8")
    pq.write_table(pa.Table.from_pylist(_alerts(themes)), out / "alerts.parquet")
    pq.write_table(pa.Table.from_pylist(_changes(themes), CHANGES), out / "theme_changes.parquet")


def make_audit(themes: list[dict[str, Any]]) -> Whole:
    """Return the audit of a digest that leaves out speakers of Tatar."""
    better = Compared(value=0.76, median=0.64, difference=0.12, low=0.08, high=0.15, beats=0.99)
    worse = Compared(value=0.2, median=0.61, difference=-0.4, low=-0.5, high=-0.3, beats=0.0)
    sizes = [("theme", t["theme"], t["size"]) for t in themes[:9]]
    sizes += [("territory", "land.r00", 190), ("group", "status:pensioner", 320), ("language", "ru", 1900)]
    groups = [Group(d, v, n, n / 2000, better, better, 0.41, 1.0, left_out=False) for d, v, n in sizes]
    groups.append(Group("language", "tt", 43, 0.0215, worse, worse, 0.9, 0.001, left_out=True))
    audit = Audit(
        k=30, quoted=30, voices=1500, of_voices=2000, silent=3, samples=1000,
        standing=better, heard=better, worse_off=Compared(0.43, 0.5, -0.07, -0.1, -0.05, 0.01),
        measuring_error=0.001, groups=groups,
    )  # fmt: skip
    return Whole(audit, [], {"group": 2}, [("ru", 0.96), ("tt", 0.02)], 2000, 12)


def _alerts(themes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    last = dt.date(2025, 3, 9)
    since = last - dt.timedelta(days=6)
    found = [
        (themes[0]["theme"], None, "land.r00", since, 61, 19.6, 1e-7),
        (None, "housing.heating", None, last, 24, 15.0, 0.0004),
        (None, None, None, since, 900, 400.0, 0.004),
        (None, None, "land.r04", since, 40, 0.4, 0.02),
    ]
    names = ("theme", "topic", "territory", "since", "seen", "expected", "chance")
    return [dict(zip(names, row, strict=True), until=last) for row in found]


def _changes(themes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    a, b, c, d, e = ({"theme": t["theme"], "name": t["name"], "size": t["size"]} for t in themes[:5])

    def before(theme: dict[str, Any]) -> dict[str, Any]:
        return {
            "theme_before": theme["theme"],
            "name_before": theme["name"],
            "size_before": theme["size"] // 2,
        }

    gone = {"theme": "t77", "name": "Old complaints", "size": 60}
    return [
        {"kind": "same", **a, **before(a), "shared": 50, "overlap": 0.7, "closeness": 0.9},
        {"kind": "split", **b, **before(b), "shared": 20},
        {"kind": "split", **c, **before(b), "shared": 20},
        {"kind": "merge", **d, **before(d), "shared": 20},
        {"kind": "merge", **d, **before(gone), "shared": 20},
        {"kind": "birth", **e},
        {"kind": "death", **before({"theme": "t78", "name": "Floods of May", "size": 90})},
    ]
