"""Measures each stage alone: appeals a second on one core, and its share of the time of all stages.

VECHE_DATA=... .venv/bin/python benchmarks/stages.py [PACK]
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
from measure import data_folder, print_table, write_results

from veche.core.appeal import APPEAL
from veche.engine.pipeline import plan
from veche.engine.registry import available, make
from veche.engine.stage import Context
from veche.intake import Intake
from veche.packs import load_pack
from veche.packs.sample import write_sample

ROWS = 4096
BATCHES = 5


def main() -> None:
    """Measure all stages over a few batches of real appeals (boston) or sample appeals (ru)."""
    code = sys.argv[1] if len(sys.argv) > 1 else "boston"
    batches = list(_batches(code))
    n = sum(len(b) for b in batches)
    chosen = plan(make(list(available())), given=APPEAL.names)
    context = Context(load_pack(code), seed=7, threads=1)
    seconds: dict[str, float] = {}
    for stage in chosen.stages:
        stage.open(context)
        stage(batches[0].slice(0, 64))
        began = time.perf_counter()
        batches = [stage(batch) for batch in batches]
        seconds[stage.name] = time.perf_counter() - began
    whole = sum(seconds.values())
    rows = [
        {"stage": name, "appeals/s": n / spent, "ms each": 1000 * spent / n, "share": spent / whole}
        for name, spent in seconds.items()
    ]
    rows.append({"stage": "all", "appeals/s": n / whole, "ms each": 1000 * whole / n, "share": 1.0})
    print_table(rows)
    write_results("stages" if code == "boston" else f"stages-{code}", {"appeals": n, "stages": rows})


def _batches(code: str) -> Iterator[pa.Table]:
    pack = load_pack(code)
    with tempfile.TemporaryDirectory() as folder:
        if code == "boston":
            path = data_folder() / "boston311" / "requests_bulk.parquet"
        else:
            path = Path(folder) / "sample.jsonl"
            write_sample(pack, n=ROWS * BATCHES, seed=7, out=path, truth=None)
        yield from Intake([str(path)], timezone=pack.timezone, limit=ROWS * BATCHES, batch_rows=ROWS)


if __name__ == "__main__":
    main()
