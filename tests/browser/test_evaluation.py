"""The page of an evaluation in a real browser: no program, no request, a table for each chart."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from playwright.sync_api import Browser
from scipy import sparse
from tests.browser.looking import CONTRAST, UNFOLDED_WIDTH, Opened

from veche.core.i18n import set_language
from veche.learn.evaluate.page import render
from veche.learn.evaluate.whole import Asked, Evaluation, evaluate_by_folds
from veche.learn.examples import TRAITS, Examples, Inputs, Labels, LabelSet
from veche.run.audited import look_of

_ATTACK = "<script>window.pwned=1</script>"
_NAMES = ("Roads", "Water", _ATTACK)
_WORDS = ("road holes bridge asphalt", "water tap pipe cold", "lamp dark yard evening")


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    """An evaluation of 300 appeals in two languages over four months; each twelfth label is wrong."""
    n, topic = 300, np.arange(300) % 3
    rng = np.random.default_rng(2)
    texts = [" ".join([*rng.permutation(_WORDS[t].split())[:3], f"case{i}"]) for i, t in enumerate(topic)]
    given = np.where(np.arange(n) % 12 == 0, (topic + 1) % 3, topic)
    traits: dict[str, pa.Array] = {name: pa.nulls(n, pa.string()) for name in TRAITS}
    traits["language"] = pa.array(["en", "es"] * (n // 2))
    matrix = sparse.csr_matrix((np.ones(n, bool), (np.arange(n), given)), shape=(n, 3))
    labels = LabelSet(_NAMES, ("",) * 3, np.full(3, -1, np.int64), (), multi=False)
    examples = Examples(
        inputs=Inputs(pa.array(texts), np.zeros((n, 512), np.float32), traits),
        labels={"topic": Labels(labels, matrix, np.ones(n, bool))},
        ids=pa.array([f"a{i}" for i in range(n)]),
        received=np.datetime64("2025-01-01T00:00:00", "s") + np.arange(n) * 36_000,
        copies=np.arange(n),
    )
    return evaluate_by_folds(examples, folds=3, asked=Asked(precision=0.6, threads=1))


@pytest.fixture(scope="module", params=["en", "ru"])
def page(
    request: pytest.FixtureRequest, evaluation: Evaluation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """The page in one language."""
    set_language(request.param)
    path = tmp_path_factory.mktemp("evaluation") / "evaluation.html"
    path.write_text(render(evaluation.document, look_of(path.parent, None)), encoding="utf-8")
    yield path
    set_language("en")


@pytest.fixture
def opened(chromium: Browser, page: Path) -> Iterator[Opened]:
    shown = chromium.new_page(viewport={"width": 390, "height": 800})
    yield Opened(shown, page)
    shown.close()


def test_hostile_labels_are_shown_and_nothing_is_asked_for(opened: Opened, page: Path) -> None:
    assert opened.page.get_by_text("window.pwned=1").count() > 0
    assert opened.page.evaluate("window.pwned") is None
    assert opened.page.locator("script, img").count() == 0
    assert opened.requests == [page.as_uri()]
    assert opened.complaints == []


def test_every_chart_has_a_name_and_a_table(opened: Opened) -> None:
    charts = opened.page.locator("svg.plot")
    assert charts.count() == 3
    for number in range(3):
        assert charts.nth(number).get_attribute("aria-label")
    assert opened.page.evaluate(
        "[...document.querySelectorAll('figure:has(svg.plot)')].every("
        "f => f.parentElement.querySelector('figure ~ details table, figure ~ .scroll table'))"
    )


def test_every_section_of_the_report_is_there(opened: Opened) -> None:
    for name in ("figures", "alone", "human", "chances", "mixed", "labels", "parts", "suspects"):
        assert opened.page.locator(f"h3#f0-{name}").count() == 1, name
    for name in ("growth", "drift", "cost"):
        assert opened.page.locator(f"h3#f0-{name}").count() == 1, name


@pytest.mark.parametrize("width", [390, 768, 1440])
def test_it_fits_the_screen_with_all_unfolded(chromium: Browser, page: Path, width: int) -> None:
    shown = chromium.new_page(viewport={"width": width, "height": 800})
    shown.goto(page.as_uri())
    assert shown.evaluate(UNFOLDED_WIDTH) <= width
    shown.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_can_be_told_from_its_ground(chromium: Browser, page: Path, scheme: Any) -> None:
    shown = chromium.new_page(color_scheme=scheme)
    shown.goto(page.as_uri())
    assert shown.evaluate(CONTRAST) == []
    shown.close()


def test_the_curve_unfolds_by_a_key(opened: Opened) -> None:
    opened.page.locator("#f0-curve").focus()
    opened.page.keyboard.press("Enter")
    assert opened.page.locator("#f0-curve + .scroll table tbody tr").first.is_visible()
