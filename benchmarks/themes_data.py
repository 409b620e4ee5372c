"""What the theme benchmarks work on: texts with the vectors of our encoder, kept in `.cache`."""

import csv
import gzip
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from measure import data_folder

from veche.stages.encoder import ENCODER
from veche.stages.vectors import encode

CACHE = Path(__file__).resolve().parents[1] / ".cache" / "benchmarks"

#: Characters of a text that the encoder is given; it reads no more.
_READ = 1000
_PART_ROWS = 4096
_ENCODE_ROWS = 2048


@dataclass(frozen=True)
class Texts:
    """Texts and their unit vectors (float16 [n, d]); `labels` is 0/1 [n, labels] where people labelled."""

    texts: list[str]
    vectors: np.ndarray
    labels: np.ndarray
    label_names: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.texts)


def nhs() -> Texts:
    """Return the patients' comments with the themes that people gave them (several to a comment)."""
    with gzip.open(data_folder() / "nhs_feedback" / "feedback_dev.csv.gz", "rt", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    head, rows = rows[0], rows[1:]
    first = head.index("Comment sentiment") + 1
    text = head.index("FFT answer")
    labels = np.array([[value not in ("", "0", "0.0") for value in row[first:]] for row in rows])
    texts = [row[text] for row in rows]
    return Texts(texts, vectors_of("nhs", texts), labels.astype(np.int8), head[first:])


def boston(n_rows: int | None = None) -> Texts:
    """Return the first `n_rows` requests of the City of Boston in order of time, without labels."""
    path = data_folder() / "boston311" / "requests_bulk.parquet"
    table = pq.read_table(path, columns=["service_request_id", "requested_datetime", "description"])
    table = table.sort_by([("requested_datetime", "ascending"), ("service_request_id", "ascending")])
    texts = [text or "" for text in table.column("description").to_pylist()[:n_rows]]
    return Texts(texts, vectors_of(f"boston-{len(texts)}", texts), np.zeros((len(texts), 0), np.int8))


def vectors_of(name: str, texts: Sequence[str]) -> np.ndarray:
    """Return float16 vectors of `texts`, read from the cache if they were made from these texts before."""
    cut = [text[:_READ] for text in texts]
    key = hashlib.sha256("\0".join([ENCODER, *cut]).encode("utf-8", "surrogatepass")).hexdigest()[:16]
    path = CACHE / "vectors" / f"{name}-{key}.npy"
    if path.exists():
        return np.load(path)
    distinct = sorted(set(cut), key=lambda text: (len(text), text))
    place = {text: i for i, text in enumerate(distinct)}
    parts = [
        encode(distinct[at : at + _ENCODE_ROWS], threads=2).astype(np.float16)
        for at in range(0, len(distinct), _ENCODE_ROWS)
    ]
    out = np.concatenate(parts)[[place[text] for text in cut]]
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, out)
    return out


def write_run(work: Path, texts: Sequence[str], vectors: np.ndarray) -> Path:
    """Write `texts` and `vectors` as the workers of a run leave them, and return `work`."""
    for folder in ("map", "vectors"):
        (work / folder).mkdir(parents=True, exist_ok=True)
    for number, at in enumerate(range(0, len(texts), _PART_ROWS)):
        append_part(
            work, number, at, texts=texts[at : at + _PART_ROWS], vectors=vectors[at : at + _PART_ROWS]
        )
    return work


def append_part(work: Path, number: int, at: int, *, texts: Sequence[str], vectors: np.ndarray) -> None:
    """Write part `number` of a run, whose first row is row `at`."""
    ids = pa.array([f"{i:08d}" for i in range(at, at + len(texts))])
    table = pa.table({"appeal_id": ids, "masked_text": pa.array(texts, pa.string())})
    pq.write_table(table, work / "map" / f"part-{number:05d}.parquet")
    np.save(work / "vectors" / f"part-{number:05d}.npy", vectors)
