"""A run that follows an earlier one, as people call it."""

import itertools
import json
import shutil

import pyarrow.parquet as pq
import pytest

from veche.run import columns
from veche.themes.following import Memory

ONE = ("--workers", 1)

WHERE = ("на пятом этаже", "во всём подъезде", "в детской", "на кухне", "в нашем доме", "в крайней квартире")
COLD = ("батареи холодные", "отопления нет", "радиаторы еле тёплые", "тепло не дали", "стояк не греет")
ASK = ("Просим проверить.", "Когда это закончится?", "Примите меры.", "Жду ответа.", "Помогите!")
NOISE = ("гудит по ночам", "мешает урокам", "шумит без остановки", "пугает учеников", "свистит на ветру")
SINCE = ("с понедельника", "третий день", "после пуска", "всю неделю", "уже несколько суток", "с субботы")


def planted():
    """30 appeals of the last day about cold flats in one region, 30 of five days about what is new."""
    for i, (where, cold) in enumerate(itertools.product(WHERE, COLD)):
        text = f"Мёрзнем {where}: {cold}, в комнатах {10 + i % 7} градусов. {ASK[i // 6]}"
        yield f"burst-{i:02d}", text, f"2025-11-30T{6 + i % 12:02d}:10:00Z", "Краснодар"
    for i, (since, noise) in enumerate(itertools.product(SINCE, NOISE)):
        text = f"Ветряная турбина за школой {noise} {since}."
        yield f"new-{i:02d}", text, f"2025-11-{26 + i % 5}T{6 + i % 12:02d}:20:00Z", "Омск"


@pytest.fixture(scope="module")
def earlier(result, tmp_path_factory, veche):
    """The finished run, after a person renamed one theme and dropped another."""
    folder = shutil.copytree(result, tmp_path_factory.mktemp("earlier") / "out")
    assert veche("themes", "edit", folder).returncode == 0
    page = (folder / "themes.toml").read_text("utf-8")
    for code, old, new in (("t001", "name = ", 'name = "Свет и вода"'), ("t004", "drop = ", "drop = true")):
        head, rest = page.split(f"[theme.{code}]", 1)
        lines = rest.split("\n")
        at = next(i for i, line in enumerate(lines) if line.startswith(old))
        page = "\n".join([f"{head}[theme.{code}]" + lines[0], *lines[1:at], new, *lines[at + 1 :]])
    (folder / "themes.toml").write_text(page, "utf-8")
    done = veche("themes", "apply", folder, "--by", "Анна")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def news(sample, tmp_path_factory):
    """Every third of the same appeals, in which something bursts and something is new."""
    path = tmp_path_factory.mktemp("news") / "appeals.jsonl"
    lines = (sample / "appeals.jsonl").read_text("utf-8").splitlines()[::3]
    names = ("id", "text", "received_at", "territory")
    lines += [json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False) for row in planted()]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


@pytest.fixture(scope="module")
def later(news, earlier, tmp_path_factory, veche):
    """A run over them that follows it."""
    out = tmp_path_factory.mktemp("later") / "out"
    done = veche("run", news, "--out", out, "--after", earlier, *ONE)
    assert done.returncode in (0, 3), done.stderr
    return out


def changes(out):
    return pq.read_table(out / "theme_changes.parquet")


def test_a_theme_that_goes_on_keeps_its_code(earlier, later):
    table = changes(later)
    assert set(table.column_names) == columns.THEME_CHANGES.keys()
    same = [row for row in table.to_pylist() if row["kind"] == "same"]
    assert same
    assert all(row["theme"] == row["theme_before"] for row in same)
    before = Memory.read(earlier)
    born = {row["theme"] for row in table.to_pylist() if row["kind"] == "birth"}
    assert not born & set(before.codes.tolist())


def test_all_files_speak_of_the_kept_codes(later):
    known = set(pq.read_table(later / "signed/machine/themes.parquet")["theme"].to_pylist()) | {"rare"}
    assert {quotation["theme"] for quotation in json.loads((later / "digest.json").read_text())} <= known
    assert set(Memory.read(later).codes.tolist()) <= known
    alerts = pq.read_table(later / "alerts.parquet")["theme"].to_pylist()
    assert {theme for theme in alerts if theme} <= known


def test_what_a_person_decided_there_holds_here(earlier, later, veche):
    listed = veche("themes", "list", later).stdout
    assert "Свет и вода" in listed
    assert "set aside" in listed
    assert "Свет и вода" in (later / "report.html").read_text("utf-8")
    sheets = [json.loads((folder / "signed/1.json").read_text("utf-8")) for folder in (earlier, later)]
    assert sheets[0]["by"] == sheets[1]["by"] == "Анна"
    assert sheets[0]["at"] == sheets[1]["at"]
    assert json.loads((later / "manifest.json").read_text())["signed"] == {"number": 1, "carried": True}


@pytest.mark.usefixtures("later")
def test_the_earlier_run_is_left_as_it_was(earlier):
    assert not (earlier / "theme_changes.parquet").exists()
    assert [p.name for p in (earlier / "signed").glob("*.json")] == ["1.json"]


def test_a_burst_is_told_with_what_where_since_when_and_how_sure(later):
    found = pq.read_table(later / "alerts.parquet").to_pylist()
    told = [a for a in found if a["topic"] == "housing.heating.cold" and a["territory"]]
    assert [(a["since"].isoformat(), a["until"].isoformat()) for a in told] == [("2025-11-30", "2025-11-30")]
    assert told[0]["territory"] == "ru-23"
    assert told[0]["seen"] >= 20 > 10 * told[0]["expected"]
    assert told[0]["chance"] < 1e-4
    report = (later / "report.html").read_text("utf-8")
    assert "Krasnodar" in report[report.index('id="new"') :]
    assert "at most one is chance" in report


def test_a_theme_that_begins_is_told_as_born_with_its_words_and_its_first_day(later):
    born = [row for row in changes(later).to_pylist() if row["kind"] == "birth"]
    name, code = next((row["name"], row["theme"]) for row in born if "мерзнем" in row["name"].lower())
    rows = pq.read_table(later / "themes.parquet").to_pylist()
    begun = [row for row in rows if row["is_new"] and code in (row["theme"], row["parent"])]
    assert {row["first_seen"].isoformat()[:10] for row in begun} == {"2025-11-30"}
    assert f"“{name}” was not there before" in (later / "report.html").read_text("utf-8")


def test_what_goes_on_for_days_is_told_since_its_first_day(later):
    told = pq.read_table(later / "alerts.parquet").to_pylist()
    since = {a["since"].isoformat() for a in told if a["theme"] and a["territory"] == "ru-55"}
    assert since == {"2025-11-26"}


def test_two_workers_give_the_same_bytes_as_one(news, earlier, later, tmp_path, command):
    out = tmp_path / "out"
    options = ("--after", earlier, "--workers", 2)
    assert command("run", news, "--out", out, *options).returncode in (0, 3)
    apart = {"manifest.json", "report.html"}
    for path in sorted(p for p in later.rglob("*") if p.is_file() and p.name not in apart):
        assert (out / path.relative_to(later)).read_bytes() == path.read_bytes(), path.name


def test_a_run_cannot_be_resumed_after_another_one(news, later, veche):
    done = veche("run", news, "--out", later, *ONE, "--resume")
    assert done.returncode == 2
    assert "VECHE-U006" in done.stderr
    assert "after" in done.stderr


def no_run(_folder):
    return "VECHE-U010"


def unreadable_manifest(folder):
    (folder / "manifest.json").write_text("{")
    return "VECHE-U010"


def other_pack(folder):
    (folder / "manifest.json").write_text('{"pack": {"code": "boston"}}')
    return "VECHE-U011"


def no_memory(folder):
    (folder / "manifest.json").write_text('{"pack": {"code": "ru"}}')
    return "VECHE-U012"


def damaged_memory(folder):
    no_memory(folder)
    (folder / "themes-state.npz").write_bytes(b"PK")
    return "VECHE-U001"


@pytest.mark.parametrize("make", [no_run, unreadable_manifest, other_pack, no_memory, damaged_memory])
def test_a_folder_that_cannot_be_followed_is_told_before_work_begins(make, sample, tmp_path, veche):
    folder = tmp_path / "old"
    folder.mkdir()
    code = make(folder)
    done = veche("run", sample / "appeals.jsonl", "--out", tmp_path / "out", "--after", folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert code in done.stderr
    assert str(folder) in done.stderr
    assert not (tmp_path / "out").exists()
