"""A day at an authority: its service, what came in and what is true of it, its people at their browsers.

The authority decides with a model of its own history.
"""

import time
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from tests.acceptance.running import running, veche, wait_for
from tests.acceptance.senders import Acknowledged, send

from veche.packs import load_pack
from veche.packs.sample.generate import generate
from veche.packs.text import in_language
from veche.service.inbox.numbers import shown


class Size(NamedTuple):
    """How much comes in on a day: appeals, decisions that editors make about them, appeals that the authority
    decided on earlier, the share of findings that is right in the end."""

    appeals: int
    decisions: int
    history: int
    right: float


SHORT, WHOLE = Size(600, 60, 1_500, 0.87), Size(2_000, 200, 6_000, 0.95)
PASSWORD = "a long one for the day"
PEOPLE = {"anna": "editor", "boris": "editor", "vera": "analyst", "igor": "auditor"}
#: The columns of an appeal that the sample's truth speaks of.
FACETS = {"topic": "topic", "body": "body", "kind": "kind", "urgency": "urgency", "place": "territory"}

_PEOPLE = """
from django.utils import timezone
from veche.service.accounts.models import Role, Tenant, User
tenant = Tenant.objects.get(slug="region")
for name, role in {people!r}.items():
    email = f"{{name}}@region.example"
    user = User.objects.create_user(email, name.capitalize(), {password!r}, language="en")
    Role.objects.create(tenant=tenant, user=user, role=role, valid_from=timezone.now())
"""
_DEAL = """
from veche.service.desk.dealing import deal_all
from veche.service.accounts.models import Tenant
deal_all(Tenant.objects.get(slug="region").pk)
"""


class Day:
    """The service, the truth of each appeal by its number, and a page for each person by name."""

    def __init__(self, service, size, token):
        self.service, self.size = service, size
        self.at = f"http://127.0.0.1:{service.port}"
        self.truth = {}
        self.pages = {}
        self._token = token

    def send(self, rows, *, size=500):
        """Hand appeals in; return the number of each by its id."""
        acknowledged = Acknowledged()
        send(self.service, self._token, rows, acknowledged, size=size)
        return acknowledged.numbers

    def rows(self, statement, *values):
        """Return the rows of a query."""
        return self.service.rows(statement, *values)

    def one(self, statement, *values):
        """Return the only value of the only row of a query."""
        [(value,)] = self.rows(statement, *values)
        return value

    def deal(self):
        """Let what waits lie on cards now."""
        self.service.manage(_DEAL)

    def right(self):
        """Return how many findings in force are right, and how many the truth speaks of."""
        columns = ", ".join(f"split_part({column}, '/', -1)" for column in FACETS.values())
        right = known = 0
        for number, *said in self.rows(f"SELECT number, {columns} FROM inbox_appeal"):
            true = self.truth.get(shown(number))
            for facet, value in zip(FACETS, said, strict=True) if true else ():
                allowed = true["topics"] or [""] if facet == "topic" else [true[facet]]
                if allowed != [None]:
                    known += 1
                    right += value in [one or "" for one in allowed]
        return right, known

    def wanted(self, card):
        """Return the topic that most of a card's appeals have; each of an appeal's topics is right."""
        found = self.rows(
            "SELECT a.number FROM desk_member m JOIN inbox_appeal a ON a.id = m.appeal_id"
            " WHERE m.card_id = %s AND m.answer IS NULL ORDER BY m.likeness DESC",
            card,
        )
        true = [self.truth.get(shown(number)) for (number,) in found]
        votes = Counter(topic for one in true if one for topic in one["topics"] or [])
        return votes.most_common(1)[0][0] if votes else ""


@contextmanager
def a_day(chromium, size, folder):
    """Start the service, let sample appeals be understood and dealt, and open a browser for each person."""
    with running() as service:
        token = service.open_authorities((("region", "region", "ru-54"),), PASSWORD)["region"]["token"]
        service.manage(_PEOPLE.format(people=PEOPLE, password=PASSWORD))
        _learn(service, folder, size.history)
        day = Day(service, size, token)
        rows, told = _sample(size.appeals)
        numbers = day.send(rows)
        day.truth = {numbers[row["id"]]: true for row, true in zip(rows, told, strict=True)}
        understood = "SELECT count(*) FROM inbox_appeal WHERE state = 'understood'"
        wait_for(lambda: day.one(understood) >= len(rows), "all to be understood", limit=900)
        day.deal()
        day.pages = {name: _signed_in(chromium, day.at, name) for name in PEOPLE}
        yield day
        for page in day.pages.values():
            page.context.close()


def letter(id, text, *, territory=None, days_ago=0):
    """Return an appeal as a row of a sample."""
    nothing = dict.fromkeys(("lat", "lon", "age", "sex", "occupation", "author"))
    at = datetime.now(UTC) - timedelta(days=days_ago)
    return nothing | {"id": id, "text": text, "territory": territory, "received_at": at}


def title_of(topic):
    """Return what a topic is called."""
    return in_language(load_pack("ru").topics[topic].title, "en")


def until(condition, *, limit):
    """Wait until a condition holds; tell whether it came to hold. A page is looked at from outside."""
    end = time.monotonic() + limit
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def _learn(service, folder, n):
    """Let the authority decide with what it decided earlier."""
    history, model = folder / "history.csv", folder / "history.model"
    for call in (
        ("sample", "--pack", "ru", "--n", n, "--seed", 8, "--decided", "--out", history),
        ("train", history, "--label", "topic=topic", "--label", "kind=kind", "--out", model),
        ("models", "use", model, "--data", service.home.path, "--tenant", "region"),
    ):
        done = veche(*call)
        assert done.returncode == 0, done.stderr


def _sample(n):
    start = date.today() - timedelta(days=28)
    blocks = list(generate(load_pack("ru"), n=n, seed=21, start=start))
    rows = [row for block in blocks for row in block.appeals.to_pylist()]
    return rows, [row for block in blocks for row in block.truth.to_pylist()]


def _signed_in(chromium, at, name):
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    page = context.new_page()
    page.goto(f"{at}/")
    page.locator("input[name=login]").fill(f"{name}@region.example")
    page.locator("input[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/account/" not in url)
    return page
