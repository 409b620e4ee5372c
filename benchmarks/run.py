"""Measures the main job: time and memory on real and on sample appeals, against the figures required.

    VECHE_DATA=... .venv/bin/python benchmarks/run.py [CASE...]

Memory is the resident memory of the command and its workers together, so pages that they share count
more than once.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from measure import data_folder, measure, print_table, write_results

VECHE = Path(sys.executable).parent / "veche"

#: Case: input, limit of rows, further options, most seconds, most MiB.
CASES: dict[str, tuple[str, int | None, list[str], float | None, float | None]] = {
    "boston": ("boston", None, [], 12 * 60, 4096),
    "boston without vectors": ("boston", None, ["--skip", "vectors"], 4 * 60, 4096),
    "boston 100,000": ("boston", 100_000, [], None, None),
    "boston 100,000 without vectors": ("boston", 100_000, ["--skip", "vectors"], None, None),
    "sample 20,000": ("sample", None, [], 90, None),
}

#: Memory on all rows is at most this many times that on 100,000.
MEMORY_RATIO = 1.5


def main() -> None:
    """Measure the cases named, or all."""
    chosen = sys.argv[1:] or list(CASES)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name in chosen:
            rows.append(_measured(name, Path(folder)))
            print_table(rows[-1:])
    print()
    print_table(rows)
    results: dict[str, Any] = {"cases": rows}
    for suffix in ("", " without vectors"):
        peaks = {row["case"]: row["peak MiB"] for row in rows}
        whole, part = peaks.get("boston" + suffix), peaks.get("boston 100,000" + suffix)
        if whole and part:
            ratio = whole / part
            results["memory ratio" + suffix] = ratio
            print(f"memory on all rows / on 100,000{suffix}: {ratio:.2f} (at most {MEMORY_RATIO})")
    write_results("run", results)


def _measured(name: str, folder: Path) -> dict[str, Any]:
    kind, limit, options, most_seconds, most_mib = CASES[name]
    source, pack, n = _input(kind, folder)
    out = folder / name.replace(" ", "-")
    command = [VECHE, "run", source, "--pack", pack, "--out", out, *options]
    if limit:
        command += ["--limit", str(limit)]
        n = min(n, limit)
    got = measure(command)
    if got.status not in (0, 3):
        raise SystemExit(f"{name}: the command ended with status {got.status}")
    return {
        "case": name,
        "appeals": n,
        "seconds": got.seconds,
        "at most s": most_seconds or "",
        "peak MiB": got.peak_mib,
        "at most MiB": most_mib or "",
        "appeals/s": n / got.seconds,
        "holds": (most_seconds is None or got.seconds <= most_seconds)
        and (most_mib is None or got.peak_mib <= most_mib),
    }


def _input(kind: str, folder: Path) -> tuple[Path, str, int]:
    if kind == "boston":
        path = data_folder() / "boston311" / "requests_bulk.parquet"
        return path, "boston", pq.read_metadata(path).num_rows
    path = folder / "sample.jsonl"
    if not path.exists():
        measure([VECHE, "sample", "--pack", "ru", "--n", "20000", "--out", path])
    return path, "ru", 20_000


if __name__ == "__main__":
    main()
