"""`veche run --model`: what a model decides takes the place of the built-in findings, and says what waits."""

import json

import duckdb
import pytest

#: What the run promises of each facet.
PRECISION = ("--precision", "topic=0.9", "--precision", "Theme=0.7")


@pytest.fixture(scope="module")
def folder(tmp_path_factory, veche):
    """A model of the topics of 500 decided appeals, whose labels of `mood` are the authority's own words."""
    folder = tmp_path_factory.mktemp("learnt")
    sample = ("sample", "--pack", "boston", "--decided")
    veche(*sample, "--n", 500, "--out", folder / "old.csv")
    veche(*sample, "--n", 120, "--seed", 8, "--out", folder / "new.csv")
    labels = ("--label", "topic=topic", "--label", "Theme=body", "--label", "urgency=channel")
    trained = veche(
        *("train", folder / "old.csv", "--pack", "boston", *labels, "--workers", 1),
        *("--out", folder / "city.model"),
    )
    assert trained.returncode == 0, trained.stderr
    return folder


@pytest.fixture(scope="module")
def run(folder, veche):
    """What `veche run` with this model printed."""
    call = ("run", folder / "new.csv", "--pack", "boston", "--workers", 1, "--out", folder / "out")
    finished = veche(*call, "--model", folder / "city.model", *PRECISION)
    assert finished.returncode == 0, finished.stderr
    return finished


@pytest.fixture
def appeals(folder, run):
    """The wide table of the run."""
    assert "Report" in run.stdout
    return duckdb.read_parquet(str(folder / "out" / "appeals" / "*.parquet"))


def test_topics_of_the_model_take_the_place_of_the_built_in(folder, appeals):
    truth = duckdb.read_csv(str(folder / "new.csv"), all_varchar=True).set_alias("truth")
    joined = appeals.set_alias("made").join(truth, "made.foreign_id = truth.id")
    right, n = (
        joined.filter("truth.topic is not null")
        .aggregate("avg((made.topic = truth.topic)::int), count(*)")
        .fetchall()[0]
    )
    assert n > 100
    assert right > 0.75
    made = appeals.filter("topic is not null").aggregate("list(distinct topic_maker)")
    assert made.fetchall() == [(["model.topic"],)]


def test_what_a_run_needs_itself_is_written_beside(appeals):
    assert "label_Theme" in appeals.columns  # a run finds themes of its own
    assert "label_urgency" in appeals.columns
    assert set(appeals.aggregate("list(distinct urgency)").fetchall()[0][0]) <= {"life", "deadline", "none"}


def test_the_words_that_spoke_for_a_topic_stand_in_the_text(appeals):
    shown = appeals.filter("topic is not null and len(topic_evidence) > 0")
    assert len(shown) > 80
    ends = "list_max(list_transform(topic_evidence, lambda e: e.end)) <= len(masked_text) + 100"
    assert len(shown.filter(ends)) == len(shown)


def test_every_appeal_is_decided_alone_or_waits_for_a_reason(folder, run, appeals):
    told = json.loads((folder / "out" / "manifest.json").read_text("utf-8"))["model"]
    facet = told["facets"]["topic"]
    assert facet["precision"] == 0.9
    assert facet["alone"] + sum(facet["waiting"].values()) == 120
    alone = len(appeals.filter("topic_decided = 'alone'"))
    assert alone == facet["alone"]
    assert f"topic: decided alone {alone}" in run.stdout
    assert "topic: decided alone" in (folder / "out" / "report.html").read_text("utf-8")


def test_an_evaluation_counts_as_decided_alone_what_the_run_decided_alone(folder, veche, appeals):
    judged = veche(
        *("evaluate", folder / "city.model", folder / "new.csv", "--label", "Theme=body", "--quick"),
        *("--precision", "0.7", "--workers", 1, "--out", folder / "judged"),
    )
    assert judged.returncode == 0, judged.stderr
    said = duckdb.read_parquet(str(folder / "judged" / "predictions.parquet")).set_alias("judged")
    joined = said.join(appeals.set_alias("ran"), "judged.appeal_id = ran.appeal_id")
    ran = "label_Theme_decided = 'alone'"
    counts = joined.aggregate(f"count(*), count_if(alone <> ({ran})), count_if(alone)").fetchall()
    n, differ, alone = counts[0]
    assert n > 100
    assert differ == 0
    assert alone > 0


@pytest.mark.usefixtures("run")
def test_resuming_notices_another_promise(folder, veche):
    call = (
        "run",
        folder / "new.csv",
        "--pack",
        "boston",
        "--workers",
        1,
        "--out",
        folder / "out",
        "--resume",
    )
    other = veche(*call, "--model", folder / "city.model")
    assert other.returncode == 2
    assert "model" in other.stderr
    assert veche(*call, "--model", folder / "city.model", *PRECISION).returncode == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--precision", "0.9"], "--model"),
        (["--model", "city.model", "--precision", "2"], "from 0.5 to below 1"),
        (["--model", "city.model", "--precision", "colour=0.9"], "VECHE-L012"),
        (["--model", "new.csv"], "VECHE-L006"),
        (["--model", "absent.model"], "VECHE-L017"),
        (["--model", "city.model", "--pack", "ru"], "VECHE-L018"),
    ],
)
def test_a_wrong_call_is_refused(folder, veche, options, said):
    call = [folder / o if (folder / o).exists() else o for o in options]
    refused = veche("run", folder / "new.csv", "--pack", "boston", "--out", folder / "none", *call)
    assert refused.returncode == 2
    assert said in refused.stderr


def test_a_pack_that_extends_that_of_the_model_is_told_and_will_do(folder, veche, run):
    assert "Mind that the model" not in run.stdout
    pack = folder / "our-part"
    pack.mkdir()
    (pack / "pack.toml").write_text(
        'code = "our-part"\nversion = "3"\nlanguages = ["en", "es"]\ntimezone = "UTC"\nlicence = "CC0-1.0"\n'
        'extends = "boston"\n[title]\nen = "Our part"\nes = "Nuestra parte"\n',
        encoding="utf-8",
    )
    call = (
        "run",
        folder / "new.csv",
        "--pack",
        pack,
        "--workers",
        1,
        "--out",
        folder / "part",
        "--limit",
        30,
    )
    finished = veche(*call, "--model", folder / "city.model")
    assert finished.returncode == 0, finished.stderr
    made_with = json.loads((folder / "part" / "manifest.json").read_text("utf-8"))["model"]["pack"]
    assert made_with["code"] == "boston"
    told = f"the model was made with the pack boston {made_with['version']} and this run with our-part 3"
    assert told in finished.stdout
