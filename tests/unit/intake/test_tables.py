"""CSV, TSV, XLSX, Parquet, JSON and JSON Lines become the same appeals."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from reading import read, write

HEADER = [
    "Номер обращения",
    "Дата поступления",
    "Текст обращения",
    "Канал",
    "Регион",
    "Возраст",
    "Пол",
    "Рубрика",
]
ROWS = [
    [
        "A-1",
        "05.03.2024 14:30",
        "Во дворе не горит фонарь, вечером темно и страшно.",
        "Сайт",
        "Тверская область",
        "34",
        "жен",
        "Освещение",
    ],
    [
        "A-2",
        "06.03.2024 09:00",
        "Яма на дороге у школы, дети спотыкаются.",
        "Письмо",
        "Тверская область",
        "71",
        "М",
        "Дороги",
    ],
    [
        "A-3",
        "07.03.2024 10:15",
        "Спасибо врачам поликлиники; помогли!",
        "Сайт",
        "Псковская область",
        "",
        "",
        "Здоровье",
    ],
]


def as_csv(rows: list[list[str]], delimiter: str = ",") -> str:
    return "".join(delimiter.join(f'"{c}"' for c in row) + "\r\n" for row in rows)


def check(result) -> None:
    assert result.texts == [row[2] for row in ROWS]
    first = result.rows[0]
    assert first["foreign_id"] == "A-1"
    assert first["received_at"] == datetime(2024, 3, 5, 11, 30, tzinfo=UTC)
    assert first["received_zone"] == "Europe/Moscow"
    assert first["channel"] == "Сайт"
    assert first["declared_territory"] == "Тверская область"
    assert (first["age"], first["sex"]) == (34, "female")
    assert first["kept"] == [("Рубрика", "Освещение")]
    assert [row["row"] for row in result.rows] == [1, 2, 3]
    assert result.rejects == []


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "windows-1251", "koi8-r", "cp866"]
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_csv_is_read_whatever_its_encoding_and_delimiter(
    tmp_path: Path, encoding: str, delimiter: str
) -> None:
    path = write(tmp_path / "обращения.csv", as_csv([HEADER, *ROWS], delimiter), encoding=encoding)
    check(read(path))


def test_the_encoding_that_was_found_is_reported(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", as_csv([HEADER, *ROWS]), encoding="windows-1251")
    assert read(path).source.encoding == "windows-1251"


def test_a_csv_without_quotes_in_western_letters_is_read(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.csv", "id,Beschreibung\n1,Straße gesperrt für Fußgänger\n", encoding="windows-1252"
    )
    assert read(path).texts == ["Straße gesperrt für Fußgänger"]


def test_a_workbook_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Выгрузка обращений за март"])
    sheet.append([])
    sheet.append(HEADER)
    for row in ROWS:
        moment = datetime.strptime(row[1], "%d.%m.%Y %H:%M")
        sheet.append([row[0], moment, *row[2:5], int(row[5]) if row[5] else None, *row[6:]])
    book.save(tmp_path / "a.xlsx")
    check(read(tmp_path / "a.xlsx"))


def test_later_sheets_with_the_same_header_are_read_and_others_counted(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for name, header in (("1", "text"), ("2", "text"), ("справочник", "код")):
        sheet = book.create_sheet(name)
        sheet.append([header, "n"])
        sheet.append([f"Фонарь не горит на улице, лист {name}", 5])
    del book["Sheet"]
    book.save(tmp_path / "a.xlsx")
    result = read(tmp_path / "a.xlsx")
    assert [row["row"] for row in result.rows] == [1, 2]
    assert result.source.warnings == {"sheets_left_out": 1}


def test_a_parquet_file_is_read_with_its_own_types(tmp_path: Path) -> None:
    table = pa.table(
        {
            "id": [1, 2],
            "text": pa.array(["The street light is out.", "Thank you!"], pa.large_string()),
            "received_at": pa.array(
                [datetime(2024, 3, 5, 11, 30, tzinfo=UTC), None], pa.timestamp("ns", "UTC")
            ),
            "labels": [["light", "street"], None],
            "lat": [42.1, 0.0],
            "lon": [-71.2, 0.0],
            "photo": [b"\xff", b"\xfe"],
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    result = read(tmp_path / "a.parquet")
    first, second = result.rows
    assert first["foreign_id"] == "1"
    assert (first["received_at"], first["received_zone"]) == (datetime(2024, 3, 5, 11, 30, tzinfo=UTC), "UTC")
    assert first["kept"] == [("labels", '["light","street"]')]
    assert (first["lat"], second["lat"]) == (42.1, None)
    assert result.source.warnings == {"columns_left_out": 1}


@pytest.mark.parametrize("shape", ["array", "inside", "lines", "lines named json"])
def test_json_is_read_in_every_shape(tmp_path: Path, shape: str) -> None:
    records = [dict(zip(HEADER, row, strict=True)) for row in ROWS]
    lines = b"\n".join(map(orjson.dumps, records))
    content, name = {
        "array": (orjson.dumps(records), "a.json"),
        "inside": (json.dumps({"meta": {"tags": [1]}, "result": {"items": records}}).encode(), "a.json"),
        "lines": (lines, "a.jsonl"),
        "lines named json": (lines, "a.json"),
    }[shape]
    (tmp_path / name).write_bytes(content)
    check(read(tmp_path / name))


def test_the_properties_of_geojson_are_columns(tmp_path: Path) -> None:
    feature = {
        "type": "Feature",
        "geometry": {"type": "Point"},
        "properties": {"description": "Pothole at the corner"},
    }
    write(tmp_path / "a.geojson", json.dumps({"type": "FeatureCollection", "features": [feature]}))
    assert read(tmp_path / "a.geojson").texts == ["Pothole at the corner"]


def test_a_file_behind_gzip_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(as_csv([HEADER, *ROWS]).encode()))
    check(read(tmp_path / "a.csv.gz"))


def test_batches_have_exactly_the_rows_asked_for_but_the_last(tmp_path: Path) -> None:
    for name in "ab":
        write(tmp_path / f"{name}.csv", "text\n" + "".join(f"Text {name} {i}\n" for i in range(13)))
    result = read(tmp_path, batch_rows=5)
    assert [b.num_rows for b in result.batches] == [5, 5, 5, 5, 5, 1]


def test_ids_do_not_depend_on_batches_or_limit(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "text\n" + "".join(f"Text {i}\n" for i in range(30)))
    whole = [row["appeal_id"] for row in read(path).rows]
    assert [row["appeal_id"] for row in read(path, batch_rows=7, limit=20).rows] == whole[:20]


def test_a_limit_counts_rows_that_were_read(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", 'id,text\n1,One\n2," "\n3,Three\n4,Four\n')
    result = read(path, limit=3)
    assert (result.intake.read, result.intake.rejected) == (3, 1)


def test_progress_ends_at_one(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "text\n" + "".join(f"Text number {i}\n" for i in range(9000)))
    result = read(path, batch_rows=1000)
    assert result.intake.fraction_read() == 1.0


def test_texts_of_many_lines_with_quotes_inside_stay_whole(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", 'id;text\n1;"Первая строка\nвторая ""строка""; всё"\n2;Конец\n')
    assert read(path).texts == ['Первая строка\nвторая "строка"; всё', "Конец"]


def test_a_file_of_one_column_may_hold_commas(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "text\nПишу, звоню, жду ответа\nОтвета нет\n")
    assert read(path).texts == ["Пишу, звоню, жду ответа", "Ответа нет"]


def test_old_line_ends_are_read(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "id,text\r1,Первый\r2,Второй\r")
    assert read(path).texts == ["Первый", "Второй"]


def test_the_line_that_names_the_separator_is_no_header(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "sep=;\nid;text\n1;Первый\n")
    assert read(path).texts == ["Первый"]


def test_standard_input_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a", as_csv([HEADER, *ROWS]))
    with path.open() as stream:
        monkeypatch.setattr("sys.stdin", stream)
        result = read("-")
    check(result)
    assert result.source.digest
