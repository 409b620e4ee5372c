"""Measures what is learnt from labelled appeals against simple means, and prints a table for each part.

    VECHE_DATA=... .venv/bin/python benchmarks/learning.py [PART...]

Five folds, copies together; every chance and every threshold is learnt from other folds than it is used on.
Parts are measured one by one and kept in `results/learning.json`, each with when it was measured.
"""

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
from learning_corrections import measure_corrections
from learning_data import boston_service, nhs_one_theme, nhs_themes, sample, text_alone
from learning_duplicates import measure_duplicates
from learning_peers import NO_MODEL2VEC, svm_scores
from learning_promise import measure_promise
from learning_speed import measure_speed
from measure import RESULTS, data_folder, print_table, write_results
from sklearn.metrics import f1_score

from veche.learn.calibrate import fit_calibration
from veche.learn.circumstances import PERIOD
from veche.learn.examples import Inputs, Labels
from veche.learn.heads import cross_scores, fit
from veche.learn.saying import learn_saying
from veche.learn.splits import splits

SEED = 7
FOLDS = 5
SAMPLE_ROWS = 3_000


def measure_themes() -> dict[str, Any]:
    """Several themes to a comment (NHS)."""
    inputs, labels, same = nhs_themes()
    part = splits(same, labels, FOLDS, SEED)
    scores = cross_scores(inputs, labels, same, folds=FOLDS, seed=SEED)
    ours = _several(_said_out_of_fold(scores, labels, part), labels)
    peer = _several(svm_scores(inputs, labels, part) > 0, labels)
    asked = {name: peer[name] + more for name, more in zip(peer, (0.04, 0.06, 0.05), strict=True)}
    return _told({"ours": ours, "TF-IDF + SVM": peer, "at least": asked})


def measure_boston() -> dict[str, Any]:
    """Service types of the City of Boston, by all that is known and by the text alone; and of the last fifth
    in time, learnt from those before."""
    inputs, labels, same = boston_service()
    rows = _one_label((inputs, labels, same), at_least=0.925)
    alone = text_alone(inputs)
    rows["text alone"] = _one_label((alone, labels, same), peer=False)["ours"]
    quarters = np.unique(inputs.circumstances[PERIOD].to_pylist(), return_inverse=True)[1]
    later = quarters > np.quantile(quarters, 0.8, method="lower")
    for name, some in (("later ones", inputs), ("later ones, text alone", alone)):
        head = fit(some.take(np.flatnonzero(~later)), labels.take(np.flatnonzero(~later)), seed=SEED)
        rows[name] = _single(head.scores(some.take(np.flatnonzero(later))), labels.single()[later])
    return _told(rows)


def measure_nhs_one() -> dict[str, Any]:
    """One theme to a comment (NHS), rare ones included."""
    return _one_label(nhs_one_theme())


def measure_sample() -> dict[str, Any]:
    """Topics and bodies of the invented sample; phrases recur there, so it flatters every method."""
    rows: dict[str, Any] = {}
    for pack in ("ru", "boston"):
        for kind in ("topic", "body"):
            rows |= {f"{pack} {kind}": _one_label(sample(pack, SAMPLE_ROWS, kind=kind), peer=False)["ours"]}
    return _told(rows)


#: Part: measures it, prints its table, returns what is written to the results.
PARTS: dict[str, Callable[[], dict[str, Any]]] = {
    "themes": measure_themes,
    "boston": measure_boston,
    "nhs-one": measure_nhs_one,
    "duplicates": measure_duplicates,
    "sample": measure_sample,
    "promise": measure_promise,
    "speed": measure_speed,
    "corrections": measure_corrections,
}


def _one_label(
    data: tuple[Inputs, Labels, np.ndarray], *, at_least: float | None = None, peer: bool = True
) -> dict[str, Any]:
    inputs, labels, same = data
    truth = labels.single()
    scores = cross_scores(inputs, labels, same, folds=FOLDS, seed=SEED)
    rows = {"ours": _single(scores, truth)}
    if peer:
        part = splits(same, labels, FOLDS, SEED)
        rows["TF-IDF + SVM"] = _single(svm_scores(inputs, labels, part), truth)
    if at_least is not None:
        rows["at least"] = {"weighted_f1": at_least, "macro_f1": "", "top3_accuracy": ""}
    return _told(rows) if peer else rows


def _single(scores: np.ndarray, truth: np.ndarray) -> dict[str, Any]:
    best = np.argsort(-scores, axis=1, kind="stable")[:, :3]
    return {
        "weighted_f1": float(f1_score(truth, best[:, 0], average="weighted")),
        "macro_f1": float(f1_score(truth, best[:, 0], average="macro")),
        "top3_accuracy": float((best == truth[:, None]).any(axis=1).mean()),
    }


def _said_out_of_fold(scores: np.ndarray, labels: Labels, part: np.ndarray) -> np.ndarray:
    """Return what is said of each row by chances and a threshold that were learnt from the other parts."""
    said = np.zeros(scores.shape, bool)
    for fold in np.unique(part):
        old, new = np.flatnonzero(part != fold), np.flatnonzero(part == fold)
        calibration = fit_calibration(scores[old], labels.take(old))
        rule = learn_saying(calibration.chances(scores[old]), labels.take(old))
        said[new] = rule.said(calibration.chances(scores[new]))
    return said


def _several(said: np.ndarray, labels: Labels) -> dict[str, Any]:
    truth = labels.given.toarray().astype(bool)
    return {
        "micro_f1": float(f1_score(truth, said, average="micro")),
        "macro_f1": float(f1_score(truth, said, average="macro")),
        "exact_match": float((truth == said).all(axis=1).mean()),
    }


def _told(rows: dict[str, dict[str, Any]]) -> dict[str, Any]:
    print_table([{"": name, **row} for name, row in rows.items()])
    return rows


def main() -> None:
    """Measure the parts named, or all."""
    chosen = sys.argv[1:] or list(PARTS)
    unknown = sorted(set(chosen) - set(PARTS))
    if unknown:
        raise SystemExit(f"No such part: {', '.join(unknown)}. There are: {', '.join(PARTS)}.")
    data_folder()
    path = RESULTS / "learning.json"
    results = json.loads(path.read_text())["parts"] if path.exists() else {}
    for part in chosen:
        print(f"\n{part}: {PARTS[part].__doc__}\n")
        began = time.perf_counter()
        rows = PARTS[part]()
        seconds = round(time.perf_counter() - began, 1)
        results[part] = {"rows": rows, "seconds": seconds, "on": datetime.now(UTC).date().isoformat()}
        write_results("learning", {"parts": results})
    print(NO_MODEL2VEC)


if __name__ == "__main__":
    main()
