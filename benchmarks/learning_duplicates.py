"""Ranks the original that city staff marked: Boston duplicates, five folds that share no matter.

VECHE_DATA=... .venv/bin/python benchmarks/learning.py duplicates
"""

import csv
import gzip
import time
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from measure import data_folder, print_table
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from themes_data import vectors_of

from veche.learn.matching import fit_matcher
from veche.learn.matching_near import Pairs, Told, candidates, slots
from veche.learn.matching_traits import traits_of

FOLDS, SEED = 5, 7
FLOOR, AT_LEAST = 0.721, 0.80
_RESAMPLES = 1_000


def measure_duplicates() -> dict[str, Any]:
    """Which of the requests of one kind within 300 m and the 30 days before is the one that staff marked."""
    told, table, marked = _requests()
    later = np.unique(marked[:, 0])
    began = time.perf_counter()
    pairs = candidates(told, later)
    n = len(told)
    code = np.unique(marked[:, 0] * n + marked[:, 1])
    meant = np.isin(pairs.later * n + pairs.earlier, code)
    group, _ = slots(pairs.later)
    kept = np.bincount(group, meant)[group] > 0
    pairs, meant = pairs.take(kept), meant[kept]
    group, place = slots(pairs.later)
    first = np.flatnonzero(place == 0)
    matter = _matters(marked, n)[pairs.later]
    fold = _folds(matter)
    rows = {"newest first": _figures(-pairs.seconds, meant, group, told, pairs)}
    for name, known in (("ours", told), ("ours, closed ones known", _with_closing(told, table))):
        traits = traits_of(known, pairs)
        share = np.zeros(len(pairs))
        for one in range(FOLDS):
            old, new = fold != one, fold == one
            matcher = fit_matcher(known, pairs.take(old), traits[old], meant=meant[old])
            share[new] = matcher.shares(known, pairs.take(new), traits[new])
        rows[name] = _figures(share, meant, group, told, pairs)
        best = np.lexsort((-share, group))[first]
        of = _matters(marked, n)
        rows[name]["same matter"] = float((of[pairs.earlier[best]] == of[pairs.later[best]]).mean())
    rows["floor"] = {"recall@1": FLOOR}
    rows["at least"] = {"recall@1": AT_LEAST}
    columns = dict.fromkeys((key for row in rows.values() for key in row), "")
    print_table([{"": name} | columns | row for name, row in rows.items()])
    print(f"{len(first)} later requests, {len(pairs)} candidates; {time.perf_counter() - began:.0f} s")
    return rows


def _requests() -> tuple[Told, pa.Table, np.ndarray]:
    """Return all requests in order of time, and rows of the marked pairs (later, original), int64 [m, 2]."""
    folder = data_folder() / "boston311"
    table = pq.read_table(folder / "requests_bulk.parquet")
    table = table.set_column(0, "id", table["service_request_id"].cast(pa.string()))
    received = _times(table["requested_datetime"])
    order = np.lexsort((np.array(table["id"].to_pylist()), received))
    table, received = table.take(pa.array(order)), received[order]
    with gzip.open(folder / "duplicates_dev.csv.gz", "rt", encoding="utf-8") as file:
        asked = [(row["id_dup"], row["id_orig"]) for row in csv.DictReader(file)]
    at = {name: row for row, name in enumerate(table["id"].to_pylist())}
    marked = np.array([(at[later], at[original]) for later, original in asked], np.int64)
    texts = pc.fill_null(table["description"].cast(pa.string()), "").combine_chunks()
    told = Told(
        texts,
        np.zeros((len(texts), 1), np.float32),
        table["service_name"].cast(pa.string()).combine_chunks(),
        received,
        table["lat"].to_numpy(),
        table["lon"].to_numpy(),
    )
    return _with_vectors(told, np.unique(marked[:, 0])), table, marked


def _with_vectors(told: Told, later: np.ndarray) -> Told:
    """Give vectors to those that are compared; the others keep zeros."""
    pairs = candidates(told, later)
    rows = np.unique(np.concatenate([pairs.later, pairs.earlier]))
    made = vectors_of("boston-duplicates", [told.texts[int(row)].as_py() for row in rows])
    vectors = np.zeros((len(told), made.shape[1]), np.float16)
    vectors[rows] = made
    return Told(told.texts, vectors, told.kind, told.received, told.lat, told.lon)


def _with_closing(told: Told, table: pa.Table) -> Told:
    """Add when requests were closed; where a request is touched again afterwards, that is too late."""
    closed = pc.equal(table["status"], "closed").to_numpy()
    when = np.where(closed, _times(table["updated_datetime"]), np.datetime64("NaT"))
    return Told(told.texts, told.vectors, told.kind, told.received, told.lat, told.lon, when)


def _times(column: pa.ChunkedArray) -> np.ndarray:
    utc = column.cast(pa.string()).cast(pa.timestamp("s", "UTC"))
    return utc.cast(pa.int64()).to_numpy().astype("datetime64[s]")


def _matters(marked: np.ndarray, n: int) -> np.ndarray:
    """Return a number for each request, the same where marks tie them together."""
    ties = coo_matrix((np.ones(len(marked)), (marked[:, 0], marked[:, 1])), shape=(n, n))
    return connected_components(ties, directed=False)[1]


def _folds(matter: np.ndarray) -> np.ndarray:
    names, number = np.unique(matter, return_inverse=True)
    return (np.random.default_rng(SEED).permutation(len(names)) % FOLDS)[number]


def _figures(
    score: np.ndarray, meant: np.ndarray, group: np.ndarray, told: Told, pairs: Pairs
) -> dict[str, Any]:
    """Return recall@1 with its interval (bootstrap), mean reciprocal rank, and recall@1 by kind."""
    order = np.lexsort((-score, group))
    rank = np.empty(len(order))
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    rank[order] = np.arange(len(order)) - starts[group[order]] + 1
    best = np.minimum.reduceat(np.where(meant, rank, np.inf), starts)
    hit = best == 1
    drawn = np.random.default_rng(SEED).integers(0, len(hit), (_RESAMPLES, len(hit)))
    low, high = np.quantile(hit[drawn].mean(axis=1), [0.025, 0.975])
    several = np.bincount(group) > 1
    kind = np.array(told.kind.take(pa.array(pairs.later[starts])).to_pylist())
    by_kind = {
        name: float(hit[kind == name].mean()) for name in np.unique(kind) if (kind == name).sum() >= 50
    }
    return {
        "recall@1": float(hit.mean()),
        "from": float(low),
        "to": float(high),
        "MRR": float((1 / best).mean()),
        "of several": float(hit[several].mean()),
        **by_kind,
    }
