import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from veche.engine.stage import Stage
from veche.packs.model import KINDS
from veche.stages.kind import KindStage

CASES = [
    ("Когда отремонтируют дорогу?", "question"),
    ("Подскажите, как получить справку", "question"),
    ("Почему не работает лифт?", "question"),
    ("Могу ли я получить субсидию, если работаю?", "question"),
    ("Сколько ещё ждать?", "question"),
    ("Третий месяц нет горячей воды", "complaint"),
    ("Безобразие! Мусор не вывозят неделями", "complaint"),
    ("Жалоба на управляющую компанию", "complaint"),
    ("В подъезде темно и грязно", "complaint"),
    ("Дорога разбита, ездить невозможно", "complaint"),
    ("Прошу отремонтировать крышу", "request"),
    ("Почините качели во дворе", "request"),
    ("Помогите с жильём, пожалуйста", "request"),
    ("Просим установить светофор у школы", "request"),
    ("Уберите снег с тротуара", "request"),
    ("Предлагаю сделать проезд бесплатным", "proposal"),
    ("Было бы хорошо открыть здесь парк", "proposal"),
    ("Большое спасибо врачам второй больницы!", "thanks"),
    ("Благодарим за новую площадку", "thanks"),
    ("Я вас взорву", "threat"),
    ("Заработок в интернете, купите курс", "spam"),
    ("...", "other"),
    ("When will the bridge reopen?", "question"),
    ("How do I get a parking permit", "question"),
    ("Why is the library closed?", "question"),
    ("Can you tell me who owns this lot?", "question"),
    ("The street light is out", "complaint"),
    ("This is unacceptable, the bus never comes", "complaint"),
    ("I want to complain about my landlord", "complaint"),
    ("Trash all over the sidewalk", "complaint"),
    ("Fed up with the noise", "complaint"),
    ("Please remove this abandoned car", "request"),
    ("Could you fix the swing in the park", "request"),
    ("We ask the city to install a stop sign", "request"),
    ("I suggest adding a bike lane", "proposal"),
    ("It would be great to have a dog park", "proposal"),
    ("Thank you for the quick repair", "thanks"),
    ("So grateful to the crew", "thanks"),
    ("I will blow up your office", "threat"),
    ("Best casino, click here", "spam"),
]


@pytest.fixture(scope="module")
def stage(facets):
    return facets.opened(KindStage)


@pytest.mark.parametrize("vectors", [False, True], ids=["phrases alone", "with vectors"])
def test_the_kind_of_a_plain_appeal_is_found(stage, facets, vectors):
    texts = [text for text, _ in CASES]
    column = facets.decide(stage, texts, vectors=vectors)
    facets.assert_lawful(texts, column)
    wrong = [
        (t, want, row[0]["value"])
        for (t, want), row in zip(CASES, column, strict=True)
        if row[0]["value"] != want
    ]
    assert wrong == []


def test_every_appeal_has_a_kind_that_the_model_lists(stage, facets):
    for row in facets.decide(stage, ["", "Текст", "?!", "hello", "ё"]):
        assert row[0]["rank"] == 0
        assert {d["value"] for d in row} <= set(KINDS)


def test_thanks_at_the_end_of_a_letter_are_manners(stage, facets):
    text = "Во дворе нашего дома уже второй месяц не горит ни один фонарь, вечером страшно ходить. Спасибо."
    (row,) = facets.decide(stage, [text])
    assert row[0]["value"] == "complaint"


def test_thanks_in_advance_are_no_thanks(stage, facets):
    (row,) = facets.decide(stage, ["Прошу прислать врача, заранее спасибо"])
    assert row[0]["value"] == "request"


def test_a_denied_phrase_speaks_less(stage, facets):
    denied, plain = facets.decide(stage, ["я не предлагаю", "я предлагаю"])
    assert denied[0]["value"] != "proposal"
    assert plain[0]["value"] == "proposal"


def test_the_evidence_is_the_phrase_or_the_question(stage, facets):
    text = "Добрый день. Когда будет автобус?"
    (row,) = facets.decide(stage, [text])
    assert "Когда будет" in [text[s["start"] : s["end"]] for s in row[0]["evidence"]]


def test_a_close_second_kind_is_named_too(stage, facets):
    (row,) = facets.decide(stage, ["Прошу починить лифт. Когда это сделают?"])
    assert {d["value"] for d in row} == {"question", "request"}


def test_the_stage_keeps_its_contract(stage):
    assert isinstance(stage, Stage)


WORDS = st.sampled_from([w for text, _ in CASES for w in text.split()] + ["?", "\n", "не", "☂"])


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.lists(WORDS, max_size=12).map(" ".join), max_size=8))
def test_a_batch_is_decided_as_its_halves_are(stage, facets, texts):
    half = len(texts) // 2
    whole = facets.decide(stage, texts)
    facets.assert_lawful(texts, whole)
    assert whole == facets.decide(stage, texts[:half]) + facets.decide(stage, texts[half:])
    assert np.all([row[0]["confidence"] > 0 for row in whole])
