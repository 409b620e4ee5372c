"""`veche train` and `veche models`, as people call them, on a small history in a spreadsheet's CSV."""

import csv
import json
import random

import pytest

from veche.core.errors import CannotResume, OneClass
from veche.packs import load_pack
from veche.run.history import read_history

WORDS = {
    "Street lights": "the lamp at our corner has been dark for weeks and nobody repairs the light",
    "Potholes": "a deep hole in the road damaged my wheel near the crossing, please fill the asphalt",
    "Rubbish": "the bins overflow and the garbage lies around the yard since the truck stays away",
}


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    """A file of 151 rows: three topics in two spellings, two themes as 0/1 columns, a row without a text."""
    draw = random.Random(4)
    path = tmp_path_factory.mktemp("history") / "history.csv"
    with path.open("w", newline="", encoding="utf-8") as f:
        rows = csv.writer(f)
        rows.writerow(["Comment", "Topic", "Neighborhood", "Received", "Urgent", "Angry", "City"])
        for number in range(150):
            topic = draw.choice(list(WORDS))
            words = WORDS[topic].split()
            draw.shuffle(words)
            said = topic.upper() + " " if number % 10 == 0 else topic
            day = f"2025-{number % 12 + 1:02}-11"
            area = ["Roxbury", "Allston"][number % 2]
            moods = [int(number % 3 == 0), int(number % 2 == 0)]
            rows.writerow([" ".join(words), said, area, day, *moods, "Boston"])
        rows.writerow(["", "Potholes", "", "2025-01-01", 0, 0, ""])
    return path


@pytest.fixture(scope="module")
def trained(history, veche):
    """The model, trained twice, and what was printed the second time."""
    out = history.with_name("city.model")
    call = [
        *("train", history, "--pack", "boston", "--label", "topic=Topic", "--label", "mood=Urgent:Angry"),
        *("--multi", "mood", "--out", out, "--workers", 1),
    ]
    first = veche(*call)
    assert first.returncode == 3, first.stderr
    return out, first.stdout, veche(*call, "--json")


def test_what_was_learnt_is_told(trained):
    _out, printed, _again = trained
    assert "Read 151: accepted 150 + rejected 1" in printed
    assert "topic: 3 labels, 150 appeals" in printed
    assert "Fields of history.csv: text = " in printed
    assert "Labels of topic: Topic" in printed
    assert "Labels of mood: Urgent + Angry" in printed
    assert "among the first three" not in printed  # of three labels
    assert "Potholes ← POTHOLES" in printed
    assert "mood: 2 labels" in printed
    assert "city.model" in printed


def test_the_same_history_makes_the_same_model(trained, veche):
    out, _printed, again = trained
    card = json.loads(again.stdout)
    assert card["facets"]["topic"]["figures"]["accuracy"] > 0.9
    listed = json.loads(veche("models", "list", out, "--json").stdout)
    assert [version["version"] for version in listed] == [1, 2]
    assert listed[0]["sha256"] == listed[1]["sha256"]


def test_versions_are_shown_and_gone_back_to(trained, veche):
    out, _printed, _again = trained
    assert "Learnt from 150 appeals" in veche("models", "show", out).stdout
    assert "From version 1 to version 2" in veche("models", "diff", out, 1, 2).stdout
    assert "In use: version 1" in veche("models", "rollback", out).stdout
    assert "In use: version 2" in veche("models", "promote", out, 2).stdout
    missing = veche("models", "promote", out, 7)
    assert missing.returncode == 2
    assert "VECHE-L010" in missing.stderr


def test_nothing_is_left_beside_the_model_and_its_versions(trained):
    out, _printed, _again = trained
    assert sorted(p.name for p in out.parent.iterdir()) == [
        "city.model",
        "city.model.versions",
        "history.csv",
    ]


def test_a_column_that_is_not_there_is_told(history, veche, tmp_path):
    wrong = veche("train", history, "--label", "topic=Subject", "--pack", "boston", "--out", tmp_path / "m")
    assert wrong.returncode == 2
    assert "VECHE-L001" in wrong.stderr
    assert "Topic" in wrong.stderr


def test_labels_are_mapped_to_the_pack_once_a_person_confirmed_them(history, veche, tmp_path):
    mapping = tmp_path / "topics.toml"
    call = [
        *("train", history, "--pack", "boston", "--label", "topic=Topic", "--to-pack", "topic"),
        *("--labels", mapping, "--out", tmp_path / "m.model", "--workers", 1, "--json"),
    ]
    assert veche(*call).returncode == 0
    assert veche(*call).returncode == 2
    mapping.write_text(mapping.read_text("utf-8").replace("confirmed = false", "confirmed = true"), "utf-8")
    done = veche(*call)
    assert done.returncode == 3, done.stderr
    assert any("." in label for label in json.loads(done.stdout)["facets"]["topic"]["labels"])


@pytest.fixture
def reading(history, home, tmp_path, monkeypatch):
    """Read the history with its work folder kept; what is given is changed for this reading."""
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    pack = load_pack("boston")

    def read(**changes):
        asked = {"labels": {"topic": "Topic"}, "work": tmp_path / "work", "workers": 1} | changes
        return read_history([str(history)], pack=pack, **asked)

    return read


def test_a_reading_that_was_interrupted_goes_on(reading, tmp_path):
    first = reading()
    (part,) = (tmp_path / "work" / "map").iterdir()
    understood = part.stat().st_mtime_ns
    again = reading(resume=True)
    assert part.stat().st_mtime_ns == understood
    assert again.inputs.texts.equals(first.inputs.texts)
    assert (again.inputs.vectors == first.inputs.vectors).all()
    assert again.notes == first.notes
    with pytest.raises(CannotResume):
        reading(resume=True, labels={"topic": "Urgent"})
    assert part.exists()


def test_what_is_learnt_is_not_shown_to_the_learner(reading):
    shown, hidden = reading(), reading(labels={"area": "Neighborhood", "topic": "Topic"})
    assert set(shown.inputs.traits["territory"].to_pylist()) == {"boston-roxbury", "boston-allston"}
    assert set(hidden.inputs.traits["territory"].to_pylist()) == {"boston"}


def test_a_call_that_teaches_nothing_leaves_nothing(reading, tmp_path):
    with pytest.raises(OneClass):
        reading(labels={"area": "City"})
    assert not (tmp_path / "work").exists()


def test_copies_say_the_same_and_days_are_known(reading):
    examples = reading()
    texts = examples.inputs.texts.to_pylist()
    assert len(set(examples.copies.tolist())) <= len(set(texts))
    assert str(examples.received[0]).startswith("2025-01-11")
    assert examples.notes.reasons == {"The text is empty.": 1}
