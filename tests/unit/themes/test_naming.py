"""Names are phrases that read, in the language of the texts, and differ from one another."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from planted import HEATING, PITS, WASTE, say

from veche.themes import russian
from veche.themes.forms import find_form, without_form
from veche.themes.naming import Samples, name_from, names
from veche.themes.phrases import phrases, stems, tokens
from veche.themes.voices import Voices, for_naming


def named(*texts, language="ru", parents=None):
    return [n.name for n in names([Samples(t, language) for t in texts], parents or [-1] * len(texts))]


def test_russian_themes_are_named_by_what_people_write():
    heating, pits, waste = named(say(HEATING, 60), say(PITS, 60), say(WASTE, 60))
    assert heating == "Отсутствие отопления"
    assert pits == "Ямы на дорогах"
    assert waste == "Не вывозят мусор"


ENGLISH = (
    (
        "The waiting times at the clinic are far too long.",
        "Long waiting times again, two hours!",
        "Reduce waiting times.",
    ),
    ("The car park is always full.", "No spaces in the car park.", "Please make the car park bigger."),
)


def test_english_themes_are_named_by_phrases_and_not_by_lists_of_words():
    waiting, park = named(*(list(t) * 5 for t in ENGLISH), language="en")
    assert waiting == "Waiting times"
    assert park == "Car park"


@pytest.mark.parametrize(
    ("people_write", "shown"),
    [
        ("вывозом мусора", "вывоз мусора"),
        ("горячей воды", "горячая вода"),
        ("отсутствием горячей воды", "отсутствие горячей воды"),
        ("ямы на дорогах", "ямы на дорогах"),
        ("детской площадке во дворе", "детская площадка во дворе"),
        ("нет горячей воды", "нет горячей воды"),
        ("не вывозят мусор", "не вывозят мусор"),
        ("отключили отопление", "отключили отопление"),
        ("лифт не работает", "лифт не работает"),
        ("управляющих компаний", "управляющие компании"),
    ],
)
def test_russian_phrases_stand_in_the_nominative(people_write, shown):
    assert russian.readable(people_write.split()) == shown


@pytest.mark.parametrize("piece", ["мусора двор", "красивый на", "дороге к", "нет быстро", "очень плохой"])
def test_pieces_of_sentences_are_no_names(piece):
    assert russian.readable(piece.split()) is None


@pytest.mark.parametrize(
    "phrase",
    [
        "учусь в школе",
        "имею медаль",
        "работаю учителем",
        "являюсь ветераном имею медаль",
        "мы из соседнего двора",
        "Дарья и семья",
        "ОЛЬГА И СЕМЬЯ",
        "Любовь и семья",
    ],
)
def test_who_writes_is_told_from_what_about(phrase):
    assert russian.says_who_writes(phrase.split())


@pytest.mark.parametrize(
    "phrase",
    [
        "ищу работу",
        "звоню в регистратуру",
        "не получаю ответа",
        "улица Марии Ульяновой",
        "роза ветров",
        "любовь к животным",
        "город Владимир",
        "права в ГАИ не меняют",
        "отключили отопление",
        "нет света",
    ],
)
def test_a_matter_is_no_introduction(phrase):
    assert not russian.says_who_writes(phrase.split())


def test_a_theme_is_not_named_by_how_its_people_introduce_themselves():
    (name,) = named(say(("Учусь в школе, ямы на дорогах.", "Учусь в школе. Яма на дороге у дома."), 60))
    assert "учусь" not in name.casefold()
    assert "ям" in name.casefold()


def test_a_name_never_holds_masked_data_or_digits():
    texts = [f"Сосед [имя] из квартиры {i} шумит по ночам [телефон]" for i in range(100, 140)]
    (name,) = named(texts)
    assert name
    assert not re.search(r"\d|имя|телефон|\[", name)


def test_neighbours_have_different_names():
    given = named(say(HEATING, 40), say(HEATING, 40), say(PITS, 40))
    assert "Отсутствие отопления" in given
    assert len(set(given)) == 3


def test_a_subtheme_is_not_named_like_its_theme():
    theme, sub = named(say(HEATING, 60), say(HEATING, 20), parents=[-1, 0])
    assert theme == "Отсутствие отопления"
    assert sub != theme


def test_acronyms_keep_their_capitals():
    (name,) = named(
        ["The NHS staff were kind.", "Thank the NHS staff for me!", "I love NHS staff."] * 4, language="en"
    )
    assert name == "NHS staff"


def test_a_name_does_not_say_the_opposite_of_the_texts():
    unpaid = [f"Бывший муж не переводит ни копейки на дочь {n}" for n in range(30)]
    denied = [f"Нам не дают место в детском саду уже {n} месяцев" for n in range(30)]
    names = named(unpaid, denied)
    assert names[0].casefold().startswith(("не ", "бывший")), names
    assert names[1].casefold().startswith("не "), names


def test_texts_without_common_words_have_no_phrase():
    (name,) = names([Samples(["альфа", "бета", "гамма"], "ru")], [-1])
    assert name.name == ""
    assert name.keywords == []


def test_a_name_from_a_quotation_is_its_first_words():
    assert name_from("Лифт стоит. Помогите нам.") == "Лифт стоит"
    long = name_from("Мы уже третью неделю живём без горячей воды и без отопления")
    assert long.endswith(" …")
    assert len(long.split()) <= 10


def test_the_labels_and_choices_of_a_form_are_not_the_words_of_the_citizen():
    texts = [f"Make of the car: FORD | Any details? blue door number {i}" for i in range(40)]
    form = find_form(texts)
    assert form.labels == {"Make of the car:", "Any details?"}
    assert form.choices == {"FORD"}
    assert without_form(texts[0], form).split("|") == ["", " blue door number 0"]


def test_a_question_that_one_person_asks_is_no_label():
    assert find_form(["When will the lift work? We wait."] * 3).labels == frozenset()


def test_a_theme_that_is_mostly_form_is_named_by_what_its_labels_share():
    colours = ["RED", "BLUE", "WHITE", "BLACK"]
    texts = [
        f"Make of the abandoned car: FORD | Model of the abandoned car: SUV | "
        f"Color of the abandoned car: {colours[i % 4]} | Plate if available: {i}"
        for i in range(80)
    ]
    others = ["the street light is broken again", "no water since monday morning"] * 40
    voices = [Voices(np.arange(80), t, ["en"] * 80) for t in (texts, others)]
    named = names([Samples(v.texts, "en") for v in for_naming(voices)], [-1, -1])
    assert named[0].name == "Abandoned car"


@given(st.lists(st.text("аб. \n[]1", max_size=30), max_size=8))
def test_no_phrase_crosses_a_stop_or_counts_more_texts_than_there_are(texts):
    vocabulary, (split,) = tokens([texts])
    plain = [" ".join(t.casefold().split(" ")) for t in texts]
    for phrase in phrases(split, stems(vocabulary, str), least=1):
        words = " ".join(vocabulary.words[w] for w in phrase.words)
        assert 1 <= phrase.count <= len(texts)
        assert sum(words in t for t in plain) >= phrase.count


def test_the_word_before_a_label_is_no_word_of_a_name() -> None:
    vocabulary, _ = tokens([["Нет света. Тел. [телефон], почта [почта]", "почта закрыта [имя]"]])
    assert vocabulary.words == ["нет", "света", "почта", "закрыта"]
