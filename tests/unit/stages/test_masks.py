"""Personal data goes out of the text by type; the place of the problem and plain numbers stay."""

import sys
from itertools import pairwise

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from veche.core.errors import MissingLibrary
from veche.engine.stage import Context
from veche.packs.model import MASK_TYPES, Recogniser
from veche.stages.columns import MASKED_TEXT, MASKS, TEXT
from veche.stages.masks import TYPES, Masker, MasksStage, mask_kept, mask_strings

#: A sentence with «personal data» in quotes of this kind, and its type.
PLANTED = [
    ("phone", "Звоните мне: «+7 913 123-45-67» после шести"),
    ("phone", "тел. «8(913)123-45-67», Барнаул"),
    ("phone", "мой номер «89131234567»"),
    ("phone", "домашний телефон «12-34-56»"),
    ("phone", "офис «(495) 123-45-67»"),
    ("phone", "пишу с «8-9oо-123-45-67», не звоните ночью"),
    ("phone", "«8 9 1 3 1 2 3 4 5 6 7» вот так"),
    ("phone", "Алматы, «+7 (727) 312 34 56»"),
    ("phone", "наберите «восемь девятьсот тринадцать двести пять сорок пять шестьдесят семь»"),
    ("phone", "Call me at «(617) 555-0199» any time"),
    ("phone", "my cell «617-555-0142»"),
    ("phone", "ring «07700 900123» or leave a note"),
    ("phone", "office «020 7946 0958» please"),
    ("phone", "from abroad «+44 7700 900123»"),
    ("email", "почта «maria.ivanova+1@primer.ru», жду"),
    ("email", "пишите на «почта@пример.рф»"),
    ("email", "адрес «ivanova собака primer точка ру»"),
    ("email", "reach me: «j.smith (at) example dot com»"),
    ("card", "списали с карты «4111 1111 1111 1111» дважды"),
    ("card", "my card «5555-5555-5555-4444» was charged"),
    ("name", "my name is «oscar pennywhistle» and i am tired"),
    ("name", "Happy birthday to «Kevin», 39 today!"),
    ("snils", "СНИЛС «112-233-445 95»"),
    ("snils", "мой снилс: «11223344595», проверьте"),
    ("inn", "ИНН «500100732259»"),
    ("inn", "инн организации «7707083893»"),
    ("oms", "полис ОМС № «1234 5678 9012 3456»"),
    ("passport", "паспорт «4508 123456» выдан в 2009"),
    ("passport", "серия «4508 номер 123456»"),
    ("passport", "документ «45 08 123456»"),
    ("passport", "my passport number «533401234»"),
    ("driving_licence", "водительское удостоверение «77 АВ 123456»"),
    ("driving_licence", "licence «MORGA657054SM9IJ» was taken"),
    ("car_plate", "машина «А123ВС77» стоит на газоне"),
    ("car_plate", "автомобиль госномер «в456ор»"),
    ("car_plate", "белая Камри «123 ABC 02» у подъезда"),
    ("car_plate", "the van, plate «1ABC23», blocks the hydrant"),
    ("car_plate", "a car «AB12 CDE» on the pavement"),
    ("iban", "переведите на «GB82 WEST 1234 5698 7654 32» пожалуйста"),
    ("bank_account", "р/с «40817810099910004312» в банке"),
    ("bank_account", "account number «12345678» at the bank"),
    ("national_insurance", "my NI number is «AB 12 34 56 C»."),
    ("ssn", "social security number «123-45-6789»"),
    ("home_address", "Проживаю по адресу: «г. Барнаул, ул. Советская, д. 12, кв. 45». Нет тепла."),
    ("home_address", "я прописана «ул. Попова, 12-45» с детьми"),
    ("home_address", "мой адрес: «Барнаул, Попова 12, кв 45»"),
    ("home_address", "живу на «Попова 12» у школы"),
    ("home_address", "С уважением, жильцы, «ул. Мира, д. 7»"),
    ("home_address", "I live at «12 Elm Street, Apt 3» and hear it all night"),
    ("home_address", "my address is «5 Park Ave, Boston, MA 02115»"),
    ("birth_date", "родился «12.03.1956» в селе"),
    ("birth_date", "дата рождения: «5 мая 1960»"),
    ("birth_date", "пенсионерка, «01.02.1950» г.р."),
    ("birth_date", "I was born on «March 3, 1970» here"),
    ("birth_date", "DOB: «03/04/1981»"),
    ("name", "Меня зовут «Вера», помогите"),
    ("name", "меня зовут «петров сергей», прошу помочь"),
    ("name", "звонила «марья ивановна» из третьего подъезда"),
    ("name", "жалоба на «Сидорова П.А.», мастера участка"),
    ("name", "жалоба на «сидорова п.а.»"),
    ("name", "подписал «И.О. Смирнов» вчера"),
    ("name", "«Кузнецова Мария Петровна» просит"),
    ("name", "передайте «Иванову Петру Сергеевичу» заявление"),
    ("name", "к нам приходил «Сергей Петров»"),
    ("name", "врач «Сидорова» отказала в приёме"),
    ("name", "губернатор «Петров» обещал"),
    ("name", "спросите «Марину», она знает"),
    ("name", "С уважением,\n«Айгуль Нурпеисова»"),
    ("name", "Менің атым «Айгүл Нұрланқызы»"),
    ("name", "My name is «John Smith» and I am angry"),
    ("name", "ask Mr «Baker» about it"),
    ("name", "we spoke to «Michael W. Kelleher» twice"),
    ("name", "Sincerely,\n«Pietro Fiore»"),
    ("name", "thanks to «Sarah», our nurse"),
    ("name", "приходил «Андрей Андреевич Белый» с проверкой"),
    ("name", "жалуется «любовь петровна козлова»"),
    ("name", "заявитель: «морозова н. с.»"),
    ("name", "врач «Морозова О.А.» грубит"),
    ("home_address", "Мой адрес: «ул. 40 лет Октября, 63-137»"),
    ("car_plate", "номер «К 122 ОМ 22» во дворе"),
    ("birth_date", "д.р. «25.01.1937»"),
    ("url_account", "мой телеграм «@ivan_petrov»"),
    ("url_account", "пишите в «t.me/ivanpetrov»"),
    ("url_account", "страница «https://vk.com/id12345»"),
]

KEPT = [
    "Яма на ул. Ленина, 5, у школы им. Пирогова",
    "По закону 59-ФЗ от 02.05.2006 ответ дают за 30 дней",
    "Обращение № 123456789012 от 12.03.2024 осталось без ответа",
    "Автобусы 57, 60 и 110 не ходят с 2019 года",
    "Цена выросла с 12 500 руб. до 15 000, а смета 78 500 000 000 рублей",
    "в 100 км 50 домов без газа",
    "дома 10 12 14 16 по улице Мира затопило",
    "на Карла Маркса, 15 и по Юрия Гагарина нет света",
    "улица Героя Петрова и парк имени Н.И. Пирогова",
    "Надежда умирает последней, любовь к родине и вера в людей",
    "живу в России 50 лет, на 5 этаже, на пенсию 9000 рублей",
    "площадь 1200 кв. м, температура 36,6, курс 92.35",
    "Дело № 2-1234/2023, приказ № 1234567890",
    "телефон 112 и 103 не отвечает, звоню 3 дня",
    "Погода: Владимир, Анапа и Ростов-на-Дону",
    "The light at 12 Elm Street, Charles Street side, has been out since 2019",
    "Will you mark the crossing in May? Hope so.",
    "Case 101003145016 was closed on 12/25/2008 at 11:30 AM",
    "It cost $1,250,000 and 300-400 people came by bus 39",
    "Trash @corner of Beacon and Park, near Franklin Park",
    "Martin Luther King Blvd and John Eliot Square need plowing",
    "A Black Mercedes is parked at Franklin Park, plates from West Virginia",
    "Charlesgate, Jamaica Plain and Roslindale Village",
    "Сколько можно! ПОЧЕМУ НЕТ ВОДЫ В ДОМЕ 5 НА УЛИЦЕ ПУШКИНА?",
    "Алматы қаласы, Абай көшесі, 50 үйдің ауласында жарық жоқ",
    "С уважением, жители. Предлагаем пешеходный переход у школы № 5",
]


@pytest.fixture(scope="module")
def masker(make_pack) -> Masker:
    return Masker(make_pack())


def masked(masker: Masker, text: str) -> str:
    return masker(pa.array([text]))[0][0] or ""


@pytest.mark.parametrize(("kind", "planted"), PLANTED, ids=[p[1][:40] for p in PLANTED])
def test_what_identifies_a_person_is_masked(masker: Masker, kind: str, planted: str) -> None:
    before, data, after = planted.replace("»", "«").split("«")
    _, masks = masker(pa.array([before + data + after]))
    assert masks[0] == [(len(before), len(before) + len(data), kind)]


@pytest.mark.parametrize("text", KEPT, ids=[t[:40] for t in KEPT])
def test_what_identifies_nobody_stays(masker: Masker, text: str) -> None:
    assert masked(masker, text) == text


def test_every_type_has_a_planted_case() -> None:
    assert {kind for kind, _ in PLANTED} | {"custom"} == set(TYPES) == set(MASK_TYPES)


def test_patterns_of_the_pack_are_masked_under_its_label(make_pack) -> None:
    recognisers = (Recogniser("custom", {"en": "file"}, patterns=(r"\bF-[0-9]{4}/[0-9]{2}\b",)),)
    own = Masker(make_pack(recognisers=recognisers))
    texts = ["My file is F-1234/26", "F-1234/26, call 8 913 123-45-67", "F-12 is a tape", "1234/26"]
    masked_texts, masks = own(pa.array(texts))
    assert masked_texts == ["My file is [file]", "[file], call [phone]", "F-12 is a tape", "1234/26"]
    assert masks[0] == [(11, 20, "custom")]
    assert own(pa.array(masked_texts))[0] == masked_texts


def test_a_pattern_of_the_pack_outweighs_the_rules_of_the_program(make_pack) -> None:
    number = "4111 1111 1111 1111"
    own = Masker(make_pack(recognisers=(Recogniser("custom", {}, patterns=(r"(?:[0-9]{4} ?){4}",)),)))
    assert own(pa.array([number]))[1][0] == [(0, 19, "custom")]


def test_a_signature_of_name_address_and_number_is_masked_whole(masker: Masker) -> None:
    assert masked(masker, "Thanks, Kevin Pennywhistle, 857-555-0185") == "Thanks, [name], [phone]"
    assert masked(masker, "ask for kevin, 617-555-0110") == "ask for [name], [phone]"
    signed = "Thanks. Kevin Pennywhistle, 33 Rowan Terrace, Apt 33, +1 617 555 0175"
    assert masked(masker, signed) == "Thanks. [name], [home address], [phone]"


def test_several_masks_in_one_text_keep_what_is_between(masker: Masker) -> None:
    text = "Я, Сидоров Пётр Алексеевич, тел. 8 913 123-45-67, прошу убрать снег на ул. Мира"
    assert masked(masker, text) == "Я, [name], тел. [phone], прошу убрать снег на ул. Мира"


def test_labels_come_from_the_pack_in_its_first_language(make_pack) -> None:
    phone = Recogniser(type="phone", label={"en": "phone", "ru": "телефон"})
    masker = Masker(make_pack(languages=("ru", "en"), recognisers=(phone,)))
    assert masked(masker, "тел. 8 913 123-45-67") == "тел. [телефон]"


def test_names_of_the_packs_lists_are_known(make_pack) -> None:
    text = "Ask Zebedee Quux about the lamp"
    listed = Masker(make_pack(languages=("en",), first_names_en="Zebedee", surnames_en="quux"))
    assert masked(listed, text) == "Ask [name] about the lamp"
    assert masked(Masker(make_pack()), text) == text


def test_a_number_that_lacks_its_check_digit_is_no_card(masker: Masker) -> None:
    assert masked(masker, "код 4111 1111 1111 1112") == "код 4111 1111 1111 1112"


def test_the_stage_adds_masked_text_and_masks_in_order(make_pack) -> None:
    stage = MasksStage()
    stage.open(Context(pack=make_pack()))
    batch = pa.table({TEXT.name: ["Нет воды", "тел. 8 913 123-45-67, паспорт 4508 123456", ""]})
    done = stage(batch)
    assert done.schema.field(MASKED_TEXT.name) == MASKED_TEXT
    assert done.schema.field(MASKS.name) == MASKS
    assert done[MASKED_TEXT.name].to_pylist() == ["Нет воды", "тел. [phone], паспорт [passport]", ""]
    assert [[m["type"] for m in row] for row in done[MASKS.name].to_pylist()] == [
        [],
        ["phone", "passport"],
        [],
    ]


def test_thorough_masking_finds_people_whom_the_rules_miss(make_pack) -> None:
    pytest.importorskip("natasha", reason="the extra `thorough` is not installed")
    stage = MasksStage()
    stage.open(Context(pack=make_pack(), options={"masks.thorough": "yes"}))
    done = stage(pa.table({TEXT.name: ["По словам Дзюбенковского, крышу починят летом."]}))
    assert done[MASKED_TEXT.name].to_pylist() == ["По словам [name], крышу починят летом."]


def test_other_columns_are_masked_by_the_same_rules(masker: Masker) -> None:
    column = pa.array(["тел. 8 913 123-45-67", None, "крыша"])
    assert mask_strings(column, masker).to_pylist() == ["тел. [phone]", None, "крыша"]


def test_values_of_kept_columns_are_masked_and_keys_stay(masker: Masker) -> None:
    kept = pa.array(
        [[("тел", "8 913 123-45-67"), ("тема", None)], None, []], pa.map_(pa.string(), pa.string())
    )
    assert mask_kept(kept, masker).to_pylist() == [[("тел", "[phone]"), ("тема", None)], None, []]


def test_a_label_in_the_text_is_left_as_it_is(masker: Masker) -> None:
    assert masked(masker, "тел. [phone], меня зовут [name]") == "тел. [phone], меня зовут [name]"


PIECES = st.sampled_from(
    [p[1].replace("«", "").replace("»", "") for p in PLANTED]
    + KEPT
    + [
        "тел. ",
        "+7 ",
        "8",
        "913",
        "1234567",
        "Иванов",
        "Сергей",
        "И.О.",
        "[",
        "]",
        "[name]",
        "ул. ",
        ", ",
        "\n",
        "кв. 5",
    ]
    + [
        "@",
        "живу ",
        "по адресу: ",
        "№",
        "паспорт ",
        "45 08 ",
        "123456",
        "Mr. ",
        "Smith",
        "Dr",
        "Вера",
        "ивановна",
        "😀",
    ]
)
MIXTURES = st.lists(PIECES, max_size=7).flatmap(
    lambda ps: st.sampled_from(["", " "]).map(lambda gap: gap.join(ps))
)


@settings(max_examples=150, deadline=None)
@given(text=MIXTURES)
def test_masking_what_is_masked_changes_nothing(masker: Masker, text: str) -> None:
    once = masked(masker, text)
    assert masked(masker, once) == once


@settings(max_examples=150, deadline=None)
@given(text=MIXTURES)
def test_outside_the_masks_the_text_is_the_original(masker: Masker, text: str) -> None:
    out, found = masker(pa.array([text]))
    masks = found.get(0, [])
    assert all(a[1] <= b[0] for a, b in pairwise(masks))
    rebuilt, at = "", 0
    for start, end, kind in masks:
        assert 0 <= start < end <= len(text)
        rebuilt += text[at:start] + masker.labels[kind]
        at = end
    assert rebuilt + text[at:] == out[0]


@settings(max_examples=40, deadline=None)
@given(texts=st.lists(MIXTURES, max_size=4))
def test_a_text_is_masked_alike_alone_and_in_a_batch(masker: Masker, texts: list[str]) -> None:
    together = masker(pa.array(texts, pa.string()))[0]
    assert together == [masked(masker, t) for t in texts]


def test_a_signature_says_nothing_about_the_next_letter(masker: Masker) -> None:
    texts = ["Нет воды. С уважением, жители", "Улица Мира, дом 7: во дворе яма"]
    assert masker(pa.array(texts))[0] == texts


def test_thorough_masking_without_its_package_says_what_to_install(
    make_pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "natasha", None)
    monkeypatch.delitem(sys.modules, "veche.stages.mask_natasha", raising=False)
    stage = MasksStage()
    with pytest.raises(MissingLibrary) as raised:
        stage.open(Context(pack=make_pack(), options={"masks.thorough": "yes"}))
    assert "veche[thorough]" in raised.value.advice()
