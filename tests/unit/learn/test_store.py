"""Versions of a model: kept, compared, put in use, gone back to."""

import datetime as dt
from dataclasses import replace

import pytest

from veche.core.errors import ModelDamaged, NoEarlierVersion, NoSuchModel, NoSuchVersion, NotAModel
from veche.core.ids import file_digest
from veche.learn.changes import compare
from veche.learn.file import load, save
from veche.learn.store import keep, log, open_version, promote, roll_back, version_of, versions
from veche.learn.train import train

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def model(made_history):
    return train(made_history, facets=["topic"], seed=5)


@pytest.fixture
def path(model, tmp_path):
    """A model of three versions."""
    for number in (1, 2, 3):
        keep(named(model, number), tmp_path / "a.model", now=NOW + dt.timedelta(days=number))
    return tmp_path / "a.model"


def named(model, number):
    return replace(model, card={**model.card, "number": number})


def in_use(path):
    (used,) = [version.number for version in versions(path) if version.in_use]
    assert load(path).card["number"] == used
    return used


def test_what_is_trained_is_in_use_and_the_earlier_ones_are_kept(path):
    assert [version.number for version in versions(path)] == [1, 2, 3]
    assert in_use(path) == 3
    assert open_version(version_of(path, 1)).card["number"] == 1
    assert version_of(path, 2).at == "2026-03-03T12:00:00+00:00"


def test_a_version_is_put_in_use(path):
    assert promote(path, 1, now=NOW).number == 1
    assert in_use(path) == 1
    assert log(path)[-1].did == "promoted"


def test_going_back_goes_to_the_one_before_each_time(path):
    assert roll_back(path, now=NOW).number == 2
    assert roll_back(path, now=NOW).number == 1
    assert in_use(path) == 1
    with pytest.raises(NoEarlierVersion):
        roll_back(path, now=NOW)


def test_going_back_after_a_promotion_undoes_it(path):
    promote(path, 1, now=NOW)
    roll_back(path, now=NOW)
    assert in_use(path) == 3


def test_a_model_made_after_going_back_is_the_next_version(path, model):
    roll_back(path, now=NOW)
    assert keep(named(model, 4), path, now=NOW).number == 4
    assert in_use(path) == 4
    roll_back(path, now=NOW)
    assert in_use(path) == 2


def test_a_version_that_is_not_kept_is_told_with_those_that_are(path):
    with pytest.raises(NoSuchVersion, match="1, 2, 3"):
        promote(path, 9, now=NOW)


def test_a_version_that_was_changed_is_not_put_in_use(path):
    before = file_digest(path)
    file = version_of(path, 1).path
    file.write_bytes(file.read_bytes() + b"x")
    with pytest.raises(ModelDamaged):
        promote(path, 1, now=NOW)
    assert file_digest(path) == before


def test_a_model_that_came_without_versions_is_its_own_first(model, tmp_path):
    path = tmp_path / "given.model"
    save(named(model, 1), path)
    assert [v.in_use for v in versions(path)] == [True]
    keep(named(model, 2), path, now=NOW)
    assert [v.number for v in versions(path)] == [1, 2]
    roll_back(path, now=NOW)
    assert in_use(path) == 1


def test_there_is_nothing_where_there_is_no_model(tmp_path):
    with pytest.raises(NoSuchModel):
        versions(tmp_path / "none.model")


def test_what_changed_between_versions_is_told(model):
    old = dict(model.card)
    topic = old["facets"]["topic"]
    new = old | {
        "data": old["data"] | {"appeals": 500},
        "facets": {
            "topic": topic
            | {"labels": {"Roads": 3, "Parks": 1}, "figures": topic["figures"] | {"accuracy": 0.5}}
        },
    }
    changes = compare(old, new)
    assert changes["data"] == {"appeals": [240, 500]}
    assert changes["facets"]["topic"]["added"] == ["Parks"]
    assert changes["facets"]["topic"]["removed"] == ["Water", "Light"]
    assert changes["facets"]["topic"]["figures"]["accuracy"] == [topic["figures"]["accuracy"], 0.5]


def test_a_model_that_was_put_in_the_place_of_another_is_kept_too(path, model):
    save(named(model, 77), path)
    assert keep(named(model, 5), path, now=NOW).number == 5
    assert open_version(version_of(path, 4)).card["number"] == 77
    assert in_use(path) == 5


def test_what_is_no_model_is_never_written_over(model, tmp_path):
    path = tmp_path / "letter.docx"
    path.write_bytes(b"Dear all")
    with pytest.raises(NotAModel):
        keep(model, path, now=NOW)
    assert path.read_bytes() == b"Dear all"


def test_a_damaged_model_is_replaced_by_training_again(path, model):
    path.write_bytes(path.read_bytes()[:-50] + bytes(50))
    keep(named(model, 4), path, now=NOW)
    assert in_use(path) == 4
    assert roll_back(path, now=NOW).number == 3


def test_a_folder_is_no_model(tmp_path):
    for asked in (versions, lambda path: roll_back(path, now=NOW)):
        with pytest.raises(NotAModel):
            asked(tmp_path)


def test_a_log_that_somebody_else_wrote_is_told(path):
    log_file = path.with_name("a.model.versions") / "log.jsonl"
    log_file.write_text(
        '{"at": "", "who": "", "did": "made", "version": "../other", "sha256": ""}', encoding="utf-8"
    )
    with pytest.raises(ModelDamaged):
        versions(path)


def test_a_model_whose_versions_were_removed_is_version_one(path):
    for kept in path.with_name("a.model.versions").glob("*.model"):
        kept.unlink()
    assert [version.number for version in versions(path)] == [1]
