"""Every failure case of docs/reference/idempotency.md: taken exactly once, whatever is repeated."""

import ast
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import orjson
import psycopg
import pytest

from .conftest import Program, make_token
from .test_api import problem

KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"
APPEAL = {"text": "No hot water."}
ROOT = Path(__file__).parents[3]


def age_keys(cast, by):
    """Let the keys of the region be older than they are."""
    from veche.service.accounts.acting import working
    from veche.service.inbox.models import IdempotencyKey

    with working(cast.tenants.region.pk):
        IdempotencyKey.objects.update(expires_at=datetime.now(UTC) + timedelta(hours=24) - by)


def keys(cast):
    from veche.service.accounts.acting import working
    from veche.service.inbox.models import IdempotencyKey

    with working(cast.tenants.region.pk):
        return list(IdempotencyKey.objects.all())


def test_the_same_key_and_body_are_answered_alike(program, count):
    first = program.post([APPEAL, {"text": "Another"}], key=KEY)
    again = program.post([APPEAL, {"text": "Another"}], key=KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert all(t["secret"] for t in again.json()["appeals"])
    assert count() == 2


def test_spaces_and_the_order_of_fields_do_not_make_another_body(program, count):
    first = program.post('{"text": "x", "id": "7"}', key=KEY)
    assert program.post('{ "id":"7",\n"text":"x" }', key=KEY).json() == first.json()
    assert count() == 1


def test_a_key_may_stand_in_quotation_marks(program):
    assert program.post(APPEAL, key=f'"{KEY}"').json() == program.post(APPEAL, key=KEY).json()


def test_a_key_with_another_body_is_refused(program, count):
    program.post(APPEAL, key=KEY)
    problem(program.post({"text": "Another matter."}, key=KEY), 422, "VECHE-V217")
    assert count() == 1


def test_a_refused_request_leaves_its_key_free_for_the_mended_one(program, count):
    program.post({"text": "one", "id": "7"})
    bad = [{"text": "new"}, {"text": "other", "id": "7"}]
    document = problem(program.post(bad, key=KEY), 422, "VECHE-V208")
    assert [(e["pointer"], e["code"]) for e in document["errors"]] == [("/1", "VECHE-I020")]
    assert count() == 1
    assert program.post([{"text": "new"}, {"text": "other", "id": "8"}], key=KEY).status_code == 201
    assert count() == 3


def test_an_id_with_another_text_is_refused_and_the_first_stays(program, count):
    program.post({"text": "one", "id": "7"})
    problem(program.post({"text": "other", "id": "7"}), 422, "VECHE-V208")
    assert count() == 1


def test_an_id_sent_again_without_a_key_gets_its_number_and_no_secret(program, count):
    first = program.post({"text": "one", "id": "7"}).json()["appeals"][0]
    again = program.post({"text": "one", "id": "7"})
    assert again.status_code == 200
    assert again.json()["appeals"] == [{**first, "new": False, "secret": None}]
    assert count() == 1


def test_a_request_without_id_and_key_is_taken_once_a_day(program, count):
    answers = [program.post(APPEAL | {"contacts": ["ann@mail.example"]}) for _ in range(2)]
    assert [a.status_code for a in answers] == [201, 200]
    assert count() == 1


def test_two_requests_of_one_key_at_the_same_time_are_answered_alike(token, count):
    ready = threading.Barrier(8)

    def send(_):
        program = Program(token.secret)
        ready.wait()
        return program.post(APPEAL, key=KEY)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(8)))
    assert {a.status_code for a in answers} == {201}
    assert len({a.content for a in answers}) == 1
    assert count() == 1


def test_a_key_that_another_process_holds_is_waited_for_then_told(program, urls, token, cast, count):
    from veche.core.ids import uuid7

    with psycopg.connect(urls.owner) as other, ThreadPoolExecutor(1) as pool:
        other.execute(
            "INSERT INTO inbox_idempotencykey (id, tenant_id, token_id, key, request_hash, status, response,"
            " created_at, expires_at) VALUES (%s, %s, %s, %s, '', 0, '[]', now(), now())",
            [uuid7(), cast.tenants.region.pk, token.id, KEY],
        )
        neighbour = pool.submit(Program(token.secret).post, {"text": "A neighbour"})
        busy = program.post(APPEAL, key=KEY)
        problem(busy, 409, "VECHE-V218")
        assert neighbour.result(20).status_code == 201
        other.rollback()
    assert program.post(APPEAL, key=KEY).status_code == 201
    assert count() == 2


def test_after_a_crash_before_the_commit_the_repeat_is_taken_anew(program, urls, superuser, cast, count):
    from tests.service.inbox.test_take_committer import until

    from veche.core.ids import uuid7
    from veche.service.vault.keys import contact_hash

    body = APPEAL | {"contacts": ["held@mail.example"]}
    tenant = cast.tenants.region.pk
    with psycopg.connect(urls.owner) as other, psycopg.connect(superuser, autocommit=True) as root:
        other.execute(
            "INSERT INTO inbox_person (id, tenant_id, contact_hash, created_at) VALUES (%s, %s, %s, now())",
            [uuid7(), tenant, contact_hash(tenant, "held@mail.example")],
        )
        with ThreadPoolExecutor(1) as pool:
            sent = pool.submit(program.post, body, key=KEY)
            cut = (
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE wait_event_type = 'Lock' AND datname = %s"
            )
            until(lambda: root.execute(cut, [other.info.dbname]).fetchall())
            problem(sent.result(20), 503, "VECHE-V222")
        other.rollback()
    assert keys(cast) == []
    assert program.post(body, key=KEY).status_code == 201
    assert count() == 1


def test_after_a_crash_between_commit_and_answer_the_repeat_gets_the_answer(program, token, count):
    """The transaction ends as in the request; then the process dies, and nobody hears of it."""
    from veche.service.api import appeals, bodies
    from veche.service.inbox import committer
    from veche.service.inbox.tokens import find

    bearer = find(token.secret)
    read = bodies.parsed(orjson.dumps(APPEAL))
    named = appeals.named(bearer, KEY, read)
    batch = bodies.incoming(read, name=f"{KEY}/{read.fingerprint}", files=[])
    rows = appeals.arriving_by(bearer, batch, token=token.secret, now=datetime.now(UTC))
    lost = committer.Handed(rows, named)
    committer.commit([lost])
    answer = program.post(APPEAL, key=KEY)
    assert answer.status_code == 201
    (taken,) = answer.json()["appeals"]
    assert (taken["appeal_id"], taken["secret"]) == (str(rows[0].appeal_id), rows[0].secret)
    assert count() == 1


def test_a_key_past_its_day_is_new_but_the_same_request_is_still_taken_once(program, cast, count):
    first = program.post(APPEAL, key=KEY).json()["appeals"][0]
    age_keys(cast, timedelta(hours=25))
    again = program.post(APPEAL, key=KEY)
    assert again.status_code == 200
    assert again.json()["appeals"] == [{**first, "new": False, "secret": None}]
    assert count() == 1


def test_a_key_past_its_day_may_carry_another_request(program, cast, count):
    program.post(APPEAL, key=KEY)
    age_keys(cast, timedelta(hours=25))
    assert program.post({"text": "Another"}, key=KEY).status_code == 201
    assert count() == 2
    assert len(keys(cast)) == 1


def test_keys_past_their_day_are_removed(program, cast):
    from veche.service.accounts.acting import working
    from veche.service.inbox.idempotency import purge

    program.post(APPEAL, key=KEY)
    with working(cast.tenants.region.pk):
        assert purge(now=datetime.now(UTC)) == 0
        assert purge(now=datetime.now(UTC) + timedelta(hours=25)) == 1


def test_a_request_repeated_with_a_new_token_is_taken_once(program, cast, count):
    other = Program(make_token(cast.channels.region)[1])
    first = program.post(APPEAL, key=KEY).json()["appeals"][0]
    again = other.post(APPEAL, key=KEY)
    assert again.status_code == 200
    assert again.json()["appeals"] == [{**first, "new": False, "secret": None}]
    assert count() == 1


def test_the_same_key_of_another_token_may_carry_another_request(program, cast, count):
    program.post(APPEAL, key=KEY)
    assert Program(make_token(cast.channels.region)[1]).post({"text": "y"}, key=KEY).status_code == 201
    assert count() == 2


def test_after_too_fast_the_same_request_is_taken(cast, count):
    from django.db import connection

    token, secret = make_token(cast.channels.region, per_minute=6000, burst=1)
    program = Program(secret)
    program.post({"text": "first"})
    answers = [program.post([APPEAL] * 1, key=KEY)]
    while answers[-1].status_code == 429:
        problem(answers[-1], 429, "VECHE-V220")
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.01)")
        answers.append(program.post([APPEAL] * 1, key=KEY))
    assert answers[-1].status_code == 201
    assert count() == 2
    assert token.burst == 1


def test_while_the_database_is_away_nothing_is_acknowledged_and_later_it_is_taken(program, count):
    from tests.service.conftest import connected

    with connected("postgresql://veche_web@127.0.0.1:1/veche"):
        problem(program.post(APPEAL, key=KEY), 503, "VECHE-V222")
    assert program.post(APPEAL, key=KEY).status_code == 201
    assert count() == 1


def test_when_all_connections_are_taken_the_client_is_told_to_come_back(program, count):
    from django.db import connection
    from tests.service.conftest import small_pool

    with small_pool(1, timeout=0.2):
        held = connection.pool.getconn()
        problem(program.post(APPEAL, key=KEY), 503, "VECHE-V222")
        connection.pool.putconn(held)
    assert program.post(APPEAL, key=KEY).status_code == 201
    assert count() == 1


def test_a_request_with_files_sent_again_is_taken_once(program, count):
    def photo():
        from PIL import Image

        out = BytesIO()
        Image.new("RGB", (8, 8), "red").save(out, "JPEG")
        out.seek(0)
        out.name = "photo.jpg"
        return out

    answers = [program.send(APPEAL | {"id": "7"}, photo()) for _ in range(2)]
    assert [a.status_code for a in answers] == [201, 200]
    keyed = [program.send(APPEAL, photo(), key=KEY) for _ in range(2)]
    assert keyed[0].json() == keyed[1].json()
    assert count() == 2


@pytest.mark.parametrize("key", ["", '""', "x" * 256, "ключ", "a\tb"])
def test_a_malformed_key_is_refused(program, key, count):
    problem(program.post(APPEAL, key=key.encode().decode("latin-1")), 400, "VECHE-V219")
    assert count() == 0


def test_no_secret_of_a_tracking_link_is_stored(program, cast):
    secret = program.post(APPEAL, key=KEY).json()["appeals"][0]["secret"]
    (kept,) = keys(cast)
    assert secret not in str(kept.response)


def test_every_case_of_the_page_names_a_test_that_there_is():
    page = (ROOT / "docs" / "reference" / "idempotency.md").read_text()
    named = set(re.findall(r"`(test_\w+)`", page))
    tests = {
        node.name
        for folder in ("api", "inbox")
        for path in (ROOT / "tests" / "service" / folder).glob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
    }
    assert len(named) >= 20
    assert named <= tests
    rows = [line for line in page.splitlines() if line.startswith("| ") and "---" not in line]
    assert all("`test_" in row for row in rows if not row.startswith("| what happens"))
