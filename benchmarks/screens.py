"""Measures the screens of a service with very many appeals: how soon pages come, and how heavy they are.

    .venv/bin/python benchmarks/screens.py

Starts `veche up` in a folder of its own, fills it (`screens_data`), signs an editor in, and asks for each
page many times over loopback, one request after another, workers and jobs standing still.
`VECHE_BENCH_APPEALS` is how many appeals there are, `VECHE_BENCH_SAMPLE` how many of them are understood by
the service itself.
"""

import contextlib
import gzip
import http.client
import json
import os
import random
import re
import signal
import statistics
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from measure import print_table, write_results
from psycopg.conninfo import conninfo_to_dict
from screens_data import hand_in, multiply

from service import VECHE, Service, service

APPEALS = int(os.environ.get("VECHE_BENCH_APPEALS", 1_000_000))
SAMPLE = int(os.environ.get("VECHE_BENCH_SAMPLE", min(20_000, APPEALS // 10)))
#: Requests of each page; the first of all is told apart: a process reads its cube then.
REQUESTS = int(os.environ.get("VECHE_BENCH_REQUESTS", 60))

#: Milliseconds that 95 of 100 answers must stay below.
LIMITS = {
    "queue": 300,
    "appeal": 300,
    "board": 300,
    "board filtered": 1000,
    "list": 300,
    "search by words": 500,
    "search by meaning": 800,
}
#: Kilobytes, compressed, of a page and all it loads: without charts, with charts.
_LIGHT, _HEAVY = 150, 700
#: Seconds until the next card, after ten thousand appeals were decided at once or that was taken back.
_GROUP_SECONDS = 2

_WORDS = (
    *("фонарь", "горячая вода", "пенсия", "дорога ямы"),
    *("больница очередь", "мусор", "школа", "автобус"),
)
_WEIGHED = ("/desk/", "/appeals/", "/board/", "/board/wall/")

_SIGN_IN = """
from datetime import UTC, datetime
from django.test import Client
from veche.service.accounts.models import Role, Tenant, User
tenant = Tenant.objects.get(slug='bench')
user = User.objects.create_user('editor@veche.example', 'Editor')
Role.objects.create(tenant=tenant, user=user, role='editor', valid_from=datetime(2020, 1, 1, tzinfo=UTC))
client = Client()
client.force_login(user)
print('SESSION', client.cookies['sessionid'].value)
"""
#: How often the large card is answered, and that taken back.
TURNS = 5
#: A card with every tenth of the last hundred thousand appeals: what many wrote about alike for ten weeks.
_CARD = """
import json
from veche.service.accounts.acting import working
from veche.service.accounts.models import Tenant
from veche.service.desk.acts import recount
from veche.service.desk.models import Card, Kind, Member
from veche.service.inbox.models import Appeal
tenant = Tenant.objects.get(slug='bench')
with working(tenant.pk):
    taken = set(Member.objects.filter(answer=None).values_list('appeal', flat=True))
    found = Appeal.objects.filter(state='understood').order_by('-number').values_list('pk', flat=True)
    appeals = [pk for pk in found[:100_000 + len(taken)] if pk not in taken][:100_000][::10]
    values = list(Appeal.objects.exclude(topic='').values_list('topic', flat=True).distinct()[:2])
    card = Card(tenant=tenant, facet='topic', kind=Kind.LIKENESS, proposal=values[0], size=len(appeals))
    card.save()
    same = {'card': card, 'tenant': tenant, 'facet': 'topic'}
    Member.objects.bulk_create(Member(appeal_id=pk, **same) for pk in appeals)
    recount([card.pk])
print('CARD', json.dumps({'card': str(card.pk), 'members': len(appeals), 'value': values[1]}))
"""


class Browser:
    """A signed-in person on one connection."""

    def __init__(self, running: Service, session: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=120)
        self._session = f"sessionid={session}"
        self._headers = {"Cookie": self._session, "Accept-Encoding": "gzip", "Host": "localhost"}

    def get(self, address: str) -> tuple[int, float, bytes, bool]:
        """Return the status, the milliseconds until all was there, the body as sent, whether it is packed."""
        began = time.perf_counter()
        self._connection.request("GET", address, headers=self._headers)
        answer = self._connection.getresponse()
        body = answer.read()
        packed = answer.getheader("Content-Encoding") == "gzip"
        for set_cookie in answer.headers.get_all("Set-Cookie", []):
            if set_cookie.startswith("csrftoken="):
                self._headers["Cookie"] = f"{self._session}; {set_cookie.partition(';')[0]}"
        return answer.status, (time.perf_counter() - began) * 1000, body, packed

    def rest(self) -> None:
        """Let the connection go, as the server does after a while; the next request takes another."""
        self._connection.close()

    def page(self, address: str) -> str:
        """Return the text of a page."""
        _status, _took, body, packed = self.get(address)
        return (gzip.decompress(body) if packed else body).decode()

    def send(self, page: str, action: str, **fields: str) -> tuple[float, str]:
        """Send a form of a page; return the seconds until the page that follows is there, and its text."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token
        body = urlencode({"csrfmiddlewaretoken": token[1], **fields})
        headers = self._headers | {"Content-Type": "application/x-www-form-urlencoded"}
        began = time.perf_counter()
        self._connection.request("POST", action, body, headers)
        answer = self._connection.getresponse()
        answer.read()
        assert answer.status == 302, answer.status
        following = self.page(str(answer.getheader("Location")))
        return time.perf_counter() - began, following


def main() -> None:
    """Fill a service, measure its screens, print and write the figures."""
    with service() as running:
        superuser = _superuser(running.folder)
        session = _said(running, _SIGN_IN, "SESSION")
        filled = {"appeals": APPEALS, "sample": SAMPLE, "understood s": round(hand_in(running, SAMPLE))}
        with _alone(running):
            filled["multiplied s"] = round(multiply(superuser, APPEALS))
            print(filled, flush=True)
            browser = Browser(running, session)
            first = browser.get("/board/")[1]
            rows = [_measured(browser, name, addresses) for name, addresses in _pages(running).items()]
            print_table(rows)
            weights = [_weight(browser, address) for address in _WEIGHED]
            group = _group(running, browser)
            memory = _memory(running)
    print_table(weights)
    print_table([group])
    print(f"first page of a process: {first:.0f} ms; a web process takes {memory:.0f} MiB")
    figures = filled | {"first page ms": round(first), "web MiB": round(memory)}
    write_results("screens", figures | {"pages": rows, "weights": weights, "group": group})


def _pages(running: Service) -> dict[str, list[str]]:
    """Return the addresses of each kind of page, a list of them to ask for in turn."""
    drawn = random.Random(5)
    numbers = [_number(running, drawn) for _ in range(REQUESTS)]
    topics = _column(running, "SELECT DISTINCT topic FROM inbox_appeal WHERE topic <> '' ORDER BY 1")
    places = _column(running, "SELECT DISTINCT territory FROM inbox_appeal WHERE territory <> '' ORDER BY 1")
    asked = [quote(drawn.choice(_WORDS)) for _ in range(REQUESTS)]
    return {
        "board": ["/board/"] * REQUESTS,
        "board filtered": [f"/board/?{_filters(drawn, topics, places)}" for _ in range(REQUESTS)],
        "board data": ["/board/data.json"] * REQUESTS,
        "compare": ["/board/compare/"] * max(REQUESTS // 4, 3),
        "list": [f"/appeals/?{_filters(drawn, topics, places)}" for _ in range(REQUESTS)],
        "appeal": [f"/appeals/{number}/" for number in numbers],
        "queue": ["/desk/"] * REQUESTS,
        "search by words": [f"/appeals/?q={words}" for words in asked],
        "search by meaning": [f"/appeals/?q={words}&by=meaning" for words in asked],
        "export csv": ["/board/export.csv"] * 3,
        "export xlsx": ["/board/export.xlsx"] * 3,
        "export pdf": ["/board/export.pdf"] * 3,
        "list as csv": ["/board/export.csv?of=appeals"],
    }


def _filters(drawn: random.Random, topics: Sequence[str], places: Sequence[str]) -> str:
    chosen: dict[str, Any] = {
        "topic": drawn.sample(topics, drawn.randint(1, 3)),
        "territory": drawn.choice(places).rsplit("/", 1)[-1],
        "language": drawn.choice(["ru", "tt"]),
        "kind": ["complaint", "request"],
        "urgency": drawn.choice(["life", "none"]),
        "since": f"2026-0{drawn.randint(1, 9)}-01",
        "sure": drawn.choice(["low", "middle", "high"]),
    }
    kept = drawn.sample(list(chosen), drawn.randint(1, 4))
    return urlencode({key: chosen[key] for key in kept}, doseq=True)


def _measured(browser: Browser, name: str, addresses: Sequence[str]) -> dict[str, Any]:
    browser.rest()
    times, wrong = [], 0
    for address in addresses:
        status, took, _body, _packed = browser.get(address)
        times.append(took)
        wrong += status != 200
    times.sort()
    at = {percent: times[min(len(times) * percent // 100, len(times) - 1)] for percent in (50, 95)}
    row: dict[str, Any] = {
        "page": name,
        "requests": len(times),
        "p50 ms": round(at[50]),
        "p95 ms": round(at[95]),
    }
    limit = LIMITS.get(name)
    return row | {"most ms": round(times[-1]), "not 200": wrong, "holds": limit is None or at[95] < limit}


def _group(running: Service, browser: Browser) -> dict[str, Any]:
    """Answer a large card and take that back, as a person does; return the seconds until the next page."""
    made = json.loads(_said(running, _CARD, "CARD"))
    browser.rest()
    decided, undone = [], []
    for _ in range(TURNS):
        address = f"/desk/{made['card']}/"
        page = browser.page(address)
        version = re.search(r'name="version" value="(\d+)"', page)
        assert version
        took, page = browser.send(page, f"{address}decide/", version=version[1], value=made["value"])
        decided.append(took)
        undo = re.search(r'action="(/desk/decisions/[^"]+/undo/)', page)
        assert undo
        undone.append(browser.send(page, undo[1])[0])
    return {
        "members": made["members"],
        "decided p50 s": round(statistics.median(decided), 2),
        "decided most s": round(max(decided), 2),
        "undone p50 s": round(statistics.median(undone), 2),
        "undone most s": round(max(undone), 2),
        "holds": max(*decided, *undone) < _GROUP_SECONDS,
    }


def _weight(browser: Browser, address: str) -> dict[str, Any]:
    """Return the compressed kilobytes of a page, and of all scripts and styles that it loads."""
    _, _, body, packed = browser.get(address)
    page = gzip.decompress(body) if packed else body
    parts = set(re.findall(r'(?:src|href)="(/static/[^"]+\.(?:js|css|svg))"', page.decode()))
    own = len(body) if packed else len(gzip.compress(page, 6))
    loaded = {part: len(_packed(*browser.get(part)[2:])) for part in parts}
    charts = sum(size for part, size in loaded.items() if "echarts" in part or "leaflet" in part)
    light = own + sum(loaded.values()) - charts
    holds = light < _LIGHT * 1024 and light + charts < _HEAVY * 1024
    return {
        "page": address,
        "html KB": round(own / 1024, 1),
        "without charts KB": round(light / 1024, 1),
        "with KB": round((light + charts) / 1024, 1),
        "holds": holds,
    }


def _packed(body: bytes, packed: bool) -> bytes:
    return body if packed else gzip.compress(body, 6)


def _number(running: Service, drawn: random.Random) -> str:
    from veche.service.inbox.numbers import shown

    least, most = running.ask("SELECT min(number), max(number) FROM inbox_appeal")
    found = running.ask(
        "SELECT number FROM inbox_appeal WHERE number >= %s ORDER BY number LIMIT 1",
        drawn.randint(least, most),
    )
    return shown(found[0])


def _column(running: Service, query: str) -> list[str]:
    return running.ask(f"SELECT array_agg(x) FROM ({query}) AS q (x)")[0]


def _said(running: Service, code: str, word: str) -> str:
    """Run Python inside the service's own settings, as the owner of the tables; return what it said."""
    manage = [str(VECHE), "manage", "--data", str(running.folder), "shell", "-v0", "-c", code]
    done = subprocess.run(manage, check=False, capture_output=True, text=True)
    said = [line.removeprefix(word + " ") for line in done.stdout.splitlines() if line.startswith(word + " ")]
    if not said:
        raise SystemExit(done.stdout + done.stderr)
    return said[-1]


def _superuser(folder: Path) -> str:
    from veche.service.ground.keys import passwords
    from veche.service.ground.opened import open_existing

    ground = open_existing(folder)
    assert ground.cluster is not None
    name = conninfo_to_dict(ground.prepare_database().owner)["dbname"]
    return ground.cluster.url("postgres", passwords(ground.home)["postgres"], str(name))


@contextlib.contextmanager
def _alone(running: Service) -> Iterator[None]:
    """Let workers and jobs stand still meanwhile."""
    children = json.loads((running.folder / "run" / "state.json").read_text())["children"]
    still = [c["pid"] for c in children if c["name"].startswith(("worker", "jobs"))]
    for pid in still:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in still:
            os.kill(pid, signal.SIGCONT)


def _memory(running: Service) -> float:
    """Return the resident memory of the largest web process in MiB."""
    import psutil

    children = json.loads((running.folder / "run" / "state.json").read_text())["children"]
    [web] = [psutil.Process(c["pid"]) for c in children if c["name"] == "web"]
    return max(p.memory_info().rss for p in (web, *web.children(recursive=True))) / 2**20


if __name__ == "__main__":
    main()
