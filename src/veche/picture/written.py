"""What a run may have written beside the appeals: the digest of the whole, the audit, bursts and changes.

Each file may be absent; then its part of the report is left out.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq


@dataclass(frozen=True)
class Written:
    """The contents of the files.

    `digests` is that of themes; `digest` the quotations for the whole run; `audit` as `veche audit --json`
    prints it, None where nothing was audited; `alerts` the bursts, the surest first; `changes` what became
    of the themes of an earlier run.
    """

    digests: Mapping[str, Any] = field(default_factory=dict)
    digest: Sequence[Mapping[str, Any]] = ()
    audit: Mapping[str, Any] | None = None
    alerts: Sequence[Mapping[str, Any]] = ()
    changes: Sequence[Mapping[str, Any]] = ()


def read_written(out: Path) -> Written:
    """Read what the run in `out` has written."""
    return Written(
        digests=_json(out / "digests.json") or {},
        digest=_json(out / "digest.json") or [],
        audit=_json(out / "audit.json"),
        alerts=_rows(out / "alerts.parquet"),
        changes=_rows(out / "theme_changes.parquet"),
    )


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def _rows(path: Path) -> list[dict[str, Any]]:
    return pq.read_table(path).to_pylist() if path.exists() else []
