"""The main job as a whole: the same result however it is run, and nothing lost on the way."""

import csv
import hashlib
import json
import os
import shutil
import signal
import subprocess
import time

import duckdb
import pyarrow.parquet as pq
import pytest
from tests.integration.conftest import APPEALS, VECHE

from veche.run import columns

WRITTEN = (
    "alerts.parquet",
    "appeals",
    "audit.html",
    "audit.json",
    "digest.json",
    "digests.json",
    "findings",
    "picture.parquet",
    "rejects.csv",
    "themes-state.npz",
    "themes.parquet",
)

#: Without the encoder, for tests of what does not depend on it.
CHEAP = ("--skip", "vectors", "--workers", 1)


def digests(out):
    """Return the digest of every file that must not depend on how or when the run was made."""
    return {
        str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest()
        for name in WRITTEN
        for path in sorted((out / name).rglob("*") if (out / name).is_dir() else [out / name])
    }


def manifest(out):
    return json.loads((out / "manifest.json").read_text())


def test_what_is_read_is_accepted_or_rejected(result):
    counts = manifest(result)["counts"]
    assert counts["read"] == APPEALS
    assert counts["accepted"] + counts["rejected"] == counts["read"]
    with (result / "rejects.csv").open(newline="") as f:
        assert len(list(csv.DictReader(f))) == counts["rejected"]
    appeals = duckdb.execute(
        "select count(*) from read_parquet(?)", [str(result / "appeals/*.parquet")]
    ).fetchone()
    assert appeals == (counts["accepted"],)


def test_every_appeal_has_one_place_in_the_themes(result):
    accepted = manifest(result)["counts"]["accepted"]
    themed = duckdb.execute(
        "select count(*) from read_parquet(?) where theme is not null", [str(result / "appeals/*.parquet")]
    ).fetchone()
    assert themed == (accepted,)


def test_a_finished_run_leaves_no_work_behind(result):
    assert sorted(p.name for p in result.iterdir()) == sorted([*WRITTEN, "manifest.json", "report.html"])
    assert manifest(result)["files"] == sorted([*WRITTEN, "report.html"])


def test_each_facet_stands_in_the_wide_and_the_long_table(result):
    wide = pq.read_schema(next((result / "appeals").iterdir())).names
    long = duckdb.execute("select distinct facet from read_parquet(?)", [str(result / "findings/*.parquet")])
    facets = {row[0] for row in long.fetchall()}
    assert {"language", "kind", "topic", "place", "body", "urgency", "group", "repeat", "theme"} <= facets
    for facet in facets:
        assert {
            facet,
            f"{facet}_confidence",
            f"{facet}_evidence",
            f"{facet}_maker",
            f"{facet}_version",
        } <= set(wide)


def test_the_reference_names_every_column_of_the_output(result):
    def names(file):
        return set(pq.read_schema(file).names)

    facets = {template.format(facet=facet) for facet in columns.FACETS for template in columns.FACET}
    assert names(next((result / "appeals").iterdir())) == columns.APPEALS.keys() | facets
    assert names(next((result / "findings").iterdir())) == columns.FINDINGS.keys()
    assert names(result / "themes.parquet") == columns.THEMES.keys()
    assert names(result / "picture.parquet") == columns.PICTURE.keys()
    assert names(result / "alerts.parquet") == columns.ALERTS.keys()
    assert json.loads((result / "audit.json").read_text()).keys() == columns.AUDIT.keys()
    quotations = json.loads((result / "digest.json").read_text())
    assert quotations
    assert all(quotation.keys() == columns.DIGEST.keys() for quotation in quotations)


def test_evidence_points_to_words_that_are_in_the_original(sample, result):
    texts = {
        a["id"]: a["text"]
        for a in map(json.loads, (sample / "appeals.jsonl").read_text(encoding="utf-8").splitlines())
    }
    rows = duckdb.execute(
        "select foreign_id, urgency_evidence, place_evidence from read_parquet(?)",
        [str(result / "appeals/*.parquet")],
    ).fetchall()
    checked = 0
    for foreign_id, *facets in rows:
        for span in (s for spans in facets if spans for s in spans):
            assert 0 <= span["start"] < span["end"] <= len(texts[foreign_id])
            checked += 1
    assert checked > 1000


def test_one_worker_gives_the_same_bytes_as_two(sample, result, tmp_path, command):
    done = command("run", sample / "appeals.jsonl", "--out", tmp_path / "out", "--workers", 1)
    assert done.returncode in (0, 3), done.stderr
    assert digests(tmp_path / "out") == digests(result)


def start(sample, out, home, *options):
    env = {**os.environ, "HOME": str(home), "XDG_DATA_HOME": str(home / "data"), "VECHE_LANG": "en"}
    return subprocess.Popen(
        [str(VECHE), "run", str(sample / "appeals.jsonl"), "--out", str(out), "--workers", "2", *options],
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        # Tests that are run in the background are told to ignore Ctrl-C, and so would be their children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def wait_for_a_part(out, process):
    limit = time.monotonic() + 120
    while not list(out.glob(".work/done/*.json")):
        assert process.poll() is None
        assert time.monotonic() < limit
        time.sleep(0.01)


def test_a_run_killed_with_9_goes_on_and_gives_the_same_result(sample, result, tmp_path, command, home):
    out = tmp_path / "out"
    process = start(sample, out, home)
    wait_for_a_part(out, process)
    process.kill()
    process.communicate()
    assert not (out / "manifest.json").exists()
    kept = {p: p.stat().st_mtime_ns for p in out.glob(".work/done/*.json")}
    assert kept
    done = command("run", sample / "appeals.jsonl", "--out", out, "--workers", 2, "--resume")
    assert done.returncode in (0, 3), done.stderr
    assert digests(out) == digests(result)


def test_finished_parts_are_not_understood_again(sample, tmp_path, veche, home):
    out = tmp_path / "out"
    process = start(sample, out, home, "--skip", "vectors")
    wait_for_a_part(out, process)
    process.kill()
    process.communicate()
    mark = min(out.glob(".work/done/*.json"))
    noted = json.loads(mark.read_text())
    noted["seconds"] = {"masks": 12345.0}
    mark.write_text(json.dumps(noted))
    veche("run", sample / "appeals.jsonl", "--out", out, "--skip", "vectors", "--resume")
    masks = next(s for s in manifest(out)["stages"] if s["name"] == "masks")
    assert masks["seconds"] > 12345


def test_a_wrong_call_does_not_cost_the_parts_that_are_finished(tmp_path, veche, home):
    source = tmp_path / "appeals.jsonl"
    source.write_text("".join(json.dumps({"text": f"Дом {n}: не горят фонари"}) + "\n" for n in range(5000)))
    options = ("--map", "text=text", "--skip", "vectors")
    process = start(tmp_path, tmp_path / "out", home, *options)
    wait_for_a_part(tmp_path / "out", process)
    process.kill()
    process.communicate()
    kept = sorted(tmp_path.glob("out/.work/done/*.json"))
    source.write_text('{"note": "Дом 1: не горят фонари"}\n')
    done = veche("run", source, "--out", tmp_path / "out", *options, "--resume")
    assert done.returncode == 2, done.stderr
    assert "VECHE-U003" in done.stderr
    assert sorted(tmp_path.glob("out/.work/done/*.json")) == kept


def test_ctrl_c_stops_cleanly_and_says_how_to_go_on(tmp_path, home):
    source, out = tmp_path / "appeals.jsonl", tmp_path / "out"
    # Four parts: two are still to be understood when the first is finished.
    source.write_text(
        "".join(json.dumps({"text": f"Дом {n}: не горят фонари"}) + "\n" for n in range(13_000))
    )
    process = start(tmp_path, out, home, "--skip", "vectors")
    wait_for_a_part(out, process)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "--resume" in error
    assert "Traceback" not in error


def test_resuming_a_finished_run_changes_nothing(sample, result, tmp_path, veche):
    out = shutil.copytree(result, tmp_path / "out")
    before = (out / "manifest.json").read_bytes()
    done = veche("run", sample / "appeals.jsonl", "--out", out, "--resume")
    assert done.returncode in (0, 3), done.stderr
    assert (out / "manifest.json").read_bytes() == before


def test_another_run_cannot_be_resumed(sample, result, tmp_path, veche):
    out = shutil.copytree(result, tmp_path / "out")
    done = veche("run", sample / "appeals.jsonl", "--out", out, "--resume", "--seed", 99)
    assert done.returncode == 2
    assert "VECHE-U006" in done.stderr
    assert "seed" in done.stderr


def test_a_stage_that_is_skipped_names_those_that_miss_it(sample, tmp_path, veche):
    out = tmp_path / "out"
    done = veche("run", sample / "appeals.jsonl", "--out", out, "--limit", 300, "--skip", "vectors,topic")
    assert done.returncode in (0, 3), done.stderr
    stages = {s["name"]: s for s in manifest(out)["stages"]}
    assert stages["vectors"]["reason"] == "asked"
    assert stages["body"] == {
        "name": "body",
        "status": "skipped",
        "reason": "needs topic",
        "seconds": 0.0,
        "fell_back": {},
    }
    assert stages["kind"]["fell_back"].keys() == {"vectors"}
    assert "vectors" in (out / "report.html").read_text()


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_summary_says_what_was_found_and_where_the_report_lies(sample, tmp_path, veche, language):
    out = tmp_path / "out"
    done = veche("run", sample / "appeals.jsonl", "--out", out, "--limit", 100, *CHEAP, language=language)
    assert {"en": "accepted 100", "ru": "принято 100"}[language] in done.stdout
    assert "report.html" in done.stdout
    assert not done.stderr


def test_a_pack_in_a_folder_of_ones_own_serves_to_the_end(sample, tmp_path, veche):
    pack = tmp_path / "our-town"
    pack.mkdir()
    (pack / "pack.toml").write_text(
        'code = "our-town"\nversion = "1"\nlanguages = ["ru"]\ntimezone = "UTC"\nlicence = "CC0-1.0"\n'
        'extends = "ru"\n[title]\nru = "Наш город"\n',
        encoding="utf-8",
    )
    out = tmp_path / "out"
    options = ("--limit", 40, "--skip", "vectors", "--workers", 1, "--pack", pack)
    done = veche("run", sample / "appeals.jsonl", "--out", out, *options)
    assert done.returncode == 0, done.stderr
    assert "Topics people write about most:" in done.stdout
    assert json.loads((out / "manifest.json").read_text())["pack"]["code"] == "our-town"


def test_json_is_the_manifest(sample, tmp_path, veche):
    done = veche("run", sample / "appeals.jsonl", "--out", tmp_path / "out", "--limit", 50, *CHEAP, "--json")
    assert json.loads(done.stdout) == manifest(tmp_path / "out")


def test_the_report_can_be_made_again_in_another_language(result, tmp_path, veche):
    out = shutil.copytree(result, tmp_path / "out")
    for language, word in (("ru", "обращен"), ("en", "appeals")):
        done = veche("report", out, "--lang", language)
        assert done.returncode == 0, done.stderr
        page = (out / "report.html").read_text()
        assert f'<html lang="{language}"' in page
        assert word in page
