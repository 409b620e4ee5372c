"""Are chances true, and are promises kept, on appeals that were not seen? Twenty random splits each.

In each split four fifths of the appeals train, calibrate and set the thresholds, as `veche train` does; the
last fifth is what comes next. Copies stay together.
"""

from typing import Any

import numpy as np
from learning_data import boston_service, nhs_one_theme, nhs_themes
from measure import print_table

from veche.learn.calibrate import binned_error, fit_calibration
from veche.learn.examples import Inputs, Labels
from veche.learn.heads import cross_scores, fit
from veche.learn.model import Seen
from veche.learn.promise import keep_promise

#: What may be asked: the promise kept in 18 of 20 splits, and nowhere broken by more than 0.02.
SPLITS, KEPT, FARTHEST = 20, 18, 0.02

PRECISIONS = (0.8, 0.9, 0.95)
SEED = 7

_NEXT = 0.2

DATA = {"Boston services": boston_service, "NHS one theme": nhs_one_theme, "NHS themes": nhs_themes}


def measure_promise() -> dict[str, Any]:
    """Promises of a precision: in how many splits they were kept, and how much was decided alone."""
    rows: dict[str, Any] = {}
    for name, read in DATA.items():
        seen, after = zip(*_splits(*read()), strict=True)
        chance, right = (np.concatenate([getattr(a, part) for a in after]) for part in ("chance", "right"))
        off = binned_error(chance.astype(np.float64), right)
        for precision in PRECISIONS:
            kept = [_kept(s, a, precision) for s, a in zip(seen, after, strict=True)]
            rows[f"{name}, {precision}"] = {"chance_off_by": off} | _summed_up(kept, precision)
    print_table([{"": name, **row} for name, row in rows.items()])
    return rows


def _splits(inputs: Inputs, labels: Labels, same: np.ndarray) -> list[tuple[Seen, Seen]]:
    """Return, for each split, what was said out of fold and what was said about the appeals held out."""
    rng = np.random.default_rng(SEED)
    _, group = np.unique(same, return_inverse=True)
    out = []
    for number in range(SPLITS):
        held_out = rng.random(group.max() + 1)[group] < _NEXT
        old, new = np.flatnonzero(~held_out), np.flatnonzero(held_out)
        known, known_labels = inputs.take(old), labels.take(old)
        scores = cross_scores(known, known_labels, same[old], seed=number)
        calibration = fit_calibration(scores, known_labels, same[old])
        seen = _first(calibration.chances(scores), known_labels, same[old])
        chances = calibration.chances(fit(known, known_labels, seed=number).scores(inputs.take(new)))
        out.append((seen, _first(chances, labels.take(new), same[new])))
        print(number + 1, end=" ", flush=True)
    print()
    return out


def _first(chances: np.ndarray, labels: Labels, same: np.ndarray) -> Seen:
    label = chances.argmax(axis=1)
    row = np.arange(len(label))
    right = np.asarray(labels.given.tocsr()[row, label], bool).ravel()
    return Seen(chances[row, label], label.astype(np.int32), right, same)


def _kept(seen: Seen, after: Seen, precision: float) -> tuple[float, float, float]:
    """Return the share decided alone, and how much of it is right: copies as one, and as many."""
    promise = keep_promise(seen, precision=precision)
    decided = promise.decides(after.chance, after.label)
    if not decided.any():
        return 0.0, 1.0, 1.0
    right, same = after.right[decided], np.unique(after.copies[decided], return_inverse=True)[1]
    once = np.bincount(same, weights=right) / np.bincount(same)
    return float(decided.mean()), float(once.mean()), float(right.mean())


def _summed_up(kept: list[tuple[float, float, float]], precision: float) -> dict[str, Any]:
    alone, right, with_copies = np.array(kept).T
    return {
        "decided_alone": float(alone.mean()),
        "right": float(right.mean()),
        f"kept_of_{SPLITS}": int((right >= precision).sum()),
        "farthest_below": float(np.maximum(0, precision - right).max()),
        f"kept_of_{SPLITS}_copies_counted": int((with_copies >= precision).sum()),
    }
