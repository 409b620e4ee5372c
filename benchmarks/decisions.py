"""Measures how many decisions of an editor it takes until 95 % of the findings are right.

    VECHE_DATA=... .venv/bin/python benchmarks/decisions.py [ru] [boston] [nhs] [--n N] [--history N]
        [--runs FOLDER]

An editor who is always right answers cards as the desk deals them (`decisions_editor.py`). Each act costs
one, checks too. Beside it stands the editor who reads one appeal after the other and sets all its findings
right by one act. With a history, the sample is understood with a model that learnt from so many others.
Sample appeals are composed of phrases that recur, which flatters; patients' comments have the themes that
people gave them, nothing is proposed of them at first, and they are the honest figure.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

from decisions_data import nhs_facets, sample_facets
from decisions_editor import Editor, Facet, Point
from measure import RESULTS, print_table, write_results

SEED = 7
GOAL = 0.95

#: Decisions per 1,000 appeals: at most, and what is aimed at.
AT_MOST, AIM = 100, 50

#: The curve is followed up to so many acts for each appeal.
_LONGEST = 0.5


def main() -> None:
    """Measure the sets named, or all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("sets", nargs="*", default=["ru", "boston", "nhs"])
    parser.add_argument("--n", type=int, default=20_000, help="sample appeals of each pack")
    parser.add_argument("--history", type=int, default=0, help="decided appeals that a model learns from")
    parser.add_argument("--runs", type=Path, help="folder in which the runs of the samples are kept")
    options = parser.parse_args()
    path = RESULTS / "decisions.json"
    sets: dict[str, Any] = json.loads(path.read_text())["sets"] if path.exists() else {}
    for name in options.sets:
        title, facets = _set(name, options)
        sets[title] = _measured(title, facets)
        figures = {title: found["decisions_per_1000"] for title, found in sets.items()}
        write_results("decisions", {"decisions_per_1000": figures, "sets": sets})


def _set(name: str, options: argparse.Namespace) -> tuple[str, list[Facet]]:
    if name == "nhs":
        return "patients' comments", nhs_facets()
    title = f"{name}: {options.n} sample appeals"
    if options.history:
        title += f", a model of {options.history} others"
    return title, sample_facets(name, options.n, history=options.history, runs=options.runs)


def _measured(title: str, facets: list[Facet]) -> dict[str, Any]:
    n = len(facets[0].waiting)
    began = time.perf_counter()
    editor = Editor(facets, seed=SEED)
    curve = editor.play(most=int(_LONGEST * n), goal=GOAL)
    last = curve[-1]
    print(f"\n{title}")
    print_table([_row(point, n) for point in _thinned(curve)])
    reached = last.right >= GOAL
    per_1000 = 1000 * last.acts / n
    told = "reached" if reached else "not reached"
    print(f"decisions per 1,000: {per_1000:.1f}, {told} (at most {AT_MOST}, aim {AIM})")
    print(f"one appeal after the other: {_one_by_one(curve[0].right):.0f} per 1,000")
    return {
        "appeals": n,
        "reached": reached,
        "acts": last.acts,
        "decisions_per_1000": per_1000,
        "error_left": 1 - last.right,
        "one_by_one_per_1000": _one_by_one(curve[0].right),
        "acts_by_kind": dict(sorted(editor.kinds.items())),
        "checks": _checks(editor),
        "seconds": time.perf_counter() - began,
        "curve": [_row(point, n) for point in curve],
    }


def _one_by_one(right: float) -> float:
    """Return how many appeals of 1,000 have to be read in their order where so many findings are right."""
    return 1000 * max(0.0, (GOAL - right) / (1 - right))


def _checks(editor: Editor) -> dict[str, Any]:
    right = sum(check.right for check in editor.checks)
    return {"checked": len(editor.checks), "right": right / max(len(editor.checks), 1)}


def _row(point: Point, n: int) -> dict[str, Any]:
    return {"acts": point.acts, "per 1,000": 1000 * point.acts / n, "right": point.right, **point.by_name}


def _thinned(curve: list[Point]) -> list[Point]:
    """Return about a dozen points of the curve, the last of them too."""
    step = max(1, len(curve) // 12)
    return [*curve[:-1:step], curve[-1]]


if __name__ == "__main__":
    main()
