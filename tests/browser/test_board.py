"""The live picture in a real browser: narrowed by click and key, compared, taken along, on a wall, without
JavaScript, and true within seconds when appeals come."""

import csv
import gzip
import io
import random
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.browser import board_world
from tests.browser.looking import CONTRAST
from tests.service.conftest import rows, rows_of_a_module  # noqa: F401 - rows are gone after the module

KEEP_ROWS = True

SHIFT = """() => new Promise((done) => {
  let sum = 0;
  const add = (e) => { sum += e.hadRecentInput ? 0 : e.value; };
  const watch = new PerformanceObserver((list) => list.getEntries().forEach(add));
  watch.observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(sum), 50);
})"""


@pytest.fixture(scope="module")
def world(installed: None, urls: Any) -> SimpleNamespace:  # noqa: ARG001
    from tests.conftest import connected

    with connected(urls.owner):
        return board_world.make(n=600, today=date.today())


@pytest.fixture
def enter(chromium: Browser, site: str, world: SimpleNamespace) -> Iterator[Callable[..., Page]]:
    """Open a page as somebody of a role; afterwards it has complained of nothing."""
    from django.test import Client

    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def call(
        path: str, *, role: str = "controller", lang: str = "en", width: int = 1440, **options: Any
    ) -> Page:
        client = Client()
        client.force_login(world.people[role])
        context = chromium.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        named = {"sessionid": client.cookies["sessionid"].value, "django_language": lang}
        context.add_cookies([{"name": k, "value": v, "url": site} for k, v in named.items()])
        page = context.new_page()
        page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(site + path)
        return page

    yield call
    for context in contexts:
        context.close()
    assert complaints == []


def total(page: Page) -> int:
    return int(re.sub(r"\D", "", page.locator("[data-figure=total]").inner_text()))


def narrowed(page: Page, key: str) -> str:
    page.wait_for_url(re.compile(rf"[?&]{key}="))
    return page.locator(".chips").inner_text()


def drawn(page: Page) -> None:
    page.wait_for_selector("[data-map][data-drawn] path[data-code]")
    page.wait_for_selector("[data-chart=time] canvas")


def test_a_click_on_a_name_a_bar_and_a_day_narrows_everything_and_going_back_widens_it(enter: Any) -> None:
    page = enter("/board/")
    everything = total(page)
    page.locator("#table-topic a[data-code='housing']").click()
    assert "Housing and utilities" in narrowed(page, "topic")
    housing = total(page)
    assert 0 < housing < everything
    drawn(page)
    chart = page.locator("[data-chart=time] canvas")
    box = chart.bounding_box()
    assert box is not None
    chart.click(position={"x": box["width"] * 0.5, "y": box["height"] * 0.6})
    narrowed(page, "since")
    assert 0 <= total(page) < housing
    page.go_back()
    expect(page.locator("[data-figure=total]")).to_have_text(str(housing), timeout=30_000)
    page.locator("#chip-all").click()
    expect(page.locator("[data-figure=total]")).to_have_text(str(everything), timeout=30_000)


def test_the_map_is_walked_by_arrow_keys_and_enter_narrows(enter: Any) -> None:
    page = enter("/board/")
    drawn(page)
    page.locator("button[data-png=map]").focus()
    for _ in range(4):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset?.code"):
            break
    first = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert first.startswith("Novosibirsk: "), "the largest comes first, as in the table"
    assert page.locator(".leaflet-tooltip").inner_text() == first
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.dataset.code") == "ru-54-000-002"
    page.keyboard.press("Enter")
    assert "Berdsk" in narrowed(page, "territory")


def test_numbers_of_map_chart_and_tables_are_the_same(enter: Any) -> None:
    page = enter("/board/")
    drawn(page)
    for code in page.evaluate(
        "[...document.querySelectorAll('[data-map] path[data-code]')].map((e) => e.dataset.code)"
    ):
        said = page.locator(f"[data-map] path[data-code='{code}']").get_attribute("aria-label")
        row = page.locator(f"#table-territory tr:has(a[data-code='{code}'])")
        assert said.split(": ")[1].split(" ")[0] == row.locator("td").first.inner_text()
    line = page.evaluate("JSON.parse(document.getElementById('data-time').content.textContent).values")
    table = page.evaluate(
        "[...document.querySelectorAll('#table-time tbody td:nth-child(2)')].map((e) => +e.textContent)"
    )
    assert line == table
    assert sum(line) == total(page)


def test_every_number_leads_to_as_many_appeals(enter: Any) -> None:
    page = enter("/board/")
    link = page.locator("#table-topic tr:has(a[data-code='city']) td a").first
    n = link.inner_text()
    link.click()
    page.wait_for_url(re.compile(r"/appeals/\?topic=city"))
    assert re.search(rf"\b{n}\b", page.locator("main").inner_text())


def test_two_periods_are_compared_by_keyboard(enter: Any) -> None:
    page = enter("/board/")
    page.keyboard.press("c")
    page.wait_for_url(re.compile("/board/compare/"))
    assert page.locator(".findings li").count() >= 1
    page.locator("#id_with_territory").focus()
    page.keyboard.type("Berdsk")
    page.locator("#id_territory").select_option("ru-54-000-001")
    for end in ("since", "until"):
        page.locator(f"#id_with_{end}").fill(page.locator(f"#id_{end}").input_value())
    page.locator("form.narrowing button.first").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("with_territory="))
    assert page.locator("h1").inner_text().startswith("Berdsk · Novosibirsk")
    assert "inhabitants: 1,498,921" in page.locator(".versus").inner_text()


def test_the_picture_is_taken_along_as_tables_and_as_pictures(enter: Any, tmp_path: Path) -> None:
    page = enter("/board/?topic=housing")
    drawn(page)
    page.keyboard.press("e")
    with page.expect_download() as got:
        page.get_by_role("link", name="CSV", exact=True).click()
    text = Path(got.value.path()).read_text("utf-8-sig")
    assert str(total(page)) in {cell for row in csv.reader(io.StringIO(text)) for cell in row}
    for what in ("time", "map", "table-topic"):
        with page.expect_download() as got:
            page.locator(f"button[data-png={what}]").click()
        got.value.save_as(tmp_path / "made.png")
        made = (tmp_path / "made.png").read_bytes()
        assert made.startswith(b"\x89PNG"), what
        assert len(made) > 10_000, what


@pytest.fixture
def came(world: SimpleNamespace, urls: Any) -> Callable[[int], None]:
    """Let appeals of today come and be understood, as the worker tells it."""

    def call(n: int) -> None:
        from tests.conftest import connected

        from veche.service.accounts.acting import working
        from veche.service.live import tell

        with connected(urls.owner), working(world.region.pk):
            board_world.appeals(world, n=n, today=date.today(), rng=random.Random(n), days=1)
            tell(world.region.pk, "counts")

    return call


def test_new_appeals_show_within_five_seconds_and_nothing_moves(enter: Any, came: Any) -> None:
    page = enter("/board/")
    drawn(page)
    page.wait_for_selector("html[data-live=on]")
    before, topics = total(page), page.locator("#table-topic").inner_text()
    place = page.locator("#table-topic").bounding_box()
    came(7)
    expect(page.locator("[data-figure=total]")).to_have_text(str(before + 7), timeout=5000)
    expect(page.locator("#came span")).to_have_text("7 appeals came since this page was made.")
    assert page.locator("#table-topic").inner_text() == topics
    assert page.locator("#table-topic").bounding_box() == place
    page.keyboard.press("r")
    expect(page.locator("#came span")).to_have_text("")
    assert total(page) == before + 7


def test_the_wall_renews_itself_names_nobody_and_has_nothing_to_touch(enter: Any, came: Any) -> None:
    page = enter("/board/wall/")
    page.wait_for_selector("#wall canvas")
    page.wait_for_selector("html[data-live=on]")
    assert page.locator("a, button, input, select").count() == 0
    words = page.locator("body").inner_text()
    assert "Person" not in words
    assert "гари по ночам" not in words, "nobody signed this theme off"
    assert "Стаи собак" in words
    before = int(page.locator("#wall .figure").first.inner_text())
    came(3)
    expect(page.locator("#wall .figure").first).to_have_text(str(before + 3), timeout=9000)
    page.wait_for_selector("#wall canvas")
    assert page.evaluate("document.documentElement.scrollHeight") <= 900


def test_without_javascript_the_picture_is_tables_with_links(enter: Any) -> None:
    page = enter("/board/", java_script_enabled=False)
    everything = total(page)
    assert not page.locator("[data-chart=time]").is_visible()
    assert not page.locator("[data-map]").is_visible()
    page.locator("#table-territory a[data-code='ru-54-000-002']").click()
    assert "Berdsk" in page.locator(".chips").inner_text()
    assert 0 < total(page) < everything
    page.get_by_text("Table", exact=True).click()
    page.locator("#table-time a").first.click()
    assert "since=" in page.url


@pytest.mark.parametrize(("lang", "scheme"), [("en", "dark"), ("ru", "light")])
@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("path", ["/board/", "/board/compare/", "/board/annotations/", "/board/mailings/"])
def test_every_page_fits_can_be_read_and_stands_still(
    enter: Any, path: str, width: int, lang: str, scheme: Any
) -> None:
    page = enter(path, width=width, lang=lang, color_scheme=scheme)
    if path == "/board/":
        drawn(page)
    assert page.evaluate(SHIFT) < 0.01
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(CONTRAST) == []


def test_charts_follow_the_colours_of_the_page(enter: Any) -> None:
    page = enter("/board/")
    drawn(page)
    colour = "document.querySelector('[data-map] path[data-code]').getAttribute('fill')"
    light = page.evaluate(colour)
    page.emulate_media(color_scheme="dark")
    expect(page.locator("[data-map] path[data-code]").first).not_to_have_attribute("fill", light)


def test_the_page_is_light_to_carry(enter: Any) -> None:
    page = enter("/board/")
    drawn(page)
    html = len(gzip.compress(page.content().encode()))
    weights = {}
    for address in page.evaluate("performance.getEntriesByType('resource').map((e) => e.name)"):
        if "/live/" not in address:
            body = page.request.get(address).body()
            weights[address.rpartition("/")[2]] = len(gzip.compress(body))
    charts = sum(n for name, n in weights.items() if name.startswith(("echarts", "leaflet", "ru-54")))
    assert html + sum(weights.values()) - charts < 150_000
    assert html + sum(weights.values()) < 700_000
