import io
import json
import logging

import pytest


@pytest.fixture
def browser():
    from django.test import Client

    return Client()


@pytest.fixture
def lines():
    """What was logged, line by line, as the processes of the service log it."""
    from veche.service.ops.logs import JsonLines

    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    loggers = [logging.getLogger(name) for name in ("veche.request", "veche.test")]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    for logger in loggers:
        logger.removeHandler(handler)


def test_a_process_that_lives_says_so_and_one_that_can_work_says_that_too(browser):
    assert browser.get("/healthz").content == b"ok\n"
    ready = browser.get("/readyz")
    assert ready.status_code == 200
    assert ready.json() == {
        "ready": True,
        "checks": {"database": True, "migrations": True, "vault_key": True},
    }


def test_a_service_without_its_vault_key_is_not_ready(browser, monkeypatch, tmp_path):
    from dataclasses import replace

    from veche.service.ops import views

    monkeypatch.setattr(views, "ENV", replace(views.ENV, vault_key_file=tmp_path / "gone"))
    ready = browser.get("/readyz")
    assert ready.status_code == 503
    assert ready.json()["checks"] == {"database": True, "migrations": True, "vault_key": False}


def test_the_figures_count_requests_by_route_and_what_waits(browser):
    browser.get("/readyz")
    text = browser.get("/metrics").content.decode()
    assert 'veche_requests_total{method="GET",route="readyz",status="200"}' in text
    assert text.count("\nveche_pending_appeals") == 1
    assert "\nveche_pending_appeals 0.0" in text
    assert "veche_aside_appeals 0.0" in text


@pytest.mark.parametrize("header", [{"REMOTE_ADDR": "192.0.2.7"}, {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}])
def test_the_figures_are_for_this_machine_only(browser, header):
    assert browser.get("/metrics", **header).status_code == 404


def test_a_request_is_logged_by_its_route_and_not_by_its_address(browser, lines):
    browser.get("/no/such/place?phone=79990001122")
    (line,) = lines()
    assert line["route"] == "none"
    assert line["status"] == 404
    assert "79990001122" not in json.dumps(line)


def test_a_log_line_quotes_neither_arguments_nor_the_words_of_an_exception(lines):
    try:
        raise ValueError("a citizen's own words")
    except ValueError:
        logging.getLogger("veche.test").exception("could not take %s", "a name", extra={"code": "X1"})
    (line,) = lines()
    assert line["message"] == "could not take %s"
    assert line["exception"] == "builtins.ValueError"
    assert line["code"] == "X1"
    assert "own words" not in json.dumps(line)
    assert "a name" not in json.dumps(line)
