"""The API as a program sees it: handing in, asking, withdrawing, and what is refused."""

from datetime import UTC, datetime, timedelta

import orjson
import pytest

from .conftest import Program, make_token

NUMBER = "1000001-6"


def problem(response, status, code):
    """Check that an answer is a problem document with this status and code; return it."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    document = response.json()
    assert (document["status"], document["code"], document["type"]) == (status, code, "about:blank")
    assert document["detail"]
    assert document["hint"]
    assert ("Retry-After" in response) == document["retry"]
    return document


def ledger(tenant, act):
    from veche.service.accounts.acting import working
    from veche.service.ledger.models import LedgerEntry

    with working(tenant.pk):
        return list(LedgerEntry.objects.filter(tenant_id=tenant.pk, act=act))


def test_an_appeal_is_handed_in_and_seen(program):
    response = program.post({"text": "No hot water.", "received_at": "2026-11-21T10:00:00+03:00"})
    assert response.status_code == 201
    (taken,) = response.json()["appeals"]
    assert taken["new"]
    assert response["Location"] == f"/api/v1/appeals/{taken['number']}"
    seen = program.get(taken["number"]).json()
    assert (seen["state"], seen["received_at"]) == ("received", "2026-11-21T07:00:00Z")
    assert seen["appeal_id"] == taken["appeal_id"]
    assert program.get(taken["number"], "/status").json()["state"] == "received"


def test_the_secret_opens_the_tracking_of_that_appeal_alone(program):
    from django.db import connection

    from veche.service.inbox import numbers
    from veche.service.vault.keys import secret_hash

    one, two = program.post([{"text": "One"}, {"text": "Two"}]).json()["appeals"]
    with connection.cursor() as cursor:
        for secret, found in ((one["secret"], 1), (two["secret"], 0)):
            cursor.execute(
                "SELECT * FROM veche_tracked(%s, %s)", [numbers.read(one["number"]), secret_hash(secret)]
            )
            assert len(cursor.fetchall()) == found


def test_a_thousand_are_handed_in_at_once_and_answered_in_order(program, count):
    batch = [{"text": f"Appeal {i}", "id": str(i)} for i in range(1000)]
    first = program.post(batch).json()["appeals"]
    again = program.post(batch)
    assert again.status_code == 200
    assert [t["number"] for t in again.json()["appeals"]] == [t["number"] for t in first]
    assert {t["secret"] for t in again.json()["appeals"]} == {None}
    assert count() == 1000


def test_withdrawing_twice_is_answered_alike_and_noted_once(program, cast):
    number = program.post({"text": "x"}).json()["appeals"][0]["number"]
    answers = [program.delete(number) for _ in range(2)]
    assert [a.status_code for a in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["state"] == "withdrawn"
    assert [e.object_id for e in ledger(cast.tenants.region, "appeal.withdrawn")] == [number]


def test_an_erased_appeal_is_not_withdrawn(program, cast):
    from veche.service.accounts.acting import working
    from veche.service.inbox.models import Appeal

    number = program.post({"text": "x"}).json()["appeals"][0]["number"]
    with working(cast.tenants.region.pk):
        Appeal.objects.update(state="erased")
    problem(program.delete(number), 409, "VECHE-V223")


@pytest.mark.parametrize("ask", ["get", "follow", "delete"])
def test_another_channels_number_is_not_found_and_that_is_noted(program, stranger, cast, ask):
    number = program.post({"text": "x"}).json()["appeals"][0]["number"]
    asked = {"get": stranger.get, "delete": stranger.delete, "follow": lambda n: stranger.get(n, "/status")}
    problem(asked[ask](number), 404, "VECHE-V211")
    (entry,) = ledger(cast.tenants.other, "access.refused")
    assert (entry.object, entry.object_id) == ("appeal", number)
    assert program.get(number).json()["state"] == "received"


def test_another_channel_of_the_same_authority_does_not_see_it_either(program, cast, as_owner):
    from veche.service.inbox.models import Channel

    with as_owner():
        calls = Channel.objects.create(tenant=cast.tenants.region, code="call", title="Calls")
    number = program.post({"text": "x"}).json()["appeals"][0]["number"]
    problem(Program(make_token(calls)[1]).get(number), 404, "VECHE-V211")


@pytest.mark.parametrize(
    "number", ["1000001-7", "abc", "1' OR '1'='1", "-", "9" * 30, "1234567890123-2", "%00", "1000001-٦"]
)
def test_what_is_no_number_is_told(program, number):
    problem(program.get(number), 404, "VECHE-V201")


def test_without_a_valid_token_nothing_is_done(cast, token, count):
    from veche.service.accounts.acting import working
    from veche.service.inbox import tokens
    from veche.service.inbox.models import Token

    past = make_token(cast.channels.region, expires_at=datetime.now(UTC) - timedelta(seconds=1))[1]
    with working(cast.tenants.region.pk):
        tokens.revoke(Token.objects.get(pk=token.id), actor="process:test")
    for secret in ("", "veche_wrong", past, token.secret, "тайна"):
        response = Program(secret.encode().decode("latin-1")).post({"text": "x"})
        problem(response, 401, "VECHE-V210")
        assert response["WWW-Authenticate"].startswith("Bearer")
    assert count() == 0


def test_a_closed_channel_takes_nothing(program, cast, as_owner):
    with as_owner():
        cast.channels.region.active = False
        cast.channels.region.save()
    problem(program.post({"text": "x"}), 401, "VECHE-V210")


def test_the_token_is_kept_as_a_hash_only(token, cast):
    from veche.service.accounts.acting import working
    from veche.service.inbox.models import Token

    with working(cast.tenants.region.pk):
        kept = Token.objects.get(pk=token.id)
    assert token.secret.encode() not in bytes(kept.hash)
    assert len(kept.hash) == 32


@pytest.mark.parametrize(
    "body",
    [b" ", b"{", b"[", b'{"text": "\\ud800"}', b'{"text": "\xff"}', b"[" * 5000, b"nul", b'{"a":1}{"b":2}'],
)
def test_malformed_json_is_told(program, body, count):
    problem(program.post(body), 400, "VECHE-V214")
    assert count() == 0


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"text": "x", "subject": "y"}, "/subject"),
        ({"text": 5}, "/text"),
        ({"text": None}, "/text"),
        ({"text": ""}, "/text"),
        ({}, "/text"),
        ([{"text": "x"}, {"text": "x", "age": "5"}], "/1/age"),
        ([{"text": "x"}, 7], "/1"),
        (5, ""),
        ({"text": "x", "received_at": "yesterday"}, "/received_at"),
        ({"text": "x", "received_at": "2026-11-22T10:00:00"}, "/received_at"),
        ({"text": "x", "received_at": 1_700_000_000}, "/received_at"),
        ({"text": "x", "contacts": ["a"] * 11}, "/contacts"),
        ({"text": "x", "lat": 91, "lon": 0}, "/lat"),
        ({"text": "x", "sex": "F"}, "/sex"),
        ({"text": "x", "extra": {"a/b": 5}}, "/extra/a~1b"),
        ({"text": "x", "answers": "12"}, "/answers"),
    ],
)
def test_fields_that_do_not_fit_are_named_and_not_quoted(program, count, body, pointer):
    document = problem(program.post(body), 422, "VECHE-V215")
    assert [e["pointer"] for e in document["errors"]] == [pointer]
    assert "yesterday" not in str(document)
    assert count() == 0


@pytest.mark.parametrize(
    ("fields", "code", "pointer"),
    [
        ({"text": " \n"}, "VECHE-I014", "/1"),
        ({"author": "a\x00"}, "VECHE-V202", "/1/author"),
        ({"received_at": "1950-01-01T00:00:00Z"}, "VECHE-V203", "/1"),
        ({"received_at": "9999-01-01T00:00:00Z"}, "VECHE-V203", "/1"),
        ({"lat": 5.0}, "VECHE-V204", "/1"),
        ({"received_zone": "Nowhere"}, "VECHE-V206", "/1"),
        ({"answers": NUMBER}, "VECHE-V228", "/1"),
    ],
)
def test_one_that_cannot_be_taken_is_named_and_none_is_taken(program, count, fields, code, pointer):
    document = problem(program.post([{"text": "Good"}, {"text": "Bad"} | fields]), 422, "VECHE-V208")
    assert [(e["code"], e["pointer"]) for e in document["errors"]] == [(code, pointer)]
    assert count() == 0


def test_the_wrong_check_digit_of_what_is_answered_is_told(program):
    document = problem(program.post({"text": "x", "answers": "1000001-7"}), 422, "VECHE-V208")
    assert document["errors"][0]["code"] == "VECHE-V201"


@pytest.mark.parametrize("size", [0, 1001])
def test_a_request_holds_from_one_to_a_thousand(program, size):
    problem(program.post([{"text": "x"}] * size), 422, "VECHE-V209")


@pytest.mark.parametrize("type", ["text/plain", "application/xml", "", "application/x-www-form-urlencoded"])
def test_another_content_type_is_refused(program, type):
    problem(program.post(b'{"text": "x"}', type=type), 415, "VECHE-V213")


def test_a_body_of_more_than_thirty_megabytes_is_refused_before_it_is_read(token):
    from veche.service.wsgi import application

    class Unread:
        def read(self, *_args):
            raise AssertionError("the body was read")

        readline = read

    statuses = []
    environ = {
        "REQUEST_METHOD": "POST", "PATH_INFO": "/api/v1/appeals", "SERVER_NAME": "testserver",
        "SERVER_PORT": "80", "wsgi.url_scheme": "http", "wsgi.input": Unread(), "wsgi.errors": None,
        "CONTENT_TYPE": "application/json", "HTTP_AUTHORIZATION": f"Bearer {token.secret}",
    }  # fmt: skip
    for length in (str(31 * 1024 * 1024), "", "-1"):
        answer = application(
            {**environ, "CONTENT_LENGTH": length}, lambda status, _h: statuses.append(status)
        )
        list(answer)
        answer.close()
    assert [s[:3] for s in statuses] == ["413", "411", "411"]


def test_what_is_not_there_or_not_answered_is_told_alike(program):
    problem(program.ask("GET", "/api/v1/nothing"), 404, "VECHE-V224")
    problem(program.ask("GET", "/api/"), 404, "VECHE-V224")
    response = program.ask("PUT", "/api/v1/appeals")
    problem(response, 405, "VECHE-V225")
    assert response["Allow"] == "POST"


def test_errors_speak_the_language_that_is_asked_for(program):
    english = program.post("{", **{"Accept-Language": "en"}).json()
    assert english["detail"] == "The body cannot be read as JSON."
    assert program.post("{", **{"Accept-Language": "ru"})["Content-Language"] == "ru"


def test_a_cookie_of_a_signed_in_person_opens_nothing(cast):
    from django.test import Client

    browser = Client()
    browser.force_login(cast.people.administrator, "allauth.account.auth_backends.AuthenticationBackend")
    problem(browser.post("/api/v1/appeals", b'{"text": "x"}', "application/json"), 401, "VECHE-V210")


def test_a_signed_in_persons_program_is_served_by_its_token(cast, token):
    from django.test import Client

    browser = Client(headers={"Authorization": f"Bearer {token.secret}"})
    browser.force_login(cast.people.administrator, "allauth.account.auth_backends.AuthenticationBackend")
    assert browser.post("/api/v1/appeals", b'{"text": "x"}', "application/json").status_code == 201


def test_an_allowance_is_used_up_and_fills_again(cast, count):
    from veche.service.inbox.models import Token

    made, secret = make_token(cast.channels.region, per_minute=60, burst=3)
    program = Program(secret)
    assert program.post([{"text": "x", "id": str(i)} for i in range(3)]).status_code == 201
    refused = program.post({"text": "y"})
    problem(refused, 429, "VECHE-V220")
    assert refused["Retry-After"] == "1"
    assert count() == 3
    assert isinstance(made, Token)


def test_a_batch_above_the_burst_is_taken_when_the_bucket_is_full(cast):
    program = Program(make_token(cast.channels.region, per_minute=60, burst=3)[1])
    assert program.post([{"text": "x", "id": str(i)} for i in range(9)]).status_code == 201
    problem(program.post({"text": "y"}), 429, "VECHE-V220")


def test_where_understanding_lags_too_far_the_program_is_told_to_come_back(program, settings_with, count):
    from veche.service.inbox import limits

    program.post([{"text": str(i)} for i in range(3)])
    with settings_with(INBOX_MAX_WAITING=2):
        limits.forget_lag()
        problem(program.post({"text": "x"}), 429, "VECHE-V221")
    limits.forget_lag()
    assert count() == 3


def test_the_openapi_document_names_every_error_and_needs_no_token():
    document = Program("").ask("GET", "/api/v1/openapi.json").json()
    for operations in document["paths"].values():
        for operation in operations.values():
            assert {"401", "429", "500", "503"} <= set(operation["responses"])
            assert operation["security"]
            assert operation["description"]
    assert document["components"]["schemas"]["AppealIn"]["additionalProperties"] is False
    assert b"http://" not in orjson.dumps(document)


def test_what_others_wrote_reaches_no_error(program):
    secret = "Ivan Testov 900-000-00-00"
    for body in ({"text": secret, secret: 1}, {"text": secret, "sex": secret}, secret.encode()):
        document = program.post(body).json()
        assert secret not in str({**document, "errors": [e["detail"] for e in document.get("errors", [])]})
