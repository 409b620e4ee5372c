"""Measures how texts are mapped to themes that a person wrote down, on a synthetic consultation.

    VECHE_DATA=... .venv/bin/python benchmarks/themes_gambling.py

Three lines: the titles and descriptions alone; with three texts of each theme as examples, measured on
the others (mean of `DRAWS` draws); and the most frequent two themes for every text, as a floor. The
hundred texts are few, so intervals stand beside; and two larger sets of people's own texts with nothing
but the titles of their themes show that no setting is fitted to the hundred.
"""

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
from measure import data_folder, print_table, write_results
from themes_data import nhs

from veche.themes.mapping import GivenTheme, map_to_themes

EXAMPLES, DRAWS = 3, 20

#: What is asked for.
WANTED = 0.60

#: Codes that stand for no theme.
_NO_THEME = ("X", "Y")
_NO_LABEL = ("Labelling not possible", "Not assigned")
_NO_SERVICE = "Other"

#: Draws with replacement from the texts, for the 95 % interval.
_RESAMPLED = 2000
_BOSTON_EVERY = 10


def measure_gambling() -> dict[str, Any]:
    """Print the table and return the figures."""
    texts, themes, gold = _question()
    alone = f1_by_text(map_to_themes(texts, themes).chosen, gold)
    drawn = [_with_examples(texts, themes, gold, seed) for seed in range(DRAWS)]
    taught = _mean_by_text(drawn)
    floor = np.zeros_like(gold)
    floor[:, np.argsort(-gold.sum(axis=0), kind="stable")[:2]] = True
    rows = [
        _row("gambling: the two most frequent, for all texts", f1_by_text(floor, gold)),
        _row("gambling: title and description", alone),
        _row(f"gambling: and {EXAMPLES} examples each", taught),
        *(
            _row(f"{name}: title", f1_by_text(map_to_themes(said, given).chosen, truth))
            for name, (said, given, truth) in (("NHS", _patients()), ("Boston", _requests()))
        ),
    ]
    print_table(rows)
    figures = {"title and description": float(alone.mean()), "with examples": float(np.nanmean(drawn))}
    for how, figure in figures.items():
        print(f"gambling, {how}: {figure:.3f} ({WANTED} asked for)")
    return {"rows": rows, "wanted": WANTED, **figures}


def f1_by_text(found: np.ndarray, gold: np.ndarray) -> np.ndarray:
    """Return per text the F1 of themes found against themes that people gave (both bool)."""
    both = (found & gold).sum(axis=1)
    return 2 * both / np.maximum(found.sum(axis=1) + gold.sum(axis=1), 1)


def _row(name: str, f1: np.ndarray) -> dict[str, Any]:
    """A line of the table; the interval is that of the mean over texts drawn with replacement."""
    draw = np.random.default_rng(0)
    means = [f1[draw.integers(0, len(f1), len(f1))].mean() for _ in range(_RESAMPLED)]
    low, high = np.quantile(means, (0.025, 0.975))
    return {
        "themes given by": name,
        "texts": len(f1),
        "sample F1": float(f1.mean()),
        "95 % from": float(low),
        "to": float(high),
    }


def _mean_by_text(drawn: list[np.ndarray]) -> np.ndarray:
    """Per text the mean over the draws in which it was no example; texts that always were are left out."""
    stacked = np.stack(drawn)
    return np.nanmean(stacked[:, ~np.isnan(stacked).all(axis=0)], axis=0)


def _with_examples(texts: list[str], themes: list[GivenTheme], gold: np.ndarray, seed: int) -> np.ndarray:
    """The F1 by text, NaN for the examples; all texts are mapped together, as in use."""
    draw = np.random.default_rng(seed)
    shown = [draw.permutation(np.flatnonzero(gold[:, theme]))[:EXAMPLES] for theme in range(len(themes))]
    used = np.unique(np.concatenate(shown))
    # An example that speaks of several themes is given to all of them, as a person would.
    taught = [
        GivenTheme(theme.title, theme.description, tuple(texts[i] for i in used if gold[i, at]))
        for at, theme in enumerate(themes)
    ]
    f1 = f1_by_text(map_to_themes(texts, taught).chosen, gold)
    f1[used] = np.nan
    return f1


def _patients() -> tuple[list[str], list[GivenTheme], np.ndarray]:
    """Patients' comments that people gave a theme, and the themes' titles."""
    data = nhs()
    labels = data.labels.astype(bool)
    labels[:, [name in _NO_LABEL for name in data.label_names]] = False
    rows, columns = np.flatnonzero(labels.any(axis=1)), np.flatnonzero(labels.any(axis=0))
    themes = [GivenTheme(data.label_names[column]) for column in columns]
    return [data.texts[row] for row in rows], themes, labels[np.ix_(rows, columns)]


def _requests() -> tuple[list[str], list[GivenTheme], np.ndarray]:
    """Every tenth service request of a named type, and the types."""
    path = data_folder() / "boston311" / "requests_dev.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        read = [row for row in csv.DictReader(file) if row["service_name"] != _NO_SERVICE][::_BOSTON_EVERY]
    names = sorted({row["service_name"] for row in read})
    gold = np.array([[row["service_name"] == name for name in names] for row in read])
    return [row["description"] for row in read], [GivenTheme(name) for name in names], gold


def _question() -> tuple[list[str], list[GivenTheme], np.ndarray]:
    folder = data_folder() / "consultation_synthetic" / "gambling_XS"
    truth = folder / "outputs" / "mapping" / "2025-07-22" / "question_part_1"
    given = [t for t in json.loads((truth / "themes.json").read_text()) if t["topic_id"] not in _NO_THEME]
    responses = _lines(folder / "inputs" / "question_part_1" / "responses.jsonl")
    labels = {row["response_id"]: row["labels"] for row in _lines(truth / "mapping.jsonl")}
    gold = np.array([[t["topic_id"] in labels[row["response_id"]] for t in given] for row in responses])
    themes = [GivenTheme(t["topic_label"], t["topic_description"]) for t in given]
    return [row["response"] for row in responses], themes, gold


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines() if line]


if __name__ == "__main__":
    write_results("themes-gambling", measure_gambling())
