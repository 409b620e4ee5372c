"""Polis conversations: does a digest quote every opinion group, as their votes tell?

    VECHE_DATA=... .venv/bin/python benchmarks/themes_polis.py [FOLDER OF RUNS]

For each conversation the statements are run, and for each opinion group of at least a tenth of the
participants it is asked how many of its voters support the quoted statement that they support most.
The same is asked of a thousand random choices of as many statements. In a folder of runs, runs are
kept under the names of the conversations and used again.
"""

import csv
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from measure import data_folder, print_table, write_results

from veche.audit.digest import read

VECHE = Path(sys.executable).parent / "veche"
CONVERSATIONS = ("american-assembly.bowling-green", "brexit-consensus", "canadian-electoral-reform")

#: A group counts from this share of the participants on; it is heard if this share of its voters on one
#: quoted statement, at least so many of them, support it.
LARGE = 0.1
SUPPORT = 0.6
LEAST_VOTERS = 5

SAMPLES = 1000
SEED = 7


def support(folder: Path) -> tuple[list[str], dict[str, np.ndarray], dict[str, float]]:
    """Return the ids of the statements, the share of each large group's voters that support each statement
    (NaN where fewer than `LEAST_VOTERS` voted), and the groups' shares of the participants."""
    with (folder / "participants-votes.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    ids = [name for name in rows[0] if name.isdigit()]
    votes = np.array([[float(row[i]) if row[i] else np.nan for i in ids] for row in rows])
    group = np.array([row["group-id"] for row in rows])
    shares = {g: float((group == g).sum() / (group != "").sum()) for g in sorted(set(group) - {""})}
    found = {}
    for g in [g for g, share in shares.items() if share >= LARGE]:
        inside = votes[group == g]
        voters = (~np.isnan(inside)).sum(axis=0)
        agree = (inside == 1).sum(axis=0)
        found[g] = np.where(voters >= LEAST_VOTERS, agree / np.maximum(voters, 1), np.nan)
    return ids, found, shares


def run(comments: Path, out: Path) -> Path:
    """Run the statements, unless `out` holds the run."""
    if not (out / "digests.json").is_file():
        command = [VECHE, "run", comments, "--map", "text=comment-body", "--out", out]
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
        if done.returncode not in (0, 3):
            raise SystemExit(done.stderr)
    return out


def quoted_statements(out: Path) -> set[str]:
    """Return the source's ids of the statements that the run's digest quotes."""
    appeals = pq.read_table(out / "appeals", columns=["appeal_id", "foreign_id"])
    source = dict(zip(appeals["appeal_id"].to_pylist(), appeals["foreign_id"].to_pylist(), strict=True))
    return {source[q.appeal_id] for q in read(out / "digests.json") if q.appeal_id}


def measured(folder: Path, quoted: set[str]) -> list[dict[str, Any]]:
    """Return one row per large group."""
    ids, groups, shares = support(folder)
    chosen = np.array([i for i, name in enumerate(ids) if name in quoted], np.int64)
    rng = np.random.default_rng(SEED)
    rows = []
    for group, supported in groups.items():
        drawn = [best(supported, rng.choice(len(ids), len(chosen), replace=False)) for _ in range(SAMPLES)]
        rows.append(
            {
                "conversation": folder.name,
                "group": group,
                "of participants": shares[group],
                "quoted": len(chosen),
                "of statements": len(ids),
                "best support": best(supported, chosen),
                "random, median": float(np.median(drawn)),
                "heard": bool(best(supported, chosen) >= SUPPORT),
                "heard, random": float(np.mean(np.array(drawn) >= SUPPORT)),
                "own voice": own(groups, group, chosen),
            }
        )
    return rows


def best(supported: np.ndarray, chosen: np.ndarray) -> float:
    """The largest support that a group gives to one of the chosen statements."""
    known = supported[chosen]
    return float(np.nanmax(known)) if (~np.isnan(known)).any() else 0.0


def own(groups: dict[str, np.ndarray], group: str, chosen: np.ndarray) -> int:
    """How many chosen statements a group supports by `SUPPORT` while some other large group does not: a
    statement that everybody supports makes every group heard and tells no dissent."""
    others = np.array([s[chosen] for g, s in groups.items() if g != group])
    dissent = (others < SUPPORT).any(axis=0) if len(others) else np.zeros(len(chosen), bool)
    return int(((groups[group][chosen] >= SUPPORT) & dissent).sum())


def measure_polis(runs: Path | None = None) -> dict[str, Any]:
    """Print the table of the three conversations and return what is written to the results."""
    data = data_folder() / "polis"
    rows = []
    with tempfile.TemporaryDirectory() as made:
        for name in CONVERSATIONS:
            out = run(data / name / "comments.csv", (runs or Path(made)) / name)
            rows += measured(data / name, quoted_statements(out))
    print_table(rows)
    return {"groups": rows, "all heard": all(row["heard"] for row in rows)}


if __name__ == "__main__":
    write_results("themes-polis", measure_polis(Path(sys.argv[1]) if sys.argv[1:] else None))
