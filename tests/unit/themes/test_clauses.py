"""Where a theme's texts share no phrase, its name is a short clause that somebody wrote."""

import pytest

from veche.themes.clauses import Samples, most_telling

TEXTS = (
    "My mother waited. Pain relief was given late, and nobody came.",
    "The pain was bad.",
    "I had pain all night and asked for relief",
    "and pain relief late",
)
WORTH = {"pain": 1.0, "reli": 0.8, "late": 0.3}


def test_the_clause_with_the_most_telling_words_is_the_name():
    assert most_telling(Samples(TEXTS, "en"), WORTH, set()) == "Pain relief was given late"


def test_a_name_that_another_theme_has_is_not_given_twice():
    taken = {"pain relief was given late"}
    assert most_telling(Samples(TEXTS, "en"), WORTH, taken) not in ("", "Pain relief was given late")


@pytest.mark.parametrize(
    "text",
    [
        "Pain",
        "of the pain",
        "pain relief 12345678",
        "[name] pain relief",
        "relief of pain by the",
        "PAIN RELIEF LATE NOW",
    ],
)
def test_what_does_not_read_or_may_name_a_person_is_no_name(text):
    assert most_telling(Samples([text], "en"), WORTH, set()) == ""


def test_a_formula_of_letters_is_no_name():
    texts = ["Прошу принять меры", "Прошу разобраться", "Протекает крыша в подъезде"]
    assert most_telling(
        Samples(texts, "ru"), {"прот": 1.0, "крыш": 1.0, "прин": 2.0, "меры": 2.0}, set()
    ) == ("Протекает крыша в подъезде")


@pytest.mark.parametrize(
    ("texts", "name"),
    [
        (["Каша в школе ххолодная", "Холодную кашу дают в школе"], "Холодную кашу дают в школе"),
        (["каша в Смирновке холодная"], "каша в Смирновке холодная"),
    ],
)
def test_a_clause_with_a_misspelt_word_is_no_name_but_one_with_a_place_is(texts, name):
    worth = {"каша": 1.0, "школ": 1.0, "холо": 1.0, "ххол": 1.0, "кашу": 1.0}
    assert most_telling(Samples(texts, "ru"), worth, set()) == name
