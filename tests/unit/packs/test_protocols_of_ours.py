"""Facts about the standard responses of the packs that travel with the program."""

import re
from collections.abc import Mapping
from datetime import date
from itertools import combinations

import pytest

from veche.packs import load_pack
from veche.packs.model import Pack
from veche.packs.rules.conditions import evaluate
from veche.packs.rules.model import FactValue, Protocol
from veche.packs.rules.protocols import applicable
from veche.packs.tree import leaves

BOSTON = load_pack("boston")
RU = load_pack("ru")
PACKS = [pytest.param(BOSTON, id="boston"), pytest.param(RU, id="ru")]

_FIELD = re.compile(r"\{\w+\}")


def _applying(pack: Pack, facts: Mapping[str, FactValue]) -> set[str]:
    return {code for code, p in pack.protocols.items() if evaluate(p.when, facts, pack=pack).value}


def test_a_nation_answers_in_46_ways_or_more_and_a_city_in_16() -> None:
    assert len(RU.protocols) >= 46
    assert len(BOSTON.protocols) >= 16


@pytest.mark.parametrize("pack", PACKS)
def test_a_response_says_the_same_in_each_language(pack: Pack) -> None:
    for protocol in pack.protocols.values():
        assert set(protocol.text) == set(pack.languages), protocol.code
        fields = [set(_FIELD.findall(text)) for text in protocol.text.values()]
        paragraphs = [len(text.split("\n\n")) for text in protocol.text.values()]
        assert len(set(map(frozenset, fields))) == 1, protocol.code
        assert len(set(paragraphs)) == 1, protocol.code


@pytest.mark.parametrize("pack", PACKS)
def test_a_response_names_who_answers(pack: Pack) -> None:
    silent = [
        protocol.code
        for protocol in pack.protocols.values()
        for text in protocol.text.values()
        if not {"{official}", "{phone}"} <= set(_FIELD.findall(text))
    ]
    assert not silent


def test_russian_responses_suit_women_and_men_alike() -> None:
    one_sex = re.compile(r"Уважаем(?:ый|ая)\b|\w\((?:а|ая|ла|ась|на)\)", re.IGNORECASE)
    assert not [p.code for p in RU.protocols.values() if one_sex.search(p.text["ru"])]


@pytest.mark.parametrize("pack", PACKS)
def test_no_two_responses_share_their_condition(pack: Pack) -> None:
    protocols: list[Protocol] = list(pack.protocols.values())
    assert not [(a.code, b.code) for a, b in combinations(protocols, 2) if a.when == b.when]


@pytest.mark.parametrize("pack", PACKS)
def test_a_complaint_on_any_topic_finds_a_response(pack: Pack) -> None:
    for topic in leaves(pack.topics):
        facts = {"topic": topic, "kind": "complaint", "urgency": "none", "decision": "explained"}
        assert _applying(pack, facts), topic


def test_each_service_of_boston_has_a_response_of_its_own() -> None:
    for topic in leaves(BOSTON.topics):
        assert _applying(BOSTON, {"topic": topic, "kind": "complaint"}), topic


@pytest.mark.parametrize(
    ("topic", "protocol"),
    [
        ("city.roads.potholes", "potholes"),
        ("city.improvement.lighting", "lighting"),
        ("city.waste.dumps", "dumps"),
        ("city.animals.strays", "stray_dogs"),
        ("housing.heating.cold", "cold_flat"),
        ("housing.payments.bills", "bill_recalculation"),
        ("social.health.medicines", "medicines"),
        ("social.education.places", "kindergarten_queue"),
        ("social.pensions.amount", "pension_amount"),
        ("economy.labour.unpaid", "unpaid_wages"),
        ("economy.telecom.internet", "village_internet"),
        ("safety.fraud.phone", "phone_fraud"),
        ("state.courts.bailiffs", "bailiffs"),
        ("state.courts.justice", "court_not_competent"),
    ],
)
def test_a_complaint_in_russia_finds_its_response(topic: str, protocol: str) -> None:
    assert protocol in _applying(RU, {"topic": topic, "kind": "complaint"})


@pytest.mark.parametrize(
    ("facts", "protocol"),
    [
        ({"kind": "thanks"}, "thanks"),
        ({"kind": "proposal"}, "proposal"),
        ({"kind": "spam"}, "spam_no_answer"),
        ({"kind": "threat"}, "insults"),
        ({"decision": "refused"}, "refused"),
        ({"decision": "in_part"}, "partly_satisfied"),
        ({"decision": "satisfied", "topic": "city.roads.potholes"}, "done_photo"),
        ({"decision": "forwarded", "body_level": "federal"}, "forwarded_federal"),
        ({"decision": "none", "days_open": 25}, "extension"),
        ({"decision": "refused", "repeats": 4, "kind": "complaint"}, "correspondence_ended"),
        ({"repeats": 60}, "many_alike"),
        ({"urgency": "life"}, "life_threat"),
        ({"signed": False}, "anonymous"),
        ({"signatures": 40}, "collective"),
        ({"place_known": False, "kind": "complaint"}, "place_missing"),
        ({"groups": frozenset({"age:0-17"})}, "young_author"),
    ],
)
def test_a_situation_in_russia_finds_its_response(facts: Mapping[str, FactValue], protocol: str) -> None:
    assert protocol in _applying(RU, facts)


def test_thanks_for_a_mended_road_are_not_answered_like_a_complaint() -> None:
    assert _applying(RU, {"topic": "city.roads.potholes", "kind": "thanks"}) == {"thanks"}
    assert _applying(BOSTON, {"topic": "streets.potholes", "kind": "thanks"}) == {"thanks"}


@pytest.mark.parametrize(
    ("pack", "number", "codes"),
    [
        pytest.param(RU, "112", ("life_threat", "gas_smell", "home_violence", "open_manhole"), id="ru"),
        pytest.param(BOSTON, "911", ("life_danger", "unsafe_conditions", "people_in_need"), id="boston"),
    ],
)
def test_where_life_is_in_danger_the_emergency_number_stands(
    pack: Pack, number: str, codes: tuple[str, ...]
) -> None:
    assert all(number in text for code in codes for text in pack.protocols[code].text.values())


def test_a_forwarded_request_names_the_state_body_it_went_to() -> None:
    for body in ("mbta", "dcr", "massdot"):
        facts = {"decision": "forwarded", "body": body}
        assert {"forwarded", f"forwarded_{body}"} <= _applying(BOSTON, facts)


def test_one_body_of_boston_answers_for_each_service() -> None:
    for topic in leaves(BOSTON.topics):
        answering = [
            b.code for b in BOSTON.bodies.values() if topic in b.topics or topic.split(".")[0] in b.topics
        ]
        assert len(answering) == 1, (topic, answering)


def test_danger_to_life_is_answered_before_the_matter_itself() -> None:
    facts = {"topic": "city.improvement.manholes", "kind": "complaint", "urgency": "life", "decision": "none"}
    first, second, *_ = applicable(RU, facts, date(2026, 1, 12))
    assert first.code == "life_threat"
    assert second.code != "life_threat"
