"""Measures how texts are mapped to themes that a person wrote down, on a synthetic consultation.

    VECHE_DATA=... .venv/bin/python benchmarks/themes_gambling.py

Three lines: the titles and descriptions alone; with three texts of each theme as examples, measured on
the others (mean of `DRAWS` draws); and the most frequent two themes for every text, as a floor.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
from measure import data_folder, print_table, write_results

from veche.themes.mapping import GivenTheme, map_to_themes

EXAMPLES, DRAWS = 3, 20

#: What must be reached with examples.
WANTED = 0.60

#: Codes that stand for no theme.
_NO_THEME = ("X", "Y")


def measure_gambling() -> dict[str, Any]:
    """Print the table and return the figures."""
    texts, themes, gold = _question()
    alone = sample_f1(map_to_themes(texts, themes).chosen, gold)
    drawn = [_with_examples(texts, themes, gold, seed) for seed in range(DRAWS)]
    floor = np.zeros_like(gold)
    floor[:, np.argsort(-gold.sum(axis=0), kind="stable")[:2]] = True
    rows = [
        {"themes given by": "the two most frequent, for all texts", "sample F1": sample_f1(floor, gold)},
        {"themes given by": "title and description", "sample F1": alone},
        {"themes given by": f"and {EXAMPLES} examples each", "sample F1": float(np.mean(drawn))},
    ]
    print_table(rows)
    return {"rows": rows, "draws": drawn, "wanted": WANTED, "reached": bool(np.mean(drawn) >= WANTED)}


def sample_f1(found: np.ndarray, gold: np.ndarray) -> float:
    """Return the mean over texts of the F1 of themes found against themes that people gave (both bool)."""
    both = (found & gold).sum(axis=1)
    return float(np.mean(2 * both / np.maximum(found.sum(axis=1) + gold.sum(axis=1), 1)))


def _with_examples(texts: list[str], themes: list[GivenTheme], gold: np.ndarray, seed: int) -> float:
    """The F1 on the texts that are no examples; all texts are mapped together, as in use."""
    draw = np.random.default_rng(seed)
    shown = [draw.permutation(np.flatnonzero(gold[:, theme]))[:EXAMPLES] for theme in range(len(themes))]
    used = np.unique(np.concatenate(shown))
    # An example that speaks of several themes is given to all of them, as a person would.
    taught = [
        GivenTheme(theme.title, theme.description, tuple(texts[i] for i in used if gold[i, at]))
        for at, theme in enumerate(themes)
    ]
    others = np.setdiff1d(np.arange(len(texts)), used)
    return sample_f1(map_to_themes(texts, taught).chosen[others], gold[others])


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
