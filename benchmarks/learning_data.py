"""What the learning benchmarks learn from: labelled texts with the vectors of our encoder."""

import csv
import datetime as dt
import gzip
import re
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from measure import data_folder
from scipy import sparse
from themes_data import nhs, vectors_of

from veche.learn.circumstances import circumstances
from veche.learn.examples import TRAITS, Inputs, Labels, LabelSet
from veche.packs import load_pack
from veche.packs.sample import write_sample

#: Themes of fewer comments are not measured.
LEAST_ROWS = 20

#: Given to comments that carry no theme at all.
NO_THEME = "Labelling not possible"


def nhs_themes() -> tuple[Inputs, Labels, np.ndarray]:
    """Return the patients' comments with all their frequent themes, and which are copies of each other."""
    data = nhs()
    counts = data.labels.sum(axis=0)
    often = [i for i, name in enumerate(data.label_names) if name != NO_THEME and counts[i] >= LEAST_ROWS]
    unlabelled = data.labels[:, data.label_names.index(NO_THEME)] > 0
    rows = np.flatnonzero(data.labels[:, often].any(axis=1) & ~unlabelled)
    labels = _labels([data.label_names[i] for i in often], data.labels[rows][:, often] > 0, multi=True)
    texts = [data.texts[i] for i in rows]
    return _inputs(texts, data.vectors[rows], received=_nhs_days()[rows]), labels, copies(texts)


def nhs_one_theme() -> tuple[Inputs, Labels, np.ndarray]:
    """Return the comments that have exactly one theme, however rare."""
    data = nhs()
    kept = [i for i, name in enumerate(data.label_names) if name != NO_THEME]
    given = data.labels[:, kept] > 0
    rows = np.flatnonzero(data.labels.sum(axis=1) == given.sum(axis=1))
    rows = rows[given[rows].sum(axis=1) == 1]
    texts = [data.texts[i] for i in rows]
    themes = [data.label_names[kept[j]] for j in given[rows].argmax(axis=1)]
    return _inputs(texts, data.vectors[rows], received=_nhs_days()[rows]), _single(themes), copies(texts)


def _nhs_days() -> np.ndarray:
    with gzip.open(data_folder() / "nhs_feedback" / "feedback_dev.csv.gz", "rt", encoding="utf-8") as file:
        days = [[int(part) for part in row["Date"].split("/")] for row in csv.DictReader(file)]
    # Some months stand first, as a day beyond the twelfth shows.
    days = [(y, d, m) if m > 12 else (y, m, d) for d, m, y in days]
    return np.array([dt.datetime(*day, tzinfo=ZoneInfo("Europe/London")) for day in days])


def boston_service() -> tuple[Inputs, Labels, np.ndarray]:
    """Return the requests to the City of Boston with their service type, when and where they came; copies are
    left out."""
    with gzip.open(data_folder() / "boston311" / "requests_dev.csv.gz", "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    _, first = np.unique(copies([row["description"] for row in rows]), return_index=True)
    rows = [rows[i] for i in np.sort(first)]
    texts = [row["description"] for row in rows]
    services = [row["service_name"] for row in rows]
    inputs = _inputs(
        texts,
        vectors_of("boston-dev", texts),
        received=[dt.datetime.fromisoformat(row["requested_datetime"]) for row in rows],
        lat=[float(row["lat"]) for row in rows],
        lon=[float(row["lon"]) for row in rows],
        timezone="America/New_York",
        territory=[{"unknown": None}.get(row["neighborhood"], row["neighborhood"]) for row in rows],
    )
    return inputs, _single(services), copies(texts)


def sample(pack: str, n: int, *, kind: str) -> tuple[Inputs, Labels, np.ndarray]:
    """Return `n` appeals of the sample of `pack` with their topic or body (`kind`)."""
    with tempfile.TemporaryDirectory() as folder:
        out, truth = Path(folder) / "appeals.parquet", Path(folder) / "truth.parquet"
        write_sample(load_pack(pack), n=n, seed=7, out=out, truth=truth, decided=False, replace=False)
        appeals, known = pq.read_table(out), pq.read_table(truth)
    values = known.column(kind).to_pylist()
    rows = [i for i, value in enumerate(values) if value]
    texts = [appeals.column("text")[i].as_py() for i in rows]
    codes = [values[i].split("@")[0] for i in rows]
    kept = appeals.take(rows)
    inputs = _inputs(
        texts,
        vectors_of(f"sample-{pack}-{n}", texts),
        received=kept["received_at"].to_pylist(),
        timezone=load_pack(pack).timezone,
        channel=kept["channel"].to_pylist(),
    )
    return inputs, _single(codes), copies(texts)


def copies(texts: Sequence[str]) -> np.ndarray:
    """Return a number for each text, the same where letters and digits are."""
    return np.unique([re.sub(r"\W+", " ", text.lower()).strip() for text in texts], return_inverse=True)[1]


def text_alone(inputs: Inputs) -> Inputs:
    """Return the inputs without what is known of when, where and how the appeals came."""
    none = pa.nulls(len(inputs), pa.string())
    return Inputs(inputs.texts, inputs.vectors, dict.fromkeys(TRAITS, none))


def _inputs(
    texts: list[str],
    vectors: np.ndarray,
    *,
    received: Sequence[dt.datetime | None] | np.ndarray,
    lat: list[float] | None = None,
    lon: list[float] | None = None,
    timezone: str = "Europe/London",
    **traits: list[str | None],
) -> Inputs:
    n = len(texts)
    unknown = [None] * n
    beside = circumstances(
        pa.array(list(received), pa.timestamp("us", "UTC")),
        pa.array(lat or unknown, pa.float64()),
        pa.array(lon or unknown, pa.float64()),
        timezone=timezone,
    )
    known = {name: pa.array(traits.get(name, unknown), pa.string()) for name in TRAITS}
    return Inputs(pa.array(texts, pa.string()), vectors.astype(np.float32), known, beside)


def _single(values: list[str]) -> Labels:
    names = sorted(Counter(values))
    number = {name: i for i, name in enumerate(names)}
    given = np.zeros((len(values), len(names)), bool)
    given[np.arange(len(values)), [number[value] for value in values]] = True
    return _labels(names, given, multi=False)


def _labels(names: list[str], given: np.ndarray, *, multi: bool) -> Labels:
    labels = LabelSet(tuple(names), tuple(names), np.full(len(names), -1), (), multi)
    return Labels(labels, sparse.csr_matrix(given), np.ones(len(given), bool))
