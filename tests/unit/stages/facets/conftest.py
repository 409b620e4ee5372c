"""A small pack in Russian and English, and a batch that holds every column that facet stages read."""

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from veche.core.appeal import APPEAL
from veche.engine.stage import Context
from veche.packs.model import Cue, Pack, Topic
from veche.stages.columns import LANGUAGE, MASKS, MATTERS, TOKENS, VECTORS
from veche.stages.tokens import build_tokenizer
from veche.stages.tokens import encode as to_tokens
from veche.stages.vectors import VectorsStage

TOPICS = (
    Topic("roads", "", {"ru": "Дороги", "en": "Roads"}, {}, {}, {"ru": ("дорог*",), "en": ("road*",)}),
    Topic(
        "roads.potholes",
        "roads",
        {"ru": "Ямы на дорогах", "en": "Potholes"},
        {"ru": "Разбитый асфальт, ямы, выбоины.", "en": "Broken asphalt, potholes."},
        {
            "ru": ("Яма посреди улицы, пробил колесо.", "Асфальт весь в выбоинах, ездить невозможно."),
            "en": ("A huge pothole damaged my wheel.", "The asphalt is full of holes."),
        },
        {"ru": ("яма", "ямы", "выбоин*", "асфальт*"), "en": ("pothole*", "asphalt")},
    ),
    Topic(
        "roads.lights",
        "roads",
        {"ru": "Уличное освещение", "en": "Street lights"},
        {"ru": "Не горят фонари, темно на улице.", "en": "Street lamps are out, dark streets."},
        {
            "ru": ("Не горят фонари вдоль дороги, вечером страшно.", "Нет освещения у школы."),
            "en": ("The street light has been out for weeks.", "It is dark, lamps do not work."),
        },
        {"ru": ("фонар*", "освещени*"), "en": ("street light*", "lamp*")},
    ),
    Topic("health", "", {"ru": "Здоровье", "en": "Health"}, {}, {}, {}),
    Topic(
        "health.doctors",
        "health",
        {"ru": "Нехватка врачей", "en": "Lack of doctors"},
        {"ru": "Нет врачей, не записаться на приём.", "en": "No doctors, no appointments."},
        {
            "ru": ("В поликлинике нет терапевта, талонов не достать.", "Не могу попасть к врачу месяц."),
            "en": ("There is no doctor in our clinic.", "I cannot get an appointment with a GP."),
        },
        {"ru": ("врач*", "поликлиник*", "терапевт*"), "en": ("doctor*", "clinic", "appointment*")},
    ),
    Topic(
        "waste",
        "",
        {"ru": "Вывоз мусора", "en": "Rubbish collection"},
        {"ru": "Не вывозят мусор, переполнены баки.", "en": "Rubbish is not collected, bins overflow."},
        {
            "ru": ("Мусор не вывозят две недели, баки полные.", "Свалка во дворе, крысы бегают."),
            "en": ("Trash has not been picked up.", "The bins are overflowing and it stinks."),
        },
        {"ru": ("мусор*", "свалк*"), "en": ("trash", "garbage", "rubbish")},
    ),
)

KINDS = (
    Cue(
        "question",
        {
            "ru": ("когда будет", "почему", "как получить", "подскажите", "могу ли я", "скажите пожалуйста"),
            "en": ("when will", "why", "how do i", "can you tell me", "is it possible"),
        },
        examples={
            "ru": ("Когда отремонтируют дорогу?", "Положена ли мне льгота?", "Как записать ребёнка в сад?"),
            "en": ("When will the road be repaired?", "How do I apply for a permit?"),
        },
    ),
    Cue(
        "complaint",
        {
            "ru": ("жалоб*", "безобрази*", "невозможно", "не работает", "не вывозят", "сколько можно"),
            "en": ("complain*", "unacceptable", "not working", "disgrace*", "fed up"),
        },
        examples={
            "ru": (
                "Третью неделю нет горячей воды.",
                "Мусор не вывозят, вонь на весь двор.",
                "Врач нахамила мне.",
            ),
            "en": ("The bus never comes on time.", "Nobody has fixed the leak for a month."),
        },
    ),
    Cue(
        "request",
        {
            "ru": ("прошу", "просим", "просьба", "помогите"),
            "en": ("please", "i request", "we ask", "could you"),
        },
        examples={
            "ru": ("Прошу отремонтировать подъезд.", "Помогите получить жильё."),
            "en": ("Please repair the sidewalk.", "Please remove this car."),
        },
    ),
    Cue(
        "proposal",
        {
            "ru": ("предлагаю", "предложение", "было бы хорошо"),
            "en": ("i propose", "i suggest", "it would be great"),
        },
        examples={
            "ru": ("Предлагаю построить велодорожку.", "Нужно ввести налог на роскошь."),
            "en": ("I suggest planting trees along the street.", "We should build a skate park."),
        },
    ),
    Cue(
        "thanks",
        {"ru": ("спасибо", "благодар*"), "en": ("thank you", "thanks", "grateful")},
        not_={"ru": ("заранее спасибо", "заранее благодар*"), "en": ("thank you in advance",)},
        examples={
            "ru": ("Спасибо врачам за спасённую жизнь!", "Благодарю за быстрый ремонт."),
            "en": ("Thank you for the new playground!", "Great job, the crew was wonderful."),
        },
    ),
    Cue("threat", {"ru": ("взорву", "убью"), "en": ("i will kill", "i will blow up")}),
    Cue("spam", {"ru": ("заработок в интернете", "купите"), "en": ("buy now", "click here", "casino")}),
)

URGENCIES = (
    Cue(
        "life",
        {
            "ru": (
                "пожар*",
                "пажар*",
                "горит",
                "горел*",
                "запах* газ*",
                "газ* пахнет",
                "умира*",
                "покончить с собой",
            ),
            "en": ("fire", "gas leak*", "smell* of gas", "smell* gas", "dying", "suicide", "unconscious"),
        },
        not_={
            "ru": ("пожарн*", "горит ли", "глаза горят"),
            "en": ("fire station*", "fire hydrant*", "fire lane*"),
        },
    ),
    Cue(
        "deadline",
        {
            "ru": ("завтра суд", "последний день", "выселяют"),
            "en": ("last day", "evicted tomorrow", "court tomorrow"),
        },
    ),
)

GROUPS = (
    Cue("pensioner", {"ru": ("пенсионер*",), "en": ("pensioner*", "retired", "retiree*")}, family="status"),
    Cue(
        "disability",
        {"ru": ("инвалид*", "у меня инвалидность"), "en": ("disabled", "wheelchair user")},
        not_={"ru": ("инвалидн* коляск*",), "en": ("disabled parking",)},
        family="status",
    ),
    Cue(
        "parent",
        {"ru": ("родител*", "мой ребенок"), "en": ("parent*", "my child", "my kids")},
        family="status",
    ),
    Cue("veteran", {"ru": ("ветеран*",), "en": ("veteran*",)}, family="status"),
    Cue("teacher", {"ru": ("учител*", "педагог*"), "en": ("teacher*",)}, family="occupation"),
    Cue("nurse", {"ru": ("медсестр*",), "en": ("nurse*",)}, family="occupation"),
)


def make_pack(topics=TOPICS):
    return Pack(
        code="sample",
        version="1",
        title={"en": "Sample"},
        languages=("ru", "en"),
        timezone="Europe/Moscow",
        path=Path(),
        topics={topic.code: topic for topic in topics},
        bodies={},
        territories={},
        kinds=KINDS,
        urgencies=URGENCIES,
        groups=GROUPS,
        recognisers=(),
        negations={"ru": ("не", "нет", "без", "ни"), "en": ("no", "not", "without", "never", "isn't")},
        name_lists={},
    )


def make_batch(texts, *, matters=None, masks=None, vectors=False, **columns):
    n = len(texts)
    text = pa.array(texts, pa.string())
    table = pa.table({"appeal_id": [str(i) for i in range(n)], "text": text, "masked_text": text})
    for name in ("age", "sex", "occupation", "received_at"):
        given = columns.get(name, [None] * n)
        table = table.append_column(APPEAL.field(name), pa.array(given, APPEAL.field(name).type))
    table = table.append_column(TOKENS, to_tokens(build_tokenizer(), text))
    table = table.append_column(MATTERS, pa.array(matters or [[]] * n, MATTERS.type))
    table = table.append_column(MASKS, pa.array(masks or [[]] * n, MASKS.type))
    table = table.append_column(LANGUAGE, pa.array(columns.get("language", [None] * n), LANGUAGE.type))
    if not vectors:
        return table.append_column(VECTORS, pa.nulls(n, VECTORS.type))
    stage = VectorsStage()
    stage.open(Context(pack=make_pack()))
    return stage(table)


def opened(stage_class, pack=None):
    stage = stage_class()
    stage.open(Context(pack=pack or make_pack()))
    return stage


def decide(stage, texts, **columns):
    out = stage(make_batch(texts, **columns))
    assert out.num_rows == len(texts)
    column = out.column(stage.adds[0].name)
    assert column.type == stage.adds[0].type
    return column.to_pylist()


def assert_lawful(texts, column):
    for text, row in zip(texts, column, strict=True):
        for decision in row:
            assert 0 <= decision["confidence"] <= 1
            assert decision["value"]
            for span in decision["evidence"]:
                assert 0 <= span["start"] < span["end"] <= len(text)


class Facets:
    """What the tests of facet stages share."""

    assert_lawful = staticmethod(assert_lawful)
    batch = staticmethod(make_batch)
    decide = staticmethod(decide)
    opened = staticmethod(opened)
    pack = staticmethod(make_pack)
    topics = TOPICS
    received = datetime(2025, 3, 1, tzinfo=UTC)


@pytest.fixture(scope="session")
def facets():
    return Facets
