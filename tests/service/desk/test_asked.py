"""What the filter of the queue offers."""

import pytest
from django.http import QueryDict

REGION, OTHER = "ru/ru-54", "ru/ru-02"
LARGE, SMALL = "municipality_roads", "municipality_roads@ru-54-000-001"
#: Districts with the same body, each with fewer that wait than the one before.
DISTRICTS = [f"{REGION}/district-{i}" for i in range(150)]
PARTS = [
    *((district, LARGE, 200 - i) for i, district in enumerate(DISTRICTS)),
    (OTHER, "region_health", 5),
    (DISTRICTS[149], SMALL, 1),
    ("", "", 9),
]


@pytest.fixture
def offered(cast):
    """The values that a list offers, and how many it leaves out."""
    from veche.service.accounts.acting import acting
    from veche.service.desk.asked import Asked

    def call(key, query=""):
        with acting(cast.people.editor):
            asked = Asked(QueryDict(query), cast.people.editor)
            [field] = [f for f in asked.fields((), PARTS) if f.key == key]
        return {choice.value for choice in field.choices}, field.left_out

    return call


def test_the_places_where_most_waits_are_offered_and_the_others_counted(offered):
    from veche.service.desk.asked import OFFERED

    values, left_out = offered("territory")
    assert values == {REGION, *DISTRICTS[: OFFERED - 1]}
    assert left_out == len(DISTRICTS) + 2 - OFFERED


def test_a_place_that_is_chosen_offers_what_lies_within_it_and_the_bodies_there(offered):
    values, _left_out = offered("territory", f"territory={DISTRICTS[149]}")
    assert DISTRICTS[149] in values
    assert offered("body", f"territory={DISTRICTS[149]}") == ({LARGE, SMALL}, 0)
    assert offered("body", f"territory={OTHER}") == ({"region_health"}, 0)


def test_a_body_that_is_chosen_offers_the_places_where_something_waits_for_it(offered):
    assert offered("territory", f"body={SMALL}") == ({REGION, DISTRICTS[149]}, 0)


def test_what_is_chosen_stays_offered_where_nothing_waits(offered):
    assert offered("territory", "territory=ru/ru-77")[0] >= {"ru/ru-77", REGION}
