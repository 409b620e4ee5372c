"""The desk in a real browser: a queue cleared by keys alone, undone, shared by two, without JavaScript."""

import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.desk_world import (
    COLD,
    GAS,
    LIFT,
    PASSWORD,
    POTHOLES,
    SURE,
    a_desk,
    window,
)
from tests.browser.looking import CONTRAST, SHIFTED
from tests.service.conftest import rows  # noqa: F401 - no test finds another's appeals

pytestmark = pytest.mark.usefixtures("rows")

# A machine that does much else at once is slow, and right all the same.
expect.set_options(timeout=20_000)


@pytest.fixture
def world(urls: Any, installed: None) -> SimpleNamespace:  # noqa: ARG001
    """Two editors and an auditor; cards of 14, 7 and 1 appeals, one of danger; six were decided alone."""
    return a_desk(urls, [POTHOLES, COLD, LIFT, GAS, SURE], anna="editor", boris="editor", vera="auditor")


@pytest.fixture
def anna(chromium: Browser, site: str, world: SimpleNamespace) -> Iterator[Page]:
    """The queue as the first editor sees it."""
    with window(chromium, site, world.people["anna"]) as page:
        page.goto(f"{site}/desk/")
        yield page


@pytest.fixture
def boris(chromium: Browser, site: str, world: SimpleNamespace) -> Iterator[Page]:
    """The queue as the second editor sees it."""
    with window(chromium, site, world.people["boris"]) as page:
        page.goto(f"{site}/desk/")
        yield page


def topics(world: SimpleNamespace) -> dict[str, int]:
    """How many appeals show each topic."""
    from collections import Counter

    from veche.service.accounts.acting import working
    from veche.service.inbox.models import Appeal

    with working(world.region.pk):
        return dict(Counter(Appeal.objects.values_list("topic", flat=True)))


def open_cards(world: SimpleNamespace) -> int:
    from veche.service.accounts.acting import working
    from veche.service.desk.models import Card

    with working(world.region.pk):
        return Card.objects.filter(state="open").count()


def title(page: Page) -> Any:
    return page.locator("#card-title")


def to_card(page: Page, name: str) -> None:
    """Go down the queue by key until a card with this title is open."""
    for _ in range(10):
        if title(page).inner_text() == name:
            return
        before = page.url
        page.keyboard.press("j")
        page.wait_for_url(lambda url, before=before: url != before)
        page.wait_for_load_state("networkidle")
    raise AssertionError(name)


HOLES, FLATS = "Potholes and broken surface", "Cold flats"


def test_a_queue_is_cleared_by_one_key_and_each_decision_serves_its_group(
    anna: Page, world: SimpleNamespace
) -> None:
    expect(title(anna)).to_have_text("Gas cuts, service, cylinders")
    for left in (3, 2, 1):
        anna.keyboard.press("Enter")
        expect(anna.locator(".queue ol > li a")).to_have_count(left)
        assert anna.evaluate("document.activeElement.id") == "card-title"
    anna.keyboard.press("a")
    expect(title(anna)).to_have_text("The queue is clear")
    assert open_cards(world) == 0
    assert topics(world)["city.roads.potholes"] == 14


def test_another_topic_is_found_while_typing_and_undone_by_a_key(anna: Page, world: SimpleNamespace) -> None:
    to_card(anna, FLATS)
    anna.keyboard.press("c")
    anna.keyboard.type("hot wat")
    expect(anna.locator("[role=option][aria-selected=true]")).to_contain_text("ot water")
    anna.keyboard.press("Enter")
    expect(anna.locator(".done-line p")).to_contain_text("7 appeals")
    assert topics(world)["housing.heating.hot_water"] == 7
    anna.keyboard.press("z")
    expect(title(anna)).to_have_text(FLATS)
    assert topics(world)["housing.heating.cold"] == 7
    # Back to what was undone, and on: the server says what stands there now.
    anna.go_back()
    expect(anna.locator(".queue ol > li a")).to_have_count(4)
    expect(title(anna)).to_be_visible()
    assert open_cards(world) == 4


def test_exceptions_come_first_and_are_left_out_by_a_key(anna: Page, world: SimpleNamespace) -> None:
    to_card(anna, HOLES)
    expect(anna.locator("#exceptions")).to_contain_text("остановке")
    anna.keyboard.press("e")
    expect(anna.locator("[data-serves]")).to_have_text("13")
    anna.keyboard.press("2")
    expect(anna.locator(".done-line p")).to_contain_text("13 appeals")
    assert topics(world)["city.roads.repair"] == 13
    assert topics(world)["city.roads.potholes"] == 1


def test_what_is_checked_becomes_a_card_of_its_own_and_comes_back(anna: Page, world: SimpleNamespace) -> None:
    to_card(anna, HOLES)
    anna.locator("#exceptions input[name=without]").first.focus()
    anna.keyboard.press("Space")
    anna.keyboard.press("s")
    expect(anna.locator(".done-line p")).to_have_text("You split a card.")
    assert open_cards(world) == 5
    anna.keyboard.press("m")
    anna.keyboard.press("Enter")
    expect(anna.locator(".done-line p")).to_have_text("You merged cards.")
    assert open_cards(world) == 4


def test_two_on_one_card_the_second_sees_it_and_loses_nothing(
    anna: Page, boris: Page, world: SimpleNamespace
) -> None:
    holes = anna.locator(".queue a", has_text=HOLES).get_attribute("href")
    with anna.expect_response(f"**{holes}take/"):
        to_card(anna, HOLES)
    to_card(boris, HOLES)
    expect(boris.locator("#card-live")).to_contain_text("Anna has this card in hand.")
    anna.locator("html[data-live=on]").wait_for(state="attached")
    anna.locator(".members input[name=without]").first.check()
    boris.keyboard.press("Enter")
    expect(boris.locator(".done-line p")).to_contain_text("14 appeals")
    expect(anna.locator("#card-live")).to_contain_text("Boris decided this card")
    anna.keyboard.press("2")
    expect(anna.locator("#messages")).to_contain_text("no longer open")
    assert topics(world)["city.roads.potholes"] == 14
    anna.keyboard.press("n")
    expect(title(anna)).not_to_have_text(HOLES)


def test_a_card_that_changed_is_told_and_the_choice_is_kept(
    anna: Page, boris: Page, world: SimpleNamespace
) -> None:
    to_card(anna, HOLES)
    to_card(boris, HOLES)
    box = anna.locator("#exceptions input[name=without]").first
    box.check()
    boris.locator(".members input[name=without]").last.check()
    boris.keyboard.press("s")
    expect(boris.locator(".done-line p")).to_have_text("You split a card.")
    anna.keyboard.press("2")
    expect(anna.locator("#messages")).to_contain_text("has changed since you opened it")
    expect(anna.locator(".choices-of")).to_contain_text("your choice")
    expect(box).to_be_checked()
    anna.keyboard.press("2")
    expect(anna.locator(".done-line p")).to_contain_text("12 appeals")
    assert topics(world)["city.roads.repair"] == 12


def test_a_session_that_ends_in_the_middle_of_a_decision_loses_nothing(
    anna: Page, world: SimpleNamespace, urls: Any
) -> None:
    from django.contrib.sessions.models import Session
    from tests.conftest import connected

    to_card(anna, HOLES)
    anna.locator("#exceptions input[name=without]").first.check()
    with connected(urls.owner):
        Session.objects.all().delete()
    anna.keyboard.press("2")
    anna.wait_for_url("**/account/login/**")
    anna.locator("[name=login]").fill("anna@region.example")
    anna.locator("[name=password]").fill(PASSWORD)
    anna.keyboard.press("Enter")
    expect(title(anna)).to_have_text(HOLES)
    expect(anna.get_by_text("What you chose is kept: Road repair and resurfacing.")).to_be_visible()
    expect(anna.locator("#exceptions input[name=without]").first).to_be_checked()
    assert topics(world)["city.roads.potholes"] == 14
    anna.keyboard.press("2")
    expect(anna.locator(".done-line p")).to_contain_text("13 appeals")


def test_signing_in_anew_in_another_tab_costs_one_more_press(
    chromium: Browser, site: str, world: SimpleNamespace
) -> None:
    with window(chromium, site, world.people["anna"], complains=False) as page:
        page.goto(f"{site}/desk/")
        to_card(page, FLATS)
        other = page.context.new_page()
        other.goto(f"{site}/me/")
        other.get_by_role("button", name="Sign out").click()
        other.wait_for_url("**/account/login/**")
        other.locator("[name=login]").fill("anna@region.example")
        other.locator("[name=password]").fill(PASSWORD)
        other.keyboard.press("Enter")
        other.wait_for_url(f"{site}/desk/**")
        page.bring_to_front()
        page.keyboard.press("Enter")
        expect(page.get_by_text("You signed in anew meanwhile.")).to_be_visible()
        page.keyboard.press("Enter")
        expect(page.locator(".done-line p")).to_contain_text("7 appeals")


def test_a_colleague_gets_a_card_and_a_second_opinion_is_asked_by_keys(
    anna: Page, chromium: Browser, site: str, world: SimpleNamespace
) -> None:
    to_card(anna, FLATS)
    anna.keyboard.press("h")
    anna.keyboard.type("bor")
    anna.keyboard.press("Enter")
    expect(anna.locator(".done-line p")).to_have_text("You handed a card on.")
    expect(anna.locator(".queue ol")).not_to_contain_text(FLATS)
    to_card(anna, "Lifts")
    anna.keyboard.press("d")
    anna.get_by_role("button", name="Ask for a second opinion").press("Enter")
    expect(anna.locator(".done-line p")).to_have_text("You asked for a second opinion.")
    # He comes now: whoever had the queue open before may have the first card in hand, and that is his too.
    with window(chromium, site, world.people["boris"]) as boris:
        boris.goto(f"{site}/desk/?mine=1")
        expect(title(boris)).to_have_text(FLATS)
        boris.goto(f"{site}/desk/?second=1")
        expect(boris.get_by_text("Anna thinks: Lifts, and asks for a second opinion.")).to_be_visible()


def test_danger_is_told_by_a_key_and_taken_back_by_another(anna: Page, world: SimpleNamespace) -> None:
    expect(anna.locator("#bell")).to_have_text("1 urgent appeal")
    to_card(anna, FLATS)
    anna.keyboard.press("u")
    expect(anna.locator(".done-line p")).to_have_text("You marked as urgent: 7 appeals.")
    expect(title(anna)).to_have_text(FLATS)
    expect(anna.locator(".card header")).to_contain_text("Danger to life")
    expect(anna.locator("#bell")).to_have_text("8 urgent appeals")
    assert open_cards(world) == 4, "what it is about is still to be decided"
    anna.keyboard.press("z")
    expect(anna.locator("#bell")).to_have_text("1 urgent appeal")
    expect(anna.locator(".card header")).not_to_contain_text("Danger to life")


def test_one_person_with_a_card_in_two_tabs_decides_it_once(anna: Page, world: SimpleNamespace) -> None:
    to_card(anna, HOLES)
    tab = anna.context.new_page()
    tab.goto(anna.url)
    expect(title(tab)).to_have_text(HOLES)
    tab.locator("html[data-live=on]").wait_for(state="attached")
    tab.locator("#exceptions input[name=without]").first.check()
    anna.bring_to_front()
    anna.keyboard.press("Enter")
    expect(anna.locator(".done-line p")).to_contain_text("14 appeals")
    tab.bring_to_front()
    expect(tab.locator("#card-live")).to_contain_text("Anna decided this card")
    tab.keyboard.press("2")
    expect(tab.locator("#messages")).to_contain_text("no longer open")
    assert topics(world)["city.roads.potholes"] == 14
    tab.keyboard.press("z")
    expect(title(tab)).to_have_text(HOLES)
    expect(tab.locator("#exceptions input[name=without]").first).to_be_checked()
    assert open_cards(world) == 4


def test_danger_rings_on_every_page_until_somebody_takes_it(anna: Page, boris: Page, site: str) -> None:
    boris.goto(f"{site}/appeals/")
    boris.locator("html[data-live=on]").wait_for(state="attached")
    expect(boris.locator("#bell")).to_have_text("1 urgent appeal")
    assert boris.title().startswith("(!1) ")
    anna.keyboard.press("g")
    anna.keyboard.press("u")
    anna.wait_for_url("**/desk/urgent/")
    expect(anna.locator(".urgent")).to_contain_text("пахнет газом")
    anna.keyboard.press("t")
    anna.wait_for_url("**/appeals/**")
    expect(boris.locator("#bell")).to_have_text("")
    assert not boris.title().startswith("(!")


def test_who_decided_what_is_read_by_the_auditor_and_undone_by_its_maker(
    anna: Page, chromium: Browser, site: str, world: SimpleNamespace
) -> None:
    to_card(anna, FLATS)
    anna.keyboard.press("Enter")
    expect(anna.locator(".done-line p")).to_contain_text("7 appeals")
    with window(chromium, site, world.people["vera"]) as vera:
        vera.goto(f"{site}/desk/decisions/?act=accepted")
        expect(vera.locator("tbody tr")).to_have_count(1)
        expect(vera.locator("tbody")).to_contain_text(re.compile("Anna.*Cold flats.*7", re.DOTALL))
        assert vera.locator("tbody button").count() == 0
    anna.goto(f"{site}/desk/decisions/")
    anna.get_by_role("button", name="Undo").click()
    expect(anna.locator("tbody")).to_contain_text("undone by Anna")


def test_samples_of_what_was_decided_alone_are_checked_by_keys(
    anna: Page, site: str, world: SimpleNamespace, urls: Any
) -> None:
    from datetime import UTC, datetime

    from tests.conftest import connected

    from veche.service.accounts.acting import working
    from veche.service.desk.checks import draw

    with connected(urls.worker), working(world.region.pk):
        assert draw(world.region.pk, datetime.now(UTC)) == 6
    anna.goto(f"{site}/desk/checks/")
    expect(anna.locator("#sample-title")).to_contain_text("6 wait")
    anna.keyboard.press("r")
    expect(anna.locator("#sample-title")).to_contain_text("5 wait")
    anna.keyboard.press("w")
    anna.keyboard.type("landfill")
    anna.keyboard.press("Enter")
    expect(anna.locator("#sample-title")).to_contain_text("4 wait")
    expect(anna.locator("aside")).to_contain_text(re.compile(r"Checked\s*2\s*Of these wrong\s*1"))


def test_many_are_decided_from_the_list_after_a_preview_and_taken_back(
    anna: Page, site: str, world: SimpleNamespace
) -> None:
    anna.goto(f"{site}/appeals/?topic=housing")
    anna.get_by_role("button", name="Decide the chosen ones").wait_for()
    for box in anna.locator("input[name=ids]").all():
        box.check()
    anna.keyboard.press("b")
    expect(anna.locator("h1")).to_have_text("Decide 9 appeals at once")
    anna.get_by_role("combobox", name="What is it about?").fill("hot water")
    anna.keyboard.press("Enter")
    anna.get_by_role("button", name="Show what it would do").click()
    expect(anna.locator(".tiles")).to_contain_text("9")
    anna.get_by_label("Lifts").check()
    anna.get_by_role("button", name="Show it anew").click()
    anna.get_by_role("button", name="Decide 8 appeals").click()
    expect(anna.locator("#messages")).to_contain_text("8 appeals")
    assert topics(world)["housing.heating.hot_water"] == 8
    anna.get_by_role("button", name="Undo").click()
    expect(anna.locator("tbody")).to_contain_text("undone by Anna")
    assert topics(world)["housing.heating.cold"] == 7


def test_hostile_words_stay_words(anna: Page) -> None:
    to_card(anna, HOLES)
    assert anna.get_by_text("window.pwned=1").count() >= 1
    assert anna.evaluate("window.pwned") is None
    assert anna.locator("main img, main script").count() == 0


def test_all_of_it_works_without_javascript(chromium: Browser, site: str, world: SimpleNamespace) -> None:
    with window(chromium, site, world.people["anna"], java_script_enabled=False) as page:
        page.goto(f"{site}/desk/")
        page.locator(".queue a", has_text=FLATS).click()
        page.locator("summary", has_text="Correct").click()
        page.locator("#other-value").select_option("housing.heating.season")
        page.get_by_role("button", name="Decide so").click()
        expect(page.locator(".done-line p")).to_contain_text("7 appeals")
        page.get_by_role("button", name="Undo").click()
        expect(title(page)).to_have_text(FLATS)
        page.locator("summary", has_text="Hand on").click()
        page.locator("#hand-to").select_option(label="Boris")
        page.locator("#send-hand").click()
        expect(page.locator(".done-line p")).to_have_text("You handed a card on.")
        page.go_back()
        page.go_back()
        expect(title(page)).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_of_the_desk_fits_and_can_be_read(
    chromium: Browser, site: str, world: SimpleNamespace, scheme: Any
) -> None:
    with window(chromium, site, world.people["anna"], "ru", color_scheme=scheme) as page:
        page.goto(f"{site}/desk/")
        card = page.locator(".queue ol a").nth(1).get_attribute("href")
        for address in ("/desk/", card, "/desk/checks/", "/desk/urgent/", "/desk/decisions/"):
            for width in (1440, 768, 390):
                page.set_viewport_size({"width": width, "height": 800})
                page.goto(f"{site}{address}")
                assert page.evaluate("document.documentElement.scrollWidth") <= width, (address, width)
                shifted, what = page.evaluate(SHIFTED)
                assert shifted < 0.01, (address, width, what)
            assert page.evaluate(CONTRAST) == [], (address, scheme)
