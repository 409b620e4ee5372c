from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from veche.engine.stage import Stage
from veche.stages.urgency import UrgencyStage

LIFE = [
    "Пожар на пятом этаже!",
    "горит трава у домов",
    "В подъезде запах газа",
    "газом пахнет на лестнице",
    "пажар в соседнем доме",
    "Бабушка умирает, скорой нет два часа",
    "Хочу покончить с собой",
    "Опять горит свалка",
    "В 2023 году горел склад, и сейчас горит снова",
    "Горит не первый день",
    "Пожар был два часа назад, люди на улице",
    "Неделю назад в подвале был запах газа",
    "The building was on fire two days ago",
    "Не могу потушить, пожар у соседей",
    "There is a fire in the building",
    "I smell gas in the hallway",
    "gas leak on Main street",
    "A man is unconscious on the bench",
    "My neighbor talks about suicide",
    "Fire! Fire!",
    "The shed is on fire again",
]
NOT_URGENT = [
    "Нет запаха газа, всё в порядке",
    "В 2010 году горел наш клуб",
    "Пожарная лестница заржавела",
    "Проверьте, горит ли лампа",
    "от пыли глаза горят",
    "Клуб горел пять лет назад",
    "Яма на дороге",
    "Спасибо за ремонт",
    "взрывопожароопасность",
    "Пожарный гидрант сломан",
    "Фонарь погорел",
    "There was no fire",
    "The fire station needs paint",
    "A car is parked in the fire lane",
    "A fire hydrant is leaking",
    "The house had a fire years ago",
    "Pothole on the corner",
    "He was fired",
]
DOUBTFUL = [
    "Если будет пожар, машина не проедет",
    "Не чувствуется ли запах газа",
    "запаха газа нет",
    "Trim the trees to prevent a fire",
    "It is not a big fire",
]
DEADLINE = ["Завтра суд, а справки нет", "Нас выселяют", "Today is the last day to apply", "evicted tomorrow"]


@pytest.fixture(scope="module")
def stage(facets):
    return facets.opened(UrgencyStage)


@pytest.mark.parametrize("text", LIFE)
def test_a_threat_to_life_is_seen(stage, facets, text):
    (row,) = facets.decide(stage, [text])
    assert (row[0]["value"], row[0]["confidence"] > 0.4) == ("life", True)
    assert row[0]["evidence"]


@pytest.mark.parametrize("text", NOT_URGENT)
def test_what_is_denied_past_or_only_looks_so_is_no_alarm(stage, facets, text):
    (row,) = facets.decide(stage, [text], received_at=[facets.received])
    assert row[0]["value"] == "none"
    assert row[0]["evidence"] == []


@pytest.mark.parametrize("text", DOUBTFUL)
def test_a_doubtful_threat_stays_an_alarm_with_less_confidence(stage, facets, text):
    (row,) = facets.decide(stage, [text])
    assert row[0]["value"] == "life"
    assert 0.35 < row[0]["confidence"] < 0.7


@pytest.mark.parametrize("text", DEADLINE)
def test_a_near_deadline_is_seen(stage, facets, text):
    (row,) = facets.decide(stage, [text])
    assert row[0]["value"] == "deadline"


def test_a_year_is_past_by_the_date_of_the_appeal(stage, facets):
    texts = ["В 2025 году горел лес"] * 3
    received = [datetime(2025, 7, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC), None]
    values = [row[0]["value"] for row in facets.decide(stage, texts, received_at=received)]
    assert values == ["life", "none", "none"]


def test_another_sentence_does_not_make_it_past(stage, facets):
    (row,) = facets.decide(stage, ["Дом построен в 1960 году. Горит проводка."])
    assert row[0]["value"] == "life"


def test_life_comes_before_a_deadline(stage, facets):
    (row,) = facets.decide(stage, ["Завтра суд, а у нас пожар"])
    assert [d["value"] for d in row] == ["life"]


def test_several_signs_are_surer_than_one(stage, facets):
    one, two = facets.decide(stage, ["пожар", "пожар, запах газа"])
    assert one[0]["confidence"] < two[0]["confidence"]


def test_the_evidence_is_what_was_read(stage, facets):
    text = "Срочно: запах газа, горит чердак"
    (row,) = facets.decide(stage, [text])
    assert [text[s["start"] : s["end"]] for s in row[0]["evidence"]] == ["запах газа", "горит"]


def test_every_row_has_exactly_one_value(stage, facets):
    assert [len(row) for row in facets.decide(stage, ["", "пожар", "x"])] == [1, 1, 1]


def test_the_stage_keeps_its_contract(stage):
    assert isinstance(stage, Stage)


WORDS = st.sampled_from(
    [
        "пожар",
        "горит",
        "не",
        "если",
        "в 2010 году",
        ".",
        "\n",
        "fire",
        "no",
        "gas leak",
        "сейчас",
        "ago",
        "Завтра суд",
        "😀",
    ]
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.lists(WORDS, max_size=10).map(" ".join), max_size=8))
def test_a_batch_is_decided_as_its_halves_are(stage, facets, texts):
    half = len(texts) // 2
    whole = facets.decide(stage, texts)
    facets.assert_lawful(texts, whole)
    assert whole == facets.decide(stage, texts[:half]) + facets.decide(stage, texts[half:])
