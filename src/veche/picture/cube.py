"""The cube: counts of appeals by what they are about, where, when and who wrote, as one long table.

DuckDB counts over the Parquet of a finished run within a fixed memory; tables about people go through
disclosure control before they are written. Each appeal counts once, by its first-ranked findings as a
whole (matter 0, rank 0). What the figures mean is left to `trends` and the report.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from veche.core.appeal import AGE_GROUPS, AGE_STARTS
from veche.packs.model import Pack
from veche.picture.disclosure import Rows, protect_line, protect_table
from veche.picture.tree import paths, places_of

#: The file that holds the cube.
PICTURE = "picture.parquet"

#: What an appeal can be counted by. A dimension that the grouping does not name is null; one that it
#: names is null where nothing is known. `territory` is the level just below the pack's whole and
#: `settlement` what lies below that; `topic` is a node at any level, and a leaf counts for its
#: ancestors too; `day` is the local day in the pack's zone, the first of the month in groupings by month.
DIMENSIONS = (
    "topic",
    "theme",
    "territory",
    "settlement",
    "age_group",
    "sex",
    "occupation",
    "group",
    "channel",
    "language",
    "kind",
    "urgency",
    "day",
)

#: Dimensions that describe the people who wrote: every grouping with one of them is protected.
PERSONAL = ("age_group", "sex", "occupation", "group", "language")

#: One row per cell. `count` is null where `protected`; `copies` (appeals that repeat an earlier one),
#: `urgent` and `people` (different authors, where they are known) are null in groupings about people.
CELL = pa.schema(
    [
        pa.field("grouping", pa.string(), nullable=False),
        *(pa.field(name, pa.date32() if name == "day" else pa.string()) for name in DIMENSIONS),
        pa.field("count", pa.int64()),
        pa.field("copies", pa.int64()),
        pa.field("people", pa.int64()),
        pa.field("urgent", pa.int64()),
        pa.field("protected", pa.bool_(), nullable=False),
    ]
)

#: Groupings that are published as they are.
OPEN_GROUPINGS = (
    "total",
    *("topic", "theme", "territory", "territory,settlement", "channel", "kind", "urgency", "day"),
    *("topic,day", "theme,day", "territory,day", "channel,day", "kind,day", "urgency,day"),
    *("topic,territory", "theme,territory", "topic,channel", "topic,kind", "topic,urgency"),
    *("theme,topic", "territory,channel", "territory,kind"),
)

#: What each personal dimension is crossed with, beside standing alone. By month, not by day: nearly
#: every cell of a day would have to be withheld.
CROSSED_WITH = ("topic", "territory", "channel", "kind", "month")

_MEMORY = "1GB"


def build_cube(out: Path, *, pack: Pack, threads: int = 2) -> pa.Table:
    """Count the appeals of a finished run and write `picture.parquet`.

    Args:
        out: the output folder, with `appeals/*.parquet` and, where there are, `findings/*.parquet`.
        pack: gives the trees of topics and territories and the zone of a day.
        threads: how many threads DuckDB may use.

    Returns:
        The cells in the `CELL` schema, in the order of the groupings and then of the dimensions.
    """
    with connect(out, threads=threads) as con:
        make_facts(con, out, pack=pack)
        tree = TopicRows(paths(pack.topics), _values(con, "topic"))
        tables = [_open_cells(con, grouping) for grouping in OPEN_GROUPINGS]
        for dimension in PERSONAL:
            line, hidden = _line(con, dimension)
            tables.append(line)
            tables += [_crossed(con, other, dimension, hidden, tree) for other in CROSSED_WITH]
    cube = pa.concat_tables(tables)
    pq.write_table(cube, out / PICTURE, compression="zstd")
    return cube


def connect(out: Path, *, threads: int = 2) -> duckdb.DuckDBPyConnection:
    """Open DuckDB in bounded memory; what does not fit lies in the output's work folder for a while.

    It loads no extensions and reaches for no network.
    """
    return duckdb.connect(
        config={
            "memory_limit": _MEMORY,
            "threads": threads,
            "temp_directory": str(out / ".work" / "duckdb"),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
    )


def make_facts(con: duckdb.DuckDBPyConnection, out: Path, *, pack: Pack) -> None:
    """Make the temporary tables `facts` (one narrow row per appeal) and `topic_up` (leaf, ancestor)."""
    ups = [(leaf, node) for leaf, path in paths(pack.topics).items() for node in path]
    con.register("topic_up_rows", _pairs(ups, ("topic", "node")))
    con.execute("CREATE TEMP TABLE topic_up AS SELECT * FROM topic_up_rows")
    places = [(code, *found) for code, found in places_of(pack.territories).items()]
    con.register("places", _pairs(places, ("code", "territory", "settlement")))
    parts = sorted((out / "appeals").glob("*.parquet"))
    if not parts:
        empty = ", ".join(f'NULL::{"DATE" if d == "day" else "VARCHAR"} AS "{d}"' for d in DIMENSIONS)
        rest = "false AS is_copy, NULL::VARCHAR AS author, false AS is_urgent"
        con.execute(f"CREATE TEMP TABLE facts AS SELECT {empty}, {rest} WHERE false")
        return
    has = set(pq.read_schema(parts[0]).names)
    _make_groups(con, sorted((out / "findings").glob("*.parquet")))

    def column(name: str, type_: str = "VARCHAR") -> str:
        return f'a."{name}"' if name in has else f"NULL::{type_}"

    age = column("age", "INT")
    ages = " ".join(
        f"WHEN {age} < {end} THEN '{name}'" for end, name in zip(AGE_STARTS, AGE_GROUPS, strict=False)
    )
    con.execute(
        f"""
        CREATE TEMP TABLE facts AS SELECT
            {column("topic")} AS topic,
            {column("theme")} AS theme,
            p.territory, p.settlement,
            coalesce(CASE {ages} WHEN {age} >= {AGE_STARTS[-1]} THEN '{AGE_GROUPS[-1]}' END, g.age_group)
                AS age_group,
            {column("sex")} AS sex,
            g.occupation, g."group",
            {column("channel")} AS channel,
            {column("language")} AS language,
            {column("kind")} AS kind,
            {column("urgency")} AS urgency,
            CAST(timezone($zone, {column("received_at", "TIMESTAMPTZ")}) AS DATE) AS day,
            {column("copy_of")} IS NOT NULL AS is_copy,
            {column("author")} AS author,
            coalesce({column("urgency")} IN ('life', 'deadline'), false) AS is_urgent
        FROM read_parquet($parts) a
        LEFT JOIN places p ON p.code = {column("place")}
        LEFT JOIN groups g ON g.appeal_id = a.appeal_id
        """,
        {"zone": pack.timezone or "UTC", "parts": [str(p) for p in parts]},
    )


def _make_groups(con: duckdb.DuckDBPyConnection, findings: Sequence[Path]) -> None:
    """Make `groups`: what each author said to be, the first-ranked value of each family."""
    if not findings:
        con.execute(
            "CREATE TEMP TABLE groups AS SELECT NULL::VARCHAR AS appeal_id, NULL::VARCHAR AS age_group, "
            'NULL::VARCHAR AS occupation, NULL::VARCHAR AS "group" WHERE false'
        )
        return
    con.execute(
        """
        CREATE TEMP TABLE groups AS SELECT
            appeal_id,
            min_by(value[5:], rank) FILTER (value LIKE 'age:%') AS age_group,
            min_by(value[12:], rank) FILTER (value LIKE 'occupation:%') AS occupation,
            min_by(value, rank) FILTER (value NOT LIKE 'age:%' AND value NOT LIKE 'occupation:%') AS "group"
        FROM read_parquet($parts) WHERE facet = 'group' AND matter = 0 AND value IS NOT NULL
        GROUP BY appeal_id
        """,
        {"parts": [str(p) for p in findings]},
    )


def _pairs(rows: Sequence[tuple[str | None, ...]], names: Sequence[str]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) if rows else [() for _ in names]
    return pa.table([pa.array(list(c), pa.string()) for c in columns], names=list(names))


def _open_cells(con: duckdb.DuckDBPyConnection, grouping: str) -> pa.Table:
    """Return the cells of a grouping that needs no protection."""
    dimensions = () if grouping == "total" else tuple(grouping.split(","))
    source, names = _source(dimensions)
    keys = ", ".join(names)
    people = "count(DISTINCT author)" if len(dimensions) < 2 and dimensions != ("day",) else "NULL"
    query = (
        f"SELECT {keys + ',' if keys else ''} count(*) AS count, count(*) FILTER (is_copy) AS copies, "
        f"nullif({people}, 0)::BIGINT AS people, count(*) FILTER (is_urgent) AS urgent FROM {source}"
    )
    if keys:
        query += f" GROUP BY ALL ORDER BY {', '.join(f'{n} NULLS LAST' for n in names)}"
    return _cells(grouping, con.sql(query).to_arrow_table().combine_chunks(), dimensions)


def _source(dimensions: Sequence[str]) -> tuple[str, list[str]]:
    """Return what to count from, and the names of the dimensions there; topics at every level."""
    names = [f'f."{name}"' for name in dimensions]
    if "topic" not in dimensions:
        return "facts f", names
    names[list(dimensions).index("topic")] = "topic"
    joined = (
        "(SELECT x.* EXCLUDE (topic), coalesce(u.node, x.topic) AS topic "
        "FROM facts x LEFT JOIN topic_up u ON u.topic = x.topic) f"
    )
    return joined, names


def _cells(grouping: str, table: pa.Table, dimensions: Sequence[str]) -> pa.Table:
    """Return `table` (dimensions in order, then some of the measures) in the `CELL` schema."""
    n = len(table)
    columns = []
    for field in CELL:
        if field.name == "grouping":
            columns.append(pa.repeat(pa.scalar(grouping), n))
        elif field.name == "protected" and "protected" not in table.column_names:
            columns.append(pa.repeat(pa.scalar(False), n))
        elif field.name in dimensions:
            columns.append(table.column(list(dimensions).index(field.name)).cast(field.type))
        elif field.name in table.column_names:
            columns.append(table[field.name].cast(field.type))
        else:
            columns.append(pa.nulls(n, field.type))
    return pa.table(columns, schema=CELL)


def _values(con: duckdb.DuckDBPyConnection, name: str) -> list[str | None]:
    """Return the different values of a column of `facts`, in order, the unknown last."""
    rows = con.execute(f'SELECT DISTINCT "{name}" AS v FROM facts ORDER BY v NULLS LAST').fetchall()
    return [row[0] for row in rows]


def _line(con: duckdb.DuckDBPyConnection, dimension: str) -> tuple[pa.Table, list[str | None]]:
    """Return the protected cells of a personal dimension alone, and the values that are withheld."""
    rows = con.execute(
        f'SELECT "{dimension}", count(*) FROM facts GROUP BY ALL ORDER BY 1 NULLS LAST'
    ).fetchall()
    values = [row[0] for row in rows]
    counts = np.array([row[1] for row in rows], np.int64)
    withheld = protect_line(counts)
    table = _protected_table({dimension: values}, counts, withheld)
    hidden = [v for v, h in zip(values, withheld, strict=True) if h]
    return _cells(dimension, table, (dimension,)), hidden


def _protected_table(
    keys: Mapping[str, Sequence[object]], counts: np.ndarray, withheld: np.ndarray
) -> pa.Table:
    columns = [
        pa.array(list(values), pa.date32() if name == "day" else pa.string()) for name, values in keys.items()
    ]
    columns += [pa.array(counts, pa.int64(), mask=withheld), pa.array(withheld)]
    return pa.table(columns, names=[*keys, "count", "protected"])


def _crossed(
    con: duckdb.DuckDBPyConnection,
    other: str,
    dimension: str,
    hidden: Sequence[str | None],
    tree: "TopicRows",
) -> pa.Table:
    """Return the protected cells of a personal dimension crossed with an open one."""
    key = "date_trunc('month', day)::DATE" if other == "month" else f'"{other}"'
    found = con.execute(
        f'SELECT {key} AS k, "{dimension}" AS v, count(*) FROM facts GROUP BY ALL '
        "ORDER BY k NULLS LAST, v NULLS LAST"
    ).fetchall()
    leaves = tree.leaves if other == "topic" else list(dict.fromkeys(row[0] for row in found))
    values = _values(con, dimension)
    row_of = {value: i for i, value in enumerate(leaves)}
    column_of = {value: i for i, value in enumerate(values)}
    counts = np.zeros((len(leaves), len(values)), np.int64)
    for k, v, n in found:
        counts[row_of[k], column_of[v]] = n
    is_hidden = np.array([v in hidden for v in values], bool)
    rows = tree.rows if other == "topic" else Rows.flat(len(leaves))
    withheld = protect_table(counts, hidden_columns=is_hidden, rows=rows)
    totals = rows.membership().astype(np.int64) @ counts
    names = tree.names if other == "topic" else dict(enumerate(leaves))
    shown = np.isin(np.arange(rows.n_nodes), list(names))[:, None] & ((totals > 0) | withheld)
    at, of = np.nonzero(shown)
    name = "day" if other == "month" else other
    keys = {name: [names[i] for i in at.tolist()], dimension: [values[j] for j in of.tolist()]}
    table = _protected_table(keys, totals[at, of], withheld[at, of])
    return _cells(f"{other},{dimension}", table, (name, dimension))


class TopicRows:
    """The topics that appeals were given, as leaf rows of a table, and the nodes above them.

    An appeal whose topic is itself an inner node is a leaf row of its own beneath that node; it has no
    name, for it is not listed, but whoever subtracts the children from their parent gets it.
    """

    def __init__(self, path_of: Mapping[str, Sequence[str]], given: Sequence[str | None]) -> None:
        self.leaves = list(given)
        leaf_paths = [list(path_of.get(v, (v,))) if v is not None else [None] for v in given]
        inner = {node for path in leaf_paths for node in path[1:]}
        number: dict[str | None, int] = {n: len(given) + i for i, n in enumerate(sorted(filter(None, inner)))}
        chains = []
        for i, path in enumerate(leaf_paths):
            above = [number[node] for node in path if node in number]
            chains.append([i, *above])
        depth = max((len(c) for c in chains), default=1)
        padded = [c + [-1] * (depth - len(c)) for c in chains]
        self.rows = Rows(np.array(padded, np.int64).reshape(len(given), depth), len(given) + len(number))
        #: Number of a listed node -> its code; None is "no topic".
        self.names: dict[int, str | None] = {i: v for i, v in enumerate(given) if v not in number}
        self.names.update({i: node for node, i in number.items()})
