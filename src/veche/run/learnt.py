"""A run with a model: what is asked of the model, and what the manifest says of its decisions."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from veche.core.errors import UsageError
from veche.core.i18n import _
from veche.learn.alone import ALONE
from veche.learn.circumstances import CELL, HOUR, MONTH, PERIOD, WEEKDAY
from veche.learn.file import load
from veche.learn.model import FacetModel
from veche.learn.promise import keep_promise
from veche.learn.stage import DECIDED, Use, use_of
from veche.packs.model import Pack
from veche.run.columns import APPEALS, FACET, FACETS
from veche.stages.columns import PLACE

#: The column that each trait and circumstance is read from.
_COLUMNS = {"territory": PLACE.name, "channel": "channel", CELL: "lat"} | dict.fromkeys(
    (PERIOD, MONTH, WEEKDAY, HOUR), "received_at"
)


def use_model(path: Path | None, precision: Mapping[str, float], *, pack: Pack) -> Use | None:
    """Return how a run uses the model at `path`. Raises `UsageError`, and as `veche.learn.stage.use_of`."""
    if path is None:
        if precision:
            raise UsageError(
                problem=_("--precision needs --model: it is a promise about a model's decisions.")
            )
        return None
    facets = [pattern.format(facet=facet) for facet in FACETS for pattern in FACET]
    return use_of(path, pack=pack, precision=precision, taken=[*APPEALS, *facets])


def fingerprint(use: Use | None) -> list[Any] | None:
    """Return what decides what a model makes of the appeals, as JSON."""
    return None if use is None else [use.sha256, {role.facet: role.precision for role in use.roles}]


def told(out: Path, use: Use | None) -> dict[str, Any]:
    """Return what the manifest says of the model: its digest, its pack and, for each facet, what it
    promised and how many appeals it decided alone or left to people, by reason."""
    if use is None:
        return {}
    model = load(use.path)
    facets = {}
    for role in use.roles:
        promise = keep_promise(model.facets[role.facet].seen, precision=role.precision)
        counts = _counts(out, role.column + DECIDED)
        facets[role.facet] = {
            "column": role.column,
            "precision": role.precision,
            "held": bool(promise.held),
            "coverage": round(float(promise.coverage), 4),
            "alone": counts.pop(ALONE, 0),
            "waiting": counts,
            "lacking": _lacking(out, model.facets[role.facet]),
        }
    made_with = dict(zip(("code", "version"), use.pack, strict=True))
    return {"model": {"file": use.path.name, "sha256": use.sha256, "pack": made_with, "facets": facets}}


def _lacking(out: Path, facet: FacetModel) -> dict[str, int]:
    """Return how many appeals have nothing in each of the columns that the model reads beside the text."""
    taught = {name.partition("=")[0] for name in facet.head.columns.traits}
    columns = list(dict.fromkeys(column for trait, column in _COLUMNS.items() if trait in taught))
    if not columns or not any((out / "appeals").glob("*.parquet")):
        return {}
    appeals = duckdb.read_parquet(str(out / "appeals" / "*.parquet"))
    known = [column for column in columns if column in appeals.columns]
    empty = [f"count(*) - count({column})" if column in known else "count(*)" for column in columns]
    counts = appeals.aggregate(", ".join(empty)).fetchall()[0]
    return {column: n for column, n in zip(columns, counts, strict=True) if n}


def _counts(out: Path, facet: str) -> dict[str, int]:
    """Return how many appeals there are of each code of `facet`; of an appeal with several labels all must
    need nobody, else the reason of the first that waits counts."""
    if not any((out / "findings").glob("*.parquet")):
        return {}
    found = duckdb.execute(
        """
        select code, count(*) from (
            select coalesce(arg_min(value, rank) filter (value <> $alone), $alone) as code
            from read_parquet($parts) where facet = $facet and matter = 0 group by appeal_id
        ) group by code order by code
        """,
        {"alone": ALONE, "facet": facet, "parts": str(out / "findings" / "*.parquet")},
    )
    return dict(found.fetchall())
