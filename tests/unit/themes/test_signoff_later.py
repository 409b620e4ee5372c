"""What a person decided about one run holds in the next one."""

import json
import shutil

import pyarrow.parquet as pq
import pytest
from test_signoff import HEATING, NOW, decide, entry, finished, make_run, mixed, say, shown, sizes, tools_in

from veche.themes.signoff import carry, read_held, sign

__all__ = ["finished"]


@pytest.fixture(scope="module")
def later_run(tmp_path_factory):
    """The next run: the same appeals but for some of the heating, exported anew and in another order."""
    return make_run(tmp_path_factory.mktemp("later"), lambda texts: list(reversed(texts))[:-20])


@pytest.fixture
def earlier(finished, tmp_path):
    return shutil.copytree(finished, tmp_path / "earlier")


@pytest.fixture
def later(later_run, tmp_path):
    return shutil.copytree(later_run, tmp_path / "later")


def carry_over(earlier, later):
    held = read_held(later)
    with tools_in() as tools:
        decisions = carry(read_held(earlier), held, tools)
        sign(held, decisions, tools, by="Anna", at=NOW, pack_version="1")
    return decisions


def about(folder, texts):
    """The theme of the machine that most of `texts` are in."""
    table = pq.read_table(folder / "appeals", columns=["theme", "masked_text"])
    pairs = zip(table["theme"].to_pylist(), table["masked_text"].to_pylist(), strict=True)
    found = [theme for theme, text in pairs if text in texts]
    return max(set(found), key=found.count)


def test_a_new_name_goes_on(earlier, later):
    decide(earlier, {about(earlier, say(HEATING)): 'name = "Холод в домах"'})
    heating = about(later, say(HEATING))
    carry_over(earlier, later)
    assert entry(later, heating)["name"] == "Холод в домах"


def test_merged_themes_stay_merged(earlier, later):
    decide(earlier, {"t002": 'into = "t001"'})
    before = sizes(later)
    carry_over(earlier, later)
    assert len(sizes(later)) == len(before) - 1


def test_a_dropped_theme_stays_set_aside(earlier, later):
    decide(earlier, {about(earlier, say(HEATING)): "drop = true"})
    heating = about(later, say(HEATING))
    n = sizes(later)[heating]
    carry_over(earlier, later)
    assert json.loads((later / "digests.json").read_text())["aside"]["size"] == n
    assert heating not in sizes(later)


def test_a_pinned_theme_that_the_machine_merged_comes_back(earlier, later_run, tmp_path):
    decide(earlier, {about(earlier, say(HEATING)): 'name = "Холод в домах"\npin = true'})
    later = mixed(later_run, tmp_path)
    assert list(sizes(later)) == ["t001"]
    carry_over(earlier, later)
    back = entry(later, "t001-1")
    assert (back["name"], back["pinned"]) == ("Холод в домах", True)
    assert about(later, say(HEATING)) == "t001-1"


def test_themes_of_another_matter_take_nothing_over(earlier, later):
    decide(earlier, {about(earlier, say(HEATING)): 'name = "Холод в домах"'})
    decisions = carry_over(earlier, later)
    assert [code for code, d in decisions.themes.items() if d] == [about(later, say(HEATING))]


def test_what_was_decided_about_the_later_run_itself_comes_first(earlier, later):
    decide(earlier, {about(earlier, say(HEATING)): 'name = "Холод в домах"'})
    heating = about(later, say(HEATING))
    decide(later, {heating: 'name = "Отопление"'})
    carry_over(earlier, later)
    assert entry(later, heating)["name"] == "Отопление"


def test_nothing_decided_carries_nothing(earlier, later):
    before = shown(later)
    decide(earlier, {})
    assert not any(carry_over(earlier, later).themes.values())
    assert shown(later) == before
