"""The manifest of a run: what went in, what came out, and by which versions."""

import dataclasses
import datetime as dt
import json
import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import veche
from veche.engine.pipeline import Plan
from veche.intake import Source
from veche.packs.model import Pack
from veche.run.understand import Layout

NAME = "manifest.json"


def build(
    *,
    pack: Pack,
    plan: Plan,
    sources: Sequence[Source],
    counts: Mapping[str, int],
    reject_reasons: Mapping[str, int],
    stage_seconds: Mapping[str, float],
    step_seconds: Mapping[str, float],
    versions: Mapping[str, str],
    seed: int,
    workers: int,
    began: dt.datetime,
    ended: dt.datetime,
) -> dict[str, Any]:
    """Return the manifest; times are instants in UTC, `stage_seconds` add up all workers."""
    ran = [
        {
            "name": stage.name,
            "version": stage.version,
            "status": "ran",
            "seconds": round(stage_seconds.get(stage.name, 0.0), 3),
            "fell_back": plan.fell_back.get(stage.name, {}),
        }
        for stage in plan.stages
    ]
    skipped = [
        {"name": name, "status": "skipped", "reason": reason, "seconds": 0.0, "fell_back": {}}
        for name, reason in sorted(plan.skipped.items())
    ]
    return {
        "veche": veche.__version__,
        "created": ended.isoformat(timespec="seconds"),
        "began": began.isoformat(timespec="seconds"),
        "seed": seed,
        "inputs": [dataclasses.asdict(source) for source in sources],
        "counts": dict(counts),
        "reject_reasons": dict(sorted(reject_reasons.items())),
        "pack": {"code": pack.code, "version": pack.version},
        "stages": ran + skipped,
        "steps": {name: round(seconds, 3) for name, seconds in step_seconds.items()},
        "versions": dict(versions),
        "machine": {
            "system": platform.system(),
            "processor": platform.machine(),
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "workers": workers,
        },
    }


def write(out: Path, manifest: Mapping[str, Any]) -> Path:
    """Write the manifest into the output folder and return its path."""
    path = out / NAME
    path.write_text(json.dumps(manifest, ensure_ascii=False, indent=2, default=str) + "\n", encoding="utf-8")
    return path


def files(out: Path) -> list[str]:
    """Return the names of the files and folders of a run, sorted, itself and the work folder left out."""
    return sorted(path.name for path in out.iterdir() if path.name != NAME and not path.name.startswith("."))


def read(out: Path) -> dict[str, Any] | None:
    """Return the manifest of a finished run, or None where there is none."""
    path = out / NAME
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def stage_seconds(layout: Layout, parts: int) -> dict[str, float]:
    """Return the seconds of each stage over all parts, as the workers noted them."""
    total: dict[str, float] = {}
    for number in range(parts):
        for name, seconds in json.loads(layout.done(number).read_text())["seconds"].items():
            total[name] = total.get(name, 0.0) + seconds
    return total
