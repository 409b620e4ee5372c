"""Themes that the topics of the pack seed, as people ask for them."""

import json

import duckdb
import pyarrow.parquet as pq
import pytest

LESS = ("--limit", 1500, "--workers", 2)


@pytest.fixture(scope="module")
def runs(sample, tmp_path_factory, veche):
    """The same appeals twice: themes as the texts have them, and themes that follow the topics."""
    folder = tmp_path_factory.mktemp("guided")
    for name, more in (("free", ()), ("guided", ("--guided",))):
        done = veche("run", sample / "appeals.jsonl", "--out", folder / name, *LESS, *more)
        assert done.returncode in (0, 3), done.stderr
    return folder


def under_one_topic(out):
    """The share of the appeals of themes that lie under their theme's most frequent topic."""
    query = (
        "select sum(most) / sum(n) from (select max(n) most, sum(n) n from (select theme, topic, count(*) n "
        "from read_parquet(?) where theme <> 'rare' and topic is not null group by all) group by theme)"
    )
    return duckdb.execute(query, [str(out / "appeals/*.parquet")]).fetchall()[0][0]


def test_guided_themes_follow_the_topics(runs):
    assert under_one_topic(runs / "guided") > under_one_topic(runs / "free") + 0.05


def test_the_manifest_says_whether_themes_were_guided(runs):
    told = [json.loads((runs / name / "manifest.json").read_text())["asked"] for name in ("free", "guided")]
    assert [asked["guided"] for asked in told] == [False, True]


def test_a_theme_says_which_topic_it_lies_under_or_none(runs):
    table = pq.read_table(runs / "guided" / "themes.parquet", columns=["topic", "topic_share"]).to_pylist()
    assert {row["topic"] is None for row in table} == {True, False}
    assert all((row["topic"] is None) == (row["topic_share"] is None) for row in table)
    assert all(row["topic_share"] > 0.5 for row in table if row["topic"])


def test_a_run_that_was_not_guided_is_not_resumed_as_guided(runs, sample, veche):
    done = veche("run", sample / "appeals.jsonl", "--out", runs / "free", *LESS, "--guided", "--resume")
    assert done.returncode == 2
    assert "guided" in done.stderr


def test_topics_that_are_skipped_cannot_guide(sample, tmp_path, veche):
    done = veche("run", sample / "appeals.jsonl", "--out", tmp_path / "out", "--guided", "--skip", "topic")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--guided" in done.stderr
    assert not (tmp_path / "out").exists()
