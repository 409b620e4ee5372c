"""Files by API: one appeal with its files, and what is refused by the place of the file."""

import io

import orjson
import pytest
from PIL import Image

from .test_api import problem


def file(content, name="../../etc/passwd"):
    out = io.BytesIO(content)
    out.name = name
    return out


def photo(mode="RGB", size=(8, 8)):
    out = io.BytesIO()
    Image.new(mode, size).save(out, "PNG")
    return out.getvalue()


def test_an_appeal_comes_with_its_files(program):
    response = program.send({"text": "The pit by our door."}, file(photo()), file(b"A letter"))
    assert response.status_code == 201, response.content
    seen = program.get(response.json()["appeals"][0]["number"]).json()
    assert sorted(f["media_type"] for f in seen["files"]) == ["image/png", "text/plain"]


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"MZ" + bytes(200), 422, "VECHE-V232"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), 422, "VECHE-V233"),
        (b"x" * (20 * 1024 * 1024 + 1), 413, "VECHE-V231"),
        (photo("1", (8000, 8000)), 422, "VECHE-V234"),
    ],
    ids=["program", "damaged", "large", "bomb"],
)
def test_a_file_that_is_not_kept_refuses_the_appeal(program, count, content, status, code):
    problem(program.send({"text": "x"}, file(b"A letter"), file(content)), status, code)
    assert count() == 0


def test_eleven_files_are_too_many(program, count):
    problem(program.send({"text": "x"}, *[file(b"x") for _ in range(11)]), 422, "VECHE-V230")
    assert count() == 0


@pytest.mark.parametrize(
    ("parts", "status", "code"),
    [
        ({}, 422, "VECHE-V227"),
        ({"appeal": ["{}", "{}"]}, 422, "VECHE-V227"),
        ({"appeal": '{"text": "x"}', "note": "y"}, 422, "VECHE-V227"),
        ({"appeal": '{"text": "x"}', "files": "text"}, 422, "VECHE-V227"),
        ({"appeal": "{"}, 400, "VECHE-V214"),
        ({"appeal": '[{"text": "x"}]'}, 422, "VECHE-V215"),
    ],
)
def test_other_parts_are_refused(token, count, parts, status, code):
    from django.test import Client

    client = Client(headers={"Authorization": f"Bearer {token.secret}"})
    problem(client.post("/api/v1/appeals", parts), status, code)
    assert count() == 0


@pytest.mark.parametrize(
    "body", [b"", b"--b\r\n", b"--b\r\nContent-Disposition: form-data; name=", b"x" * 99]
)
def test_a_broken_multipart_body_is_told(program, count, body):
    response = program.post(body or b" ", type="multipart/form-data; boundary=b")
    assert response.status_code in (400, 422)
    assert orjson.loads(response.content)["code"] in ("VECHE-V214", "VECHE-V227")
    problem(program.post(b"x", type="multipart/form-data"), 400, "VECHE-V214")
    assert count() == 0
