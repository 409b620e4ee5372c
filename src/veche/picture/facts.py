"""What the report needs beside the cube: urgent appeals, how sure the machine was, what it could not read.

Reads the Parquet of a finished run with DuckDB in bounded memory and returns small plain values.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

#: Facets whose confidence is reported, in this order.
FACETS = ("language", "kind", "topic", "place", "body", "urgency", "theme")

#: Lower ends of the bands of confidence. Below the second a decision is as likely wrong as right, so it
#: is left to people.
BANDS = (0.0, 0.5, 0.7, 0.9)

#: How many urgent and how many rare appeals the report lists.
URGENT_SHOWN = 100
RARE_SHOWN = 8


@dataclass(frozen=True)
class Sureness:
    """How many appeals of a facet fall into each band of `BANDS`, and how many got no value."""

    facet: str
    bands: tuple[int, ...]
    nothing: int


@dataclass(frozen=True)
class Facts:
    """What was read. `left` counts appeals whose topic is missing or in the lowest band; `rare` are some of
    those that no theme holds, drawn by lot."""

    urgent_counts: dict[str, int]
    urgent: list[dict[str, Any]]
    sureness: list[Sureness]
    left: int | None
    unread: dict[str, int]
    rare: list[dict[str, Any]]


def read_facts(con: duckdb.DuckDBPyConnection, out: Path) -> Facts:
    """Read the facts of the run in `out`."""
    parts = sorted((out / "appeals").glob("*.parquet"))
    if not parts:
        return Facts({}, [], [], None, {}, [])
    has = set(pq.read_schema(parts[0]).names)
    con.read_parquet([str(p) for p in parts]).create_view("appeals")
    return Facts(
        urgent_counts=_urgent_counts(con, has),
        urgent=_urgent(con, has),
        sureness=_sureness(con, has),
        left=_left(con, has),
        unread=_unread(con, has),
        rare=_rare(con, has),
    )


def _urgent_counts(con: duckdb.DuckDBPyConnection, has: set[str]) -> dict[str, int]:
    if "urgency" not in has:
        return {}
    query = "SELECT urgency, count(*) FROM appeals WHERE urgency IN ('life', 'deadline') GROUP BY ALL"
    return {row[0]: row[1] for row in con.execute(query).fetchall()}


def _urgent(con: duckdb.DuckDBPyConnection, has: set[str]) -> list[dict[str, Any]]:
    """Return the urgent appeals to show: threats to life first, then the surest; no copies."""
    if "urgency" not in has:
        return []
    wanted = ("appeal_id", "masked_text", "masks", "urgency", "urgency_confidence", "urgency_evidence",
              "received_at", "place", "topic", "language")  # fmt: skip
    columns = ", ".join(c if c in has else f"NULL AS {c}" for c in wanted)
    originals = "AND copy_of IS NULL" if "copy_of" in has else ""
    query = f"""
        SELECT {columns} FROM appeals WHERE urgency IN ('life', 'deadline') {originals}
        ORDER BY urgency = 'life' DESC, urgency_confidence DESC, appeal_id LIMIT {URGENT_SHOWN}
    """
    return con.sql(query).to_arrow_table().to_pylist()


def _sureness(con: duckdb.DuckDBPyConnection, has: set[str]) -> list[Sureness]:
    facets = [f for f in FACETS if f in has and f"{f}_confidence" in has]
    if not facets:
        return []
    columns: list[str] = []
    for facet in facets:
        for low, high in zip(BANDS, (*BANDS[1:], 2.0), strict=True):
            inside = f"{facet} IS NOT NULL AND {facet}_confidence >= {low} AND {facet}_confidence < {high}"
            columns.append(f"count(*) FILTER ({inside})")
        columns.append(f"count(*) FILTER ({facet} IS NULL)")
    row = con.execute(f"SELECT {', '.join(columns)} FROM appeals").fetchall()[0]
    width = len(BANDS) + 1
    groups: list[Sequence[int]] = [row[i * width : (i + 1) * width] for i in range(len(facets))]
    return [Sureness(f, tuple(g[:-1]), g[-1]) for f, g in zip(facets, groups, strict=True)]


def _left(con: duckdb.DuckDBPyConnection, has: set[str]) -> int | None:
    if "topic" not in has or "topic_confidence" not in has:
        return None
    unsure = f"topic IS NULL OR topic_confidence < {BANDS[1]}"
    return _number(con, f"SELECT count(*) FROM appeals WHERE {unsure}")


def _unread(con: duckdb.DuckDBPyConnection, has: set[str]) -> dict[str, int]:
    """Return how many appeals lack what a reader would expect, by what they lack."""
    asked = {
        "language": "language = 'und' OR language IS NULL",
        "topic": "topic IS NULL",
        "place": "place IS NULL",
        "body": "body IS NULL",
        "error": "error IS NOT NULL",
    }
    return {
        name: _number(con, f"SELECT count(*) FROM appeals WHERE {condition}")
        for name, condition in asked.items()
        if name in has
    }


def _rare(con: duckdb.DuckDBPyConnection, has: set[str]) -> list[dict[str, Any]]:
    """Return rare appeals in the order of their ids, which are digests and so as good as drawn by lot."""
    if "theme" not in has:
        return []
    wanted = ("appeal_id", "masked_text", "received_at", "language")
    columns = ", ".join(c if c in has else f"NULL AS {c}" for c in wanted)
    originals = "AND copy_of IS NULL" if "copy_of" in has else ""
    query = f"""
        SELECT {columns} FROM appeals WHERE theme = 'rare' AND trim(masked_text) <> '' {originals}
        ORDER BY appeal_id LIMIT {RARE_SHOWN}
    """
    return con.sql(query).to_arrow_table().to_pylist()


def _number(con: duckdb.DuckDBPyConnection, query: str) -> int:
    return con.execute(query).fetchall()[0][0]
