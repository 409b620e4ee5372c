"""`veche evaluate`, as people call it: by folds of a history, and a model on appeals of their own."""

import csv
import json
import random

import pyarrow.parquet as pq
import pytest

WORDS = {
    "1": "the lamp at our corner has been dark for weeks and nobody repairs the light",
    "2": "a deep hole in the road damaged my wheel near the crossing please fill the asphalt",
    "3": "the bins overflow and the garbage lies around the yard since the truck stays away",
}


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    """A file of 126 rows: labels that are numbers, three that nobody else has, three rows without a text."""
    draw = random.Random(4)
    path = tmp_path_factory.mktemp("history") / "history.csv"
    with path.open("w", newline="", encoding="utf-8") as f:
        rows = csv.writer(f)
        rows.writerow(["Comment", "Topic", "Received"])
        for number in range(120):
            topic = draw.choice(list(WORDS))
            words = [*WORDS[topic].split(), f"case{number}"]
            draw.shuffle(words)
            rows.writerow([" ".join(words), topic, f"2025-{number % 12 + 1:02}-11"])
        for number in range(3):
            rows.writerow([f"something that nobody else wrote {number}", f"9.{number}", ""])
            rows.writerow(["", "1", "2025-02-02"])
    return path


@pytest.fixture(scope="module")
def evaluated(history, veche):
    """What was printed as JSON, and the folder that was written."""
    out = history.with_name("evaluation")
    call = ("evaluate", "--cv", 5, history, "--pack", "boston", "--label", "topic=Topic", "--workers", 1)
    return veche(*call, "--out", out, "--json"), out


def test_one_document_is_printed_and_kept(evaluated):
    printed, out = evaluated
    assert printed.returncode == 3, printed.stderr  # rows were rejected
    document = json.loads(printed.stdout)
    assert document == json.loads((out / "evaluation.json").read_text("utf-8"))
    said = document["facets"]["topic"]
    assert document["about"]["read"] == document["about"]["appeals"] + document["about"]["rejected"] == 126
    assert said["rows"] == 123
    assert document["about"]["columns"] == {"topic": ["Topic"]}
    assert document["about"]["fields"]["history.csv"]["text"] == "Comment"
    assert said["never_learnt"] == 3
    for name in ("weighted_f1", "macro_f1", "top3_accuracy", "accuracy", "ece", "coverage"):
        assert document[name] == said[name]


def test_the_page_and_the_predictions_lie_beside(evaluated):
    _printed, out = evaluated
    assert "<svg" in (out / "evaluation.html").read_text("utf-8")
    assert len(pq.read_table(out / "predictions.parquet")) == 123


def test_a_model_is_judged_by_the_columns_it_learnt_from(history, veche):
    model = history.with_name("city.model")
    trained = veche(
        *("train", history, "--pack", "boston", "--label", "topic=Topic", "--out", model, "--workers", 1)
    )
    assert trained.returncode == 3, trained.stderr
    printed = veche("evaluate", model, history, "--pack", "boston", "--workers", 1)
    assert printed.returncode == 3, printed.stderr
    assert "Fields of history.csv: text = Comment; received_at = Received" in printed.stdout
    assert "Labels of topic: Topic" in printed.stdout
    assert "topic: 6 labels, 123 appeals" in printed.stdout
    assert "decisions left for people, of 1,000" in printed.stdout
    assert "Beware, the model was told the answers. 123 of the 123 appeals have texts" in printed.stdout


def test_a_model_alone_is_a_clear_error(history, veche):
    printed = veche("evaluate", history)
    assert printed.returncode == 2
    assert "--cv" in printed.stderr


def test_levels_are_read_as_the_model_learnt_them(tmp_path, history, veche):
    levels = tmp_path / "levels.csv"
    levels.write_text(history.read_text("utf-8").replace(",1,", ",City>Lamp,"), encoding="utf-8")
    model = tmp_path / "levels.model"
    asked = ("--pack", "boston", "--label", "topic=Topic", "--path", "topic=>")
    veche("train", levels, *asked, "--out", model, "--workers", 1)
    printed = veche("evaluate", model, levels, "--workers", 1, "--json", "--quick")
    assert json.loads(printed.stdout)["never_learnt"] == 0
