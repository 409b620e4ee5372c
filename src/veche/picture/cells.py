"""A reader's view of the cube: cells of one grouping as plain rows."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow.compute import field as column

from veche.picture.cube import PICTURE


class Cells:
    """The cells of a finished run's picture."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table

    @classmethod
    def read(cls, out: Path) -> "Cells":
        """Read `picture.parquet` of an output folder."""
        return cls(pq.read_table(out / PICTURE))

    def rows(self, grouping: str, *, since: dt.date | None = None) -> list[dict[str, Any]]:
        """Return the cells of a grouping, from a day on where one is given."""
        table = self.table.filter(column("grouping") == grouping)
        if since is not None:
            table = table.filter(column("day") >= pa.scalar(since, pa.date32()))
        names = [
            *grouping.replace("month", "day").split(","),
            "count",
            "copies",
            "people",
            "urgent",
            "protected",
        ]
        return table.select([n for n in names if n in table.column_names]).to_pylist()

    def total(self) -> dict[str, Any]:
        """Return the one cell that counts everything."""
        return self.rows("total")[0]

    def counts(self, dimension: str) -> dict[str | None, int | None]:
        """Return the count of each value of a dimension; None for what is withheld."""
        return {row[dimension]: row["count"] for row in self.rows(dimension)}

    def by_day(self, dimension: str, *, since: dt.date) -> dict[str, dict[dt.date, int]]:
        """Return the counts by day of each known value of a dimension."""
        result: dict[str, dict[dt.date, int]] = {}
        for row in self.rows(f"{dimension},day", since=since):
            if row[dimension] is not None and row["day"] is not None:
                result.setdefault(row[dimension], {})[row["day"]] = row["count"]
        return result


def largest_first(counts: dict[str | None, int | None]) -> Iterator[tuple[str | None, int | None]]:
    """Yield known values by falling count, then those withheld, then the unknown."""

    def order(item: tuple[str | None, int | None]) -> tuple[bool, int, str]:
        value, count = item
        return value is None, -(count or 0), value or ""

    yield from sorted(counts.items(), key=order)


def share(part: int, whole: int) -> float:
    """Return a share, 0 of nothing."""
    return part / whole if whole else 0.0
