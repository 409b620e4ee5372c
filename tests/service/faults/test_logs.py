"""Libraries log as they like; in our lines stands nothing that people sent, whatever a library says."""

import json
import logging

import pytest


@pytest.fixture
def lines():
    """The lines that were logged, as the supervisor would keep them."""
    from veche.service.ops.logs import JsonLines

    seen = []
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    handler.emit = lambda record: seen.append(handler.format(record))
    loggers = [logging.getLogger(name) for name in (None, "django", "django.request", "gunicorn.error")]
    for logger in loggers:
        logger.addHandler(handler)
    yield lambda: [json.loads(line) for line in seen]
    for logger in loggers:
        logger.removeHandler(handler)


@pytest.fixture
def browser():
    """A browser in which nobody is signed in."""
    from django.test import Client

    return Client(raise_request_exception=False)


def test_the_log_of_a_page_that_failed_does_not_hold_what_was_asked(browser, lines):
    from tests.service.conftest import connected

    with connected("postgresql://veche_web@127.0.0.1:1/veche"):
        browser.cookies["sessionid"] = "a" * 32
        assert browser.get("/appeals/?q=Белова").status_code == 503
    told = json.dumps(lines(), ensure_ascii=False)
    assert "OperationalError" in told
    assert "Белова" not in told
    assert "%D0%91" not in told
    assert "/appeals/" not in told


def test_a_message_that_a_library_put_together_is_told_by_its_place(browser, lines):
    assert browser.get("/account/login/", headers={"Host": "anna-belova.example"}).status_code == 400
    client, request = "192.0.2.7", "GET /?phone=79990001122"
    logging.getLogger("gunicorn.error").warning(f"Invalid request from ip={client}: {request}")
    told = lines()
    assert [line["message"].partition(":")[0] for line in told if line["level"] == "WARNING"][
        -1
    ] == "test_logs"
    for quoted in ("belova", client, "79990001122"):
        assert quoted not in json.dumps(told)


def test_what_a_library_puts_beside_a_message_is_written_only_where_it_is_plain(lines):
    logging.getLogger("django.request").error(
        "%s happened", "something", extra={"status": 500, "request": object(), "worker": {"name": "Anna"}}
    )
    line = lines()[-1]
    assert (line["message"], line["status"]) == ("%s happened", 500)
    assert not {"request", "worker"} & line.keys()


@pytest.mark.parametrize("path", ["/anna-belova/", "/appeals/anna-belova/", "/files/anna-belova/"])
def test_a_page_that_is_not_there_does_not_say_its_address(cast, path):
    from django.test import Client

    browser = Client()
    browser.force_login(cast.people.editor)
    answer = browser.get(path)
    assert answer.status_code == 404
    assert "belova" not in answer.content.decode()
