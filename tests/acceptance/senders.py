"""Those who hand appeals in, and repeat what was not answered: programs, citizens, an editor with a file."""

import html
import http.client
import http.cookiejar
import itertools
import json
import re
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

from tests.acceptance.running import wait_for

_MARK = re.compile(r'name="mark" value="([^"]+)"')
_NUMBER = re.compile(r"/track/([0-9]+-[0-9])/")
_HIDDEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
#: What a client does not take for an answer: nobody there, or told to come back.
_AWAY = (OSError, http.client.HTTPException)
_COME_BACK = {409, 429, 500, 502, 503, 504}


class Acknowledged:
    """What was acknowledged to all clients together: the number by the id of the row."""

    def __init__(self):
        self._lock = threading.Lock()
        self.numbers = {}
        self.repeated = 0

    def note(self, rows, answers):
        """Note an answer; the same row is always answered with the same number."""
        with self._lock:
            for row, answer in zip(rows, answers, strict=True):
                known = self.numbers.setdefault(row["id"], answer["number"])
                assert known == answer["number"], row["id"]

    def note_repeat(self):
        """Note that something was not answered and is sent again."""
        with self._lock:
            self.repeated += 1

    def __len__(self):
        return len(self.numbers)


def send(service, token, rows, acknowledged, *, size):
    """Hand in rows, `size` in a request, each until it is acknowledged."""
    for start in range(0, len(rows), size):
        some = rows[start : start + size]
        body = [appeal_of(row) for row in some]
        sent = json.dumps(body if size > 1 else body[0]).encode()
        acknowledged.note(some, _hand_in(service, token, sent, acknowledged))


def _hand_in(service, token, body, acknowledged):
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Idempotency-Key": str(uuid.uuid4()),
    }

    def answer():
        try:
            status, said = service.ask("POST", "/api/v1/appeals", body, headers)
        except _AWAY:
            acknowledged.note_repeat()
            return None
        if status in _COME_BACK:
            acknowledged.note_repeat()
            return None
        assert status in (200, 201), said
        return json.loads(said)["appeals"]

    return wait_for(answer, "an acknowledgement")


def appeal_of(row):
    """Return a sample row as a program hands it in."""
    named = {"id": row["id"], "text": row["text"], "received_at": row["received_at"].isoformat()}
    names = ("lat", "lon", "age", "sex", "occupation", "territory")
    known = {name: row[name] for name in names if row[name] is not None}
    return named | known | ({"contacts": [row["author"]]} if row["author"] else {})


class _From(urllib.request.HTTPHandler):
    """Asks from an address of its own, as each person does: a service lets one source send only so much."""

    _next = itertools.count(2)

    def __init__(self):
        super().__init__()
        n = next(self._next)
        self._address = f"127.1.{n // 250}.{n % 250 + 1}", 0

    def http_open(self, req):
        return self.do_open(http.client.HTTPConnection, req, source_address=self._address)


class Browser:
    """A person at a browser: cookies, forms, and another try where a page did not come."""

    def __init__(self, service):
        self.service = service
        self.cookies = http.cookiejar.CookieJar()
        cookies = urllib.request.HTTPCookieProcessor(self.cookies)
        self._opener = urllib.request.build_opener(_From(), cookies)

    def open(self, path, data=None, headers=None):
        """Return the status, the address where it led, and the page.

        Raises:
            OSError, HTTPException: no answer came.
        """
        address = f"http://127.0.0.1:{self.service.port}{path}"
        request = urllib.request.Request(address, data, headers or {})
        try:
            with self._opener.open(request, timeout=60) as answer:
                return answer.status, urllib.parse.urlsplit(answer.url).path, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, path, error.read().decode(errors="replace")

    def page(self, path):
        """Return a page, asked for until it comes."""

        def asked():
            try:
                status, _path, page = self.open(path)
            except _AWAY:
                return None
            return page if status == 200 else None

        return wait_for(asked, f"the page {path}")

    def post(self, path, fields, *, on):
        """Send the form of the page `on` once; where no sound answer came, return None."""
        try:
            status, _path, page = self.open(on)
            if status != 200:
                return None
            data = urllib.parse.urlencode({**fields, "csrfmiddlewaretoken": token_of(page)})
            status, led, _page = self.open(path, data.encode())
        except _AWAY:
            return None
        return led if status == 200 else None

    def sign_in(self, email, password):
        """Sign in, with as many tries as it takes."""
        page = "/account/login/"
        fields = {"login": email, "password": password}
        wait_for(lambda: self.post(page, fields, on=page) not in (None, page), f"{email} to be signed in")

    def bring(self, tenant, content):
        """Bring a file of appeals until it is there, and take it in until it is taken in."""
        place = wait_for(lambda: self._brought(tenant, content), "a file to be brought")
        wait_for(lambda: "confirm/" in self.page(place), "the file to be looked through")
        wait_for(lambda: self.post(f"{place}confirm/", {}, on=place), "the file to be confirmed")
        wait_for(lambda: "Taken in" in self._going_on(place), "the file to be taken in")

    def _going_on(self, place):
        page = self.page(place)
        assert "It ended with" not in page
        return page

    def _brought(self, tenant, content):
        try:
            status, _path, page = self.open("/files/")
            if status != 200:
                return None
            body, kind = _form(token_of(page), tenant, content)
            status, led, _page = self.open("/files/bring/", body, {"Content-Type": kind})
        except _AWAY:
            return None
        return led if status == 200 and led.startswith("/files/") else None


def token_of(page):
    """Return the token of the first form of a page."""
    found = _HIDDEN.search(page)
    assert found, page[:500]
    return found[1]


def write(service, slug, rows, acknowledged):
    """Write each row as a citizen does by the form, sending the same form until a number is shown."""
    for row in rows:
        number = _write(Browser(service), f"/en/write/{slug}/", row["text"], acknowledged)
        acknowledged.note([row], [{"number": number}])


def _write(browser, path, text, acknowledged):
    mark = html.unescape(_MARK.search(browser.page(path))[1])
    opened = time.monotonic()
    data = urllib.parse.urlencode({"text": text, "mark": mark, "answered": "unknown"}).encode()
    # Nobody reads a form and writes in less than two seconds: the service takes such for a program.
    wait_for(lambda: time.monotonic() - opened > 2.1, "a citizen to have written")
    return wait_for(lambda: _shown(browser, path, data, acknowledged), "a number to be shown", pause=0.5)


def _shown(browser, path, data, acknowledged):
    try:
        status, led, page = browser.open(path, data)
    except _AWAY:
        acknowledged.note_repeat()
        return None
    if status in _COME_BACK:
        acknowledged.note_repeat()
        return None
    assert status == 200, page
    found = _NUMBER.search(led) or _NUMBER.search(page)
    return found and found[1]


def _form(token, tenant, content):
    line = uuid.uuid4().hex
    fields = [("csrfmiddlewaretoken", token), ("tenant", tenant)]
    parts = [
        f'--{line}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields
    ]
    head = f'--{line}\r\nContent-Disposition: form-data; name="file"; filename="appeals.jsonl"\r\n\r\n'
    body = "".join([*parts, head]).encode() + content + f"\r\n--{line}--\r\n".encode()
    return body, f"multipart/form-data; boundary={line}"
