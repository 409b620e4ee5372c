"""Facts about the packs that travel with the program."""

import json
from itertools import pairwise
from time import process_time

import pytest

from veche.packs import check, load_pack
from veche.packs.model import KINDS

BOSTON = load_pack("boston")
RU = load_pack("ru")


@pytest.mark.parametrize("name", ["boston", "ru"])
def test_our_packs_are_clean(name: str) -> None:
    assert check(name) == []


def test_boston_knows_25_services_in_5_sections() -> None:
    sections = [c for c, t in BOSTON.topics.items() if not t.parent]
    leaves = [t for t in BOSTON.topics.values() if t.parent]
    assert (len(sections), len(leaves)) == (5, 25)
    assert all(len(t.examples["en"]) >= 8 and len(t.examples["es"]) >= 4 for t in leaves)


def test_boston_writes_no_example_twice() -> None:
    texts = [e for t in BOSTON.topics.values() for several in t.examples.values() for e in several]
    assert len(texts) == len(set(texts))


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("southie", "south-boston"),
        ("jp", "jamaica-plain"),
        ("eastie", "east-boston"),
        ("rozzie", "roslindale"),
    ],
)
def test_boston_knows_what_people_call_their_neighborhood(name: str, code: str) -> None:
    assert name in BOSTON.territories[f"boston-{code}"].forms


def test_dot_and_the_point_need_context() -> None:
    assert "dot" in BOSTON.territories["boston-dorchester"].weak_forms
    assert "the point" in BOSTON.territories["boston-south-boston"].weak_forms


def test_false_friends_are_no_threat_to_life() -> None:
    life = next(c for c in BOSTON.urgencies if c.value == "life")
    assert {"dead tree*", "killing me", "gas station*"} <= set(life.not_["en"])
    assert not set(life.phrases["en"]) & set(life.not_["en"])


def test_boston_has_phrases_for_every_kind_in_both_languages() -> None:
    assert {c.value for c in BOSTON.kinds} == set(KINDS)
    assert all(c.phrases["en"] and c.phrases["es"] for c in BOSTON.kinds)


def test_russia_has_its_regions_and_cities() -> None:
    levels = [t.level for t in RU.territories.values()]
    assert levels.count("region") == 86
    # Moscow, Saint Petersburg and Sevastopol are regions; the source counts them as cities too.
    assert levels.count("settlement") == 1117 - 3
    assert RU.territories["ru-77"].population == 11514330


def test_a_city_lies_in_its_district_and_region() -> None:
    for code, territory in RU.territories.items():
        assert (
            territory.parent == "" if code == "ru" else code.startswith(RU.territories[territory.parent].code)
        )


def test_every_region_has_a_title_in_english() -> None:
    for territory in RU.territories.values():
        assert territory.title["en"].isascii() or "–" in territory.title["en"]


def test_shapes_are_closed_rounded_and_named_by_territory() -> None:
    assert RU.shapes is not None
    for feature in json.loads(RU.shapes.read_bytes())["features"]:
        assert feature["properties"]["code"] in RU.territories
        for polygon in feature["geometry"]["coordinates"]:
            for ring in polygon:
                assert ring[0] == ring[-1]
                assert len(ring) >= 4
                assert all(x == round(x, 2) and y == round(y, 2) for x, y in ring)


def test_chukotka_is_drawn_in_one_piece() -> None:
    assert RU.shapes is not None
    features = json.loads(RU.shapes.read_bytes())["features"]
    chukotka = next(f for f in features if f["properties"]["code"] == "ru-87")
    rings = [polygon[0] for polygon in chukotka["geometry"]["coordinates"]]
    assert all(x > 150 for ring in rings for x, _ in ring)
    seams = [1 for ring in rings for a, b in pairwise(ring) if a[0] == b[0] == 180]
    assert not seams


def test_russia_loads_in_under_a_second_of_work() -> None:
    start = process_time()
    load_pack("ru")
    assert process_time() - start < 1
