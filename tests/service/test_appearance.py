"""How pages look to one person: kept, drawn by the server, and of no use to anybody else."""

import pytest


@pytest.fixture
def browser(cast):
    from django.test import Client

    client = Client()
    client.force_login(cast.people.editor)
    return client


def test_what_a_person_chose_is_drawn_by_the_server(browser):
    page = browser.get("/account/").content.decode()
    assert 'data-theme="system"' in page
    assert 'media="(prefers-color-scheme: dark)"' in page
    assert browser.post("/look/", {"theme": "dark", "next": "/account/?a=1"}).url == "/account/?a=1"
    browser.post("/look/", {"density": "dense", "keys": "off"})
    page = browser.get("/account/").content.decode()
    assert 'data-theme="dark" data-density="dense" data-keys="off"' in page
    assert 'id="dark" media="all"' in page


@pytest.mark.parametrize("kept", ["", "...", "dark", "x.y.z", '"><script>.dense.on', "dark.dense.off.more"])
def test_a_cookie_of_any_kind_gives_a_sound_page(browser, kept):
    browser.cookies["veche_look"] = kept
    page = browser.get("/account/")
    assert page.status_code == 200
    assert b"<script>." not in page.content


@pytest.mark.parametrize(
    "to", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", ""]
)
def test_nobody_is_led_elsewhere(browser, to):
    assert browser.post("/look/", {"theme": "light", "next": to}).url == "/"


def test_a_language_is_chosen_and_the_address_stays(browser):
    page = browser.get("/account/?since=2026-11-01").content.decode()
    assert 'name="next" value="/account/?since=2026-11-01"' in page
    answer = browser.post("/language/", {"language": "ru", "next": "/account/?since=2026-11-01"})
    assert answer.url == "/account/?since=2026-11-01"
    assert '<html lang="ru"' in browser.get("/account/").content.decode()


def test_the_menu_shows_the_rooms_and_the_authority_of_a_person(browser):
    page = browser.get("/account/").content.decode()
    assert 'href="/appeals/" data-key="g a"' in page
    assert 'href="/operator/" data-key="g o"' in page
    assert 'href="/people/"' not in page
    assert 'title="Region"' in page
