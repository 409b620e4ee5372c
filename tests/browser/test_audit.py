"""The page of an audit in a real browser: no program, no request, room for all, keys that work."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from playwright.sync_api import Browser
from tests.browser.looking import CONTRAST, UNFOLDED_WIDTH, Opened

from veche.audit.align import Grounded
from veche.audit.page import render
from veche.core.i18n import set_language
from veche.run.audited import look_of

_ATTACK = "<script>window.pwned=1</script><img src=x onerror='window.pwned=1'>"


@pytest.fixture(scope="module", params=["en", "ru"])
def audit(
    request: pytest.FixtureRequest,
    made: ModuleType,
    made_following: ModuleType,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Path]:
    """The page of an audit that names a group that is left out, with hostile words among the sentences."""
    folder = tmp_path_factory.mktemp("audit")
    pack = made.make_pack(folder, language=request.param)
    out = folder / "out"
    made.make_run(out, pack=pack, n=300, language=request.param)
    themes = json.loads((out / "digests.json").read_text(encoding="utf-8"))["themes"]
    said = [Grounded(_ATTACK, "no ground", None, 0.1, named_wrongly=False)]
    whole = replace(made_following.make_audit(themes), sentences=said)
    set_language(request.param)
    path = folder / "audit.html"
    path.write_text(render(whole, look_of(out, pack), title="digest.md"), encoding="utf-8")
    yield path
    set_language("en")


@pytest.fixture
def opened(chromium: Browser, audit: Path) -> Iterator[Opened]:
    page = chromium.new_page(viewport={"width": 390, "height": 800})
    yield Opened(page, audit)
    page.close()


def test_hostile_words_are_shown_and_nothing_is_asked_for(opened: Opened, audit: Path) -> None:
    assert opened.page.get_by_text("window.pwned=1").count() == 1
    assert opened.page.evaluate("window.pwned") is None
    assert opened.page.locator("script, img").count() == 0
    assert opened.requests == [audit.as_uri()]
    assert opened.complaints == []


def test_who_is_left_out_is_named_in_words(opened: Opened) -> None:
    language = opened.page.evaluate("document.documentElement.lang")
    row = opened.page.locator("#left-out tbody tr").first.inner_text()
    assert {"en": "Tatar", "ru": "Татарский"}[language] in row
    shown = opened.page.locator("#groups").inner_text()
    assert {"en": "Pensioners", "ru": "Пенсионеры"}[language] in shown
    assert "status:" not in shown


@pytest.mark.parametrize("width", [390, 768, 1440])
def test_it_fits_the_screen_with_all_unfolded(chromium: Browser, audit: Path, width: int) -> None:
    page = chromium.new_page(viewport={"width": width, "height": 800})
    page.goto(audit.as_uri())
    assert page.evaluate(UNFOLDED_WIDTH) <= width
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_can_be_told_from_its_ground(chromium: Browser, audit: Path, scheme: Any) -> None:
    page = chromium.new_page(color_scheme=scheme)
    page.goto(audit.as_uri())
    assert page.evaluate(CONTRAST) == []
    page.close()


def test_the_first_key_leads_past_the_menu(opened: Opened) -> None:
    opened.page.keyboard.press("Tab")
    assert opened.page.evaluate("document.activeElement.className") == "skip"
    opened.page.keyboard.press("Enter")
    assert opened.page.evaluate("document.activeElement.id") == "main"


def test_the_sentences_unfold_by_a_key(opened: Opened) -> None:
    opened.page.locator("#ground summary").focus()
    before = opened.page.evaluate("document.querySelector('#ground details').open")
    opened.page.keyboard.press("Enter")
    assert opened.page.evaluate("document.querySelector('#ground details').open") is not before


def test_a_wide_table_moves_by_keys_on_a_small_screen(opened: Opened) -> None:
    opened.page.locator("#left-out .scroll").first.focus()
    opened.page.keyboard.press("ArrowRight")
    # The page's own policy forbids what `wait_for_function` evaluates when it has to wait.
    moved = "document.querySelector('#left-out .scroll').scrollLeft > 0"
    assert any(opened.page.evaluate(moved) or opened.page.wait_for_timeout(50) for _ in range(100))
