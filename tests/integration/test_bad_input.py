"""Bad input at the command line: a code, a hint, an honest exit status, and never a traceback."""

import csv
import gzip
import io
import json
import re
import subprocess
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest
from tests.integration.conftest import VECHE

GOOD = (
    "id,text,date\n1,На улице не горят фонари,2025-03-01\n2,Прошу отремонтировать дорогу у школы,2025-03-02\n"
)

#: Without the stages that take long to open: how an appeal is read does not depend on them.
QUICK = ("--skip", "vectors,topic", "--workers", "1")


@pytest.fixture
def run(veche, tmp_path):
    """Run over one source and return the process, the manifest and the rejects."""

    def call(*inputs, options=()):
        out = tmp_path / "out"
        done = veche("run", *inputs, "--out", out, *QUICK, *options)
        assert "Traceback" not in done.stderr + done.stdout
        manifest, rejects = None, []
        if (out / "manifest.json").exists():
            manifest = json.loads((out / "manifest.json").read_text())
            with (out / "rejects.csv").open(newline="", encoding="utf-8") as f:
                rejects = list(csv.DictReader(f))
            counts = manifest["counts"]
            assert counts["accepted"] + counts["rejected"] == counts["read"]
            assert len(rejects) == counts["rejected"]
            assert done.returncode == (3 if rejects else 0), done.stderr
        return done, manifest, rejects

    return call


def clear(done, *, status, code):
    assert done.returncode == status, done.stderr
    assert code in done.stderr
    assert "Hint: " in done.stderr


def rejected(rejects, *codes):
    assert [r["code"] for r in rejects] == list(codes)
    assert all(r["file"] and r["message"] for r in rejects)


def test_a_sound_file_is_taken_whole(run, tmp_path):
    (tmp_path / "a.csv").write_text(GOOD)
    _, manifest, rejects = run(tmp_path / "a.csv")
    assert manifest["counts"]["accepted"] == 2
    assert not rejects


def test_an_empty_file(run, tmp_path):
    (tmp_path / "a.csv").touch()
    rejected(run(tmp_path / "a.csv")[2], "VECHE-I002")


def test_a_file_with_a_header_only(run, tmp_path):
    (tmp_path / "a.csv").write_text("id,text\n")
    rejected(run(tmp_path / "a.csv")[2], "VECHE-I002")


def test_a_folder_without_anything_readable(run, tmp_path):
    (tmp_path / "in").mkdir()
    done, *_ = run(tmp_path / "in")
    clear(done, status=2, code="VECHE-U007")


def test_a_path_that_does_not_exist(run, tmp_path):
    clear(run(tmp_path / "none.csv")[0], status=2, code="VECHE-U005")


def test_a_missing_column(run, tmp_path):
    (tmp_path / "a.csv").write_text(GOOD)
    done, *_ = run(tmp_path / "a.csv", options=("--map", "text=Суть"))
    clear(done, status=2, code="VECHE-U003")
    assert "text, date" in done.stderr


def test_a_binary_file_named_csv(run, tmp_path):
    (tmp_path / "a.csv").write_bytes(bytes(range(256)) * 40)
    rejected(run(tmp_path / "a.csv")[2], "VECHE-I004")


def test_rows_in_another_encoding_than_the_rest_are_read_or_rejected(run, tmp_path):
    other = "3,Не вывозят мусор со двора,2025-03-03\n".encode("cp1251")
    (tmp_path / "a.csv").write_bytes(GOOD.encode() * 20 + other)
    _, manifest, rejects = run(tmp_path / "a.csv", options=("--map", "id="))
    assert manifest["counts"]["read"] == 20 * 3 - 1 + 1
    assert all(r["code"] == "VECHE-I016" for r in rejects)


def peak_mib(path, out, home):
    """Run over `path` and return the exit status and the largest resident memory in MiB (Linux)."""
    command = [str(VECHE), "run", str(path), "--out", str(out), *QUICK]
    environment = {"HOME": str(home), "PATH": "/usr/bin:/bin"}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    peak = 0
    while process.poll() is None:
        held = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process.pid}/status").read_text())
        peak = max(peak, int(held[1]) if held else 0)
        time.sleep(0.02)
    return process.returncode, peak / 1024


def test_a_single_line_of_100_mb_is_rejected_without_being_held(tmp_path, home):
    (tmp_path / "small.csv").write_text(GOOD)
    _, usual = peak_mib(tmp_path / "small.csv", tmp_path / "small", home)
    (tmp_path / "a.csv").write_text(
        GOOD + "3," + "x" * 100_000_000 + ",2025-03-03\n4,Почините лифт,2025-03-04\n"
    )
    status, peak = peak_mib(tmp_path / "a.csv", tmp_path / "out", home)
    assert status == 3
    with (tmp_path / "out" / "rejects.csv").open(newline="") as f:
        rejected(list(csv.DictReader(f)), "VECHE-I013")
    assert peak < usual + 50


def test_a_formula_in_a_cell_stays_text_and_harmless(veche, tmp_path):
    (tmp_path / "=cmd.csv").write_text("id,text\n1,=HYPERLINK(“x”)\n2,\n")
    done = veche("run", "=cmd.csv", "--out", "out", *QUICK, cwd=tmp_path)
    assert done.returncode == 3, done.stderr
    with (tmp_path / "out" / "rejects.csv").open(newline="", encoding="utf-8") as f:
        (row,) = csv.DictReader(f)
    assert row["file"] == "'=cmd.csv"


def test_a_row_with_10_000_columns(run, tmp_path):
    (tmp_path / "a.csv").write_text(GOOD + ",".join("x" * 10_000) + "\n")
    rejected(run(tmp_path / "a.csv")[2], "VECHE-I012")


def test_nul_bytes_lone_surrogates_and_marks_of_direction(run, tmp_path):
    rows = [
        {"text": "Не работает \x00 светофор на перекрёстке"},
        {"text": "Плохая \ud800 вода из крана"},
        {"text": "Слово \u202eнаоборот\u202c и дальше"},
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))
    _, manifest, _rejects = run(tmp_path / "a.jsonl")
    assert manifest["counts"]["accepted"] == 3


@pytest.mark.parametrize("year", ["1900", "2150"])
def test_an_impossible_date_costs_the_date_not_the_appeal(run, tmp_path, year):
    (tmp_path / "a.csv").write_text(GOOD + f"3,Нет горячей воды,{year}-05-01\n")
    _, manifest, rejects = run(tmp_path / "a.csv")
    assert not rejects
    assert manifest["inputs"][0]["warnings"]["date_out_of_range"] == 1


def test_an_id_that_comes_twice_is_taken_once(run, tmp_path):
    (tmp_path / "a.csv").write_text(
        GOOD + "2,Прошу отремонтировать дорогу у школы,2025-03-02\n1,Другое,2025-03-02\n"
    )
    rejected(run(tmp_path / "a.csv")[2], "VECHE-I019", "VECHE-I020")


def test_the_same_file_given_twice_is_taken_once(run, tmp_path):
    (tmp_path / "a.csv").write_text(GOOD)
    (tmp_path / "b.csv").write_text(GOOD)
    rejected(run(tmp_path / "a.csv", tmp_path / "b.csv")[2], "VECHE-I009")


def test_an_encrypted_workbook(run, tmp_path):
    # An encrypted workbook is an OLE compound file; this is its header and the name of its stream.
    header = (
        bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(1000)
    )
    (tmp_path / "a.xlsx").write_bytes(header)
    rejected(run(tmp_path / "a.xlsx")[2], "VECHE-I005")


def test_a_zip_bomb(run, tmp_path):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("a.csv", "text\n" + "0" * 300_000_000)
    (tmp_path / "a.zip").write_bytes(inner.getvalue())
    assert run(tmp_path / "a.zip")[2][0]["code"] == "VECHE-I006"


def test_a_link_out_of_the_folder_is_not_followed(run, tmp_path):
    (tmp_path / "secret.csv").write_text(GOOD)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").write_text(GOOD + "3,Нет автобусов вечером,2025-03-03\n")
    (tmp_path / "in" / "b.csv").symlink_to(tmp_path / "secret.csv")
    rejected(run(tmp_path / "in")[2], "VECHE-I008")


def test_a_damaged_archive(run, tmp_path):
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(GOOD.encode() * 50)[:-40])
    done, manifest, rejects = run(tmp_path / "a.csv.gz")
    assert rejects
    assert manifest["counts"]["rejected"] >= 1
    assert done.returncode == 3


def test_a_full_disk(tmp_path, home):
    (tmp_path / "a.csv").write_text(GOOD)
    (tmp_path / "disk").mkdir()
    script = f'mount -t tmpfs -o size=64k tmpfs "{tmp_path}/disk" && exec "$@"'
    inside = ["unshare", "--mount", "--map-root-user", "sh", "-c", script, "sh"]
    if subprocess.run([*inside, "true"], capture_output=True).returncode:
        pytest.skip("needs `unshare` and the right to mount a small disk")
    command = [str(VECHE), "run", str(tmp_path / "a.csv"), "--out", str(tmp_path / "disk" / "out"), *QUICK]
    done = subprocess.run(
        [*inside, *command], capture_output=True, text=True, env={"HOME": str(home), "PATH": "/usr/bin:/bin"}
    )
    clear(done, status=1, code="VECHE-O001")
    assert "--resume" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_output_folder_that_is_not_empty(veche, tmp_path):
    (tmp_path / "a.csv").write_text(GOOD)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("keep me")
    done = veche("run", tmp_path / "a.csv", "--out", tmp_path / "out")
    clear(done, status=2, code="VECHE-U002")
    assert (tmp_path / "out" / "mine.txt").read_text() == "keep me"


def test_standard_input(veche, tmp_path):
    done = veche("run", "-", "--out", tmp_path / "out", *QUICK, stdin=GOOD)
    assert done.returncode == 0, done.stderr
    assert "accepted 2" in done.stdout


def test_a_workbook_of_one_row(run, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["Текст обращения", "Дата"])
    book.active.append(["Не убирают снег во дворе", "01.02.2025"])
    book.save(tmp_path / "a.xlsx")
    assert run(tmp_path / "a.xlsx")[1]["counts"]["accepted"] == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run"], "INPUT"),
        (["run", "a.csv", "--out", "o", "--map", "text"], "FIELD=COLUMN"),
        (["run", "a.csv", "--out", "o", "--engine", "ray"], "VECHE-U009"),
        (["run", "a.csv", "--out", "o", "--skip", "nothing"], "VECHE-U004"),
        (["run", "a.csv", "--out", "o", "--pack", "atlantis"], "VECHE-P002"),
        (["fly"], "fly"),
    ],
)
def test_a_wrong_call_says_what_is_wrong(veche, tmp_path, arguments, words):
    (tmp_path / "a.csv").write_text(GOOD)
    done = veche(*arguments, cwd=tmp_path)
    assert done.returncode in ((2,) if "P002" not in words else (1, 2))
    assert words in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("language", ["en", "ru"])
def test_an_error_speaks_the_readers_language(veche, tmp_path, language):
    done = veche("run", tmp_path / "none.csv", "--out", tmp_path / "out", language=language)
    assert bool(re.search("[а-я]{4}", done.stderr)) == (language == "ru")
    assert "VECHE-U005" in done.stderr
