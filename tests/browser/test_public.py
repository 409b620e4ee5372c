"""The pages of citizens in a real browser: on a telephone, by keyboard, without JavaScript."""

import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.looking import CONTRAST, SHIFTED, axe_in_both_themes
from tests.service.conftest import rows, rows_of_a_module  # noqa: F401 - rows are gone after the module

KEEP_ROWS = True

#: Names its place and its time, so that nothing is asked; and one that does not.
CLEAR = "В Новосибирске на улице Лесной, 5 со вчерашнего дня нет горячей воды."
UNCLEAR = "На улице Лесной огромная яма, машины ломаются."


@pytest.fixture(scope="module")
def site(site: str, urls: Any) -> str:
    """The address of the service with one region that takes appeals by form."""
    from tests.service.conftest import connected

    from veche.service.accounts.models import Tenant
    from veche.service.inbox.models import Channel

    with connected(urls.owner):
        region = Tenant.objects.create(
            slug="region", name="Новосибирская область", level="region", pack="ru", territory="ru-54"
        )
        Channel.objects.create(tenant=region, code="form", title="Form")
    return site


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser that is driven types faster than a person."""
    from veche.service.public import filled, sources

    monkeypatch.setattr(filled, "LEAST_SECONDS", 0.0)
    monkeypatch.setitem(sources.ALLOWANCES, "send", (6000.0, 6000.0))


@pytest.fixture
def phone(chromium: Browser, unhurried: None) -> Iterator[Page]:  # noqa: ARG001
    """An old telephone: narrow, without JavaScript."""
    context = chromium.new_context(viewport={"width": 390, "height": 700}, java_script_enabled=False)
    yield context.new_page()
    context.close()


def send(page: Page, site: str, text: str, lang: str = "en") -> None:
    page.goto(f"{site}/{lang}/write/region/")
    page.locator("#id_text").fill(text)
    page.locator("main button.first").click()


def pages(page: Page, site: str, lang: str) -> Iterator[str]:
    """Lead a page through all that a citizen sees, and say where it is once all of it is there."""
    for name in _way(page, site, lang):
        page.wait_for_load_state()
        yield name


def _way(page: Page, site: str, lang: str) -> Iterator[str]:
    page.goto(f"{site}/{lang}/write/")
    yield "choose"
    page.goto(f"{site}/{lang}/write/nobody/")
    yield "closed"
    page.goto(f"{site}/{lang}/write/region/")
    yield "form"
    page.locator("#id_contact").fill("none")
    page.locator("#id_age").evaluate("e => { e.closest('details').open = true; e.value = 'old'; }")
    page.locator("main button.first").click()
    yield "errors"
    send(page, site, UNCLEAR, lang)
    yield "question"
    send(page, site, "В квартире сильно пахнет газом, ребёнку плохо!", lang)
    yield "danger"
    page.locator("main a.button").last.click()
    yield "sent"
    page.locator("main a.button.first").click()
    yield "follow"
    page.locator("a[href$='/withdraw/']").click()
    yield "withdraw"
    page.goto(f"{site}/{lang}/track/1-8/none/")
    yield "find"


def test_a_citizen_writes_and_follows_on_a_telephone_without_javascript(phone: Page, site: str) -> None:
    send(phone, site, UNCLEAR)
    assert "Which town or village is it in?" in phone.locator("label[for=id_where]").inner_text()
    phone.locator("#id_where").fill("Бердск")
    phone.get_by_role("button", name="Send", exact=True).click()
    expect(phone).to_have_title(re.compile("Your appeal was taken"))
    number = phone.locator(".given").inner_text()
    assert number in phone.locator("#copy").input_value()
    phone.get_by_role("link", name="To your appeal").click()
    phone.locator("#id_text").fill("Яма стала больше.")
    phone.get_by_role("button", name="Add", exact=True).click()
    expect(phone.get_by_text("What you added was taken.")).to_be_visible()
    phone.get_by_role("link", name="Withdraw this appeal").click()
    phone.get_by_role("button", name="Yes, withdraw it").click()
    expect(phone.get_by_text("You withdrew this appeal")).to_be_visible()


def test_an_error_leads_to_its_field_by_keyboard_alone(
    chromium: Browser,
    site: str,
    unhurried: None,  # noqa: ARG001
) -> None:
    page = chromium.new_page()
    page.goto(f"{site}/en/write/region/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.locator("#id_contact").fill("none")
    page.keyboard.press("Enter")
    page.wait_for_selector("#problem")
    assert page.title().startswith("Error:")
    page.locator(".problem a").first.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "id_text"
    page.keyboard.type(CLEAR)
    for _ in range(30):
        if page.evaluate("document.activeElement.id") == "id_contact":
            break
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.value") == "none"
    page.keyboard.press("Control+A")
    page.keyboard.type("anna@example.org")
    page.keyboard.press("Enter")
    page.wait_for_selector(".given")
    page.close()


def test_no_key_leads_into_the_field_for_robots(chromium: Browser, site: str) -> None:
    page = chromium.new_page()
    page.goto(f"{site}/en/write/region/")
    reached = set()
    for _ in range(25):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id"))
    assert "id_text" in reached
    assert "id_website" not in reached
    assert not page.locator("#id_website").is_visible() or page.locator("#id_website").bounding_box()["x"] < 0  # type: ignore[index]
    page.close()


@pytest.mark.parametrize("lang", ["en", "ru"])
@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (320, "dark"), (768, "light"), (1440, "dark")])
def test_every_page_fits_can_be_read_keeps_its_policy_and_stands_still(
    chromium: Browser,
    site: str,
    unhurried: None,  # noqa: ARG001
    lang: str,
    width: int,
    scheme: Any,
) -> None:
    page = chromium.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    seen = SimpleNamespace(complaints=[], others=[])
    page.on(
        "console",
        lambda m: seen.complaints.append(m.text) if "Failed to load resource" not in m.text else None,
    )
    page.on("request", lambda r: None if r.url.startswith((site, "data:")) else seen.others.append(r.url))
    for name in pages(page, site, lang):
        assert page.locator("html").evaluate("html => html.scrollWidth") <= width, name
        assert page.evaluate(CONTRAST) == [], name
        assert page.evaluate(SHIFTED) == [0, ""], name
        assert page.evaluate(_NAMELESS) == [], name
        assert page.locator("h1").count() == 1, name
        assert page.locator("html").get_attribute("lang") == lang
    assert seen.complaints == []
    assert seen.others == []
    page.close()


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_axe_finds_nothing_on_any_page_in_either_theme(
    chromium: Browser,
    site: str,
    unhurried: None,  # noqa: ARG001
    lang: str,
) -> None:
    page = chromium.new_page(viewport={"width": 390, "height": 800})
    found = [f"{name}: {problem}" for name in pages(page, site, lang) for problem in axe_in_both_themes(page)]
    assert found == []
    page.close()


def test_at_twice_the_size_of_text_nothing_is_cut_off(chromium: Browser, site: str, unhurried: None) -> None:  # noqa: ARG001
    page = chromium.new_page(viewport={"width": 640, "height": 400}, device_scale_factor=2)
    for name in pages(page, site, "ru"):
        page.locator("html").evaluate("html => html.style.fontSize = '200%'")
        assert page.locator("html").evaluate("html => html.scrollWidth") <= 640, name
    page.close()


#: Fields that can be seen and have no label.
_NAMELESS = """() => [...document.querySelectorAll("input, textarea, select")]
  .filter((e) => e.type !== "hidden" && e.checkVisibility() && !(e.labels && e.labels.length))
  .map((e) => e.name || e.id)"""
