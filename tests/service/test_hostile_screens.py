"""Whatever people write, packs are titled with or files are called, no page does it: it is shown."""

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
from tests.service.everywhere import a_region, pages

KEEP_ROWS = True
PACKS = Path(__file__).parents[2] / "packs"

#: Each tries another way into a page: an element, an attribute of either quote, a script, a template.
PAYLOADS = (
    "<script>broken()</script>",
    '"><img src=x onerror=broken()>',
    "' onfocus='broken()' autofocus='",
    "</script><svg onload=broken()>",
    "</textarea></title></template><iframe srcdoc='<script>broken()</script>'>",
    "javascript:broken()",
    "{{ 7|add:7 }} {% debug %} ${broken()}",
)
XSS = " ".join(PAYLOADS)
_TITLE = re.compile(r'^(title\.en = )"([^"\n]*)"$', re.MULTILINE)
HOSTILE = (
    *PAYLOADS,
    "\u202e\u2066שלום\u2069 مرحبا\u202c pothole on the street",
    "w" * 10_000,
    "ы" * 10_000 + " pothole",
    '=HYPERLINK("http://elsewhere.example";"Click") pothole',
    "a" + "\u0301" * 500 + " pothole",
)


class Looked(HTMLParser):
    """Collects what a browser would do with a page, beside what the page means to do."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.bad = []
        self.inside = ""
        self.text = []

    def handle_starttag(self, tag, attrs):
        self.inside = tag
        facts = dict(attrs)
        if tag in ("iframe", "object", "embed", "base", "img") and facts.get("class") != "qr":
            self.bad.append((tag, attrs))
        if tag == "script" and not (facts.get("src") or "").startswith("/static/"):
            self.bad.append((tag, attrs))
        for name, value in attrs:
            leads = (value or "").strip().lower().startswith(("javascript:", "data:text", "vbscript:"))
            if name.startswith("on") or (name in ("href", "src", "action", "formaction") and leads):
                self.bad.append((tag, name, value))
            if name in ("style", "srcdoc") or (
                name == "autofocus" and tag not in ("textarea", "input", "button")
            ):
                self.bad.append((tag, name, value))

    def handle_endtag(self, tag):
        if tag == self.inside:
            self.inside = ""

    def handle_data(self, data):
        if self.inside == "script" and data.strip():
            self.bad.append(("script", data[:80]))
        self.text.append(data)


@pytest.fixture(scope="module")
def pack(tmp_path_factory):
    """A pack whose titles are hostile."""
    folder = tmp_path_factory.mktemp("packs") / "hostile"
    shutil.copytree(PACKS / "boston", folder)
    folder.parent.chmod(0o755)
    said = XSS.replace("'", "’")
    for name in ("topics", "bodies.toml", "groups.toml", "kinds.toml"):
        files = (folder / name).glob("*.toml") if (folder / name).is_dir() else [folder / name]
        for path in files:
            text = path.read_text()
            path.write_text(_TITLE.sub(lambda found: f"{found[1]}'''{said} {found[2]}'''", text))
    return folder


@pytest.fixture(scope="module")
def world(urls, installed, pack):  # noqa: ARG001
    """A region of that pack, with hostile messages, people, channels and files."""
    from tests.service.conftest import connected

    messages = [
        {"text": f"Huge pothole on the street, my tire is flat. {text}", **_around(i)}
        for i, text in enumerate(HOSTILE)
    ]
    made = a_region(urls, [*messages, *messages[:1]], pack=str(pack), territory="")
    with connected(urls.owner):
        for user in made.people.values():
            user.name = XSS[:200]
            user.save()
        made.region.name = XSS[:200]
        made.region.save()
        for channel in made.channels.values():
            channel.title = XSS[:200]
            channel.save()
    return made


def _around(number):
    return {
        "contacts": (f"{number}@people.example", PAYLOADS[0]),
        "author": XSS,
        "address": XSS,
        "occupation": PAYLOADS[1],
        "declared_language": "en",
        "declared_territory": PAYLOADS[0],
        "foreign_id": f"{PAYLOADS[0]} {number}",
        "kept": {PAYLOADS[0]: PAYLOADS[1]},
    }


@pytest.fixture
def enter(world):
    """Return a browser in which somebody of a role is signed in."""
    from django.test import Client

    def client(role):
        browser = Client()
        browser.force_login(world.people[role])
        return browser

    return client


def looked_at(answer):
    looked = Looked()
    looked.feed(answer.content.decode())
    return looked


@pytest.mark.parametrize("role", ["editor", "analyst", "administrator", "auditor"])
def test_no_page_does_what_was_written(enter, world, role):
    browser = enter(role)
    found = pages(browser, world)
    assert len(found) > 5
    wrong = {}
    for name, address in found.items():
        looked = looked_at(browser.get(address))
        if looked.bad:
            wrong[name] = looked.bad[:3]
    assert wrong == {}


def test_every_appeal_is_shown_as_it_was_written(enter, world):
    from veche.service.accounts.acting import working
    from veche.service.inbox import numbers
    from veche.service.inbox.models import Appeal, State

    browser = enter("editor")
    with working(world.region.pk):
        kept = list(Appeal.objects.exclude(state=State.ASIDE).values_list("number", flat=True))
    assert len(kept) >= len(HOSTILE)
    for number in kept:
        answer = browser.get(f"/appeals/{numbers.shown(number)}/")
        assert answer.status_code == 200
        looked = looked_at(answer)
        assert looked.bad == []
        assert "pothole" in "".join(looked.text)


@pytest.mark.parametrize("payload", HOSTILE)
def test_what_is_asked_for_in_an_address_is_not_done(enter, payload):
    browser = enter("editor")
    keys = ("q", "topic", "territory", "since", "tenant", "taken", "tour", "by")
    for address in ("/appeals/", "/board/", "/desk/", "/board/compare/", "/themes/", "/operator/"):
        answer = browser.get(address, dict.fromkeys(keys, payload[:500]))
        assert answer.status_code < 500, address
        if answer.get("Content-Type", "").startswith("text/html") and answer.status_code == 200:
            assert looked_at(answer).bad == [], address


def test_an_original_and_the_names_of_its_files_are_shown_and_not_done(enter, world):
    from veche.core.ids import uuid7
    from veche.service.accounts.acting import working
    from veche.service.inbox import numbers
    from veche.service.inbox.incoming import AttachedFile, Incoming
    from veche.service.inbox.take import take

    name = f"{PAYLOADS[1]}{PAYLOADS[0]}.txt"
    file = AttachedFile(uuid7(), name, "text/plain", "txt", b"<script>broken()</script>")
    with working(world.region.pk):
        [taken] = take(
            world.region.pk,
            world.channels["form"].pk,
            [Incoming(text=XSS, author=XSS, contacts=(PAYLOADS[1],), address=XSS, attachments=[file])],
            actor="process:test",
        )
    browser = enter("editor")
    number = numbers.shown(taken.number)
    assert looked_at(browser.get(f"/appeals/{number}/")).bad == []
    answer = browser.post(f"/appeals/{number}/original/", {"reason": f"A reason {XSS}"[:300]})
    assert answer.status_code == 200
    looked = looked_at(answer)
    assert looked.bad == []
    assert name in "".join(looked.text)
    served = browser.get(f"/appeals/{number}/files/{file.id}/")
    if served.status_code == 200:
        assert not served["Content-Type"].startswith("text/html")
        assert served["X-Content-Type-Options"] == "nosniff"


def test_what_an_operator_types_comes_back_as_it_was(enter, world):  # noqa: ARG001
    browser = enter("editor")
    answer = browser.post("/operator/", {"tenant": "region", "text": "", "name": XSS[:200], "address": XSS})
    assert answer.status_code == 422
    assert looked_at(answer).bad == []
    answer = browser.post("/operator/glance/", {"tenant": "region", "text": XSS, "contact": XSS})
    assert looked_at(answer).bad == []
