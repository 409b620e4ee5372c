"""Help beside each page, in the reader's language, and the tour that is offered once."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.service import everywhere

#: Help itself, and pages of signing in, which nobody who is signed in is led to.
_WITHOUT_HELP = {
    "help",
    "account_reset_password",
    "account_inactive",
    "socialaccount_login_cancelled",
    "socialaccount_login_error",
}

HELP = Path(__file__).parents[2] / "docs" / "help"


@pytest.fixture
def browser(cast):
    from django.test import Client

    client = Client()
    client.force_login(cast.people.editor)
    return client


def test_every_page_of_help_is_there_in_both_languages(installed):  # noqa: ARG001
    from veche.service.helping import PAGES

    assert {path.stem for path in HELP.glob("*.md")} == set(PAGES.values())
    assert {path.stem for path in (HELP / "ru").glob("*.md")} == set(PAGES.values())


@pytest.mark.parametrize("name", ["editor", "analyst", "controller", "administrator"])
def test_every_page_that_a_role_opens_has_its_help(browser, cast, name):
    from django.urls import resolve

    from veche.service.helping import PAGES

    browser.force_login(getattr(cast.people, name))
    world = SimpleNamespace(things={"slug": "region"}, by_name={"help": {"page": "desk"}})
    pages = everywhere.pages(browser, world)
    rooms = re.findall(r'<a href="([^"]+)" data-key="g ', browser.get(pages["me"]).content.decode())
    assert rooms
    opened = {resolve(room).url_name for room in rooms}
    assert opened <= set(PAGES)
    content = {page: browser.get(address).content.decode() for page, address in pages.items()}
    bare = {
        page
        for page, shown in content.items()
        if 'class="rooms"' in shown and f'id="show-help" href="/help/{PAGES.get(page)}/"' not in shown
    }
    assert bare <= _WITHOUT_HELP
    assert "wall" in pages
    assert browser.get(f"/help/{PAGES['wall']}/").status_code == 200


def test_help_speaks_the_readers_language_and_leads_to_its_neighbours(browser):
    english = browser.get("/help/desk/").content.decode()
    assert "<h1>The desk</h1>" in english
    assert 'href="/help/checks/"' in english
    browser.cookies["django_language"] = "ru"
    russian = browser.get("/help/desk/").content.decode()
    assert "<h1>Рабочий стол</h1>" in russian
    assert not re.search(r"href=\"[^\"]*\.md\"", russian)


def test_help_asked_for_by_a_script_is_a_part_of_a_page(browser):
    part = browser.get("/help/operator/", headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith("<aside")
    assert "<table>" in part
    assert "<html" not in part


@pytest.mark.parametrize("page", ["none", "conf", "index"])
def test_what_is_no_page_of_help_is_not_there(browser, page):
    assert browser.get(f"/help/{page}/").status_code == 404


def test_html_in_a_page_of_help_is_shown_and_not_done(installed):  # noqa: ARG001
    from veche.service.helping import _html

    assert "<script>" not in _html("# Hello <script>alert(1)</script>\n\n<img src=x onerror=alert(1)>")
    assert "javascript:" not in _html("[a](javascript:alert(1))").replace("(javascript:", "")


def test_the_tour_is_offered_until_it_was_seen_or_declined(browser, cast):
    from veche.service.accounts.models import User

    assert 'id="tour"' in browser.get("/appeals/").content.decode()
    assert 'id="tour"' not in browser.get("/account/").content.decode()
    assert browser.post("/tour/", {"next": "/appeals/"}).url == "/appeals/"
    assert User.objects.get(pk=cast.people.editor.pk).toured
    assert 'id="tour"' not in browser.get("/appeals/").content.decode()
    assert 'id="tour"' in browser.get("/account/?tour").content.decode()
