"""The report in a real browser: it draws, keeps its policy, asks for nothing and fits the screen."""

import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from playwright.sync_api import Browser
from tests.browser.looking import CONTRAST, UNFOLDED_WIDTH, Opened

from veche.picture import build_cube, write_report

_ATTACK = "</script><script>window.pwned=1</script><img src=x onerror='window.pwned=1'>"


@pytest.fixture(scope="module", params=["en", "ru"])
def report(
    request: pytest.FixtureRequest,
    made: ModuleType,
    made_following: ModuleType,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A report with hostile words in a theme, a quotation and the name of a file."""
    folder = tmp_path_factory.mktemp("report")
    pack = made.make_pack(folder, language=request.param)
    out = folder / "out"
    manifest = made.make_run(out, pack=pack, n=1500, language=request.param)
    digests = json.loads((out / "digests.json").read_text(encoding="utf-8"))
    digests["themes"][0].update(name=_ATTACK)
    digests["themes"][0]["quotations"][0].update(text=_ATTACK)
    (out / "digests.json").write_text(json.dumps(digests), encoding="utf-8")
    made_following.add_following(out)
    manifest["inputs"][0]["name"] = _ATTACK
    build_cube(out, pack=pack)
    return write_report(out, pack=pack, manifest=manifest, language=request.param)


@pytest.fixture
def opened(chromium: Browser, report: Path) -> Iterator[Opened]:
    page = chromium.new_page(viewport={"width": 1440, "height": 900})
    yield Opened(page, report)
    page.close()


def test_it_draws_every_chart_without_a_complaint(opened: Opened) -> None:
    charts = opened.page.locator("[data-chart]")
    assert charts.count() == 4
    for i in range(4):
        assert charts.nth(i).locator("svg path").count() > 3
    assert opened.complaints == []


def test_it_asks_the_network_for_nothing(opened: Opened, report: Path) -> None:
    opened.page.mouse.wheel(0, 20000)
    assert opened.requests == [report.as_uri()]


def test_hostile_words_are_shown_and_do_nothing(opened: Opened) -> None:
    page = opened.page
    assert page.evaluate("window.pwned") is None
    assert page.locator("img").count() == 0
    assert page.get_by_text("window.pwned=1").count() >= 3


def test_a_program_that_is_not_ours_may_not_run(opened: Opened) -> None:
    opened.page.evaluate(
        "() => { const added = document.createElement('script'); added.textContent = 'window.pwned = 1';"
        " document.body.append(added); }"
    )
    assert opened.page.evaluate("window.pwned") is None
    assert any("Content Security Policy" in text for text in opened.complaints)


def test_a_tooltip_is_drawn_as_text(opened: Opened) -> None:
    chart = opened.page.locator('[data-chart="topics"]')
    chart.scroll_into_view_if_needed()
    before = chart.locator("text").count()
    chart.hover(position={"x": 60, "y": 120})
    assert chart.locator("text").count() > before
    assert opened.complaints == []


@pytest.mark.parametrize("width", [390, 768, 1440])
def test_it_fits_the_screen(chromium: Browser, report: Path, width: int) -> None:
    page = chromium.new_page(viewport={"width": width, "height": 800})
    page.goto(report.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_it_fits_a_small_screen_with_all_unfolded(chromium: Browser, report: Path) -> None:
    page = chromium.new_page(viewport={"width": 390, "height": 800})
    page.goto(report.as_uri())
    assert page.evaluate(UNFOLDED_WIDTH) <= 390
    page.close()


def test_it_fits_the_screen_at_twice_the_size_of_text(chromium: Browser, report: Path) -> None:
    page = chromium.new_page(viewport={"width": 640, "height": 800}, device_scale_factor=2)
    page.goto(report.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 640
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_can_be_told_from_its_ground(chromium: Browser, report: Path, scheme: Any) -> None:
    page = chromium.new_page(color_scheme=scheme)
    page.goto(report.as_uri())
    assert page.evaluate(CONTRAST) == []
    page.close()


def test_the_first_key_leads_past_the_menu(opened: Opened) -> None:
    opened.page.keyboard.press("Tab")
    assert opened.page.evaluate("document.activeElement.className") == "skip"
    opened.page.keyboard.press("Enter")
    assert opened.page.evaluate("document.activeElement.id") == "main"


def test_dark_and_light_change_by_a_key(opened: Opened) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    before = opened.page.evaluate(ground)
    opened.page.locator("#theme").focus()
    opened.page.keyboard.press("Enter")
    assert opened.page.evaluate(ground) != before


def test_all_is_there_without_programs(chromium: Browser, report: Path) -> None:
    page = chromium.new_context(java_script_enabled=False).new_page()
    page.goto(report.as_uri())
    for name in ("new", "digest", "fairness", "themes"):
        assert page.locator(f"#{name} .quote, #{name} table").count() > 0
    assert page.locator("#themes > ol > li:visible").count() == 12
    page.close()


def test_a_new_theme_leads_to_its_voices(opened: Opened) -> None:
    opened.page.locator("#new a").first.click()
    target = opened.page.evaluate("location.hash")
    assert target.startswith("#theme-")
    assert opened.page.locator(target).is_visible()


def test_a_burst_leads_to_its_theme_by_a_key(opened: Opened) -> None:
    opened.page.locator("#new a[href^='#theme-']").last.focus()
    opened.page.keyboard.press("Enter")
    target = opened.page.evaluate("location.hash")
    assert opened.page.locator(target).locator("h3").first.is_visible()


def test_the_menu_leads_to_each_new_part(opened: Opened) -> None:
    for name in ("standout", "new", "digest", "fairness", "themes"):
        opened.page.locator(f"nav a[href='#{name}']").focus()
        opened.page.keyboard.press("Enter")
        assert opened.page.locator(f"#{name} h2").first.is_visible()


def test_the_whole_menu_is_seen_on_a_wide_screen(opened: Opened) -> None:
    assert (
        opened.page.evaluate("(e => e.scrollWidth - e.clientWidth)(document.querySelector('.top nav'))") == 0
    )


def test_a_folded_list_unfolds_by_a_key(opened: Opened) -> None:
    shown = "document.querySelectorAll('.alarms li:not([hidden])').length"
    before = opened.page.evaluate(shown)
    opened.page.locator(".alarms + .more").focus()
    opened.page.keyboard.press("Enter")
    assert opened.page.evaluate(shown) > before


def test_nothing_jumps_while_it_opens(chromium: Browser, report: Path) -> None:
    page = chromium.new_page()
    page.add_init_script(
        "window.shift = 0; new PerformanceObserver((list) => { for (const e of list.getEntries()) "
        "window.shift += e.value; }).observe({type: 'layout-shift', buffered: true})"
    )
    page.goto(report.as_uri())
    page.wait_for_function("document.querySelectorAll('[data-chart] svg').length === 4")
    assert page.evaluate("window.shift") < 0.1
    page.close()
