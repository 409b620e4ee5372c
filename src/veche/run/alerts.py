"""Alerts of a run: themes and topics of which much more comes at the end than was to be expected.

Counts the appeals by local day, by theme or topic, and by part of the country; the statistics are those
of `veche.themes.following.bursts`.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from veche.packs.model import Pack
from veche.packs.rules.calendars import calendar_of
from veche.picture.tree import places_of
from veche.themes.following import Alert, Cells
from veche.themes.following import alerts as bursts

FILE = "alerts.parquet"

#: The surest first. `theme` or `topic` is null where the other one, or all appeals, burst; `territory`
#: is null for the whole of the pack.
ALERTS = pa.schema(
    [
        pa.field("theme", pa.string()),
        pa.field("topic", pa.string()),
        pa.field("territory", pa.string()),
        pa.field("since", pa.date32()),
        pa.field("until", pa.date32()),
        pa.field("seen", pa.int64()),
        pa.field("expected", pa.float64()),
        pa.field("chance", pa.float64()),
    ]
)

_COLUMNS = ("received_at", "theme", "topic", "place")


def write_alerts(out: Path, *, pack: Pack) -> pa.Table:
    """Write `alerts.parquet` of the run at `out` in the `ALERTS` schema; no rows where days are too few."""
    appeals = _appeals(out, pack)
    where, wheres = _numbers(appeals["territory"])
    is_working = calendar_of(pack).is_working
    rows = []
    for facet in ("theme", "topic"):
        what, whats = _numbers(appeals[facet])
        cells = Cells(appeals["day"].to_numpy(), what, where, whats, wheres)
        found = bursts(cells, is_working=is_working)
        # Bursts of all appeals are told once.
        rows += [_row(alert, facet) for alert in found if alert.what or facet == "theme"]
    rows.sort(key=lambda row: row["chance"])
    table = pa.Table.from_pylist(rows, ALERTS)
    pq.write_table(table, out / FILE)
    return table


def _row(alert: Alert, facet: str) -> dict[str, object]:
    return {
        facet: alert.what,
        "territory": alert.where,
        "since": alert.since,
        "until": alert.until,
        "seen": alert.seen,
        "expected": alert.expected,
        "chance": alert.chance,
    }


def _appeals(out: Path, pack: Pack) -> pa.Table:
    """The dated appeals: `day` int64 (days since 1970, local), `theme`, `topic` and `territory`."""
    parts = [_read(part) for part in sorted((out / "appeals").glob("*.parquet"))]
    columns = pa.concat_tables(parts) if parts else _nothing(0)
    instants = columns["received_at"].cast(pa.timestamp("us", pack.timezone or "UTC"))
    day = pc.call_function("local_timestamp", [instants]).cast(pa.date32()).cast(pa.int32()).cast(pa.int64())
    regions = {code: region for code, (region, _below) in places_of(pack.territories).items() if region}
    spoken = {code: code for code in _themes(out)}
    table = pa.table(
        {
            "day": day,
            "theme": _renamed(columns["theme"], spoken),
            "topic": columns["topic"],
            "territory": _renamed(columns["place"], regions),
        }
    )
    return table.filter(pc.is_valid(day))


def _read(part: Path) -> pa.Table:
    """The columns that are needed; those of a stage that was skipped are null."""
    there = [name for name in _COLUMNS if name in pq.read_schema(part).names]
    table = pq.read_table(part, columns=there)
    for name in _COLUMNS:
        if name not in there:
            table = table.append_column(name, pa.nulls(len(table), pa.string()))
    return table.select(_COLUMNS)


def _nothing(rows: int) -> pa.Table:
    kinds = [pa.timestamp("us", "UTC"), pa.string(), pa.string(), pa.string()]
    return pa.table([pa.nulls(rows, kind) for kind in kinds], names=list(_COLUMNS))


def _themes(out: Path) -> list[str]:
    """The themes that say something; neither the rare nor what was set aside is one."""
    table = pq.read_table(out / "themes.parquet", columns=["theme", "parent", "says_nothing"])
    silent = pc.fill_null(table["says_nothing"], False)
    return table.filter(pc.and_(pc.is_null(table["parent"]), pc.invert(silent)))["theme"].to_pylist()


def _renamed(column: pa.ChunkedArray, names: Mapping[str, str]) -> pa.Array:
    """The values under other names, null where they have none."""
    encoded = column.cast(pa.string()).combine_chunks().dictionary_encode()
    values = pa.array([names.get(value) for value in encoded.dictionary.to_pylist()], pa.string())
    return values.take(encoded.indices)


def _numbers(column: pa.ChunkedArray) -> tuple[np.ndarray, list[str]]:
    """The values as int32 numbers, -1 for none, into the sorted list of them."""
    listed = sorted(value for value in pc.unique(column).to_pylist() if value is not None)
    at = pc.call_function("index_in", [column], pc.SetLookupOptions(pa.array(listed, pa.string())))
    # Null is no value of the list, so it has no number either.
    return pc.fill_null(at, -1).to_numpy().astype(np.int32), listed
