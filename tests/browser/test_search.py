"""Finding appeals in a real browser: by keyboard, on a phone, without JavaScript."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from tests.browser.desk_world import window
from tests.browser.looking import CONTRAST
from tests.conftest import connected, make_cast
from tests.service.conftest import rows_of_a_module  # noqa: F401 - the module leaves nothing behind
from tests.service.themes.conftest import hand_in, samples, understand

KEEP_ROWS = True


@pytest.fixture(scope="module")
def town(urls: Any, installed: None) -> SimpleNamespace:  # noqa: ARG001
    """A region with sample appeals that were understood."""
    with connected(urls.owner):
        cast = make_cast()
    hand_in(cast.tenants.region, cast.channels.region, samples(150))
    understand(urls)
    return cast


@pytest.fixture
def editor(chromium: Browser, site: str, town: SimpleNamespace) -> Iterator[Page]:
    """The list of appeals as an editor sees it."""
    with window(chromium, site, town.people.editor) as page:
        page.goto(f"{site}/appeals/")
        yield page


def count(page: Page) -> int:
    return int(page.locator("#count").inner_text().split()[0])


def test_appeals_are_found_opened_and_leafed_through_by_keys_alone(editor: Page) -> None:
    everything = count(editor)
    editor.keyboard.press("/")
    editor.keyboard.type("дом")
    editor.keyboard.press("Enter")
    expect(editor.locator(".chip").first).to_contain_text("дом")
    assert 1 < count(editor) < everything
    assert editor.locator("td.glimpse mark").count() > 0
    numbers = editor.locator("a.row").all_inner_texts()
    editor.keyboard.press("j")
    expect(editor.locator("a.row").nth(0)).to_be_focused()
    editor.keyboard.press("j")
    expect(editor.locator("a.row").nth(1)).to_be_focused()
    editor.keyboard.press("k")
    editor.keyboard.press("Enter")
    expect(editor.locator("h1")).to_contain_text(numbers[0])
    editor.keyboard.press("j")
    expect(editor.locator("h1")).to_contain_text(numbers[1])
    editor.keyboard.press("k")
    expect(editor.locator("h1")).to_contain_text(numbers[0])
    editor.keyboard.press("u")
    expect(editor.locator("#count")).to_be_visible()
    assert editor.locator("a.row").all_inner_texts() == numbers
    editor.keyboard.press("0")
    expect(editor.locator(".chip")).to_have_count(0)
    assert count(editor) == everything


def test_a_key_that_leads_elsewhere_works_before_the_scripts_of_a_page_are_there(editor: Page) -> None:
    numbers = editor.locator("a.row").all_inner_texts()
    held: list[Route] = []
    editor.route("**/keys.js", lambda route: held.append(route))
    editor.keyboard.press("j")
    editor.keyboard.press("Enter")
    for key, comes in [("Control+Enter", 0), ("j", 1)]:
        expect(editor.locator("h1")).to_contain_text(numbers[0])
        editor.keyboard.press(key)
        editor.keyboard.press("j")
        held.pop().continue_()
        expect(editor.locator("h1")).to_contain_text(numbers[comes])
        if comes == 0:
            editor.wait_for_load_state()
            assert "Editor" not in editor.locator(".steps").inner_text()
            editor.reload(wait_until="commit")


def test_a_facet_narrows_to_as_many_as_it_says_and_its_chip_takes_it_away(editor: Page) -> None:
    everything = count(editor)
    option = editor.locator("a.option").first
    n = int(option.locator(".number").inner_text())
    option.click()
    expect(editor.locator("a.option.on").first).to_be_visible()
    assert count(editor) == n
    editor.locator(".chip a").first.click()
    expect(editor.locator("a.option.on")).to_have_count(0)
    assert count(editor) == everything


def test_an_appeal_is_decided_by_keys_and_the_page_says_so(editor: Page) -> None:
    editor.locator("a.row").first.click()
    expect(editor.locator("select[name=topic]")).to_be_visible()
    editor.keyboard.press("e")
    expect(editor.locator("select[name=topic]")).to_be_focused()
    editor.locator("select[name=kind]").select_option("thanks")
    editor.keyboard.press("Control+Enter")
    expect(editor.locator(".messages")).to_contain_text("Your decision was noted")
    expect(editor.locator("select[name=kind]")).to_have_value("thanks")
    expect(editor.locator(".steps")).to_contain_text("Editor")
    assert editor.locator("tr.past").count() > 0


def test_marks_of_a_facet_go_and_come_with_its_box(editor: Page) -> None:
    editor.goto(editor.url + "?sure=high")
    for link in editor.locator("a.row").all()[:10]:
        href = link.get_attribute("href")
        editor.goto(editor.url.split("/appeals/")[0] + str(href))
        if editor.locator(".found-mark").count():
            break
        editor.go_back()
    mark = editor.locator(".found-mark").first
    facet = str(mark.get_attribute("class")).rsplit("f-", 1)[-1]
    colour = "e => getComputedStyle(e).borderBottomColor"
    before = mark.evaluate(colour)
    editor.locator(f"#show-{facet}").uncheck()
    assert mark.evaluate(colour) != before
    editor.locator(f"#show-{facet}").check()
    assert mark.evaluate(colour) == before


def test_a_search_is_kept_and_opened_again(editor: Page) -> None:
    editor.locator("input[type=search]").fill("дом")
    editor.keyboard.press("Enter")
    expect(editor.locator(".chip").first).to_be_visible()
    found = count(editor)
    editor.locator("#count").click()
    editor.keyboard.press("s")
    editor.locator(".keep input[name=name]").fill("Дома")
    editor.keyboard.press("Enter")
    expect(editor.locator(".messages")).to_contain_text("Kept as")
    editor.keyboard.press("0")
    editor.locator(".kept a", has_text="Дома").click()
    expect(editor.locator(".chip").first).to_contain_text("дом")
    assert count(editor) == found


def test_chosen_appeals_are_brought_before_the_decision_about_many(editor: Page) -> None:
    editor.keyboard.press("j")
    editor.keyboard.press("x")
    editor.keyboard.press("j")
    editor.keyboard.press("x")
    expect(editor.locator("#n-chosen")).to_have_text("2")
    editor.keyboard.press("b")
    expect(editor.locator("input[name=ids]")).to_have_count(2)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["en", "ru"])
def test_list_and_appeal_can_be_read_on_a_phone_in_light_and_dark(
    chromium: Browser, site: str, town: SimpleNamespace, lang: str, scheme: Any
) -> None:
    options: Any = {"viewport": {"width": 390, "height": 844}, "color_scheme": scheme}
    with window(chromium, site, town.people.editor, lang, **options) as page:
        for path in ("?q=дом", "?q=дом&by=meaning", "?q=слон+жираф&topic=x"):
            page.goto(f"{site}/appeals/{path}")
            assert page.evaluate("document.documentElement.scrollWidth") <= 390
            assert page.evaluate(CONTRAST) == []
        page.goto(f"{site}/appeals/?q=дом")
        page.locator("a.row").first.click()
        expect(page.locator(".letter")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert page.evaluate(CONTRAST) == []


def test_without_javascript_appeals_are_found_and_turned(
    chromium: Browser, site: str, town: SimpleNamespace
) -> None:
    with window(chromium, site, town.people.editor, java_script_enabled=False) as page:
        page.goto(f"{site}/appeals/")
        first = page.locator("a.row").first.inner_text()
        page.locator("a[rel=next]").click()
        assert page.locator("a.row").first.inner_text() != first
        page.locator("a[rel=prev]").click()
        assert page.locator("a.row").first.inner_text() == first
        page.locator("input[type=search]").fill("дом")
        page.locator("form[role=search] button").click()
        expect(page.locator("td.glimpse mark")).not_to_have_count(0)
