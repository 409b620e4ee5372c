"""While the database is away, or all its connections are taken, people are told to come back."""

from contextlib import contextmanager

import pytest

PAGES = ("/", "/account/login/", "/appeals/?q=Белова", "/files/", "/people/")


@pytest.fixture
def editor(cast):
    """A browser in which the region's editor is signed in."""
    from django.test import Client

    client = Client(raise_request_exception=False)
    client.force_login(cast.people.editor)
    return client


@contextmanager
def gone():
    from tests.service.conftest import connected

    with connected("postgresql://veche_web@127.0.0.1:1/veche"):
        yield


@contextmanager
def taken():
    """Let somebody else hold the only connection of a small pool."""
    from django.db import connection
    from tests.service.conftest import small_pool

    with small_pool(1, timeout=0.2):
        held = connection.pool.getconn()
        yield
        connection.pool.putconn(held)


@pytest.mark.parametrize("away", [gone, taken])
def test_every_page_says_to_come_back_and_comes_when_the_database_is_there(editor, away):
    with away():
        for page in PAGES:
            answer = editor.get(page)
            assert answer.status_code == 503, page
            assert int(answer.headers["Retry-After"]) > 0
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
            assert "Белова" not in answer.content.decode()
    assert editor.get("/appeals/").status_code == 200


def test_what_a_form_sends_meanwhile_is_answered_alike(editor):
    page = editor.get("/files/").content.decode()
    assert "csrfmiddlewaretoken" in page
    with gone():
        answer = editor.post("/files/bring/", {"tenant": "region"})
    assert answer.status_code == 503
