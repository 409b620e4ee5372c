"""The operator's form in a real browser: a call is taken without a mouse, and a draft outlives its page."""

from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.desk_world import a_desk, window
from tests.conftest import connected
from tests.service.conftest import rows  # noqa: F401 - no test finds another's appeals

pytestmark = pytest.mark.usefixtures("rows")

CALL = "В Новосибирске на улице Лесной, 5 со вчерашнего дня нет горячей воды."
PHONE = "+7 913 555-01-01"

# What opens for the first time takes its time on a machine that does much else.
expect.set_options(timeout=60_000)


@pytest.fixture
def world(urls: Any, installed: None) -> SimpleNamespace:  # noqa: ARG001
    """A region that takes calls, and an editor."""
    from veche.service.inbox.models import Channel

    world = a_desk(urls, [], anna="editor")
    with connected(urls.owner):
        Channel.objects.create(tenant=world.region, code="call", title="Calls")
    return world


@pytest.fixture
def anna(chromium: Browser, site: str, world: SimpleNamespace) -> Iterator[Page]:
    """The empty form."""
    with window(chromium, site, world.people["anna"]) as page:
        page.goto(f"{site}/operator/")
        yield page


@pytest.fixture
def neighbour(urls: Any, world: SimpleNamespace) -> str:
    """The number of an appeal that says the same as the call."""
    from tests.service.accounts.test_screens import number_of, one_appeal

    from veche.service.desk import operator_look
    from veche.service.inbox.means import Means
    from veche.service.inbox.models import AppealText

    seen = None
    for _ in range(60):
        seen = operator_look.glance(Means("ru"), CALL, address="", home="", now=datetime.now(UTC))
        if seen:
            break
    assert seen is not None
    with connected(urls.owner):
        topic = seen.topics[0].code
        made = one_appeal(world.region, world.channel, "У соседей то же.", topic=topic, number=5001)
        AppealText.objects.filter(appeal=made).update(vector=seen.vector.astype(np.float16).tobytes())
    return number_of(made)


def calls(world: SimpleNamespace) -> list[str]:
    """The numbers of the calls that were taken."""
    from veche.service.accounts.acting import working
    from veche.service.inbox import numbers
    from veche.service.inbox.models import Appeal

    with working(world.region.pk):
        taken = Appeal.objects.filter(channel__code="call").values_list("number", flat=True)
        return [numbers.shown(number) for number in taken]


def test_a_call_is_taken_by_keyboard_alone_while_it_is_understood(
    anna: Page, world: SimpleNamespace, neighbour: str
) -> None:
    anna.keyboard.press("F2")
    anna.keyboard.type(CALL)
    glance = anna.locator("#glance")
    expect(glance).to_contain_text("ot water")
    expect(glance).to_contain_text("Novosibirsk")
    expect(glance).to_contain_text("Others who say the same")
    expect(glance).to_contain_text(neighbour)
    expect(anna.locator("#id_text")).to_be_focused()
    anna.keyboard.press("F8")
    anna.keyboard.type(PHONE)
    anna.keyboard.press("Control+Enter")
    anna.wait_for_url("**/operator/?taken=*")
    [number] = calls(world)
    expect(anna.locator(".read-out")).to_have_text(number)
    expect(anna.locator("#id_text")).to_have_value("")


def test_what_was_typed_is_there_again_after_a_reload_until_it_is_handed_in(
    anna: Page, world: SimpleNamespace
) -> None:
    anna.keyboard.press("F2")
    anna.keyboard.type(CALL)
    anna.keyboard.press("F8")
    anna.keyboard.type(PHONE)
    for _ in range(100):
        if anna.evaluate("localStorage.getItem('veche-call')"):
            break
        anna.wait_for_timeout(100)
    anna.wait_for_timeout(1000)
    assert CALL not in anna.evaluate("localStorage.getItem('veche-call')"), "nobody else reads it"
    anna.reload()
    expect(anna.locator("#kept")).to_be_visible()
    expect(anna.locator("#id_text")).to_have_value(CALL)
    expect(anna.locator("#id_contact")).to_have_value(PHONE)
    assert calls(world) == []
    anna.keyboard.press("Control+Enter")
    anna.wait_for_url("**/operator/?taken=*")
    assert len(calls(world)) == 1
    anna.reload()
    expect(anna.locator("#id_text")).to_have_value("")
    expect(anna.locator("#kept")).to_be_hidden()
