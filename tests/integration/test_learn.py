"""`veche learn`: a model asks, people fill the sheet, and the next version knows better."""

import csv
import json

import duckdb
import openpyxl
import pytest

from veche.core.i18n import speaking
from veche.run.sheet import headers


@pytest.fixture(scope="module")
def folder(tmp_path_factory, veche):
    """A model of 120 decided appeals, and 200 newer ones whose truth is known."""
    folder = tmp_path_factory.mktemp("learn")
    sample = ("sample", "--pack", "boston", "--decided")
    veche(*sample, "--n", 120, "--out", folder / "old.csv")
    veche(*sample, "--n", 200, "--seed", 8, "--out", folder / "new.csv")
    trained = veche(
        *("train", folder / "old.csv", "--pack", "boston", "--label", "topic=topic", "--workers", 1),
        *("--out", folder / "city.model"),
    )
    assert trained.returncode == 0, trained.stderr
    return folder


@pytest.fixture(scope="module")
def truth(folder):
    """The topic of each newer appeal, by its text."""
    with (folder / "new.csv").open(encoding="utf-8") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def run(folder, veche):
    """A run of the newer appeals, without themes and what hangs on them."""
    out = folder / "run"
    finished = veche(*("run", folder / "new.csv", "--pack", "boston", "--workers", 1, "--out", out))
    assert finished.returncode == 0, finished.stderr
    return out


@pytest.fixture(scope="module")
def filled(folder, run, truth, veche):
    """The sheet of 60 questions about the run, filled by somebody who knows, with three slips."""
    sheet = folder / "ask.xlsx"
    asked = veche("learn", folder / "city.model", "--ask", 60, "--from", run, "--out", sheet)
    assert "60 appeals to label" in asked.stdout, asked.stderr
    appeals = duckdb.read_parquet(str(run / "appeals" / "*.parquet"))
    foreign = dict(appeals.project("appeal_id, foreign_id").fetchall())
    book = openpyxl.load_workbook(sheet)
    rows = list(book.active.iter_rows(min_row=2))
    for row in rows:
        row[-1].value = truth[foreign[row[0].value]]["topic"] or "Nothing for the city"
    rows[0][0].value = "nobody's"
    rows[1][3].value = "colour"
    rows[2][-1].value = None
    rows[0][2].value = None
    book.save(sheet)
    return sheet


def test_what_people_filled_in_is_learnt_and_slips_are_told(folder, run, filled, veche):
    out = folder / "taught.model"
    taught = veche("learn", folder / "city.model", filled, "--run", run, "--out", out)
    assert taught.returncode == 3, taught.stderr
    assert "Learnt from 57; refused 2." in taught.stdout
    assert "the run has no appeal of this id" in taught.stdout
    assert "no facet “colour”" in taught.stdout
    assert "Nothing for the city" in taught.stdout
    with (folder / "taught.model.refused.csv").open(encoding="utf-8") as file:
        assert [row["row"] for row in csv.DictReader(file)] == ["1", "2"]
    card = json.loads(veche("models", "show", out, "--json").stdout)["card"]
    old = json.loads(veche("models", "show", folder / "city.model", "--json").stdout)
    assert card["parent"] == old["sha256"]
    assert card["data"]["appeals"] == old["card"]["data"]["appeals"] + 57
    topic = card["facets"]["topic"]
    assert topic["labels"]["Nothing for the city"] >= 1
    assert topic["figures_of"] == old["card"]["facets"]["topic"]["labelled"]
    assert topic["figures"] == old["card"]["facets"]["topic"]["figures"]
    assert "Nothing for the city" in topic["added"]
    assert "Since then 57 corrections were learnt" in veche("models", "show", out).stdout


def test_a_sheet_with_texts_needs_no_run(folder, truth, veche):
    rows = [(row["text"], "topic", row["topic"]) for row in truth.values() if row["topic"]][:20]
    sheet = folder / "texts.csv"
    with sheet.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("text", "facet", "value"), *rows])
    taught = veche("learn", folder / "city.model", sheet, "--out", folder / "texts.model")
    assert taught.returncode == 0, taught.stderr
    assert "Learnt from 20; refused 0." in taught.stdout


def test_appeals_are_named_by_the_ids_that_people_gave_them(folder, run, truth, veche):
    rows = [(name, "topic", row["topic"]) for name, row in truth.items() if row["topic"]][:10]
    sheet = folder / "foreign.csv"
    for header in ("appeal_id", "foreign_id"):
        with sheet.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([(header, "facet", "value"), *rows])
        call = ("learn", folder / "city.model", sheet, "--run", run, "--out", folder / "foreign.model")
        taught = veche(*call)
        assert taught.returncode == 0, taught.stderr
        assert "Learnt from 10; refused 0." in taught.stdout
    asked = ("explain", folder / "city.model", rows[0][0], "--run", run, "--pack", "boston")
    assert veche(*asked).stdout.splitlines()[0].endswith(f"  {rows[0][0]}")
    assert json.loads(veche(*asked, "--json").stdout)["foreign_id"] == rows[0][0]


def test_an_id_that_two_appeals_have_is_told(folder, truth, veche, tmp_path):
    texts = [row["text"] for row in truth.values()][:3]
    sources = tmp_path / "a.csv", tmp_path / "b.csv"  # each counts from its own beginning
    for source, rows in zip(sources, ([("7", texts[0])], [("7", texts[1]), ("8", texts[2])]), strict=True):
        with source.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([("id", "text"), *rows])
    veche("run", *sources, "--pack", "boston", "--workers", 1, "--out", tmp_path / "run")
    told = veche("explain", folder / "city.model", "7", "--run", tmp_path / "run")
    assert told.returncode == 2
    assert "several appeals “7”" in told.stderr
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("appeal_id,facet,value\n7,topic,Trees\n8,topic,Trees\n", encoding="utf-8")
    call = ("learn", folder / "city.model", sheet, "--run", tmp_path / "run", "--out", tmp_path / "a.model")
    assert "several appeals of the run have this id" in veche(*call).stdout


def test_a_sheet_is_read_in_whatever_language_it_was_written(folder, truth, veche):
    with speaking("ru"):
        named = headers()
    rows = [(row["text"], "topic", row["topic"]) for row in truth.values() if row["topic"]][:5]
    sheet = folder / "russian.csv"
    with sheet.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([(named["text"], named["facet"], named["value"]), *rows])
    taught = veche("learn", folder / "city.model", sheet, "--out", folder / "russian.model")
    assert taught.returncode == 0, taught.stderr
    asked = ("learn", folder / "city.model", "--ask", 3, "--from", folder / "new.csv", "--lang", "ru")
    veche(*asked, "--out", folder / "ask-ru.csv")
    with (folder / "ask-ru.csv").open(encoding="utf-8-sig") as file:
        written = next(csv.reader(file))
    assert [written[0], written[1], written[-1]] == [named["appeal_id"], named["foreign_id"], named["value"]]


def test_contradictions_are_refused_on_both_sides(folder, veche):
    sheet = folder / "contradictions.csv"
    said = "A hole in the road on our street."
    lines = [
        (said, "topic", "streets.potholes"),
        (said + "!", "topic", "nature.trees"),
        ("A tree fell.", "topic", "nature.trees"),
    ]
    with sheet.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("text", "facet", "value"), *lines])
    taught = veche("learn", folder / "city.model", sheet, "--out", folder / "other.model")
    assert taught.returncode == 3, taught.stderr
    assert "Learnt from 1; refused 2." in taught.stdout
    assert "other rows say otherwise of the same text" in taught.stdout


def test_questions_about_files_are_asked_without_a_run(folder, veche):
    out = folder / "questions.csv"
    asked = veche("learn", folder / "city.model", "--ask", 5, "--from", folder / "new.csv", "--out", out)
    assert asked.returncode == 0, asked.stderr
    with out.open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 5
    assert all(row["suggestion_1"] and not row["value"] and row["text"] for row in rows)


def test_reasons_are_told_in_the_readers_language_and_sum_to_the_score(folder, run, veche):
    text = "A tree fell on the fence, call me at 617-555-0138"
    plain = json.loads(veche("explain", folder / "city.model", "--text", text, "--json").stdout)
    assert "617" not in plain["text"]
    for one in plain["facets"]["topic"]:
        assert sum(r["weight"] for r in one["reasons"]) == pytest.approx(one["score"], abs=1e-6)
    told = veche("explain", folder / "city.model", "--text", text, "--lang", "ru").stdout
    assert "“tree”" in told or "«tree»" in told
    appeal = (
        duckdb.read_parquet(str(run / "appeals" / "*.parquet")).limit(1).project("appeal_id").fetchall()[0]
    )
    assert "together" in veche("explain", folder / "city.model", appeal[0], "--run", run).stdout
    assert veche("explain", folder / "city.model", "nobody", "--run", run).returncode == 2
    assert veche("explain", folder / "city.model").returncode == 2


@pytest.mark.parametrize(
    ("call", "status", "said"),
    [
        (["city.model"], 2, "Give either"),
        (["city.model", "--ask", "5"], 2, "Give either"),
        (["new.csv", "--ask", "5", "--from", "new.csv"], 2, "VECHE-L006"),
        (["city.model", "new.csv", "--run", "old.csv"], 2, "value"),
        (["city.model", "id.csv"], 2, "VECHE-L013"),
        (["city.model", "id.csv", "--run", "old.csv"], 2, "VECHE-L014"),
    ],
)
def test_a_wrong_call_is_refused(folder, veche, call, status, said):
    (folder / "id.csv").write_text("appeal_id,facet,value\nabc,topic,nature.trees\n", encoding="utf-8")
    named = [folder / word if (folder / word).exists() else word for word in call]
    refused = veche("learn", *named, "--out", folder / "none.model")
    assert refused.returncode == status
    assert said in refused.stderr
    assert not (folder / "none.model").exists()
