import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from veche.engine.stage import Stage
from veche.stages.columns import TOPIC
from veche.stages.topic import TopicStage, _unmasked

CASES = [
    ("Во дворе огромная яма, машина провалилась", "roads.potholes"),
    ("Асфальт разбит, сплошные выбоины", "roads.potholes"),
    ("ямы на дороге по улице Ленина", "roads.potholes"),
    ("Пробил колесо, дорога вся в дырах", "roads.potholes"),
    ("Фонари не горят третий месяц", "roads.lights"),
    ("На остановке темно, освещения нет", "roads.lights"),
    ("Поставьте фонарь у детского сада", "roads.lights"),
    ("Улица не освещается по вечерам", "roads.lights"),
    ("Нет терапевта в нашем селе", "health.doctors"),
    ("Не записаться к врачу через сайт", "health.doctors"),
    ("В поликлинике очереди, талонов нет", "health.doctors"),
    ("К врачам не попасть", "health.doctors"),
    ("Мусор лежит у контейнеров", "waste"),
    ("Стихийная свалка у леса", "waste"),
    ("Баки переполнены, мусором завалило весь двор", "waste"),
    ("There is a pothole on Main Street", "roads.potholes"),
    ("Potholes everywhere, broken asphalt", "roads.potholes"),
    ("My wheel was damaged by a hole in the asphalt", "roads.potholes"),
    ("Please fill the potholes", "roads.potholes"),
    ("The street light on the corner is out", "roads.lights"),
    ("Lamps do not work in the park", "roads.lights"),
    ("Street lights are off, it is so dark", "roads.lights"),
    ("Replace the lamp by the school", "roads.lights"),
    ("No doctor in the village clinic", "health.doctors"),
    ("I waited a month for an appointment", "health.doctors"),
    ("The clinic has no doctors left", "health.doctors"),
    ("Cannot see a GP, no appointments", "health.doctors"),
    ("Trash was not collected on Monday", "waste"),
    ("Garbage everywhere, bins overflow", "waste"),
    ("Rubbish is piling up behind the shop", "waste"),
]
NOTHING = ["Добрый день!", "Привет", "12345", "Hello there", "asdf", "Я люблю шахматы"]


@pytest.fixture(scope="module")
def stage(facets):
    return facets.opened(TopicStage)


@pytest.mark.parametrize("vectors", [False, True], ids=["words alone", "with vectors"])
def test_the_topic_of_a_plain_appeal_is_found(stage, facets, vectors):
    texts = [text for text, _ in CASES]
    column = facets.decide(stage, texts, vectors=vectors)
    facets.assert_lawful(texts, column)
    found = [row[0]["value"] if row else None for row in column]
    wrong = [(t, v) for (t, want), v in zip(CASES, found, strict=True) if v != want]
    assert wrong == []


@pytest.mark.parametrize("vectors", [False, True], ids=["words alone", "with vectors"])
def test_an_appeal_about_nothing_is_not_sure_of_any_topic(stage, facets, vectors):
    for row in facets.decide(stage, NOTHING, vectors=vectors):
        assert not row or row[0]["confidence"] < 0.5


def test_the_stage_keeps_its_contract(stage):
    assert isinstance(stage, Stage)
    assert stage.adds == (TOPIC,)


def test_only_leaves_of_the_classifier_are_named(stage, facets):
    (row,) = facets.decide(stage, ["Дороги дороги дороги roads"])
    assert {d["value"] for d in row} <= {"roads.potholes", "roads.lights", "health.doctors", "waste"}


def test_topics_are_ranked_by_confidence_and_leave_room_for_none(stage, facets):
    for row in facets.decide(stage, ["Ямы, фонари не горят, мусор не вывозят, врачей нет"], vectors=True):
        confidences = [d["confidence"] for d in row]
        assert [d["rank"] for d in row] == list(range(len(row)))
        assert len(row) <= 3
        assert confidences == sorted(confidences, reverse=True)
        assert sum(confidences) < 1


def test_the_evidence_of_a_topic_is_its_keywords(stage, facets):
    text = "Здравствуйте. Асфальт разбит, яма на яме."
    (row,) = facets.decide(stage, [text])
    assert [text[s["start"] : s["end"]] for s in row[0]["evidence"]] == ["Асфальт", "яма"]


def test_a_keyword_inside_personal_data_is_no_evidence(stage, facets):
    text = "Иван Мусоров, у нас темно, нет освещения"
    masks = [[{"start": 0, "end": 12, "type": "name"}]]
    (row,) = facets.decide(stage, [text], masks=masks)
    assert row[0]["value"] == "roads.lights"
    assert all(s["start"] >= 12 for d in row for s in d["evidence"])


@pytest.mark.parametrize("vectors", [False, True])
def test_each_of_several_matters_has_its_topic(stage, facets, vectors):
    text = "Дорога в ямах. В поликлинике нет врача."
    matters = [[[{"start": 0, "end": 14}], [{"start": 15, "end": 39}]]]
    (row,) = facets.decide(stage, [text], matters=matters, vectors=vectors)
    best = {d["matter"]: d["value"] for d in row if d["rank"] == 0}
    assert (best[1], best[2]) == ("roads.potholes", "health.doctors")
    evidence = [s for d in row if d["matter"] == 2 for s in d["evidence"]]
    assert evidence
    assert all(s["start"] >= 15 for s in evidence)


def test_a_missing_text_has_no_topic(stage, facets):
    rows = facets.decide(stage, ["", "Мусор"])
    assert rows[0] == []
    assert rows[1][0]["value"] == "waste"


def test_an_empty_batch_stays_empty(stage, facets):
    assert facets.decide(stage, []) == []


def test_a_pack_without_topics_decides_nothing(facets):
    assert facets.decide(facets.opened(TopicStage, facets.pack(())), ["Мусор"]) == [[]]


def test_vectors_weigh_less_in_a_language_that_the_encoder_was_not_taught(stage, facets):
    text = ["It stinks behind our block and rats come"]
    language = [[{"matter": 0, "rank": 0, "value": "tt", "confidence": 1.0, "evidence": []}]]
    (known,) = facets.decide(stage, text, vectors=True)
    (foreign,) = facets.decide(stage, text, vectors=True, language=language)
    assert foreign == [] or foreign[0]["confidence"] < known[0]["confidence"]


WORDS = st.sampled_from([w for text, _ in CASES for w in text.split()] + ["и", "ё", "☂", "\n"])


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.lists(WORDS, max_size=12).map(" ".join), max_size=8))
def test_a_batch_is_decided_as_its_halves_are(stage, facets, texts):
    whole = facets.decide(stage, texts)
    half = len(texts) // 2
    apart = facets.decide(stage, texts[:half]) + facets.decide(stage, texts[half:])
    facets.assert_lawful(texts, whole)
    for one, other in zip(whole, apart, strict=True):
        assert [d["value"] for d in one] == [d["value"] for d in other]
        assert np.allclose([d["confidence"] for d in one], [d["confidence"] for d in other])


def test_the_labels_of_masked_data_tell_no_topic():
    from_label = _unmasked(pa.array(["Нет света. Иван, тел. [телефон], почта [почта]", "почта закрыта"]))
    assert from_label.to_pylist() == ["Нет света. Иван,  ,  ", "почта закрыта"]
