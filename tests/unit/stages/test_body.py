"""The body stage names who answers, by topic, place and day."""

import datetime as dt
import importlib.util
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from veche.core.finding import DECISIONS, decisions
from veche.engine.stage import Context
from veche.packs.competence import body_title
from veche.stages.body import BodyStage

_spec = importlib.util.spec_from_file_location("small_country", Path(__file__).with_name("small_country.py"))
small_country = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(small_country)

PACK = small_country.small_pack()
STAGE = BodyStage()
STAGE.open(Context(PACK))


def facet(rows, *, confidence=0.8):
    """Build a facet column from one list of (matter, value) per row; ranks follow the order."""
    at, values, matters, ranks = [], [], [], []
    for i, row in enumerate(rows):
        for matter, value in row:
            at.append(i)
            ranks.append(sum(m == matter for r, m in zip(at[:-1], matters, strict=True) if r == i))
            values.append(value)
            matters.append(matter)
    return decisions(len(rows), at, values, np.full(len(at), confidence), matters=matters, ranks=ranks)


def bodies(topics, places, *, days=None):
    """Return the decisions of each row for one topic and one place (or None) per row."""
    received = [None if d is None else dt.datetime.fromisoformat(d + "T12:00:00+00:00") for d in days or []]
    table = pa.table(
        {
            "topic": facet([[(0, t)] if t else [] for t in topics]),
            "place": facet([[(0, p)] if p else [] for p in places], confidence=0.9),
            "received_at": pa.array(received or [None] * len(topics), pa.timestamp("us", "UTC")),
        }
    )
    return STAGE(table)["body"].to_pylist()


def values(topic, place=None, day=None):
    return [d["value"] for d in bodies([topic], [place], days=[day])[0]]


@pytest.mark.parametrize(
    ("topic", "place", "body"),
    [
        ("roads.potholes", "kazan", "potholes@kazan"),
        ("roads.potholes", "kazan-sov", "potholes@kazan"),
        ("roads", "samara", "city@samara"),
        ("roads", "tatarstan", "ministry-roads@tatarstan"),
        ("roads.federal", "kazan", "federal-roads"),
        ("roads", "moscow", "city@moscow"),
        ("health", "kazan", "ministry-health@tatarstan"),
        ("health.clinics", "kazan-sov", "kazan-clinics"),
        ("health.clinics", "samara", "ministry-health@samara-obl"),
        ("health.clinics", "chelny", "ministry-health@tatarstan"),
        ("waste", "kirov", "city@kirov"),
        ("pensions", "kirov", "social-fund"),
        ("pensions", None, "social-fund"),
        ("roads.potholes", None, "potholes"),
    ],
)
def test_the_most_specific_rule_of_the_nearest_level_wins(topic, place, body):
    assert values(topic, place)[0] == body


def test_the_second_and_third_candidate_follow():
    assert values("roads.potholes", "kazan") == ["potholes@kazan", "city@kazan", "ministry-roads@tatarstan"]


def test_a_body_answers_only_while_it_exists():
    assert values("pensions", "kazan", "2022-12-31") == ["pension-fund"]
    assert values("pensions", "kazan", "2023-01-01") == ["social-fund"]
    assert values("pensions", "kazan", None) == ["social-fund"]


def test_no_topic_gives_no_body():
    assert values(None, "kazan") == []


def test_a_topic_that_nobody_answers_for_gives_no_body():
    assert values("space.travel", "kazan") == []


def test_confidence_hangs_on_topic_and_place():
    federal = bodies(["pensions"], ["kazan"])[0][0]
    local = bodies(["waste"], ["kirov"])[0][0]
    assert federal["confidence"] == pytest.approx(0.8)
    assert local["confidence"] < 0.8 * 0.9


def test_each_matter_has_its_own_bodies():
    table = pa.table(
        {
            "topic": facet([[(0, "roads"), (0, "pensions"), (1, "roads"), (2, "pensions")]]),
            "place": facet([[(0, "kazan")]]),
            "received_at": pa.nulls(1, pa.timestamp("us", "UTC")),
        }
    )
    found = STAGE(table)["body"].to_pylist()[0]
    assert next(d["value"] for d in found if d["matter"] == 1) == "city@kazan"
    assert [d["value"] for d in found if d["matter"] == 2] == ["social-fund"]
    assert {d["value"] for d in found if d["matter"] == 0} == {
        "social-fund",
        "city@kazan",
        "ministry-roads@tatarstan",
    }


def test_without_places_the_kinds_of_bodies_are_named():
    table = pa.table({"topic": facet([[(0, "roads")]]), "place": pa.nulls(1), "received_at": pa.nulls(1)})
    assert STAGE(table)["body"].to_pylist()[0][0]["value"] == "city"


@pytest.mark.parametrize(
    ("value", "language", "title"),
    [
        ("city@kazan", "en", "Administration of Kazan"),
        ("city@kazan", "ru", "Администрация: Казань"),
        ("ministry-roads@tatarstan", "en", "Ministry of Transport of Республика Татарстан"),
        ("city", "en", "Administration"),
        ("city", "ru", "Администрация"),
        ("federal-roads", "en", "Federal Road Agency"),
        ("kazan-clinics", "en", "Управление здравоохранения Казани"),
        ("nobody@nowhere", "en", "nobody@nowhere"),
    ],
)
def test_a_value_is_shown_with_its_title(value, language, title):
    assert body_title(value, pack=PACK, language=language) == title


TOPICS = st.sampled_from([None, *small_country.TOPICS, "space"])
PLACES = st.sampled_from([None, *PACK.territories])
DAYS = st.sampled_from([None, "2020-05-05", "2024-05-05"])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(TOPICS, PLACES, DAYS), min_size=1, max_size=8))
def test_neighbours_in_the_batch_change_nothing_and_ranks_count_up(rows):
    topics, places, days = zip(*rows, strict=True)
    together = bodies(topics, places, days=days)
    assert together == [bodies([t], [p], days=[d])[0] for t, p, d in rows]
    for found in together:
        assert [d["rank"] for d in found] == list(range(len(found)))
        assert sum(d["confidence"] for d in found) <= 0.8 + 1e-6


def test_the_column_has_the_type_of_a_facet():
    table = pa.table({"topic": facet([]), "place": facet([]), "received_at": pa.nulls(0)})
    assert STAGE(table)["body"].type == DECISIONS
