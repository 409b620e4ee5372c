"""Every page for every role, in Russian and English, light and dark, wide and narrow, by keyboard.

axe-core finds nothing; nothing scrolls sideways on a telephone; nothing speaks English in Russian.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from tests.browser.looking import CONTROLS, HANDLED, LATIN, SHIFTED, WIDE, complaint
from tests.browser.serving import served
from tests.service.conftest import rows, rows_of_a_module  # noqa: F401 - rows are gone after the module
from tests.service.everywhere import a_region, pages

from veche.packs import load_pack
from veche.packs.sample.generate import generate

KEEP_ROWS = True

_AXE = (Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js").read_text()
#: WCAG 2.2 A and AA, and what axe holds to be good practice.
_RULES = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
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
    start = date.today() - timedelta(days=7)
    texts = next(generate(load_pack("ru"), n=150, seed=7, start=start)).appeals["text"].to_pylist()
    return a_region(
        urls, [{"text": text, "contacts": (f"{i}@people.example",)} for i, text in enumerate(texts)]
    )


@pytest.fixture(scope="module")
def site(world: SimpleNamespace) -> Iterator[str]:  # noqa: ARG001
    """The address of the running service."""
    with served() as address:
        yield address


def signed_in(world: SimpleNamespace, role: str) -> Any:
    """A client of Django in which somebody of a role is signed in."""
    from django.test import Client

    client = Client()
    client.force_login(world.people[role])
    return client


@contextmanager
def reader(chromium: Browser, site: str, world: SimpleNamespace, role: str, lang: str) -> Iterator[Page]:
    """A wide window of somebody of a role; whatever goes wrong in it fails the test."""
    cookies = {"sessionid": signed_in(world, role).cookies["sessionid"].value, "django_language": lang}
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
    assert complaints == []


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
    yield from _axe(page, _RULES)
    page.emulate_media(color_scheme="dark")
    yield from (f"dark: {problem}" for problem in _axe(page, {"runOnly": ["color-contrast"]}))
    page.emulate_media(color_scheme="light")
    if page.locator("html").get_attribute("lang") != lang:
        yield "speaks another language"
    if page.locator("h1").count() != 1:
        yield f"has {page.locator('h1').count()} headings of the first level"
    shifted = page.evaluate(SHIFTED)
    if shifted > _MOST_SHIFTED:
        yield f"moved by itself: {shifted}"
    if lang == "ru":
        yield from (f"is not translated: {text!r}" for text in page.evaluate(LATIN) if _english(text))
    # 640 pixels are what is left of 1280 at a zoom of 200 %.
    for width in (768, 640, 390):
        page.set_viewport_size({"width": width, "height": 800})
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            yield f"{width} px: is {wide} px wide, by {page.evaluate(WIDE, width)}"


def _axe(page: Page, rules: dict[str, Any]) -> Iterator[str]:
    page.evaluate(_AXE)
    for found in page.evaluate("rules => axe.run(document, rules)", rules)["violations"]:
        for node in found["nodes"][:3]:
            yield f"{found['id']}: {node['html'][:160]} {node['failureSummary'][:200]!r}"


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
        assert list(_axe(page, _RULES)) == []
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
        while page.locator("#tour-step").is_visible():
            assert list(_axe(page, _RULES)) == []
            page.keyboard.press("ArrowRight")
            steps += 1
        assert 4 <= steps <= 6
        page.wait_for_load_state("networkidle")
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
    r"|OpenID Connect|English|Ctrl|Enter|Alt|Shift|Esc|HeadlessChrome|Mozilla[^А-я]*)\b"
)
#: Codes, addresses and numbers.
_CODES = re.compile(r"«[^»]*»|\S*[@/._\d@-]\S*")


def _english(text: str) -> bool:
    return bool(re.search(r"[A-Za-z]{3,}", _CODES.sub("", _NAMES.sub("", text))))
