"""What happens reaches the pages that are open: with the real web server and the real database."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing, contextmanager, suppress

import psycopg
import pytest

KEEP_ROWS = True


@pytest.fixture(scope="module")
def world(urls, installed):  # noqa: ARG001
    """The cast, once for all."""
    from tests.service.conftest import connected, make_cast

    with connected(urls.owner):
        return make_cast()


def start(home, urls):
    """Start the web server as the service does, with one process; return it and its port."""
    from tests.conftest import _environment

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    from veche.service.ground.children import Address, _gunicorn

    address = Address("127.0.0.1", port, f"http://127.0.0.1:{port}", "127.0.0.1")
    command = [sys.executable, "-m", "gunicorn", *_gunicorn(address), "--workers=1"]
    process = subprocess.Popen(command, env={**os.environ, **_environment(home, urls.web)})
    for _ in range(300):
        with suppress(OSError), closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as asked:
            asked.request("GET", "/healthz")
            if asked.getresponse().status == 200:
                return process, port
        assert process.poll() is None
        time.sleep(0.1)
    raise AssertionError("the server did not start")


def stop(process):
    process.send_signal(signal.SIGTERM)
    return process.wait(20)


@pytest.fixture(scope="module")
def server(home, urls, installed):  # noqa: ARG001
    """The port of a running server."""
    process, port = start(home, urls)
    yield port
    stop(process)


@pytest.fixture
def cookie(world):
    """Call it with a name of the cast: the cookie of a browser in which they are signed in."""
    from django.test import Client

    def call(name):
        browser = Client()
        browser.force_login(getattr(world.people, name))
        return f"sessionid={browser.cookies['sessionid'].value}"

    return call


class Page:
    """A page that is open."""

    def __init__(self, port, cookie):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        self.connection.request("GET", "/live/", headers={"Cookie": cookie})
        self.answer = self.connection.getresponse()

    def hears(self):
        """Return the next event and its facts; fails where none comes."""
        kind = None
        while True:
            line = self.answer.readline().decode().rstrip()
            if line.startswith("event:"):
                kind = line.partition(": ")[2]
            elif line.startswith("data:"):
                return kind, json.loads(line.partition(": ")[2])

    def close(self):
        self.answer.close()
        self.connection.close()


def admitted(port, cookie):
    """Return a page that got a place: those that were left are noticed within a second, not at once."""
    pages = []

    def came_in():
        pages.append(Page(port, cookie))
        if pages[-1].answer.status == 503:
            pages.pop().close()
        return pages

    assert until(came_in)
    return pages[0]


@pytest.fixture
def opened(server, cookie):
    """Call it with names: a page of each, that hears from now on."""
    pages = []

    def call(name):
        page = admitted(server, cookie(name))
        pages.append(page)
        assert page.answer.status == 200
        assert page.hears() == ("ready", {})
        return page

    yield call
    for page in pages:
        page.close()


def told(tenant, kind, key=""):
    from veche.service.accounts.acting import working
    from veche.service.live import tell

    with working(tenant.pk):
        tell(tenant.pk, kind, key)


def test_what_happened_is_heard_when_it_is_durable(world, opened):
    from django.db import transaction

    from veche.service.live import tell

    page = opened("editor")
    region = world.tenants.region
    with suppress(ZeroDivisionError), transaction.atomic():
        tell(region.pk, "card", "taken back")
        raise ZeroDivisionError
    with transaction.atomic():
        tell(region.pk, "card", "kept")
        tell(region.pk, "card", "kept")
        tell(region.pk, "urgent")
    assert page.answer.headers["Content-Type"].startswith("text/event-stream")
    assert page.hears() == ("card", {"tenant": str(region.pk), "key": "kept"})
    assert page.hears() == ("urgent", {"tenant": str(region.pk), "key": ""})


def test_a_page_hears_of_the_tenants_that_its_reader_sees(world, opened):
    tenants = world.tenants
    region, stranger, head = opened("editor"), opened("stranger"), opened("head")
    told(tenants.region, "counts", "region")
    told(tenants.city, "counts", "city")
    told(tenants.other, "counts", "other")
    told(tenants.nation, "counts", "nation")

    def heard(page, number):
        return [page.hears()[1]["key"] for _ in range(number)]

    assert heard(head, 4) == ["region", "city", "other", "nation"]
    assert heard(region, 2) == ["region", "city"]
    assert heard(stranger, 1) == ["other"]


def test_a_narrowed_role_hears_that_something_happened_and_not_to_what(world, opened):
    page = opened("roads")
    told(world.tenants.region, "card", "secret")
    assert page.hears() == ("card", {"tenant": str(world.tenants.region.pk), "key": ""})


def test_nobody_listens_without_signing_in(server):
    page = Page(server, "sessionid=none")
    assert page.answer.status == 302
    page.close()


def test_what_is_no_kind_cannot_be_told(world):
    from veche.service.live import tell

    with pytest.raises(ValueError, match="gossip"):
        tell(world.tenants.region.pk, "gossip")


def connections_of(superuser, urls):
    """Return what each connection of the web server does."""
    role = psycopg.conninfo.conninfo_to_dict(urls.web)["user"]
    with psycopg.connect(superuser) as connection:
        return [
            row[0]
            for row in connection.execute("SELECT state FROM pg_stat_activity WHERE usename = %s", [role])
        ]


def test_pages_are_answered_while_as_many_streams_are_open_as_can_be(server, cookie, superuser, urls):
    from veche.service.live import MOST, RETRY_SECONDS

    editor = cookie("editor")
    with many(server, editor, MOST):
        late = Page(server, editor)
        assert late.answer.status == 503
        assert late.answer.headers["Retry-After"] == str(RETRY_SECONDS)
        late.close()
        states = connections_of(superuser, urls)
        assert len(states) < MOST / 2
        assert "idle in transaction" not in states
        began = time.monotonic()
        asked = http.client.HTTPConnection("127.0.0.1", server, timeout=10)
        for _ in range(20):
            asked.request("GET", "/account/", headers={"Cookie": editor})
            answer = asked.getresponse()
            answer.read()
            assert answer.status == 200
        assert time.monotonic() - began < 20
        asked.close()
    # They are noticed to have left, and their places are free again.
    assert until(lambda: _status(server, editor) == 200)


@contextmanager
def many(port, cookie, number):
    pages = [admitted(port, cookie) for _ in range(number)]
    try:
        for page in pages:
            assert page.answer.status == 200
            assert page.hears()[0] == "ready"
        yield pages
    finally:
        for page in pages:
            page.close()


def _status(port, cookie):
    page = Page(port, cookie)
    page.close()
    return page.answer.status


def until(condition, *, seconds=15):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.2)
    return True


def test_a_page_that_was_cut_off_is_told_to_look_at_everything_again(world, opened, superuser, urls):
    page = opened("editor")
    role = psycopg.conninfo.conninfo_to_dict(urls.web)["user"]
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE usename = %s AND query LIKE 'LISTEN%%'",
            [role],
        )
    assert page.hears() == ("ready", {})
    told(world.tenants.region, "theme", "new")
    assert page.hears() == ("theme", {"tenant": str(world.tenants.region.pk), "key": "new"})


def test_a_server_that_stops_waits_for_no_stream(home, urls, cookie):
    process, port = start(home, urls)
    page = Page(port, cookie("editor"))
    assert page.hears()[0] == "ready"
    began = time.monotonic()
    assert stop(process) == 0
    assert time.monotonic() - began < 8
    page.close()
