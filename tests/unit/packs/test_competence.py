"""Who answers for a topic at a place: the most specific rule, then the nearest; overseers after them."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veche.packs.competence import Competence
from veche.packs.model import BODY_LEVELS, Body, Pack, Territory, Topic

TOPICS = ("roads", "roads.snow", "roads.snow.yards", "heat", "lifts", "space")
TERRITORIES = {
    "land": ("", "country"),
    "north": ("land", "region"),
    "elk": ("north", "settlement"),
    "elk-mill": ("elk", "district"),
    "birch": ("north", "settlement"),
}


def body(code, level, topics=(), *, title="", oversees=(), territory="", valid_from="", valid_to=""):
    return Body(
        code,
        {"en": title or code},
        level,
        tuple(topics),
        oversees=tuple(oversees),
        territory=territory,
        valid_from=valid_from,
        valid_to=valid_to,
    )


def competence(*bodies: Body) -> Competence:
    return Competence(
        Pack(
            code="small",
            version="1",
            title={"en": "Small"},
            languages=("en",),
            timezone="Europe/Moscow",
            path=Path(),
            topics={code: Topic(code, code.rpartition(".")[0], {"en": code}, {}, {}, {}) for code in TOPICS},
            bodies={b.code: b for b in bodies},
            territories={
                code: Territory(code, parent, level, {"en": code}, {})
                for code, (parent, level) in TERRITORIES.items()
            },
            kinds=(),
            urgencies=(),
            groups=(),
            recognisers=(),
            negations={},
            name_lists={},
        )
    )


RULES = competence(
    body("town", "municipal", ["roads", "lifts"]),
    body("road-service", "municipal", ["roads.snow"]),
    body("ministry", "regional", ["roads"], oversees=["heat"]),
    body("agency", "federal", ["roads"], oversees=["roads.snow.yards"]),
    body("heat-network", "operator", ["heat"]),
    body("elk-lifts", "municipal", ["lifts"], territory="elk"),
    body("old-office", "federal", ["space"], valid_to="2020-12-31"),
    body("new-office", "federal", oversees=["space"], valid_from="2021-01-01"),
)


def values(topic, place="elk", day=None):
    return [c.value for c in RULES.candidates(topic, place=place, day=day)]


@pytest.mark.parametrize(
    ("topic", "place", "answers"),
    [
        ("roads", "elk", "town@elk"),
        ("roads.snow", "elk-mill", "road-service@elk"),
        ("roads.snow.yards", "birch", "road-service@birch"),
        ("roads", "north", "ministry@north"),
        ("heat", "elk", "heat-network"),
        ("heat", "", "heat-network"),
        ("roads.snow", "", "road-service"),
        ("atlantis", "elk", ""),
        ("", "elk", ""),
    ],
)
def test_the_most_specific_rule_of_the_nearest_body_answers(topic, place, answers):
    assert RULES.answering(topic, place=place, day=None) == answers


def test_the_levels_follow_each_other_from_the_nearest_to_the_federation():
    assert values("roads") == ["town@elk", "ministry@north", "agency"]


def test_a_body_of_the_very_place_comes_before_the_kind_that_exists_in_each():
    assert values("lifts", "elk-mill") == ["elk-lifts", "town@elk"]
    assert values("lifts", "birch") == ["town@birch"]


def test_who_oversees_comes_after_all_who_answer_and_weighs_less():
    found = RULES.candidates("heat", place="elk", day=None)
    assert [(c.value, c.answers) for c in found] == [("heat-network", True), ("ministry@north", False)]
    assert found[0].strength == pytest.approx(0.8)


def test_a_body_that_answers_for_the_branch_is_not_its_own_overseer():
    found = RULES.candidates("roads.snow.yards", place="elk", day=None)
    assert [c.value for c in found].count("agency") == 1
    assert all(c.answers for c in found)


def test_where_nobody_answers_those_who_oversee_are_asked():
    found = RULES.candidates("space", place="elk", day=date(2024, 5, 5))
    assert [(c.value, c.answers, c.strength) for c in found] == [("new-office", False, 1.0)]
    assert RULES.answering("space", place="elk", day=date(2024, 5, 5)) == ""
    assert RULES.answering("space", place="elk", day=date(2020, 12, 31)) == "old-office"


def test_the_days_on_which_competence_turns_are_known():
    assert RULES.turns == (date(2021, 1, 1),)


BODIES = st.lists(
    st.builds(
        body,
        st.uuids().map(str),
        st.sampled_from(BODY_LEVELS),
        st.lists(st.sampled_from(TOPICS), unique=True),
        title=st.sampled_from(["Office", "Office of {municipality}", "Office of {region}"]),
        oversees=st.lists(st.sampled_from(TOPICS), unique=True),
        territory=st.sampled_from(["", *TERRITORIES]),
    ),
    max_size=8,
)


@given(BODIES, st.sampled_from(TOPICS), st.sampled_from(["", *TERRITORIES]))
def test_shares_sum_to_one_and_the_first_candidate_is_the_one_that_answers(bodies, topic, place):
    rules = competence(*bodies)
    found = rules.candidates(topic, place=place, day=None)
    if found:
        assert sum(c.strength for c in found) == pytest.approx(1.0)
    assert [c.strength for c in found] == sorted((c.strength for c in found), reverse=True)
    answering = rules.answering(topic, place=place, day=None)
    if any(c.answers for c in found):
        assert answering == found[0].value
    else:
        assert answering == ""
