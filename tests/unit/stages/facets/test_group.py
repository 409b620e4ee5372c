from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from veche.engine.stage import Stage
from veche.stages.group import GroupStage

SAID = [
    ("Я пенсионерка, живу одна", {"status:pensioner"}),
    ("Мне 78 лет.", {"age:65+"}),
    ("мне уже 67, хожу с палочкой", {"age:65+"}),
    ("Мне 16 лет и я учусь в школе", {"age:0-17"}),
    ("Я инвалид 2 группы", {"status:disability"}),
    ("У меня инвалидность с детства", {"status:disability"}),
    ("Мы, родители пятого класса, против", {"status:parent"}),
    ("Мы родители учеников", {"status:parent"}),
    ("Как учитель с тридцатилетним стажем, прошу", {"occupation:teacher"}),
    ("Я работаю медсестрой", {"occupation:nurse"}),
    ("Являюсь ветераном труда", {"status:veteran"}),
    ("Почините лифт. Иванова М. П., пенсионерка", {"status:pensioner"}),
    ("Пенсионерка, 70 лет. Прошу помочь", {"status:pensioner", "age:65+"}),
    ("Я, одинокая пенсионерка, прошу", {"status:pensioner"}),
    ("мой ребенок не ходит в сад", {"status:parent"}),
    ("в мои 34 года", {"age:25-34"}),
    ("Я 45-летний житель города", {"age:45-54"}),
    ("I am 72 years old", {"age:65+"}),
    ("I'm 34, and I cycle to work", {"age:25-34"}),
    ("As a nurse I see this daily", {"occupation:nurse"}),
    ("I am a retired teacher", {"status:pensioner", "occupation:teacher"}),
    ("I'm disabled and cannot use the stairs", {"status:disability"}),
    ("We are parents of twins", {"status:parent"}),
    ("My kids walk here", {"status:parent"}),
    ("I am a 16 year old", {"age:0-17"}),
    ("As a 50-year-old woman", {"age:45-54"}),
    ("I'm a wheelchair user", {"status:disability"}),
    ("I am a veteran", {"status:veteran"}),
    ("As parents we worry", {"status:parent"}),
    ("Fix the ramp.\nJ. Doe, pensioner", {"status:pensioner"}),
    ("my age is 20", {"age:18-24"}),
    ("I work as a teacher here", {"occupation:teacher"}),
]
OTHERS = [
    "Моей маме 80 лет",
    "Мой сосед пенсионер",
    "Льготы для ветеранов",
    "Пенсионерам подняли тариф на воду",
    "Мне 20 лет обещают квартиру",
    "Мне 3 раза отказали",
    "Я вижу, как пенсионеры стоят в очереди",
    "Мой муж инвалид",
    "Прошу учителя перезвонить",
    "Сломана инвалидная коляска",
    "Я не пенсионер",
    "В школе нет учителей, дети сидят дома",
    "Ветеранам войны не помогают",
    "Дому 50 лет",
    "Дорогу не чинят 15 лет",
    "My mother is 80 years old",
    "The teachers deserve more pay for what they do",
    "My neighbor is a pensioner",
    "A car in a disabled parking spot",
    "I am not a veteran",
    "I am 5 minutes away",
    "Parents drop their kids here every morning and block us",
    "I saw a nurse smoking",
    "The nurse was rude to me",
    "He is 72 years old",
    "I waited 20 years",
    "Parking for veterans is full again",
    "We asked the teacher twice",
    "For parents it is a nightmare",
    "The house is 34 years old",
]


@pytest.fixture(scope="module")
def stage(facets):
    return facets.opened(GroupStage)


@pytest.mark.parametrize(("text", "expected"), SAID)
def test_what_authors_say_of_themselves_is_found(stage, facets, text, expected):
    (row,) = facets.decide(stage, [text])
    assert {d["value"] for d in row} == expected
    assert all(d["evidence"] for d in row)


@pytest.mark.parametrize("text", OTHERS)
def test_what_is_said_of_others_is_not_the_author(stage, facets, text):
    assert facets.decide(stage, [text]) == [[]]


def test_declared_fields_come_first_and_are_sure(stage, facets):
    (row,) = facets.decide(stage, ["Я учитель"], age=[30], sex=["female"], occupation=["Медсестра в школе"])
    assert [(d["value"], d["confidence"]) for d in row[:3]] == [
        ("age:25-34", 1.0),
        ("occupation:nurse", 1.0),
        ("sex:female", 1.0),
    ]
    assert row[3]["value"] == "occupation:teacher"
    assert [d["rank"] for d in row] == [0, 1, 2, 3]


def test_a_declared_age_leaves_no_room_for_another(stage, facets):
    (row,) = facets.decide(stage, ["Мне 78 лет."], age=[77])
    assert [d["value"] for d in row] == ["age:65+"]
    (row,) = facets.decide(stage, ["Мне 78 лет."], age=[40])
    assert [d["value"] for d in row] == ["age:35-44"]


@pytest.mark.parametrize(
    ("age", "group"),
    [
        *((0, "0-17"), (17, "0-17"), (18, "18-24"), (24, "18-24"), (25, "25-34"), (44, "35-44")),
        *((45, "45-54"), (55, "55-64"), (64, "55-64"), (65, "65+"), (110, "65+")),
    ],
)
def test_ages_fall_into_their_groups(stage, facets, age, group):
    (row,) = facets.decide(stage, [""], age=[age])
    assert row[0]["value"] == f"age:{group}"


def test_an_impossible_age_says_nothing(stage, facets):
    assert facets.decide(stage, ["Мне 200 лет.", "", ""], age=[None, 999, -1]) == [[], [], []]


def test_sex_is_never_guessed_from_the_text(stage, facets):
    (row,) = facets.decide(stage, ["Я устала ждать, написала три раза. I am a woman."])
    assert row == []


def test_a_year_of_birth_counts_from_the_date_of_the_appeal(stage, facets):
    text = "Я 1950 года рождения, прошу помочь"
    received = datetime(2025, 1, 1, tzinfo=UTC)
    known, unknown = facets.decide(stage, [text, text], received_at=[received, None])
    assert [d["value"] for d in known] == ["age:65+"]
    assert unknown == []


def test_the_evidence_is_the_phrase(stage, facets):
    text = "Здравствуйте. Я пенсионерка, мне 78 лет."
    (row,) = facets.decide(stage, [text])
    found = {d["value"]: [text[s["start"] : s["end"]] for s in d["evidence"]] for d in row}
    assert found == {"status:pensioner": ["пенсионерка"], "age:65+": ["мне 78 лет"]}


def test_the_stage_keeps_its_contract(stage):
    assert isinstance(stage, Stage)


WORDS = st.sampled_from(
    ["я", "пенсионер", "мне", "78", "лет", ",", ".", "\n", "мама", "I am", "a", "nurse", "72", "учителя"]
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.lists(WORDS, max_size=10).map(" ".join), max_size=8))
def test_a_batch_is_decided_as_its_halves_are(stage, facets, texts):
    half = len(texts) // 2
    whole = facets.decide(stage, texts)
    facets.assert_lawful(texts, whole)
    assert whole == facets.decide(stage, texts[:half]) + facets.decide(stage, texts[half:])
