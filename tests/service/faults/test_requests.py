"""Whatever is asked of whatever address by whomever, the answer is one that the service meant to give."""

import re
import uuid

import pytest

KEEP_ROWS = True

#: What people and programs type where a number, a name, a filter or a date is wanted.
ODD = {
    "sql": "1' OR '1'='1'; DROP TABLE inbox_appeal; --",
    "sql in a literal": "\\'); SELECT pg_sleep(10); --",
    "format": "%s %(a)s %% {0} {{ 7*7 }} {% debug %}",
    "nothing": "",
    "NUL": "a\x00b",
    "controls": "\r\nSet-Cookie: a=b\x1b[31m\x7f",
    "surrogate": "\ud800\udfff",
    "not UTF-8": b"\xff\xfe\xed\xa0\x80",
    "far digits": "٤٢-٧",
    "right to left": "\u202e\u2066/../../etc/passwd",
    "huge number": "9" * 400,
    "negative": "-1",
    "not a number": "NaN",
    "far date": "99999-99-99",
    "early date": "0001-01-01",
    "long": "a" * 20_000,
}
#: Names that pages ask for.
QUERIES = (
    "q",
    "state",
    "topic",
    "tenant",
    "since",
    "until",
    "before",
    "page",
    "next",
    "lang",
    "number",
    "secret",
)


def _routes():
    """Yield every route of the service, with the kinds of what stands in it."""
    from django.urls import URLResolver, get_resolver

    def below(patterns, prefix):
        for pattern in patterns:
            route = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from below(pattern.url_patterns, route)
            else:
                yield route

    # Who signs out sees no more.
    return sorted(set(below(get_resolver().url_patterns, "/")), key=lambda route: ("logout" in route, route))


def _address(route, typed):
    """Return an address of a route with something typed wherever it takes it, and sound names elsewhere."""
    from urllib.parse import quote

    text = typed if isinstance(typed, bytes) else typed.encode("utf-8", "surrogatepass")
    filled = {"str": quote(text, safe="") or "x", "uuid": str(uuid.UUID(int=7)), "int": "7", "slug": "region"}
    if text.isdigit():
        filled["int"] = filled["slug"] = text.decode()

    def fill(found):
        kind = found[1].rpartition(":")[0] or "str"
        return filled.get(kind, filled["str"])

    # Routes of libraries may be expressions.
    plain = (
        re.sub(r"\(\?P<\w+>.*?\)", filled["slug"], route).replace("^", "").replace("$", "").replace("\\", "")
    )
    return re.sub(r"<([^>]+)>", fill, plain)


def _meant(answer):
    """Tell whether an answer is no accident; what is away or broken is one here."""
    answer.close()
    return answer.status_code < 500


@pytest.fixture(scope="module")
def world(as_owner_once):
    """The cast, once for all."""
    from tests.service.conftest import make_cast

    with as_owner_once():
        return make_cast()


@pytest.fixture(scope="module")
def as_owner_once(urls):
    """Past the walls, to make the cast."""
    from tests.service.conftest import connected

    return lambda: connected(urls.owner)


@pytest.fixture
def browser(world):
    """A browser in which one of the cast is signed in, or nobody."""
    from django.test import Client

    def call(name, *, strict=False):
        client = Client(raise_request_exception=False, enforce_csrf_checks=strict)
        if name:
            client.force_login(getattr(world.people, name))
        return client

    return call


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("name", ["administrator", None])
def test_no_address_breaks_whatever_is_typed_into_it(browser, name, odd):
    client = browser(name)
    routes = _routes()
    assert len(routes) > 60
    for route in routes:
        address = _address(route, ODD[odd])
        for answer in (client.get(address), client.post(address, {"text": "1"})):
            assert _meant(answer), (route, answer.status_code)


def test_no_query_breaks_a_page(browser):
    from urllib.parse import quote

    client = browser("editor")
    pages = ("/appeals/", "/aside/", "/files/", "/account/login/", "/en/track/", "/en/write/", "/")
    for page in pages:
        for query in QUERIES:
            for kind, typed in ODD.items():
                text = typed if isinstance(typed, bytes) else typed.encode("utf-8", "surrogatepass")
                answer = client.get(f"{page}?{query}={quote(text)}")
                assert _meant(answer), (page, query, kind)
                assert "debug" not in answer.headers.get("Set-Cookie", "")
                assert "a=b" not in answer.headers.get("Set-Cookie", "")


@pytest.mark.parametrize("name", ["administrator", "editor", None])
@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded", b"tenant=region&text=%00%ff&q=%ED%A0%80&role=%00&email=%00"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\n\x00',
        ),
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=" + "b" * 300, b"--b"),
        ("application/json", b'{"text": "\\ud800"'),
        ("text/plain; charset=no-such-one", b"\xff\xfe"),
        ("application/x-www-form-urlencoded", b"&".join(b"a=1" for _ in range(2000))),
    ],
    ids=["odd fields", "cut off", "no boundary", "long boundary", "broken JSON", "no charset", "many fields"],
)
def test_no_body_breaks_an_address(browser, name, kind, body):
    client = browser(name)
    for route in _routes():
        answer = client.generic("POST", _address(route, "1"), body, kind)
        assert _meant(answer), (route, answer.status_code)


def test_every_form_of_the_desk_needs_its_token(browser):
    client = browser("administrator", strict=True)
    # A mailing is ended from the mail itself, by its secret alone (RFC 8058).
    open_to_all = ("/api/", "/write/", "/track/", "/<str:lang>/", "/board/mailings/end/")
    routes = [route for route in _routes() if not route.startswith(open_to_all)]
    assert len(routes) > 40
    for route in routes:
        address = _address(route, "1")
        assert client.post(address, {"text": "1"}).status_code == 403, route


@pytest.mark.parametrize(
    "headers",
    [
        {"Cookie": "sessionid=" + "a" * 60_000},
        {"Cookie": "sessionid=\x00; csrftoken=\xff; django_language=../../etc"},
        {"Accept-Language": "a" * 50_000},
        {"Accept-Language": "ru;q=nonsense, ../../x;q=-1, \xff"},
        {"X-Forwarded-For": "not an address, \xff"},
        {"Authorization": "Bearer " + "a" * 60_000},
        {"Authorization": "Bearer \xff\x00"},
        {"Idempotency-Key": '"' + "\\" * 5000},
        {"If-Modified-Since": "the day after " + "9" * 5000},
        {"Range": "bytes=-" + "9" * 5000},
        {"HX-Current-URL": "http://[::bad", "HX-Request": "true"},
        {"Content-Length": "-1"},
        {"Content-Length": "9" * 40},
    ],
    ids=lambda headers: " ".join(headers),
)
def test_no_header_breaks_a_page(browser, headers):
    client = browser(None)
    for page in (
        "/",
        "/account/login/",
        "/appeals/",
        "/en/write/",
        "/api/v1/appeals/1-8",
        "/static/veche.css",
    ):
        assert _meant(client.get(page, headers=headers)), page
        assert _meant(client.post(page, b"a=1", "application/x-www-form-urlencoded", headers=headers)), page


@pytest.mark.parametrize("host", ["anna-belova.example", "a" * 300, "localhost@anna-belova.example"])
def test_another_host_is_refused_and_not_quoted(browser, host):
    answer = browser(None).get("/account/login/", headers={"Host": host})
    assert answer.status_code == 400
    assert "belova" not in answer.content.decode()
