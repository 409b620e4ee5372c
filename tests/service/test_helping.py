"""Help beside each page, in the reader's language, and the tour that is offered once."""

import re
from pathlib import Path

import pytest

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
