"""What people write about themselves stays in the vault.

Appeals with planted personal data come in by all ways, with errors of every kind on the way. Then all that
the service wrote is searched: logs, figures, error pages, jobs, the ledger, every table and every file. What
was planted is found nowhere; a word of a text is found where masked texts are kept, and nowhere else.
"""

import json
import os
import re
import signal
import socket
import urllib.parse

import pytest
from psycopg import sql
from tests.acceptance.running import LIMIT, running, veche, wait_for
from tests.acceptance.senders import Acknowledged, Browser, token_of, write

from veche.service.inbox.numbers import shown

TOWN, PASSWORD = "town", "a long one for the test"

#: Everything planted that names a person holds this word, or is a telephone number that begins like this.
NAMES = "planted"
PHONE = r"999\D{0,3}555\D{0,3}12"
#: A word of a text that names nobody: it may stand in the masked text.
WORD = "плантослов"
#: Where masked texts are kept and quoted, and where themes are named with their words (decision 18).
TEXTS = {"inbox_appealtext", "themes_quotation", "themes_theme"}

_TABLES = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'm')
"""
#: The authority's programs cannot store: what the database says of it names a person.
_BREAK = f"""
CREATE FUNCTION break_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'cannot store' USING DETAIL = '{NAMES}-detail', HINT = '{NAMES}-hint';
END $$;
CREATE TRIGGER break_it AFTER INSERT ON vault_sealed EXECUTE FUNCTION break_it();
"""
ADMINISTRATOR = f"administrator@{TOWN}.example"
_ADMINISTRATOR = f"""
from django.utils import timezone
from veche.service.accounts.models import Role, Tenant, User
if not User.objects.filter(email={ADMINISTRATOR!r}).exists():
    user = User.objects.create_user({ADMINISTRATOR!r}, "Olga", {PASSWORD!r})
    tenant = Tenant.objects.get(slug={TOWN!r})
    Role.objects.create(tenant=tenant, user=user, role="administrator", valid_from=timezone.now())
"""
_FOUND = "SELECT count(*) FROM themes_work WHERE state = 'done' AND themes > 0"
#: Themes that have to be described anew, and texts that the memory has to forget.
_TO_FOLLOW = """
SELECT (SELECT count(*) FROM themes_theme WHERE renew AND into_id IS NULL AND gone_at IS NULL)
     + (SELECT count(*) FROM themes_forgotten)
"""
_MEND = "DROP TRIGGER break_it ON vault_sealed; DROP FUNCTION break_it()"


def spellings(word):
    """Return how a word may stand in a file or a row: as it is, in JSON, in an address, in hexadecimal."""
    ways = (word, json.dumps(word)[1:-1], urllib.parse.quote(word), word.encode().hex())
    return "|".join(re.escape(way) for way in dict.fromkeys(ways))


PLANTED = f"{spellings(NAMES)}|{PHONE}"
ANYTHING = f"{PLANTED}|{spellings(WORD)}"


def appeal(n):
    """Return an appeal in which everything that may name a person does."""
    who = f"{NAMES}-{n}"
    email, phone = f"{who}@{NAMES}.example", f"999 555-12-{n % 90 + 10}"
    return {
        "id": f"{who}-id",
        "text": f"Во дворе темно, {WORD}{n}! Звоните +7 {phone}, почта {email}.",
        "contacts": [email, f"8 {phone}"],
        "author": f"{who} author",
        "address": f"{who} street",
        "occupation": f"{who} job",
        "territory": f"{who} place",
        "thread": f"{who} thread",
        "extra": {f"{who} name": f"{who} value"},
    }


class Town:
    """One authority, and those who ask it."""

    def __init__(self, service):
        self.service = service
        opened = service.open_authorities(((TOWN, "municipality", "ru"),), PASSWORD)
        self.token = opened[TOWN]["token"]
        self.answers = []

    def post(self, body, **headers):
        """Send something to the API and keep the answer."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"} | headers
        content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        return self.ask("POST", "/api/v1/appeals", content, headers)

    def ask(self, method, path, body=None, headers=None):
        """Ask anything and keep the answer."""
        answer = self.service.ask(method, path, body, headers)
        self.answers.append(answer)
        return answer[0]


@pytest.fixture(scope="module", params=["some", pytest.param("many", marks=pytest.mark.soak)])
def town(request):
    """An authority after appeals and errors of every kind."""
    with running() as service:
        town = Town(service)
        many = request.param == "many"
        _hand_in(town, 10_000 if many else 300)
        _write_by_form(town)
        _bring_a_file(town)
        _break_requests(town)
        _break_the_database(town)
        _set_one_aside(town)
        wait_for(lambda: service.rows("SELECT count(*) FROM inbox_pending") == [(0,)], "all to be understood")
        if many:
            wait_for(lambda: service.rows(_FOUND) == [(1,)], "themes to be found", limit=LIMIT)
        _wait_for_themes(service)
        yield town


def _wait_for_themes(service):
    """Wait until what a search lays out for itself, and follows from it, is gone."""
    themes = service.home.path / "themes"
    wait_for(
        lambda: (
            service.rows(_TO_FOLLOW) == [(0,)] and not [*themes.glob("*/work"), *themes.glob("*/renewed")]
        ),
        "themes to be at rest",
        limit=LIMIT,
    )


def _hand_in(town, n):
    for start in range(0, n, 100):
        assert (
            town.post([appeal(i) for i in range(start, start + 100)], **{"Idempotency-Key": str(start)})
            == 201
        )
    assert town.post(appeal(n)) == 201
    # Again, and the same id with another text.
    assert town.post(appeal(n)) == 200
    assert town.post(appeal(n) | {"text": f"{NAMES} {WORD}"}) == 422


def _write_by_form(town):
    write(town.service, TOWN, [{"id": "form", "text": appeal(20_000)["text"]}], Acknowledged())
    browser = Browser(town.service)
    fields = {"text": "", "name": f"{NAMES} name", "contact": f"{NAMES} is no contact", "mark": NAMES}
    status, _path, page = browser.open(f"/en/write/{TOWN}/", urllib.parse.urlencode(fields).encode())
    # The form goes back as it was typed, to the one who typed it.
    assert status == 422
    assert NAMES in page


def _bring_a_file(town):
    rows = [{key: value for key, value in appeal(30_000 + n).items() if key != "extra"} for n in range(60)]
    rows[3]["text"] = ""
    rows[5]["received_at"] = f"{NAMES} day"
    rows[7] |= {"age": f"{NAMES} age", "sex": f"{NAMES} sex"}
    content = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()
    browser = Browser(town.service)
    browser.sign_in(f"editor@{TOWN}.example", PASSWORD)
    browser.bring(TOWN, content)
    browser.page(f"/appeals/?q={NAMES}+{urllib.parse.quote(WORD)}")
    status, _path, page = browser.open(f"/files/{NAMES}/")
    assert status == 404
    town.answers.append((status, page.encode()))


def _break_requests(town):
    who = f"{NAMES} {WORD}"
    for body in (
        f'{{"text": "{who}'.encode(),
        {"text": who, "no_such_field": who},
        {"text": 1, "author": [who]},
        {"text": who, "received_at": who, "age": who, "sex": who, "lat": who},
        {"text": f"{who} \x00"},
        {"text": who, "answers": f"{NAMES}-1"},
        [{"text": who}, {"text": " ", "author": who}],
    ):
        assert town.post(body) in (400, 422), body
    assert town.post({"text": who}, **{"Content-Type": f"text/{NAMES}"}) == 415
    assert town.post({"text": who}, Authorization=f"Bearer {NAMES}") == 401
    assert town.post({"text": who}, **{"Idempotency-Key": f"{NAMES}" * 100}) == 400
    for path in (f"/api/v1/{NAMES}", f"/api/v1/appeals/{NAMES}", f"/{NAMES}?q={NAMES}"):
        assert town.ask("GET", path, headers={"Authorization": f"Bearer {town.token}"}) == 404, path
    # A page with links to itself in other languages.
    assert town.service.get(f"/track/{NAMES}/1/")[0] == 404
    assert town.ask("GET", "/healthz", headers={"Host": f"{NAMES}.example"}) == 400
    _break_http(town)
    fields = {"login": f"{NAMES}@{NAMES}.example", "password": NAMES}
    browser = Browser(town.service)
    token = token_of(browser.page("/account/login/"))
    data = urllib.parse.urlencode({**fields, "csrfmiddlewaretoken": token}).encode()
    browser.open("/account/login/", data)
    assert browser.open("/account/login/", urllib.parse.urlencode(fields).encode())[0] == 403


def _break_http(town):
    for sent in (
        f"{NAMES} / HTTP/1.1\r\n\r\n",
        f"GET /?{NAMES} HTTP/9.9\r\n\r\n",
        f"GET / HTTP/1.1\r\n{NAMES}\r\n\r\n",
        f"GET /{NAMES * 2000} HTTP/1.1\r\nHost: localhost\r\n\r\n",
        f"GET / HTTP/1.1\r\nHost: localhost\r\nX: {NAMES * 20_000}\r\n\r\n",
        f"POST /api/v1/appeals HTTP/1.1\r\nHost: localhost\r\nContent-Length: {NAMES}\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", town.service.port), timeout=30) as connection:
            connection.sendall(sent.encode())
            connection.shutdown(socket.SHUT_WR)
            answer = b"".join(iter(lambda c=connection: _received(c), b""))
        assert re.match(rb"HTTP/1.. 4\d\d", answer), sent[:60]


def _received(connection):
    try:
        return connection.recv(65536)
    except ConnectionResetError:
        return b""


def _break_the_database(town):
    with town.service.database("postgres") as connection:
        connection.execute(_BREAK)
    assert town.post(appeal(40_000)) == 500
    assert town.post([appeal(40_001), appeal(40_002)]) == 500
    with town.service.database("postgres") as connection:
        connection.execute(_MEND)


def _set_one_aside(town):
    """Let the sealed original of one be damaged before it is understood."""
    worker = town.service.pid("worker-1")
    os.kill(worker, signal.SIGSTOP)
    try:
        assert town.post(appeal(50_000)) == 201
        with town.service.database("postgres") as connection:
            connection.execute(
                "UPDATE vault_sealed SET ciphertext = set_byte(ciphertext, 0, get_byte(ciphertext, 0) # 1)"
                " WHERE appeal_id = (SELECT id FROM inbox_appeal ORDER BY number DESC LIMIT 1)"
            )
    finally:
        os.kill(worker, signal.SIGCONT)
    aside = "SELECT count(*) FROM inbox_appeal WHERE state = 'aside'"
    wait_for(lambda: town.service.rows(aside) == [(1,)], "one to be set aside", limit=LIMIT)


def test_nothing_is_in_a_file(town):
    files = _files(town.service)
    assert {path.name for path in files} >= {"web.log", "postgres.log", "jobs.log", "worker-1.log"}
    assert _holding(files, ANYTHING) == []


def _files(service):
    """Return all that the service wrote but the files of the database."""
    home = service.home
    written = [p for p in home.path.rglob("*") if p.is_file() and home.postgres not in p.parents]
    return [service.said, *written]


def _holding(files, looked_for):
    pattern = re.compile(looked_for.encode(), re.IGNORECASE)
    return [str(path) for path in files if pattern.search(path.read_bytes())]


def test_nothing_is_in_a_table_but_masked_words_where_texts_are_kept(town):
    with town.service.database("postgres") as connection:
        tables = _tables(connection)
        assert {"procrastinate_jobs", "inbox_idempotencykey", "inbox_worker", "vault_sealed"} <= tables
        holding = {t: _lines(connection, t, PLANTED if t in TEXTS else ANYTHING) for t in sorted(tables)}
    assert {table: lines for table, lines in holding.items() if lines} == {}


def _tables(connection):
    return {row[0] for row in connection.execute(_TABLES)}


def _lines(connection, table, looked_for):
    """Return what is looked for as it stands in a table, three times at most."""
    shown = sql.SQL("SELECT DISTINCT substring(t::text FROM %s) FROM {} AS t WHERE t::text ~* %s LIMIT 3")
    around = f"(?i)(.{{0,60}}(?:{looked_for}))"
    rows = connection.execute(shown.format(sql.Identifier(table)), [around, looked_for])
    return [row[0] for row in rows]


def test_masked_words_are_where_they_may_be(town):
    rows = town.service.rows("SELECT count(*) FROM inbox_appealtext WHERE text LIKE %s", f"%{WORD}%")
    assert rows[0][0] >= 300


def test_no_answer_quotes_what_was_sent(town):
    quoting = [(status, body[:300]) for status, body in town.answers if re.search(ANYTHING.encode(), body)]
    assert {status for status, _ in town.answers} >= {201, 400, 401, 404, 415, 422, 500}
    assert quoting == []


def test_the_figures_name_nobody(town):
    status, figures = town.service.get("/metrics")
    assert status == 200
    assert b"veche_requests_total" in figures
    assert not re.search(ANYTHING.encode(), figures, re.IGNORECASE)


def test_the_ledger_names_nobody(town, tmp_path):
    for slug in (TOWN, "platform"):
        file = tmp_path / slug
        done = veche("ledger", "export", "--data", town.service.home.path, "--tenant", slug, "--out", file)
        assert done.returncode == 0, done.stderr
        assert not re.search(ANYTHING, file.read_text(), re.IGNORECASE)


def test_of_whoever_is_erased_no_word_is_left(town, tmp_path):
    service = town.service
    words = [_erased(service, number, text, tmp_path) for number, text in _quoted(service)]
    assert len(words) == 3
    _wait_for_themes(service)
    looked_for = "|".join(f"(?:{spellings(word)})(?![0-9])" for word in words)
    with service.database("postgres") as connection:
        holding = {table: _lines(connection, table, looked_for) for table in sorted(_tables(connection))}
    assert {table: lines for table, lines in holding.items() if lines} == {}
    assert _holding(_files(service), looked_for) == []


def _quoted(service):
    """Return numbers and masked texts of three appeals; where there are themes, of some that they quote."""
    return service.rows(
        "SELECT a.number, t.text FROM inbox_appeal a JOIN inbox_appealtext t ON t.appeal_id = a.id"
        " WHERE t.text ~ %s ORDER BY EXISTS (SELECT FROM themes_quotation q WHERE q.appeal_id = a.id) DESC,"
        " a.number LIMIT 3",
        f"{WORD}[0-9]",
    )


def _erased(service, number, text, folder):
    """Erase who wrote an appeal; return the word that nobody else wrote."""
    service.manage(_ADMINISTRATOR)
    call = ("vault", "erase", shown(number), "--by", ADMINISTRATOR, "--reason", "Statement 17", "--yes")
    done = veche(*call, "--data", service.home.path, "--out", folder)
    assert done.returncode == 0, done.stderr
    assert not re.search(ANYTHING, done.stdout + done.stderr, re.IGNORECASE)
    return re.search(rf"{WORD}[0-9]+", text)[0]
