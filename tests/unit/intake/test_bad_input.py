"""Whatever is wrong with an input, the rest is taken, and each reject says what, where and why."""

import gzip
import io
import zipfile
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from reading import read, write

from veche.core.errors import MissingColumn, NoInput, NothingReadable, UnknownTimezone, UsageError
from veche.intake import Intake

GOOD = "id,text\n1,The street light is out again\n"


def test_an_empty_file_is_one_row_read_and_one_rejected(tmp_path: Path) -> None:
    result = read(write(tmp_path / "a.csv", ""))
    assert (result.intake.read, result.codes) == (1, ["VECHE-I002"])


@pytest.mark.parametrize("content", ["id,text\n", "\n\n \n", "\ufeff"])
def test_a_header_alone_is_an_empty_source(tmp_path: Path, content: str) -> None:
    assert read(write(tmp_path / "a.csv", content)).codes == ["VECHE-I002"]


@pytest.mark.parametrize(
    ("name", "content"), [("a.json", "[]"), ("a.jsonl", "\n \n"), ("a.json", '{"a": []')]
)
def test_json_without_objects_is_an_empty_or_damaged_source(tmp_path: Path, name: str, content: str) -> None:
    assert read(write(tmp_path / name, content)).codes[0] in ("VECHE-I002", "VECHE-I007")


def test_a_missing_input_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(NoInput):
        Intake([str(tmp_path / "nothing.csv")], timezone="UTC")


def test_a_folder_without_anything_readable_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    write(tmp_path / "notes.md", "# Notes\n")
    with pytest.raises(NothingReadable):
        Intake([str(tmp_path)], timezone="UTC")


def test_a_table_without_texts_names_its_columns(tmp_path: Path) -> None:
    with pytest.raises(MissingColumn, match="one, two"):
        read(write(tmp_path / "a.csv", "one,two\n1,2\n3,4\n"))


def test_a_table_without_texts_is_a_reject_beside_one_with_texts(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "one,two\n1,2\n3,4\n")
    write(tmp_path / "b.csv", GOOD)
    result = read(tmp_path)
    assert (result.intake.accepted, result.codes) == (1, ["VECHE-I010"])


def test_a_column_that_no_source_has_is_said_before_reading(tmp_path: Path) -> None:
    with pytest.raises(MissingColumn, match="Datum"):
        read(write(tmp_path / "a.csv", GOOD), mapping={"received_at": "Datum"})


def test_a_field_that_does_not_exist_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="colour"):
        read(write(tmp_path / "a.csv", GOOD), mapping={"colour": "text"})


def test_a_timezone_that_does_not_exist_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnknownTimezone):
        read(write(tmp_path / "a.csv", GOOD), timezone="Europe/Nowhere")


@pytest.mark.parametrize(
    "content",
    [b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9, bytes(range(256)) * 50, b"%PDF-1.7\n"],
)
def test_a_binary_file_named_csv_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    assert read(tmp_path / "a.csv").codes == ["VECHE-I004"]


def test_lines_in_another_encoding_are_decoded_by_themselves(tmp_path: Path) -> None:
    lines = ["id,text", *(f"{i},Во дворе дома темно, нет света" for i in range(20))]
    lines = [line.replace(", нет", " нет") for line in lines]
    data = [line.encode() for line in lines]
    data[7] = lines[7].encode("windows-1251")
    (tmp_path / "a.csv").write_bytes(b"\n".join(data))
    result = read(tmp_path / "a.csv")
    assert set(result.texts) == {"Во дворе дома темно нет света"}
    assert result.source.warnings["other_encoding"] == 1


def test_utf8_lines_in_a_windows_file_are_decoded_by_themselves(tmp_path: Path) -> None:
    lines = ["id;text", *(f"{i};Во дворе дома темно" for i in range(20))]
    data = [line.encode("windows-1251") for line in lines]
    data[7] = lines[7].encode()
    (tmp_path / "a.csv").write_bytes(b"\n".join(data))
    result = read(tmp_path / "a.csv")
    assert set(result.texts) == {"Во дворе дома темно"}


def test_a_row_in_no_encoding_is_rejected_and_the_others_taken(tmp_path: Path) -> None:
    rows = ["Во дворе темно".encode()] * 9
    rows[4] = bytes([0xFF, 0xFE, 0x98, 0x81, 0x8D, 0xFE])
    (tmp_path / "a.csv").write_bytes(b"text\n" + b"\n".join(rows))
    result = read(tmp_path / "a.csv")
    assert (result.intake.accepted, result.codes) == (8, ["VECHE-I016"])
    assert result.rejects[0].row == 5


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.json"])
def test_a_line_of_100_megabytes_is_rejected_without_being_held(tmp_path: Path, name: str) -> None:
    block = b"x" * (1 << 20)
    begin, end, good = {
        "a.csv": (b"text\nGood one\n", b"\n", b"Good two\n"),
        "a.jsonl": (b'{"text": "Good one"}\n{"text": "', b'"}\n', b'{"text": "Good two"}\n'),
        "a.json": (b'[{"text": "Good one"}, {"text": "', b'"}, ', b'{"text": "Good two"}]'),
    }[name]
    with (tmp_path / name).open("wb") as f:
        f.write(begin)
        for _ in range(100):
            f.write(block)
        f.write(end + good)
    before = pa.total_allocated_bytes()
    result = read(tmp_path / name)
    assert "VECHE-I013" in result.codes
    assert result.texts == (["Good one"] if name == "a.json" else ["Good one", "Good two"])
    assert pa.total_allocated_bytes() - before < 64 << 20


def test_a_formula_is_text_and_is_never_computed(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["id", "text"])
    book.active.append([1, "=1+1"])
    book.active.append([2, "Ordinary words"])
    book.save(tmp_path / "a.xlsx")
    formula = '=HYPERLINK("http://example.org","Click")'
    write(tmp_path / "b.csv", f'text;n\n"{formula.replace(chr(34), chr(34) * 2)}";1\n')
    result = read(tmp_path / "a.xlsx", tmp_path / "b.csv")
    assert result.texts == ["Ordinary words", formula]
    assert result.codes == ["VECHE-I014"]


def test_a_row_of_10_000_columns_is_rejected_and_the_next_taken(tmp_path: Path) -> None:
    wide = ",".join(["x"] * 10_000)
    result = read(write(tmp_path / "a.csv", f"id,text\n{wide}\n2,Fine,,,\n"))
    assert (result.texts, result.codes) == (["Fine"], ["VECHE-I012"])


def test_a_header_of_10_000_columns_is_refused(tmp_path: Path) -> None:
    names = ",".join(f"c{i}" for i in range(10_000))
    assert read(write(tmp_path / "a.csv", f"{names}\n1,2\n")).codes == ["VECHE-I011"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "text\nSt\x00op\n"),
        ("a.jsonl", '{"text": "St\\u0000op"}'),
        ("a.json", '[{"text": "St\\u0000op"}]'),
    ],
)
def test_nul_bytes_never_get_through(tmp_path: Path, name: str, content: str) -> None:
    assert read(write(tmp_path / name, content)).texts == ["Stop"]


def test_lone_surrogates_become_replacement_characters(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", '{"text": "broken \\ud83d here"}\n{"text": "whole \\ud83d\\ude00"}\n')
    (tmp_path / "b.csv").write_bytes(b"text\nbroken \xed\xa0\xbd here\n")
    assert read(tmp_path).texts == ["broken \ufffd here", "whole \U0001f600", "broken \ufffd here"]


def test_right_to_left_marks_are_kept_as_they_are(tmp_path: Path) -> None:
    text = "a\u202egnp.exe\u202c b\u200f\u200bc"
    assert read(write(tmp_path / "a.csv", f"text\n{text}\n")).texts == [text]


def test_duplicate_ids_are_taken_once(tmp_path: Path) -> None:
    result = read(write(tmp_path / "a.csv", "id,text\n1,First\n1,First\n1,Other\n2,Second\n"))
    assert result.texts == ["First", "Second"]
    assert result.codes == ["VECHE-I019", "VECHE-I020"]


def test_an_appeal_in_two_overlapping_exports_is_taken_once(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "id,text\n1,First\n2,Second\n")
    write(tmp_path / "b.csv", "id,text\n2,Second\n3,Third\n")
    result = read(tmp_path)
    assert (result.texts, result.codes) == (["First", "Second", "Third"], ["VECHE-I019"])


def test_files_that_number_their_rows_from_one_do_not_push_one_another_out(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "id,text\n1,First\n")
    write(tmp_path / "b.csv", "id,text\n1,Something else\n")
    assert read(tmp_path).texts == ["First", "Something else"]


def test_an_id_counts_within_its_channel(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "id,text,channel\n1,First,web\n1,Second,phone\n")
    write(tmp_path / "b.csv", "id,text,channel\n1,Third,web\n")
    result = read(tmp_path)
    assert (result.texts, result.codes) == (["First", "Second"], ["VECHE-I020"])


def test_the_same_file_given_twice_is_read_once(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", GOOD)
    copy = write(tmp_path / "b.csv", GOOD)
    assert read(path, path).codes == ["VECHE-I009"]
    assert read(path, copy).codes == ["VECHE-I009"]


def ole(*words: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + b"".join(w.encode("utf-16-le") for w in words)


def test_an_encrypted_workbook_is_told_from_an_old_one(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(ole("EncryptionInfo", "EncryptedPackage"))
    (tmp_path / "b.xls").write_bytes(ole("Workbook"))
    assert read(tmp_path / "a.xlsx", tmp_path / "b.xls").codes == ["VECHE-I005", "VECHE-I003"]


def test_a_damaged_workbook_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as z:
        z.writestr("xl/workbook.xml", "<broken")
    (tmp_path / "b.xlsx").write_bytes(b"PK\x03\x04 xl/ and no more")
    assert read(tmp_path / "a.xlsx", tmp_path / "b.xlsx").codes == ["VECHE-I007", "VECHE-I007"]


def test_a_parquet_file_that_breaks_off_is_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": ["Words"] * 100}), tmp_path / "whole.parquet")
    (tmp_path / "a.parquet").write_bytes((tmp_path / "whole.parquet").read_bytes()[:-20])
    assert read(tmp_path / "a.parquet").codes == ["VECHE-I007"]


def test_json_that_breaks_off_keeps_the_rows_before(tmp_path: Path) -> None:
    result = read(write(tmp_path / "a.json", '[{"text": "First words"}, {"text": "Second words"}, {"te'))
    assert (len(result.texts), result.codes, result.rejects[0].row) == (2, ["VECHE-I007"], 3)


def test_a_gzip_that_breaks_off_keeps_the_rows_before(tmp_path: Path) -> None:
    packed = gzip.compress(b"text\n" + b"".join(b"Words number %d\n" % i for i in range(60_000)))
    (tmp_path / "a.csv.gz").write_bytes(packed[: len(packed) // 2])
    result = read(tmp_path / "a.csv.gz")
    assert result.intake.accepted > 1000
    assert result.codes == ["VECHE-I007"]


def test_a_line_that_is_no_json_costs_only_itself(tmp_path: Path) -> None:
    result = read(
        write(tmp_path / "a.jsonl", '{"text": "One"}\nnot json\n[1]\n{"text": "Two"}\n' + "[" * 9999 + "\n")
    )
    assert (result.texts, result.codes) == (["One", "Two"], ["VECHE-I017"] * 3)
    assert [r.row for r in result.rejects] == [2, 3, 5]


def test_a_quotation_mark_that_is_not_closed_costs_only_its_row(tmp_path: Path) -> None:
    rows = [f"{i},Words number {i}" for i in range(1, 60)]
    rows[10] = '11,"never closed'
    rows[40] = '41,"nor this'
    result = read(write(tmp_path / "a.csv", "id,text\n" + "\n".join(rows)))
    assert [(r.code, r.row) for r in result.rejects] == [("VECHE-I018", 11), ("VECHE-I018", 41)]
    assert result.intake.accepted == 57


def test_a_quotation_mark_within_words_does_no_harm(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", 'id,text\n1,"ООО "Рога" не отвечает"\n2,Дом 5" не чинят\n3,Третий\n')
    assert len(read(path).texts) == 3


def test_many_open_quotation_marks_do_not_take_the_square_of_the_time(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.csv", "id,text\n" + "".join(f'{i},"open {i}\n{i},fine {i}\n' for i in range(3000))
    )
    assert read(path).intake.read == 6000


def test_zip_bombs_are_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("veche.intake.files.FREE_BYTES", 1 << 20)
    monkeypatch.setattr("veche.intake.sheets._FREE_BYTES", 1 << 20)
    bomb = b"text\n" + (b"a" * 999 + b"\n") * 4_000
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("a.csv", bomb)
        z.writestr("b.csv", GOOD)
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(bomb))
    with zipfile.ZipFile(tmp_path / "c.xlsx", "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("xl/worksheets/sheet1.xml", bytes(8 << 20))
    for name in ("a.zip", "b.csv.gz", "c.xlsx"):
        assert "VECHE-I006" in read(tmp_path / name).codes
    assert "The street light is out again" in read(tmp_path / "a.zip").texts


def test_an_archive_inside_an_archive_is_left(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as z:
        z.writestr("a.csv", GOOD)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as z:
        z.writestr("inner.zip", inner.getvalue())
        z.writestr("b.csv.gz", gzip.compress(GOOD.encode()))
    result = read(tmp_path / "a.zip")
    assert (result.intake.accepted, result.codes) == (1, ["VECHE-I006"])


def test_an_encrypted_member_is_refused_and_the_others_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as z:
        z.writestr("a.csv", GOOD)
        z.writestr("b.csv", GOOD.replace("1,", "2,"))
    data = bytearray((tmp_path / "a.zip").read_bytes())
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    (tmp_path / "a.zip").write_bytes(data)
    result = read(tmp_path / "a.zip")
    assert (result.intake.accepted, result.codes) == (1, ["VECHE-I005"])


def test_an_empty_archive_is_an_empty_source(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w"):
        pass
    assert read(tmp_path / "a.zip").codes == ["VECHE-I002"]


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    write(folder / "a.csv", GOOD)
    write(tmp_path / "secret.csv", GOOD.replace("1,", "7,"))
    (folder / "b.csv").symlink_to(tmp_path / "secret.csv")
    (folder / "c").symlink_to(tmp_path)
    result = read(folder)
    assert (result.intake.accepted, result.codes) == (1, ["VECHE-I008"] * 2)


def test_a_file_that_the_system_does_not_give_is_one_reject(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", GOOD)
    (tmp_path / "b.csv").symlink_to(tmp_path / "gone.csv")
    result = read(tmp_path)
    assert (result.intake.accepted, result.codes) == (1, ["VECHE-I001"])


def test_files_that_are_not_read_are_named_and_hidden_ones_passed_over(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", GOOD)
    write(tmp_path / "readme.md", "# About\n")
    write(tmp_path / ".hidden.csv", GOOD)
    assert read(tmp_path).codes == ["VECHE-I003"]


def test_a_text_as_long_as_a_book_is_rejected(tmp_path: Path) -> None:
    result = read(write(tmp_path / "a.csv", f"id,text\n1,{'word ' * 50_000}\n2,Short\n"))
    assert (result.texts, result.codes) == (["Short"], ["VECHE-I015"])


def test_messages_quote_no_values(tmp_path: Path) -> None:
    secret = "Ivanova 5551234567"
    result = read(write(tmp_path / "a.csv", f'id,text\n1,"{secret}",{secret},{secret}\n2,\n'))
    assert len(result.rejects) == 2
    assert not any(secret[:7] in r.message for r in result.rejects)
