"""When appeals came is learnt from where it tells the label, followed through train, run and explain."""

import csv
import json

import duckdb
import numpy as np
import pytest

WORDS = [
    "please",
    "come",
    "look",
    "here",
    "again",
    "soon",
    "street",
    "house",
    "yard",
    "corner",
    "neighbours",
    "problem",
    "still",
    "there",
]


def write(path, n, *, dated, seed):
    """Appeals about snow in winter and about grass in summer, though their words do not say so."""
    rng = np.random.default_rng(seed)
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["id", "text", *(["received"] if dated else []), "topic"])
        for i in range(n):
            month = int(rng.integers(1, 13))
            when = f"{rng.integers(2020, 2024)}-{month:02}-{rng.integers(1, 28):02}T10:30:00"
            text = f"{' '.join(rng.permutation(WORDS)[:8])} case{i} w{rng.integers(0, 999)}"
            topic = "Grass" if 4 <= month <= 9 else "Snow"
            table.writerow([i, text, *([when] if dated else []), topic])


@pytest.fixture(scope="module")
def folder(tmp_path_factory, veche):
    """A model of 500 such appeals, and a run of 60 with their dates and one of 60 without."""
    folder = tmp_path_factory.mktemp("circumstances")
    write(folder / "old.csv", 500, dated=True, seed=1)
    call = ("--pack", "boston", "--workers", 1)
    trained = veche(
        *("train", folder / "old.csv", "--label", "season=topic", "--out", folder / "city.model"), *call
    )
    assert trained.returncode == 0, trained.stderr
    for name, dated in (("dated", True), ("bare", False)):
        write(folder / f"{name}.csv", 60, dated=dated, seed=2)
        ran = veche(
            *("run", folder / f"{name}.csv", "--model", folder / "city.model", "--out", folder / name), *call
        )
        assert ran.returncode == 0, ran.stderr
        (folder / f"{name}.txt").write_text(ran.stdout)
    return folder


def right(folder, name):
    """Return the share of the appeals of a run whose topic was told."""
    made = duckdb.read_parquet(str(folder / name / "appeals" / "*.parquet"))
    return made.aggregate("avg((season = kept['topic'])::int)").fetchall()[0][0]


def test_appeals_with_dates_are_told_by_them(folder):
    assert right(folder, "dated") > 0.9
    assert right(folder, "bare") < 0.8


def test_a_run_says_what_its_appeals_lack(folder):
    told = json.loads((folder / "bare" / "manifest.json").read_text("utf-8"))["model"]["facets"]["season"]
    assert told["lacking"]["received_at"] == 60
    assert "without a time (60)" in (folder / "bare.txt").read_text()
    assert "without a time" not in (folder / "dated.txt").read_text()


def test_the_reasons_name_the_month(folder, veche):
    made = duckdb.read_parquet(str(folder / "dated" / "appeals" / "*.parquet"))
    appeal = made.filter("kept['topic'] = 'Snow'").project("appeal_id").fetchall()[0][0]
    call = ("explain", folder / "city.model", appeal, "--run", folder / "dated")
    said = json.loads(veche(*call, "--json").stdout)["facets"]["season"]
    first = next(one for one in said if one["label"] == "Snow")
    assert any(reason["name"].startswith("month=") and reason["weight"] > 0 for reason in first["reasons"])
    assert sum(reason["weight"] for reason in first["reasons"]) == pytest.approx(first["score"], abs=1e-6)
    months = ("January", "February", "March", "October", "November", "December")
    shown = veche(*call, "--lang", "en").stdout
    assert any(f"in {month} +" in shown for month in months)
