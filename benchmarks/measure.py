"""What the benchmarks share: a command measured as a process tree, a table, and a file of results."""

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import psutil

RESULTS = Path(__file__).resolve().parent / "results"
_POLL_SECONDS = 0.1


class Measured(NamedTuple):
    """One command: wall seconds, and the largest resident memory of it and its children together."""

    seconds: float
    peak_mib: float
    status: int


def measure(command: Sequence[str | Path], *, limit_seconds: float | None = None) -> Measured:
    """Run `command` to its end and measure it; past `limit_seconds` it is killed (status -9)."""
    began = time.perf_counter()
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL)
    tree = psutil.Process(process.pid)
    peak = 0
    while process.poll() is None:
        peak = max(peak, _resident(tree))
        if limit_seconds is not None and time.perf_counter() - began > limit_seconds:
            _kill(tree)
        time.sleep(_POLL_SECONDS)
    return Measured(time.perf_counter() - began, peak / 2**20, process.returncode)


def _kill(tree: psutil.Process) -> None:
    try:
        for process in [*tree.children(recursive=True), tree]:
            process.kill()
    except psutil.NoSuchProcess:
        pass


def _resident(tree: psutil.Process) -> int:
    total = 0
    try:
        for process in [tree, *tree.children(recursive=True)]:
            total += process.memory_info().rss
    except psutil.NoSuchProcess:
        pass
    return total


def data_folder() -> Path:
    """Return the folder of the development data, or end with one clear line."""
    folder = os.environ.get("VECHE_DATA")
    if not folder:
        print("Skipped: set VECHE_DATA to the folder of the development data.", file=sys.stderr)
        raise SystemExit(0)
    return Path(folder)


def print_table(rows: Sequence[dict[str, Any]]) -> None:
    """Print rows with the same keys as an aligned table."""
    names = list(rows[0])
    cells = [names] + [[_shown(row[name]) for name in names] for row in rows]
    widths = [max(len(line[i]) for line in cells) for i in range(len(names))]
    for line in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _shown(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:,.3f}" if isinstance(value, float) and abs(value) < 10 else f"{value:,.0f}"


def write_results(name: str, results: dict[str, Any]) -> None:
    """Write `results/NAME.json`, with the machine they were measured on."""
    RESULTS.mkdir(exist_ok=True)
    machine = {"cores": os.cpu_count(), "processor": platform.machine(), "python": platform.python_version()}
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps({"machine": machine, **results}, indent=2) + "\n")
    print(f"\n{path}")
