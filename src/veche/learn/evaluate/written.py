"""What an evaluation leaves in a folder: the document, and what was said of each appeal."""

from pathlib import Path

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from veche.core.errors import OutputError
from veche.core.library_words import reason
from veche.core.look import Look
from veche.learn.evaluate.page import render
from veche.learn.evaluate.whole import Evaluation
from veche.learn.examples import Examples

PAGE = "evaluation.html"
DOCUMENT = "evaluation.json"
PREDICTIONS = "predictions.parquet"

_TOP = 3

#: One row per facet and tested appeal; no texts. `said` and `given` hold labels, several in a multi facet.
SCHEMA = pa.schema(
    [
        pa.field("facet", pa.string(), nullable=False),
        pa.field("appeal_id", pa.string(), nullable=False),
        pa.field("given", pa.list_(pa.string()), nullable=False),
        pa.field("said", pa.list_(pa.string()), nullable=False),
        pa.field("right", pa.bool_(), nullable=False),
        pa.field("alone", pa.bool_(), nullable=False),
        pa.field("first", pa.list_(pa.string()), nullable=False),
        pa.field("chances", pa.list_(pa.float32()), nullable=False),
        pa.field("part", pa.int32(), nullable=False),
    ]
)


def write_evaluation(out: Path, evaluation: Evaluation, examples: Examples, look: Look) -> None:
    """Write `evaluation.html`, `evaluation.json` and `predictions.parquet`. Raises `OutputError`."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / DOCUMENT).write_bytes(orjson.dumps(evaluation.document, option=orjson.OPT_INDENT_2))
        (out / PAGE).write_text(render(evaluation.document, look), encoding="utf-8")
        pq.write_table(predictions(evaluation, examples), out / PREDICTIONS, compression="zstd")
    except OSError as error:
        raise OutputError(path=error.filename or out, reason=reason(error)) from error


def predictions(evaluation: Evaluation, examples: Examples) -> pa.Table:
    """Return what was said of each appeal, with the best three labels (`first`) and their chances."""
    tables = [SCHEMA.empty_table()]
    for facet, tested in evaluation.tested.items():
        names = pa.array(tested.labels.set.names, pa.string())
        n, chances = len(tested), tested.chances
        top = np.argsort(-chances, axis=1, kind="stable")[:, :_TOP]
        width = top.shape[1]
        ends = pa.array(np.arange(0, n * width + 1, max(width, 1))[: n + 1], pa.int32())
        best = np.take_along_axis(chances, top, axis=1)
        columns = [
            pa.array([facet] * n, pa.string()),
            examples.ids.take(pa.array(tested.rows)),
            _lists(tested.truth(), names),
            _lists(tested.said, names),
            pa.array(tested.right()),
            pa.array(tested.alone),
            pa.ListArray.from_arrays(ends, names.take(pa.array(top.ravel()))),
            pa.ListArray.from_arrays(ends, pa.array(best.ravel().astype(np.float32))),
            pa.array(tested.part.astype(np.int32)),
        ]
        tables.append(pa.Table.from_arrays(columns, schema=SCHEMA))
    return pa.concat_tables(tables)


def _lists(mask: np.ndarray, names: pa.Array) -> pa.ListArray:
    _rows, labels = np.nonzero(mask)
    ends = np.concatenate([[0], np.cumsum(mask.sum(axis=1))])
    return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), names.take(pa.array(labels)))
