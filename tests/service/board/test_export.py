"""What leaves the board as a file: the numbers of the board, nothing that is run where it is opened."""

import csv
import io
import zipfile
from datetime import date

import pytest
from openpyxl import load_workbook

HOSTILE = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "<script>alert(1)</script>",
    '#read("/etc/passwd")',
    '#eval("1") $x$ *b* _i_ @ref <label> // no',
    "\u202eevil\u0000\u0007",
    "x" * 10_000,
]
ROADS = {"day": "2026-11-02", "topic": "roads.potholes", "territory": "ru/ru-16/ru-16-000-001"}


@pytest.fixture
def taken(cast, client):
    """Ask for an export as a person of the cast; returns the answer and its bytes."""

    def get(ending, name="editor", **keys):
        client.force_login(getattr(cast.people, name))
        answer = client.get(f"/board/export.{ending}", keys)
        streamed = getattr(answer, "streaming_content", None)
        return answer, b"".join(streamed) if streamed else answer.content

    return get


@pytest.fixture
def client(installed):  # noqa: ARG001
    from django.test import Client

    return Client()


def rows_of(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_a_csv_has_the_numbers_of_the_board_and_what_they_are_of(filled, taken):
    filled(*[ROADS] * 3, {**ROADS, "topic": "water", "day": "2026-11-04"})
    answer, content = taken("csv", topic="roads")
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith('attachment; filename="veche-picture-')
    rows = rows_of(content)
    assert ["Appeals: the picture", "", "Appeals", "", "3"] in rows
    assert any("Topic" in cell and "roads" in cell.lower() for row in rows for cell in row)
    assert ["Along time", "2026-11-02", "", "Appeals", "3"] in rows
    of_topics = {row[1]: row[4] for row in rows if row[0] == "Topics" and row[3] == "Appeals"}
    assert of_topics == {"roads": "3", "roads.potholes": "3"}
    city = {row[3]: row[4] for row in rows if row[0] == "Territories" and row[1] == "ru-16-000-001"}
    assert float(city["Per 10,000 inhabitants"]) > 0


def test_a_workbook_has_a_sheet_for_each_table(filled, taken):
    filled(*[ROADS] * 3)
    _, content = taken("xlsx")
    book = load_workbook(io.BytesIO(content), read_only=True)
    assert book.sheetnames[:3] == ["About", "Along time", "Topics"]
    rows = list(book["Topics"].iter_rows(values_only=True))
    assert rows[0][:4] == ("Code", "Topic", "Appeals", "Share")
    assert ("roads.potholes", 3, 1) in [(row[0], row[2], row[3]) for row in rows]


@pytest.mark.parametrize(("language", "words"), [("en", "2 Nov 2026"), ("ru", "02.11.2026")])
def test_a_pdf_is_set_in_the_readers_language(filled, taken, client, language, words, tmp_path):
    import shutil
    import subprocess

    filled(*[ROADS] * 3)
    client.cookies["django_language"] = language
    answer, content = taken("pdf")
    assert answer["Content-Type"] == "application/pdf"
    assert content.startswith(b"%PDF")
    if shutil.which("pdftotext"):
        (tmp_path / "picture.pdf").write_bytes(content)
        said = subprocess.run(["pdftotext", tmp_path / "picture.pdf", "-"], capture_output=True, text=True)
        assert words in said.stdout


def test_nothing_that_somebody_named_is_run_by_a_reader(filled, taken, as_owner, cast):
    with as_owner():
        cast.tenants.region.name = HOSTILE[0]
        cast.tenants.region.save()
    filled(
        *[
            {**ROADS, "topic": text.replace("\x00", "")[:120], "body": text.replace("\x00", "")[:120]}
            for text in HOSTILE
        ]
    )
    for content in (taken("csv")[1], taken("csv", of="appeals")[1]):
        for row in rows_of(content):
            for cell in row:
                number = cell.replace("-", "", 1).replace(".", "", 1).isdecimal()
                assert not cell.startswith(("=", "+", "@", "\t")), cell
                assert number or not cell.startswith("-"), cell
    book = load_workbook(io.BytesIO(taken("xlsx")[1]))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr", "n"}
    assert any(cell.value == "=1+1" for cell in cells)
    assert taken("pdf")[1].startswith(b"%PDF")


def test_texts_are_data_to_the_typesetter(installed):  # noqa: ARG001
    from veche.core.formats import formats
    from veche.picture.trends import Line
    from veche.service.board.export import Document, Sheet
    from veche.service.board.export_pdf import as_pdf

    sheets = [Sheet("time", "t", ["Day", "n"], [["2026-11-02", 1]])]
    sheets += [
        Sheet("topic", text, [text, text, text, text], [[text, text, 1, 0.5]], frozenset({3}), [0])
        for text in HOSTILE
    ]
    line = Line("day", [date(2026, 11, 2)], [1])
    made = Document("=title", [(text, text) for text in HOSTILE], HOSTILE, sheets, line)
    assert as_pdf(made, formats("ru")).startswith(b"%PDF")


def test_an_empty_picture_is_a_file_too(cast, taken):  # noqa: ARG001
    for ending in ("csv", "xlsx", "pdf"):
        answer, content = taken(ending, topic="nothing")
        assert (answer.status_code, bool(content)) == (200, True)


def test_an_address_that_asks_for_nothing_leads_back_to_the_board(cast, taken):  # noqa: ARG001
    answer, _ = taken("csv", since="yesterday")
    assert (answer.status_code, answer["Location"]) == (302, "/board/?since=yesterday")
    assert taken("exe")[0].status_code == 404


def test_the_list_behind_the_picture_names_appeals_and_quotes_nobody(filled, taken, as_owner_sql, cast):
    filled(
        ROADS,
        {**ROADS, "groups": ["status:pensioner", "age:65+"], "topic_confidence": 0.95},
        {"state": "received"},
    )
    answer, content = taken("csv", of="appeals")
    rows = rows_of(content)
    assert answer.streaming
    assert len(rows) == 3
    assert rows[0][:4] == ["Number", "Received", "Authority", "Channel"]
    assert rows[1][0].split("-")[0].isdecimal()
    assert any("; " in cell for cell in rows[1] + rows[2])
    [entry] = as_owner_sql("SELECT facts FROM ledger_entry WHERE act = 'picture.listed'")
    assert entry[0]["appeals"] == 2
    assert "mayor" in vars(cast.people)
    assert taken("csv", name="mayor", of="appeals")[0].status_code == 404


def test_a_list_of_authorities_below_is_taken_by_who_sees_them(filled, taken):
    filled(ROADS)
    filled(ROADS, to="other")
    assert len(rows_of(taken("csv", name="head", of="appeals")[1])) == 3


def test_a_long_list_leaves_in_pieces(installed):  # noqa: ARG001
    import tracemalloc

    from veche.service.board.export_files import lines_of

    tracemalloc.start()
    written = sum(len(piece) for piece in lines_of(["=1", "a" * 80, i] for i in range(200_000)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert written > 17_000_000
    assert peak < 3_000_000


def test_small_numbers_are_hidden_in_files_too(filled, taken):
    filled(*[ROADS] * 3, *[{**ROADS, "topic": "water"}] * 12)
    rows = rows_of(taken("csv", name="administrator")[1])
    counts = [int(row[4]) for row in rows if row[3] == "Appeals"]
    assert counts
    assert all(n % 5 == 0 for n in counts)
    assert any("multiple of 5" in cell for row in rows for cell in row)
    book = zipfile.ZipFile(io.BytesIO(taken("xlsx", name="administrator")[1]))
    assert b"multiple of 5" in book.read("xl/worksheets/sheet1.xml")
