"""Files of appeals, handed in by a program."""

import orjson
import pytest

FILE = "id;Текст обращения\n1;На улице Лесной не горит фонарь.\n2;В поликлинике очередь.\n3;\n".encode()


@pytest.fixture
def bring(program):
    """Bring a file; returns the address of it and the answer."""

    def call(content=FILE, format="csv"):
        type = "application/octet-stream"
        answer = program.ask("POST", f"/api/v1/imports?format={format}", content, type=type)
        return f"/api/v1/imports/{answer.json().get('id')}", answer

    return call


def test_a_program_brings_a_file_sees_what_it_holds_and_has_it_taken(program, bring, jobs):
    address, answer = bring()
    assert (answer.status_code, answer.json()["state"]) == (202, "checking")
    jobs()
    seen = program.ask("GET", address).json()
    assert (seen["state"], seen["read"], seen["accepted"], seen["rejected"]) == ("checked", 3, 2, 1)
    assert seen["sources"][0]["mapping"]["text"] == {"column": "Текст обращения", "how": "named"}
    assert seen["rejects"][0]["row"] == 3
    assert program.ask("POST", f"{address}/confirm").json()["state"] == "importing"
    jobs()
    done = program.ask("GET", address).json()
    assert (done["state"], done["accepted"], done["repeated"]) == ("done", 2, 0)


@pytest.mark.parametrize("column", ["id", "i\0d"])
def test_columns_are_set_and_the_file_is_looked_through_anew(program, bring, jobs, column):
    address, _answer = bring()
    jobs()
    body = orjson.dumps({"mapping": {"text": column}})
    assert program.ask("POST", f"{address}/columns", body).json()["state"] == "checking"
    jobs()
    assert program.ask("GET", address).json()["accepted"] == 3


@pytest.mark.parametrize("body", [b"{}", b'{"mapping": {"nothing": "id"}}', b'{"mapping": {}, "x": 1}', b"["])
def test_columns_that_make_no_sense_are_refused(program, bring, jobs, body):
    address, _answer = bring()
    jobs()
    refused = program.ask("POST", f"{address}/columns", body)
    assert refused.status_code in (400, 422)
    assert refused.headers["Content-Type"] == "application/problem+json"


def test_a_file_is_cancelled(program, bring, jobs):
    address, _answer = bring()
    jobs()
    assert program.ask("DELETE", address).json()["state"] == "cancelled"


def test_the_file_of_another_channel_does_not_exist(bring, cast):
    from .conftest import Program, make_token

    address, _answer = bring()
    other = Program(make_token(cast.channels.other)[1])
    for method, path in [("GET", ""), ("POST", "/confirm"), ("DELETE", "")]:
        refused = other.ask(method, address + path)
        assert (refused.status_code, refused.json()["code"]) == (404, "VECHE-V240")


def test_an_empty_file_and_an_unknown_format_are_refused(bring):
    assert bring(b"")[1].status_code == 422
    assert bring(format="exe")[1].status_code == 422
