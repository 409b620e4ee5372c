"""The keys of an address: one meaning everywhere, and nothing that somebody types breaks a page."""

from datetime import date
from urllib.parse import parse_qsl, urlencode

import pytest
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

WHOLE = (
    "body=roads&topic=roads&topic=water&territory=ru-16&group=status%3Apensioner&channel=api&language=tt"
    "&kind=complaint&urgency=life&state=counted&theme=-&sure=low&since=2026-11-01&until=2026-11-22"
    "&q=%D1%84%D0%BE%D0%BD%D0%B0%D1%80%D1%8C&by=meaning"
)


@pytest.fixture
def read(cast):
    """Read an address as a person of the cast."""
    from contextlib import ExitStack

    from veche.service.accounts.acting import acting

    with ExitStack() as stack:
        entered = set()

        def filters(address="", name="editor"):
            from veche.service.search.filters import Filters

            user = getattr(cast.people, name)
            if name not in entered:
                stack.close()
                entered.clear()
                stack.enter_context(acting(user))
                entered.add(name)
            return Filters.read(QueryDict(address), user)

        yield filters


def test_an_address_says_again_what_it_said(read):
    filters = read("until=2026-11-22&" + WHOLE.replace("&until=2026-11-22", "") + "&unknown=1&topic=roads")
    assert not filters.errors
    assert filters.query() == WHOLE
    assert read(filters.query()) == filters
    assert bool(filters)
    assert not read("unknown=1&topic=&q=+")


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("since=yesterday", "since"),
        ("since=2026-02-30", "since"),
        ("since=2026-11-22&until=2026-11-21", "until"),
        ("kind=what", "kind"),
        ("urgency=very", "urgency"),
        ("state=gone", "state"),
        ("sure=quite", "sure"),
        ("theme=7", "theme"),
        ("tenant=other", "tenant"),
        ("tenant=nowhere", "tenant"),
        ("by=luck", "by"),
        ("topic=" + "x" * 301, "topic"),
        ("topic=a%00b", "topic"),
        ("topic=a%0Ab", "topic"),
        ("q=a%00b", "q"),
        ("q=" + "x" * 10_000, "q"),
        ("&".join(f"topic=t{i}" for i in range(101)), "topic"),
    ],
)
def test_what_cannot_be_is_told_and_fits_nothing(cast, read, address, key):
    from veche.service.board.scopes import cube_of

    filters = read(address)
    assert set(filters.errors) == {key}
    assert filters.errors[key]
    assert not cube_of(cast.people.editor).rows(filters).any()


def test_the_authorities_below_are_there_and_the_others_are_not(read):
    assert not read("tenant=region&tenant=city").errors
    assert read("tenant=nation").errors
    assert not read("tenant=other&tenant=nation", "head").errors


def test_chips_say_each_filter_and_how_to_leave_it_out(read):
    from django.utils.translation import override

    with override("en"):
        chips = read("topic=roads&topic=water&since=2026-11-01&q=lamp&by=meaning&body=-").chips()
    said = {(chip.key, chip.value): chip for chip in chips}
    assert said["since", "2026-11-01"].label == "From the day"
    assert said["body", "-"].words == "Not known"
    assert said["topic", "water"].url_without == "?body=-&topic=roads&since=2026-11-01&q=lamp&by=meaning"
    assert said["q", "lamp"].url_without == "?body=-&topic=roads&topic=water&since=2026-11-01"
    assert said["by", "meaning"].url_without.endswith("&q=lamp")
    assert [chip.key for chip in chips] == ["body", "topic", "topic", "since", "q", "by"]


def test_codes_are_said_in_the_readers_language_by_the_pack_that_knows_them(read):
    from django.utils.translation import override

    with override("ru"):
        [place] = read("territory=ru-16").chips()
        [city] = read("territory=boston").chips()
    assert place.words == "Республика Татарстан"
    assert city.words == "Boston"


def test_one_value_can_be_left_out_or_set(read):
    filters = read("topic=roads&topic=water&q=lamp&by=meaning")
    assert filters.without("topic", "roads").topic == ("water",)
    assert filters.without("topic").topic == ()
    assert filters.without("q").query() == "topic=roads&topic=water"
    narrowed = filters.narrowed(topic="roads.potholes", since=date(2026, 11, 1))
    assert narrowed.query() == "topic=roads.potholes&since=2026-11-01&q=lamp&by=meaning"
    assert filters.query(topic="roads.potholes", since=date(2026, 11, 1)) == narrowed.query()


@pytest.mark.parametrize(("confidence", "said"), [(None, "-"), (0.59, "low"), (0.6, "middle"), (0.9, "high")])
def test_how_sure_has_three_steps(confidence, said):
    from veche.service.search.filters import sure_of

    assert sure_of(confidence) == said


KEYS = [
    "tenant",
    "topic",
    "territory",
    "group",
    "kind",
    "theme",
    "sure",
    "state",
    "since",
    "until",
    "q",
    "by",
    "x",
]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(KEYS), st.text(max_size=40)), max_size=8))
def test_whatever_is_typed_is_read_and_said_again(read, pairs):
    filters = read(urlencode(pairs, errors="replace"))
    again = read(filters.query())
    assert not set(again.errors) - {"until"}
    assert again.query() == filters.query()
    assert dict(parse_qsl(filters.query())).keys() <= set(KEYS)
    assert len(filters.chips()) == len(list(filters.pairs()))
