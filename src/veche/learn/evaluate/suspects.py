"""Labels that are probably wrong: the model, which has not seen them, is sure of another one.

By confident learning (Northcutt, Jiang and Chuang 2021): a label counts as said with confidence when its
chance is at least the mean chance that it has where people gave it, and at least one half. An
appeal with a label that the model had no example of is nobody's mistake.
"""

from typing import Any

import numpy as np

from veche.learn.evaluate.judged import Judged
from veche.learn.examples import Examples

#: Suspects that are listed, the surest first; all are counted.
_MOST_LISTED = 50

#: Rare labels have low chances even where people gave them; below this nobody is sure of anything.
_SURE = 0.5

#: Characters of a masked text that are shown.
_SNIPPET = 160


def suspects(tested: Judged) -> np.ndarray:
    """Return the suspects, the surest first: a row each of number of the appeal, label given (-1 for a label
    that is missing), label said (-1 for a label that is too much); int64 [m, 3]."""
    truth, chances = tested.truth(), tested.chances
    least = _usual_chance(truth, chances)
    if not tested.labels.set.multi:
        sure = np.where(chances >= np.maximum(least, _SURE), chances, -1)
        said = sure.argmax(axis=1)
        given = tested.labels.single()
        rows = np.flatnonzero((sure.max(axis=1, initial=-1) > 0) & (said != given) & tested.learnt)
        margin = chances[rows, said[rows]] - chances[rows, given[rows]]
        order = np.lexsort((rows, -margin))
        return np.stack([rows, given[rows], said[rows]], axis=1)[order]
    against = _usual_chance(~truth, 1 - chances)
    row, label = np.nonzero(~truth & (chances >= np.maximum(least, _SURE)))
    missing = np.stack([row, np.full(len(row), -1), label], axis=1)
    row2, label2 = np.nonzero(truth & tested.learnt[:, None] & (1 - chances >= np.maximum(against, _SURE)))
    much = np.stack([row2, label2, np.full(len(row2), -1)], axis=1)
    sure = np.concatenate([chances[row, label], 1 - chances[row2, label2]])
    both = np.concatenate([missing, much]).astype(np.int64)
    return both[np.lexsort((both[:, 0], -sure))]


def as_json(tested: Judged, examples: Examples) -> dict[str, Any]:
    """Return how many suspects there are and the surest, with ids and the beginnings of masked texts."""
    found, names = suspects(tested), tested.labels.set.names
    listed = found[:_MOST_LISTED]
    rows = tested.rows[listed[:, 0]]
    texts, ids = examples.inputs.texts, examples.ids
    return {
        "count": len(np.unique(found[:, 0])),
        "listed": [
            {
                "appeal_id": ids[int(row)].as_py(),
                "given": None if given < 0 else names[given],
                "said": None if said < 0 else names[said],
                "chance": round(float(tested.chances[at, said if said >= 0 else given]), 4),
                "text": _snippet(texts[int(row)].as_py()),
            }
            for row, (at, given, said) in zip(rows.tolist(), listed.tolist(), strict=True)
        ],
    }


def _usual_chance(truth: np.ndarray, chances: np.ndarray) -> np.ndarray:
    """Return the mean chance of each label where it holds, above 1 where it never does (float64 [c])."""
    count = truth.sum(axis=0)
    total = np.where(truth, chances, 0).sum(axis=0, dtype=np.float64)
    return np.where(count > 0, total / np.maximum(count, 1), 2.0)


def _snippet(text: str | None) -> str:
    flat = " ".join((text or "").split())
    return flat if len(flat) <= _SNIPPET else flat[:_SNIPPET].rsplit(" ", 1)[0] + " …"
