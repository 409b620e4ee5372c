"""The files that people really have: four open sets, and letters as offices keep them.

Every run ends with accepted + rejected = read, finds its columns by itself, writes a report with all of
its sections, and shows nobody's contacts. The open sets lie where VECHE_DATA says.
"""

import csv
import json
import mailbox
import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

DATA = os.environ.get("VECHE_DATA")
VECHE = Path(sys.executable).parent / "veche"
SECTIONS = [
    "standout",
    "new",
    "time",
    "topics",
    "digest",
    "fairness",
    "themes",
    "places",
    "people",
    "urgent",
    "sureness",
    "unread",
    "made",
]

#: A digest that quotes every one of a few wordings leaves nobody out: there is no fairness to speak of.
LETTERS_SECTIONS = [section for section in SECTIONS if section != "fairness"]

#: Open sets: file, pack, rows to read, and the column that each field is found in.
REAL = {
    "Boston, service requests": (
        "boston311/requests_bulk.parquet",
        "boston",
        1500,
        {
            "text": "description",
            "id": "service_request_id",
            "received_at": "requested_datetime",
            "territory": "neighborhood",
            "lat": "lat",
            "lon": "lon",
        },
    ),
    "NHS, patients' comments": (
        "nhs_feedback/feedback_dev.csv.gz",
        "boston",
        1500,
        {"text": "FFT answer", "id": "Comment ID", "received_at": "Date"},
    ),
    "Madrid, proposals in Spanish": (
        "decide_madrid/proposals.csv.gz",
        "ru",
        1000,
        {"text": "description", "id": "id", "title": "title", "received_at": "created_at"},
    ),
    "United Kingdom, petitions": ("uk_petitions/titles.csv.gz", "boston", 2000, {"text": "Petition"}),
}

NAMES = ["Смирнова Анна Петровна", "Кузнецов Олег Игоревич", "Зайцева Мария Львовна", "Егоров П.С."]
PHONES = ["8 (912) 345-67-89", "+7 903 111 22 33", "89161234567"]
QUOTED = "Ваше прошлое письмо зарегистрировано под номером"
MATTERS = [
    "Прошу отремонтировать дорогу у рынка, ямы по колено.",
    "В подъезде третий день нет отопления, у нас грудной ребёнок.",
    "Не вывозят мусор с площадки у дома 14, бегают крысы.",
    "Спасибо врачам городской больницы за внимание!",
    "Когда мне назначат пенсию? Документы подала в марте.",
    "Предлагаю сделать пешеходный переход у школы № 5.",
]
HEAD = ["№", "Дата обращения", "Текст обращения", "Населённый пункт", "ФИО", "Канал", "Возраст", "Пол"]
COLUMNS = {
    "text": "Текст обращения",
    "received_at": "Дата обращения",
    "territory": "Населённый пункт",
    "author": "ФИО",
    "channel": "Канал",
    "age": "Возраст",
    "sex": "Пол",
}
LETTERS = 120


def _address(i: int) -> str:
    return f"zhitel{i}@primer.ru"


def _letter(i: int) -> str:
    contacts = f"тел. {PHONES[i % 3]}, почта {_address(i)}"
    return f"{MATTERS[i % 6]} Пишу {i}-й раз. С уважением, {NAMES[i % 4]}, {contacts}"


def _rows() -> list[list[Any]]:
    first = datetime(2025, 3, 1)
    towns = ["Самара", "Тула", "Псков"]
    return [
        [
            i + 1,
            (first + timedelta(days=i)).strftime("%d.%m.%Y"),
            _letter(i),
            towns[i % 3],
            NAMES[i % 4],
            ["почта", "сайт"][i % 2],
            20 + i % 60,
            "МЖ"[i % 2],
        ]
        for i in range(LETTERS)
    ]


def _cp1251(folder: Path) -> Path:
    path = folder / "обращения.csv"
    with path.open("w", encoding="cp1251", newline="") as file:
        csv.writer(file, delimiter=";").writerows([HEAD, *_rows()])
    return path


def _sheet(folder: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [HEAD, *_rows()]:
        sheet.append(row)
    book.save(folder / "обращения.xlsx")
    return folder / "обращения.xlsx"


def _mail(folder: Path) -> Path:
    path = folder / "letters.mbox"
    first = datetime(2025, 3, 1, 9, tzinfo=timezone(timedelta(hours=3)))
    box = mailbox.mbox(path)
    for i in range(LETTERS):
        letter = EmailMessage()
        letter["From"] = formataddr((NAMES[i % 4], _address(i)))
        letter["To"] = "priem@gorod.example"
        letter["Subject"] = "Обращение"
        letter["Date"] = format_datetime(first + timedelta(hours=7 * i))
        letter["Message-ID"] = f"<{i}@primer.example>"
        body = f"Здравствуйте!\n\n{_letter(i)}\n\n01.02.2025 12:00, Приёмная пишет:\n> {QUOTED} {i}\n"
        letter.set_content(body)
        if i % 5 == 0:
            html = body.replace(">", "&gt;").replace("\n", "<br>")
            letter.add_alternative(f"<html><body>{html}</body></html>", subtype="html")
        box.add(letter)
    box.flush()
    box.close()
    return path


def _run(source: Path, out: Path, *more: str) -> dict[str, Any]:
    """Run the main job as people call it; return the manifest."""
    unwanted = ("LC_ALL", "LANG", "VECHE_KEY_FILE")
    env = {k: v for k, v in os.environ.items() if k not in unwanted} | {
        "HOME": str(out.parent),
        "XDG_DATA_HOME": str(out.parent / "data"),
    }
    call = [VECHE, "run", source, "--out", out, "--skip", "vectors", *more]
    done = subprocess.run([str(part) for part in call], env=env, capture_output=True, text=True)
    manifest = json.loads((out / "manifest.json").read_text())
    assert done.returncode == (3 if manifest["counts"]["rejected"] else 0), done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    return manifest


def _mapping(manifest: dict[str, Any]) -> dict[str, str]:
    return {field: column for field, (column, _) in manifest["inputs"][0]["mapping"].items()}


def _assert_whole(manifest: dict[str, Any], out: Path, *, read: int, sections: list[str] = SECTIONS) -> None:
    counts = manifest["counts"]
    accepted = sum(pq.read_metadata(part).num_rows for part in (out / "appeals").glob("*.parquet"))
    with (out / "rejects.csv").open(newline="") as file:
        rejected = len(list(csv.DictReader(file)))
    assert (counts["read"], counts["accepted"], counts["rejected"]) == (read, accepted, rejected)
    assert accepted + rejected == read
    report = (out / "report.html").read_text("utf-8")
    assert re.findall(r'<section id="(\w+)"', report) == sections


def _written(out: Path) -> str:
    """Return everything that a run wrote, as one text."""
    tables = [pa.Table.to_pylist(pq.read_table(path)) for path in sorted(out.rglob("*.parquet"))]
    texts = [path.read_text("utf-8") for path in sorted(out.rglob("*")) if path.suffix in (".html", ".json")]
    return "\n".join([*map(str, tables), *texts, (out / "rejects.csv").read_text("utf-8")])


@pytest.fixture(scope="module")
def open_set(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[dict[str, Any], Path]]:
    """Run over an open set by its name, once; returns the manifest and the folder of the output."""
    if DATA is None:
        pytest.skip("VECHE_DATA is not set: the open sets are not here")

    @cache
    def run(name: str) -> tuple[dict[str, Any], Path]:
        file, pack, rows, _ = REAL[name]
        out = tmp_path_factory.mktemp("open") / "out"
        return _run(Path(DATA) / file, out, "--pack", pack, "--limit", str(rows)), out

    return run


@pytest.mark.parametrize("name", REAL)
def test_an_open_set_is_read_whole_and_its_columns_are_found(name: str, open_set: Any) -> None:
    manifest, out = open_set(name)
    assert _mapping(manifest) == REAL[name][3]
    _assert_whole(manifest, out, read=REAL[name][2])


def test_a_pack_of_another_country_finds_nothing_foolish_in_spanish(open_set: Any) -> None:
    _, out = open_set("Madrid, proposals in Spanish")
    appeals = pq.read_table(out / "appeals", columns=["place", "urgency", "language"]).to_pylist()
    spanish = [a for a in appeals if a["language"] == "es"]
    assert len(spanish) > 800
    assert [a["place"] for a in spanish if a["place"]] == []
    assert sum(a["urgency"] != "none" for a in spanish) < 0.01 * len(spanish)


@pytest.mark.parametrize("made", [_cp1251, _sheet], ids=["Windows-1251", "XLSX"])
def test_a_table_of_letters_is_read_whole_and_shows_no_contacts(made: Any, tmp_path: Path) -> None:
    out = tmp_path / "out"
    manifest = _run(made(tmp_path), out, "--lang", "ru")
    assert _mapping(manifest) == COLUMNS
    _assert_whole(manifest, out, read=LETTERS, sections=LETTERS_SECTIONS)
    _assert_no_contacts(_written(out))


def test_a_mailbox_is_read_whole_and_shows_no_contacts(tmp_path: Path) -> None:
    out = tmp_path / "out"
    manifest = _run(_mail(tmp_path), out, "--lang", "ru")
    _assert_whole(manifest, out, read=LETTERS, sections=LETTERS_SECTIONS)
    written = _written(out)
    _assert_no_contacts(written)
    assert QUOTED not in written


def _assert_no_contacts(written: str) -> None:
    assert "пешеходный переход" in written
    planted = [*PHONES, *(_address(i) for i in range(LETTERS)), *(n.split()[0] for n in NAMES)]
    assert [data for data in planted if data in written] == []
