"""Themes in a real browser: found with progress, signed off by keys, split by example, read on a phone."""

import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.desk_world import window
from tests.browser.looking import CONTRAST
from tests.conftest import connected, make_cast
from tests.service.conftest import rows_of_a_module  # noqa: F401 - the module leaves nothing behind
from tests.service.themes.conftest import find, hand_in, samples, understand

KEEP_ROWS = True

THEME = re.compile("/themes/[0-9a-f-]{36}/")


@pytest.fixture(scope="module")
def town(urls: Any, installed: None) -> SimpleNamespace:  # noqa: ARG001
    """A region with sample appeals in which themes were found."""
    with connected(urls.owner):
        cast = make_cast()
    hand_in(cast.tenants.region, cast.channels.region, samples(300))
    understand(urls)
    find(urls, cast.tenants.region)
    return SimpleNamespace(**vars(cast), region=cast.tenants.region, urls=urls)


@pytest.fixture
def editor(chromium: Browser, site: str, town: SimpleNamespace) -> Iterator[Page]:
    """The list of themes as an editor sees it."""
    with window(chromium, site, town.people.editor) as page:
        page.goto(f"{site}/themes/?tenant=region")
        yield page


def to_first(page: Page) -> str:
    """Open the first theme of the list; return its name."""
    link = page.locator("table.themes tbody th a").first
    name = link.inner_text()
    link.click()
    expect(page.locator("h1")).to_have_text(name)
    return name


def test_a_theme_is_signed_named_and_taken_back_by_keys_alone(editor: Page) -> None:
    name = to_first(editor)
    editor.keyboard.press("y")
    expect(editor.locator(".messages")).to_contain_text("The theme is signed off.")
    expect(editor.locator(".states .state.good")).to_have_text("Signed off")
    editor.keyboard.press("r")
    expect(editor.locator("#name")).to_be_focused()
    editor.keyboard.type("Дороги и дворы")
    editor.keyboard.press("Enter")
    expect(editor.locator("h1")).to_have_text("Дороги и дворы")
    editor.keyboard.press("u")
    expect(editor.locator("h1")).to_have_text(name)
    editor.keyboard.press("u")
    expect(editor.locator(".states")).to_contain_text("Found by the machine")
    editor.keyboard.press("l")
    expect(editor.locator("h1")).to_have_text("Themes")


def test_an_appeal_that_is_picked_leaves_with_what_is_like_it_and_comes_back(editor: Page) -> None:
    to_first(editor)
    shown = editor.locator(".split .picked")
    expect(shown).to_have_text("(nothing picked)")
    rows = editor.locator("table.members tbody tr")
    rows.nth(0).locator("[name=belong]").check()
    rows.nth(1).locator("[name=stay]").check()
    rows.nth(0).locator("[name=stay]").check()
    expect(rows.nth(0).locator("[name=belong]")).not_to_be_checked()
    rows.nth(0).locator("[name=belong]").check()
    expect(shown).to_have_text("(1)")
    editor.locator("#part-name").fill("Только это")
    editor.locator("h1").click()
    editor.keyboard.press("x")
    expect(editor.locator(".messages")).to_contain_text("own now")
    editor.locator(".acts a", has_text="Только это").click()
    expect(editor.locator("h1")).to_have_text("Только это")
    editor.keyboard.press("u")
    expect(editor.locator(".messages")).to_contain_text("taken back")


def test_two_tabs_do_not_overwrite_each_other(editor: Page) -> None:
    to_first(editor)
    other = editor.context.new_page()
    other.goto(editor.url)
    other.keyboard.press("p")
    expect(other.locator(".messages")).to_contain_text("pinned")
    editor.keyboard.press("d")
    expect(editor.locator(".messages")).to_contain_text("changed meanwhile")
    expect(editor.locator(".states")).to_contain_text("pinned")
    editor.keyboard.press("u")
    expect(editor.locator(".states")).not_to_contain_text("pinned")
    other.close()


def test_a_search_shows_how_far_it_is_and_the_list_comes_by_itself(
    editor: Page, town: SimpleNamespace
) -> None:
    from veche.service.themes import tasks

    editor.keyboard.press("f")
    expect(editor.locator("#work progress")).to_be_visible()
    tasks.find_themes(str(town.region.pk))
    expect(editor.locator("#work progress")).to_have_count(0, timeout=15_000)
    expect(editor.get_by_role("button", name="Find themes now")).to_be_visible()
    expect(editor.locator("#work")).to_contain_text("300 appeals")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["en", "ru"])
def test_pages_of_themes_can_be_read_on_a_phone_in_light_and_dark(
    chromium: Browser, site: str, town: SimpleNamespace, lang: str, scheme: Any
) -> None:
    options: Any = {"viewport": {"width": 390, "height": 844}, "color_scheme": scheme}
    with window(chromium, site, town.people.analyst, lang, **options) as page:
        page.goto(f"{site}/themes/?tenant=region")
        for look in ("list", "theme"):
            if look == "theme":
                page.locator("table.themes tbody th a").first.click()
                page.wait_for_url(THEME)
            assert page.evaluate("document.documentElement.scrollWidth") <= 390
            assert page.evaluate(CONTRAST) == []


def test_without_javascript_a_theme_is_decided_about(
    chromium: Browser, site: str, town: SimpleNamespace
) -> None:
    with window(chromium, site, town.people.editor, java_script_enabled=False) as page:
        page.goto(f"{site}/themes/?tenant=region")
        to_first(page)
        page.get_by_role("button", name="Sign off").click()
        expect(page.locator(".states .state.good")).to_have_text("Signed off")
        page.get_by_role("button", name="Take back").click()
        expect(page.locator(".messages")).to_contain_text("taken back")


def test_an_open_list_says_that_a_theme_was_told_and_does_not_move(
    editor: Page, town: SimpleNamespace
) -> None:
    from veche.service.accounts.acting import working
    from veche.service.live import tell
    from veche.service.themes.models import Theme

    notice = editor.locator("#themes-changed")
    expect(notice).to_be_hidden()
    editor.locator("html[data-live=on]").wait_for(state="attached")
    with working(town.region.pk):
        tell(town.region.pk, "theme", Theme.objects.filter(tenant=town.region)[0].pk)
    expect(notice).to_be_visible()
    notice.get_by_role("link").click()
    expect(notice).to_be_hidden()
