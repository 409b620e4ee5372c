"""An appeal is cut into concerns where its author says so, and stays whole where not."""

from itertools import pairwise

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from veche.core.text import Texts
from veche.engine.stage import Context
from veche.stages.columns import MATTERS, TEXT
from veche.stages.matters import MOST, MattersStage, find_matters
from veche.stages.sentences import sentences

#: Concerns are parted by "‖"; what stands before the first "‖" and after the last belongs to none.
SEVERAL = [
    "‖На улице Ленина яма. ‖Кроме того, в поликлинике нет врача.‖",
    "Здравствуйте! ‖Не работает лифт. ‖Также не убирают снег.‖ С уважением, Иванов И.И.",
    "Прошу: ‖1) отремонтировать дорогу, ‖2) включить свет в подъезде; ‖3) вернуть автобус.‖ Спасибо.",
    "‖Во-первых, нет света, ‖во-вторых, нет воды.‖ Прошу принять меры.",
    "‖1. Дорога разбита. Ездить нельзя.\n‖2. Фонари не горят.‖\nС уважением, жители",
    "У нас беда:\n‖- крыша течёт\n‖- подвал затоплен\n‖- лифт стоит‖",
    "‖Пенсию пересчитали неверно. ‖Ещё один вопрос: когда построят школу?‖",
    "‖Автобус 57 не ходит. ‖Что касается мусора, контейнеры переполнены.‖",
    "‖Плохо чистят двор. ‖Помимо этого, сломана горка на площадке.‖ Заранее спасибо.",
    "‖Нет детского сада. ‖Вторая проблема: нет тротуара к школе.‖",
    "‖Не греют батареи, ‖а также прошу заменить окна в подъезде.‖",
    "Добрый день. ‖Первое: дорога в ямах. ‖Второе: нет освещения.‖",
    "‖Горячей воды нет месяц. УК молчит. ‖По поводу парковки: газон перед домом разбит.‖",
    "‖Закрыли аптеку в селе. ‖Отдельно прошу обратить внимание на бродячих собак.‖",
    "Требуем: ‖а) вернуть врача; ‖б) починить мост.‖",
    "‖Көшеде жарық жоқ. ‖Сондай-ақ қоқыс шығарылмайды.‖",
    "‖The light is out on our street. ‖Also, the trash is not collected.‖ Thanks!",
    "Dear Mayor,\n\n‖- fix the road\n‖- plow the snow\n‖- plant trees‖\n\nSincerely,\nJohn",
    "We need: ‖1) a crosswalk, ‖2) a stop sign.‖",
    "‖Firstly, the bus is late. ‖Secondly, the stop has no bench.‖",
    "‖The park gate is broken. ‖In addition, the lamps are dark.‖",
    "‖There is a pothole at Elm St. near the school. ‖Another issue: rats in the alley.‖",
    "‖My tax bill is wrong. ‖On another note, the library closes too early.‖",
    "Hello. ‖The hydrant leaks. ‖My second question is about parking permits.‖",
    "‖1. Graffiti on the wall.\n‖2. Broken swing in the playground.‖\nRegards,\nA resident",
    "‖Snow was never plowed. ‖Furthermore, my car was towed by mistake.‖",
    "‖The sidewalk is cracked. It is dangerous. ‖As for the trees, they block the sign.‖",
    "‖No heat in the building. ‖Additionally there are mice everywhere.‖",
    "‖Dog waste everywhere. ‖One more thing: the fence is down.‖",
    "‖The clinic never answers the phone, ‖and also please fix the ramp.‖",
    "‖First the bins overflow. ‖Moreover, the truck blocks the street.‖",
]

ONE = [
    "На улице Ленина яма. Третий месяц не чинят! Ездить опасно.",
    "Здравствуйте! Нет воды. Прошу принять меры. С уважением, Петров.",
    "Живём в доме 5 на ул. Мира. Подъезд не убирают и т.д. Куда смотрит УК?",
    "Прошу дать ответ по закону 59-ФЗ ст. 10. Жду.",
    "Пенсия 12.5 тыс. руб. Как жить?",
    "- Доколе терпеть яму на дороге?",
    "1. Дорога разбита.",
    "Спасибо врачам!",
    "Вчера я звонил. Сегодня звонил. Никто не берёт трубку.",
    "Мой сын учится во втором классе, а во дворе опасная яма",
    "Нет света, воды и газа в одном доме",
    "В первую очередь нужен свет во дворе.",
    "ПОЧЕМУ НЕТ ТЕПЛА???",
    "Лифт стоит с 1.09. Обещали починить. Обманули.",
    "Нет автобуса 5) ужас",
    "The light at 12 Elm St. is out. Please fix it.",
    "I also live here and the noise is bad.",
    "Make: HONDA | Model: CIVIC | Color: RED",
    "It costs $3.50! Too much for a bus ride.",
    "The second floor has no heat. It is cold.",
    "Trash - please collect it.",
    "Dear Mayor, the road is bad. Thank you. Regards, Ann",
    "No water since 5 p.m. yesterday. Help.",
    "Dr. Smith was great. The staff was kind.",
    "Fix the pothole, e.g. with asphalt. It is deep.",
    "Another day without heat.",
    "Street is dark. Second Street is dark too.",
    "Why?",
    "Hi",
    "The bus no. 39 never comes. Never.",
    "A tree fell. It blocks the road. Cars go around it.",
    "",
]


def parts_of(text: str) -> list[list[str]]:
    texts = Texts(pa.array([text]))
    return [[text[s:e] for s, e in spans] for spans in find_matters(texts).get(0, [])]


@pytest.mark.parametrize("marked", SEVERAL, ids=[m[:40] for m in SEVERAL])
def test_several_concerns_are_told_apart(marked: str) -> None:
    *matters, _ = marked.split("‖")[1:]
    found = [" ".join(parts) for parts in parts_of(marked.replace("‖", ""))]
    assert found == [m.strip() for m in matters]


@pytest.mark.parametrize("text", ONE, ids=[t[:40] for t in ONE])
def test_one_concern_stays_whole(text: str) -> None:
    assert parts_of(text) == []


def test_more_concerns_than_the_cap_are_joined_with_the_last() -> None:
    text = "Прошу:\n" + "\n".join(f"{i}. починить дорогу номер {i}" for i in range(1, 13))
    found = parts_of(text)
    assert len(found) == MOST
    assert sum(map(len, found)) == 12


def test_the_stage_adds_its_column(make_pack) -> None:
    stage = MattersStage()
    stage.open(Context(pack=make_pack()))
    done = stage(pa.table({TEXT.name: ["Яма. Кроме того, нет воды.", "Нет воды."]}))
    assert done.schema.field(MATTERS.name) == MATTERS
    assert [len(m) for m in done[MATTERS.name].to_pylist()] == [2, 0]


SENTENCES = [
    ("Яма на ул. Ленина, д. 5. Почините!", ["Яма на ул. Ленина, д. 5.", "Почините!"]),
    ("Нет воды.Просим помочь.", ["Нет воды.", "Просим помочь."]),
    ("Обещали в 2023 г. Обманули.", ["Обещали в 2023 г.", "Обманули."]),
    ("Мусор, грязь и т.д. Когда уберут?", ["Мусор, грязь и т.д.", "Когда уберут?"]),
    ("Жалоба на Петрова И.О. из ЖЭУ.", ["Жалоба на Петрова И.О. из ЖЭУ."]),
    ("пишу вам. нет света. помогите", ["пишу вам.", "нет света.", "помогите"]),
    ("Сколько можно?! Нет слов...", ["Сколько можно?!", "Нет слов..."]),
    ("Он сказал: «Ждите!» Мы ждём.", ["Он сказал: «Ждите!»", "Мы ждём."]),
    ("It costs 3.50 per ride. Too much.", ["It costs 3.50 per ride.", "Too much."]),
    ("At 5 Elm St. near the park, e.g. the gate.", ["At 5 Elm St. near the park, e.g. the gate."]),
    ("Lines that are\nwrapped in a letter. New\none", ["Lines that are\nwrapped in a letter.", "New\none"]),
    ("Title\n\nbody text", ["Title", "body text"]),
    ("路灯坏了。请修理！", ["路灯坏了。", "请修理！"]),
    ("!!! ...", []),
]


@pytest.mark.parametrize(("text", "expected"), SENTENCES, ids=[t[:30] for t, _ in SENTENCES])
def test_sentences_end_where_a_reader_ends_them(text: str, expected: list[str]) -> None:
    found = sentences(Texts(pa.array([text])))
    spans = zip(found.start.tolist(), found.end.tolist(), strict=True)
    assert [text[s:e] for s, e in spans] == expected


PIECES = st.lists(
    st.sampled_from(
        [
            "Яма. ",
            "1) ",
            "2) ",
            "- ",
            "\n",
            "Также ",
            "во-вторых, ",
            "нет воды",
            "ул. ",
            "!",
            " | ",
            "",
            "😀",
            "Also, ",
            "x",
        ]
    ),
    max_size=12,
).map("".join)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=4))
def test_sentences_are_the_same_alone_and_in_a_batch(texts: list[str]) -> None:
    together = sentences(Texts(pa.array(texts, pa.string())))
    for row, text in enumerate(texts):
        alone = sentences(Texts(pa.array([text])))
        assert together.start[together.row == row].tolist() == alone.start.tolist()
        assert together.end[together.row == row].tolist() == alone.end.tolist()


@settings(max_examples=150, deadline=None)
@given(PIECES)
def test_spans_lie_inside_the_text_in_order_without_overlap(text: str) -> None:
    matters = find_matters(Texts(pa.array([text]))).get(0, [])
    spans = [span for spans in matters for span in spans]
    assert all(0 <= s < e <= len(text) for s, e in spans)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    assert len(matters) != 1
