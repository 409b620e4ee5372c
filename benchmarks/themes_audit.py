"""Our own digests against random samples: as good as the 95th percentile, no large group below the median.

For each case the digest of the whole run (`digest.json`) is audited, with 1,000 random samples.

    VECHE_DATA=... .venv/bin/python benchmarks/themes_audit.py [--runs FOLDER] [CASE...]

In a folder of runs, runs are kept under the names of the cases and used again.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
from measure import data_folder, print_table, write_results

VECHE = Path(sys.executable).parent / "veche"

#: Case: the file, and the options of the run. The sample is made by `veche sample`.
CASES: dict[str, tuple[str, list[str]]] = {
    "nhs": ("nhs_feedback/feedback_dev.csv.gz", ["--map", "text=FFT answer"]),
    "boston": ("boston311/requests_dev.csv.gz", ["--pack", "boston"]),
    "madrid": ("decide_madrid/proposals.csv.gz", []),
    "petitions": ("uk_petitions/titles.csv.gz", []),
    "sample": ("", ["--pack", "ru"]),
}
SAMPLE_APPEALS = 20_000


def run(name: str, folder: Path) -> Path:
    """Run a case, unless `folder` holds its run."""
    out = folder / name
    if (out / "digest.json").is_file():
        return out
    file, options = CASES[name]
    source = data_folder() / file
    if not file:
        source = folder / "sample.jsonl"
        _call("sample", "--pack", "ru", "--n", SAMPLE_APPEALS, "--seed", 7, "--out", source)
    _call("run", source, "--out", out, *options)
    return out


def audited(name: str, out: Path) -> dict[str, Any]:
    """Return the row of a case."""
    began = time.perf_counter()
    found = orjson.loads(_call("audit", out / "digest.json", out, "--json"))
    audit = found["representation"]
    failing = {tuple(group) for group in audit["failing_groups"]}
    large = [g for g in audit["groups"] if g["share"] >= 0.02]
    return {
        "case": name,
        "appeals": found["appeals"],
        "quotations": audit["k"],
        "standing": audit["standing"]["value"],
        "by lot": audit["standing"]["median"],
        "beats": audit["standing"]["beats"],
        "heard": audit["heard"]["value"],
        "heard by lot": audit["heard"]["median"],
        "worse off": audit["worse_off"]["value"],
        "large groups": len(large),
        "below median": len(failing),
        "left out": len(audit["left_out"]),
        "passes": audit["passes_overall"] and not failing,
        "seconds": time.perf_counter() - began,
    }


def _call(*arguments: object) -> bytes:
    done = subprocess.run([VECHE, *map(str, arguments)], capture_output=True)
    if done.returncode not in (0, 3):
        raise SystemExit(done.stderr.decode())
    return done.stdout


def measure_audit(cases: Sequence[str] = tuple(CASES), runs: Path | None = None) -> dict[str, Any]:
    """Print the table of the cases and return what is written to the results."""
    with tempfile.TemporaryDirectory() as made:
        folder = runs or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        rows = [audited(name, run(name, folder)) for name in cases]
    print_table(rows)
    return {"cases": rows}


def main(arguments: Sequence[str]) -> None:
    """Audit the cases named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="*", default=list(CASES))
    parser.add_argument("--runs", type=Path)
    asked = parser.parse_args(arguments)
    unknown = sorted(set(asked.cases) - set(CASES))
    if unknown:
        raise SystemExit(f"No such case: {', '.join(unknown)}. There are: {', '.join(CASES)}.")
    write_results("themes-audit", measure_audit(asked.cases, asked.runs))


if __name__ == "__main__":
    main(sys.argv[1:])
