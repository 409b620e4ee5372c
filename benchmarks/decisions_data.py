"""What the editor of the decisions benchmark works on: what the system says at first, and what is true."""

import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from decisions_editor import Facet
from learning_data import copies
from themes_data import nhs, vectors_of

from veche.learn.cards import Waiting
from veche.learn.cards_numbers import numbers_of
from veche.packs import load_pack
from veche.packs.competence import Competence
from veche.packs.sample import write_sample

VECHE = Path(sys.executable).parent / "veche"
SEED = 7

#: What an editor says of an appeal that has no topic.
NONE = "none"

_URGENCY = {"life": 2, "deadline": 1}

Rows = list[dict[str, Any]]
Figures = dict[str, tuple[int, int]]


def sample_facets(code: str, n: int, *, history: int = 0, runs: Path | None = None) -> list[Facet]:
    """Return topic (which carries the body), kind and urgency of `n` sample appeals, as a run leaves them.

    With a `history` of so many decided appeals, which are others, the run has a model that learnt topic and
    kind from them. The run and the truth are kept in a folder of `runs`, and read from there if they are
    there.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = (runs or Path(name)) / f"{code}-{n}-{history}"
        truth = folder / "truth.parquet"
        if not truth.exists():
            folder.mkdir(parents=True, exist_ok=True)
            appeals = folder / "appeals.jsonl"
            write_sample(load_pack(code), n=n, seed=SEED, out=appeals, truth=truth, replace=True)
            model = ["--model", _learnt(code, history, folder)] if history else []
            _call("run", appeals, "--pack", code, "--out", folder / "out", "--seed", SEED, *model)
        return facets_of_run(code, folder / "out", pq.read_table(truth).to_pylist())


def _learnt(code: str, n: int, folder: Path) -> Path:
    history, model = folder / "history.parquet", folder / "history.model"
    write_sample(load_pack(code), n=n, seed=SEED + 1, out=history, decided=True, replace=True)
    labels = ("--label", "topic=topic", "--label", "kind=kind")
    _call("train", history, "--pack", code, *labels, "--out", model)
    return model


def _call(*arguments: Any) -> None:
    subprocess.run([str(part) for part in (VECHE, *arguments)], check=True, stdout=subprocess.DEVNULL)


def facets_of_run(code: str, out: Path, told: Rows) -> list[Facet]:
    """Return the facets of a finished run, `told` being the truth of its appeals in their order."""
    found = pq.read_table(out / "appeals").drop_columns(["kept"]).sort_by("row")
    texts = [text or "" for text in found["masked_text"].to_pylist()]
    ids = found["appeal_id"].to_pylist()
    topic, kind, urgency = (_ranked(out, ids, facet) for facet in ("topic", "kind", "urgency"))
    repeats = [repeat or own for repeat, own in zip(found["repeat"].to_pylist(), ids, strict=True)]
    vectors = vectors_of(f"decisions-{code}-{len(texts)}", texts)
    shared: dict[str, Any] = {
        "same": np.unique(repeats, return_inverse=True)[1],
        "urgency": np.array([_URGENCY.get(value, 0) for value in found["urgency"].to_pylist()]),
        "places": _filled(found["place"]),
        "languages": _filled(found["language"]),
        "themes": np.full(len(texts), "", object),
        "texts": pa.array(texts, pa.string()),
    }
    topics = [tuple(row["topics"] or [NONE]) for row in told]
    bodies = _bodies(code, found, told, said=topic[0][:, 0])
    places = _alike(found["place"].to_pylist(), [row["place"] for row in told])

    def topic_figures(values: np.ndarray) -> Figures:
        right = [(value or NONE) in some for value, some in zip(values.tolist(), topics, strict=True)]
        return {"topic": (sum(right), len(right)), "body": bodies(values), "place": places}

    numbers = numbers_of(vectors, shared["texts"])
    return [
        Facet("topic", Waiting(vectors, *topic, **shared), topics, topic_figures, worth=2.0, numbers=numbers),
        _plain("kind", Waiting(vectors, *kind, **shared), told, numbers),
        _plain("urgency", Waiting(vectors, *urgency, **shared), told, numbers),
    ]


def nhs_facets() -> list[Facet]:
    """Return the themes of patients' comments, of which nothing is proposed at first; each of the themes that
    people gave a comment is right."""
    data = nhs()
    rows = np.flatnonzero(data.labels.any(axis=1))
    texts = [data.texts[i] for i in rows]
    names = np.array(data.label_names, object)
    right = [tuple(names[data.labels[i] > 0].tolist()) for i in rows]
    n = len(rows)
    none = np.full(n, "", object)
    waiting = Waiting(
        vectors=data.vectors[rows],
        values=np.full((n, 3), "", object),
        chances=np.zeros((n, 3), np.float32),
        same=copies(texts),
        urgency=np.zeros(n, np.int64),
        places=none,
        languages=none,
        themes=none,
        texts=pa.array(texts, pa.string()),
    )

    def figures(values: np.ndarray) -> Figures:
        return {"theme": (sum(v in some for v, some in zip(values.tolist(), right, strict=True)), n)}

    numbers = numbers_of(waiting.vectors, waiting.texts)
    return [Facet("theme", waiting, right, figures, numbers=numbers)]


Ranked = tuple[np.ndarray, np.ndarray]


def _ranked(out: Path, ids: list[str], facet: str) -> Ranked:
    """Return the best three values (object [n, 3]) of a facet and their chances (float32 [n, 3])."""
    columns = ["appeal_id", "matter", "facet", "rank", "value", "confidence"]
    found = pq.read_table(out / "findings", columns=columns)
    found = found.filter(pc.and_(pc.equal(found["facet"], facet), pc.equal(found["matter"], 0)))
    found = found.filter(pc.and_(pc.less(found["rank"], 3), pc.is_valid(found["value"])))
    row_of = {code: row for row, code in enumerate(ids)}
    row = np.array([row_of[code] for code in found["appeal_id"].to_pylist()], np.int64)
    rank = found["rank"].to_numpy().astype(np.int64)
    values = np.full((len(ids), 3), "", object)
    chances = np.zeros((len(ids), 3), np.float32)
    values[row, rank] = np.array(found["value"].to_pylist(), object)
    chances[row, rank] = found["confidence"].fill_null(1.0).to_numpy()
    return values, chances


def _plain(name: str, waiting: Waiting, told: Rows, numbers: np.ndarray) -> Facet:
    """Return a facet of which the truth has one value, or none where it is open to dispute."""
    right = [(row[name],) if row[name] else () for row in told]

    def figures(values: np.ndarray) -> Figures:
        return {name: _alike(values.tolist(), [row[name] for row in told])}

    return Facet(name, waiting, right, figures, numbers=numbers)


def _alike(said: list[Any], true: list[Any]) -> tuple[int, int]:
    known = [s == t for s, t in zip(said, true, strict=True) if t]
    return sum(known), len(known)


def _bodies(
    code: str, found: pa.Table, told: Rows, *, said: np.ndarray
) -> Callable[[np.ndarray], tuple[int, int]]:
    """Return what counts the bodies that follow from topics by the rules of the pack, at the place that was
    found; where the topic is the one `said` at first, the body is that of the run."""
    rules = Competence(load_pack(code))
    places = [place or "" for place in found["place"].to_pylist()]
    days = [moment.date() for moment in found["received_at"].to_pylist()]
    first = found["body"].to_pylist()
    rows = [i for i, row in enumerate(told) if row["body"]]

    @cache
    def body(topic: str, place: str, day: date) -> str:
        return next((c.value for c in rules.candidates(topic, place=place, day=day)), "")

    def count(values: np.ndarray) -> tuple[int, int]:
        right = 0
        for i in rows:
            topic = values[i]
            if topic == said[i]:
                right += first[i] == told[i]["body"]
            elif topic and topic != NONE:
                right += body(topic, places[i], days[i]) == told[i]["body"]
        return right, len(rows)

    return count


def _filled(column: pa.ChunkedArray) -> np.ndarray:
    return np.array([value or "" for value in column.to_pylist()], object)
