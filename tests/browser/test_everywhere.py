"""Every page for every role, in Russian and English, light and dark, wide and narrow, by keyboard.

axe-core finds nothing; nothing scrolls sideways on a telephone; nothing speaks English in Russian.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from tests.browser.looking import CONTROLS, HANDLED, LATIN, SHIFTED, WIDE, axe, axe_in_both_themes, complaint
from tests.service.conftest import rows, rows_of_a_module  # noqa: F401 - rows are gone after the module
from tests.service.everywhere import a_region, pages

from veche.packs import load_pack
from veche.packs.sample.generate import generate

KEEP_ROWS = True

ROLES = ("editor", "analyst", "official", "controller", "administrator", "auditor")

#: Pages that have to be among those that are found.
_EXPECTED = {
    "editor": {"desk", "appeals", "appeal", "themes", "board", "operator", "aside", "imports", "me", "help"},
    "analyst": {"appeals", "appeal", "themes", "board", "me"},
    "official": {"desk", "appeals", "appeal", "board", "me"},
    "controller": {"desk", "appeals", "people_of", "aside", "board", "me"},
    "administrator": {"people_of", "channels_of", "imports", "aside", "board", "me"},
    "auditor": {"appeals", "people_of", "aside", "board", "me"},
}


@pytest.fixture(scope="module")
def world(urls: Any, installed: None) -> SimpleNamespace:  # noqa: ARG001
    """A region with people in every role, sample appeals that were understood, and what was made of them."""
    texts = (
        next(generate(load_pack("ru"), n=150, seed=7, start=date(2026, 11, 2))).appeals["text"].to_pylist()
    )
    return a_region(
        urls, [{"text": text, "contacts": (f"{i}@people.example",)} for i, text in enumerate(texts)]
    )


def signed_in(world: SimpleNamespace, role: str) -> Any:
    """A client of Django in which somebody of a role is signed in."""
    from django.test import Client

    client = Client()
    client.force_login(world.people[role])
    return client


@contextmanager
def reader(
    chromium: Browser, site: str, world: SimpleNamespace, role: str, lang: str, *, refused: bool = False
) -> Iterator[Page]:
    """A wide window of somebody of a role, or of a stranger; whatever goes wrong in it fails the test.

    The browser complains of each page that refuses something; `refused` says that some are to.
    """
    cookies = {"django_language": lang}
    if role in world.people:
        cookies["sessionid"] = signed_in(world, role).cookies["sessionid"].value
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, color_scheme="light")
    context.add_cookies([{"name": name, "value": value, "url": site} for name, value in cookies.items()])
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda m: complaints.extend(filter(None, [complaint(m)])))
    page.on(
        "request", lambda r: None if r.url.startswith((site, "data:", "blob:")) else complaints.append(r.url)
    )
    yield page
    context.close()
    assert [c for c in complaints if not (refused and c.startswith(_REFUSED))] == []


#: What the browser says of a page that came with 404 or 422.
_REFUSED = "Failed to load resource"
#: Main parts of pages that were looked at, by language: what two roles see alike is looked at once.
_seen: set[tuple[str, str]] = set()
_CHANGING = re.compile(r'(csrfmiddlewaretoken|mark|X-CSRFToken)[^>]*|data-draft-key="[^"]*"')


def _is_new(page: Page, lang: str) -> bool:
    main = _CHANGING.sub("", page.locator("main").inner_html())
    if (lang, main) in _seen:
        return False
    _seen.add((lang, main))
    return True


@pytest.mark.parametrize("lang", ["ru", "en"])
@pytest.mark.parametrize("role", ROLES)
def test_a_page_is_sound_for_everybody(
    chromium: Browser, site: str, world: SimpleNamespace, role: str, lang: str
) -> None:
    found = pages(signed_in(world, role), world)
    assert set(found) >= _EXPECTED[role]
    problems: list[str] = []
    with reader(chromium, site, world, role, lang) as page:
        for name, address in found.items():
            page.set_viewport_size({"width": 1440, "height": 900})
            page.goto(site + address)
            if not _is_new(page, lang):
                continue
            problems += [f"{name} {address}: {problem}" for problem in _problems(page, lang)]
    assert problems == []


def _problems(page: Page, lang: str) -> Iterator[str]:
    yield from axe_in_both_themes(page)
    if page.locator("html").get_attribute("lang") != lang:
        yield "speaks another language"
    if page.locator("h1").count() != 1:
        yield f"has {page.locator('h1').count()} headings of the first level"
    shifted, what = page.evaluate(SHIFTED)
    if shifted > _MOST_SHIFTED:
        yield f"moved by itself: {shifted}, {what}"
    if lang == "ru":
        yield from (f"is not translated: {text!r}" for text in page.evaluate(LATIN) if _english(text))
    # 640 pixels are what is left of 1280 at a zoom of 200 %.
    for width in (768, 640, 390):
        page.set_viewport_size({"width": width, "height": 800})
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            yield f"{width} px: is {wide} px wide, by {page.evaluate(WIDE, width)}"


#: What is answered, by who asks: the address, and the form that is sent there or what else is done.
_ANSWERS: dict[str, dict[str, tuple[str, str | Callable[[Page], None]]]] = {
    "editor": {
        "many": ("/appeals/", lambda page: _choose_some(page)),
        "preview": ("/appeals/", lambda page: _preview_some(page)),
        "original": ("{appeal}", lambda page: _ask_for_the_original(page, "A complaint about the answer")),
        "no reason": ("{appeal}", lambda page: _ask_for_the_original(page, "")),
        "no call": ("/operator/", lambda page: _end_the_call(page)),
        "no file": ("/files/", "form[action='/files/bring/']"),
        "no day": ("/appeals/?since=yesterday", ""),
        "no such topic": ("/desk/?topic=0", ""),
        "no page": ("/appeals/1-1/", ""),
    },
    "analyst": {
        "no note": ("/board/annotations/", "form[action$='/add/']"),
        "no reader": ("/board/mailings/", "form[action='/board/mailings/region/']"),
        "no period": ("/board/?since=2026-02-30", ""),
        "no sides": ("/board/compare/?since=2026-02-30", ""),
    },
    "administrator": {
        "nobody": ("/people/region/", "form[action$='/grant/']"),
        "no channel": ("/channels/region/", "form[action$='/open/']"),
        "no password": ("/account/password/", "main form"),
    },
    "stranger": {
        "no login": ("/account/login/", "main form"),
        "nowhere": ("/no/such/page/", ""),
    },
}


@pytest.mark.parametrize("lang", ["ru", "en"])
@pytest.mark.parametrize("role", _ANSWERS)
def test_what_answers_a_form_or_a_mistake_is_as_sound(
    chromium: Browser, site: str, world: SimpleNamespace, role: str, lang: str
) -> None:
    problems: list[str] = []
    with reader(chromium, site, world, role, lang, refused=True) as page:
        for name, (address, asked) in _ANSWERS[role].items():
            page.set_viewport_size({"width": 1440, "height": 900})
            page.goto(site + address.format(appeal=f"/appeals/{world.things['number']}/"))
            if callable(asked):
                asked(page)
            elif asked:
                _send(page, asked)
            problems += [f"{name} {page.url}: {problem}" for problem in _problems(page, lang)]
    assert problems == []


def _send(page: Page, form: str) -> None:
    """Send a form as it stands, also where the browser would ask for more."""
    with page.expect_navigation():
        page.locator(form).first.evaluate("form => { form.noValidate = true; form.requestSubmit(); }")


def _end_the_call(page: Page) -> None:
    page.locator("#call").evaluate("form => form.requestSubmit()")
    page.locator("#call [aria-invalid=true]").first.wait_for()


def _choose_some(page: Page) -> None:
    for box in page.locator("#chosen input[name=ids]").all()[:3]:
        box.check()
    with page.expect_navigation():
        page.keyboard.press("b")


def _preview_some(page: Page) -> None:
    _choose_some(page)
    page.locator("#value").evaluate("list => { list.value = list.options[1].value; }")
    with page.expect_navigation():
        page.keyboard.press("p")
    page.locator("#would").wait_for()


def _ask_for_the_original(page: Page, reason: str) -> None:
    page.locator("#id_reason").fill(reason)
    _send(page, "form[action$='/original/']")
    assert page.locator(".letter").count() == 1


@pytest.mark.parametrize("role", ["editor", "administrator"])
def test_every_control_is_reached_by_keyboard(
    chromium: Browser, site: str, world: SimpleNamespace, role: str
) -> None:
    with reader(chromium, site, world, role, "en") as page:
        for name, address in pages(signed_in(world, role), world).items():
            page.goto(site + address)
            wanted = set(page.evaluate(CONTROLS))
            page.evaluate("document.activeElement?.blur()")
            reached = set()
            for _ in range(len(wanted) + 20):
                page.keyboard.press("Tab")
                reached.add(page.evaluate("document.activeElement?.dataset.control ?? ''"))
                if wanted <= reached:
                    break
            left = [
                page.locator(f"[data-control='{n}']").evaluate("e => e.outerHTML") for n in wanted - reached
            ]
            assert left == [], name
            assert page.evaluate(HANDLED) == [], name


def test_keys_work_while_nobody_types_under_any_layout_and_can_be_switched_off(
    chromium: Browser, site: str, world: SimpleNamespace
) -> None:
    with reader(chromium, site, world, "editor", "en") as page:
        page.goto(f"{site}/appeals/")
        page.keyboard.press("?")
        assert page.locator("#keys").is_visible()
        assert "Operator" in page.locator("#keys").inner_text()
        page.keyboard.press("Escape")
        # The letters g and f as a Russian layout sends them.
        for code, key in (("KeyG", "п"), ("KeyF", "а")):
            page.evaluate(_PRESSED, [code, key])
        page.wait_for_url("**/files/")
        page.goto(f"{site}/operator/")
        page.locator("#id_text").focus()
        page.keyboard.type("gf")
        assert page.url.endswith("/operator/")
        page.evaluate("document.getElementById('show-keys').click()")
        page.get_by_role("button", name="Switch single keys off").click()
        page.wait_for_load_state()
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("g")
        page.keyboard.press("f")
        assert page.url.endswith("/operator/")
        page.keyboard.press("F8")
        assert page.evaluate("document.activeElement.id") == "id_contact"


def test_help_opens_beside_the_page_and_goes_again(
    chromium: Browser, site: str, world: SimpleNamespace
) -> None:
    with reader(chromium, site, world, "editor", "ru") as page:
        page.goto(f"{site}/appeals/")
        page.keyboard.press("F1")
        page.wait_for_selector("#help")
        assert page.locator("#help h1").inner_text() == "Обращения"
        assert page.evaluate("document.activeElement.id") == "help"
        assert list(axe(page)) == []
        page.keyboard.press("Escape")
        assert page.locator("#help").count() == 0
        assert page.evaluate("document.activeElement.id") == "show-help"


def test_the_tour_is_taken_by_keyboard_and_not_offered_again(
    chromium: Browser, site: str, world: SimpleNamespace
) -> None:
    with reader(chromium, site, world, "controller", "ru") as page:
        page.goto(f"{site}/appeals/")
        page.locator("#start-tour").click()
        steps = 0
        # At its end it is told to the server that it was seen.
        with page.expect_response(lambda answer: answer.request.method == "POST"):
            while page.locator("#tour-step").is_visible():
                assert list(axe(page)) == []
                page.keyboard.press("ArrowRight")
                steps += 1
        assert 4 <= steps <= 6
        page.goto(f"{site}/appeals/")
        assert page.locator("#tour").count() == 0


def test_colours_change_at_once_and_the_next_page_has_them_from_the_start(
    chromium: Browser, site: str, world: SimpleNamespace
) -> None:
    with reader(chromium, site, world, "editor", "en") as page:
        page.goto(f"{site}/appeals/")
        with page.expect_response("**/look/"):
            page.get_by_role("button", name="Dark", exact=True).click()
        assert page.evaluate(_PAGE_COLOUR) == "#16181b"
        page.goto(f"{site}/appeals/")
        assert page.evaluate(_PAGE_COLOUR) == "#16181b"
        with page.expect_response("**/look/"):
            page.get_by_role("button", name="Light", exact=True).click()
        page.emulate_media(color_scheme="dark")
        assert page.evaluate(_PAGE_COLOUR) == "#f6f6f4"


#: Movement that nobody sees (Layout Instability API).
_MOST_SHIFTED = 0.01
_PAGE_COLOUR = "getComputedStyle(document.documentElement).getPropertyValue('--page').trim()"

_PRESSED = """([code, key]) =>
  document.body.dispatchEvent(new KeyboardEvent("keydown", { code, key, bubbles: true }))"""

#: Names that are the same in Russian; a language is called as those who speak it call it.
_NAMES = re.compile(
    r"\b(?:Veche|CSV|csv|Excel|XLSX|PDF|PNG|SVG|JSON|Parquet|API|SMTP|Open311|Telegram|WhatsApp|MAX"
    r"|OpenID Connect|OpenStreetMap|ODbL|English|Ctrl|Enter|Alt|Shift|Esc|HeadlessChrome|Mozilla[^А-я]*)\b"
)
#: Codes, addresses and numbers.
_CODES = re.compile(r"«[^»]*»|\S*[@/._\d@-]\S*")


def _english(text: str) -> bool:
    return bool(re.search(r"[A-Za-z]{3,}", _CODES.sub("", _NAMES.sub("", text))))
